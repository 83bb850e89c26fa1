package regulationpages

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// mistakeView is where a control is wrong: the line as typed and the place in it.
type mistakeView struct {
	Place, Message, Line, Mark string
}

// bindingFormView is a control being written.
type bindingFormView struct {
	Clause             clauseView
	Action, CancelHref string
	Control, Spec      string
	New, Off           bool
	Controls           []webui.Option
	Error              string
	Mistake            *mistakeView
	LockVersion        string
}

// bindingOfPath is the binding the address names; nil for a new one.
func bindingOfPath(r *http.Request, read *regulation.Reading, c *regulation.Clause) (*regulation.Binding, error) {
	if r.PathValue("id") == "new" {
		return nil, nil
	}
	for _, b := range read.Bindings[c.Key] {
		if b.ID.String() == r.PathValue("id") {
			return b, nil
		}
	}
	return nil, errs.New(errs.NotFound, "record.not_found")
}

func (p *Pages) bindingForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, c, err := p.clauseOfPath(r)
	if err != nil {
		return err
	}
	b, err := bindingOfPath(r, read, c)
	if err != nil {
		return err
	}
	act := record.Update
	v := bindingFormView{Control: "guard", New: b == nil}
	if q := r.URL.Query(); b == nil && q.Get("spec") != "" { // written in the editor of conditions
		v.Control, v.Spec = q.Get("control"), q.Get("spec")
	}
	if b == nil {
		act = record.Create
	} else {
		v.Control, v.Spec, v.Off, v.LockVersion = b.Control, b.Spec, b.Off, strconv.FormatInt(b.LockVersion, 10)
	}
	if !p.can(ctx, "binding", act) {
		return errs.New(errs.Forbidden, "access.denied").With("type", "binding").With("action", act)
	}
	if one, err := p.proposalOfPath(r, c); err != nil {
		return err
	} else if one != nil {
		v.Control, v.Spec = one.Control, one.Spec
	}
	return p.showBinding(w, r, read, c, v, nil)
}

// proposalOfPath is the proposal a new binding is written from; nil where the address names none.
func (p *Pages) proposalOfPath(r *http.Request, c *regulation.Clause) (*proposal.Proposal, error) {
	name := r.URL.Query().Get("proposal")
	if name == "" || r.PathValue("id") != "new" {
		return nil, nil
	}
	var id record.ID
	if err := id.UnmarshalText([]byte(name)); err != nil {
		return nil, errs.New(errs.NotFound, "record.not_found")
	}
	one, err := p.Proposals.Get(r.Context(), web.Actor(r.Context()), id)
	if err == nil && (one.VersionID != c.VersionID || one.ClauseKey != c.Key) {
		err = errs.New(errs.NotFound, "record.not_found")
	}
	return one, err
}

func (p *Pages) showBinding(w http.ResponseWriter, r *http.Request, read *regulation.Reading, c *regulation.Clause, v bindingFormView, fault error) error {
	ctx := r.Context()
	v.Clause = clauseOf(ctx, read, c, nil)
	v.Action, v.CancelHref = r.URL.RequestURI(), v.Clause.Href
	for _, k := range control.Kinds() {
		v.Controls = append(v.Controls, webui.Option{Value: string(k), Label: i18n.T(ctx, "binding.control."+string(k))})
	}
	view := web.View{
		Title: i18n.T(ctx, "version.binding"), Subtitle: orKey(c.Printed+" "+v.Clause.Heading, c.Key),
		Crumbs: crumbs(ctx, read.Regulation, webui.Link{Label: orKey(c.Printed+" ", c.Key), Href: v.Clause.Href}),
	}
	if fault != nil {
		view.Status = webui.StatusOf(errs.KindOf(fault))
		v.Mistake = mistake(ctx, fault, v.Spec)
		if v.Mistake == nil {
			v.Error = webui.ErrorViewOf(ctx, fault).Sentence
		}
	}
	return p.server.Page(w, r, view, bindingPage(v))
}

// mistake finds the place of an error in what was typed; nil where the error has none.
func mistake(ctx context.Context, err error, typed string) *mistakeView {
	var at *control.Issue
	for e := err; e != nil && at == nil; e = errors.Unwrap(e) {
		if !errors.As(e, &at) {
			break
		}
	}
	if at == nil {
		return nil
	}
	line, column, message := at.Line, at.Column, at.Message
	if m := regexp.MustCompile(`^yaml: line (\d+): `).FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		column, message = 1, strings.TrimPrefix(message, m[0])
	}
	v := &mistakeView{Place: i18n.T(ctx, "version.place", "line", line, "column", column), Message: message}
	lines := strings.Split(strings.ReplaceAll(typed, "\r\n", "\n"), "\n")
	if line >= 1 && line <= len(lines) {
		v.Line = lines[line-1]
		v.Mark = mark(v.Line, column)
	}
	return v
}

// mark is a caret under the column of a line; wide characters take two places.
func mark(line string, column int) string {
	var b strings.Builder
	for i, r := range []rune(line) {
		if i >= column-1 {
			break
		}
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case r >= 0x1100:
			b.WriteString("\u3000")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String() + "^"
}

// saveBinding writes a control through its declared action; what was typed stays where it is refused.
func (p *Pages) saveBinding(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	read, c, err := p.clauseOfPath(r)
	if err != nil {
		return err
	}
	b, err := bindingOfPath(r, read, c)
	if err != nil {
		return err
	}
	v := bindingFormView{
		Control: r.PostFormValue("control"), Spec: strings.ReplaceAll(r.PostFormValue("spec"), "\r\n", "\n"), Off: r.PostFormValue("off") != "",
		New: b == nil, LockVersion: r.PostFormValue("lock_version"),
	}
	cmd := action.Command{Type: "binding", Action: record.Create, Input: map[string]any{
		"version_id": read.Version.ID.String(), "clause_key": c.Key, "control": v.Control, "spec": v.Spec,
	}}
	if b != nil {
		v.Control = b.Control
		cmd.Action, cmd.ID = record.Update, b.ID
		cmd.Input = map[string]any{"spec": v.Spec, "off": v.Off}
		cmd.IfVersion, _ = strconv.ParseInt(v.LockVersion, 10, 64)
	}
	one, err := p.proposalOfPath(r, c)
	if err != nil {
		return err
	}
	back := clauseOf(ctx, read, c, nil).Href
	if one != nil {
		cmd = action.Command{Type: "proposal", Action: "edit", ID: one.ID, Input: map[string]any{"control": v.Control, "spec": v.Spec}}
		back = p.backTo(r, one)
	}
	_, err = p.Records.Do(ctx, web.Actor(ctx), cmd)
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Stale) || errs.Is(err, errs.Conflict) {
		return p.showBinding(w, r, read, c, v, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, back, web.Toast{Key: "version.binding.saved", ClearDraft: "binding-" + r.PathValue("id")})
}
