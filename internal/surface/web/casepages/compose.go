package casepages

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// The ways to write in a case.
const (
	modeAnswer  = "answer"
	modeReply   = "reply"
	modeContact = "contact"
	modeNote    = "note"
)

// mode is one way: the action behind it, the input that takes the text, the prepared texts that fit.
type mode struct {
	Name, Action, Text, Icon string
	Macros                   []string
}

func modes() []mode {
	return []mode{
		{modeAnswer, "answer", "text", "message-check", []string{"answer", "holding"}},
		{modeReply, "reply", "body", "mail-forward", []string{"reply", "answer"}},
		{modeContact, "note_contact", "summary", "phone", []string{"arrangement", "holding"}},
		{modeNote, "", "text", "note", []string{"note"}},
	}
}

// typed is what somebody wrote.
type typed struct {
	Mode, Body, Subject, Channel, Result string
	Macro, Recipient                     string
	Deliver, Sent                        bool // Sent: the form came back, so that what is not ticked was unticked
}

func readTyped(r *http.Request) typed {
	return typed{
		Mode: r.PostFormValue("mode"), Body: strings.ReplaceAll(r.PostFormValue("body"), "\r\n", "\n"), Subject: r.PostFormValue("subject"),
		Channel: r.PostFormValue("channel"), Result: r.PostFormValue("result"), Macro: r.PostFormValue("macro"),
		Recipient: r.PostFormValue("recipient"), Deliver: r.PostFormValue("deliver") != "", Sent: r.PostFormValue("mode") != "",
	}
}

// composeView writes in the case.
type composeView struct {
	Action, MacroAction string
	Modes               []webui.TabView
	Mode                string
	DraftKey, Forget    string // the draft of what is here; the draft that is part of it now
	Hidden              []webui.Option
	Subject             *webui.FieldView
	Deliver, Recipient  *webui.FieldView // sending by mail; nil where the way knows no mail
	Doubt               string           // why the address may be wrong
	Choices             []webui.FieldView
	Body                webui.FieldView
	Macros              webui.FieldView
	Missing             string
	Submit              string
	Next                bool // offers to go on with the next case
	Full                webui.LinkButtonView
	Poll                string
	Error               string
	Refused             *webui.ErrorView
}

// offered are the ways open to the reader in this state.
func (d *desk) offered() ([]mode, error) {
	may, err := d.p.may(d.ctx, "case_note", record.Create)
	if err != nil {
		return nil, err
	}
	var out []mode
	for _, m := range modes() {
		if m.Action != "" && d.offers(m.Action) || m.Name == modeNote && (may[record.Create] && !casework.Frozen(d.sheet.State) || d.sheet.MayAlso[record.Comment]) {
			out = append(out, m)
		}
	}
	return out, nil
}

// usual is the way that opens by itself: to the customer while he waits, a letter where he complained.
func (d *desk) usual(list []mode) mode {
	want := []string{modeAnswer, modeReply, modeContact, modeNote}
	if textIn(d.sheet.View, "kind") == "complaint" {
		want = []string{modeReply, modeAnswer, modeContact, modeNote}
	}
	if d.sheet.State == casework.Answered || d.sheet.State == casework.Informed {
		want = []string{modeContact, modeNote, modeAnswer, modeReply}
	}
	slices.SortStableFunc(list, func(a, b mode) int { return cmp.Compare(slices.Index(want, a.Name), slices.Index(want, b.Name)) })
	return list[0]
}

// composer builds the form with what was typed, a prepared text put in, or what is wrong with it.
func (d *desk) composer(r *http.Request, in typed, s showing) (*composeView, error) {
	list, err := d.offered()
	if err != nil || len(list) == 0 {
		return nil, err
	}
	i := slices.IndexFunc(list, func(m mode) bool { return m.Name == in.Mode })
	var m mode
	if i >= 0 {
		m = list[i]
	} else {
		m = d.usual(slices.Clone(list))
	}
	in.Mode = m.Name
	id := d.sheet.Record.ID.String()
	v := &composeView{
		Action: "/desk/" + id + "/say", MacroAction: "/desk/" + id + "/macro", Mode: m.Name, DraftKey: "desk-" + id + "-" + m.Name, Next: true,
		Poll: "/desk/" + id + "/presence?doing=" + string(casework.Replying), Submit: i18n.T(d.ctx, "desk.send."+m.Name),
	}
	for _, o := range list {
		v.Modes = append(v.Modes, webui.TabView{
			Label: i18n.T(d.ctx, "desk.mode."+o.Name), Icon: o.Icon, Active: o.Name == m.Name,
			Href: address("/desk/"+id, "tab", tabParam(d.tab), "mode", o.Name) + "#say",
		})
	}
	if err := d.prepared(v, m, &in, s.macro); err != nil {
		return nil, err
	}
	v.Hidden = []webui.Option{{Value: "mode", Label: m.Name}, {Value: "tab", Label: tabParam(d.tab)}, {Value: "draft", Label: v.DraftKey}}
	if m.Action != "" {
		v.Hidden = append(v.Hidden, webui.Option{Value: "version", Label: strconv.FormatInt(d.sheet.Record.LockVersion, 10)})
		v.Full = webui.LinkButtonView{Label: i18n.T(d.ctx, "desk.full_form"), Icon: "adjustments", Weight: webui.Ghost, Href: address(d.record()+"/do/"+m.Action, "return", d.here()), Attrs: map[string]any{"data-dialog-load": true}}
	}
	d.controls(v, m, in)
	d.wrong(r, v, m, s.fault)
	return v, nil
}

// controls are the fields of a way.
func (d *desk) controls(v *composeView, m mode, in typed) {
	v.Body = webui.FieldView{
		Name: "body", ID: "say-body", Label: i18n.T(d.ctx, "desk.body."+m.Name), HideLabel: true, Placeholder: i18n.T(d.ctx, "desk.body."+m.Name), Value: in.Body,
		Required: m.Name != modeContact, Rows: 5, MaxLength: 8000, Attrs: map[string]any{"data-key": "r"},
	}
	if m.Name == modeReply {
		v.Subject = &webui.FieldView{Name: "subject", ID: "say-subject", Label: i18n.T(d.ctx, "desk.subject"), Value: cmp.Or(in.Subject, i18n.T(d.ctx, "desk.subject.of", "subject", d.sheet.Title)), MaxLength: 200}
	}
	if m.Action == "" {
		return
	}
	a := d.sheet.Type.Action(m.Action)
	for _, f := range a.Input {
		if f.Name == "channel" || f.Name == "result" {
			given := map[string]string{"channel": in.Channel, "result": in.Result}[f.Name]
			if given == "" && m.Name == modeReply && f.Name == "channel" && d.cameByMail() {
				given = "mail"
			}
			v.Choices = append(v.Choices, d.choice(a, f, cmp.Or(given, f.Default)))
		}
	}
	if m.Name == modeReply {
		d.delivery(v, in)
	}
}

// cameByMail reports whether the customer wrote by mail, so that he is answered by mail.
func (d *desk) cameByMail() bool {
	return textIn(d.sheet.View, "channel") == "mail"
}

// delivery offers to send the reply by mail, and says where the address is known to be in doubt.
func (d *desk) delivery(v *composeView, in typed) {
	tick := in.Deliver || !in.Sent && d.cameByMail()
	v.Deliver = &webui.FieldView{Name: "deliver", ID: "say-deliver", Label: i18n.T(d.ctx, "case_reply.deliver"), Hint: i18n.T(d.ctx, "case_reply.deliver.hint"), Value: map[bool]string{true: "true"}[tick]}
	v.Recipient = &webui.FieldView{
		Name: "recipient", ID: "say-recipient", Label: i18n.T(d.ctx, "case_reply.recipient"), Hint: i18n.T(d.ctx, "case_reply.recipient.hint"), Value: in.Recipient, MaxLength: 200,
	}
	if c, ok := d.sheet.Cell("contact_mail"); ok && c.Text != "" {
		v.Recipient.Placeholder = c.Text // masked for who sees it masked
	}
	v.Doubt = d.doubt()
}

func (d *desk) choice(a *record.Action, f *record.Field, value string) webui.FieldView {
	v := webui.FieldView{Name: f.Name, ID: "say-" + f.Name, Label: i18n.T(d.ctx, "desk.choice."+f.Name), Value: value, Required: f.Required}
	for _, o := range f.Options.Enum {
		v.Options = append(v.Options, webui.Option{Value: o, Label: contactOption(d, a, f, o)})
	}
	return v
}

// contactOption words an option by the action, by the case, or as contacts call it.
func contactOption(d *desk, a *record.Action, f *record.Field, value string) string {
	if label := web.InputOption(d.ctx, d.sheet.Type, a, f, value); label != value {
		return label
	}
	t := d.p.typeOf("case_contact")
	return web.OptionLabel(d.ctx, t, t.Field(f.Name), value)
}

// wrong says what is wrong with what was sent, and which article stands against it.
func (d *desk) wrong(r *http.Request, v *composeView, m mode, fault error) {
	if fault == nil {
		return
	}
	said := d.p.server.ErrorView(r, web.WordedFor(d.ctx, d.sheet.Type, fault))
	if len(said.Refusals) > 0 {
		v.Refused = &said
		return
	}
	for name, sentence := range webui.FieldErrors(d.ctx, web.WordedFor(d.ctx, d.sheet.Type, fault)) {
		switch {
		case name == m.Text || name == "text" || name == "body":
			v.Body.Error = sentence
		case name == "subject" && v.Subject != nil:
			v.Subject.Error = sentence
		case name == "recipient" && v.Recipient != nil:
			v.Recipient.Error = sentence
		default:
			said.Sentence = sentence
		}
	}
	if errs.Is(fault, errs.Stale) {
		said.Sentence = i18n.T(d.ctx, "desk.stale")
	}
	if v.Body.Error == "" && (v.Recipient == nil || v.Recipient.Error == "") {
		v.Error = said.Sentence
	}
}

// prepared offers the macros of a way, those for the category first, and puts the chosen one into the text.
func (d *desk) prepared(v *composeView, m mode, in *typed, chosen string) error {
	list, err := d.macros(m)
	if err != nil {
		return err
	}
	v.Macros = webui.FieldView{Name: "macro", ID: "say-macro", Label: i18n.T(d.ctx, "desk.macro"), HideLabel: true, Value: chosen}
	for _, o := range list {
		v.Macros.Options = append(v.Macros.Options, webui.Option{Value: o.ID, Label: o.Title})
		if o.ID != chosen {
			continue
		}
		text, missing := casework.Expand(o.Body, d.macroValues())
		if in.Body = strings.TrimSpace(in.Body); in.Body != "" {
			in.Body += "\n\n"
		}
		in.Body += text
		v.Missing = i18n.Listed(d.ctx, missing)
		v.Forget, v.DraftKey = v.DraftKey, v.DraftKey+"-"+o.ID
	}
	return nil
}

// macroView is a prepared text the reader may use.
type macroView struct{ ID, Title, Body, Href string }

func (d *desk) macros(m mode) ([]macroView, error) {
	cat := idIn(d.sheet.View, "category_id")
	filter := record.All(record.Where("active", true), record.Filter{Field: "kind", Op: field.In, Value: anys(m.Macros)})
	list, err := d.p.Records.List(d.ctx, web.Actor(d.ctx), "case_macro", record.Query{Filter: filter, Sort: "title", Limit: 100})
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var own, general []macroView
	for _, v := range list.Views {
		id := v.Record.ID.String()
		o := macroView{ID: id, Title: v.Title, Body: textIn(v, "body"), Href: address("/desk/"+d.sheet.Record.ID.String(), "tab", tabParam(d.tab), "mode", m.Name, "macro", id) + "#say"}
		switch idIn(v, "category_id") {
		case 0:
			general = append(general, o)
		case cat:
			own = append(own, o)
		}
	}
	return append(own, general...), nil
}

// macroValues are what a prepared text may name; what the reader sees masked stays a placeholder.
func (d *desk) macroValues() map[string]string {
	k := casework.Case{Subject: d.sheet.Title}
	k.Number = d.sheet.Record.Number
	customer := d.names.title("customer", idIn(d.sheet.View, "customer_id"))
	if c, _ := d.sheet.Cell("contact_name"); c.Text != "" && !c.Masked {
		customer = c.Text
	}
	return k.MacroValues(customer, web.Actor(d.ctx).Name)
}

// insertMacro shows the page again with a prepared text behind what was typed.
func (p *Pages) insertMacro(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	return p.show(w, r, readTyped(r), showing{doing: casework.Replying, macro: r.PostFormValue("macro")})
}

// say writes in the case. What can be put right comes back on the page with everything typed.
func (p *Pages) say(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	in := readTyped(r)
	i := slices.IndexFunc(modes(), func(m mode) bool { return m.Name == in.Mode })
	if i < 0 {
		return errs.Of("mode", "field.want_value").With("field", "mode")
	}
	err = p.write(r, id, modes()[i], in)
	switch {
	case errs.Is(err, errs.Invalid), errs.Is(err, errs.Refused), errs.Is(err, errs.Conflict), errs.Is(err, errs.Stale):
		return p.show(w, r, in, showing{doing: casework.Replying, fault: err})
	case err != nil:
		return err
	}
	p.presence.Touch(id, web.Actor(r.Context()).UserID, casework.Viewing)
	to := address("/desk/"+id.String(), "tab", tabParam(tabOf(r)))
	if r.PostFormValue("then") == "next" {
		to = web.Local(r.PostFormValue("next"), address("/desk", "tab", tabParam(tabOf(r))))
		p.presence.Leave(id, web.Actor(r.Context()).UserID)
	}
	toast := web.Toast{Key: "desk.sent." + in.Mode}
	if draft := r.PostFormValue("draft"); strings.HasPrefix(draft, "desk-"+id.String()+"-") && len(draft) < 100 {
		toast.ClearDraft = draft
	}
	return p.server.Redirect(w, r, to, toast)
}

// write runs the action of a way.
func (p *Pages) write(r *http.Request, id ids.ID, m mode, in typed) error {
	ctx, me := r.Context(), web.Actor(r.Context())
	if m.Name == modeNote {
		return p.writeNote(r, id, in)
	}
	cmd := action.Command{Type: "case", Action: m.Action, ID: id, Input: map[string]any{m.Text: in.Body}}
	given := map[string]string{"channel": in.Channel}
	switch m.Name {
	case modeReply:
		given["subject"], given["recipient"] = in.Subject, in.Recipient
		if in.Deliver {
			cmd.Input["deliver"] = true
		}
	case modeContact:
		given["result"] = in.Result
	}
	for name, value := range given {
		if strings.TrimSpace(value) != "" {
			cmd.Input[name] = value
		}
	}
	if n, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64); err == nil && n > 0 {
		cmd.IfVersion = n
	}
	_, err := p.Records.Do(ctx, me, cmd)
	return err
}

// writeNote adds a note to the diary of the case, or a comment where that is all the reader may.
func (p *Pages) writeNote(r *http.Request, id ids.ID, in typed) error {
	ctx, me := r.Context(), web.Actor(r.Context())
	may, err := p.may(ctx, "case_note", record.Create)
	if err != nil {
		return err
	}
	if !may[record.Create] {
		return p.Records.Comment(ctx, me, "case", id, in.Body, nil)
	}
	_, err = p.Records.Do(ctx, me, action.Command{Type: "case_note", Action: record.Create, Input: map[string]any{"case_id": id.String(), "kind": "note", "text": in.Body}})
	return err
}
