package correspondence

import (
	"context"
	"fmt"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/rule"
)

// Grants returns what the roles may do with mail by default. A message is seen by who sees its case, so the reach is
// everything and the case limits it; what was held is for those who lead, since nobody knows yet whose it is.
func Grants() access.RoleGrants {
	g := access.RoleGrants{}
	see := func(class record.Class, more ...string) []access.Grant {
		out := []access.Grant{{Type: "mail_message", Action: record.Read, Reach: access.All, Class: class}}
		for _, act := range more {
			out = append(out, access.Grant{Type: "mail_message", Action: act, Reach: access.All, Class: record.Internal})
		}
		return out
	}
	desk := func(reach access.Reach) []access.Grant {
		return []access.Grant{
			{Type: "mail_arrival", Action: record.Read, Reach: reach, Class: record.Personal},
			{Type: "mail_arrival", Action: "release", Reach: reach, Class: record.Internal},
			{Type: "mail_arrival", Action: "discard", Reach: reach, Class: record.Internal},
			{Type: "mailbox", Action: record.Read, Reach: access.All, Class: record.Internal},
			{Type: "mail_rule", Action: "*", Reach: access.All, Class: record.Internal},
		}
	}
	for _, role := range []string{"specialist", "account_manager", "partner"} {
		g[role] = see(record.Personal, "send_again")
	}
	for _, role := range []string{"team_leader", "manager"} {
		g[role] = append(see(record.Personal, "send_again"), desk(access.Below)...)
	}
	for _, role := range []string{"complaint_officer", "director"} {
		g[role] = append(see(record.Personal, "send_again"), desk(access.All)...)
	}
	for _, role := range []string{"clerk", "archivist", "analyst"} {
		g[role] = see(record.Internal)
	}
	return g
}

// factLimit is where facts stop counting.
const factLimit = 200

// Facts returns what conditions of clauses may ask about the mail of a case; an unknown case has none.
func Facts() []rule.Fact {
	of := func(name string, f ...record.Filter) rule.Fact {
		return fact(name, rule.Int, func(list []*Message) any { return int64(len(list)) }, f...)
	}
	last := func(name, direction string, f ...record.Filter) rule.Fact {
		latest := func(list []*Message) any {
			var at time.Time
			for _, m := range list {
				if m.At.After(at) {
					at = m.At
				}
			}
			return at
		}
		return fact(name, rule.Time, latest, append(f, record.Where("direction", direction))...)
	}
	return []rule.Fact{
		of("mails_received", record.Where("direction", In)),
		of("mails_waiting", record.Where("state", Queued)),
		of("mails_undelivered", record.Filter{Field: "state", Op: field.In, Value: []any{Failed, Bounced}}),
		last("last_mail_in", In, record.Where("nature", "message")),
		last("last_mail_out", Out, record.Where("state", Sent)),
	}
}

func fact(name string, result rule.Kind, of func([]*Message) any, f ...record.Filter) rule.Fact {
	return rule.Fact{
		Name: name, Args: []rule.Kind{rule.ID}, Result: result, Doc: "fact." + name,
		Call: func(ctx context.Context, c *record.Call, args []any) (any, error) {
			id, ok := args[0].(record.ID)
			if !ok {
				return nil, fmt.Errorf("fact %s: argument is %T", name, args[0])
			}
			if id == 0 {
				return of(nil), nil
			}
			list, err := record.Find[Message](ctx, c, "mail_message", record.All(append(f[:len(f):len(f)], record.Where("case_id", id))...), factLimit)
			if err != nil {
				return nil, fmt.Errorf("fact %s: %w", name, err)
			}
			return of(list), nil
		},
	}
}
