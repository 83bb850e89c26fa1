package packpages

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// planView is what packs bring, in figures and by pack.
type planView struct {
	Figures []webui.StatView
	Parts   []partView
}

// partView is one pack with the names of what it brings.
type partView struct {
	Title string
	Items []webui.DescriptionItem
}

// Choices implements [web.Trades]: packs that others need come along and are not offered.
func (p *Pages) Choices(ctx context.Context) []webui.Option {
	var out []webui.Option
	base := p.base()
	for _, q := range p.Installer.Packs {
		if !slices.Contains(base, q.ID) {
			out = append(out, option(ctx, q))
		}
	}
	return out
}

// base are the packs that others need: they are a part of every company.
func (p *Pages) base() []string {
	var out []string
	for _, q := range p.Installer.Packs {
		for _, id := range q.Needs {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// Plan implements [web.Trades].
func (p *Pages) Plan(ctx context.Context, chosen []string) (templ.Component, error) {
	list, err := p.Installer.Order(append(p.base(), chosen...)...)
	if err != nil {
		return nil, err
	}
	return plan(planOf(ctx, list)), nil
}

// Found implements [web.Trades].
func (p *Pages) Found(ctx context.Context, lang i18n.Lang, chosen []string, sample bool) error {
	scope := p.Installer.Engine.Guard.SystemScope("setup", "web", "pack", record.Create)
	if err := p.Installer.Add(ctx, scope, string(lang), append(p.base(), chosen...)...); err != nil || !sample {
		return err
	}
	told := chosen
	if len(told) == 0 {
		told = p.base()
	}
	for _, id := range told {
		if q, err := p.Installer.Pack(id); err != nil || q.Sample == nil {
			continue
		}
		if _, err := p.Samples.Load(ctx, scope, id, nil); err != nil && errs.KeyOf(err) != "pack.sample.there" {
			return err
		}
	}
	return nil
}

func option(ctx context.Context, q *pack.Pack) webui.Option {
	return webui.Option{Value: q.ID, Label: say(ctx, q.Title), Detail: i18n.T(ctx, "packs.counts", "regulations", len(q.Regulations), "clauses", clauses(q), "posts", len(q.Posts))}
}

func clauses(q *pack.Pack) int {
	n := 0
	for _, r := range q.Regulations {
		n += len(r.Clauses())
	}
	return n
}

func say(ctx context.Context, t pack.Text) string {
	if i18n.LangOf(ctx) == i18n.EN && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

func planOf(ctx context.Context, list []*pack.Pack) planView {
	var v planView
	var units, posts, regulations, texts, calendars int
	for _, q := range list {
		units, posts, regulations, texts, calendars = units+len(q.Units), posts+len(q.Posts), regulations+len(q.Regulations), texts+clauses(q), calendars+len(q.Calendars)
		v.Parts = append(v.Parts, partOf(ctx, q))
	}
	for _, f := range []struct {
		key string
		n   int
	}{{"units", units}, {"posts", posts}, {"regulations", regulations}, {"clauses", texts}, {"calendars", calendars}} {
		v.Figures = append(v.Figures, webui.StatView{Label: i18n.T(ctx, "packs."+f.key), Value: strconv.Itoa(f.n)})
	}
	return v
}

func partOf(ctx context.Context, q *pack.Pack) partView {
	part := partView{Title: say(ctx, q.Title)}
	add := func(key string, names []string) {
		if len(names) > 0 {
			part.Items = append(part.Items, webui.DescriptionItem{Label: i18n.T(ctx, "packs."+key), Value: strings.Join(names, i18n.T(ctx, "packs.and")), Wide: true})
		}
	}
	add("regulations", named(q.Regulations, func(r *pack.Regulation) string {
		return i18n.T(ctx, "packs.regulation", "title", say(ctx, r.Title), "n", len(r.Clauses()))
	}))
	add("units", named(q.Units, func(u pack.Unit) string { return say(ctx, u.Title) }))
	add("posts", named(q.Posts, func(post pack.Post) string { return say(ctx, post.Title) }))
	add("calendars", named(q.Calendars, func(c pack.Calendar) string { return say(ctx, c.Title) }))
	add("categories", named(q.Categories, func(c pack.Category) string { return say(ctx, c.Title) }))
	add("ladders", named(q.Ladders, func(l pack.Ladder) string { return say(ctx, l.Title) }))
	add("forms", named(q.Forms, func(f pack.Form) string { return say(ctx, f.Title) }))
	add("checklists", named(q.Checklists, func(l pack.Checklist) string { return say(ctx, l.Title) }))
	add("messages", named(q.Messages, func(m pack.Message) string { return say(ctx, m.Title) }))
	return part
}

func named[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = name(one)
	}
	return out
}
