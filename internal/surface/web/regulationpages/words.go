package regulationpages

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// posts are the titles of posts by key.
func (p *Pages) posts(ctx context.Context) (map[string]string, error) {
	out := map[string]string{"owner": i18n.T(ctx, "head.owner_id")}
	list, err := p.Records.List(ctx, web.Actor(ctx), "post", record.Query{Limit: 200})
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, v := range list.Views {
		if c, ok := v.Cell("key"); ok {
			out[c.Text] = v.Title
		}
	}
	return out, nil
}

// wording puts one control into words.
type wording struct {
	ctx   context.Context
	reg   *record.Registry
	posts map[string]string
	items []webui.DescriptionItem
}

// bindingWords says what a binding does. One that cannot be read shows its fault and its source.
func (p *Pages) bindingWords(ctx context.Context, b *regulation.Binding, posts map[string]string) bindingView {
	v := bindingView{Control: i18n.T(ctx, "binding.control."+b.Control), Source: strings.TrimSpace(b.Spec)}
	spec, err := control.ParseText(b.ClauseKey, control.Kind(b.Control), b.Spec)
	if err != nil {
		v.Fault = err.Error()
		return v
	}
	w := &wording{ctx: ctx, reg: p.Engine.Types, posts: posts}
	switch spec.Kind {
	case control.Guard:
		w.guard(spec)
	case control.Deadline:
		w.deadline(spec)
	case control.Detector:
		w.detector(spec)
	case control.Acknowledge:
		w.acknowledge(spec)
	case control.Duty:
		w.duty(spec)
	case control.Register:
		w.register(spec)
	case control.Workflow:
		w.workflow(spec)
	case control.Metric:
		w.metric(spec)
	case control.Attest:
		w.attest(spec)
	}
	v.Items = w.items
	return v
}

func (w *wording) add(key, value string) {
	if value != "" {
		w.items = append(w.items, webui.DescriptionItem{Label: i18n.T(w.ctx, "version.words."+key), Value: value, Wide: true})
	}
}

// rule shows a condition as it is written.
func (w *wording) rule(key, src string) {
	if src != "" {
		w.items = append(w.items, webui.DescriptionItem{Label: i18n.T(w.ctx, "version.words."+key), Content: code(src), Wide: true})
	}
}

func (w *wording) guard(s *control.Spec) {
	w.add("guards", w.events(s.On))
	w.rule("if", s.If)
	w.rule("refuse_if", s.RefuseIf)
	if s.ByAccess {
		w.add("by_access", i18n.T(w.ctx, "version.words.permissions"))
	}
	w.add("says", s.Say.In(string(i18n.LangOf(w.ctx))))
	w.add("except", w.holders(s.Except))
	w.add("except_for", spanWords(w.ctx, s.ExceptFor))
}

func (w *wording) deadline(s *control.Spec) {
	w.add("start", w.events(s.Start))
	w.rule("if", s.If)
	w.add("within", spanWords(w.ctx, s.Within))
	w.rule("until", s.Until)
	w.add("stop", w.events(s.Stop))
	w.rule("stop_if", s.StopIf)
	w.add("cancel", w.events(s.Cancel))
	w.add("pause", w.states(s))
	w.add("warn", i18n.T(w.ctx, "version.words.percent", "n", s.WarnAt))
	w.add("escalate", w.holders(s.Escalate))
}

func (w *wording) detector(s *control.Spec) {
	w.add("watches", w.events(s.On))
	if t := w.reg.Type(s.Scan); s.Scan != "" && t != nil {
		w.add("scans", web.PluralLabel(w.ctx, t))
	}
	w.rule("if", s.If)
	w.rule("breach_if", s.BreachIf)
	w.add("ladder", s.Ladder)
	w.add("measure", s.Measure)
	w.rule("who", s.Who)
	w.add("says", s.Say.In(string(i18n.LangOf(w.ctx))))
}

func (w *wording) acknowledge(s *control.Spec) {
	who := w.holders(s.Posts)
	if who == "" {
		who = i18n.T(w.ctx, "version.words.everybody")
	}
	w.add("signs", who)
	w.add("sign_within", spanWords(w.ctx, s.SignWithin))
	w.add("renew", spanWords(w.ctx, s.Renew))
	var closed []string
	for _, name := range s.UntilSigned {
		if t := w.reg.Type(name); t != nil {
			closed = append(closed, web.PluralLabel(w.ctx, t))
		}
	}
	w.add("closed", w.join(closed))
}

func (w *wording) join(list []string) string {
	return strings.Join(list, i18n.T(w.ctx, "version.comma"))
}

// events are "case.close" in words: 案件：办结.
func (w *wording) events(list control.Events) string {
	out := make([]string, len(list))
	for i, e := range list {
		typ, act, _ := strings.Cut(e, ".")
		out[i] = e
		if t := w.reg.Type(typ); t != nil {
			out[i] = web.TypeLabel(w.ctx, t) + i18n.T(w.ctx, "version.colon") + web.ActionLabel(w.ctx, t, act)
		}
	}
	return w.join(out)
}

func (w *wording) holders(keys []string) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k
		if w.posts[k] != "" {
			out[i] = w.posts[k]
		}
	}
	return w.join(out)
}

// states are the states in which a clock stands still, in the words of the type it runs on.
func (w *wording) states(s *control.Spec) string {
	if len(s.PauseIn) == 0 || len(s.Start) == 0 {
		return ""
	}
	typ, _, _ := strings.Cut(s.Start[0], ".")
	t := w.reg.Type(typ)
	out := make([]string, len(s.PauseIn))
	for i, state := range s.PauseIn {
		out[i] = state
		if t != nil && t.State() != nil {
			out[i] = web.OptionLabel(w.ctx, t, t.State(), state)
		}
	}
	return w.join(out)
}

// spanWords is "4h work" in words: 4 小时（工作时间）.
func spanWords(ctx context.Context, text string) string {
	if text == "" {
		return ""
	}
	s, err := control.ParseSpan(text)
	if err != nil {
		return text
	}
	work := ""
	if s.Work {
		work = "_work"
	}
	switch {
	case s.Days > 0:
		return i18n.T(ctx, "version.span.day"+work, "n", s.Days)
	case s.Duration%time.Hour == 0:
		return i18n.T(ctx, "version.span.hour"+work, "n", int(s.Duration/time.Hour))
	case s.Duration%time.Minute == 0:
		return i18n.T(ctx, "version.span.minute"+work, "n", int(s.Duration/time.Minute))
	}
	return fmt.Sprint(s.Duration)
}
