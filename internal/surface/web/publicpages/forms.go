package publicpages

import (
	"context"
	"net/http"
	"strings"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// question is a further question of a named form: a custom field of cases.
type question struct {
	webui.FieldView
	Kind string
}

// named is the form of the address; nil for the general one. NotFound where there is none or it is switched off.
func (p *Pages) named(r *http.Request) (*casework.IntakeForm, error) {
	key := r.PathValue("key")
	if key == "" {
		return nil, nil
	}
	return casework.OpenForm(r.Context(), p.Runner.DB, p.Runner.Store, p.Scope("intake_form", record.Read), key)
}

func inLang(ctx context.Context, zh, en string) string {
	if i18n.LangOf(ctx) == i18n.EN && en != "" {
		return en
	}
	return zh
}

// fields are the custom fields a form asks, in its order; those that were taken away since are left out.
func (p *Pages) fields(f *casework.IntakeForm) []*record.Field {
	t := p.Runner.Store.Types.Type("case")
	var out []*record.Field
	for _, name := range f.Extra {
		if q := t.Field(name); q != nil && q.Custom {
			out = append(out, q)
		}
	}
	return out
}

// questions are the fields with what was typed and what is wrong with it.
func (p *Pages) questions(ctx context.Context, v formView) []question {
	t := p.Runner.Store.Types.Type("case")
	var out []question
	for _, f := range p.fields(v.Form.Form) {
		q := question{Kind: f.Kind.Name(), FieldView: webui.FieldView{
			Name: f.Name, Label: web.FieldLabel(ctx, t, f), Error: v.Errors[f.Name], Required: v.Form.Form.Must(f.Name), Wide: true, MaxLength: f.Options.Max,
		}}
		switch typed := v.Form.Extra[f.Name].(type) {
		case string:
			q.Value = typed
		case []any:
			for _, one := range typed {
				if s, ok := one.(string); ok {
					q.Values = append(q.Values, s)
				}
			}
		case bool:
			q.Value = ticked(typed)
		}
		for _, o := range f.Options.Enum {
			q.Options = append(q.Options, webui.Option{Value: o, Label: web.OptionLabel(ctx, t, f, o)})
		}
		out = append(out, q)
	}
	return out
}

// answers reads the further questions; what was typed comes back with the faults.
func (p *Pages) answers(r *http.Request, f *casework.IntakeForm) (map[string]any, error) {
	if f == nil {
		return nil, nil
	}
	out := map[string]any{}
	var faults []*errs.Error
	for _, q := range p.fields(f) {
		switch text := strings.TrimSpace(r.FormValue(q.Name)); q.Kind.Name() {
		case "bool":
			out[q.Name] = text != ""
		case "multienum":
			var list []any
			for _, one := range r.Form[q.Name] {
				list = append(list, one)
			}
			if len(list) > 0 {
				out[q.Name] = list
			}
		default:
			if text != "" {
				out[q.Name] = text
			}
		}
		if v, ok := out[q.Name]; ok {
			if _, err := q.Parse(v); err != nil {
				faults = append(faults, err)
			}
		}
	}
	return out, errs.Collect(faults)
}

// index lists the forms for people who have only the address of the house.
func (p *Pages) index(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := casework.OpenForms(ctx, p.Runner.DB, p.Runner.Store, p.Scope("intake_form", record.Read))
	if err != nil {
		return err
	}
	var links []formLink
	for _, f := range list {
		links = append(links, formLink{Title: inLang(ctx, f.Title, f.TitleEN), Text: inLang(ctx, f.Intro, f.IntroEN), Href: "/f/" + f.Key})
	}
	links = append(links, formLink{Title: i18n.T(ctx, "public.title"), Text: i18n.T(ctx, "public.subtitle"), Href: "/feedback"})
	return p.server.Bare(w, r, web.View{Title: i18n.T(ctx, "public.forms"), Subtitle: i18n.T(ctx, "public.forms.text")}, formIndex(links))
}

// formLink is one form in a list: for the public, or under settings with what it can be switched to.
type formLink struct {
	Title, Text, Href, Edit, Kind string
	Active                        bool
	Turn                          string // where the switch is posted; empty for who may not
}

// settingsView is all forms; May says whether the reader may change them.
type settingsView struct {
	Forms []formLink
	May   bool
}

// Link is the entry of the navigation.
func Link() web.Page {
	return web.Page{Room: "settings", Href: "/settings/forms", LabelKey: "public.settings", Icon: "clipboard-list", Needs: "case_category"}
}

// list shows those who may change forms all of them, with the address to hand out.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, rec := r.Context(), p.server.Records()
	me := web.Actor(ctx)
	page, err := rec.List(ctx, me, "intake_form", record.Query{Sort: "title", Limit: 100})
	if err != nil {
		return err
	}
	may, err := db.View(ctx, rec.DB, func(tx *db.Tx) (bool, error) { return rec.Can(ctx, tx, me, "intake_form", "switch_off"), nil })
	if err != nil {
		return err
	}
	v := settingsView{May: may, Forms: []formLink{{
		Title: i18n.T(ctx, "public.title"), Href: p.Base + "/feedback", Active: true, Kind: i18n.T(ctx, "public.settings.general"),
	}}}
	for _, row := range page.Views {
		text := func(name string) string { c, _ := row.Cell(name); return c.Text }
		active, _ := row.Cell("active")
		id := row.Record.ID.String()
		link := formLink{
			Title: inLang(ctx, text("title"), text("title_en")), Href: p.Base + "/f/" + text("key"), Edit: "/intake_forms/" + id,
			Kind: i18n.T(ctx, "intake_form.kind."+text("kind")), Active: active.Value == true,
		}
		if may {
			link.Turn = "/settings/forms/" + id
		}
		v.Forms = append(v.Forms, link)
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "public.settings"), Subtitle: i18n.T(ctx, "public.settings.text")}, formSettings(v))
}

// turn switches a form on or off.
func (p *Pages) turn(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	var id record.ID
	if err := id.UnmarshalText([]byte(r.PathValue("id"))); err != nil {
		return errs.New(errs.NotFound, "web.no_page")
	}
	act := "switch_on"
	if r.PostFormValue("off") != "" {
		act = "switch_off"
	}
	if _, err := p.server.Records().Do(ctx, web.Actor(ctx), action.Command{Type: "intake_form", Action: act, ID: id}); err != nil && !errs.Is(err, errs.Conflict) {
		return err
	}
	return p.server.Redirect(w, r, "/settings/forms", web.Toast{Key: "public.settings." + act})
}
