package interaction

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Gift is something of value a customer or supplier gave to a person of the company, declared by that person. What is
// not returned needs, above the limit of the regulation, somebody else's approval.
type Gift struct {
	record.Head
	Title      string    `rec:"text,required,max=120,name"`
	Giver      string    `rec:"text,required,max=120,class=personal,search"`
	CustomerID record.ID `rec:"ref,ref=customer,index"`
	Value      *int64    `rec:"money,required,min=0"` // estimated, in fen
	ReceivedOn time.Time `rec:"date,required,index"`
	Occasion   string    `rec:"longtext,max=2000"`
	State      string    `rec:"state,enum=declared|approved|kept|returned,default=declared"`
	ApprovedBy record.ID `rec:"user,readonly"`
	Note       string    `rec:"text,readonly,max=400"` // why approved, or how returned
}

// giftType declares gifts: the owner declares, keeps or returns; approval is somebody else's.
func giftType() *record.Type {
	return record.Declare[Gift](record.Spec{
		Name: "gift", Plural: "gifts", Room: "workbench", Prefix: "GI", Icon: "gift", Title: "title",
		List: []string{"title", "giver", "value", "received_on", "state", "owner_id"},
		Prepare: func(_ context.Context, c *record.Call) error {
			if g := c.Record.(*Gift); g.OwnerID == 0 {
				g.OwnerID = c.Actor().UserID
			}
			return nil
		},
		Actions: []*record.Action{
			record.Act("approve", record.ActionSpec{From: []string{"declared"}, To: "approved", Icon: "check"}, approveGift),
			record.Act("keep", record.ActionSpec{From: []string{"declared", "approved"}, To: "kept", Icon: "archive"},
				func(context.Context, *record.Call, *Gift, *record.None) error { return nil }),
			record.Act("give_back", record.ActionSpec{From: []string{"declared", "approved"}, To: "returned", Icon: "arrow-back-up"},
				func(_ context.Context, _ *record.Call, g *Gift, in *Why) error { g.Note = in.Reason; return nil }),
		},
	})
}

func approveGift(_ context.Context, c *record.Call, g *Gift, in *Why) error {
	if g.OwnerID == c.Actor().UserID {
		return errs.New(errs.Conflict, "gift.approve_own")
	}
	g.ApprovedBy, g.Note = c.Actor().UserID, in.Reason
	return nil
}
