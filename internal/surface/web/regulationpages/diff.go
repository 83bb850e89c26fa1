package regulationpages

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// sideView is a clause of one version with the words the other does not have.
type sideView struct {
	Number  string
	Heading []regulation.Piece
	Body    []regulation.Piece
}

// pairView is one clause in both versions.
type pairView struct {
	ID       string
	Change   webui.BadgeView
	Kind     string
	Old, New *sideView
}

// againView is a control whose clause is no longer what it was.
type againView struct {
	Clause, Control, Why, Href string
}

type diffView struct {
	From, To, Action  string
	Versions          []webui.Option
	Figures           []webui.StatView
	Pairs             []pairView
	Again             []againView
	All               bool
	AllHref, LessHref string
}

// diff sets two versions side by side; without ?all=1 only what differs.
func (p *Pages) diff(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	key := r.PathValue("key")
	reg, list, err := p.Engine.Versions(ctx, key)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.New(errs.NotFound, "record.not_found")
	}
	from, to := chosen(r, list)
	old, err := p.Engine.ReadVersion(ctx, key, from)
	if err != nil {
		return err
	}
	new, err := p.Engine.ReadVersion(ctx, key, to)
	if err != nil {
		return err
	}
	base := fmt.Sprintf("/read/%s/diff", key)
	same := fmt.Sprintf("%s?from=%d&to=%d", base, from, to)
	v := diffView{
		From: fmt.Sprint(from), To: fmt.Sprint(to), Action: base, All: r.URL.Query().Get("all") == "1", AllHref: same + "&all=1", LessHref: same,
	}
	for _, ver := range list {
		v.Versions = append(v.Versions, webui.Option{
			Value: fmt.Sprint(ver.VersionNo), Label: fmt.Sprintf("V%d · %s", ver.VersionNo, i18n.T(ctx, "regulation_version.status."+ver.Status)),
		})
	}
	pairs := regulation.Compare(old.Clauses, new.Clauses)
	v.Pairs, v.Figures = pairViews(ctx, pairs, v.All)
	v.Again = again(ctx, old, new, pairs)
	return p.server.Page(w, r, web.View{
		Title: i18n.T(ctx, "version.diff", "from", "V"+v.From, "to", "V"+v.To), Subtitle: title(ctx, reg), Wide: true,
		Crumbs: crumbs(ctx, reg, webui.Link{Label: i18n.T(ctx, "version.list"), Href: "/read/" + key + "/versions"}),
	}, diffPage(v))
}

// chosen are the numbers the address asks for; by default the newest and the one before it.
func chosen(r *http.Request, list []*regulation.Version) (from, to int64) {
	number := func(name string, fallback int64) int64 {
		if n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64); err == nil {
			return n
		}
		return fallback
	}
	to = number("to", list[0].VersionNo)
	return number("from", max(to-1, list[len(list)-1].VersionNo)), to
}

func changeBadge(ctx context.Context, c regulation.Change) webui.BadgeView {
	tone := map[regulation.Change]webui.Tone{
		regulation.Added: webui.Good, regulation.Removed: webui.Bad, regulation.Changed: webui.Warn, regulation.Renumbered: webui.Info,
	}[c]
	return webui.BadgeView{Label: i18n.T(ctx, "version.change."+string(c)), Tone: tone}
}

func pairViews(ctx context.Context, pairs []regulation.Pair, all bool) ([]pairView, []webui.StatView) {
	count := map[regulation.Change]int{}
	var out []pairView
	for i, pr := range pairs {
		count[pr.Change]++
		if pr.Change == regulation.Same && !all {
			continue
		}
		one := pairView{ID: fmt.Sprintf("pair-%d", i), Change: changeBadge(ctx, pr.Change), Kind: string(pr.Change)}
		switch {
		case pr.Old == nil:
			one.New = whole(pr.New)
		case pr.New == nil:
			one.Old = whole(pr.Old)
		default:
			one.Old, one.New = both(pr)
		}
		out = append(out, one)
	}
	var figures []webui.StatView
	for _, c := range []regulation.Change{regulation.Added, regulation.Removed, regulation.Changed, regulation.Renumbered, regulation.Same} {
		figures = append(figures, webui.StatView{Label: i18n.T(ctx, "version.change."+string(c)), Value: strconv.Itoa(count[c])})
	}
	return out, figures
}

func whole(c *regulation.Clause) *sideView {
	return &sideView{Number: c.Printed, Heading: []regulation.Piece{{Text: c.Heading}}, Body: []regulation.Piece{{Text: c.Body}}}
}

func both(pr regulation.Pair) (was, is *sideView) {
	was, is = &sideView{Number: pr.Old.Printed}, &sideView{Number: pr.New.Printed}
	was.Heading, is.Heading = regulation.Words(pr.Old.Heading, pr.New.Heading)
	was.Body, is.Body = regulation.Words(pr.Old.Body, pr.New.Body)
	return was, is
}

// again lists the controls to look at again: those of the new version whose clause has other words, and those of the
// old one that the new version no longer has.
func again(ctx context.Context, old, new *regulation.Reading, pairs []regulation.Pair) []againView {
	var out []againView
	add := func(read *regulation.Reading, c *regulation.Clause, why string) {
		for _, b := range read.Bindings[c.Key] {
			out = append(out, againView{
				Clause: orKey(c.Printed+" ", c.Key), Control: i18n.T(ctx, "binding.control."+b.Control), Why: i18n.T(ctx, "version.again."+why),
				Href: fmt.Sprintf("/read/%s/%s?v=%d", read.Regulation.Key, c.Key, read.Version.VersionNo),
			})
		}
	}
	for _, pr := range pairs {
		switch {
		case pr.Change == regulation.Removed:
			add(old, pr.Old, "removed")
		case pr.New == nil || pr.Old == nil:
		case len(new.Bindings[pr.New.Key]) == 0:
			add(old, pr.Old, "lost")
		case pr.Change == regulation.Changed:
			add(new, pr.New, "changed")
		}
	}
	return out
}
