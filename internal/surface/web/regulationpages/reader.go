package regulationpages

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// clauseView is one unit of the text on the reader.
type clauseView struct {
	ID, Level, Number, Heading, Text, Note, Href string
	Bound                                        bool
	Status                                       webui.BadgeView
	Controls                                     []string
	Evidence                                     string // how often it was exercised
	Post                                         string // who answers for it
	Calls                                        string // of a clause without controls: what it calls for, and the room
}

// readerView is a version as it is read. SignAction is empty where there is nothing to sign.
type readerView struct {
	Summary, Notice  string
	Contents         []webui.Link
	Clauses          []clauseView
	SignAction, Hash string
	SignLabel, DueAt string
	SignedAt         string
}

// reading is the version the address asks for: ?v= names one, otherwise the one in force.
func (p *Pages) reading(r *http.Request) (*regulation.Reading, error) {
	no := r.URL.Query().Get("v")
	if no == "" {
		return p.Engine.Read(r.Context(), r.PathValue("key"))
	}
	n, err := strconv.ParseInt(no, 10, 64)
	if err != nil {
		return nil, errs.New(errs.NotFound, "record.not_found").Because(err)
	}
	return p.Engine.ReadVersion(r.Context(), r.PathValue("key"), n)
}

func (p *Pages) reader(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, err := p.reading(r)
	if err != nil {
		return err
	}
	posts, err := p.posts(ctx)
	if err != nil {
		return err
	}
	reg := read.Regulation
	v := readerView{Summary: web.InLang(ctx, reg.Summary, reg.SummaryEn)}
	if reg.CurrentID != 0 && reg.CurrentID != read.Version.ID {
		v.Notice = i18n.T(ctx, "reader.not_current", "state", i18n.T(ctx, "regulation_version.status."+read.Version.Status))
	}
	mine := r.URL.Query().Get("mine") != ""
	if mine {
		v.Notice = strings.TrimSpace(v.Notice + " " + i18n.T(ctx, "reader.mine.only"))
	}
	for _, c := range read.Clauses {
		if mine && (c.Body == "" || c.Post == "" || !web.Actor(ctx).Holds(c.Post)) {
			continue
		}
		one := clauseOf(ctx, read, c, posts)
		v.Clauses = append(v.Clauses, one)
		if one.Text == "" && (c.Level == "part" || c.Level == "chapter") {
			v.Contents = append(v.Contents, webui.Link{Label: one.Number + " " + one.Heading, Href: "#" + one.ID})
		}
	}
	if err := p.signature(ctx, read, &v); err != nil {
		return err
	}
	return p.server.Page(w, r, web.View{
		Title: title(ctx, reg), Subtitle: subtitle(ctx, read), Badges: []webui.BadgeView{versionBadge(ctx, read.Version.Status)},
		Crumbs: []webui.Link{{Label: i18n.T(ctx, "library.title"), Href: "/library"}}, Actions: readerActions(p.ways(ctx, read)),
	}, readerPage(v))
}

// subtitle names who issued the version and since when it holds.
func subtitle(ctx context.Context, read *regulation.Reading) string {
	s := web.InLang(ctx, read.Regulation.Body, read.Regulation.BodyEn)
	if s != "" {
		s += " · "
	}
	s += fmt.Sprintf("V%d", read.Version.VersionNo)
	if read.Version.EffectiveOn != nil {
		s += " · " + i18n.T(ctx, "version.effective", "on", i18n.Date(ctx, *read.Version.EffectiveOn))
	}
	return s
}

// ways lead from the reader to what else is known of the regulation.
func (p *Pages) ways(ctx context.Context, read *regulation.Reading) []webui.LinkButtonView {
	base := "/read/" + read.Regulation.Key
	out := []webui.LinkButtonView{
		{Label: i18n.T(ctx, "compliance.title"), Href: "/compliance/" + read.Regulation.Key, Icon: "chart-bar"},
		{Label: i18n.T(ctx, "version.list"), Href: base + "/versions", Icon: "versions"},
		{Label: i18n.T(ctx, "reader.mine"), Href: base + "?mine=1", Icon: "user-check"},
	}
	if n, err := p.outstanding(ctx, read.Version.ID); err == nil && n.others {
		out = append(out, webui.LinkButtonView{Label: i18n.T(ctx, "reader.signatures", "n", n.open), Href: base + "/signatures", Icon: "signature"})
	}
	return out
}

func clauseOf(ctx context.Context, read *regulation.Reading, c *regulation.Clause, posts map[string]string) clauseView {
	v := clauseView{
		ID: c.Key, Level: c.Level, Number: c.Printed, Heading: web.InLang(ctx, c.Heading, c.HeadingEn), Text: web.InLang(ctx, c.Body, c.BodyEn),
		Note: web.InLang(ctx, c.Note, c.NoteEn), Href: "/read/" + read.Regulation.Key + "/" + c.Key, Post: c.Post,
	}
	if posts[c.Post] != "" {
		v.Post = posts[c.Post]
	}
	if read.Regulation.CurrentID != read.Version.ID {
		v.Href += fmt.Sprintf("?v=%d", read.Version.VersionNo)
	}
	v.Bound = len(read.Bindings[c.Key]) > 0
	if !v.Bound {
		v.Calls = calls(ctx, c)
	}
	v.Status = statusBadge(ctx, read.Status(c.Key))
	n := 0
	for _, k := range read.Tally(c.Key) {
		n += k
	}
	if n > 0 {
		v.Evidence = i18n.T(ctx, "reader.evidence", "n", n)
	}
	for _, b := range read.Bindings[c.Key] {
		v.Controls = append(v.Controls, i18n.T(ctx, "binding.control."+b.Control))
	}
	return v
}

// calls says which controls the clause calls for and which room's records would prove it; "" where nobody has said so.
func calls(ctx context.Context, c *regulation.Clause) string {
	if len(c.Controls) == 0 || !i18n.Has(ctx, "clause.room."+c.Room) {
		return ""
	}
	kinds := make([]string, len(c.Controls))
	for i, k := range c.Controls {
		kinds[i] = i18n.T(ctx, "binding.control."+k)
	}
	return i18n.T(ctx, "clause.calls", "controls", strings.Join(kinds, i18n.T(ctx, "clause.calls.and")), "room", i18n.T(ctx, "clause.room."+c.Room))
}

// signature finds what the reader has to sign of this version.
func (p *Pages) signature(ctx context.Context, read *regulation.Reading, v *readerView) error {
	task, err := p.task(ctx, read)
	if err != nil || task == nil {
		return err
	}
	if task.Status == "outstanding" {
		v.SignAction, v.Hash, v.SignLabel = "/read/"+read.Regulation.Key+"/sign", read.Version.TextHash, read.Version.Label
		if task.DueAt != nil {
			v.DueAt = i18n.DateTime(ctx, *task.DueAt)
		}
	}
	if task.SignedAt != nil {
		v.SignedAt = i18n.DateTime(ctx, *task.SignedAt)
		v.Hash = task.TextHash
	}
	return nil
}

func (p *Pages) task(ctx context.Context, read *regulation.Reading) (*regulation.Acknowledgement, error) {
	return p.Engine.TaskOf(ctx, web.Actor(ctx).UserID, read.Version.ID)
}

// sign signs the version in force with the hash of the text that was on the page.
func (p *Pages) sign(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, err := p.Engine.Read(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	task, err := p.task(ctx, read)
	if err != nil {
		return err
	}
	if task == nil {
		return errs.New(errs.NotFound, "record.not_found")
	}
	_, err = p.Records.Do(ctx, web.Actor(ctx), action.Command{
		Type: "acknowledgement", Action: "sign", ID: task.ID, Input: map[string]any{"text_hash": r.FormValue("text_hash")},
	})
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/read/"+read.Regulation.Key+"#signed", web.Toast{Key: "reader.signed"})
}
