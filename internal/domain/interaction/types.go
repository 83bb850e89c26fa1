package interaction

import (
	"time"

	"dianke/internal/engine/record"
)

// The channels of an interaction.
const (
	Call   = "call"
	Mail   = "mail"
	SMS    = "sms"
	Wechat = "wechat"
	Visit  = "visit"
)

// In and Out are the directions, seen from the company.
const (
	In  = "in"
	Out = "out"
)

// The results that matter to rules.
const (
	Reached     = "reached"
	Missed      = "missed"
	WrongNumber = "wrong_number"
	Bounced     = "bounced"
)

// Interaction is one contact with a customer, or with a caller not yet known. The person who had it is its owner.
type Interaction struct {
	record.Head
	CustomerID   record.ID     `rec:"ref,ref=customer,parent,group=contact"`
	ContactID    record.ID     `rec:"ref,ref=contact,group=contact"`
	Channel      string        `rec:"enum,required,enum=call|mail|sms|wechat|visit|meeting|online|letter|other,default=call,index,group=contact"`
	Direction    string        `rec:"enum,required,enum=in|out,default=in,index,group=contact"`
	Kind         string        `rec:"enum,required,enum=service|inquiry|feedback|complaint|order|care|marketing|survey|collection|notice|private|other,default=service,index,group=contact"`
	At           time.Time     `rec:"time,index,group=contact"`
	Duration     time.Duration `rec:"duration,group=contact"`
	CallerNumber string        `rec:"phone,class=personal,index,search,group=contact"`
	CallerName   string        `rec:"text,class=personal,max=80,group=contact"`
	Participants string        `rec:"text,max=200,group=contact"`
	ChannelWhy   string        `rec:"text,max=200,group=contact"` // why another channel than the customer prefers
	Location     string        `rec:"address,group=contact"`
	ArrivedAt    time.Time     `rec:"time,group=contact"` // check-in of a visit
	LeftAt       time.Time     `rec:"time,group=contact"`

	Subject      string `rec:"text,max=120,search,group=content"`
	Summary      string `rec:"longtext,max=8000,search,group=content"`
	Result       string `rec:"enum,required,enum=reached|answered|no_answer|busy|missed|voicemail|wrong_number|bounced|refused|sent|other,default=reached,index,group=content"`
	NeedFound    string `rec:"longtext,max=4000,search,group=content"`
	NeedKind     string `rec:"text,max=60,group=content"`
	Opinion      string `rec:"longtext,max=4000,search,group=content"`
	Feedback     string `rec:"longtext,max=4000,search,group=content"` // words of a customer who gives feedback
	NothingNew   bool   `rec:"bool,group=content"`                     // asked, and the customer had neither need nor opinion
	Mood         string `rec:"enum,enum=pleased|neutral|displeased|angry,group=content"`
	IntentRating string `rec:"enum,enum=priority|ordinary|potential,group=content"`
	Satisfaction *int64 `rec:"number,min=1,top=5,group=content"`

	NextStep    string    `rec:"text,max=200,group=next"`
	NextAt      time.Time `rec:"time,index,group=next"`
	PromiseText string    `rec:"text,max=200,group=next"` // what was promised, becomes a promise
	PromiseDue  time.Time `rec:"time,group=next"`

	AboutType string    `rec:"text,max=40,group=about"` // type and id of the record it was about
	AboutID   string    `rec:"text,max=20,index,group=about"`
	TaskID    record.ID `rec:"ref,ref=task,group=about"` // task it answers
}

// The states of a task.
const (
	Open      = "open"
	Done      = "done"
	Cancelled = "cancelled"
)

// Task is something somebody has to do. Its owner does it; a task without owner waits for its unit. Rooms make tasks by
// the name of this type; the title needs no language, the kind says what is asked.
type Task struct {
	record.Head
	Title         string    `rec:"text,required,max=200,name"`
	Kind          string    `rec:"enum,required,enum=follow_up|contact|visit|call_back|verification|correction|assessment|need|reassignment|promise|reading|approval|other,default=other,index"`
	CustomerID    record.ID `rec:"ref,ref=customer,index"`
	AboutType     string    `rec:"text,max=40"`
	AboutID       string    `rec:"text,max=20,index"`
	DueAt         time.Time `rec:"time,index"`
	Urgency       string    `rec:"enum,enum=low|normal|high,default=normal"`
	Note          string    `rec:"longtext,max=4000,search"`
	Origin        string    `rec:"text,once,max=40,index"` // clause that asked for it
	Status        string    `rec:"state,enum=open|done|cancelled,default=open"`
	Result        string    `rec:"longtext,readonly,max=4000"`
	InteractionID record.ID `rec:"ref,ref=interaction,readonly"`
	Reason        string    `rec:"text,readonly"` // why cancelled, postponed or done without contact
	EndedAt       time.Time `rec:"time,readonly"`
	EndedBy       record.ID `rec:"user,readonly"`
	FirstDueAt    time.Time `rec:"time,readonly"`
	Postponed     int64     `rec:"number,readonly"`
	Late          bool      `rec:"bool,readonly"` // ended after it was due, or is overdue since the last nightly run
}

// Promise is something promised to a customer, with its time.
type Promise struct {
	record.Head
	CustomerID    record.ID `rec:"ref,ref=customer,parent,required,once"`
	Content       string    `rec:"text,required,max=200,search"`
	DueAt         time.Time `rec:"time,required,index"`
	InteractionID record.ID `rec:"ref,ref=interaction,once"`
	AboutType     string    `rec:"text,once,max=40"`
	AboutID       string    `rec:"text,once,max=20,index"`
	Status        string    `rec:"state,enum=open|kept|broken|released,default=open"`
	Late          bool      `rec:"bool,readonly"`
	EndedAt       time.Time `rec:"time,readonly"`
	Outcome       string    `rec:"text,readonly"`
}

// room holds what the functions of the types need of the program: the other types, by name.
type room struct{ reg *record.Registry }

// Register adds the types of the room. It refers to the types customer and contact, and looks for consent.
func Register(reg *record.Registry) {
	r := room{reg: reg}
	reg.Add(
		record.Declare[Interaction](record.Spec{
			Name: "interaction", Plural: "interactions", Room: "customer", Prefix: "I", Icon: "message-2", Title: "subject",
			Groups:  []string{"contact", "content", "next", "about"},
			List:    []string{"subject", "customer_id", "channel", "direction", "at", "result", "owner_id"},
			Actions: []*record.Action{record.Act("open_file", record.ActionSpec{Icon: "user-plus"}, r.openFile)},
			Prepare: r.prepareInteraction, Settled: r.settleInteraction,
		}),
		record.Declare[Task](record.Spec{
			Name: "task", Plural: "tasks", Room: "workbench", Prefix: "T", Icon: "checkbox", Title: "title",
			List:    []string{"title", "kind", "customer_id", "due_at", "owner_id", "status"},
			Actions: taskActions(), Prepare: prepareTask,
		}),
		record.Declare[Promise](record.Spec{
			Name: "promise", Plural: "promises", Room: "customer", Prefix: "PM", Icon: "heart-handshake", Title: "content",
			List:    []string{"content", "customer_id", "due_at", "status", "late", "owner_id"},
			Actions: promiseActions(), Prepare: preparePromise,
		}),
		giftType(), reviewType(), recordingType(), costType(),
	)
}
