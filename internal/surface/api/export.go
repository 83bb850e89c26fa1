package api

import (
	"errors"
	"fmt"
	"net/http"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
)

// file is a download that begins with its first byte, so that what fails before is still answered as a problem.
type file struct {
	http.ResponseWriter
	name  string
	begun bool
}

// Write sends the head once and then the bytes.
func (f *file) Write(b []byte) (int, error) {
	if !f.begun {
		f.begun = true
		f.Header().Set("Content-Type", "text/csv; charset=utf-8")
		f.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.csv"`, f.name))
		f.WriteHeader(http.StatusOK)
	}
	return f.ResponseWriter.Write(b)
}

// export handles POST /{plural}/export {purpose}: the list that the query describes, as CSV.
func (s *server) export(w http.ResponseWriter, c *call) error {
	t, err := s.typ(c)
	if err != nil {
		return err
	}
	if err := offered(t, record.Export); err != nil {
		return err
	}
	q, err := s.query(c, t)
	if err != nil {
		return on(t, nil, err)
	}
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	purpose, perr := textOf(body, "purpose")
	if err := errors.Join(shape(body, "purpose"), perr); err != nil {
		return err
	}
	lang := i18n.LangOf(c.Context())
	out := &file{ResponseWriter: w, name: t.Plural}
	err = s.Records.Export(c.Context(), c.actor, access.Extraction{
		Type: t.Name, Query: q, Purpose: purpose, Label: func(f *record.Field) string { return s.column(lang, t, f) },
	}, out)
	if err != nil && out.begun {
		return errors.Join(errWritten, err)
	}
	return on(t, nil, err)
}

// column heads a column of a file in the reader's language.
func (s *server) column(lang i18n.Lang, t *record.Type, f *record.Field) string {
	if key := t.Name + "." + f.Name; s.Texts.Has(key) {
		return s.Texts.Text(lang, key)
	}
	return f.Name
}
