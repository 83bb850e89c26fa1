package recordpages

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// bulk runs an action on the chosen records; one that asks for something shows its form first.
func (p *Pages) bulk(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	a := t.Action(r.PostFormValue("action"))
	if a == nil || !a.Bulk {
		return errs.New(errs.NotFound, "record.unknown_action").With("action", clip(r.PostFormValue("action")))
	}
	list, err := chosen(r)
	if err != nil {
		return err
	}
	back := web.Local(r.PostFormValue("return"), "")
	if back == "" {
		back = listPath(t)
	}
	if len(list) == 0 {
		return p.server.Redirect(w, r, back, web.Toast{Tone: webui.Warn, Key: "pages.bulk.none"})
	}
	if a.Name == record.Merge { // a page of its own asks what stays
		return p.server.Redirect(w, r, "/merge/"+t.Name+"?"+url.Values{"id": r.PostForm["id"]}.Encode(), web.Toast{})
	}
	if len(a.Input) > 0 && r.PostFormValue("go") == "" {
		return p.bulkForm(w, r, t, a, nil)
	}
	input, faults := p.readInput(r, a.Input)
	if faults == nil {
		var batch record.ID
		var out []action.Outcome
		batch, out, err = p.records().Bulk(r.Context(), web.Actor(r.Context()), action.Command{Type: t.Name, Action: a.Name, Input: input}, list)
		if err != nil {
			return err
		}
		if fault := commonFault(out); fault == nil {
			return p.server.Redirect(w, r, back, bulkToast(r.Context(), t, a, batch, out))
		} else if len(a.Input) == 0 {
			return p.server.Redirect(w, r, back, bulkToast(r.Context(), t, a, batch, out))
		} else {
			faults = fault
		}
	}
	return p.bulkForm(w, r, t, a, faults)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40])
	}
	return s
}

func chosen(r *http.Request) ([]record.ID, error) {
	var out []record.ID
	for _, s := range r.PostForm["id"] {
		id, err := ids.Parse(s)
		if err != nil || id == 0 {
			return nil, errs.Of("id", "field.want_id")
		}
		out = append(out, id)
	}
	return out, nil
}

// commonFault is the fault of the input where it kept every record from being done; nil otherwise.
func commonFault(out []action.Outcome) error {
	for _, o := range out {
		if !errs.Is(o.Err, errs.Invalid) {
			return nil
		}
	}
	return out[0].Err
}

// bulkToast says how many were done, and why others were not.
func bulkToast(ctx context.Context, t *record.Type, a *record.Action, batch record.ID, out []action.Outcome) web.Toast {
	done := 0
	var reasons []string
	for _, o := range out {
		if o.Err == nil {
			done++
			continue
		}
		said := webui.ErrorViewOf(ctx, web.WordedFor(ctx, t, o.Err)).Sentence
		if len(reasons) < 2 && !strings.Contains(strings.Join(reasons, ""), said) {
			reasons = append(reasons, said)
		}
	}
	toast := web.Toast{Key: "pages.bulk.done", Args: map[string]string{
		"action": web.ActionLabel(ctx, t, a.Name), "n": strconv.Itoa(done), "left": strconv.Itoa(len(out) - done), "why": strings.Join(reasons, " "),
	}}
	if done > 0 {
		toast.Undo = listPath(t) + "/" + batch.String() + "/undo"
	}
	if done < len(out) {
		toast.Key, toast.Tone = "pages.bulk.partly", webui.Warn
	}
	return toast
}

// bulkForm asks for the input of an action on the chosen records.
func (p *Pages) bulkForm(w http.ResponseWriter, r *http.Request, t *record.Type, a *record.Action, err error) error {
	ctx := r.Context()
	f := webui.FormView{
		ID: "action", Action: listPath(t) + "/bulk", Submit: web.ActionLabel(ctx, t, a.Name), CancelHref: web.Local(r.PostFormValue("return"), listPath(t)), Danger: a.Danger,
		Hidden: []webui.Option{{Value: "action", Label: a.Name}, {Value: "go", Label: "1"}, {Value: "return", Label: r.PostFormValue("return")}},
	}
	for _, id := range r.PostForm["id"] {
		f.Hidden = append(f.Hidden, webui.Option{Value: "id", Label: id})
	}
	controls, ferr := p.inputControls(r, t, a, err)
	if ferr != nil {
		return ferr
	}
	pg := page{
		t: t, id: "action-dialog", title: web.ActionLabel(ctx, t, a.Name), crumbs: crumbs(ctx, t),
		subtitle: i18n.T(ctx, "pages.bulk.count", "n", len(r.PostForm["id"])),
	}
	f.Errors, f.Error = formErrors(ctx, t, controls, err)
	if err != nil {
		pg.status = webui.StatusOf(errs.KindOf(err))
	}
	return p.dialogOrPage(w, r, pg, fieldForm(f, controls))
}

// undo takes a bulk run back.
func (p *Pages) undo(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	batch, err := web.PathID(r)
	if err != nil {
		return err
	}
	done, left, err := p.records().Undo(r.Context(), web.Actor(r.Context()), t.Name, batch)
	if err != nil {
		return err
	}
	toast := web.Toast{Key: "pages.undo.done", Args: map[string]string{"n": strconv.Itoa(done), "left": strconv.Itoa(left)}}
	if left > 0 {
		toast.Key, toast.Tone = "pages.undo.partly", webui.Warn
	}
	return p.server.Redirect(w, r, listPath(t), toast)
}
