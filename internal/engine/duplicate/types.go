package duplicate

import (
	"context"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
)

// The states of a pair.
const (
	Open      = "open"
	Different = "different" // a person decided so; never asked again
	Merged    = "merged"
	Gone      = "gone" // one of them is archived
)

// Pair is two records of one type that may be the same, the older one first.
type Pair struct {
	record.Head
	Label     string    `rec:"text,readonly,max=120,search"` // their numbers
	Kind      string    `rec:"text,readonly,max=40,index"`   // their type
	FirstID   string    `rec:"text,readonly,max=20,index"`
	SecondID  string    `rec:"text,readonly,max=20,index"`
	PairKey   string    `rec:"text,readonly,max=60,unique"`
	Score     *int64    `rec:"number,readonly,index"` // 50 to 100
	Reasons   []string  `rec:"multienum,readonly"`
	Status    string    `rec:"state,enum=open|different|merged|gone,default=open"`
	DecidedBy record.ID `rec:"user,readonly"`
	DecidedAt time.Time `rec:"time,readonly"`
	Remark    string    `rec:"text,readonly,max=200"`
}

// Decision is the input of saying that two records are different.
type Decision struct {
	Remark string `rec:"text,max=200"`
}

// Register adds the list of pairs.
func Register(reg *record.Registry) {
	reg.Add(record.Declare[Pair](record.Spec{
		Name: "duplicate", Plural: "duplicates", Room: "customer", Prefix: "DU", Icon: "copy", Title: "label",
		List: []string{"label", "kind", "score", "reasons", "status", "decided_by"},
		Without: []string{
			record.Create, record.Update, record.Archive, record.Restore, record.Assign, record.Attach, record.Comment, record.Export, record.Reveal,
		},
		Actions: []*record.Action{
			record.Act("differ", record.ActionSpec{From: []string{Open}, To: Different, Bulk: true, Icon: "x"}, differ),
			record.Act("reopen", record.ActionSpec{From: []string{Different}, To: Open, Icon: "rotate"}, reopen),
		},
	}))
}

func differ(_ context.Context, c *record.Call, p *Pair, in *Decision) error {
	p.DecidedBy, p.DecidedAt, p.Remark = c.Actor().UserID, c.Now, in.Remark
	return nil
}

func reopen(_ context.Context, _ *record.Call, p *Pair, _ *record.None) error {
	p.DecidedBy, p.DecidedAt, p.Remark = 0, time.Time{}, ""
	return nil
}

// Grants lets those work through the list who merge customers by default.
func Grants() access.RoleGrants {
	out := access.RoleGrants{}
	for role, reach := range map[string]access.Reach{
		"team_leader": access.Team, "manager": access.Below, "partner": access.All, "director": access.All, "archivist": access.All,
	} {
		for _, act := range []string{record.Read, "differ", "reopen"} {
			out[role] = append(out[role], access.Grant{Type: "duplicate", Action: act, Reach: reach, Class: record.Internal})
		}
	}
	return out
}
