package confidential

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Undertaking is a person's signed promise of secrecy. It holds for a year and is then renewed; its duties about what
// was learnt go on after the person has left. It never hinders a lawful report to an authority, which its text says.
type Undertaking struct {
	record.Head
	Title      string     `rec:"text,required,once,max=200,name"`
	PersonID   record.ID  `rec:"user,required,once,own,index"`
	Site       string     `rec:"text,once,max=120"` // customer's site it is for, else the company
	Terms      string     `rec:"longtext,required,once,max=8000"`
	State      string     `rec:"state,enum=offered|signed|ended,default=offered"`
	SignedAt   time.Time  `rec:"time,readonly"`
	ValidUntil *time.Time `rec:"date,readonly,index"` // last day
}

func undertakingType() *record.Type {
	return record.Declare[Undertaking](record.Spec{
		Name: "undertaking", Plural: "undertakings", Room: "workbench", Prefix: "UT", Icon: "writing-sign", Title: "title",
		List: []string{"title", "person_id", "site", "state", "valid_until"}, Without: []string{record.Archive, record.Restore},
		Prepare: func(_ context.Context, c *record.Call) error {
			if u := c.Record.(*Undertaking); u.OwnerID == 0 {
				u.OwnerID = u.PersonID
			}
			return nil
		},
		Actions: []*record.Action{
			record.Act("sign", record.ActionSpec{From: []string{"offered", "signed"}, To: "signed", Primary: true, Icon: "writing-sign"}, signUndertaking),
			record.Act("end", record.ActionSpec{From: []string{"offered", "signed"}, To: Ended, Icon: "x"},
				func(context.Context, *record.Call, *Undertaking, *record.None) error { return nil }),
		},
	})
}

// signUndertaking holds from today for a year; signing again renews it.
func signUndertaking(_ context.Context, c *record.Call, u *Undertaking, _ *record.None) error {
	if u.PersonID != c.Actor().UserID {
		return errs.New(errs.Conflict, "undertaking.another")
	}
	until := today(c.Now).AddDate(1, 0, -1)
	u.SignedAt, u.ValidUntil = c.Now, &until
	return nil
}
