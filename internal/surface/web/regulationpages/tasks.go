package regulationpages

import (
	"fmt"
	"strings"

	"dianke/internal/engine/regulation/control"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
)

// duty says who has to do what, how often and until when.
func (w *wording) duty(s *control.Spec) {
	w.add("task", s.Title.In(string(i18n.LangOf(w.ctx))))
	w.add("whose", w.holders(s.For))
	w.add("every", s.Every)
	w.add("of", w.plural(s.Of))
	w.rule("if", s.If)
	w.rule("every_by", s.EveryBy)
	w.rule("since", s.Since)
	w.add("within", spanWords(w.ctx, s.Time))
	w.add("grace", spanWords(w.ctx, s.Grace))
	w.add("done_by", w.events(s.DoneBy))
	w.rule("done_if", s.DoneIf)
	w.add("escalate", w.holders(s.Escalate))
}

func (w *wording) plural(typ string) string {
	if t := w.reg.Type(typ); t != nil {
		return web.PluralLabel(w.ctx, t)
	}
	return typ
}

func (w *wording) register(s *control.Spec) {
	w.add("ledger", w.plural(s.Of))
	w.add("on", w.events(s.On))
	w.rule("if", s.If)
	w.rule("complete_if", s.Complete)
}

func (w *wording) workflow(s *control.Spec) {
	w.add("of", w.plural(s.Of))
	w.rule("if", s.If)
	for i, step := range s.Steps {
		text := w.events(step.On)
		if by := w.holders(step.By); by != "" {
			text += " · " + by
		}
		w.add("step", fmt.Sprintf("%d. %s", i+1, text))
	}
	w.add("end", w.events(s.End))
}

func (w *wording) metric(s *control.Spec) {
	if s.Figure != "" {
		w.add("figure", i18n.T(w.ctx, "figure."+s.Figure))
	}
	w.add("of", w.plural(s.Of))
	w.rule("if", s.If)
	w.rule("good_if", s.GoodIf)
	w.rule("value", s.Value)
	w.add("at_least", s.AtLeast)
	w.add("at_most", s.AtMost)
	w.add("per", i18n.T(w.ctx, "version.words.per."+s.Per)+" · "+i18n.T(w.ctx, "version.words.for."+s.Whose))
}

func (w *wording) attest(s *control.Spec) {
	w.add("task", s.Title.In(string(i18n.LangOf(w.ctx))))
	w.add("whose", w.holders(s.For))
	w.add("every", s.Every)
	w.add("on", w.events(s.On))
	if s.Sample > 0 {
		w.add("sample", i18n.T(w.ctx, "version.words.sample.of", "n", s.Sample, "type", w.plural(s.Of)))
	}
	w.rule("if", s.If)
	var items []string
	for i, item := range s.Checklist {
		items = append(items, fmt.Sprintf("%d. %s", i+1, web.InLang(w.ctx, item.ZH, item.EN)))
	}
	w.add("checklist", strings.Join(items, "  "))
	w.add("within", spanWords(w.ctx, s.Time))
	w.add("weak", i18n.T(w.ctx, "version.words.weaker"))
}
