package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// importJSON is an import with what its file shows.
type importJSON struct {
	ID         record.ID       `json:"id"`
	Number     string          `json:"number"`
	Title      string          `json:"title"`
	Target     string          `json:"target"`
	Status     string          `json:"status"`
	Fault      string          `json:"fault,omitempty"`
	Columns    []string        `json:"columns,omitempty"`
	Layout     transfer.Layout `json:"layout"`
	Plan       transfer.Plan   `json:"plan"`
	Rows       int64           `json:"rows"` // done so far, or in all
	Created    int64           `json:"created"`
	Changed    int64           `json:"changed"`
	Same       int64           `json:"same"`
	Duplicates int64           `json:"duplicates"`
	Rejected   int64           `json:"rejected"`
	Faults     []faultJSON     `json:"faults,omitempty"` // of the first rows that were not taken
	StartedAt  *time.Time      `json:"started_at,omitempty"`
	EndedAt    *time.Time      `json:"ended_at,omitempty"`
}

type faultJSON struct {
	Line    int      `json:"line"`
	Kind    string   `json:"kind"`
	Reasons []string `json:"reasons"`
}

const (
	maxImport   = 512 << 20
	shownFaults = 50
)

// newImport handles POST /{plural}/imports: a multipart form with the part "file", before it optionally "layout" and "plan"
// as JSON and "do" with the word check or begin. Without a plan the one proposed is kept.
func (s *server) newImport(w http.ResponseWriter, c *call) error {
	t, err := s.typ(c)
	if err != nil {
		return err
	}
	if err := offered(t, record.Import); err != nil {
		return err
	}
	c.Body = http.MaxBytesReader(w, c.Body, maxImport)
	parts, err := c.MultipartReader()
	if err != nil {
		return status(http.StatusUnsupportedMediaType, "api.want_multipart")
	}
	var layout transfer.Layout
	var plan *transfer.Plan
	do := ""
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return errs.Of("file", "field.required").With("field", "file")
		}
		if err != nil {
			return brokenUpload(err)
		}
		switch part.FormName() {
		case "layout":
			err = readPart(part, &layout)
		case "plan":
			plan = &transfer.Plan{}
			err = readPart(part, plan)
		case "do":
			var raw []byte
			raw, err = io.ReadAll(io.LimitReader(part, 20))
			do = string(raw)
		case "file":
			return s.takeImport(w, c, t, importRequest{fileName(part.FileName()), part, layout, plan, do})
		}
		if err != nil {
			return err
		}
	}
}

// importRequest is what came with a file.
type importRequest struct {
	name   string
	file   io.Reader
	layout transfer.Layout
	plan   *transfer.Plan
	do     string
}

func readPart(r io.Reader, into any) error {
	d := json.NewDecoder(io.LimitReader(r, 256<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errs.New(errs.Malformed, "api.body_broken").Because(err)
	}
	return nil
}

func (s *server) takeImport(w http.ResponseWriter, c *call, t *record.Type, in importRequest) error {
	from := &sender{Reader: in.file}
	imp, err := s.Transfers.Receive(c.Context(), c.actor, t.Name, in.name, from, in.layout)
	if from.err != nil {
		return brokenUpload(from.err)
	}
	if err != nil {
		return err
	}
	if in.plan != nil {
		if _, err := s.Transfers.Arrange(c.Context(), c.actor, imp.ID, in.layout, *in.plan); err != nil {
			return err
		}
	}
	if err := s.doImport(c, imp.ID, in.do); err != nil {
		return err
	}
	w.Header().Set("Location", root+"imports/"+imp.ID.String()+"/progress")
	return s.sayImport(w, c, imp.ID, http.StatusCreated)
}

func (s *server) doImport(c *call, id record.ID, what string) error {
	switch what {
	case "":
		return nil
	case "check":
		return s.Transfers.Check(c.Context(), c.actor, id)
	case "begin":
		return s.Transfers.Begin(c.Context(), c.actor, id)
	case "cancel":
		return s.Transfers.Cancel(c.Context(), c.actor, id)
	}
	return errs.Of("do", "field.unknown_option").With("value", clip(what, 40)).With("options", "check, begin, cancel")
}

// sayImport answers with the import as it is now.
func (s *server) sayImport(w http.ResponseWriter, c *call, id record.ID, code int) error {
	sight, err := s.Transfers.Look(c.Context(), c.actor, id)
	if err != nil {
		return err
	}
	at, err := s.Transfers.Progress(c.Context(), id)
	if err != nil {
		return err
	}
	i := sight.Import
	out := importJSON{
		ID: i.ID, Number: i.Number, Title: i.Title, Target: i.Target, Status: i.Status, Fault: i.Fault, Columns: sight.Table.Columns, Layout: sight.Layout, Plan: sight.Plan,
		Rows: at.Cursor, Created: at.Created, Changed: at.Changed, Same: at.Same, Duplicates: at.Duplicate, Rejected: at.Rejected,
	}
	if !i.StartedAt.IsZero() {
		out.StartedAt = &i.StartedAt
	}
	if !i.EndedAt.IsZero() {
		out.EndedAt = &i.EndedAt
	}
	list, err := s.Transfers.Rejects(c.Context(), i, i18n.LangOf(c.Context()), shownFaults)
	if err != nil {
		return err
	}
	for _, r := range list {
		out.Faults = append(out.Faults, faultJSON{r.Line, r.Kind, r.Reasons})
	}
	return answer(w, code, out)
}

// importProgress handles GET /imports/{id}/progress.
func (s *server) importProgress(w http.ResponseWriter, c *call) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.sayImport(w, c, id, http.StatusOK)
}

// arrangeImport handles PUT /imports/{id}/plan {layout, plan}.
func (s *server) arrangeImport(w http.ResponseWriter, c *call) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Layout transfer.Layout `json:"layout"`
		Plan   transfer.Plan   `json:"plan"`
	}
	if err := readPart(http.MaxBytesReader(w, c.Body, 256<<10), &in); err != nil {
		return err
	}
	if _, err := s.Transfers.Arrange(c.Context(), c.actor, id, in.Layout, in.Plan); err != nil {
		return err
	}
	return s.sayImport(w, c, id, http.StatusOK)
}

// steerImport handles POST /imports/{id}/check, begin and cancel.
func (s *server) steerImport(what string) handler {
	return func(w http.ResponseWriter, c *call) error {
		id, err := pathID(c, "id")
		if err != nil {
			return err
		}
		if err := s.doImport(c, id, what); err != nil {
			return err
		}
		return s.sayImport(w, c, id, http.StatusAccepted)
	}
}

// importRejects handles GET /imports/{id}/rejects: the rows that were not taken, as CSV with the reasons.
func (s *server) importRejects(w http.ResponseWriter, c *call) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if _, err := s.Transfers.Load(c.Context(), c.actor, id); err != nil {
		return err
	}
	out := &file{ResponseWriter: w, name: "rejected-" + id.String()}
	err = s.Transfers.WriteRejects(c.Context(), c.actor, id, i18n.LangOf(c.Context()), out)
	if err != nil && out.begun {
		return errors.Join(errWritten, err)
	}
	return err
}
