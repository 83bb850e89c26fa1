package recordpages

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// theAction is the action of the path as far as it has a page: those with another place of their own have none here.
func theAction(r *http.Request, t *record.Type) (*record.Action, error) {
	a := t.Action(r.PathValue("action"))
	switch {
	case a == nil:
	case a.Name == record.Create, a.Name == record.Read, a.Name == record.Update, a.Name == record.Comment, a.Name == record.Attach,
		a.Name == record.Reveal, a.Name == record.Export, a.Name == record.Import:
	default:
		return a, nil
	}
	return nil, errs.New(errs.NotFound, "record.unknown_action").With("action", clip(r.PathValue("action")))
}

// actionForm asks for what an action needs, or for a yes.
func (p *Pages) actionForm(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	a, err := theAction(r, t)
	if err != nil {
		return err
	}
	sheet, err := p.sheet(r, t)
	if err != nil {
		return err
	}
	if !offers(sheet, a.Name) {
		return notOffered(t, a, sheet)
	}
	return p.showAction(w, r, t, a, sheet, nil)
}

// notOffered says why the record does not offer the action: its state, or the reader's permission.
func notOffered(t *record.Type, a *record.Action, s *access.Sheet) error {
	switch {
	case !a.Allowed(s.State):
		return errs.New(errs.Conflict, "record.wrong_state")
	case !s.Record.ArchivedAt.IsZero():
		return errs.New(errs.Conflict, "record.archived")
	}
	return errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", a.Name)
}

func (p *Pages) showAction(w http.ResponseWriter, r *http.Request, t *record.Type, a *record.Action, s *access.Sheet, fault error) error {
	ctx := r.Context()
	label := web.ActionLabel(ctx, t, a.Name)
	pg := page{
		t: t, id: "action-dialog", title: label, subtitle: s.Title + " · " + s.Record.Number,
		crumbs: crumbs(ctx, t, webui.Link{Label: s.Title, Href: recordPath(t, s.Record.ID)}),
	}
	controls, err := p.inputControls(r, t, a, fault)
	if err != nil {
		return err
	}
	v := actionView{Hint: web.ActionHint(ctx, t, a.Name), Title: s.Title, Controls: controls}
	v.Form = webui.FormView{
		ID: "action", Action: recordPath(t, s.Record.ID) + "/do/" + a.Name, Submit: label, CancelHref: recordPath(t, s.Record.ID), Danger: a.Danger,
		DraftKey: actionDraft(t, s.Record.ID, a),
		Hidden:   []webui.Option{{Value: "version", Label: strconv.FormatInt(s.Record.LockVersion, 10)}}, Multipart: fileInput(a),
	}
	if len(controls) == 0 {
		v.Ask = i18n.T(ctx, "pages.action.ask", "action", label, "title", s.Title)
	}
	if back := web.Local(r.FormValue("return"), ""); back != "" {
		v.Form.Hidden = append(v.Form.Hidden, webui.Option{Value: "return", Label: back})
		v.Form.CancelHref = back
	}
	if fault != nil {
		said := p.server.ErrorView(r, web.WordedFor(ctx, t, fault))
		pg.status = said.Status
		if len(said.Refusals) > 0 {
			v.Refused = &said
		} else {
			v.Form.Errors, v.Form.Error = formErrors(ctx, t, controls, fault)
		}
	}
	return p.dialogOrPage(w, r, pg, actionBody(v))
}

// actionDraft is the key under which a browser keeps what is typed for an action, so that it is still there after a look at
// the article that refused it. An action that asks for nothing keeps nothing.
func actionDraft(t *record.Type, id record.ID, a *record.Action) string {
	if len(a.Input) == 0 {
		return ""
	}
	return t.Name + "-" + id.String() + "-" + a.Name
}

func fileInput(a *record.Action) bool {
	for _, f := range a.Input {
		if k := f.Kind.Name(); k == "file" || k == "files" {
			return true
		}
	}
	return false
}

// inputControls are the inputs of an action, with what was typed and what is wrong with it.
func (p *Pages) inputControls(r *http.Request, t *record.Type, a *record.Action, fault error) ([]control, error) {
	ctx := r.Context()
	m := &maker{p: p, ctx: ctx, words: actionWords(ctx, t, a), names: newNames(), errors: webui.FieldErrors(ctx, web.WordedFor(ctx, t, fault))}
	if r.Method == http.MethodPost && (fault != nil || lookedUp(r) != "") {
		m.typed = r.PostForm
	}
	if name := lookedUp(r); name != "" {
		for _, f := range a.Input {
			if f.Name == strings.TrimSuffix(name, "_add") {
				found, err := p.hits(r, refType(f), r.PostFormValue(name+"_q"))
				if err != nil {
					return nil, err
				}
				m.found = map[string][]webui.Option{f.Name: found}
			}
		}
	}
	in := a.NewInput()
	for _, f := range a.Input {
		m.names.needValue(f, f.Get(in))
		m.needTyped(f)
	}
	if err := p.find(ctx, m.names); err != nil {
		return nil, err
	}
	var out []control
	for _, f := range a.Input {
		list := m.controls(f, f.Get(in))
		for i := range list {
			list[i].view.Wide = true
		}
		out = append(out, list...)
	}
	return out, nil
}

// act runs an action. What the reader can put right comes back on the form; a refusal names the article.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	a, err := theAction(r, t)
	if err != nil {
		return err
	}
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	fault := error(nil)
	if lookedUp(r) == "" {
		if fault = p.do(w, r, t, a, id); fault == nil {
			return nil
		}
		if !correctable(fault) {
			return fault
		}
	}
	sheet, err := p.records().Read(r.Context(), web.Actor(r.Context()), t.Name, id)
	if err != nil {
		return errors.Join(fault, err)
	}
	if fault != nil && !a.Allowed(sheet.State) {
		return fault
	}
	return p.showAction(w, r, t, a, sheet, fault)
}

// correctable are the failures after which the form makes sense once more.
func correctable(err error) bool {
	return errs.Is(err, errs.Invalid) || errs.Is(err, errs.Refused) || errs.Is(err, errs.Stale) || errs.Is(err, errs.Conflict)
}

func (p *Pages) do(w http.ResponseWriter, r *http.Request, t *record.Type, a *record.Action, id record.ID) error {
	ctx := r.Context()
	input, err := p.readInput(r, a.Input)
	if err != nil {
		return err
	}
	if err := p.uploads(r, t, id, a.Input, input); err != nil {
		return err
	}
	cmd := action.Command{Type: t.Name, Action: a.Name, ID: id, Input: input}
	if n, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64); err == nil && n > 0 {
		cmd.IfVersion = n
	}
	v, err := p.records().Do(ctx, web.Actor(ctx), cmd)
	if err != nil {
		return err
	}
	to := recordPath(t, id)
	if v == nil || !v.Record.ArchivedAt.IsZero() && a.Name == record.Archive {
		to = listPath(t)
	}
	if back := web.Local(r.PostFormValue("return"), ""); back != "" {
		to = back
	}
	toast := web.Toast{Key: "pages.done.action", Args: map[string]string{"action": web.ActionLabel(ctx, t, a.Name)}, ClearDraft: actionDraft(t, id, a)}
	if a.Name == record.Archive && v != nil {
		toast.Undo = recordPath(t, id) + "/do/" + record.Restore
	}
	return p.server.Redirect(w, r, to, toast)
}
