package regulation

import (
	"time"

	"dianke/internal/engine/record"
)

// Regulation is a regulation through all its versions.
type Regulation struct {
	record.Head
	Key          string     `rec:"text,required,unique,max=60,class=public,search"`
	Title        string     `rec:"text,required,max=200,name,class=public"`
	TitleEn      string     `rec:"text,max=200,search,class=public"`
	Summary      string     `rec:"longtext,max=2000,class=public"`
	SummaryEn    string     `rec:"longtext,max=2000,class=public"`
	Body         string     `rec:"text,max=100,class=public"` // who issues and interprets it
	BodyEn       string     `rec:"text,max=100,class=public"`
	Origin       string     `rec:"text,max=60,once"`     // pack:<id>, import or own
	ReviewEvery  *int64     `rec:"number,min=1,top=120"` // months
	ReviewOn     *time.Time `rec:"date,index"`
	Rank         string     `rec:"enum,enum=law|company|department|team,default=company,class=public"`
	Accountable  string     `rec:"text,max=40,class=public"`            // post that answers for the whole
	Approvers    []string   `rec:"multienum,class=public"`              // posts that approve a version; none means one approval is enough
	Quorum       *int64     `rec:"number,min=1,top=50"`                 // approvals needed of them; empty means all
	Interpreters []string   `rec:"multienum,class=public"`              // posts that interpret it; none leaves it to the permissions
	FinalBody    []string   `rec:"multienum,class=public"`              // posts whose interpretation is final
	CurrentID    record.ID  `rec:"ref,ref=regulation_version,readonly"` // version in force
}

// Version is one text of a regulation. Only drafts may be edited.
type Version struct {
	record.Head
	RegulationID record.ID   `rec:"ref,ref=regulation,parent,required,once"`
	Label        string      `rec:"text,readonly,max=240,name,class=public"`
	VersionNo    int64       `rec:"number,readonly"`
	Status       string      `rec:"state,enum=draft|review|approved|in_force|retired,default=draft"`
	EffectiveOn  *time.Time  `rec:"date"` // first day in force
	InForceAt    *time.Time  `rec:"time,readonly,index"`
	RetiredAt    *time.Time  `rec:"time,readonly"`
	Round        int64       `rec:"number,readonly"` // how often it was submitted
	SubmittedBy  record.ID   `rec:"user,readonly"`
	ApprovedBy   record.ID   `rec:"user,readonly"`
	ApprovedAt   *time.Time  `rec:"time,readonly"`
	FiledAt      *time.Time  `rec:"time,readonly"` // filed (备案) with the body that keeps the rules of departments
	FiledBy      record.ID   `rec:"user,readonly"`
	FilingNo     string      `rec:"text,readonly,max=60"`
	TextHash     string      `rec:"text,readonly,max=64"` // SHA-256 over the clauses, in hex
	CoverUnits   []record.ID `rec:"refs,ref=unit"`        // units covered, with those below; none means the whole company
	CoverPosts   []string    `rec:"multienum"`            // posts covered wherever they are held
	SourceText   string      `rec:"longtext,max=2000000,once"`
	Note         string      `rec:"longtext,max=4000"`
}

// Clause is one unit of a version's text: a heading where Body is empty, a clause otherwise.
type Clause struct {
	record.Head
	VersionID record.ID      `rec:"ref,ref=regulation_version,parent,required,once"`
	Key       string         `rec:"text,required,max=60,index,class=public"` // r19.1.2.1
	ParentKey string         `rec:"text,max=60,class=public"`
	Position  int64          `rec:"number,class=public"`
	Level     string         `rec:"enum,enum=part|chapter|section|article|heading|paragraph|item|point|front,default=article,class=public"`
	Printed   string         `rec:"text,max=60,class=public"` // number as printed
	Heading   string         `rec:"text,max=500,search,class=public"`
	HeadingEn string         `rec:"text,max=500,class=public"`
	Body      string         `rec:"longtext,max=200000,search,class=public"`
	BodyEn    string         `rec:"longtext,max=200000,search,class=public"`
	Post      string         `rec:"text,max=40,index"` // key of the post that answers for it
	Params    map[string]any `rec:"json"`
	Note      string         `rec:"longtext,max=4000,class=public"`
	NoteEn    string         `rec:"longtext,max=4000,class=public"`
	Controls  []string       `rec:"multienum,class=public"`   // the kinds of control the clause calls for
	Room      string         `rec:"text,max=40,class=public"` // the room whose records can prove it
}

// Binding binds one control to one clause of a version.
type Binding struct {
	record.Head
	VersionID record.ID `rec:"ref,ref=regulation_version,parent,required,once"`
	ClauseKey string    `rec:"text,required,max=60,index"`
	Control   string    `rec:"enum,required,enum=guard|deadline|duty|detector|register|workflow|metric|attest|acknowledge"`
	Spec      string    `rec:"longtext,required,max=20000"` // YAML
	Off       bool      `rec:"bool"`
}

// Acknowledgement is the task of one person (OwnerID) to read and sign a version.
type Acknowledgement struct {
	record.Head
	VersionID       record.ID  `rec:"ref,ref=regulation_version,required,once,index"`
	Label           string     `rec:"text,readonly,max=240"`
	Status          string     `rec:"state,enum=outstanding|signed|void,default=outstanding"`
	DueAt           *time.Time `rec:"time,readonly,index"`
	SignedAt        *time.Time `rec:"time,readonly"`
	TextHash        string     `rec:"text,readonly,max=64"` // of the text that was signed
	OverdueAt       *time.Time `rec:"time,readonly"`
	RenewAt         *time.Time `rec:"time,readonly,index"`        // when it has to be signed again
	Objection       string     `rec:"longtext,readonly,max=4000"` // what the signer says against the text
	ObjectionAnswer string     `rec:"longtext,readonly,max=4000"`
	AnsweredBy      record.ID  `rec:"user,readonly"`
}
