package auditpages

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

func (p *Pages) types() *record.Registry { return p.server.Records().Store.Types }

// listView is the log with the state of its chain.
type listView struct {
	Chain  chainView
	Wrong  []string
	Filter webui.FilterBarView
	Table  webui.TableView
	Pager  webui.PagerView
}

// chainView is what is known of the chain, in words.
type chainView struct {
	Alert     webui.AlertView
	MayVerify bool
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l := &looking{p: p, ctx: ctx, actor: web.Actor(ctx), s: readSearch(r.URL.Query())}
	rec := p.server.Records()
	var err error
	if l.verbs, err = rec.AuditVerbs(ctx, l.actor); err != nil {
		return err
	}
	f, err := l.find()
	if err != nil {
		return err
	}
	page, err := rec.Audit(ctx, l.actor, f)
	if err != nil {
		return err
	}
	if err := l.readPeople(); err != nil {
		return err
	}
	v := listView{Wrong: l.wrong, Filter: l.bar(), Pager: l.pager(page)}
	if v.Table, err = p.table(ctx, page.Entries); err != nil {
		return err
	}
	if v.Chain, err = p.chain(ctx); err != nil {
		return err
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "audit.title"), Subtitle: i18n.T(ctx, "audit.subtitle"), Wide: true}, listPage(v))
}

func (l *looking) pager(page *access.AuditPage) webui.PagerView {
	v := webui.PagerView{Total: i18n.Number(int64(page.Total))}
	if page.Total > audit.CountCap {
		v.Total = i18n.Number(audit.CountCap) + "+"
	}
	n := len(page.Entries)
	if n == 0 {
		return v
	}
	if page.Older {
		v.NextHref = l.s.href("", "before", fmt.Sprint(page.Entries[n-1].Seq))
	}
	if page.Newer {
		v.PrevHref, v.FirstHref = l.s.href("", "after", fmt.Sprint(page.Entries[0].Seq)), l.s.href("")
	}
	return v
}

// named are the people and records that entries speak of, by the titles the reader may see.
type named struct {
	ctx    context.Context
	reg    *record.Registry
	titles map[record.ID]access.Titled
}

func (p *Pages) names(ctx context.Context, entries []audit.Entry) (named, error) {
	of := map[string][]record.ID{}
	for _, e := range entries {
		if id, err := ids.Parse(e.Actor); err == nil && id != 0 {
			of["user"] = append(of["user"], id)
		}
		if t := p.typeOf(e); t != nil && e.Record != 0 {
			of[t.Name] = append(of[t.Name], e.Record)
		}
	}
	titles, err := p.server.Records().TitlesOf(ctx, web.Actor(ctx), of)
	return named{ctx: ctx, reg: p.types(), titles: titles}, err
}

// typeOf is the type of the record an entry is about; what happens to sign-in is about a person.
func (p *Pages) typeOf(e audit.Entry) *record.Type {
	subject, _ := cut(e.Verb)
	if slices.Contains([]string{"session", "password", "factor", "recovery", "link", "token"}, subject) {
		subject = "user"
	}
	if t := p.types().Type(subject); t != nil && t.Name == subject {
		return t
	}
	return nil
}

// who is the person or the part of the program behind an entry.
func (n named) who(label string) string {
	if id, err := ids.Parse(label); err == nil && id != 0 {
		if t := n.titles[id].Title; t != "" {
			return t
		}
		return label
	}
	if name, ok := strings.CutPrefix(label, "system:"); ok {
		return i18n.T(n.ctx, "audit.system") + " · " + first(n.ctx, name, "audit.system."+strings.ReplaceAll(name, "-", "_"))
	}
	return label
}

// what is the verb in words.
func (n named) what(verb string) string {
	subject, act := cut(verb)
	return subjectLabel(n.ctx, n.reg, subject) + i18n.T(n.ctx, "audit.dot") + actLabel(n.ctx, n.reg, subject, act)
}

// about is the record in words and where it is; a record the reader may not see has its id alone.
func (n named) about(t *record.Type, id record.ID) webui.Cell {
	if id == 0 {
		return webui.Cell{Text: "—"}
	}
	title, ok := n.titles[id]
	if t == nil || !ok {
		return webui.Cell{Text: id.String()}
	}
	text := strings.TrimSpace(title.Number + " " + title.Title)
	return webui.Cell{Text: text, Href: "/" + t.Plural + "/" + id.String()}
}

func reason(e audit.Entry) string {
	s, _ := e.Detail["reason"].(string)
	return s
}

func from(ctx context.Context, e audit.Entry) string {
	via := first(ctx, e.Via, "audit.via."+e.Via)
	if e.Address == "" {
		return via
	}
	return via + " · " + e.Address
}

// instant is a moment to the second, in the zone of the organisation.
func instant(ctx context.Context, t time.Time) string {
	return t.In(i18n.ZoneOf(ctx)).Format(time.DateTime)
}

func (p *Pages) table(ctx context.Context, entries []audit.Entry) (webui.TableView, error) {
	n, err := p.names(ctx, entries)
	v := webui.TableView{
		ID: "audit", Caption: i18n.T(ctx, "audit.title"), Columns: []webui.Column{
			{Label: i18n.T(ctx, "audit.what"), Primary: true}, {Label: i18n.T(ctx, "audit.when")}, {Label: i18n.T(ctx, "audit.who")},
			{Label: i18n.T(ctx, "audit.record")}, {Label: i18n.T(ctx, "audit.reason")}, {Label: i18n.T(ctx, "audit.from")},
		}, Empty: webui.EmptyView{Icon: "shield-check", Title: i18n.T(ctx, "audit.none"), Text: i18n.T(ctx, "audit.none.text")},
	}
	for _, e := range entries {
		href := fmt.Sprintf("/audit/%d", e.Seq)
		v.Rows = append(v.Rows, webui.RowView{ID: fmt.Sprint(e.Seq), Href: href, Label: n.what(e.Verb), Cells: []webui.Cell{
			{Text: n.what(e.Verb), Href: href, Title: e.Verb}, {Text: instant(ctx, e.At)}, {Text: n.who(e.Actor)},
			n.about(p.typeOf(e), e.Record), {Text: reason(e)}, {Text: from(ctx, e)},
		}})
	}
	return v, err
}

func (p *Pages) chain(ctx context.Context) (chainView, error) {
	rec, a := p.server.Records(), web.Actor(ctx)
	st, err := rec.Chain(ctx, a)
	if err != nil {
		return chainView{}, err
	}
	n, err := p.names(ctx, []audit.Entry{{Actor: st.By}})
	if err != nil {
		return chainView{}, err
	}
	return chainView{Alert: chainAlert(ctx, st, n.who(st.By)), MayVerify: rec.MayAudit(ctx, a, access.Verify)}, nil
}

func chainAlert(ctx context.Context, st *access.ChainState, by string) webui.AlertView {
	args := []any{"last", i18n.Number(st.Last), "n", i18n.Number(st.Proved), "at", instant(ctx, st.At), "by", by, "since", i18n.Number(st.Last - st.Proved)}
	switch {
	case st.BrokenAt > 0:
		return webui.AlertView{
			Tone: webui.Bad, Title: i18n.T(ctx, "audit.chain.broken", "seq", st.BrokenAt),
			Text: i18n.T(ctx, "audit.chain.broken.text", append(args, "why", first(ctx, st.Reason, "audit.fault."+strings.ReplaceAll(st.Reason, " ", "_")))...),
		}
	case st.At.IsZero():
		return webui.AlertView{Tone: webui.Info, Title: i18n.T(ctx, "audit.chain.never"), Text: i18n.T(ctx, "audit.chain.never.text", args...)}
	}
	return webui.AlertView{Tone: webui.Good, Title: i18n.T(ctx, "audit.chain.good", args...), Text: i18n.T(ctx, "audit.chain.good.text", args...)}
}

// entryView is one entry with everything it holds.
type entryView struct {
	Items, Detail, Seal []webui.DescriptionItem
	Links               []webui.LinkButtonView
	Older, Newer        string
}

func (p *Pages) entry(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil {
		return errs.New(errs.NotFound, "web.no_page").Because(err)
	}
	rec, a := p.server.Records(), web.Actor(ctx)
	e, err := rec.AuditEntry(ctx, a, seq)
	if err != nil {
		return err
	}
	st, err := rec.Chain(ctx, a)
	if err != nil {
		return err
	}
	n, err := p.names(ctx, []audit.Entry{*e})
	if err != nil {
		return err
	}
	about := n.about(p.typeOf(*e), e.Record)
	v := entryView{
		Items: []webui.DescriptionItem{
			{Label: i18n.T(ctx, "audit.when"), Value: instant(ctx, e.At)}, {Label: i18n.T(ctx, "audit.who"), Value: n.who(e.Actor)},
			{Label: i18n.T(ctx, "audit.what"), Value: n.what(e.Verb)}, {Label: i18n.T(ctx, "audit.record"), Value: about.Text, Href: about.Href},
			{Label: i18n.T(ctx, "audit.from"), Value: from(ctx, *e)}, {Label: i18n.T(ctx, "audit.reason"), Value: reason(*e), Wide: true},
		},
		Detail: p.detail(ctx, *e), Seal: []webui.DescriptionItem{
			{Label: i18n.T(ctx, "audit.verb"), Value: e.Verb}, {Label: i18n.T(ctx, "audit.hash"), Value: e.Hash, Wide: true},
			{Label: i18n.T(ctx, "audit.prev"), Value: e.Prev, Wide: true},
		},
	}
	if e.Record != 0 {
		v.Links = append(v.Links, webui.LinkButtonView{Label: i18n.T(ctx, "audit.all_of_record"), Icon: "history", Href: "/audit?record=" + e.Record.String()})
	}
	if id, err := ids.Parse(e.Actor); err == nil && id != 0 {
		v.Links = append(v.Links, webui.LinkButtonView{Label: i18n.T(ctx, "audit.all_of_person"), Icon: "user", Href: "/audit?person=" + e.Actor})
	}
	if seq > 1 {
		v.Older = fmt.Sprintf("/audit/%d", seq-1)
	}
	if seq < st.Last {
		v.Newer = fmt.Sprintf("/audit/%d", seq+1)
	}
	return p.server.Page(w, r, web.View{
		Title: i18n.T(ctx, "audit.entry", "seq", i18n.Number(e.Seq)), Subtitle: n.what(e.Verb), Crumbs: []webui.Link{{Label: i18n.T(ctx, "audit.title"), Href: "/audit"}},
	}, entryPage(v))
}

// detail is what an entry holds beside the reason: names of fields, counts, outcomes of checks.
func (p *Pages) detail(ctx context.Context, e audit.Entry) []webui.DescriptionItem {
	keys := make([]string, 0, len(e.Detail))
	for k := range e.Detail {
		if k != "reason" {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	t := p.typeOf(e)
	var out []webui.DescriptionItem
	for _, k := range keys {
		it := webui.DescriptionItem{Label: first(ctx, k, "audit.detail."+k), Value: plain(e.Detail[k]), Wide: true}
		if list, ok := e.Detail[k].([]any); ok && k == "fields" && t != nil {
			var words []string
			for _, name := range list {
				if f := t.Field(fmt.Sprint(name)); f != nil {
					words = append(words, web.FieldLabel(ctx, t, f))
				} else {
					words = append(words, fmt.Sprint(name))
				}
			}
			it.Value = strings.Join(words, i18n.T(ctx, "audit.comma"))
		}
		if it.Value != "" {
			out = append(out, it)
		}
	}
	return out
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return i18n.Number(int64(v))
	case []any:
		words := make([]string, len(v))
		for i, x := range v {
			words[i] = plain(x)
		}
		return strings.Join(words, ", ")
	}
	return fmt.Sprint(v)
}

// verify walks the chain; what came of it stands above the log from then on.
func (p *Pages) verify(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	st, err := p.server.Records().VerifyAudit(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	t := web.Toast{Key: "audit.verified", Args: map[string]string{"n": i18n.Number(st.Proved)}}
	if st.BrokenAt > 0 {
		t = web.Toast{Key: "audit.chain.broken", Args: map[string]string{"seq": fmt.Sprint(st.BrokenAt)}, Tone: webui.Bad}
	}
	return p.server.Redirect(w, r, "/audit", t)
}
