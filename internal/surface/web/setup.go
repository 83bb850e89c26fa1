package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"dianke/internal/engine/access/identity"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// Trades are what a company may choose to begin with at its first start: units, posts, regulations and calendars of its
// trade. The server knows nothing else of them.
type Trades interface {
	// Choices are the trades to choose from.
	Choices(ctx context.Context) []webui.Option
	// Plan shows what the trades bring. NotFound where one is unknown.
	Plan(ctx context.Context, chosen []string) (templ.Component, error)
	// Found makes it, with titles in the language, and where asked fills it with the trades' sample data. It may be
	// repeated.
	Found(ctx context.Context, lang i18n.Lang, chosen []string, sample bool) error
}

// The steps of the first start: the company and its trades, what follows from them and who looks after it.
const (
	stepChoose = "choose"
	stepPlan   = "plan"
)

func (s *Server) setupPage(w http.ResponseWriter, r *http.Request) error {
	needed, err := s.deps.Identity.NeedsSetup(r.Context())
	if err != nil {
		return err
	}
	if !needed {
		return errs.New(errs.NotFound, "identity.setup.done")
	}
	v := setupView{Lang: string(i18n.LangOf(r.Context())), Step: stepChoose}
	return s.showSetup(w, r, v, nil)
}

func (s *Server) showSetup(w http.ResponseWriter, r *http.Request, v setupView, err error) error {
	ctx := r.Context()
	v.Action, v.Errors = r.URL.Path, webui.FieldErrors(ctx, err)
	view := View{Title: i18n.T(ctx, "web.setup.title"), Subtitle: i18n.T(ctx, "web.setup.text")}
	if err != nil {
		e := webui.ErrorViewOf(ctx, err)
		view.Status = e.Status
		if len(v.Errors) == 0 {
			v.Error = e.Sentence
		}
	}
	if s.deps.Trades == nil {
		return s.Bare(w, r, view, setupForm(v))
	}
	view.Wide = true
	if v.Step == stepChoose {
		v.Choices = s.deps.Trades.Choices(ctx)
		return s.Bare(w, r, view, setupChoose(v))
	}
	plan, err := s.deps.Trades.Plan(ctx, v.Trades)
	if err != nil {
		return err
	}
	v.Plan = plan
	return s.Bare(w, r, view, setupPlan(v))
}

// setUp takes one step of the first start; nothing is stored before the last.
func (s *Server) setUp(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	v := setupView{Lang: r.PostFormValue("lang"), Trades: r.PostForm["trade"], Step: r.PostFormValue("step"), Sample: r.PostFormValue("sample") != "", Form: identity.Administrator{
		Company: strings.TrimSpace(r.PostFormValue("company")), Name: strings.TrimSpace(r.PostFormValue("name")),
		Login: strings.TrimSpace(r.PostFormValue("login")), Password: r.PostFormValue("password"),
	}}
	if slices.Contains(i18n.Langs(), i18n.Lang(v.Lang)) && v.Lang != string(i18n.LangOf(r.Context())) {
		s.choose(w, languageCookie, v.Lang)
		r = r.WithContext(i18n.With(r.Context(), s.deps.Catalog, i18n.Lang(v.Lang)))
	}
	if s.deps.Trades != nil {
		switch v.Step {
		case stepChoose:
			return s.showSetup(w, r, v, nil)
		case stepPlan:
			return s.planSetup(w, r, v)
		}
	}
	return s.finishSetup(w, r, v)
}

// planSetup goes on to what follows from the choice, once the company has a name.
func (s *Server) planSetup(w http.ResponseWriter, r *http.Request, v setupView) error {
	if v.Form.Company == "" {
		v.Step = stepChoose
		return s.showSetup(w, r, v, errs.Collect([]*errs.Error{errs.Of("company", "field.required").With("field", "company")}))
	}
	return s.showSetup(w, r, v, nil)
}

func (s *Server) finishSetup(w http.ResponseWriter, r *http.Request, v setupView) error {
	ctx, f := r.Context(), v.Form
	f.Language = string(i18n.LangOf(ctx))
	err := s.checkSetup(f)
	if err == nil && s.deps.Trades != nil {
		_, err = s.deps.Trades.Plan(ctx, v.Trades)
	}
	if err == nil {
		_, err = s.deps.Identity.CompleteSetup(ctx, r.PathValue("token"), f)
	}
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) {
		return s.showSetup(w, r, v, err)
	}
	if err != nil {
		return err
	}
	if s.deps.Trades == nil {
		return s.Redirect(w, r, "/signin", Toast{Key: "web.setup.done"})
	}
	// The administrator exists by now: should this fail, he can add the packs under settings.
	if err := s.deps.Trades.Found(ctx, i18n.LangOf(ctx), v.Trades, v.Sample); err != nil {
		return err
	}
	return s.Redirect(w, r, "/signin", Toast{Key: "web.setup.ready"})
}

func (s *Server) checkSetup(f identity.Administrator) error {
	var faults []*errs.Error
	for _, in := range []struct{ field, value string }{{"company", f.Company}, {"name", f.Name}, {"login", f.Login}, {"password", f.Password}} {
		if in.value == "" {
			faults = append(faults, errs.Of(in.field, "field.required").With("field", in.field))
		}
	}
	return errs.Collect(faults)
}
