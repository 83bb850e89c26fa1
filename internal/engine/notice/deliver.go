package notice

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
	"dianke/internal/platform/outbound"
	"dianke/internal/platform/robot"
)

const (
	deliverBatch    = 200
	deliverAttempts = 8
)

// Courier takes notices out of the house: to mailboxes and to channels. Set its fields before first use; it is then safe
// for concurrent use.
type Courier struct {
	Runner    *action.Runner
	Guard     *access.Guard
	Calendars *org.Calendars
	Sender    mail.Sender
	Policy    outbound.Policy
	Client    *http.Client                               // of the policy
	Scope     func(typ, act string) record.Scope         // of the system
	Say       func(lang, key string, args ...any) string // texts, in the zone of the organisation
	BaseURL   string
	Zone      *time.Location
	Log       *slog.Logger
	Wake      func() // asks for deliveries to be looked at soon; nil for never
}

func (k *Courier) tx(ctx context.Context, fn func(c *record.Call) error) error {
	return k.Runner.InTx(ctx, k.Scope("notice_delivery", record.Create), fn)
}

// Plan decides where a new notice goes, in the transaction of its event. It may run twice for one notice.
func (k *Courier) Plan(ctx context.Context, c *record.Call, id record.ID) error {
	n, err := record.Load[Notice](ctx, c, "notice", id)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if made, err := c.Work.Find(ctx, c, "notice_delivery", record.Where("notice_id", id), 1); err != nil || len(made) > 0 {
		return err
	}
	unit, err := mainUnit(ctx, c, n.OwnerID)
	if err != nil {
		return err
	}
	if err := k.planMail(ctx, c, n, unit); err != nil {
		return err
	}
	if err := k.planChannels(ctx, c, n, unit); err != nil {
		return err
	}
	if k.Wake != nil {
		c.Tx.AfterCommit(k.Wake)
	}
	return nil
}

// mainUnit is the unit a person works in; none for who holds no post.
func mainUnit(ctx context.Context, c *record.Call, user record.ID) (record.ID, error) {
	list, err := record.Find[org.Posting](ctx, c, "posting", record.Where("user_id", user), 50)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	for _, p := range list {
		if p.Main && (p.EndsOn == nil || !p.EndsOn.Before(c.Now.Truncate(24*time.Hour))) {
			return p.InUnit, nil
		}
	}
	return list[0].InUnit, nil
}

func (k *Courier) planMail(ctx context.Context, c *record.Call, n *Notice, unit record.ID) error {
	list, err := record.Find[Setting](ctx, c, "notice_setting", record.Where("owner_id", n.OwnerID), 1)
	if err != nil {
		return err
	}
	s := &Setting{Quiet: true, DigestHour: 9}
	if len(list) == 1 {
		s = list[0]
	}
	d := &Delivery{Way: s.way(n), NoticeID: n.ID, State: "waiting", NotBefore: c.Now, Head: record.Head{OwnerID: n.OwnerID}}
	if d.Way == OnPage {
		return nil
	}
	if d.Way == Digest {
		d.NotBefore = nextHour(c.Now, int(s.DigestHour), k.Zone)
	}
	if s.Quiet && n.Urgency != "urgent" {
		if d.NotBefore, err = k.awake(ctx, c, unit, d.NotBefore); err != nil {
			return err
		}
	}
	return c.Work.Insert(ctx, c, "notice_delivery", d)
}

func (k *Courier) planChannels(ctx context.Context, c *record.Call, n *Notice, unit record.ID) error {
	list, err := record.Find[Channel](ctx, c, "notice_channel", record.Where("active", true), 100)
	if err != nil || len(list) == 0 {
		return err
	}
	above, err := k.Guard.Above(ctx, c.Tx, unit)
	if err != nil {
		return err
	}
	for _, ch := range list {
		if !ch.wants(n, above) {
			continue
		}
		told, err := k.toldAlready(ctx, c, ch, n)
		if err != nil {
			return err
		}
		if told {
			continue
		}
		d := &Delivery{Way: "robot", NoticeID: n.ID, ChannelID: ch.ID, State: "waiting", NotBefore: c.Now}
		if ch.Quiet && n.Urgency != "urgent" {
			if d.NotBefore, err = k.awake(ctx, c, ch.ForUnit, c.Now); err != nil {
				return err
			}
		}
		if err := c.Work.Insert(ctx, c, "notice_delivery", d); err != nil {
			return err
		}
	}
	return nil
}

// toldAlready reports whether the channel has the same words about the same thing within five minutes: several people
// get a notice of one event, the group hears it once.
func (k *Courier) toldAlready(ctx context.Context, c *record.Call, ch *Channel, n *Notice) (bool, error) {
	if n.AboutID == "" || n.AboutID == record.ID(0).String() {
		return false, nil
	}
	same, err := record.Find[Notice](ctx, c, "notice", record.All(record.Where("about_id", n.AboutID), record.Where("key", n.Key),
		record.Filter{Field: "created_at", Op: field.Ge, Value: c.Now.Add(-5 * time.Minute)}), 50)
	if err != nil {
		return false, err
	}
	for _, other := range same {
		if other.ID == n.ID {
			continue
		}
		list, err := c.Work.Find(ctx, c, "notice_delivery", record.All(record.Where("notice_id", other.ID), record.Where("channel_id", ch.ID)), 1)
		if err != nil || len(list) > 0 {
			return len(list) > 0, err
		}
	}
	return false, nil
}

// awake is t, or the next opening of the unit's calendar where it lies outside of it.
func (k *Courier) awake(ctx context.Context, c *record.Call, unit record.ID, t time.Time) (time.Time, error) {
	key, err := k.Guard.Calendar(ctx, c.Tx, unit)
	if err != nil {
		return t, err
	}
	cal, err := k.Calendars.Get(ctx, c.Tx, key)
	if err != nil {
		return t, err
	}
	return cal.NextOpen(t).UTC(), nil
}

// nextHour is the next time the clock of the zone shows the full hour.
func nextHour(now time.Time, hour int, zone *time.Location) time.Time {
	n := now.In(zone)
	at := time.Date(n.Year(), n.Month(), n.Day(), hour, 0, 0, 0, zone)
	if at.Before(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at.UTC()
}

// Deliver takes out what is due. It may run any number of times; what was sent is not sent again unless the process ends
// in between.
func (k *Courier) Deliver(ctx context.Context) error {
	var list []*Delivery
	err := k.tx(ctx, func(c *record.Call) (err error) {
		due := record.Filter{Field: "not_before", Op: field.Le, Value: c.Now}
		list, err = record.Find[Delivery](ctx, c, "notice_delivery", record.All(record.Where("state", "waiting"), due), deliverBatch)
		return err
	})
	if err != nil {
		return err
	}
	byChannel, byPerson := map[record.ID][]*Delivery{}, map[record.ID][]*Delivery{}
	for _, d := range list {
		switch {
		case d.ChannelID != 0:
			byChannel[d.ChannelID] = append(byChannel[d.ChannelID], d)
		case d.Way == Digest:
			byPerson[d.OwnerID] = append(byPerson[d.OwnerID], d)
		default:
			if err := k.mail(ctx, d.OwnerID, []*Delivery{d}); err != nil {
				return err
			}
		}
	}
	for _, id := range ordered(byPerson) {
		if err := k.mail(ctx, id, byPerson[id]); err != nil {
			return err
		}
	}
	for _, id := range ordered(byChannel) {
		if err := k.channel(ctx, id, byChannel[id]); err != nil {
			return err
		}
	}
	return nil
}

func ordered(m map[record.ID][]*Delivery) []record.ID {
	var out []record.ID
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// letter is what is to be said of several notices to one person or channel.
type letter struct {
	user    *org.User
	channel *Channel
	notices []*Notice
}

// gather reads what the deliveries are about.
func (k *Courier) gather(ctx context.Context, user, channel record.ID, list []*Delivery) (*letter, error) {
	l := &letter{}
	err := k.tx(ctx, func(c *record.Call) (err error) {
		if user != 0 {
			if l.user, err = record.Load[org.User](ctx, c, "user", user); err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
		}
		if channel != 0 {
			if l.channel, err = record.Load[Channel](ctx, c, "notice_channel", channel); err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
		}
		for _, d := range list {
			n, err := record.Load[Notice](ctx, c, "notice", d.NoticeID)
			if err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
			l.notices = append(l.notices, n)
		}
		return nil
	})
	return l, err
}

// mail sends one person what he has not read meanwhile.
func (k *Courier) mail(ctx context.Context, user record.ID, list []*Delivery) error {
	l, err := k.gather(ctx, user, 0, list)
	if err != nil {
		return err
	}
	if l.user == nil || l.user.Status != "active" || l.user.Mail == "" {
		return k.end(ctx, list, "dropped", "notice.no_address")
	}
	var lines []string
	first, unread := "", list[:0:0]
	for i, n := range l.notices {
		if n == nil || n.Status == "read" {
			if err := k.end(ctx, list[i:i+1], "dropped", ""); err != nil {
				return err
			}
			continue
		}
		text := k.text(l.user.Language, n)
		if first == "" {
			first = text
		}
		lines, unread = append(lines, "· "+text+"\n  "+k.link(n)), append(unread, list[i])
	}
	if len(unread) == 0 {
		return nil
	}
	subject := first
	if len(unread) > 1 {
		subject = k.Say(l.user.Language, "notice.mail.digest", "n", len(unread))
	}
	m := mail.Message{
		To: []mail.Address{{Name: l.user.Name, Mail: l.user.Mail}}, Subject: oneLine(subject), Automatic: true,
		Text: strings.Join(lines, "\n\n") + "\n\n" + k.Say(l.user.Language, "notice.mail.foot", "url", k.BaseURL+"/me/notices"),
	}
	return k.settle(ctx, unread, k.Sender.Send(ctx, m), mail.Final)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// text is the notice in words.
func (k *Courier) text(lang string, n *Notice) string {
	var args []any
	for name, v := range n.Args {
		args = append(args, name, v)
	}
	return k.Say(lang, n.Key, args...)
}

// link leads to what the notice is about; whoever opens it signs in and sees what he may.
func (k *Courier) link(n *Notice) string {
	if t := k.Runner.Store.Types.Type(n.AboutType); t != nil && n.AboutID != "" && n.AboutID != record.ID(0).String() {
		return k.BaseURL + "/" + t.Plural + "/" + n.AboutID
	}
	return k.BaseURL + "/notices"
}

// channel posts to one channel as much as it takes this minute.
func (k *Courier) channel(ctx context.Context, id record.ID, list []*Delivery) error {
	l, err := k.gather(ctx, 0, id, list)
	if err != nil {
		return err
	}
	if l.channel == nil || !l.channel.Active {
		return k.end(ctx, list, "dropped", "")
	}
	free, err := k.free(ctx, id)
	if err != nil {
		return err
	}
	for i, d := range list[:min(len(list), free)] {
		n := l.notices[i]
		if n == nil {
			if err := k.end(ctx, list[i:i+1], "dropped", ""); err != nil {
				return err
			}
			continue
		}
		m := robot.Message{ID: d.ID.String(), Text: k.prefix(l.channel) + k.text(l.channel.Lang, n), Link: k.link(n), Event: "notice.create", At: n.CreatedAt}
		err := l.channel.robot().Post(ctx, k.Client, m, k.Runner.Store.Clock.Now())
		if serr := k.settle(ctx, list[i:i+1], err, robot.Final); serr != nil {
			return serr
		}
		if ferr := k.fault(ctx, l.channel, err); ferr != nil {
			return ferr
		}
		if errs.Is(err, errs.TooMany) || errs.Is(err, errs.Forbidden) {
			break // the rest would fare no better now
		}
	}
	return nil
}

// prefix is the name a robot's keyword rule can be set to.
func (k *Courier) prefix(ch *Channel) string {
	if ch.Kind == robot.Webhook {
		return ""
	}
	return k.Say(ch.Lang, "notice.robot.prefix")
}

// free is how many messages the channel still takes this minute.
func (k *Courier) free(ctx context.Context, id record.ID) (int, error) {
	n := 0
	err := k.tx(ctx, func(c *record.Call) error {
		f := record.All(record.Where("channel_id", id), record.Filter{Field: "sent_at", Op: field.Gt, Value: c.Now.Add(-time.Minute)})
		list, err := c.Work.Find(ctx, c, "notice_delivery", f, robot.PerMinute)
		n = len(list)
		return err
	})
	return robot.PerMinute - n, err
}

// fault notes on the channel that it does not work, or works again.
func (k *Courier) fault(ctx context.Context, ch *Channel, cause error) error {
	key := errs.KeyOf(cause)
	if key == "robot.too_many" || key == ch.Fault {
		return nil
	}
	ch.Fault = key
	return k.tx(ctx, func(c *record.Call) error {
		now, err := record.Load[Channel](ctx, c, "notice_channel", ch.ID)
		if err != nil || now.Fault == key {
			return err
		}
		now.Fault = key
		return c.Work.Save(ctx, c, "notice_channel", "judged", now)
	})
}

func (k *Courier) end(ctx context.Context, list []*Delivery, state, fault string) error {
	return k.tx(ctx, func(c *record.Call) error {
		for _, d := range list {
			now, err := record.Load[Delivery](ctx, c, "notice_delivery", d.ID)
			if err != nil {
				return err
			}
			now.State, now.Fault = state, fault
			if state == "sent" {
				now.SentAt = c.Now
			}
			if err := c.Work.Save(ctx, c, "notice_delivery", state, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle notes how a sending ended: done, to be tried again, or given up.
func (k *Courier) settle(ctx context.Context, list []*Delivery, failure error, final func(error) bool) error {
	if failure == nil {
		return k.end(ctx, list, "sent", "")
	}
	k.Log.WarnContext(ctx, "notice could not be delivered", "deliveries", len(list), "error", failure)
	key := errs.KeyOf(failure)
	if key == "" {
		key = "robot.away"
	}
	if final(failure) || list[0].Attempts+1 >= deliverAttempts && !errs.Is(failure, errs.TooMany) {
		return k.end(ctx, list, "failed", key)
	}
	return k.tx(ctx, func(c *record.Call) error {
		for _, d := range list {
			now, err := record.Load[Delivery](ctx, c, "notice_delivery", d.ID)
			if err != nil {
				return err
			}
			now.Fault, now.NotBefore = key, c.Now.Add(time.Minute)
			if !errs.Is(failure, errs.TooMany) {
				now.Attempts++
				now.NotBefore = c.Now.Add(min(time.Minute<<min(2*now.Attempts-1, 20), 6*time.Hour))
			}
			if err := c.Work.Save(ctx, c, "notice_delivery", "put_off", now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Try posts a trial message to a channel at once and returns what the service said.
func (k *Courier) Try(ctx context.Context, id record.ID) error {
	l, err := k.gather(ctx, 0, id, nil)
	if err != nil {
		return err
	}
	if l.channel == nil {
		return errs.New(errs.NotFound, "record.not_found")
	}
	m := robot.Message{
		ID: k.Runner.Store.IDs.Next().String(), Text: k.prefix(l.channel) + k.Say(l.channel.Lang, "notice.robot.test"), Link: k.BaseURL,
		Event: "notice.test", At: k.Runner.Store.Clock.Now(),
	}
	err = l.channel.robot().Post(ctx, k.Client, m, k.Runner.Store.Clock.Now())
	if ferr := k.fault(ctx, l.channel, err); ferr != nil {
		return ferr
	}
	return err
}

// TryMail sends a person a trial mail at once. Invalid (notice.no_address) where he has no address.
func (k *Courier) TryMail(ctx context.Context, user record.ID) error {
	l, err := k.gather(ctx, user, 0, nil)
	if err != nil {
		return err
	}
	if l.user == nil || l.user.Mail == "" {
		return errs.New(errs.Invalid, "notice.no_address")
	}
	text := k.Say(l.user.Language, "notice.mail.test")
	err = k.Sender.Send(ctx, mail.Message{To: []mail.Address{{Name: l.user.Name, Mail: l.user.Mail}}, Subject: text, Text: text + "\n" + k.BaseURL, Automatic: true})
	if err != nil && errs.KeyOf(err) == "" {
		k.Log.WarnContext(ctx, "trial mail failed", "error", err)
		return errs.New(errs.Unavailable, "notice.mail_away").Because(fmt.Errorf("trial mail: %w", err))
	}
	return err
}
