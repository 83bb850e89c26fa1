package casework

import (
	"context"
	"time"

	"dianke/internal/engine/record"
)

// Note is an entry in the diary of a case: progress, a push, what the customer added, an amendment of his words.
type Note struct {
	record.Head
	CaseID record.ID `rec:"ref,ref=case,parent,required,once"`
	Kind   string    `rec:"enum,required,enum=note|progress|push|customer|amendment|conduct|handback,default=note,index"`
	Way    string    `rec:"enum,enum=reminder|meeting|escalation"`
	Text   string    `rec:"longtext,required,max=8000,search"`
	At     time.Time `rec:"time"`
}

// Contact is one attempt to reach the customer, as it happened. It is written by note_contact, notify_arrangement and
// inform_customer of the case and never changed.
type Contact struct {
	record.Head
	CaseID          record.ID `rec:"ref,ref=case,parent,required,once"`
	Channel         string    `rec:"enum,required,enum=phone|visit|mail|letter|online|message,default=phone"`
	Result          string    `rec:"enum,required,enum=reached|unreachable|left_message,default=reached,index"`
	Purpose         string    `rec:"enum,enum=contact|arrangement|result,default=contact"`
	At              time.Time `rec:"time,required,index"`
	ByUserID        record.ID `rec:"user"`
	Summary         string    `rec:"longtext,max=4000"`
	MoodBefore      string    `rec:"enum,enum=calm|worried|upset|angry"`
	MoodAfter       string    `rec:"enum,enum=better|same|worse"`
	CalmingStep     string    `rec:"text"`
	NoPromise       bool      `rec:"bool"`
	Conduct         string    `rec:"text"`
	ContactPersonID record.ID `rec:"user"`
	Confidential    bool      `rec:"bool"`
}

// Material is one piece of evidence: what it is, where the original lies, whether it is genuine, who has it.
type Material struct {
	record.Head
	CaseID         record.ID `rec:"ref,ref=case,parent,required,once"`
	Title          string    `rec:"text,required,max=200,name"`
	Form           string    `rec:"enum,required,enum=original|copy,default=copy"`
	NoOriginalWhy  string    `rec:"text"` // why no original could be kept
	Pages          *int64    `rec:"number,min=1"`
	Place          string    `rec:"text,max=120"`
	CustodianID    record.ID `rec:"user"`
	FileID         record.ID `rec:"file"` // the scan, kept by its hash
	Authenticity   string    `rec:"enum,readonly,enum=unchecked|genuine|doubtful|not_checkable,default=unchecked,index"`
	CheckMethod    string    `rec:"text,readonly"`
	CheckedBy      record.ID `rec:"user,readonly"`
	CheckedAt      time.Time `rec:"time,readonly"`
	HandedOutTo    string    `rec:"text,readonly,max=80"`
	HandedOutAt    time.Time `rec:"time,readonly"`
	ReturnOn       time.Time `rec:"date,readonly"`
	ReturnedAt     time.Time `rec:"time,readonly"`
	HandedBackAt   time.Time `rec:"time,readonly"` // the officer has it back from the handler
	HandedBackBy   record.ID `rec:"user,readonly"`
	HandedBackNote string    `rec:"text,readonly"`
}

// Allegation is one point of a complaint, or one question of an inquiry, with what was found.
type Allegation struct {
	record.Head
	CaseID  record.ID `rec:"ref,ref=case,parent,required,once"`
	Kind    string    `rec:"enum,required,enum=allegation|question,default=allegation"`
	Text    string    `rec:"text,required,max=500"`
	Finding string    `rec:"enum,readonly,enum=open|proven|unproven|refuted|answered,default=open,index"`
	Reason  string    `rec:"longtext,readonly,max=4000"`
	Source  string    `rec:"text,readonly,max=200"` // document, call record or interview it rests on
	FoundBy record.ID `rec:"user,readonly"`
	FoundAt time.Time `rec:"time,readonly"`
}

// Measure is what a decision brings about.
type Measure struct {
	record.Head
	CaseID      record.ID `rec:"ref,ref=case,parent,required,once"`
	Title       string    `rec:"text,required,max=200,name"`
	Kind        string    `rec:"enum,required,enum=apology|refund|compensation|repair|reassignment|training|discipline|preventive|other,default=other,index"`
	DueOn       time.Time `rec:"date,index"`
	State       string    `rec:"state,enum=open|done|verified|dropped,default=open"`
	Outcome     string    `rec:"longtext,readonly,max=2000"`
	DoneAt      time.Time `rec:"time,readonly"`
	DoneBy      record.ID `rec:"user,readonly"`
	VerifiedAt  time.Time `rec:"time,readonly"`
	VerifiedBy  record.ID `rec:"user,readonly"`
	CheckOn     time.Time `rec:"date"` // when the effect is to be checked
	Effect      string    `rec:"enum,readonly,enum=works|partly|fails"`
	EffectSeen  time.Time `rec:"time,readonly"`
	DroppedWhy  string    `rec:"text,readonly"`
	ReopenCount int64     `rec:"number,readonly"`
}

// Opinion is the officer's written opinion or a supplement to it. Nothing changes it once it is signed.
type Opinion struct {
	record.Head
	CaseID     record.ID `rec:"ref,ref=case,parent,required,once"`
	Kind       string    `rec:"enum,required,enum=opinion|supplement,default=opinion"`
	Round      int64     `rec:"number"`
	Facts      string    `rec:"longtext,max=8000"`
	Assessment string    `rec:"longtext,required,max=8000"`
	Proposal   string    `rec:"longtext,max=4000"`
	SignedBy   record.ID `rec:"user"`
	SignedAt   time.Time `rec:"time"`
}

// Reply is one letter or message to the customer. A draft may be held for the officer; what was sent is not changed.
type Reply struct {
	record.Head
	CaseID      record.ID `rec:"ref,ref=case,parent,required,once"`
	Subject     string    `rec:"text,required,max=200,name"`
	Body        string    `rec:"longtext,required,max=8000"`
	Channel     string    `rec:"enum,required,enum=letter|mail|online|message|phone|visit,default=letter"`
	SignatoryID record.ID `rec:"user"`
	State       string    `rec:"state,enum=draft|held|approved|sent|discarded,default=draft"`
	HoldReason  string    `rec:"text,readonly"`
	ApprovedBy  record.ID `rec:"user,readonly"`
	ApprovedAt  time.Time `rec:"time,readonly"`
	Round       int64     `rec:"number,readonly"`
	SentAt      time.Time `rec:"time,readonly"`
	SentBy      record.ID `rec:"user,readonly"`
	Proof       string    `rec:"text,max=200"`
	ProofFile   record.ID `rec:"file"`
	Deliver     bool      `rec:"bool"`                                          // the program sends it by mail
	Recipient   string    `rec:"email,class=personal"`                          // empty: the address of the case, or of its customer
	Delivery    string    `rec:"enum,readonly,enum=queued|sent|failed|bounced"` // what became of the mail
	DeliveryWhy string    `rec:"text,readonly,max=400,class=personal"`          // why it failed or came back

	direct bool // written by the case's own action, which settles the case itself
}

// Objection says that somebody does not accept the outcome.
type Objection struct {
	record.Head
	CaseID       record.ID `rec:"ref,ref=case,parent,required,once"`
	Round        int64     `rec:"number"`
	Reason       string    `rec:"text,max=500"`
	RaisedBy     string    `rec:"enum,required,enum=complainant|complained_of,default=complainant"`
	RaisedAt     time.Time `rec:"time"`
	ReviewerID   record.ID `rec:"user"`
	State        string    `rec:"state,enum=open|settled,default=open"`
	FollowUp     string    `rec:"enum,readonly,enum=reexamination|talk|external_routes|other"`
	FollowUpText string    `rec:"longtext,readonly,max=4000"`
	RoutesTold   bool      `rec:"bool,readonly"` // the customer knows the outside bodies he may turn to
	Outcome      string    `rec:"enum,readonly,enum=confirmed|changed|withdrawn"`
	SettledAt    time.Time `rec:"time,readonly"`
}

// TimelineEntry is one fact on the line of events. Without a source it is unverified.
type TimelineEntry struct {
	record.Head
	CaseID     record.ID `rec:"ref,ref=case,parent,required,once"`
	At         time.Time `rec:"time,required,index"`
	Text       string    `rec:"text,required,max=500"`
	SourceKind string    `rec:"enum,enum=document|call_record|interview|system|other"`
	Source     string    `rec:"text,max=200"`
	Verified   bool      `rec:"bool,readonly"` // follows from the source
}

// Task is a part of the work another department does for the case.
type Task struct {
	record.Head
	CaseID     record.ID `rec:"ref,ref=case,parent,required,once"`
	Kind       string    `rec:"enum,required,enum=task|expert|assistance|feedback,default=task,index"`
	Content    string    `rec:"longtext,required,max=4000"`
	ToUnitID   record.ID `rec:"unit"`
	ToUserID   record.ID `rec:"user,own"`
	DueAt      time.Time `rec:"time,index"`
	State      string    `rec:"state,enum=open|accepted|answered|returned|confirmed,default=open"`
	AcceptedAt time.Time `rec:"time,readonly"`
	Answer     string    `rec:"longtext,readonly,max=8000"`
	Verdict    string    `rec:"enum,readonly,enum=done|plan|rejected"`
	AnsweredAt time.Time `rec:"time,readonly"`
	AnsweredBy record.ID `rec:"user,readonly"`
	ReturnWhy  string    `rec:"text,readonly"`
}

// Statement is what a person complained of is asked and answers. It is no part of the case, which he may not see.
type Statement struct {
	record.Head
	AboutID  record.ID `rec:"ref,ref=case,once"`
	UserID   record.ID `rec:"user,own,required,once"`
	Question string    `rec:"longtext,required,max=4000"`
	DueAt    time.Time `rec:"time"`
	State    string    `rec:"state,enum=asked|given,default=asked"`
	Text     string    `rec:"longtext,readonly,max=8000"`
	GivenAt  time.Time `rec:"time,readonly"`
}

// part is what the types that belong to a case have in common.
func part(name, plural, prefix, icon, title string) record.Spec {
	return record.Spec{
		Name: name, Plural: plural, Room: "service", Prefix: prefix, Icon: icon, Title: title,
		Without: []string{record.Archive, record.Restore}, // evidence is not put out of sight
	}
}

func childTypes() []*record.Type {
	note := part("case_note", "case_notes", "CN", "note", "text")
	note.List, note.Prepare = []string{"case_id", "kind", "text", "at"}, prepareNote
	contact := part("case_contact", "case_contacts", "CC", "phone", "number")
	contact.List = []string{"case_id", "at", "channel", "result", "by_user_id", "mood_after"}
	contact.Without, contact.Prepare = sealed(), inCase(func(c *Contact) record.ID { return c.CaseID })
	material := part("case_material", "case_materials", "CM", "paperclip", "title")
	material.List, material.Actions = []string{"case_id", "title", "form", "authenticity", "place"}, materialActions()
	material.Prepare = inCase(func(m *Material) record.ID { return m.CaseID })
	allegation := part("case_allegation", "case_allegations", "CA", "list-numbers", "text")
	allegation.List, allegation.Actions = []string{"case_id", "text", "finding", "source"}, allegationActions()
	allegation.Prepare = inCase(func(a *Allegation) record.ID { return a.CaseID })
	measure := part("case_measure", "case_measures", "MS", "tool", "title")
	measure.List, measure.Actions = []string{"case_id", "title", "kind", "owner_id", "due_on", "state"}, measureActions()
	measure.Prepare = func(ctx context.Context, c *record.Call) error {
		m := c.Record.(*Measure)
		return caseOpen(ctx, c, m.CaseID, m.OwnerID)
	}
	opinion := part("case_opinion", "case_opinions", "CO", "writing", "number")
	opinion.List, opinion.Without = []string{"case_id", "kind", "signed_by", "signed_at"}, sealed()
	opinion.Prepare = inCase(func(o *Opinion) record.ID { return o.CaseID })
	reply := part("case_reply", "case_replies", "RL", "mail", "subject")
	reply.List, reply.Actions = []string{"case_id", "subject", "channel", "state", "sent_at"}, replyActions()
	reply.Prepare, reply.Settled = prepareReply, settleReply
	objection := part("case_objection", "case_objections", "OB", "hand-stop", "reason")
	objection.List, objection.Actions = []string{"case_id", "round", "reason", "owner_id", "state"}, objectionActions()
	objection.Prepare = inCase(func(o *Objection) record.ID { return o.CaseID })
	timeline := part("case_timeline_entry", "case_timeline_entries", "TL", "timeline", "text")
	timeline.List, timeline.Prepare = []string{"case_id", "at", "text", "source_kind", "source"}, prepareTimeline
	task := part("case_task", "case_tasks", "ST", "subtask", "content")
	task.List, task.Actions = []string{"case_id", "content", "to_unit_id", "to_user_id", "due_at", "state"}, taskActions()
	task.Prepare = func(ctx context.Context, c *record.Call) error {
		t := c.Record.(*Task)
		return caseOpen(ctx, c, t.CaseID, t.OwnerID, t.ToUserID)
	}
	statement := part("case_statement", "case_statements", "SM", "quote", "question")
	statement.List, statement.Actions = []string{"user_id", "question", "due_at", "state"}, statementActions()
	statement.Settled = settleStatement
	statement.Prepare = func(ctx context.Context, c *record.Call) error {
		if c.Action.Name != record.Create {
			return nil
		}
		return caseOpen(ctx, c, c.Record.(*Statement).AboutID)
	}
	return []*record.Type{
		record.Declare[Note](note), record.Declare[Contact](contact), record.Declare[Material](material),
		record.Declare[Allegation](allegation), record.Declare[Measure](measure), record.Declare[Opinion](opinion),
		record.Declare[Reply](reply), record.Declare[Objection](objection), record.Declare[TimelineEntry](timeline),
		record.Declare[Task](task), record.Declare[Statement](statement),
	}
}

// sealed are the general actions a record that is never changed does not have.
func sealed() []string {
	return []string{record.Update, record.Archive, record.Restore, record.Assign}
}

// inCase is the preparation of a part of a case that has no rule of its own.
func inCase[T any, P interface {
	*T
	record.Entity
}](of func(*T) record.ID) func(context.Context, *record.Call) error {
	return func(ctx context.Context, c *record.Call) error {
		return caseOpen(ctx, c, of((*T)(c.Record.(P))))
	}
}
