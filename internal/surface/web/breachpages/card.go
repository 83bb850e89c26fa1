package breachpages

import (
	"strconv"
	"time"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// tabView is the whole tab.
type tabView struct {
	Alert *webui.AlertView
	Steps []webui.StepView
	Way   string // name of the steps
	Cards []cardView
}

// cardView is one card of the tab.
type cardView struct {
	ID, Title, Icon string
	Actions         []webui.LinkButtonView
	Items           []webui.DescriptionItem
	Lines           []webui.Link
	Note            string
}

// items are the fields that hold something.
func (s *sight) items(names ...string) []webui.DescriptionItem {
	var out []webui.DescriptionItem
	for _, n := range names {
		if it, filled := s.o.Item(n); filled {
			out = append(out, it)
		}
	}
	return out
}

// files are the files of a field with links to them.
func (s *sight) files(name string) []webui.DescriptionItem {
	c, ok := s.o.Sheet().Cell(name)
	list, _ := c.Value.([]record.ID)
	if !ok || len(list) == 0 {
		return nil
	}
	var links []webui.Link
	for _, f := range s.o.Sheet().Files {
		for _, id := range list {
			if f.ID == id {
				links = append(links, webui.Link{Label: f.Name, Href: s.o.Path() + "/files/" + id.String()})
			}
		}
	}
	return []webui.DescriptionItem{{Label: web.FieldLabel(s.ctx, s.o.Sheet().Type, c.Field), Content: fileList(links), Wide: true}}
}

// actions are the buttons of the actions the record offers the reader.
func (s *sight) actions(names ...string) []webui.LinkButtonView {
	var out []webui.LinkButtonView
	for _, n := range names {
		if b := s.o.Action(n); b != nil {
			out = append(out, *b)
		}
	}
	return out
}

func (s *sight) id2(name string) record.ID {
	c, _ := s.o.Sheet().Cell(name)
	id, _ := c.Value.(record.ID)
	return id
}

func (s *sight) text(name string) string { return textOf(s.o.Sheet().View, name) }

func textOf(v mask.View, name string) string {
	c, _ := v.Cell(name)
	return c.Text
}

// when is an instant of the record in words; "" where there is none.
func (s *sight) when(name string) string {
	c, _ := s.o.Sheet().Cell(name)
	switch v := c.Value.(type) {
	case time.Time:
		if !v.IsZero() {
			return i18n.DateTime(s.ctx, v)
		}
	case *time.Time:
		if v != nil {
			return i18n.DateTime(s.ctx, *v)
		}
	}
	return ""
}

// mine reports whether the reader is the person concerned.
func (s *sight) mine() bool {
	id := s.id2("person_id")
	return id != 0 && id == web.Actor(s.ctx).UserID
}

// article is the card that names the regulation, the article and the version with its text.
func (s *sight) article(version record.ID, clause string) cardView {
	card := cardView{ID: "article", Title: s.t("breachpages.article"), Icon: "book-2"}
	if s.err != nil {
		return card
	}
	var a articleOf
	if a, s.err = s.cite(version, clause); s.err != nil {
		return card
	}
	card.Items = []webui.DescriptionItem{
		{Label: s.t("regulation"), Value: a.title, Href: a.regulation}, {Label: s.t("breachpages.printed"), Value: a.printed, Href: a.href},
		{Label: s.t("regulation_version"), Value: a.version, Href: a.versionHref},
	}
	if a.body != "" {
		card.Items = append(card.Items, webui.DescriptionItem{Label: s.t("breachpages.text"), Value: a.body, Wide: true})
	}
	return card
}

// articleOf is a clause in the reader's words with the ways to it.
type articleOf struct{ title, printed, version, body, regulation, href, versionHref string }

func (s *sight) cite(version record.ID, clause string) (articleOf, error) {
	c, no, err := s.p.Engine.CitationOf(s.ctx, version, clause)
	if err != nil {
		return articleOf{}, err
	}
	out := articleOf{title: s.inLang(c.Title), printed: c.Printed, body: s.inLang(c.Body)}
	if c.Regulation != "" {
		v := "?v=" + strconv.FormatInt(no, 10)
		out.version, out.regulation = "V"+strconv.FormatInt(no, 10), "/read/"+c.Regulation
		out.href, out.versionHref = "/read/"+c.Regulation+"/"+clause+v, "/read/"+c.Regulation+v
	}
	return out, nil
}

// way makes steps of a list: those before the present one are done.
func way(at int, labels ...webui.StepView) []webui.StepView {
	for i := range labels {
		switch {
		case i < at:
			labels[i].State = "done"
		case i == at:
			labels[i].State = "current"
		}
	}
	return labels
}
