package recordpages

import (
	"context"
	"net/http"

	"dianke/internal/engine/record"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// Control is one input of a form that a room puts together itself.
type Control struct {
	Kind webui.FieldKind
	View webui.FieldView
}

// Ask says which fields of a type a room's own form asks for. Values stand before the defaults of the type; what was
// posted stands before both. Fault is what was wrong with the post.
type Ask struct {
	Type   *record.Type
	Fields []string
	Values map[string]any
	Fault  error
}

// Controls makes the inputs in the order of the fields. A post whose button searched a reference without script gets
// what was found.
func (p *Pages) Controls(r *http.Request, a Ask) ([]Control, error) {
	ctx := r.Context()
	m := &maker{p: p, ctx: ctx, words: typeWords(ctx, a.Type), names: newNames(), errors: webui.FieldErrors(ctx, web.WordedFor(ctx, a.Type, a.Fault))}
	if r.Method == http.MethodPost {
		m.typed = r.PostForm
		if name := lookedUp(r); name != "" && a.Type.Field(name) != nil {
			found, err := p.hits(r, refType(a.Type.Field(name)), r.PostFormValue(name+"_q"))
			if err != nil {
				return nil, err
			}
			m.found = map[string][]webui.Option{name: found}
		}
	}
	fresh := a.Type.New()
	value := func(f *record.Field) any {
		if v, given := a.Values[f.Name]; given {
			return v
		}
		return f.Get(fresh)
	}
	for _, name := range a.Fields {
		f := a.Type.Field(name)
		m.names.needValue(f, value(f))
		m.needTyped(f)
	}
	if err := p.find(ctx, m.names); err != nil {
		return nil, err
	}
	var out []Control
	for _, name := range a.Fields {
		f := a.Type.Field(name)
		for _, c := range m.controls(f, value(f)) {
			out = append(out, Control{c.kind, c.view})
		}
	}
	return out, nil
}

// Input reads the fields out of a post for an action; see [Pages.Controls].
func (p *Pages) Input(r *http.Request, t *record.Type, fields []string) (map[string]any, error) {
	var list []*record.Field
	for _, name := range fields {
		list = append(list, t.Field(name))
	}
	return p.readInput(r, list)
}

// Searching reports whether a post only searched a reference without script: the form is to be shown again.
func Searching(r *http.Request) bool { return lookedUp(r) != "" }

// Correctable reports whether a form makes sense once more after the failure: its sender can put it right.
func Correctable(err error) bool { return correctable(err) }

// Faults are the errors of a form with links to its controls, and a sentence for what belongs to none of them.
func Faults(ctx context.Context, t *record.Type, controls []Control, err error) ([]webui.Link, string) {
	list := make([]control, len(controls))
	for i, c := range controls {
		list[i] = control{c.Kind, c.View}
	}
	return formErrors(ctx, t, list, err)
}

// Sheet names a page that a script may ask for as a dialog.
type Sheet struct {
	ID, Title, Subtitle string
	Crumbs              []webui.Link
	Status              int
}

// Answer gives a script the body in a dialog and everybody else a page.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request, s Sheet, body templ.Component) error {
	return p.dialogOrPage(w, r, page{id: s.ID, title: s.Title, subtitle: s.Subtitle, crumbs: s.Crumbs, status: s.Status}, body)
}
