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
			out[i] = Citation{Regulation: inLang(ctx, c.Title), Number: numberOf(c), Text: inLang(ctx, c.Body), Say: inLang(ctx, c.Say)}
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

// inLang picks the reader's words out of Chinese and English; Chinese where there are no English ones.
func inLang(ctx context.Context, texts [2]string) string {
	if i18n.LangOf(ctx) == i18n.EN && texts[1] != "" {
		return texts[1]
	}
	return texts[0]
}

func refusals(list []Citation) []webui.RefusalView {
	out := make([]webui.RefusalView, len(list))
	for i, c := range list {
		out[i] = webui.RefusalView{Regulation: c.Regulation, Article: c.Number, Text: c.Text, Href: c.Href, ExceptionHref: c.ExceptionHref}
	}
	return out
}
