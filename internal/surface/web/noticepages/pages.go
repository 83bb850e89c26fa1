// Package noticepages holds what people see of notices and mail beside the lists: the live count, how one wants to be
// told, and the settings of channels and mailboxes with their trials.
//
// It decides nothing itself: records go through access, trials through the room that sends.
package noticepages

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"dianke/internal/domain/correspondence"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"

	"github.com/klauspost/compress/gzhttp"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the pages.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}

// Pages are the pages; all fields are required.
type Pages struct {
	Live     *Live
	Courier  *notice.Courier
	Mailroom *correspondence.Desk
	Unread   func(ctx context.Context, user record.ID) (int, error)
	Outgoing Outgoing

	server *web.Server
}

// Outgoing is how mail leaves and comes in by the configuration, for the page of settings.
type Outgoing struct {
	Server string // host, without account; empty where mail is written to files
	From   string
	Listen []string
	Dir    string // maildir that is read
	Most   int64  // bytes of one message
}

// Links are the entries of the navigation.
func Links() []web.Page {
	return []web.Page{
		{Room: "settings", Href: "/settings/mail", LabelKey: "mailsettings.title", Icon: "mail", Needs: "mailbox"},
		{Room: "settings", Href: "/settings/notices", LabelKey: "noticesettings.title", Icon: "bell-cog", Needs: "notice_channel"},
	}
}

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /notices/stream", p.stream)
	s.Handle("GET /me/notices", p.choices)
	s.Handle("POST /me/notices", p.choose)
	s.Handle("POST /me/notices/test", p.testMine)
	s.Handle("GET /settings/notices", p.channels)
	s.Handle("POST /settings/notices/{id}/test", p.testChannel)
	s.Handle("GET /settings/mail", p.mail)
	s.Handle("POST /settings/mail/{id}/test", p.testMailbox)
	s.Handle("POST /settings/mail/test", p.testOutgoing)
}

// stream sends the number of unread notices, now and whenever it changes.
func (p *Pages) stream(w http.ResponseWriter, r *http.Request) error {
	ctx, me := r.Context(), web.Actor(r.Context()).UserID
	out := http.NewResponseController(w)
	started, last := false, -1
	show := func() bool {
		n, err := p.Unread(ctx, me)
		if err != nil {
			return false // the page connects again
		}
		text := ": \n\n" // keeps proxies from closing a silent connection
		if n != last {
			text, last = fmt.Sprintf("event: unread\ndata: %d\n\n", n), n
		}
		if !started {
			started = true
			h := w.Header()
			h.Set("Content-Type", "text/event-stream; charset=utf-8")
			h.Set("X-Accel-Buffering", "no")
			h.Set(gzhttp.HeaderNoCompression, "true")
			text = "retry: 5000\n" + text
		}
		// The network has the time of the machine, whatever the house's clock shows.
		if err := out.SetWriteDeadline((clock.System{}).Now().Add(time.Minute)); err != nil && !isUnsupported(err) {
			return false
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !p.Live.Follow(ctx, me, show) {
		return errs.New(errs.TooMany, "notice.stream_full")
	}
	if !started {
		return errs.New(errs.Unavailable, "notice.stream_away")
	}
	return nil
}

func isUnsupported(err error) bool { return errors.Is(err, http.ErrNotSupported) }

// setting is the reader's own, nil where he has made none.
func (p *Pages) setting(ctx context.Context) (*mask.View, error) {
	me := web.Actor(ctx)
	list, err := p.server.Records().List(ctx, me, "notice_setting", record.Query{Filter: record.Where("owner_id", me.UserID), Limit: 1})
	if err != nil || len(list.Views) == 0 {
		return nil, err
	}
	return &list.Views[0], nil
}

// choiceView is how one topic is told.
type choiceView struct {
	Field webui.FieldView
}

// choicesView is the page of the reader's own choices.
type choicesView struct {
	Action, TestAction, ID, Version string
	Topics                          []choiceView
	Quiet, Hour                     webui.FieldView
	Mail                            string // where mail goes; empty for nowhere
	Error                           string
}

func (p *Pages) choices(w http.ResponseWriter, r *http.Request) error {
	return p.showChoices(w, r, nil)
}

func (p *Pages) showChoices(w http.ResponseWriter, r *http.Request, fault error) error {
	ctx := r.Context()
	s, err := p.setting(ctx)
	if err != nil {
		return err
	}
	address, err := p.ownMail(ctx)
	if err != nil {
		return err
	}
	v := choicesView{Action: "/me/notices", TestAction: "/me/notices/test", Mail: address}
	given, quiet, hour := map[string]any{}, true, int64(9)
	if s != nil {
		v.ID, v.Version = s.Record.ID.String(), strconv.FormatInt(s.Record.LockVersion, 10)
		if c, ok := s.Cell("choices"); ok {
			given, _ = c.Value.(map[string]any)
		}
		if c, ok := s.Cell("quiet"); ok {
			quiet, _ = c.Value.(bool)
		}
		if c, ok := s.Cell("digest_hour"); ok {
			hour, _ = c.Value.(int64)
		}
	}
	for _, topic := range notice.Topics() {
		if topic == notice.Account {
			continue // its mails cannot be switched off
		}
		chosen, _ := given[topic].(string)
		f := webui.FieldView{Name: "topic_" + topic, ID: "f-topic_" + topic, Label: i18n.T(ctx, "notice.topic."+topic), Value: chosen}
		f.Options = append(f.Options, webui.Option{Value: "", Label: i18n.T(ctx, "noticesettings.usual")})
		for _, way := range []string{notice.OnPage, notice.ByMail, notice.Digest} {
			f.Options = append(f.Options, webui.Option{Value: way, Label: i18n.T(ctx, "notice.way."+way)})
		}
		v.Topics = append(v.Topics, choiceView{f})
	}
	v.Quiet = webui.FieldView{Name: "quiet", ID: "f-quiet", Label: i18n.T(ctx, "notice_setting.quiet"), Hint: i18n.T(ctx, "noticesettings.quiet.hint"), Value: map[bool]string{true: "true"}[quiet]}
	v.Hour = webui.FieldView{Name: "digest_hour", ID: "f-digest_hour", Label: i18n.T(ctx, "notice_setting.digest_hour"), Value: strconv.FormatInt(hour, 10), Required: true}
	for h := range 24 {
		o := strconv.Itoa(h)
		v.Hour.Options = append(v.Hour.Options, webui.Option{Value: o, Label: o + ":00"})
	}
	page := p.server.Own(ctx, "/me/notices")
	if fault != nil {
		e := webui.ErrorViewOf(ctx, fault)
		page.Status, v.Error = e.Status, e.Sentence
	}
	return p.server.Page(w, r, page, choicesPage(v))
}

// ownMail is the reader's address; it is his own and shown to him.
func (p *Pages) ownMail(ctx context.Context) (string, error) {
	rec, me := p.server.Records(), web.Actor(ctx)
	return db.View(ctx, rec.DB, func(tx *db.Tx) (string, error) {
		scope, err := rec.Guard.Authorize(ctx, tx, me, "user", record.Read)
		if err != nil {
			return "", err
		}
		t := rec.Store.Types.Type("user")
		e, err := rec.Store.Get(ctx, tx, t, scope, me.UserID)
		if err != nil {
			return "", err
		}
		s, _ := t.Field("mail").Get(e).(string)
		return s, nil
	})
}

func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	choices := map[string]any{}
	for _, topic := range notice.Topics() {
		if way := r.PostFormValue("topic_" + topic); way != "" {
			choices[topic] = way
		}
	}
	cmd := action.Command{Type: "notice_setting", Action: record.Create, Input: map[string]any{
		"choices": choices, "quiet": r.PostFormValue("quiet") != "", "digest_hour": r.PostFormValue("digest_hour"),
	}}
	s, err := p.setting(ctx)
	if err != nil {
		return err
	}
	if s != nil {
		cmd.Action, cmd.ID = record.Update, s.Record.ID
	} else {
		cmd.Input["owner_id"] = web.Actor(ctx).UserID.String()
	}
	if _, err := p.server.Records().Do(ctx, web.Actor(ctx), cmd); err != nil {
		if errs.Is(err, errs.Invalid) {
			return p.showChoices(w, r, err)
		}
		return err
	}
	return p.server.Redirect(w, r, "/me/notices", web.Toast{Key: "noticesettings.saved"})
}

func (p *Pages) testMine(w http.ResponseWriter, r *http.Request) error {
	if err := p.Courier.TryMail(r.Context(), web.Actor(r.Context()).UserID); err != nil {
		return p.showChoices(w, r, err)
	}
	return p.server.Redirect(w, r, "/me/notices", web.Toast{Key: "noticesettings.mail_sent"})
}
