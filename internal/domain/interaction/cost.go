package interaction

import (
	"context"
	"time"

	"dianke/internal/engine/record"
)

// PhoneCost is what one telephone line cost in one month, in fen, beside its budget.
type PhoneCost struct {
	record.Head
	Line       string    `rec:"text,required,max=60,name,search"` // number or name of the line
	Month      time.Time `rec:"date,required,index"`              // any day of it
	Cost       *int64    `rec:"money,required,min=0"`
	Budget     *int64    `rec:"money,required,min=0"`
	Excess     int64     `rec:"money,readonly"` // above the budget; 0 within it
	State      string    `rec:"state,enum=entered|reviewed,default=entered"`
	Review     string    `rec:"longtext,readonly,max=2000"`
	ReviewedBy record.ID `rec:"user,readonly"`
}

// Finding is the input of the review of a month's cost.
type Finding struct {
	Review string `rec:"longtext,required,max=2000"`
}

// costType declares the monthly costs of telephone lines. Whether an excess needs a review, and how soon, the regulation
// says.
func costType() *record.Type {
	return record.Declare[PhoneCost](record.Spec{
		Name: "phone_cost", Plural: "phone_costs", Room: "workbench", Prefix: "PC", Icon: "phone", Title: "line",
		List: []string{"line", "month", "cost", "budget", "excess", "state", "owner_id"},
		Actions: []*record.Action{
			record.Act("review", record.ActionSpec{From: []string{"entered"}, To: "reviewed", Primary: true, Icon: "check"}, reviewCost),
		},
		Prepare: func(_ context.Context, c *record.Call) error {
			if p := c.Record.(*PhoneCost); p.Cost != nil && p.Budget != nil {
				p.Excess = max(0, *p.Cost-*p.Budget)
			}
			return nil
		},
	})
}

func reviewCost(_ context.Context, c *record.Call, p *PhoneCost, in *Finding) error {
	p.Review, p.ReviewedBy = in.Review, c.Actor().UserID
	return nil
}
