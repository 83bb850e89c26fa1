package customer

import (
	"time"

	"dianke/internal/engine/record"
)

// The stages of a customer.
const (
	Lead    = "lead"
	Active  = "active"
	Dormant = "dormant"
	Lost    = "lost"
)

// The kinds of customers.
const (
	Organisation = "organisation"
	Person       = "person"
)

// Customer is an organisation or a person the company deals with. Amounts are in fen, dates are civil dates in China,
// instants UTC. Lists of bought addresses are no source that can be chosen; the legal bases are those of PIPL art. 13.
type Customer struct {
	record.Head
	Name       string     `rec:"text,required,max=200,name,index,group=basic"`
	ShortName  string     `rec:"text,max=60,name,group=basic"`
	Kind       string     `rec:"enum,required,enum=organisation|person,default=organisation,group=basic"`
	CreditCode string     `rec:"creditcode,index,search,group=basic"`
	IDCard     string     `rec:"idcard,class=sensitive,search,group=basic"`
	Mobile     string     `rec:"phone,class=personal,index,search,group=basic"`
	Phone      string     `rec:"phone,class=personal,index,search,group=basic"`
	Mail       string     `rec:"email,class=personal,index,search,group=basic"`
	Birthday   *time.Time `rec:"date,class=personal,group=basic"`
	Address    string     `rec:"address,class=personal,search,group=basic"`
	DeliveryTo string     `rec:"address,class=personal,group=basic"`
	Website    string     `rec:"text,max=200,group=basic"`
	Industry   string     `rec:"text,max=60,index,group=basic"`
	Occupation string     `rec:"text,max=120,class=personal,group=basic"` // of a person, or line of business
	Remarks    string     `rec:"longtext,max=4000,search,group=basic"`

	Source      string    `rec:"enum,required,enum=phone|mail|visit|web_form|event|survey|import|referral|social|order|public_register|other,index,group=origin"`
	SourceNote  string    `rec:"text,max=200,group=origin"`
	LegalBasis  string    `rec:"enum,required,enum=consent|contract|legal_duty|emergency|news|public_info|statute,group=origin"`
	CollectedBy record.ID `rec:"user,once,group=origin"`
	CollectedAt time.Time `rec:"time,once,group=origin"`

	RelationPurpose string `rec:"text,max=200,group=profile"`                // what the customer wants of the company
	BeneficialOwner string `rec:"text,max=200,class=personal,group=profile"` // who stands behind an organisation
	IndustryTraits  string `rec:"longtext,max=2000,search,group=profile"`    // with source and date, as the trade is today
	Trends          string `rec:"longtext,max=2000,search,group=profile"`    // where the customer's business is going

	Stage       string    `rec:"state,enum=lead|active|dormant|lost,default=lead,group=class"`
	StageReason string    `rec:"text,readonly,group=class"`
	StageAt     time.Time `rec:"time,readonly,group=class"`

	Intent         string     `rec:"enum,once,enum=priority|ordinary|potential,index,group=class"`
	Scale          string     `rec:"enum,once,enum=large|medium|small,index,group=class"`
	Grade          string     `rec:"enum,once,enum=a|b|c|d,index,group=class"`
	ClassReason    string     `rec:"longtext,readonly,max=1000,group=class"`
	ClassifiedBy   record.ID  `rec:"user,readonly,group=class"`
	AssessedOn     *time.Time `rec:"date,readonly,group=class"`
	NextAssessment *time.Time `rec:"date,readonly,index,group=class"`
	ProposedScale  string     `rec:"enum,readonly,enum=large|medium|small,group=class"` // by turnover; a person decides

	KeyAccount   bool       `rec:"bool,readonly,index,group=key"`
	KeySince     *time.Time `rec:"date,readonly,group=key"`
	ResourcePlan string     `rec:"longtext,readonly,max=4000,group=key"`
	PlanHours    *int64     `rec:"number,readonly,group=key"` // hours a month
	PlanBudget   *int64     `rec:"money,readonly,group=key"`  // a year
	AssistantID  record.ID  `rec:"user,own,group=key"`        // who helps the owner with this customer
	Competitors  string     `rec:"longtext,max=2000,group=key"`
	Finances     string     `rec:"longtext,max=2000,group=key"` // from public sources

	Tags              []string   `rec:"multienum,max=30,group=care"`
	PreferredChannels []string   `rec:"multienum,enum=call|mail|sms|wechat|visit|letter,group=care"`
	ForbiddenChannels []string   `rec:"multienum,enum=call|mail|sms|wechat|visit|letter,group=care"`
	NoProfiling       bool       `rec:"bool,group=care"` // personalisation switched off by the customer, PIPL art. 24
	LastContactAt     time.Time  `rec:"time,readonly,index,group=care"`
	NextContact       *time.Time `rec:"date,readonly,index,group=care"`
	LastVisitAt       time.Time  `rec:"time,readonly,group=care"`
	NextVisit         *time.Time `rec:"date,readonly,index,group=care"`

	LastVerified     *time.Time `rec:"date,readonly,group=quality"`
	VerifiedBy       record.ID  `rec:"user,readonly,group=quality"`
	VerifyNote       string     `rec:"longtext,readonly,max=1000,group=quality"`
	NextVerification *time.Time `rec:"date,readonly,index,group=quality"`
	MailDoubtful     bool       `rec:"bool,readonly,index,group=quality"`
	PhoneDoubtful    bool       `rec:"bool,readonly,index,group=quality"`
	DoubtNote        string     `rec:"text,readonly,group=quality"`
	BasicComplete    bool       `rec:"bool,readonly,group=quality"`
	Completeness     int64      `rec:"number,readonly,index,group=quality"` // 0 to 100

	NeedsCount        int64      `rec:"number,readonly,group=quality"`
	LastNeedOn        *time.Time `rec:"date,readonly,group=quality"`
	TransactionsCount int64      `rec:"number,readonly,group=quality"`
	Turnover          int64      `rec:"money,readonly,group=quality"` // payments less refunds, ever
	LastTransactionOn *time.Time `rec:"date,readonly,group=quality"`

	OwnerSince    time.Time `rec:"time,readonly,group=pool"`
	LastOwner     record.ID `rec:"user,readonly,group=pool"`
	PooledAt      time.Time `rec:"time,readonly,index,group=pool"`
	PoolReason    string    `rec:"text,readonly,group=pool"`
	TransferNote  string    `rec:"longtext,readonly,max=4000,group=pool"`
	TransferCause string    `rec:"text,readonly,group=pool"`
}

// InPool reports whether nobody answers for the customer, so that it may be claimed.
func (r *Customer) InPool() bool { return r.OwnerID == 0 }

// IsKey reports whether the customer is a key account, to rooms that know it by its type's name alone.
func (r *Customer) IsKey() bool { return r.KeyAccount }

// MailAddress is where the customer is written to, to rooms that know it by its type's name alone; empty for none.
func (r *Customer) MailAddress() string { return r.Mail }

// room holds what the functions of the types need of the program: the other types, by name.
type room struct{ reg *record.Registry }

// Register adds the types of the room. It refers to the type user; tasks are made where a type "task" is registered.
func Register(reg *record.Registry) {
	r := room{reg: reg}
	reg.Add(r.customer())
	reg.Add(r.parts()...)
	reg.Add(r.privacy()...)
	reg.Add(settings()...)
}

func (r room) customer() *record.Type {
	return record.Declare[Customer](record.Spec{
		Name: "customer", Plural: "customers", Room: "customer", Prefix: "C", Icon: "building", Title: "name", LogReads: true, Merges: true, Merged: gathered,
		Groups:  []string{"basic", "origin", "profile", "class", "key", "care", "quality", "pool"},
		List:    []string{"name", "kind", "stage", "intent", "grade", "mobile", "last_contact_at", "next_contact"},
		Without: []string{record.Assign}, // transfer, release and claim say why
		Actions: append(stageActions(), append(fileActions(), r.poolActions()...)...),
		Prepare: r.prepareCustomer, Settled: r.settleCustomer,
	})
}
