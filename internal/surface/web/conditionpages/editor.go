package conditionpages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/condition"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// rows is how many comparisons the editor takes; two are offered at first, then one more than were filled in or as many
// as were asked for.
const rows = 8

// offered is how many lines the editor shows.
func (d *draft) offered() int {
	n := 2
	for i := range rows {
		if d.q.Get(fmt.Sprintf("what-%d", i)) != "" {
			n = max(n, i+2)
		}
	}
	if asked, err := strconv.Atoi(d.q.Get("lines")); err == nil {
		n = max(n, asked)
	}
	return min(n, rows)
}

// rowView is one line of the editor.
type rowView struct {
	Operand, Op, Value webui.FieldView
}

// trialView is what the condition would have done.
type trialView struct {
	Sentence string
	Examples []webui.Link
	Note     string
}

type editorView struct {
	Text, Action, Back string
	Event              webui.FieldView
	Chosen             bool // an event is chosen
	Rows               []rowView
	More               string // how many lines the next press of the button shows; empty where there are all
	Join, Kind         webui.FieldView
	SayZH, SayEN       webui.FieldView
	Condition          string
	Spec               string
	Trial              *trialView
	Next               string
	Error              string
}

// draft is what the address holds.
type draft struct {
	q     url.Values
	typ   *record.Type
	act   *record.Action
	known []condition.Operand
	tests []condition.Test
	at    []int // line of each test
}

func (p *Pages) editor(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.may(ctx); err != nil {
		return err
	}
	read, err := p.Engine.Read(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	c := read.Clause(r.PathValue("clause"))
	if c == nil {
		return errs.New(errs.NotFound, "record.not_found")
	}
	d := p.read(ctx, r.URL.Query())
	href := "/read/" + read.Regulation.Key + "/" + c.Key
	v := editorView{Text: web.InLang(ctx, c.Body, c.BodyEn), Action: href + "/condition", Back: href, Event: p.eventField(ctx, d), Chosen: d.act != nil}
	status := http.StatusOK
	if d.act != nil {
		p.fields(ctx, d, &v)
		if len(d.tests) > 0 {
			if err := p.answer(ctx, read, c, d, &v); err != nil {
				return err
			}
		}
		if v.Error != "" {
			status = http.StatusUnprocessableEntity
		}
	}
	return p.server.Page(w, r, web.View{
		Title: i18n.T(ctx, "condition.title"), Subtitle: strings.TrimSpace(c.Printed + " " + web.InLang(ctx, c.Heading, c.HeadingEn)), Status: status,
		Crumbs: []webui.Link{
			{Label: i18n.T(ctx, "library.title"), Href: "/library"},
			{Label: web.InLang(ctx, read.Regulation.Title, read.Regulation.TitleEn), Href: "/read/" + read.Regulation.Key}, {Label: c.Key, Href: href},
		},
	}, editorPage(v))
}

// may asks for the permission to write bindings: whoever may not needs no editor.
func (p *Pages) may(ctx context.Context) error {
	rec := p.server.Records()
	ok, err := db.View(ctx, rec.DB, func(tx *db.Tx) (bool, error) { return rec.Can(ctx, tx, web.Actor(ctx), "binding", record.Create), nil })
	if err == nil && !ok {
		err = errs.New(errs.Forbidden, "access.denied").With("type", "binding").With("action", record.Create)
	}
	return err
}

// read reads the address; what it does not know it leaves out.
func (p *Pages) read(ctx context.Context, q url.Values) *draft {
	d := &draft{q: q}
	typ, act, _ := strings.Cut(q.Get("event"), ".")
	if d.typ = p.Engine.Types.Type(typ); d.typ == nil || d.typ.Action(act) == nil {
		d.typ = nil
		return d
	}
	d.act, d.known = d.typ.Action(act), condition.Operands(d.typ, p.Engine.Compiler.Facts())
	for i := range rows {
		key := q.Get(fmt.Sprintf("what-%d", i))
		at := slices.IndexFunc(d.known, func(o condition.Operand) bool { return o.Key == key })
		if at >= 0 {
			value := d.stored(ctx, d.known[at], q.Get(fmt.Sprintf("value-%d", i)))
			d.tests = append(d.tests, condition.Test{Operand: d.known[at], Op: condition.Op(q.Get(fmt.Sprintf("op-%d", i))), Value: value})
			d.at = append(d.at, i)
		}
	}
	return d
}

// stored is the value as it is stored, where a choice was typed in the reader's words.
func (d *draft) stored(ctx context.Context, o condition.Operand, typed string) string {
	if o.Field == nil {
		return typed
	}
	for _, e := range o.Field.Options.Enum {
		if web.OptionLabel(ctx, d.typ, o.Field, e) == strings.TrimSpace(typed) {
			return e
		}
	}
	return typed
}

// chosen is what the address says, or what is meant where it says nothing.
func (d *draft) chosen(name, meant string) string {
	if v := d.q.Get(name); v != "" {
		return v
	}
	return meant
}

// eventField offers every action of every type that people work with.
func (p *Pages) eventField(ctx context.Context, d *draft) webui.FieldView {
	f := webui.FieldView{Name: "event", Label: i18n.T(ctx, "condition.event"), Hint: i18n.T(ctx, "condition.event.hint"), Value: d.q.Get("event"), Required: true, Wide: true}
	for _, t := range p.Engine.Types.Types() {
		for _, a := range t.Actions {
			if a.Name == record.Export || a.Name == record.Comment {
				continue
			}
			f.Options = append(f.Options, webui.Option{Value: t.Name + "." + a.Name, Label: web.TypeLabel(ctx, t) + " · " + web.ActionLabel(ctx, t, a.Name)})
		}
	}
	slices.SortFunc(f.Options, func(a, b webui.Option) int { return strings.Compare(a.Label, b.Label) })
	return f
}

// fields fill the lines with what was chosen.
func (p *Pages) fields(ctx context.Context, d *draft, v *editorView) {
	var what, ops []webui.Option
	for _, o := range d.known {
		what = append(what, webui.Option{Value: o.Key, Label: p.operandLabel(ctx, d.typ, o)})
	}
	for _, op := range []condition.Op{
		condition.Is, condition.IsNot, condition.Contains, condition.Lacks, condition.Above, condition.Below, condition.Empty, condition.Filled,
		condition.Older, condition.Within, condition.Yes, condition.No, condition.Mine, condition.NotMine,
	} {
		ops = append(ops, webui.Option{Value: string(op), Label: i18n.T(ctx, "condition.op."+string(op))})
	}
	none := webui.Option{Label: i18n.T(ctx, "condition.choose")}
	n := d.offered()
	if n < rows {
		v.More = strconv.Itoa(n + 1)
	}
	for i := range n {
		name := func(part string) string { return fmt.Sprintf("%s-%d", part, i) }
		v.Rows = append(v.Rows, rowView{
			Operand: webui.FieldView{Name: name("what"), Label: i18n.T(ctx, "condition.what"), Value: d.q.Get(name("what")), Options: append([]webui.Option{none}, what...)},
			Op:      webui.FieldView{Name: name("op"), Label: i18n.T(ctx, "condition.compare"), Value: d.q.Get(name("op")), Options: ops},
			Value:   webui.FieldView{Name: name("value"), Label: i18n.T(ctx, "condition.value"), Value: d.q.Get(name("value")), MaxLength: 200},
		})
	}
	v.Join = webui.FieldView{Name: "join", Label: i18n.T(ctx, "condition.join"), Value: d.chosen("join", "all"), Options: []webui.Option{
		{Value: "all", Label: i18n.T(ctx, "condition.join.all")}, {Value: "any", Label: i18n.T(ctx, "condition.join.any")},
	}}
	v.Kind = webui.FieldView{Name: "kind", Label: i18n.T(ctx, "condition.kind"), Value: d.chosen("kind", "guard"), Options: []webui.Option{
		{Value: "guard", Label: i18n.T(ctx, "condition.kind.guard")}, {Value: "detector", Label: i18n.T(ctx, "condition.kind.detector")},
	}}
	v.SayZH = webui.FieldView{Name: "say_zh", Label: i18n.T(ctx, "condition.say_zh"), Hint: i18n.T(ctx, "condition.say.hint"), Value: d.q.Get("say_zh"), MaxLength: 300, Wide: true}
	v.SayEN = webui.FieldView{Name: "say_en", Label: i18n.T(ctx, "condition.say_en"), Value: d.q.Get("say_en"), MaxLength: 300, Wide: true}
}

func (p *Pages) operandLabel(ctx context.Context, t *record.Type, o condition.Operand) string {
	if o.Fact != nil {
		return i18n.T(ctx, o.Fact.Doc)
	}
	label := web.FieldLabel(ctx, t, o.Field)
	if len(o.Field.Options.Enum) > 0 {
		var values []string
		for _, e := range o.Field.Options.Enum {
			values = append(values, web.OptionLabel(ctx, t, o.Field, e))
		}
		if all := strings.Join(values, i18n.T(ctx, "version.comma")); len([]rune(all)) < 60 {
			return label + "（" + all + "）"
		}
	}
	return label
}

// answer shows the condition, the control it makes and, where asked, the trial.
func (p *Pages) answer(ctx context.Context, read *regulation.Reading, c *regulation.Clause, d *draft, v *editorView) error {
	text, err := condition.Write(d.tests, d.q.Get("join") == "any")
	if err != nil {
		mark(ctx, d, err, v)
		return nil
	}
	v.Condition = text
	if v.Spec, err = spec(d, text); err != nil {
		return err
	}
	kind := d.q.Get("kind")
	if kind != "detector" {
		kind = "guard"
	}
	v.Next = "/read/" + read.Regulation.Key + "/" + c.Key + "/bindings/new?" + url.Values{
		"v": {fmt.Sprint(read.Version.VersionNo)}, "control": {kind}, "spec": {v.Spec},
	}.Encode()
	if d.q.Get("try") == "" {
		return nil
	}
	since := p.Clock.Now().AddDate(0, -1, 0)
	trial, err := p.lab.Try(ctx, web.Actor(ctx), d.typ.Name+"."+d.act.Name, text, since)
	var issue *rule.Issue
	if errors.As(err, &issue) {
		v.Error = issue.Error()
		return nil
	}
	if errs.Is(err, errs.Forbidden) {
		v.Error = webui.ErrorViewOf(ctx, err).Sentence
		return nil
	}
	if err != nil {
		return err
	}
	v.Trial = trialOf(ctx, d, kind, trial)
	return nil
}

// mark puts the faults beside their fields.
func mark(ctx context.Context, d *draft, err error, v *editorView) {
	v.Error = i18n.T(ctx, "condition.mistakes")
	said := webui.FieldErrors(ctx, err)
	for n, line := range d.at {
		v.Rows[line].Op.Error = said[fmt.Sprintf("op-%d", n)]
		v.Rows[line].Value.Error = said[fmt.Sprintf("value-%d", n)]
	}
}

func trialOf(ctx context.Context, d *draft, kind string, t *condition.Trial) *trialView {
	v := &trialView{Sentence: i18n.T(ctx, "condition.trial."+kind, "hit", t.Hit, "seen", t.Seen)}
	if t.Unclear > 0 {
		v.Note = i18n.T(ctx, "condition.unclear", "n", t.Unclear)
	}
	if t.Capped {
		v.Note = strings.TrimSpace(v.Note + " " + i18n.T(ctx, "condition.capped"))
	}
	for _, id := range t.Examples {
		v.Examples = append(v.Examples, webui.Link{Label: id.String(), Href: "/" + d.typ.Plural + "/" + id.String()})
	}
	return v
}

// spec writes the control as it will be stored.
func spec(d *draft, text string) (string, error) {
	type said struct {
		ZH string `yaml:"zh"`
		EN string `yaml:"en"`
	}
	event, say := d.typ.Name+"."+d.act.Name, said{d.q.Get("say_zh"), d.q.Get("say_en")}
	var out any = struct {
		On       string `yaml:"on"`
		RefuseIf string `yaml:"refuse_if"`
		Say      said   `yaml:"say"`
	}{event, text, say}
	if d.q.Get("kind") == "detector" {
		out = struct {
			Watch    string `yaml:"watch"`
			BreachIf string `yaml:"breach_if"`
		}{event, text}
	}
	b, err := yaml.Marshal(out)
	return string(b), err
}
