package regulationpages

import (
	"context"
	"net/url"
	"slices"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// aroundView is what was said about a clause beside its text: conflicts with others, interpretations, proposals.
type aroundView struct {
	Conflicts []conflictView
	Answers   []answerView
	Waiting   webui.TableView // proposals and questions that wait
	Asks      []webui.LinkButtonView
}

// conflictView says which clause prevails.
type conflictView struct {
	Yields     bool // the clause in view acts no more
	Text, Href string
}

// answerView is one interpretation.
type answerView struct {
	Question, Answer, When string
	Final                  bool
}

// around reads what was said about a clause, as far as the reader may see it.
func (p *Pages) around(ctx context.Context, reg *regulation.Regulation, c *regulation.Clause) (aroundView, error) {
	var v aroundView
	if err := p.conflicts(ctx, c.Key, &v); err != nil {
		return v, err
	}
	list, err := p.said(ctx, "interpretation", record.All(record.Where("clause_key", c.Key), record.Where("status", "answered")))
	if err != nil {
		return v, err
	}
	for _, m := range list {
		v.Answers = append(v.Answers, answerView{
			Question: cellText(m, "question"), Answer: cellText(m, "answer"), When: when(ctx, m, "answered_at"), Final: cellTrue(m, "final"),
		})
	}
	v.Waiting = webui.TableView{Caption: i18n.T(ctx, "around.waiting"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "around.what"), Primary: true}, {Label: i18n.T(ctx, "around.text")},
	}}
	for _, part := range []struct{ typ, field, state string }{{"revision_proposal", "reason", "proposed"}, {"interpretation", "question", "asked"}} {
		open, err := p.said(ctx, part.typ, record.All(record.Where("clause_key", c.Key), record.Where("status", part.state)))
		if err != nil {
			return v, err
		}
		t := p.Engine.Types.Type(part.typ)
		for _, m := range open {
			href := "/" + t.Plural + "/" + m.Record.ID.String()
			v.Waiting.Rows = append(v.Waiting.Rows, webui.RowView{Href: href, Cells: []webui.Cell{{Text: web.TypeLabel(ctx, t), Href: href}, {Text: cellText(m, part.field)}}})
		}
	}
	about := url.Values{"regulation_id": {reg.ID.String()}, "clause_key": {c.Key}}.Encode()
	for _, ask := range []struct{ typ, icon string }{{"revision_proposal", "edit"}, {"interpretation", "help-circle"}} {
		if p.can(ctx, ask.typ, record.Create) {
			v.Asks = append(v.Asks, webui.LinkButtonView{
				Label: i18n.T(ctx, "around.new."+ask.typ), Icon: ask.icon, Href: "/" + p.Engine.Types.Type(ask.typ).Plural + "/new?" + about, Small: true,
			})
		}
	}
	return v, nil
}

// said lists records about the clause; a type the reader may not read gives none.
func (p *Pages) said(ctx context.Context, typ string, f record.Filter) ([]mask.View, error) {
	list, err := p.Records.List(ctx, web.Actor(ctx), typ, record.Query{Filter: f, Limit: 50})
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return list.Views, nil
}

// conflicts says what a clause yields to, and what yields to it.
func (p *Pages) conflicts(ctx context.Context, key string, v *aroundView) error {
	for _, side := range []string{"yield_key", "keep_key"} {
		list, err := p.said(ctx, "rule_conflict", record.All(record.Where(side, key), record.Where("status", "in_effect")))
		if err != nil {
			return err
		}
		for _, m := range list {
			one := conflictView{Yields: side == "yield_key", Href: "/rule_conflicts/" + m.Record.ID.String()}
			word, other := "around.keeps", "yield_key"
			if one.Yields {
				word, other = "around.yields", "keep_key"
			}
			one.Text = i18n.T(ctx, word, "other", cellText(m, other), "ground", i18n.T(ctx, "rule_conflict.ground."+cellValue(m, "ground")), "reason", cellText(m, "reason"))
			v.Conflicts = append(v.Conflicts, one)
		}
	}
	slices.SortFunc(v.Conflicts, func(a, b conflictView) int {
		if a.Yields == b.Yields {
			return 0
		}
		if a.Yields {
			return -1
		}
		return 1
	})
	return nil
}

func cellText(m mask.View, name string) string {
	c, _ := m.Cell(name)
	return c.Text
}

func cellValue(m mask.View, name string) string {
	c, _ := m.Cell(name)
	s, _ := c.Value.(string)
	return s
}

func cellTrue(m mask.View, name string) bool {
	c, _ := m.Cell(name)
	b, _ := c.Value.(bool)
	return b
}
