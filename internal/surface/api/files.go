package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/errs"
)

type fileJSON struct {
	ID          record.ID `json:"id"`
	At          time.Time `json:"at"`
	AuthorID    record.ID `json:"author_id"`
	Name        string    `json:"name"`
	Size        int64     `json:"size"`
	ContentType string    `json:"content_type"`
}

func toFiles(list []store.FileEntry) []fileJSON {
	out := make([]fileJSON, len(list))
	for i, f := range list {
		out[i] = toFile(f)
	}
	return out
}

func toFile(f store.FileEntry) fileJSON {
	return fileJSON{ID: f.ID, At: f.At.UTC(), AuthorID: f.Author, Name: f.Name, Size: f.Size, ContentType: f.ContentType}
}

// files handles GET /{plural}/{id}/files.
func (s *server) files(w http.ResponseWriter, c *call) error {
	_, sheet, err := s.sheet(c)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]any{"items": toFiles(sheet.Files)})
}

// upload handles POST /{plural}/{id}/files, a multipart form with the one part "file". The permission is checked before
// the first byte is stored. It takes no idempotency key: equal bytes are kept once in any case.
func (s *server) upload(w http.ResponseWriter, c *call) error {
	t, sheet, err := s.sheet(c)
	if err != nil {
		return err
	}
	if !sheet.MayAlso[record.Attach] {
		return errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", record.Attach)
	}
	c.Body = http.MaxBytesReader(w, c.Body, s.MaxFile+(64<<10))
	parts, err := c.MultipartReader()
	if err != nil {
		return status(http.StatusUnsupportedMediaType, "api.want_multipart")
	}
	part, err := filePart(parts)
	if err != nil {
		return err
	}
	from := &sender{Reader: part}
	ref, err := s.Blobs.Put(c.Context(), from, s.MaxFile)
	if from.err != nil {
		return brokenUpload(from.err)
	}
	if err != nil {
		return err
	}
	f := &store.FileEntry{Name: fileName(part.FileName()), Hash: ref.Hash, Size: ref.Size, ContentType: ref.ContentType}
	if err := s.Records.Attach(c.Context(), c.actor, t.Name, sheet.Record.ID, f); err != nil {
		return on(t, t.Action(record.Attach), err)
	}
	w.Header().Set("Location", root+t.Plural+"/"+sheet.Record.ID.String()+"/files/"+f.ID.String())
	return answer(w, http.StatusCreated, toFile(*f))
}

func filePart(parts *multipart.Reader) (*multipart.Part, error) {
	part, err := parts.NextPart()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errs.Of("file", "field.required").With("field", "file")
	case err != nil:
		return nil, brokenUpload(err)
	case part.FormName() != "file":
		return nil, errs.Of(clip(part.FormName(), 40), "field.unknown").With("field", clip(part.FormName(), 40))
	case part.FileName() == "":
		return nil, errs.Of("file", "api.file_name")
	}
	return part, nil
}

// sender remembers that reading from it failed, which is its fault and not that of the store.
type sender struct {
	io.Reader
	err error
}

// Read implements [io.Reader].
func (s *sender) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// brokenUpload says what is wrong with what was sent.
func brokenUpload(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errs.New(errs.TooLarge, "blobs.too_large").With("limit", strconv.FormatInt(tooLarge.Limit>>20, 10)+" MB")
	}
	return errs.New(errs.Malformed, "api.body_broken").Because(err)
}

// fileName is the last element of what the sender called the file, without control characters, at most 200 characters.
func fileName(sent string) string {
	if !utf8.ValidString(sent) {
		sent = strings.ToValidUTF8(sent, "_")
	}
	name := path.Base(strings.ReplaceAll(sent, `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name))
	if r := []rune(name); len(r) > 200 {
		ext := []rune(path.Ext(name))
		if len(ext) > 20 {
			ext = nil
		}
		name = string(r[:200-len(ext)]) + string(ext)
	}
	if name == "" || name == "." || name == "/" || name == ".." {
		return "file"
	}
	return name
}

// download handles GET /{plural}/{id}/files/{file}. A browser never shows the file in the page's own origin.
func (s *server) download(w http.ResponseWriter, c *call) error {
	_, sheet, err := s.sheet(c)
	if err != nil {
		return err
	}
	id, err := pathID(c, "file")
	if err != nil {
		return err
	}
	for _, f := range sheet.Files {
		if f.ID == id {
			return s.send(w, c, f)
		}
	}
	return errs.New(errs.NotFound, "blobs.not_found")
}

func (s *server) send(w http.ResponseWriter, c *call, f store.FileEntry) (err error) {
	r, err := s.Blobs.Open(c.Context(), f.Hash)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := r.Close(); cerr != nil && err == nil {
			err = errors.Join(errWritten, cerr)
		}
	}()
	h := w.Header()
	h.Set("Content-Type", f.ContentType)
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.WriteHeader(http.StatusOK)
	if _, err := io.Copy(w, r); err != nil {
		return errors.Join(errWritten, err)
	}
	return nil
}
