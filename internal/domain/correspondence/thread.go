package correspondence

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/mail/intake"
)

// matched is a case a message refers to; none where id is zero. known says that the sender may write in it.
type matched struct {
	id    record.ID
	known bool
}

// thread finds the case the message goes on with: where a person put it, the signed address, a mail of ours it answers,
// another mail of the case, the number in the subject, the same subject from the same sender.
func (p *parcel) thread(ctx context.Context, c *record.Call) (matched, error) {
	if p.arrival.IntoCase != 0 {
		return matched{p.arrival.IntoCase, true}, nil
	}
	if id, err := p.byAddress(ctx, c); err != nil || id != 0 {
		return matched{id, true}, err
	}
	found, err := p.byReference(ctx, c)
	if err != nil || found.known {
		return found, err
	}
	if found.id == 0 {
		if number := caseNumber(p.mail.Subject); number != "" {
			if found.id, err = caseOf(ctx, c, number); err != nil {
				return found, err
			}
		}
	}
	if found.id == 0 {
		found.id, err = p.bySubject(ctx, c)
		return matched{found.id, found.id != 0}, err
	}
	found.known, err = p.participates(ctx, c, found.id)
	return found, err
}

func caseOf(ctx context.Context, c *record.Call, number string) (record.ID, error) {
	list, err := c.Work.Find(ctx, c, "case", record.Where("number", number), 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].HeadOf().ID, nil
}

// byAddress reads the signed plus part of an address of the house.
func (p *parcel) byAddress(ctx context.Context, c *record.Call) (record.ID, error) {
	for _, to := range p.recipients() {
		if _, tag := unplus(to); tag != "" {
			if number := p.numberOf(tag); number != "" {
				return caseOf(ctx, c, number)
			}
		}
	}
	return 0, nil
}

// byReference looks for the mails this one answers. The id of a mail of ours cannot be guessed, so that whoever names it
// has read it; those of others may stand on any list.
func (p *parcel) byReference(ctx context.Context, c *record.Call) (matched, error) {
	ids := slices.Concat(p.mail.InReplyTo, reversed(p.mail.References))
	if p.mail.Nature.Original != "" {
		ids = append(ids, p.mail.Nature.Original)
	}
	var other record.ID
	for _, id := range ids[:min(len(ids), 50)] {
		list, err := record.Find[Message](ctx, c, "mail_message", record.Where("message_id", clip(id, 250)), 5)
		if err != nil {
			return matched{}, err
		}
		for _, m := range list {
			if m.Direction == Out {
				return matched{m.CaseID, true}, nil
			}
			if other == 0 {
				other = m.CaseID
			}
		}
	}
	return matched{id: other}, nil
}

func reversed(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

// bareSubject drops what programs put before a subject when it is answered or passed on.
func bareSubject(s string) string {
	re := regexp.MustCompile(`(?i)^\s*((re|fw|fwd|aw|wg|sv|答复|回复|回覆|转发|轉寄|转寄)\s*(\[\d+\])?\s*[:：]\s*)+`)
	return strings.TrimSpace(re.ReplaceAllString(s, ""))
}

// bySubject finds the case the sender opened under this very subject; only an answer is looked for.
func (p *parcel) bySubject(ctx context.Context, c *record.Call) (record.ID, error) {
	bare := bareSubject(p.mail.Subject)
	if bare == "" || bare == strings.TrimSpace(p.mail.Subject) || p.arrival.FromMail == "" {
		return 0, nil
	}
	list, err := record.Find[Message](ctx, c, "mail_message", record.All(record.Where("from_mail", p.arrival.FromMail), record.Where("direction", In)), 200)
	if err != nil {
		return 0, err
	}
	for _, m := range slices.Backward(list) {
		if bareSubject(m.Subject) == bare && p.arrival.ArrivedAt.Sub(m.At) < 90*24*60*60*1e9 {
			return m.CaseID, nil
		}
	}
	return 0, nil
}

// participates reports whether the case knows the sender: as its contact, as its customer or a contact of that, or from
// a mail of the case.
func (p *parcel) participates(ctx context.Context, c *record.Call, id record.ID) (bool, error) {
	from := p.arrival.FromMail
	if from == "" {
		return false, nil
	}
	k, err := c.Work.Load(ctx, c, "case", id)
	if err != nil {
		return false, err
	}
	t := p.Runner.Store.Types.Type("case")
	if contact, _ := t.Field("contact_mail").Get(k).(string); strings.EqualFold(contact, from) {
		return true, nil
	}
	if customer, _ := t.Field("customer_id").Get(k).(record.ID); customer != 0 {
		if who, _, err := p.sender(ctx, c); err != nil || who == customer {
			return who == customer, err
		}
	}
	list, err := record.Find[Message](ctx, c, "mail_message", record.Where("case_id", id), 200)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(list, func(m *Message) bool {
		return m.FromMail == from || slices.Contains(strings.Fields(strings.ToLower(m.Recipients)), from)
	}), nil
}

// sender is the customer of the address, and the contact where it is his; none where nobody has it, or several have.
func (p *parcel) sender(ctx context.Context, c *record.Call) (customer, contact record.ID, err error) {
	return owner(ctx, c, p.Runner.Store.Types, p.arrival.FromMail)
}

func owner(ctx context.Context, c *record.Call, types *record.Registry, address string) (customer, contact record.ID, err error) {
	if address == "" {
		return 0, 0, nil
	}
	list, err := c.Work.Find(ctx, c, "customer", record.Where("mail", address), 2)
	if err != nil || len(list) > 1 {
		return 0, 0, err
	}
	if len(list) == 1 {
		return list[0].HeadOf().ID, 0, nil
	}
	t := types.Type("contact")
	if t == nil {
		return 0, 0, nil
	}
	if list, err = c.Work.Find(ctx, c, "contact", record.Where("mail", address), 2); err != nil || len(list) != 1 {
		return 0, 0, err
	}
	customer, _ = t.Field("customer_id").Get(list[0]).(record.ID)
	return customer, list[0].HeadOf().ID, nil
}

// answer puts the customer's words into the case; where that is put away, a new one goes on with it.
func (p *parcel) answer(ctx context.Context, c *record.Call, id record.ID, rule *Rule) error {
	to, err := p.Cases.Wrote(ctx, c, id, fresh(p.mail.Text))
	if err != nil {
		return err
	}
	if to != 0 {
		return p.file(ctx, c, to, true)
	}
	old, err := c.Work.Load(ctx, c, "case", id)
	if err != nil {
		return err
	}
	return p.open(ctx, c, rule, old.HeadOf().Number)
}

// fresh drops what the writer repeats of earlier mails, from the line with which programs begin it. Nothing is dropped
// where nothing would be left; the whole text stays with the mail.
func fresh(text string) string {
	re := regexp.MustCompile(`(?m)^(-{2,} ?(原始邮件|Original Message|转发的邮件|Forwarded message).*|发件人[:：].*|From: .*<.*@.*>.*|On .{10,200} wrote:|.{0,100}于.{6,40}写道[:：]|在 ?\d{4}.{4,100}写道[:：])$`)
	cut := text
	if at := re.FindStringIndex(text); at != nil {
		cut = text[:at[0]]
	}
	lines := strings.Split(strings.TrimRight(cut, "\n "), "\n")
	for len(lines) > 0 && (strings.HasPrefix(lines[len(lines)-1], ">") || strings.TrimSpace(lines[len(lines)-1]) == "") {
		lines = lines[:len(lines)-1]
	}
	if out := strings.TrimSpace(strings.Join(lines, "\n")); out != "" {
		return out
	}
	return text
}

// file writes the message to the case with its files. What a person wrote is a contact with the customer, and the owner
// of the case is told.
func (p *parcel) file(ctx context.Context, c *record.Call, id record.ID, personal bool) error {
	a, m := p.arrival, p.mail
	k, err := c.Work.Load(ctx, c, "case", id)
	if err != nil {
		return err
	}
	customer, contact, err := p.sender(ctx, c)
	if err != nil {
		return err
	}
	msg := &Message{
		CaseID: id, Subject: a.Subject, Direction: In, State: Received, Nature: string(m.Nature.Kind), FromName: a.FromName, FromMail: a.FromMail,
		Recipients: clip(strings.Join(p.recipients(), " "), 8000), WrittenAt: m.Sent, At: a.ArrivedAt, Body: clip(m.Text, bodyLength), Marks: m.Marks,
		ArrivalID: a.ID, MailboxID: a.MailboxID, CustomerID: customer, MessageID: a.MessageID, Thread: clip(strings.Join(m.References, " "), 20_000),
		Head: record.Head{UnitID: k.HeadOf().UnitID},
	}
	if len(m.InReplyTo) > 0 {
		msg.InReplyTo = clip(m.InReplyTo[0], 250)
	}
	if err := c.Work.Insert(ctx, c, "mail_message", msg); err != nil {
		return err
	}
	if err := p.attach(ctx, c, msg, k); err != nil {
		return err
	}
	if personal {
		if err := p.tell(ctx, c, k, customer, contact); err != nil {
			return err
		}
	}
	a.CaseID = id
	return p.end(ctx, c, Filed, "", nil)
}

// attach keeps all files with the message, and with the case those that are no part of the text.
func (p *parcel) attach(ctx context.Context, c *record.Call, msg *Message, k record.Entity) error {
	st := p.Runner.Store
	scope := c.Scope.Consequence("mail_message", record.Attach)
	for i, f := range p.files {
		own := *f
		if err := st.AddFile(ctx, c.Tx, st.Types.Type("mail_message"), scope, msg.ID, &own); err != nil {
			return err
		}
		if p.inline[i] {
			continue
		}
		t, kept := st.Types.Type("case"), *f
		beside := &record.Call{
			Tx: c.Tx, Scope: c.Scope.Consequence("case", record.Attach), Type: t, Action: t.Action(record.Attach), Record: k,
			Input: &record.Attachment{Name: f.Name, Media: f.ContentType, Size: f.Size},
		}
		err := p.Runner.Beside(ctx, beside, func() error { return st.AddFile(ctx, beside.Tx, t, beside.Scope, k.HeadOf().ID, &kept) })
		if err != nil {
			return err
		}
	}
	return nil
}

// tell notes the contact with the customer and lets the owner know.
func (p *parcel) tell(ctx context.Context, c *record.Call, k record.Entity, customer, contact record.ID) error {
	if p.mail.Nature.Kind != intake.Personal {
		return nil
	}
	h := k.HeadOf()
	if t := p.Runner.Store.Types.Type("interaction"); t != nil && customer != 0 {
		e := t.New()
		put(t, e, map[string]any{
			"customer_id": customer, "contact_id": contact, "channel": "mail", "direction": "in", "kind": p.contactKind(k), "at": p.arrival.ArrivedAt,
			"subject": clip(p.arrival.Subject, 120), "summary": clip(fresh(p.mail.Text), 8000), "about_type": "case", "about_id": h.ID.String(),
		})
		e.HeadOf().UnitID, e.HeadOf().OwnerID = h.UnitID, h.OwnerID
		if err := c.Work.Insert(ctx, c, "interaction", e); err != nil {
			return err
		}
	}
	if h.OwnerID == 0 {
		return nil
	}
	return notice.Send(ctx, c, notice.Message{Key: "mail.notice.arrived", Args: map[string]any{"number": h.Number}, AboutType: "case", AboutID: h.ID}, h.OwnerID)
}

// contactKind is what interactions call the kind of the case.
func (p *parcel) contactKind(k record.Entity) string {
	kind, _ := p.Runner.Store.Types.Type("case").Field("kind").Get(k).(string)
	switch kind {
	case "complaint", "inquiry":
		return kind
	case "suggestion", "praise":
		return "feedback"
	}
	return "service"
}

// put sets fields by name.
func put(t *record.Type, e record.Entity, values map[string]any) {
	for name, v := range values {
		t.Field(name).Set(e, v)
	}
}

// bounced notes that a mail of ours came back, on the mail, on its reply and on the address, and tells who sent it. It
// returns the case. A report about a mail nobody sent from here changes nothing.
func (p *parcel) bounced(ctx context.Context, c *record.Call) (record.ID, error) {
	n := p.mail.Nature
	m, err := p.returned(ctx, c)
	if err != nil || m == nil || n.Delayed && len(n.Failed) == 0 {
		if m != nil {
			return m.CaseID, err
		}
		return 0, err
	}
	lasts, why := true, ""
	for _, f := range n.Failed {
		lasts, why = f.Lasts, f.String()
	}
	m.State, m.Failure = Bounced, clip(why, 400)
	if err := c.Work.Save(ctx, c, "mail_message", "bounced", m); err != nil {
		return 0, err
	}
	if lasts {
		if err := p.doubt(ctx, c, m); err != nil {
			return 0, err
		}
	}
	return m.CaseID, p.report(ctx, c, m, Bounced)
}

// returned is the mail of ours a report is about: by its id, or the last one to the address within thirty days.
func (p *parcel) returned(ctx context.Context, c *record.Call) (*Message, error) {
	n := p.mail.Nature
	ids := []string{n.Original}
	ids = append(ids, p.mail.References...)
	for _, id := range ids {
		if id == "" {
			continue
		}
		list, err := record.Find[Message](ctx, c, "mail_message", record.All(record.Where("message_id", clip(id, 250)), record.Where("direction", Out)), 1)
		if err != nil || len(list) == 1 {
			return only(list), err
		}
	}
	for _, f := range n.Failed {
		list, err := record.Find[Message](ctx, c, "mail_message", record.All(record.Where("recipients", f.Mail), record.Where("direction", Out),
			record.Filter{Field: "at", Op: field.Gt, Value: c.Now.AddDate(0, 0, -30)}), 200)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			return list[len(list)-1], nil
		}
	}
	return nil, nil
}

func only(list []*Message) *Message {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// doubt writes the contact that failed; the room of contacts marks the address as doubtful.
func (p *parcel) doubt(ctx context.Context, c *record.Call, m *Message) error {
	t := p.Runner.Store.Types.Type("interaction")
	customer, contact, err := owner(ctx, c, p.Runner.Store.Types, firstWord(m.Recipients))
	if err != nil || t == nil || customer == 0 {
		return err
	}
	e := t.New()
	put(t, e, map[string]any{
		"customer_id": customer, "contact_id": contact, "channel": "mail", "direction": "out", "kind": "notice", "result": "bounced", "at": c.Now,
		"subject": clip(m.Subject, 120), "summary": m.Failure, "about_type": "case", "about_id": m.CaseID.String(),
	})
	e.HeadOf().UnitID, e.HeadOf().OwnerID = m.UnitID, m.OwnerID
	return c.Work.Insert(ctx, c, "interaction", e)
}

func firstWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}
