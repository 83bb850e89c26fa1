package breach

import (
	"time"

	"dianke/internal/engine/record"
)

// States of a [Breach].
const (
	Suspected  = "suspected"
	Notified   = "notified"
	Heard      = "heard"
	Unanswered = "unanswered" // the deadline passed without a reply; a late one is still heard
	Confirmed  = "confirmed"
	Dismissed  = "dismissed"
)

// OpenStates are the states in which a breach waits for somebody.
func OpenStates() []string { return []string{Suspected, Notified, Heard, Unanswered} }

// Breach is a suspicion that a clause was broken, by whom, and what came of it.
type Breach struct {
	record.Head
	Label          string      `rec:"text,readonly,max=240,name"` // regulation and article, as they are called
	ClauseKey      string      `rec:"text,required,max=60,index,readonly"`
	Regulation     string      `rec:"text,readonly,max=60"` // key
	VersionID      record.ID   `rec:"ref,ref=regulation_version,readonly"`
	AboutType      string      `rec:"text,readonly,max=40"`
	AboutID        string      `rec:"text,readonly,max=20,index"`
	Allegation     string      `rec:"longtext,readonly,max=4000"` // what is said to have happened
	PersonID       record.ID   `rec:"user,readonly,own"`          // who is suspected; may see and answer it
	LadderKey      string      `rec:"text,readonly,max=60"`       // ladder the clause names
	StepKey        string      `rec:"text,readonly,max=60"`       // step the clause itself names
	Status         string      `rec:"state,enum=suspected|notified|heard|unanswered|confirmed|dismissed,default=suspected"`
	NotifiedBy     record.ID   `rec:"user,readonly,group=hearing"`
	NotifiedAt     *time.Time  `rec:"time,readonly,group=hearing"`
	ReplyDueAt     *time.Time  `rec:"time,readonly,index,group=hearing"`
	Statement      string      `rec:"longtext,max=10000,readonly,group=hearing"` // what the person says to it
	StatementFiles []record.ID `rec:"files,readonly,group=hearing"`
	StatementBy    record.ID   `rec:"user,readonly,group=hearing"` // the person, or who took down what he said
	StatementAt    *time.Time  `rec:"time,readonly,group=hearing"`
	Reason         string      `rec:"longtext,max=4000,readonly,group=decision"`
	DecidedBy      record.ID   `rec:"user,readonly,group=decision"`
	DecidedAt      *time.Time  `rec:"time,readonly,group=decision"`
}

// Ladder is a published sequence of measures, from the lightest to the heaviest.
type Ladder struct {
	record.Head
	Key         string     `rec:"text,required,unique,once,max=60"`
	Title       string     `rec:"text,required,max=200,name,class=public"`
	TitleEn     string     `rec:"text,max=200,search,class=public"`
	Regulation  string     `rec:"text,max=60"`          // key of the regulation that holds it
	Origin      string     `rec:"text,max=60,readonly"` // pack:<id> or empty
	Status      string     `rec:"state,enum=draft|published|withdrawn,default=draft"`
	PublishedAt *time.Time `rec:"time,readonly"`
	PublishedBy record.ID  `rec:"user,readonly"`
}

// Step is one rung of a ladder. Steps change only while the ladder is a draft.
type Step struct {
	record.Head
	LadderID record.ID `rec:"ref,ref=ladder,parent,required,once"`
	Position int64     `rec:"number,required,min=1,top=50"` // 1 is the lightest
	Key      string    `rec:"text,required,max=60"`
	Title    string    `rec:"text,required,max=200,name,class=public"`
	TitleEn  string    `rec:"text,max=200,search,class=public"`
	Kind     string    `rec:"enum,required,enum=talk|reminder|training|warning|written_warning|points|pay|damage|transfer|dismissal"`
	Points   *int64    `rec:"number,min=0,top=100"`
	Amount   *int64    `rec:"money,min=0"`         // highest sum, in fen; for damages what is claimed decides
	Months   *int64    `rec:"number,min=1,top=12"` // how long it counts; empty means the house's longest
	Note     string    `rec:"longtext,max=2000"`
}

// States of a [Measure].
const (
	Proposed = "proposed"
	Declined = "declined"
	InEffect = "in_effect"
	Appealed = "appealed"
	Upheld   = "upheld"
	Changed  = "changed"
	Lifted   = "lifted"
	Expired  = "expired"
)

// Standing are the states in which a measure counts against the person.
func Standing() []string { return []string{InEffect, Appealed, Upheld, Changed} }

// Measure is what follows from a confirmed breach. Sums are in fen.
type Measure struct {
	record.Head
	BreachID     record.ID `rec:"ref,ref=breach,parent,required,once"`
	Label        string    `rec:"text,readonly,max=240"` // ladder and step, as they were called
	PersonID     record.ID `rec:"user,readonly,own"`
	ClauseKey    string    `rec:"text,readonly,max=60,index"`
	LadderID     record.ID `rec:"ref,ref=ladder,readonly"`
	StepID       record.ID `rec:"ref,ref=ladder_step,readonly"`
	Kind         string    `rec:"enum,readonly,enum=talk|reminder|training|warning|written_warning|points|pay|damage|transfer|dismissal"`
	Points       *int64    `rec:"number,readonly"`
	Status       string    `rec:"state,enum=proposed|declined|in_effect|appealed|upheld|changed|lifted|expired,default=proposed"`
	Grounds      string    `rec:"longtext,readonly,max=4000"` // why this step
	ProposedBy   record.ID `rec:"user,readonly"`
	FormerStepID record.ID `rec:"ref,ref=ladder_step,readonly"` // step before an appeal changed it

	ConfirmedBy record.ID  `rec:"user,readonly,group=confirmation"`
	ConfirmedAt *time.Time `rec:"time,readonly,group=confirmation"`
	ConfirmNote string     `rec:"longtext,readonly,max=4000,group=confirmation"`
	EffectiveOn *time.Time `rec:"date,readonly,group=confirmation"`
	ExpiresAt   *time.Time `rec:"time,readonly,index,group=confirmation"`

	Damage      *int64 `rec:"money,readonly,class=personal,group=deduction"`  // what the damage cost, in all
	Amount      *int64 `rec:"money,readonly,class=personal,group=deduction"`  // what is taken in the month
	MostAllowed *int64 `rec:"money,readonly,class=personal,group=deduction"`  // what could be taken at most, as computed
	MonthWage   *int64 `rec:"money,readonly,class=sensitive,group=deduction"` // of the month it is taken from
	MinimumWage *int64 `rec:"money,readonly,class=sensitive,group=deduction"` // local minimum wage of that month
	DeductMonth string `rec:"text,readonly,max=7,index,group=deduction"`      // 2006-01

	AppealUntil     *time.Time  `rec:"time,readonly,group=appeal"`
	AppealedAt      *time.Time  `rec:"time,readonly,group=appeal"`
	AppealGrounds   string      `rec:"longtext,readonly,max=10000,group=appeal"`
	AppealFiles     []record.ID `rec:"files,readonly,group=appeal"`
	AppealReason    string      `rec:"longtext,readonly,max=4000,group=appeal"`
	AppealDecidedBy record.ID   `rec:"user,readonly,group=appeal"`
	AppealDecidedAt *time.Time  `rec:"time,readonly,group=appeal"`
}
