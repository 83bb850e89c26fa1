package recordpages

import (
	"net/http"
	"slices"
	"strconv"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// update writes what was changed. Where somebody else saved meanwhile, both sides are laid beside each other.
func (p *Pages) update(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	sheet, err := p.sheet(r, t)
	if err != nil {
		return err
	}
	d := draft{t: t, sheet: sheet, typed: r.PostForm, returnTo: web.Local(r.PostFormValue("return"), ""), version: version(r, "version", sheet)}
	if again, err := p.lookedUpAgain(w, r, d); again {
		return err
	}
	fields := t.Editable(false)
	input, err := p.readInput(r, fields)
	if err != nil {
		return p.again(w, r, d, err)
	}
	if d.version != sheet.Record.LockVersion {
		return p.showMerge(w, r, d, input)
	}
	err = p.write(w, r, d, action.Command{
		Type: t.Name, Action: record.Update, ID: sheet.Record.ID, IfVersion: d.version, Input: changed(t, sheet, input),
	}, fields)
	if errs.Is(err, errs.Stale) {
		if d.sheet, err = p.sheet(r, t); err != nil {
			return err
		}
		return p.showMerge(w, r, d, input)
	}
	return p.again(w, r, d, err)
}

// version is the version a form started from; the present one where it names none.
func version(r *http.Request, name string, s *access.Sheet) int64 {
	n, err := strconv.ParseInt(r.PostFormValue(name), 10, 64)
	if err != nil || n <= 0 {
		return s.Record.LockVersion
	}
	return n
}

// changed keeps of an input what differs from the record; what cannot be read is kept, so that its error is told.
func changed(t *record.Type, s *access.Sheet, input map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range input {
		c, ok := s.Cell(name)
		text, err := plainOf(t.Field(name), v)
		if !ok || err != nil || text != plain(c.Text) {
			out[name] = v
		}
	}
	return out
}

// before are the texts that fields had at the version, for those that were changed since.
func before(s *access.Sheet, version int64) map[string]string {
	out := map[string]string{}
	for _, h := range s.History { // newest first: the oldest change after the version is what stays
		if h.Version <= version {
			break
		}
		for _, c := range h.Changes {
			out[c.Field] = c.From
		}
	}
	return out
}

// side is one field in a merge: plain texts at the start, now, and as typed.
type side struct {
	f                    *record.Field
	before, theirs, mine string
}

// sides are the fields in which what was typed differs from what stands there now.
func sides(t *record.Type, s *access.Sheet, from int64, input map[string]any) []side {
	old := before(s, from)
	var out []side
	for _, f := range t.Fields {
		v, typed := input[f.Name]
		c, ok := s.Cell(f.Name)
		if !ok || !typed || c.Masked {
			continue
		}
		mine, err := plainOf(f, v)
		if err != nil || mine == plain(c.Text) {
			continue
		}
		row := side{f: f, before: plain(c.Text), theirs: plain(c.Text), mine: mine}
		if text, theirs := old[f.Name]; theirs {
			row.before = plain(text)
		}
		out = append(out, row)
	}
	return out
}

// conflict reports whether both sides changed the field.
func (s side) conflict() bool { return s.theirs != s.before && s.mine != s.before }

// choice is the side that is taken where the reader does not say: the one that changed the field; none in a conflict.
func (s side) choice() string {
	switch {
	case s.conflict():
		return ""
	case s.mine != s.before:
		return "yours"
	}
	return "theirs"
}

func (p *Pages) showMerge(w http.ResponseWriter, r *http.Request, d draft, input map[string]any) error {
	ctx := r.Context()
	rows := sides(d.t, d.sheet, d.version, input)
	if len(rows) == 0 { // both wrote the same
		return p.server.Redirect(w, r, recordPath(d.t, d.sheet.Record.ID), web.Toast{Key: "pages.merge.same", ClearDraft: d.key()})
	}
	n := newNames()
	for _, s := range rows {
		for _, text := range []string{s.before, s.theirs, s.mine} {
			if v, err := s.f.Parse(text); err == nil {
				n.needValue(s.f, v)
			}
		}
	}
	n.need("user", d.sheet.Record.UpdatedBy)
	if err := p.find(ctx, n); err != nil {
		return err
	}
	v := webui.DiffView{
		Action: recordPath(d.t, d.sheet.Record.ID) + "/merge", CancelHref: recordPath(d.t, d.sheet.Record.ID),
		TheirName: i18n.T(ctx, "pages.merge.theirs", "name", n.title("user", d.sheet.Record.UpdatedBy)), Hidden: d.hidden(),
	}
	for _, s := range rows {
		text := func(plain string) string { return p.plainText(ctx, d.t, s.f, plain, n) }
		choice := s.choice()
		if picked := r.PostFormValue("merge_" + s.f.Name); picked == "yours" || picked == "theirs" {
			choice = picked
		}
		v.Rows = append(v.Rows, webui.DiffRow{
			Name: s.f.Name, Label: web.FieldLabel(ctx, d.t, s.f), Before: text(s.before), Theirs: text(s.theirs), Yours: text(s.mine),
			Conflict: s.conflict(), Choice: choice,
		})
	}
	pg := page{
		t: d.t, id: "merge-dialog", title: i18n.T(ctx, "pages.merge"), status: http.StatusConflict, wide: true,
		crumbs: crumbs(ctx, d.t, webui.Link{Label: d.sheet.Title, Href: recordPath(d.t, d.sheet.Record.ID)}),
	}
	return p.dialogOrPage(w, r, pg, mergeBody(v))
}

// hidden carries everything that was typed, with the version it started from and the one it is merged with.
func (d draft) hidden() []webui.Option {
	var out []webui.Option
	for name, values := range d.typed {
		if name == "version" || name == "base" || len(name) > 6 && name[:6] == "merge_" {
			continue
		}
		for _, v := range values {
			out = append(out, webui.Option{Value: name, Label: v})
		}
	}
	slices.SortFunc(out, func(a, b webui.Option) int {
		if a.Value < b.Value {
			return -1
		}
		return 1
	})
	return append(out, webui.Option{Value: "base", Label: strconv.FormatInt(d.version, 10)},
		webui.Option{Value: "version", Label: strconv.FormatInt(d.sheet.Record.LockVersion, 10)})
}

// merge saves the chosen sides on the version they were chosen against.
func (p *Pages) merge(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	sheet, err := p.sheet(r, t)
	if err != nil {
		return err
	}
	d := draft{t: t, sheet: sheet, typed: r.PostForm, returnTo: web.Local(r.PostFormValue("return"), ""), version: version(r, "base", sheet)}
	input, err := p.readInput(r, t.Editable(false))
	if err != nil {
		return p.again(w, r, d, err)
	}
	onto := version(r, "version", sheet)
	mine := map[string]any{}
	for _, s := range sides(t, sheet, d.version, input) {
		switch r.PostFormValue("merge_" + s.f.Name) {
		case "yours":
			mine[s.f.Name] = input[s.f.Name]
		case "theirs":
		default:
			return p.showMerge(w, r, d, input)
		}
	}
	if onto != sheet.Record.LockVersion {
		return p.showMerge(w, r, d, input)
	}
	err = p.write(w, r, d, action.Command{Type: t.Name, Action: record.Update, ID: sheet.Record.ID, IfVersion: onto, Input: mine}, nil)
	if errs.Is(err, errs.Stale) {
		if d.sheet, err = p.sheet(r, t); err != nil {
			return err
		}
		return p.showMerge(w, r, d, input)
	}
	d.version = onto
	return p.again(w, r, d, err)
}
