package correspondence

import (
	"time"

	"dianke/internal/engine/record"
)

// The directions of a message.
const (
	In  = "in"
	Out = "out"
)

// The states of arrivals and messages.
const (
	Received = "received"
	Filed    = "filed"
	Held     = "held"
	Ignored  = "ignored"
	Queued   = "queued"
	Sent     = "sent"
	Failed   = "failed"
	Bounced  = "bounced"
)

// Why an arrival is held or passed over.
const (
	whySpam      = "spam"
	whyStranger  = "stranger"  // refers to a case that does not know the sender
	whyBulk      = "bulk"      // a list or newsletter
	whyLoop      = "loop"      // a mail of ours, or one that goes round
	whyFlood     = "flood"     // too many new cases from one sender
	whyRule      = "rule"      // a rule of the mail room says so
	whyTooLarge  = "too_large" // left in the mailbox
	whyFailed    = "failed"    // could not be handled
	whyRefused   = "refused"   // a clause or rule of the case forbids it
	whyAuto      = "auto_reply"
	whyReceipt   = "receipt"
	whyBounce    = "bounce"
	whyDuplicate = "duplicate"
)

// Mailbox is one address of the house. Its unit is where new cases go unless a rule or the category says otherwise.
type Mailbox struct {
	record.Head
	Title      string    `rec:"text,required,max=80,name"` // also the name shown beside the address
	Address    string    `rec:"email,required,unique"`
	Kind       string    `rec:"enum,required,enum=inquiry|complaint|request|suggestion,default=inquiry"`
	CategoryID record.ID `rec:"ref,ref=case_category"`
	Plus       bool      `rec:"bool,default=true"` // the provider delivers name+anything@ as well
	Active     bool      `rec:"bool,default=true,index"`
	Source     string    `rec:"enum,required,enum=listener|imap|maildir,default=imap,group=fetch"`
	Server     string    `rec:"text,max=200,group=fetch"` // imaps://host
	Account    string    `rec:"text,max=200,group=fetch"`
	Password   string    `rec:"secret,class=sensitive,group=fetch"`
	Folder     string    `rec:"text,max=100,group=fetch"`
	MoveTo     string    `rec:"text,max=100,group=fetch"` // folder for what was taken in

	Validity  int64     `rec:"number,readonly,group=progress"` // UIDVALIDITY of the folder
	LastUID   int64     `rec:"number,readonly,group=progress"`
	FetchedAt time.Time `rec:"time,readonly,group=progress"` // when mail came in last
	Fault     string    `rec:"text,readonly,max=100,group=progress"`
	FaultAt   time.Time `rec:"time,readonly,group=progress"`
}

// Rule sorts what opens a new case. The first one that fits counts, by position; conditions that are empty fit everything.
type Rule struct {
	record.Head
	Title      string    `rec:"text,required,max=80,name"`
	Position   int64     `rec:"number,default=100,min=0,top=100000"`
	MailboxID  record.ID `rec:"ref,ref=mailbox,group=condition"`
	Sender     string    `rec:"text,max=200,group=condition"` // an address, or @domain
	SubjectHas string    `rec:"text,max=100,group=condition"`
	Treatment  string    `rec:"enum,required,enum=open|hold|ignore,default=open,group=result"`
	Kind       string    `rec:"enum,enum=inquiry|complaint|request|suggestion|praise,group=result"`
	CategoryID record.ID `rec:"ref,ref=case_category,group=result"`
	ToUnitID   record.ID `rec:"unit,group=result"`
	Active     bool      `rec:"bool,default=true"`
}

// Arrival is one message taken in, as it came. Its file is the original.
type Arrival struct {
	record.Head
	Subject   string    `rec:"text,readonly,max=1000,search"`
	FromName  string    `rec:"text,readonly,max=200,class=personal"`
	FromMail  string    `rec:"text,readonly,max=320,class=personal,index,search"`
	State     string    `rec:"state,enum=received|filed|held|ignored,default=received"`
	Reason    string    `rec:"enum,readonly,enum=spam|stranger|bulk|loop|flood|rule|too_large|failed|refused|auto_reply|receipt|bounce|duplicate,index"`
	Nature    string    `rec:"enum,readonly,enum=message|auto_reply|bounce|receipt|bulk"`
	Marks     []string  `rec:"multienum,readonly,enum=charset_guessed|damaged|shortened|partial|encrypted|headless"`
	Excerpt   string    `rec:"longtext,readonly,max=4000,class=personal"` // what it says, for who has to judge it
	ArrivedAt time.Time `rec:"time,readonly,index"`
	MailboxID record.ID `rec:"ref,ref=mailbox,readonly"`
	CaseID    record.ID `rec:"ref,ref=case,readonly,index"`
	IntoCase  record.ID `rec:"ref,ref=case,readonly"` // where a person wants it filed
	Released  bool      `rec:"bool,readonly"`
	Via       string    `rec:"enum,readonly,enum=listener|imap|maildir,default=listener"`
	Sender    string    `rec:"text,readonly,max=320,class=personal"` // of the envelope
	Recipient string    `rec:"longtext,readonly,max=8000,class=personal"`
	MessageID string    `rec:"text,readonly,max=250,index"`
	Digest    string    `rec:"text,readonly,max=64"` // of what it says, to know a second copy
	RawHash   string    `rec:"text,readonly,max=64,index"`
	Size      int64     `rec:"number,readonly"`
	Attempts  int64     `rec:"number,readonly"`
	Failure   string    `rec:"text,readonly,max=200"`
}

// Message is a mail that belongs to a case, in or out.
type Message struct {
	record.Head
	CaseID     record.ID `rec:"ref,ref=case,parent,readonly,index"`
	Subject    string    `rec:"text,readonly,max=1000"`
	Direction  string    `rec:"enum,readonly,enum=in|out,default=in,index"`
	State      string    `rec:"state,enum=received|queued|sent|failed|bounced,default=received"`
	Nature     string    `rec:"enum,readonly,enum=message|auto_reply|bounce|receipt|bulk,default=message"`
	FromName   string    `rec:"text,readonly,max=200,class=personal"`
	FromMail   string    `rec:"text,readonly,max=320,class=personal,index"`
	Recipients string    `rec:"longtext,readonly,max=8000,class=personal"`
	WrittenAt  time.Time `rec:"time,readonly"` // as the sender says
	At         time.Time `rec:"time,readonly,index"`
	Body       string    `rec:"longtext,readonly,max=100000"`
	Marks      []string  `rec:"multienum,readonly,enum=charset_guessed|damaged|shortened|partial|encrypted|headless"`
	ArrivalID  record.ID `rec:"ref,ref=mail_arrival,readonly"`
	MailboxID  record.ID `rec:"ref,ref=mailbox,readonly"`
	ReplyID    record.ID `rec:"ref,ref=case_reply,readonly,index"`
	CustomerID record.ID `rec:"ref,ref=customer,readonly"`
	MessageID  string    `rec:"text,readonly,max=250,index"`
	InReplyTo  string    `rec:"text,readonly,max=250"`
	Thread     string    `rec:"longtext,readonly,max=20000"`          // ids of the thread, apart by spaces
	Failure    string    `rec:"text,readonly,max=400,class=personal"` // carriers name the address
	Attempts   int64     `rec:"number,readonly"`
	NextTryAt  time.Time `rec:"time,readonly,index"`
}

// Register adds the types of the room. They refer to the types case, case_category, case_reply and customer.
func Register(reg *record.Registry) {
	reg.Add(mailboxType(), ruleType(), arrivalType(), messageType())
}

func mailboxType() *record.Type {
	return record.Declare[Mailbox](record.Spec{
		Name: "mailbox", Plural: "mailboxes", Room: "settings", Prefix: "MB", Icon: "mailbox", Title: "title",
		Groups: []string{"", "fetch", "progress"}, List: []string{"title", "address", "source", "unit_id", "active", "fetched_at", "fault"}, Prepare: prepareMailbox,
		Actions: []*record.Action{record.Act("set_password", record.ActionSpec{Primary: true, Icon: "key"}, setPassword)},
	})
}

func ruleType() *record.Type {
	return record.Declare[Rule](record.Spec{
		Name: "mail_rule", Plural: "mail_rules", Room: "settings", Prefix: "MR", Icon: "filter", Title: "title",
		Groups: []string{"", "condition", "result"}, List: []string{"position", "title", "mailbox_id", "sender", "subject_has", "treatment", "kind", "active"}, Prepare: prepareRule,
	})
}

// machine are the general actions a record written by the program alone does not have.
func machine() []string {
	return []string{record.Create, record.Update, record.Archive, record.Restore, record.Assign, record.Attach, record.Import}
}

func arrivalType() *record.Type {
	return record.Declare[Arrival](record.Spec{
		Name: "mail_arrival", Plural: "mail_arrivals", Room: "service", Prefix: "MI", Icon: "inbox", Title: "subject", Without: machine(),
		List: []string{"subject", "from_mail", "state", "reason", "arrived_at", "case_id"},
		Actions: []*record.Action{
			record.Act("release", record.ActionSpec{From: []string{Held, Ignored}, To: Received, Primary: true, Icon: "mail-check"}, release),
			record.Act("discard", record.ActionSpec{From: []string{Held}, To: Ignored, Bulk: true, Danger: true, Icon: "trash"}, discard),
		},
	})
}

func messageType() *record.Type {
	return record.Declare[Message](record.Spec{
		Name: "mail_message", Plural: "mail_messages", Room: "service", Prefix: "ML", Icon: "mail", Title: "subject", Without: machine(),
		List: []string{"at", "direction", "subject", "from_mail", "state", "case_id"},
		Actions: []*record.Action{
			record.Act("send_again", record.ActionSpec{From: []string{Failed, Bounced}, To: Queued, Primary: true, Icon: "refresh"}, sendAgain),
		},
	})
}
