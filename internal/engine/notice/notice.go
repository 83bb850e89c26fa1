// Package notice tells people what waits for them inside the product.
//
// A [Notice] is a record that its addressee owns; texts are message keys with arguments, so that each reads them in his
// language. A [Courier] takes them out of the house as people chose ([Setting]) and to the channels the administrator set
// up ([Channel]): outside of the hours of the person's calendar only what is urgent. Nothing of a customer leaves with it;
// whoever follows the link signs in. The package knows no room of the trade.
package notice

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/outbound"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Notice is one message to one person (OwnerID). Its arguments never hold personal data of customers.
type Notice struct {
	record.Head
	Key       string         `rec:"text,required,max=100"` // message key
	Args      map[string]any `rec:"json"`
	AboutType string         `rec:"text,max=40"`
	AboutID   string         `rec:"text,max=20,index"` // written id of the record it is about
	Clause    string         `rec:"text,max=60,index"` // clause that causes it
	Urgency   string         `rec:"enum,enum=info|warning|urgent,default=info"`
	Status    string         `rec:"state,enum=unread|read,default=unread"`
	ReadAt    *time.Time     `rec:"time,readonly"`
}

// RegisterDelivery adds the types by which notices leave the house. The policy says where channels may lead.
func RegisterDelivery(reg *record.Registry, policy outbound.Policy) {
	reg.Add(deliveryTypes(policy)...)
}

// Register adds the type of notices.
func Register(reg *record.Registry) {
	reg.Add(record.Declare[Notice](record.Spec{
		Name: "notice", Plural: "notices", Room: "workbench", Prefix: "N", Icon: "bell", Title: "key",
		List: []string{"key", "urgency", "status"}, Without: []string{record.Update, record.Assign, record.Export, record.Attach},
		Actions: []*record.Action{
			record.Act("read_it", record.ActionSpec{From: []string{"unread"}, To: "read", Bulk: true, Icon: "check"},
				func(_ context.Context, c *record.Call, n *Notice, _ *record.None) error {
					if n.OwnerID != c.Actor().UserID {
						return errs.New(errs.Forbidden, "access.denied")
					}
					n.ReadAt = &c.Now
					return nil
				}),
		},
	}))
}

// Grants lets everybody read his own notices.
func Grants() access.RoleGrants {
	return access.RoleGrants{"employee": {
		{Type: "notice", Action: record.Read, Reach: access.Own, Class: record.Internal},
		{Type: "notice", Action: "read_it", Reach: access.Own, Class: record.Internal},
		{Type: "notice_setting", Action: record.Read, Reach: access.Own, Class: record.Internal},
		{Type: "notice_setting", Action: record.Create, Reach: access.Own, Class: record.Internal},
		{Type: "notice_setting", Action: record.Update, Reach: access.Own, Class: record.Internal},
	}}
}

// Message is what Send writes, once for each addressee.
type Message struct {
	Key       string
	Args      map[string]any
	AboutType string
	AboutID   record.ID
	Clause    string
	Urgency   string
}

// Send writes the message to each of the people within the running action.
func Send(ctx context.Context, c *record.Call, m Message, to ...record.ID) error {
	if m.Urgency == "" {
		m.Urgency = "info"
	}
	seen := map[record.ID]bool{0: true}
	for _, user := range to {
		if seen[user] {
			continue
		}
		seen[user] = true
		n := &Notice{
			Key: m.Key, Args: m.Args, AboutType: m.AboutType, AboutID: m.AboutID.String(), Clause: m.Clause, Urgency: m.Urgency, Status: "unread",
			Head: record.Head{OwnerID: user},
		}
		if err := c.Work.Insert(ctx, c, "notice", n); err != nil {
			return err
		}
	}
	return nil
}
