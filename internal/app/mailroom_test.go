package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/domain/correspondence"
	"dianke/internal/domain/customer"
	"dianke/internal/domain/interaction"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
	"dianke/internal/platform/mail/listen"
)

// post is a company with a mailbox, a customer and somebody who works on cases.
type post struct {
	*company
	unit, user, customer, mailbox record.ID
}

func openPost(t *testing.T) *post {
	t.Helper()
	p := &post{company: openCompany(t)}
	p.in(t, func(ctx context.Context, c *record.Call) error {
		unit := &org.Unit{Name: "客户服务部", Kind: "department"}
		user := &org.User{Name: "王敏", Login: "wang", Status: "active", Language: "zh"}
		if err := c.Work.Insert(ctx, c, "unit", unit); err != nil {
			return err
		}
		if err := c.Work.Insert(ctx, c, "user", user); err != nil {
			return err
		}
		p.unit, p.user = unit.ID, user.ID
		cust := &customer.Customer{Name: "李四", Kind: "person", Mail: "li@example.com", Source: "mail", LegalBasis: "consent", Stage: "active", Head: record.Head{UnitID: unit.ID, OwnerID: user.ID}}
		if err := c.Work.Insert(ctx, c, "customer", cust); err != nil {
			return err
		}
		box := &correspondence.Mailbox{Title: "客户服务部", Address: "support@dianke.test", Kind: "inquiry", Plus: true, Active: true, Source: "listener", Head: record.Head{UnitID: unit.ID}}
		err := c.Work.Insert(ctx, c, "mailbox", box)
		p.customer, p.mailbox = cust.ID, box.ID
		return err
	})
	return p
}

// arrive takes a message in as the listener does and lets the mail room work.
func (p *post) arrive(t *testing.T, to, raw string) {
	t.Helper()
	env := listen.Envelope{From: "carrier@example.com", To: []string{to}}
	if err := p.Mailroom.Keep(context.Background(), env, strings.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	p.work(t)
}

func (p *post) work(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	if err := p.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Post(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Drain(ctx); err != nil {
		t.Fatal(err)
	}
}

func all[T any](t *testing.T, p *post, typ string, f ...record.Filter) []*T {
	t.Helper()
	var out []*T
	p.in(t, func(ctx context.Context, c *record.Call) error {
		var last record.ID
		for {
			page, err := c.Work.Find(ctx, c, typ, beyond(f, last), 200)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, e := range page {
				out = append(out, e.(any).(*T))
				last = e.HeadOf().ID
			}
		}
	})
	return out
}

// do runs an action as the program.
func (p *post) do(t *testing.T, typ, act string, id record.ID, in map[string]any) record.Entity {
	t.Helper()
	res, err := p.Runner.Do(context.Background(), p.System("test", "test", typ, act), action.Command{Type: typ, Action: act, ID: id, Input: in})
	if err != nil {
		t.Fatalf("%s.%s: %v", typ, act, err)
	}
	return res.Record
}

func (p *post) files(t *testing.T, id record.ID) []string {
	t.Helper()
	list, err := db.View(context.Background(), p.DB, func(tx *db.Tx) ([]store.FileEntry, error) { return p.Store.Files(context.Background(), tx, id) })
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range list {
		out = append(out, f.Name)
	}
	slices.Sort(out)
	return out
}

const complaint = `From: =?utf-8?B?5p2O5Zub?= <li@example.com>
To: support@dianke.test
Subject: =?gbk?B?zbbL3w==?=
Message-ID: <first@example.com>
Date: Mon, 2 Mar 2026 08:00:00 +0800
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

热水器不能加热，请尽快处理。
--b
Content-Type: image/jpeg; name="../../photo.jpg"
Content-Transfer-Encoding: base64

/9j/4AAQSkZJRg==
--b--
`

func TestMailOpensACase(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	p.arrive(t, "support@dianke.test", complaint)
	cases := all[casework.Case](t, p, "case")
	if len(cases) != 1 {
		t.Fatalf("%d cases", len(cases))
	}
	k := cases[0]
	if k.Subject != "投诉" || k.Content != "热水器不能加热，请尽快处理。" || k.Channel != "mail" || k.CustomerID != p.customer || k.ContactMail != "li@example.com" ||
		k.ContactName != "李四" || k.UnitID != p.unit || !k.ReceivedAt.Equal(monday) {
		t.Errorf("%+v", k)
	}
	if got := p.files(t, k.ID); !slices.Equal(got, []string{"photo.jpg"}) {
		t.Errorf("files of the case: %v", got)
	}
	m := all[correspondence.Message](t, p, "mail_message")
	if len(m) != 1 || m[0].CaseID != k.ID || m[0].MessageID != "first@example.com" || m[0].CustomerID != p.customer || !slices.Equal(p.files(t, m[0].ID), []string{"original.eml", "photo.jpg"}) {
		t.Errorf("message %+v", m)
	}
	i := all[interaction.Interaction](t, p, "interaction")
	if len(i) != 1 || i[0].Channel != "mail" || i[0].Direction != "in" || i[0].CustomerID != p.customer || i[0].AboutID != k.ID.String() {
		t.Errorf("interaction %+v", i)
	}
	// The same message again, and by another way: nothing more.
	p.arrive(t, "support@dianke.test", complaint)
	p.arrive(t, "support@dianke.test", "Received: from elsewhere\n"+complaint)
	if n := len(all[casework.Case](t, p, "case")); n != 1 {
		t.Errorf("%d cases after duplicates", n)
	}
	if a := all[correspondence.Arrival](t, p, "mail_arrival"); len(a) != 2 || a[0].State != "filed" || a[1].Reason != "duplicate" || a[0].CaseID != k.ID {
		t.Errorf("arrivals %+v", a)
	}
}

// replied is a case opened by mail and answered by mail.
func replied(t *testing.T, p *post) (*casework.Case, mail.Message) {
	t.Helper()
	p.arrive(t, "support@dianke.test", complaint)
	k := all[casework.Case](t, p, "case")[0]
	p.do(t, "case", "assign", k.ID, map[string]any{"owner_id": p.user.String()})
	p.do(t, "case", "reply", k.ID, map[string]any{"body": "您好，师傅明天上门。", "channel": "mail", "deliver": true})
	p.work(t)
	sent := p.Mail.(*mail.Fake).Sent()
	if len(sent) == 0 {
		t.Fatal("nothing was sent")
	}
	return k, sent[len(sent)-1]
}

func TestReplyGoesOutAndItsAnswerComesBack(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	k, out := replied(t, p)
	tag := strings.ToLower(k.Number)
	if out.To[0].Mail != "li@example.com" || out.InReplyTo != "first@example.com" || !strings.HasPrefix(out.ReplyTo.Mail, "support+"+tag+".") ||
		out.From.Mail != "support@dianke.test" || !strings.Contains(out.Subject, k.Number) || out.Instance == "" || len(out.ReplyTo.Mail) > 64+len("@dianke.test") {
		t.Errorf("%+v", out)
	}
	r := all[casework.Reply](t, p, "case_reply")
	if len(r) != 1 || r[0].Delivery != "sent" || r[0].Recipient != "li@example.com" {
		t.Fatalf("reply %+v", r[0])
	}
	p.do(t, "case", "ask_customer", k.ID, map[string]any{"question": "明天上午在家吗？"})
	// By the signed address, from another address of the customer, without any reference.
	p.arrive(t, out.ReplyTo.Mail, "From: li2@example.net\nSubject: hello\nMessage-ID: <a1@x>\n\n上午在家。\n\n------------------ 原始邮件 ------------------\n发件人: 客户服务部\n> 您好")
	// By reference to our mail, whose id cannot be guessed.
	p.arrive(t, "support@dianke.test", "From: wife@example.net\nSubject: Re\nIn-Reply-To: <"+out.MessageID+">\nMessage-ID: <a2@x>\n\n下午也行。")
	// By number in the subject, from the address the case knows.
	p.arrive(t, "support@dianke.test", "From: li@example.com\nSubject: about "+k.Number+"\nMessage-ID: <a3@x>\n\n谢谢。")
	// By subject from the same sender.
	p.arrive(t, "support@dianke.test", "From: li@example.com\nSubject: 答复: 投诉\nMessage-ID: <a4@x>\n\n再补充一点。")
	if n := len(all[casework.Case](t, p, "case")); n != 1 {
		t.Fatalf("%d cases", n)
	}
	notes := all[casework.Note](t, p, "case_note", record.Where("case_id", k.ID))
	var said []string
	for _, n := range notes {
		said = append(said, n.Kind+":"+n.Text)
	}
	if want := []string{"customer:上午在家。", "customer:下午也行。", "customer:谢谢。", "customer:再补充一点。"}; !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
	if now := all[casework.Case](t, p, "case")[0]; now.State != casework.Answered {
		t.Errorf("state %s: the case does not go on", now.State)
	}
	if n := all[notice.Notice](t, p, "notice", record.Where("owner_id", p.user), record.Where("key", "mail.notice.arrived")); len(n) != 4 {
		t.Errorf("%d notices", len(n))
	}
}

func TestStrangersDoNotGetIntoACase(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	k, out := replied(t, p)
	forged := strings.Replace(out.ReplyTo.Mail, ".", ".0000", 1)
	for i, raw := range []string{
		"From: eve@example.org\nSubject: Re: " + k.Number + "\n\nPay to another account.",
		"From: eve@example.org\nSubject: x\nIn-Reply-To: <first@example.com>\n\nPay to another account!",
	} {
		p.arrive(t, forged, fmt.Sprintf("Message-ID: <eve%d@x>\n", i)+raw)
	}
	if n := len(all[casework.Note](t, p, "case_note")); n != 0 {
		t.Errorf("%d notes of strangers", n)
	}
	held := all[correspondence.Arrival](t, p, "mail_arrival", record.Where("reason", "stranger"))
	if len(held) != 2 || held[0].State != "held" || held[0].CaseID != k.ID {
		t.Fatalf("held %+v", held)
	}
	p.do(t, "mail_arrival", "release", held[0].ID, map[string]any{"case_id": k.ID.String()})
	p.do(t, "mail_arrival", "discard", held[1].ID, nil)
	p.work(t)
	if n := all[casework.Note](t, p, "case_note"); len(n) != 1 || n[0].CaseID != k.ID {
		t.Errorf("after the release: %+v", n)
	}
	// A forged tag of a case that is not there, alone, is mail like any other.
	p.arrive(t, "support+cs-2026-999999.0123456789abcdef@dianke.test", "From: new@example.org\nSubject: question\nMessage-ID: <n@x>\n\nhello")
	if n := len(all[casework.Case](t, p, "case")); n != 2 {
		t.Errorf("%d cases", n)
	}
}

func TestProgramsAreNeitherAnsweredNorCases(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	k, out := replied(t, p)
	for i, head := range []string{"Subject: 自动回复: x", "Subject: x\nAuto-Submitted: auto-replied", "Subject: x\nX-Autoreply: yes", "Subject: x\nList-Id: <a>", "Subject: x\nX-Spam-Flag: YES", "Subject: x\nX-Dianke-Instance: " + out.Instance} {
		p.arrive(t, "support@dianke.test", fmt.Sprintf("From: bot%d@example.com\nMessage-ID: <b%d@x>\n%s\n\nI am away", i, i, head))
	}
	if n := len(all[casework.Case](t, p, "case")); n != 1 {
		t.Errorf("%d cases", n)
	}
	if n := len(p.Mail.(*mail.Fake).Sent()); n != 1 {
		t.Errorf("%d mails sent", n)
	}
	var got []string
	for _, a := range all[correspondence.Arrival](t, p, "mail_arrival")[1:] {
		got = append(got, a.State+" "+a.Reason)
	}
	if want := []string{"ignored auto_reply", "ignored auto_reply", "ignored auto_reply", "held bulk", "held spam", "held loop"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	// An absence notice to a mail of ours stays with its case, and moves nothing.
	p.arrive(t, out.ReplyTo.Mail, "From: li@example.com\nSubject: 自动回复\nAuto-Submitted: auto-replied\nIn-Reply-To: <"+out.MessageID+">\nMessage-ID: <ooo@x>\n\n我在休假")
	m := all[correspondence.Message](t, p, "mail_message", record.Where("nature", "auto_reply"))
	if len(m) != 1 || m[0].CaseID != k.ID || len(all[casework.Note](t, p, "case_note")) != 0 {
		t.Errorf("%+v", m)
	}
}

const bounce = `From: Mail Delivery System <mailer-daemon@example.com>
To: support@dianke.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn@example.com>
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

failed
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; li@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
--b
Content-Type: message/rfc822

Message-ID: <%s>
Subject: x

x
--b--
`

func TestBounceMarksReplyAndAddress(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	k, out := replied(t, p)
	p.arrive(t, "support@dianke.test", fmt.Sprintf(bounce, "made-up@example.com")+" ")
	p.arrive(t, "support@dianke.test", fmt.Sprintf(bounce, out.MessageID))
	r := all[casework.Reply](t, p, "case_reply")[0]
	if r.Delivery != "bounced" || !strings.Contains(r.DeliveryWhy, "User unknown") {
		t.Errorf("reply %q %q", r.Delivery, r.DeliveryWhy)
	}
	if c := all[customer.Customer](t, p, "customer")[0]; !c.MailDoubtful {
		t.Error("the address is not doubtful")
	}
	if n := all[notice.Notice](t, p, "notice", record.Where("key", "mail.notice.bounced")); len(n) == 0 || n[0].AboutID != k.ID.String() {
		t.Errorf("notices %+v", n)
	}
	if n := len(all[casework.Case](t, p, "case")); n != 1 {
		t.Errorf("%d cases", n)
	}
}

func TestSendingIsTriedAgainAndGivenUp(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	fake := p.Mail.(*mail.Fake)
	p.arrive(t, "support@dianke.test", complaint)
	k := all[casework.Case](t, p, "case")[0]
	fake.Fail(errors.New("connection refused"))
	p.do(t, "case", "reply", k.ID, map[string]any{"body": "您好", "channel": "mail", "deliver": true})
	p.work(t)
	m := all[correspondence.Message](t, p, "mail_message", record.Where("direction", "out"))[0]
	if m.State != "queued" || m.Attempts != 1 || !m.NextTryAt.After(monday) {
		t.Fatalf("%+v", m)
	}
	p.work(t)
	if again := all[correspondence.Message](t, p, "mail_message", record.Where("direction", "out"))[0]; again.Attempts != 1 {
		t.Error("it was tried again at once")
	}
	for range 10 {
		p.clock.Advance(9 * time.Hour)
		p.work(t)
	}
	m = all[correspondence.Message](t, p, "mail_message", record.Where("direction", "out"))[0]
	if r := all[casework.Reply](t, p, "case_reply")[0]; m.State != "failed" || r.Delivery != "failed" {
		t.Fatalf("%s, %s", m.State, r.Delivery)
	}
	fake.Fail(nil)
	p.do(t, "mail_message", "send_again", m.ID, nil)
	p.work(t)
	p.work(t)
	if r := all[casework.Reply](t, p, "case_reply")[0]; r.Delivery != "sent" || len(fake.Sent()) != 1 || fake.Sent()[0].MessageID != m.MessageID {
		t.Errorf("%s, %d sent", r.Delivery, len(fake.Sent()))
	}
	// A reply nobody can be written to is refused while it can be put right.
	blank := p.do(t, "case", record.Create, 0, map[string]any{"kind": "inquiry", "channel": "phone", "subject": "x"})
	_, err := p.Runner.Do(context.Background(), p.System("test", "test", "case", "reply"), action.Command{
		Type: "case", Action: "reply", ID: blank.HeadOf().ID, Input: map[string]any{"body": "x", "channel": "mail", "deliver": true},
	})
	if errs.KeyOf(err) != "case_reply.no_recipient" {
		t.Error(err)
	}
}

func TestRulesSortNewCases(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	p.do(t, "mail_rule", record.Create, 0, map[string]any{"title": "投诉", "position": 1, "subject_has": "投诉", "kind": "complaint"})
	p.do(t, "mail_rule", record.Create, 0, map[string]any{"title": "广告", "position": 2, "sender": "@ads.example", "treatment": "ignore"})
	p.arrive(t, "support@dianke.test", complaint)
	p.arrive(t, "support@dianke.test", "From: a@mail.ads.example\nSubject: buy\nMessage-ID: <ad@x>\n\nbuy")
	k := all[casework.Case](t, p, "case")
	if len(k) != 1 || k[0].Kind != "complaint" {
		t.Errorf("%+v", k)
	}
	if a := all[correspondence.Arrival](t, p, "mail_arrival", record.Where("reason", "rule")); len(a) != 1 || a[0].State != "ignored" {
		t.Errorf("%+v", a)
	}
	_, err := p.Runner.Do(context.Background(), p.System("test", "test", "mail_rule", record.Create), action.Command{
		Type: "mail_rule", Action: record.Create, Input: map[string]any{"title": "alles", "treatment": "ignore"},
	})
	if errs.KeyOf(err) != "mail_rule.everything" {
		t.Error(err)
	}
}

func TestFloodIsHeld(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	for i := range 13 {
		p.arrive(t, "support@dianke.test", fmt.Sprintf("From: wild@example.com\nSubject: %d\nMessage-ID: <w%d@x>\n\nagain %d", i, i, i))
	}
	if n := len(all[casework.Case](t, p, "case")); n != 10 {
		t.Errorf("%d cases", n)
	}
	if a := all[correspondence.Arrival](t, p, "mail_arrival", record.Where("reason", "flood")); len(a) != 3 {
		t.Errorf("%d held", len(a))
	}
}

func TestMailOfACaseThatIsPutAwayOpensAnother(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	k, out := replied(t, p)
	p.do(t, "case", "withdraw", k.ID, map[string]any{"reason": "客户撤回"})
	p.arrive(t, out.ReplyTo.Mail, "From: li@example.com\nSubject: Re: x\nMessage-ID: <late@x>\n\n又坏了")
	list := all[casework.Case](t, p, "case")
	if len(list) != 2 || list[1].SourceRef != k.Number || list[1].Content != "又坏了" {
		t.Errorf("%d cases, %+v", len(list), list[len(list)-1])
	}
}

func TestTakenAddresses(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	for address, want := range map[string]bool{
		"support@dianke.test": true, "Support@Dianke.test": true, "support+x@dianke.test": true, "sales@dianke.test": false, "support@other.test": false, "": false, "@": false,
	} {
		if got, err := p.Mailroom.Takes(context.Background(), address); err != nil || got != want {
			t.Errorf("%q: %t, %v", address, got, err)
		}
	}
}

// TestWholeCollection lets the public collection of odd and broken messages go through the mail room.
func TestWholeCollection(t *testing.T) {
	t.Parallel()
	const dir = "../../../shared/data/email"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the collection of messages is not here")
	}
	p := openPost(t)
	ctx, n := context.Background(), 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		p.clock.Advance(20 * time.Minute) // the collection has many messages of the same few senders
		if err := p.Mailroom.Keep(ctx, listen.Envelope{To: []string{"support@dianke.test"}}, bytes.NewReader(raw)); err != nil {
			return err
		}
		return p.Mailroom.Handle(ctx)
	})
	if err != nil || n < 243 {
		t.Fatalf("%d messages, %v", n, err)
	}
	count := map[string]int{}
	for _, a := range all[correspondence.Arrival](t, p, "mail_arrival") {
		count[a.State+" "+a.Reason]++
		if a.Reason == "failed" || a.Reason == "refused" || a.State == "received" {
			t.Errorf("%q of %q: %s %s %s", a.Subject, a.FromMail, a.State, a.Reason, a.Failure)
		}
	}
	total := 0
	for _, v := range count {
		total += v
	}
	cases, messages := all[casework.Case](t, p, "case"), all[correspondence.Message](t, p, "mail_message")
	t.Logf("%d arrivals %v, %d cases, %d messages", total, count, len(cases), len(messages))
	// Two files of the collection may be the same to the byte; each is kept once.
	if total < n-3 || len(cases) < 150 || len(messages) <= len(cases) {
		t.Errorf("%d of %d messages are there, %d cases of %d messages", total, n, len(cases), len(messages))
	}
	for _, k := range cases {
		if k.Subject == "测试" && k.Content == "测试" {
			return
		}
	}
	t.Error("the message in GB 18030 is not readable")
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	full := errors.New("no space left on device")
	desk := *p.Mailroom
	desk.Files = brokenFiles{p.Mailroom.Files, full}
	if err := desk.Keep(context.Background(), listen.Envelope{To: []string{"support@dianke.test"}}, strings.NewReader("x")); !errors.Is(err, full) {
		t.Error(err)
	}
	if n := len(all[correspondence.Arrival](t, p, "mail_arrival")); n != 0 {
		t.Errorf("%d arrivals without their message", n)
	}
	small := *p.Mailroom
	small.Most = 1000
	err := small.Keep(context.Background(), listen.Envelope{}, strings.NewReader(base64.StdEncoding.EncodeToString(make([]byte, 2000))))
	if !errs.Is(err, errs.TooLarge) {
		t.Error(err)
	}
}

// brokenFiles is a file store without space.
type brokenFiles struct {
	correspondence.Files
	err error
}

func (b brokenFiles) Put(context.Context, io.Reader, int64) (blobs.Ref, error) {
	return blobs.Ref{}, b.err
}

// beyond are the filters with what follows a record; none is before all.
func beyond(f []record.Filter, last record.ID) record.Filter {
	f = f[:len(f):len(f)]
	if last != 0 {
		f = append(f, record.Filter{Field: "id", Op: field.Gt, Value: last})
	}
	return record.All(f...)
}
