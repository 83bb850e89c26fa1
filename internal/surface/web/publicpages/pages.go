// Package publicpages are the pages for people without an account: the general form for inquiries, complaints,
// suggestions and praise, the named forms of the trade with their own questions, and the state of a case behind its
// signed link.
//
// One task a page, phone first, no script needed. What is sent in goes through the same checks as everything else; each
// address may send only so much. A script solves a small task of the server in the background (proof of work); a form
// that comes with its solution has the wide limit, one without script the narrow one, so that nobody is shut out and
// nobody floods. A solution that is forged, too old or used before is refused, and what was typed stays. The pages show
// no name of an employee.
package publicpages

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Pages are the public pages.
type Pages struct {
	Runner *action.Runner
	Clock  clock.Clock
	Blobs  *blobs.Store
	Scope  func(typ, act string) record.Scope // of the public pages as a part of the program
	Base   string                             // address of the program, for links that are handed out

	server *web.Server
	mu     sync.Mutex
	sent   map[string][]time.Time // by address
	proofs proofs
}

// Mount puts the pages into a server.
func (p *Pages) Mount(s *web.Server) {
	p.server, p.sent = s, map[string][]time.Time{}
	p.proofs.spent = map[string]time.Time{}
	s.Open("GET /feedback", p.form)
	s.Open("POST /feedback", p.send)
	s.Open("GET /f", p.index)
	s.Open("GET /f/{key}", p.form)
	s.Open("POST /f/{key}", p.send)
	s.Open("GET /status/{token}", p.status)
	s.Handle("GET /settings/forms", p.list)
	s.Handle("POST /settings/forms/{id}", p.turn)
}

type formView struct {
	Form   casework.PublicForm
	Action string
	Extra  []question
	Errors map[string]string
	Error  string
	Task   string // to be solved by the script
}

// show renders the form with a fresh task.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	var err error
	if v.Task, err = challenge(p.Runner.Store.Keys, p.Clock.Now()); err != nil {
		return err
	}
	ctx := r.Context()
	view := web.View{Title: i18n.T(ctx, "public.title"), Subtitle: i18n.T(ctx, "public.subtitle"), Status: status}
	v.Action = "/feedback"
	if f := v.Form.Form; f != nil {
		view.Title, view.Subtitle = inLang(ctx, f.Title, f.TitleEN), inLang(ctx, f.Intro, f.IntroEN)
		v.Action, v.Extra = "/f/"+f.Key, p.questions(ctx, v)
	}
	return p.server.Bare(w, r, view, feedbackForm(v))
}

// admit lets a form in: with a solution up to the wide limit, without one up to the narrow one.
func (p *Pages) admit(r *http.Request) error {
	limit := perHourPlain
	if solution := r.FormValue("proof"); solution != "" {
		if err := p.proofs.take(p.Runner.Store.Keys, solution, p.Clock.Now()); err != nil {
			return err
		}
		limit = perHour
	}
	return p.throttle(web.ClientOf(r).Address, limit)
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	named, err := p.named(r)
	if err != nil {
		return err
	}
	return p.show(w, r, 0, formView{Form: casework.PublicForm{Kind: r.URL.Query().Get("kind"), Form: named}})
}

func (p *Pages) send(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx, form := r.Context(), typed(r)
	var err error
	if form.Form, err = p.named(r); err != nil {
		return err
	}
	if form.Extra, err = p.answers(r, form.Form); err != nil {
		return p.refuse(w, r, http.StatusUnprocessableEntity, formView{Form: form, Errors: webui.FieldErrors(ctx, err), Error: webui.Sentence(ctx, errs.As(err))})
	}
	if err := p.admit(r); err != nil {
		return p.refuse(w, r, webui.StatusOf(errs.KindOf(err)), formView{Form: form, Error: webui.ErrorViewOf(ctx, err).Sentence})
	}
	k, token, err := p.take(r, form)
	if errs.Is(err, errs.Invalid) {
		return p.refuse(w, r, http.StatusUnprocessableEntity, formView{Form: form, Errors: webui.FieldErrors(ctx, err), Error: webui.Sentence(ctx, errs.As(err))})
	}
	if err != nil {
		return err
	}
	to := "/status/" + token
	if form.Form != nil {
		to += "?form=" + form.Form.Key
	}
	return p.server.Redirect(w, r, to, web.Toast{Key: "public.received", Args: map[string]string{"number": k.Number}})
}

// take turns the form with its files into a case. Nothing is stored of a form that is wrong by itself.
func (p *Pages) take(r *http.Request, form casework.PublicForm) (*casework.Case, string, error) {
	files, err := sent(r)
	if err != nil {
		return nil, "", err
	}
	if err := form.Check(); err != nil {
		return nil, "", err
	}
	if form.Files, err = p.keep(r.Context(), files); err != nil {
		return nil, "", err
	}
	return casework.Intake(r.Context(), p.Runner, p.Scope("case", record.Create), form)
}

// refuse shows the form with what was typed. A browser gives no file a second time by itself, so the page says so.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	if r.MultipartForm != nil && len(r.MultipartForm.File[fileField]) > 0 && v.Errors[fileField] == "" {
		if v.Errors == nil {
			v.Errors = map[string]string{}
		}
		v.Errors[fileField] = i18n.T(r.Context(), "public.files.again")
	}
	return p.show(w, r, status, v)
}

// typed reads the texts of the form.
func typed(r *http.Request) casework.PublicForm {
	return casework.PublicForm{
		Kind: r.FormValue("kind"), Subject: r.FormValue("subject"), Content: r.FormValue("content"), DesiredResult: r.FormValue("desired_result"),
		ContactName: r.FormValue("contact_name"), ContactPhone: r.FormValue("contact_phone"), ContactMail: r.FormValue("contact_mail"),
		ComplainedName: r.FormValue("complained_name"), Item: r.FormValue("item"), MatterNumber: r.FormValue("matter_number"),
		OccurredAt: r.FormValue("occurred_at"), Channel: "web_form", Consent: r.FormValue("consent") != "",
	}
}

const (
	perHour      = 20   // forms an address may send in an hour
	perHourPlain = 8    // of those without a solution
	maxTracked   = 5000 // addresses remembered at one time
)

// throttle counts what an address sends within an hour; TooMany beyond the limit.
func (p *Pages) throttle(address string, limit int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Clock.Now()
	if len(p.sent) > maxTracked {
		for a, list := range p.sent {
			if now.Sub(list[len(list)-1]) > time.Hour {
				delete(p.sent, a)
			}
		}
	}
	var recent []time.Time
	for _, t := range p.sent[address] {
		if now.Sub(t) < time.Hour {
			recent = append(recent, t)
		}
	}
	if len(recent) >= limit {
		return errs.New(errs.TooMany, "public.too_many")
	}
	p.sent[address] = append(recent, now)
	return nil
}

func (p *Pages) status(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	st, err := casework.Status(ctx, p.Runner.DB, p.Runner.Store, p.Scope("case", record.Read), p.Scope("case_reply", record.Read), r.PathValue("token"))
	if err != nil {
		return err
	}
	w.Header().Set("X-Robots-Tag", "noindex")
	return p.server.Bare(w, r, web.View{Title: i18n.T(ctx, "public.status.title", "number", st.Number)}, statusPage(p.thanks(r), facts(ctx, st), st.Replies))
}

// thanks is what the form that was just sent says; empty for none.
func (p *Pages) thanks(r *http.Request) string {
	key := r.URL.Query().Get("form")
	if key == "" {
		return ""
	}
	f, err := casework.OpenForm(r.Context(), p.Runner.DB, p.Runner.Store, p.Scope("intake_form", record.Read), key)
	if err != nil {
		return "" // it was switched off meanwhile; the state of the case stands all the same
	}
	return inLang(r.Context(), f.Thanks, f.ThanksEN)
}

func facts(ctx context.Context, st *casework.PublicStatus) []webui.DescriptionItem {
	items := []webui.DescriptionItem{
		{Label: i18n.T(ctx, "public.status.state"), Value: i18n.T(ctx, st.StateKey)},
		{Label: i18n.T(ctx, "public.status.received"), Value: i18n.DateTime(ctx, st.ReceivedAt)},
	}
	if !st.ExpectedOn.IsZero() {
		items = append(items, webui.DescriptionItem{Label: i18n.T(ctx, "public.status.expected"), Value: i18n.Date(ctx, st.ExpectedOn)})
	}
	if st.Answer != "" {
		items = append(items, webui.DescriptionItem{Label: i18n.T(ctx, "public.status.answer"), Value: st.Answer, Wide: true})
	}
	return items
}
