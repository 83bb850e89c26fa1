package casework

import (
	"time"

	"dianke/internal/engine/record"
)

// Case is one matter of one customer. Times are UTC. OwnerID of the head is who works on it, UnitID its queue. Fields
// marked readonly are written by actions alone.
type Case struct {
	record.Head
	State       string    `rec:"state,enum=received|accepted|investigating|awaiting_customer|answered|informed|closed|filed|withdrawn|merged,default=received,group=intake"`
	Kind        string    `rec:"enum,required,enum=inquiry|complaint|request|suggestion|praise|problem,default=inquiry,index,group=intake"`
	Channel     string    `rec:"enum,required,enum=phone|desk|visit|mail|letter|web_form|online|authority|bar_association|survey|internal,default=phone,index,group=intake"`
	Subject     string    `rec:"text,required,max=200,name,group=intake"`
	Content     string    `rec:"longtext,once,max=8000,search,group=intake"` // the customer's own words, never rewritten
	ReadBack    string    `rec:"enum,enum=yes|no|not_possible,group=intake"` // was the record read back and confirmed
	Item        string    `rec:"text,max=200,search,group=intake"`           // goods, order, product or service concerned
	OccurredAt  time.Time `rec:"time,group=intake"`
	ReceivedAt  time.Time `rec:"time,once,index,group=intake"` // when it reached the company; CreatedAt is when it was recorded
	SourceRef   string    `rec:"text,max=80,search,index,group=intake"`
	SourceDueOn time.Time `rec:"date,group=intake"` // deadline set by the authority or association that passed it on
	ReplyForm   string    `rec:"text,max=200,group=intake"`

	CustomerID   record.ID `rec:"ref,ref=customer,index,group=complainant"`
	Anonymous    bool      `rec:"bool,group=complainant"`
	ContactName  string    `rec:"text,max=80,class=personal,search,group=complainant"`
	ContactPhone string    `rec:"phone,class=personal,search,group=complainant"`
	ContactMail  string    `rec:"email,class=personal,search,group=complainant"`
	CustomerView string    `rec:"longtext,max=4000,group=complainant"` // how the matter looks from the customer's side

	CategoryID       record.ID `rec:"ref,ref=case_category,group=concern"`
	ClassifiedAt     time.Time `rec:"time,readonly,group=concern"`
	Urgency          string    `rec:"enum,enum=low|normal|high|critical,default=normal,index,group=concern"`
	Severity         string    `rec:"enum,enum=low|normal|high|critical,default=normal,index,group=concern"`
	Major            bool      `rec:"bool,readonly,group=concern"`
	MajorReason      string    `rec:"text,readonly,group=concern"`
	Triage           []string  `rec:"multienum,readonly,enum=fraud|conflict_of_interest|client_money|confidentiality|discipline,group=concern"`
	TriagedAt        time.Time `rec:"time,readonly,group=concern"`
	OurFault         string    `rec:"enum,enum=unknown|yes|no,default=unknown,group=concern"`
	Harm             string    `rec:"longtext,max=4000,group=concern"`
	DesiredResult    string    `rec:"longtext,max=4000,group=concern"`
	DesiredRemedy    []string  `rec:"multienum,enum=apology|refund|compensation|repair|replacement|reassignment|explanation|training|discipline|none,group=concern"`
	NotStated        bool      `rec:"bool,group=concern"`                        // the customer was asked and named no remedy
	ReportDecision   string    `rec:"enum,enum=report|not_report,group=concern"` // to the company, where the fault is ours
	ReportReason     string    `rec:"text,max=400,group=concern"`
	NeedUse          string    `rec:"text,max=400,group=concern"` // what the customer wants it for
	NeedQuantity     string    `rec:"text,max=80,group=concern"`
	NeedBudget       *int64    `rec:"money,min=0,group=concern"`
	NeedOn           time.Time `rec:"date,group=concern"` // when the customer needs it
	NeedLimits       string    `rec:"text,max=400,group=concern"`
	AmountClaimed    *int64    `rec:"money,min=0,group=concern"`
	MediaInterest    bool      `rec:"bool,group=concern"`
	MatterNumber     string    `rec:"text,max=60,search,group=concern"`
	PracticeAreaID   record.ID `rec:"ref,ref=practice_area,group=concern"`
	ComplainedUserID record.ID `rec:"user,index,group=concern"` // recused as soon as named
	ComplainedName   string    `rec:"text,max=80,group=concern"`
	NoPerson         bool      `rec:"bool,group=concern"` // the complaint concerns no person
	ParentCaseID     record.ID `rec:"ref,ref=case,readonly,group=concern"`
	MergedInto       record.ID `rec:"ref,ref=case,readonly,group=concern"`
	ProblemID        record.ID `rec:"ref,ref=case_problem,readonly,group=concern"`

	HandlerID      record.ID   `rec:"user,own,readonly,group=handling"`
	OfficerID      record.ID   `rec:"user,own,readonly,group=handling"`
	DeciderID      record.ID   `rec:"user,own,readonly,group=handling"`
	CoOwnerID      record.ID   `rec:"user,own,group=handling"`
	Participants   []record.ID `rec:"refs,ref=user,own,readonly,max=50,group=handling"`
	AcceptedAt     time.Time   `rec:"time,readonly,group=handling"`
	AcceptedBy     record.ID   `rec:"user,readonly,group=handling"`
	HandoverTo     record.ID   `rec:"user,own,readonly,group=handling"` // named receiver who has not confirmed yet
	HandedAt       time.Time   `rec:"time,readonly,group=handling"`
	HandoverList   string      `rec:"longtext,readonly,max=4000,group=handling"`
	HandoverReason string      `rec:"text,readonly,group=handling"`
	HandoverTold   string      `rec:"text,readonly,max=400,group=handling"` // what the customer was told about it
	ConfirmedAt    time.Time   `rec:"time,readonly,group=handling"`
	TransferCount  int64       `rec:"number,readonly,group=handling"`
	NextStep       string      `rec:"text,group=handling"`
	NextStepOn     time.Time   `rec:"date,index,group=handling"`
	Plan           string      `rec:"longtext,readonly,max=4000,group=handling"`
	PlannedAt      time.Time   `rec:"time,readonly,group=handling"`
	ResolutionRef  string      `rec:"text,max=60,group=handling"` // number of the meeting's resolution
	InvestigatedAt time.Time   `rec:"time,readonly,group=handling"`
	ArrangementAt  time.Time   `rec:"time,readonly,group=handling"`
	Arrangement    string      `rec:"longtext,readonly,max=4000,group=handling"`
	ExpectedOn     time.Time   `rec:"date,readonly,group=handling"`
	PausedFrom     string      `rec:"text,readonly,group=handling"`
	PausedAt       time.Time   `rec:"time,readonly,group=handling"`
	AskedCustomer  string      `rec:"longtext,readonly,max=2000,group=handling"`
	PushCount      int64       `rec:"number,readonly,group=handling"`
	PushedAt       time.Time   `rec:"time,readonly,group=handling"`
	EscalatedTo    record.ID   `rec:"user,own,readonly,group=handling"`
	EscalatedAt    time.Time   `rec:"time,readonly,group=handling"`
	EscalateReason string      `rec:"text,readonly,group=handling"`
	EscalateAnswer string      `rec:"longtext,readonly,max=2000,group=handling"`
	EscalateDoneAt time.Time   `rec:"time,readonly,group=handling"`
	EscalateResult string      `rec:"enum,readonly,enum=means|alternative|refusal,group=handling"` // what the superior gave

	PromisedAt      time.Time   `rec:"time,readonly,index,group=answer"`
	PromiseTold     string      `rec:"text,readonly,max=400,group=answer"` // what the customer was told when the answer was put off
	DeferralCount   int64       `rec:"number,readonly,group=answer"`
	Answer          string      `rec:"longtext,once,max=8000,group=answer"`
	Articles        []record.ID `rec:"refs,ref=knowledge_article,once,max=20,group=answer"`
	Sheets          []record.ID `rec:"refs,ref=knowledge_article,max=20,group=answer"` // product information sent or explained
	NoSheetWhy      string      `rec:"text,max=200,group=answer"`
	FirstAnswerAt   time.Time   `rec:"time,readonly,group=answer"`
	AnsweredAt      time.Time   `rec:"time,readonly,group=answer"`
	CorrectionCount int64       `rec:"number,readonly,group=answer"`
	Correction      string      `rec:"longtext,readonly,max=8000,group=answer"`

	OpinionAt       time.Time `rec:"time,readonly,group=decision"`
	Checklist       []string  `rec:"multienum,readonly,enum=allegations|materials|both_sides|timeline,group=decision"`
	ChecklistBy     record.ID `rec:"user,readonly,group=decision"`
	ChecklistNote   string    `rec:"text,readonly,group=decision"` // justified exception
	ChecklistSeenBy record.ID `rec:"user,readonly,group=decision"`
	SubstituteWhy   string    `rec:"text,readonly,group=decision"`
	Finding         string    `rec:"longtext,readonly,max=8000,group=decision"`
	Conclusion      string    `rec:"enum,readonly,enum=upheld|partly|rejected,group=decision"`
	Measure         string    `rec:"longtext,readonly,max=4000,group=decision"`
	ReplyText       string    `rec:"longtext,readonly,max=8000,group=decision"`
	DecidedAt       time.Time `rec:"time,readonly,group=decision"`
	DecidedBy       record.ID `rec:"user,readonly,group=decision"`
	ReceiptAt       time.Time `rec:"time,readonly,group=decision"`
	HandbackAt      time.Time `rec:"time,readonly,group=decision"`

	CauseCode     string    `rec:"text,max=40,index,group=result"`
	TrueCause     string    `rec:"longtext,max=4000,group=result"`
	CauseMethod   string    `rec:"text,group=result"`
	Prevention    string    `rec:"longtext,max=4000,group=result"` // preventive measure, or why none is needed
	Solution      string    `rec:"longtext,readonly,max=8000,search,group=result"`
	ResolvedAt    time.Time `rec:"time,readonly,group=result"`
	CoAgreedAt    time.Time `rec:"time,readonly,group=result"`
	CoObjection   string    `rec:"text,readonly,group=result"`
	Result        string    `rec:"enum,readonly,enum=upheld|partly|rejected|solved|explained|not_possible|noted,index,group=result"`
	ResultText    string    `rec:"longtext,readonly,max=8000,group=result"`
	Remedy        []string  `rec:"multienum,readonly,enum=apology|refund|compensation|repair|replacement|reassignment|explanation|training|discipline|none,group=result"`
	RemedyCost    *int64    `rec:"money,readonly,min=0,group=result"`
	GapReason     string    `rec:"text,readonly,max=400,group=result"` // why the remedy is another than the one wanted, or that the customer agreed
	InformedAt    time.Time `rec:"time,readonly,group=result"`
	InformedHow   string    `rec:"enum,readonly,enum=phone|visit|mail|letter|online|message,group=result"`
	InformedText  string    `rec:"longtext,readonly,max=2000,group=result"`
	Reaction      string    `rec:"text,readonly,group=result"`
	NoReplyReason string    `rec:"enum,readonly,enum=anonymous|unreachable|not_wanted,group=result"`
	OralReplyWhy  string    `rec:"text,readonly,group=result"`
	NoPromise     bool      `rec:"bool,readonly,group=result"` // declared: no promise was made before the decision
	Lesson        string    `rec:"enum,readonly,enum=change|none,group=result"`
	LessonText    string    `rec:"text,readonly,max=1000,group=result"`
	ClosedAt      time.Time `rec:"time,readonly,index,group=result"`
	WithdrawnWhy  string    `rec:"text,readonly,group=result"`

	CalledBackAt    time.Time `rec:"time,readonly,group=followup"`
	CallbackResult  string    `rec:"enum,readonly,enum=yes|no|unreachable,group=followup"`
	Satisfaction    *int64    `rec:"number,readonly,min=1,top=5,group=followup"`
	SurveyRefused   bool      `rec:"bool,readonly,group=followup"`
	SurveyedAt      time.Time `rec:"time,readonly,group=followup"`
	SurveyComment   string    `rec:"longtext,readonly,max=2000,group=followup"`
	CorrectlyMet    string    `rec:"enum,readonly,enum=yes|no,group=followup"` // was the customer treated correctly
	AnswerClear     string    `rec:"enum,readonly,enum=yes|no,group=followup"` // was the answer clear
	DissatisfiedWhy string    `rec:"text,readonly,group=followup"`
	Round           int64     `rec:"number,readonly,group=followup"`
	ReopenCount     int64     `rec:"number,readonly,group=followup"`
	ReopenReason    string    `rec:"text,readonly,group=followup"`
	ReopenedAt      time.Time `rec:"time,readonly,group=followup"`

	VolumeYear  int64     `rec:"number,readonly,index,group=filing"`
	FiledAt     time.Time `rec:"time,readonly,group=filing"`
	ArchivistID record.ID `rec:"user,readonly,group=filing"`
	Shelf       string    `rec:"text,readonly,max=80,group=filing"`
	FileList    string    `rec:"longtext,readonly,max=4000,group=filing"`
	RetainUntil time.Time `rec:"date,readonly,group=filing"`
}

func caseType() *record.Type {
	return record.Declare[Case](record.Spec{
		Name: "case", Plural: "cases", Room: "service", Prefix: "CS", Icon: "message-report", Title: "subject",
		Groups:  []string{"intake", "complainant", "concern", "handling", "answer", "decision", "result", "followup", "filing"},
		List:    []string{"number", "kind", "subject", "customer_id", "state", "urgency", "owner_id", "received_at"},
		Without: []string{record.Archive, record.Restore}, CreatorOwns: true, // the ledger keeps every number
		Actions: caseActions(), Prepare: prepareCase, Settled: settleCase,
	})
}

func caseActions() []*record.Action {
	var out []*record.Action
	for _, part := range [][]*record.Action{
		intakeActions(), transferActions(), workActions(), answerActions(), decisionActions(), closingActions(), filingActions(), linkActions(),
	} {
		out = append(out, part...)
	}
	return out
}
