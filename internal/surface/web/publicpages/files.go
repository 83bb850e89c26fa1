package publicpages

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dianke/internal/domain/casework"
	"dianke/internal/platform/errs"
)

const (
	mostFiles = 3        // of one form
	maxFile   = 10 << 20 // bytes of one file; three of them stay below what the server takes of one request
	fileField = "files"
)

// accepted are the endings a file may have, each with what its first bytes may look like. What a browser would run is
// not among them.
func accepted() map[string][]string {
	const unknown, zip, video = "application/octet-stream", "application/zip", "video/mp4"
	return map[string][]string{
		".jpg": {"image/jpeg"}, ".jpeg": {"image/jpeg"}, ".png": {"image/png"}, ".webp": {"image/webp"}, ".heic": {unknown, video},
		".pdf": {"application/pdf"}, ".txt": {"text/plain; charset=utf-8", "text/plain; charset=utf-16le", "text/plain; charset=utf-16be", unknown},
		".doc": {unknown}, ".xls": {unknown}, ".docx": {zip}, ".xlsx": {zip},
		".mp3": {"audio/mpeg", unknown}, ".m4a": {video, unknown}, ".wav": {"audio/wave"}, ".amr": {unknown}, ".mp4": {video, unknown},
	}
}

// endings are what the field offers, as its accept attribute is written.
func endings() string {
	var out []string
	for e := range accepted() {
		out = append(out, e)
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

// sent lists the files put to the form. Invalid, for the field, where there are too many, one is too large or of a kind
// that is not taken.
func sent(r *http.Request) ([]*multipart.FileHeader, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	var list []*multipart.FileHeader
	for _, h := range r.MultipartForm.File[fileField] {
		if h.Filename != "" || h.Size > 0 {
			list = append(list, h)
		}
	}
	if len(list) > mostFiles {
		return nil, errs.Of(fileField, "public.files.many").With("max", mostFiles)
	}
	for _, h := range list {
		if err := fits(h); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// fits checks size, ending and first bytes of a file.
func fits(h *multipart.FileHeader) error {
	name := fileName(h.Filename)
	switch {
	case h.Size > maxFile:
		return errs.Of(fileField, "public.files.large").With("name", name).With("max", maxFile>>20)
	case h.Size == 0:
		return errs.Of(fileField, "public.files.empty").With("name", name)
	}
	kinds, known := accepted()[strings.ToLower(path.Ext(name))]
	if !known {
		return errs.Of(fileField, "public.files.kind").With("name", name)
	}
	file, err := h.Open()
	if err != nil {
		return errs.New(errs.Malformed, "web.broken_form").Because(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return errs.New(errs.Malformed, "web.broken_form").Because(err)
	}
	if !slices.Contains(kinds, http.DetectContentType(head[:n])) {
		return errs.Of(fileField, "public.files.other").With("name", name)
	}
	return nil
}

// keep stores the bytes of the files. Bytes of a form that is refused afterwards belong to no record and are shown to
// nobody.
func (p *Pages) keep(ctx context.Context, list []*multipart.FileHeader) ([]casework.PublicFile, error) {
	var out []casework.PublicFile
	for _, h := range list {
		file, err := h.Open()
		if err != nil {
			return nil, errs.New(errs.Malformed, "web.broken_form").Because(err)
		}
		ref, err := p.Blobs.Put(ctx, file, maxFile)
		_ = file.Close() // it was only read
		if err != nil {
			return nil, err
		}
		out = append(out, casework.PublicFile{Name: fileName(h.Filename), Hash: ref.Hash, Size: ref.Size, ContentType: ref.ContentType})
	}
	return out, nil
}

const longestName = 120

// fileName is the last part of what the sender called the file, without characters that mislead.
func fileName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.TrimSpace(strings.Map(func(c rune) rune {
		if c == utf8.RuneError || unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return -1
		}
		return c
	}, s))
	if r := []rune(s); len(r) > longestName {
		s = string(r[:60]) + "…" + string(r[len(r)-longestName+61:])
	}
	return s
}
