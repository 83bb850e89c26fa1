package notice

import (
	"context"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/outbound"
	"dianke/internal/platform/robot"
)

// The topics of notices, by which people choose how they are told.
const (
	Deadline = "deadline" // a clock warns or has run out
	Duty     = "duty"     // a task by the regulation
	Mention  = "mention"
	Letter   = "letter" // mail of customers, and mail that did not arrive
	Breach   = "breach"
	Rules    = "rules"   // versions, interpretations, exceptions
	Account  = "account" // sign-in; its mails are sent by who guards it
	Other    = "other"
)

// Topics lists the topics in the order people see them.
func Topics() []string {
	return []string{Deadline, Duty, Mention, Letter, Breach, Rules, Account, Other}
}

// TopicOf is the topic of a message key.
func TopicOf(key string) string {
	for _, t := range []struct{ prefix, topic string }{
		{"regulation.clock.", Deadline}, {"regulation.duty.", Duty}, {"regulation.attestation.", Duty}, {"notice.mentioned", Mention}, {"mail.", Letter},
		{"breach.", Breach}, {"measure.", Breach}, {"regulation.", Rules}, {"exemption.", Rules}, {"proposal.", Rules}, {"identity.", Account},
	} {
		if strings.HasPrefix(key, t.prefix) {
			return t.topic
		}
	}
	return Other
}

// The ways a person is told beside the page.
const (
	OnPage = "page"   // nothing more
	ByMail = "mail"   // at once
	Digest = "digest" // once a day, together
)

// Setting is how one person (OwnerID) is told. A topic without a choice follows [Usual].
type Setting struct {
	record.Head
	Title      string         `rec:"text,max=80"` // name of the person, for lists
	Choices    map[string]any `rec:"json"`        // topic to way
	Quiet      bool           `rec:"bool,default=true"`
	DigestHour int64          `rec:"number,default=9,min=0,top=23"`
}

// Usual is the way of a topic nobody has chosen for: what is urgent comes by mail.
func Usual(urgency string) string {
	if urgency == "urgent" {
		return ByMail
	}
	return OnPage
}

// way is how the person is told of a notice.
func (s *Setting) way(n *Notice) string {
	topic := TopicOf(n.Key)
	if topic == Account {
		return OnPage
	}
	if s != nil {
		if chosen, _ := s.Choices[topic].(string); chosen != "" {
			return chosen
		}
	}
	return Usual(n.Urgency)
}

// Channel is a group robot or a webhook that is told of notices of the house, or of one unit and those below it.
type Channel struct {
	record.Head
	Title   string    `rec:"text,required,max=80,name"`
	Kind    string    `rec:"enum,required,enum=wecom|dingtalk|feishu|webhook,default=wecom"`
	Address string    `rec:"secret,required,class=sensitive,max=1000"` // holds the key of the robot
	Secret  string    `rec:"secret,class=sensitive"`
	ForUnit record.ID `rec:"unit"` // none: the whole company
	Least   string    `rec:"enum,required,enum=info|warning|urgent,default=warning"`
	Topics  []string  `rec:"multienum,enum=deadline|duty|mention|letter|breach|rules|account|other"` // none: all
	Lang    string    `rec:"enum,required,enum=zh|en,default=zh"`
	Quiet   bool      `rec:"bool,default=true"`
	Active  bool      `rec:"bool,default=true,index"`
	Fault   string    `rec:"text,readonly,max=100"` // message key of what went wrong last
}

// Delivery is one notice on its way to one person's mailbox or one channel.
type Delivery struct {
	record.Head
	Way       string    `rec:"enum,readonly,enum=mail|digest|robot,index"`
	NoticeID  record.ID `rec:"ref,ref=notice,readonly,index"`
	ChannelID record.ID `rec:"ref,ref=notice_channel,readonly,index"`
	State     string    `rec:"state,enum=waiting|sent|failed|dropped,default=waiting"`
	NotBefore time.Time `rec:"time,readonly,index"`
	Attempts  int64     `rec:"number,readonly"`
	Fault     string    `rec:"text,readonly,max=100"`
	SentAt    time.Time `rec:"time,readonly,index"`
}

// least orders urgency.
func least(urgency string) int {
	return max(0, slices.Index([]string{"info", "warning", "urgent"}, urgency))
}

// wants reports whether the channel is told of a notice to somebody of the units, nearest first.
func (ch *Channel) wants(n *Notice, units []record.ID) bool {
	return least(n.Urgency) >= least(ch.Least) && (len(ch.Topics) == 0 || slices.Contains(ch.Topics, TopicOf(n.Key))) &&
		TopicOf(n.Key) != Account && (ch.ForUnit == 0 || slices.Contains(units, ch.ForUnit))
}

func (ch *Channel) robot() robot.Robot {
	return robot.Robot{Kind: ch.Kind, URL: ch.Address, Secret: ch.Secret}
}

// types of delivery.
func deliveryTypes(policy outbound.Policy) []*record.Type {
	return []*record.Type{
		record.Declare[Setting](record.Spec{
			Name: "notice_setting", Plural: "notice_settings", Room: "workbench", Prefix: "NS", Icon: "bell-cog", Title: "title",
			List: []string{"owner_id", "quiet", "digest_hour"}, Without: []string{record.Assign, record.Attach, record.Comment, record.Import}, Prepare: prepareSetting,
		}),
		record.Declare[Channel](record.Spec{
			Name: "notice_channel", Plural: "notice_channels", Room: "settings", Prefix: "NC", Icon: "robot", Title: "title",
			List: []string{"title", "kind", "for_unit", "least", "topics", "active", "fault"}, Prepare: prepareChannel(policy),
			Actions: []*record.Action{record.Act("set_address", record.ActionSpec{Primary: true, Icon: "key"}, setAddress)},
		}),
		record.Declare[Delivery](record.Spec{
			Name: "notice_delivery", Plural: "notice_deliveries", Room: "settings", Prefix: "ND", Icon: "send", Title: "number",
			List:    []string{"way", "channel_id", "owner_id", "state", "sent_at", "fault"},
			Without: []string{record.Create, record.Update, record.Archive, record.Restore, record.Assign, record.Attach, record.Import, record.Comment},
		}),
	}
}

// prepareSetting keeps the setting of a person his own and refuses ways nobody knows.
func prepareSetting(_ context.Context, c *record.Call) error {
	s := c.Record.(*Setting)
	if c.Actor().IsPerson() {
		if s.OwnerID == 0 {
			s.OwnerID = c.Actor().UserID
		}
		if s.OwnerID != c.Actor().UserID {
			return errs.New(errs.Forbidden, "access.denied")
		}
		s.Title = c.Actor().Name
	}
	for topic, way := range s.Choices {
		if !slices.Contains(Topics(), topic) || !slices.Contains([]any{OnPage, ByMail, Digest}, way) {
			return errs.Of("choices", "notice_setting.unknown")
		}
	}
	return nil
}

func prepareChannel(policy outbound.Policy) func(context.Context, *record.Call) error {
	return func(_ context.Context, c *record.Call) error {
		ch := c.Record.(*Channel)
		if before, ok := c.Before.(*Channel); ok && before.Address == ch.Address && before.Secret == ch.Secret && before.Kind == ch.Kind {
			return nil
		}
		ch.Address, ch.Fault = strings.TrimSpace(ch.Address), ""
		err := ch.robot().Check(policy)
		if e := errs.As(err); err != nil && e.Field == "url" {
			return errs.Of("address", e.Key)
		}
		return err
	}
}

// setAddress replaces address and secret, which nobody reads back.
func setAddress(_ context.Context, _ *record.Call, ch *Channel, in *struct {
	Address string `rec:"secret,required,class=sensitive,max=1000"`
	Secret  string `rec:"secret,class=sensitive"`
}) error {
	ch.Address, ch.Secret, ch.Fault = in.Address, in.Secret, ""
	return nil
}
