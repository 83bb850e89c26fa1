package web

import (
	"context"
	"errors"
	"fmt"

	"dianke/internal/engine/regulation"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

// Citation is an article that stands against an action, in the reader's language. Say is the sentence the regulation
// gives for the case; ExceptionHref is empty where the article allows no exception.
type Citation struct {
	Regulation, Number, Text, Say string
	Href, ExceptionHref           string
}

// RegulationCitations reads the articles out of a refusal of the regulation engine, for [Deps]. Links leads to the clause
// in the reader and to the request for an exception; where an address is empty there is no link.
func RegulationCitations(links func(c regulation.Citation) (clause, exception string)) func(context.Context, error) []Citation {
	return func(ctx context.Context, err error) []Citation {
		var refused *regulation.Refusal
		if !errors.As(err, &refused) {
			return nil
		}
		out := make([]Citation, len(refused.Citations))
		for i, c := range refused.Citations {
			out[i] = Citation{Regulation: InLang(ctx, c.Title[0], c.Title[1]), Number: numberOf(c), Text: InLang(ctx, c.Body[0], c.Body[1]), Say: InLang(ctx, c.Say[0], c.Say[1])}
			clause, exception := links(c)
			out[i].Href = clause
			if c.Exception {
				out[i].ExceptionHref = exception
			}
		}
		return out
	}
}

// numberOf is the article with the version it stands in.
func numberOf(c regulation.Citation) string {
	if c.No == 0 {
		return c.Printed
	}
	return fmt.Sprintf("%s (V%d)", c.Printed, c.No)
}

// InLang picks the reader's words out of Chinese and English; Chinese where there are no English ones.
func InLang(ctx context.Context, zh, en string) string {
	if i18n.LangOf(ctx) == i18n.EN && en != "" {
		return en
	}
	return zh
}

func refusals(list []Citation) []webui.RefusalView {
	out := make([]webui.RefusalView, len(list))
	for i, c := range list {
		out[i] = webui.RefusalView{Regulation: c.Regulation, Article: c.Number, Text: c.Text, Href: c.Href, ExceptionHref: c.ExceptionHref}
	}
	return out
}
