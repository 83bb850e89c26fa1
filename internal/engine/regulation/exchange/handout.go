package exchange

import (
	"bytes"
	"context"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// MediaOf is the media type of a form that is handed out, by its name.
func MediaOf(name string) string {
	switch name {
	case "archive.zip":
		return "application/zip"
	case "statement.xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/json"
}

// Form returns one form of a frozen assessment the actor may read: archive.zip, statement.xlsx, catalog.json or
// assessment-results.json; NotFound for any other name. It is made whole, so that a failure is an answer and no half file.
func (x *Archive) Form(ctx context.Context, a access.Actor, id record.ID, name, lang string) (*bytes.Buffer, error) {
	var b bytes.Buffer
	if name == "archive.zip" {
		return &b, x.Write(ctx, a, id, lang, &b)
	}
	f, err := x.Book.Frozen(ctx, a, id)
	if err != nil {
		return nil, err
	}
	switch name {
	case "statement.xlsx":
		err = Statement(&b, f.Sheets, lang, x.Say(lang))
	case "catalog.json":
		err = Catalog(&b, f.Sheets, *f.FrozenAt)
	case "assessment-results.json":
		err = Results(&b, f, *f.FrozenAt)
	default:
		err = errs.New(errs.NotFound, "record.not_found")
	}
	return &b, err
}
