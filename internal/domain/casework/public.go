package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// PublicForm is what somebody without an account sends in.
type PublicForm struct {
	Kind           string // inquiry, complaint, request, suggestion or praise; empty means inquiry
	Subject        string // empty: the first line of Content
	Content        string
	DesiredResult  string
	ContactName    string
	ContactPhone   string
	ContactMail    string
	ComplainedName string // employee complained of, in the sender's words
	Item           string
	MatterNumber   string
	OccurredAt     string // as a date or time field is written; may be empty
	CategoryKey    string // of a category offered to customers; may be empty
	Channel        string // web_form or online
	Anonymous      bool
	Consent        bool // to the processing of what is written here; required
	Files          []PublicFile
	UnitID         record.ID      // queue the page belongs to; set by the page, not by the sender
	Form           *IntakeForm    // the form that was filled in; nil for the general one
	Extra          map[string]any // answers to its further questions, by name of the custom field
}

// PublicFile is a file the sender put to the form; its bytes are in the file store under Hash.
type PublicFile struct {
	Name        string // as the sender called it
	Hash        string
	Size        int64 // bytes
	ContentType string
}

// Signer makes and checks signatures of public links; [vault.Keys] is one.
type Signer interface {
	Sign(message, purpose string) string
	Check(message, purpose, signature string) bool
}

const tokenPurpose = "case.status"

// Token returns the secret part of the link by which the sender follows the case: its number and a signature. Whoever
// holds it sees [PublicStatus] and no more.
func Token(keys Signer, number string) string { return number + "." + keys.Sign(number, tokenPurpose) }

// NumberOf returns the case number a token was made for, or NotFound for a token that is not genuine.
func NumberOf(keys Signer, token string) (string, error) {
	number, signature, ok := strings.Cut(token, ".")
	if !ok || len(token) > 200 || !keys.Check(number, tokenPurpose, signature) {
		return "", errs.New(errs.NotFound, "case.public.no_such_link")
	}
	return number, nil
}

// Intake turns a public form into a case and returns it with the token of its status page. Scope is that of the system
// for case.create. Names and texts are bounded by the fields of the case; errors name the field of the form. Where
// exactly one person who works here has the name complained of, that person is recused at once; otherwise the name is
// kept in words for the desk. Each file becomes a material of the case, an original, and lies among the files of the case;
// case and files are written together or not at all.
func Intake(ctx context.Context, runner *action.Runner, scope record.Scope, form PublicForm) (*Case, string, error) {
	if err := form.Check(); err != nil {
		return nil, "", err
	}
	in := form.input()
	err := runner.InTx(ctx, scope, func(c *record.Call) error { return form.resolve(ctx, c, in) })
	if err != nil {
		return nil, "", fmt.Errorf("read public form: %w", err)
	}
	res, err := runner.DoAnd(ctx, scope, action.Command{Type: "case", Action: record.Create, Input: in}, func(ctx context.Context, c *record.Call) error {
		return form.keepFiles(ctx, runner, c)
	})
	if err != nil {
		return nil, "", err
	}
	k, ok := res.Record.(*Case)
	if !ok {
		return nil, "", fmt.Errorf("public form became %T", res.Record)
	}
	return k, Token(runner.Store.Keys, k.Number), nil
}

// Check reports what is wrong with the form by itself, before anything is looked up or stored: Invalid, by field.
func (f *PublicForm) Check() error {
	var faults []*errs.Error
	if utf8.RuneCountInString(strings.TrimSpace(f.Content)) < 4 {
		faults = append(faults, errs.Of("content", "case.public.too_short"))
	}
	if !f.Consent {
		faults = append(faults, errs.Of("consent", "case.public.consent"))
	}
	faults = append(faults, f.missing()...)
	if !f.Anonymous && f.ContactPhone == "" && f.ContactMail == "" && !f.Form.Must("contact_phone") && !f.Form.Must("contact_mail") {
		faults = append(faults, errs.Of("contact_phone", "case.public.contact"))
	}
	if f.Kind != "" && !slices.Contains([]string{"inquiry", "complaint", "request", "suggestion", "praise"}, f.Kind) {
		faults = append(faults, errs.Of("kind", "field.unknown_option").With("value", "").With("options", "inquiry, complaint, request, suggestion, praise"))
	}
	if f.Channel != "" && f.Channel != "web_form" && f.Channel != "online" {
		faults = append(faults, errs.Of("channel", "field.unknown_option").With("value", "").With("options", "web_form, online"))
	}
	return errs.Collect(faults)
}

// missing reports the questions of a named form that must be answered and are not.
func (f *PublicForm) missing() []*errs.Error {
	if f.Form == nil {
		return nil
	}
	answers := map[string]string{
		"subject": f.Subject, "desired_result": f.DesiredResult, "complained_name": f.ComplainedName, "item": f.Item, "matter_number": f.MatterNumber,
		"occurred_at": f.OccurredAt, "contact_name": f.ContactName, "contact_phone": f.ContactPhone, "contact_mail": f.ContactMail,
	}
	var faults []*errs.Error
	for _, q := range f.Form.Musts {
		if strings.TrimSpace(answers[q]) == "" {
			faults = append(faults, errs.Of(q, "field.required").With("field", q))
		}
	}
	for _, q := range f.Form.ExtraMusts {
		if f.Extra[q] == nil || f.Extra[q] == "" || f.Extra[q] == false {
			faults = append(faults, errs.Of(q, "field.required").With("field", q))
		}
	}
	return faults
}

func (f *PublicForm) input() map[string]any {
	in := map[string]any{"kind": "inquiry", "channel": "web_form", "content": f.Content, "subject": f.subject(), "anonymous": f.Anonymous}
	for name, v := range map[string]string{
		"kind": f.Kind, "channel": f.Channel, "desired_result": f.DesiredResult, "item": f.Item, "matter_number": f.MatterNumber,
		"occurred_at": f.OccurredAt, "complained_name": f.ComplainedName,
	} {
		if strings.TrimSpace(v) != "" {
			in[name] = v
		}
	}
	if !f.Anonymous {
		in["contact_name"], in["contact_phone"], in["contact_mail"] = f.ContactName, f.ContactPhone, f.ContactMail
	}
	if f.UnitID != 0 {
		in["unit_id"] = f.UnitID.String()
	}
	if f.Form != nil {
		f.formInput(in)
	}
	return in
}

// formInput is what the form itself says about its cases, and the answers to its further questions.
func (f *PublicForm) formInput(in map[string]any) {
	in["kind"] = f.Form.Kind
	if f.Form.CategoryID != 0 {
		in["category_id"] = f.Form.CategoryID.String()
	}
	if f.Form.DeskID != 0 {
		in["unit_id"] = f.Form.DeskID.String()
	}
	for name, v := range f.Extra {
		if v != nil && v != "" && slices.Contains(f.Form.Extra, name) {
			in[name] = v
		}
	}
}

// keepFiles puts the files to the new case and makes a material of each.
func (f *PublicForm) keepFiles(ctx context.Context, runner *action.Runner, c *record.Call) error {
	for _, file := range f.Files {
		if err := addFile(ctx, runner, c, "case", c.Record, file.entry()); err != nil {
			return fmt.Errorf("file of public form: %w", err)
		}
		m := &Material{CaseID: c.Record.HeadOf().ID, Title: file.Name, Form: "original", Authenticity: "unchecked"}
		if err := c.Work.Insert(ctx, c, "case_material", m); err != nil {
			return fmt.Errorf("material of public form: %w", err)
		}
		kept := file.entry()
		if err := addFile(ctx, runner, c, "case_material", m, kept); err != nil {
			return fmt.Errorf("file of material: %w", err)
		}
		m.FileID = kept.ID
		if err := c.Work.Save(ctx, c, "case_material", record.Update, m); err != nil {
			return fmt.Errorf("scan of material: %w", err)
		}
	}
	return nil
}

func (f PublicFile) entry() *store.FileEntry {
	return &store.FileEntry{Name: f.Name, Hash: f.Hash, Size: f.Size, ContentType: f.ContentType}
}

// addFile attaches a stored file to a record as a consequence of the call; clauses see it.
func addFile(ctx context.Context, runner *action.Runner, c *record.Call, typ string, e record.Entity, f *store.FileEntry) error {
	t := runner.Store.Types.Type(typ)
	beside := &record.Call{
		Tx: c.Tx, Scope: c.Scope.Consequence(typ, record.Attach), Type: t, Action: t.Action(record.Attach), Record: e,
		Input: &record.Attachment{Name: f.Name, Media: f.ContentType, Size: f.Size},
	}
	return runner.Beside(ctx, beside, func() error { return runner.Store.AddFile(ctx, beside.Tx, t, beside.Scope, e.HeadOf().ID, f) })
}

// subject is the sender's own, or the first line of what he wrote, cut to 40 characters.
func (f *PublicForm) subject() string {
	if s := strings.TrimSpace(f.Subject); s != "" {
		return s
	}
	line, _, _ := strings.Cut(strings.TrimSpace(f.Content), "\n")
	if r := []rune(line); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return strings.TrimRight(strings.TrimSpace(line), "。.！!；;，,")
}

// resolve looks up what the form names in words.
func (f *PublicForm) resolve(ctx context.Context, c *record.Call, in map[string]any) error {
	if name := strings.TrimSpace(f.ComplainedName); name != "" {
		who, err := c.Work.Find(ctx, c, "user", record.All(record.Where("name", name), record.Where("status", "active")), 2)
		if err != nil {
			return err
		}
		if len(who) == 1 {
			in["complained_user_id"] = who[0].HeadOf().ID.String()
		}
	}
	if f.CategoryKey == "" {
		return nil
	}
	cat, err := record.Find[Category](ctx, c, "case_category", record.All(record.Where("key", f.CategoryKey), record.Where("offered", true)), 1)
	if err == nil && len(cat) == 1 {
		in["category_id"] = cat[0].ID.String()
	}
	return err
}

// PublicReply is one letter or message as the sender sees it.
type PublicReply struct {
	At   time.Time
	Body string
}

// PublicStatus is what the holder of the link sees of a case: no name of an employee, no note, no person.
type PublicStatus struct {
	Number     string
	StateKey   string // message key of the state in plain words
	ReceivedAt time.Time
	ExpectedOn time.Time
	AnsweredAt time.Time
	ClosedAt   time.Time
	Answer     string // of an inquiry
	Replies    []PublicReply
	MayAnswer  bool // the page may ask whether the matter is solved
}

// Status returns what the token shows. Cases and replies are scopes of the system for reading case and case_reply.
func Status(ctx context.Context, d *db.DB, st *store.Store, cases, replies record.Scope, token string) (*PublicStatus, error) {
	number, err := NumberOf(st.Keys, token)
	if err != nil {
		return nil, err
	}
	return db.View(ctx, d, func(tx *db.Tx) (*PublicStatus, error) {
		page, err := st.List(ctx, tx, st.Types.Type("case"), cases, record.Query{Filter: record.Where("number", number), Limit: 1})
		if err != nil {
			return nil, fmt.Errorf("public status: %w", err)
		}
		if len(page.Items) == 0 {
			return nil, errs.New(errs.NotFound, "case.public.no_such_link")
		}
		k := page.Items[0].(*Case)
		out := &PublicStatus{
			Number: k.Number, StateKey: "case.public.state." + k.State, ReceivedAt: k.ReceivedAt, ExpectedOn: k.ExpectedOn,
			AnsweredAt: k.AnsweredAt, ClosedAt: k.ClosedAt, Answer: k.Answer, MayAnswer: slices.Contains(done(), k.State),
		}
		if k.Correction != "" {
			out.Answer = k.Correction
		}
		sentOnes := record.All(record.Where("case_id", k.ID), record.Filter{Field: "state", Op: field.Eq, Value: "sent"})
		list, err := st.List(ctx, tx, st.Types.Type("case_reply"), replies, record.Query{Filter: sentOnes, Sort: "id", Limit: 50})
		if err != nil {
			return nil, fmt.Errorf("public status: %w", err)
		}
		for _, e := range list.Items {
			r := e.(*Reply)
			out.Replies = append(out.Replies, PublicReply{At: r.SentAt, Body: r.Body})
		}
		return out, nil
	})
}
