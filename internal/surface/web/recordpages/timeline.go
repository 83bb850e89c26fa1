package recordpages

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

func queryEscape(s string) string { return url.QueryEscape(s) }

// needTrail notes the people and records that history, comments and files refer to.
func (s *sheetPage) needTrail() {
	for _, h := range s.sheet.History {
		s.names.need("user", actorID(h.Actor))
		for _, c := range h.Changes {
			f := s.t.Field(c.Field)
			if f == nil || refType(f) == "" {
				continue
			}
			for _, text := range []string{c.From, c.To} {
				if v, err := f.Parse(text); err == nil {
					s.names.needValue(f, v)
				}
			}
		}
	}
	for _, c := range s.sheet.Comments {
		s.names.need("user", c.Author)
	}
	for _, f := range s.sheet.Files {
		s.names.need("user", f.Author)
	}
}

// actorID reads the label of an actor; none for a part of the program.
func actorID(label string) record.ID {
	id, err := ids.Parse(label)
	if err != nil {
		return 0
	}
	return id
}

func (s *sheetPage) actorName(label string) string {
	return s.authorName(actorID(label))
}

// authorName is the person who put a file to the record; what came in by itself has none.
func (s *sheetPage) authorName(id record.ID) string {
	if id != 0 {
		return s.names.title("user", id)
	}
	return i18n.T(s.ctx, "pages.system")
}

// timeline is what happened to the record, newest first.
func (s *sheetPage) timeline() webui.TimelineView {
	type dated struct {
		at    time.Time
		entry webui.TimelineEntry
	}
	var list []dated
	add := func(id record.ID, at time.Time, e webui.TimelineEntry) {
		e.ID, e.When, e.WhenTitle = id.String(), i18n.Ago(s.ctx, at, s.p.deps.Clock.Now()), i18n.DateTime(s.ctx, at)
		e.WhenISO = at.In(i18n.ZoneOf(s.ctx)).Format(time.RFC3339)
		list = append(list, dated{at, e})
	}
	for _, h := range s.sheet.History {
		add(h.ID, h.At, s.historyEntry(h))
	}
	for _, c := range s.sheet.Comments {
		add(c.ID, c.At, webui.TimelineEntry{
			Icon: "message", Actor: s.names.title("user", c.Author), Verb: i18n.T(s.ctx, "pages.timeline.comment"), Body: c.Body, Tone: webui.Info, Internal: true,
		})
	}
	for _, f := range s.sheet.Files {
		add(f.ID, f.At, webui.TimelineEntry{
			Icon: "paperclip", Actor: s.authorName(f.Author), Verb: i18n.T(s.ctx, "pages.timeline.file"), Files: []webui.Link{s.file(f)},
		})
	}
	slices.SortStableFunc(list, func(a, b dated) int { return b.at.Compare(a.at) })
	v := webui.TimelineView{ID: "timeline", Label: i18n.T(s.ctx, "pages.timeline"), Empty: webui.EmptyView{Icon: "history", Title: i18n.T(s.ctx, "pages.timeline.none")}}
	for _, d := range list {
		v.Entries = append(v.Entries, d.entry)
	}
	return v
}

func (s *sheetPage) historyEntry(h store.HistoryEntry) webui.TimelineEntry {
	e := webui.TimelineEntry{Actor: s.actorName(h.Actor), Verb: web.ActionLabel(s.ctx, s.t, h.Action), Icon: "point", Tone: webui.Neutral}
	if a := s.t.Action(h.Action); a != nil && a.Icon != "" {
		e.Icon = a.Icon
	}
	if h.Action == record.Create {
		return e // what the record began with is on the page
	}
	for _, c := range h.Changes {
		f := s.t.Field(c.Field)
		if f == nil {
			continue // a custom field that was taken away
		}
		change := webui.Change{Field: web.FieldLabel(s.ctx, s.t, f)}
		change.Before, change.After = s.p.plainText(s.ctx, s.t, f, c.From, s.names), s.p.plainText(s.ctx, s.t, f, c.To, s.names)
		if f.Class == record.Sensitive {
			change.After = i18n.T(s.ctx, "pages.timeline.hidden")
		}
		e.Changes = append(e.Changes, change)
	}
	return e
}

func (s *sheetPage) file(f store.FileEntry) webui.Link {
	return webui.Link{Label: f.Name + " (" + size(f.Size) + ")", Href: recordPath(s.t, s.sheet.Record.ID) + "/files/" + f.ID.String()}
}

// fileLink is the file a field holds, as a link.
func (s *sheetPage) fileLink(v any) templ.Component {
	id, _ := v.(record.ID)
	for _, f := range s.sheet.Files {
		if f.ID == id {
			return linkText(s.file(f))
		}
	}
	return nil
}

// composer writes comments and adds files, as far as the reader may.
func (s *sheetPage) composer(body, fault string) *webui.ComposerView {
	if !s.sheet.MayAlso[record.Comment] {
		return nil
	}
	return &webui.ComposerView{
		ID: "composer", Action: recordPath(s.t, s.sheet.Record.ID) + "/comments", Files: s.sheet.MayAlso[record.Attach],
		DraftKey: s.t.Name + "-" + s.sheet.Record.ID.String() + "-comment", Value: body, Error: fault,
	}
}

// comment adds a comment with those it mentions, and files.
func (p *Pages) comment(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	files, err := p.attach(r, t, id, "files")
	if err != nil {
		return err
	}
	if body := strings.TrimSpace(r.PostFormValue("body")); body != "" || len(files) == 0 {
		people, err := p.mentioned(ctx, body)
		if err != nil {
			return err
		}
		if err := p.records().Comment(ctx, web.Actor(ctx), t.Name, id, body, people); err != nil {
			return err
		}
	}
	return p.server.Redirect(w, r, recordPath(t, id), web.Toast{Key: "pages.done.comment", ClearDraft: t.Name + "-" + id.String() + "-comment"})
}

const (
	maxMentions = 20
	longestName = 20 // characters
)

// mentioned finds the people named after @ in a text: the longest name that somebody bears. Names of several people
// mention them all.
func (p *Pages) mentioned(ctx context.Context, body string) ([]record.ID, error) {
	var out []record.ID
	for i, piece := range strings.Split(body, "@") {
		if i == 0 || i > maxMentions {
			continue
		}
		found, err := p.named(ctx, piece)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out, nil
}

func (p *Pages) named(ctx context.Context, text string) ([]record.ID, error) {
	line, _, _ := strings.Cut(text, "\n")
	r := []rune(line)
	var or []record.Filter
	for n := 1; n <= min(len(r), longestName); n++ {
		or = append(or, record.Where("name", string(r[:n])))
	}
	if len(or) == 0 || p.records().Store.Types.Type("user") == nil {
		return nil, nil
	}
	list, err := p.records().List(ctx, web.Actor(ctx), "user", record.Query{Filter: record.Filter{Or: or}, Limit: 20})
	if errs.Is(err, errs.Forbidden) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	longest := 0
	for _, v := range list.Views {
		longest = max(longest, len(v.Title))
	}
	var out []record.ID
	for _, v := range list.Views {
		if len(v.Title) == longest {
			out = append(out, v.Record.ID)
		}
	}
	slices.SortFunc(out, func(a, b record.ID) int { return cmp.Compare(a, b) })
	return out, nil
}
