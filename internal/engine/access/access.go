// Package access decides who may do what, and how far.
//
// A [Guard] turns an actor, a type and an action into a [record.Scope]; there is no other way to read or write. A grant
// = type × action × reach × field class, held by roles, carried by posts, which people hold in units. [Records] is what
// surfaces use: records as one actor sees them, masked, with every read of personal data in the audit log. Sub-rooms:
// org (units, posts, roles, people), identity (sign-in), mask, recusal. The package knows no room of the trade.
package access

import (
	"dianke/internal/engine/record"
)

// Actor is who acts; see [record.Actor].
type Actor = record.Actor

// Reach says how far a grant goes from the person who holds it.
type Reach string

// The reaches, from near to far. Team is the unit in which the post is held; Unit the department around it; Below adds
// all units under that department.
const (
	Own   Reach = "own"
	Team  Reach = "team"
	InDep Reach = "unit"
	Below Reach = "below"
	All   Reach = "all"
)

// Grant permits an action on a type within a reach. For read, Class is the highest class shown in clear; fields above
// it are masked. "*" stands for every type or every action.
type Grant struct {
	Type   string
	Action string
	Reach  Reach
	Class  record.Class
}

// covers reports whether the grant speaks of the action on the type. Reveal, export and import are never part of "*":
// they must be granted by name.
func (g Grant) covers(typ, action string) bool {
	if g.Type != "*" && g.Type != typ {
		return false
	}
	if g.Action == action {
		return true
	}
	return g.Action == "*" && action != record.Reveal && action != record.Export && action != record.Import
}

// RoleGrants is the default set of grants of a role, declared by the room whose types they open. Set-up writes them
// into the database, where an administrator may change them.
type RoleGrants map[string][]Grant

// Merge joins the defaults of several rooms.
func Merge(sets ...RoleGrants) RoleGrants {
	out := RoleGrants{}
	for _, s := range sets {
		for role, gs := range s {
			out[role] = append(out[role], gs...)
		}
	}
	return out
}

// BaseGrants are the permissions that belong to no room: administrators may do everything, auditors read everything.
func BaseGrants() RoleGrants {
	return RoleGrants{
		"administrator": {
			{Type: "*", Action: "*", Reach: All, Class: record.Personal}, {Type: "*", Action: record.Reveal, Reach: All, Class: record.Internal},
			{Type: "*", Action: record.Export, Reach: All, Class: record.Internal}, {Type: "*", Action: record.Import, Reach: All, Class: record.Internal},
		},
		"auditor": {
			{Type: "*", Action: record.Read, Reach: All, Class: record.Internal}, {Type: AuditLog, Action: record.Read, Reach: All, Class: record.Internal},
			{Type: AuditLog, Action: Verify, Reach: All, Class: record.Internal},
		},
		"hr": {
			{Type: "user", Action: "*", Reach: All, Class: record.Personal}, {Type: "posting", Action: "*", Reach: All, Class: record.Internal},
		},
		"manager":  {{Type: "user", Action: record.Read, Reach: Below, Class: record.Personal}},
		"employee": {{Type: "user", Action: record.Read, Reach: Own, Class: record.Personal}},
	}
}
