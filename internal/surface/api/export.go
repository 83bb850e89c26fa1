package api

import (
	"errors"
	"fmt"
	"net/http"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// file is a download that begins with its first byte, so that what fails before is still answered as a problem.
type file struct {
	http.ResponseWriter
	name   string
	format access.Format // CSV where empty
	begun  bool
}

// Write sends the head once and then the bytes.
func (f *file) Write(b []byte) (int, error) {
	if !f.begun {
		f.begun = true
		ending := string(f.format)
		if ending == "" {
			ending = string(access.CSV)
		}
		f.Header().Set("Content-Type", f.format.Media())
		f.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, f.name, ending))
		f.WriteHeader(http.StatusOK)
	}
	return f.ResponseWriter.Write(b)
}

// export handles POST /{plural}/export {purpose, format}: the list that the query describes, as CSV or a workbook.
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
	kind, kerr := textOf(body, "format")
	if err := errors.Join(shape(body, "purpose", "format"), perr, kerr); err != nil {
		return err
	}
	format := access.Format(kind)
	if format != "" && format != access.CSV && format != access.XLSX {
		return errs.Of("format", "field.unknown_option").With("value", clip(kind, 40)).With("options", "csv, xlsx")
	}
	lang := i18n.LangOf(c.Context())
	out := &file{ResponseWriter: w, name: t.Plural, format: format}
	err = s.Records.Export(c.Context(), c.actor, access.Extraction{
		Type: t.Name, Query: q, Purpose: purpose, Format: format, Label: func(f *record.Field) string { return s.column(lang, t, f) },
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
