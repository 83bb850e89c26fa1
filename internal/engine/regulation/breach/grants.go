package breach

import (
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
)

// Grants are the default permissions: everybody sees and answers what concerns himself, managers decide in their
// department, the personnel office confirms measures and keeps the ladders, directors decide appeals, auditors read.
func Grants() access.RoleGrants {
	g := func(typ string, reach access.Reach, actions ...string) []access.Grant {
		var out []access.Grant
		for _, a := range actions {
			out = append(out, access.Grant{Type: typ, Action: a, Reach: reach, Class: record.Internal})
		}
		return out
	}
	clear := func(typ string, reach access.Reach, class record.Class) []access.Grant {
		return []access.Grant{{Type: typ, Action: record.Read, Reach: reach, Class: class}}
	}
	join := func(sets ...[]access.Grant) (out []access.Grant) {
		for _, s := range sets {
			out = append(out, s...)
		}
		return out
	}
	manage := join(
		g("breach", access.Below, record.Read, "notify", "hear", "confirm", "dismiss", "propose", "name_person", record.Comment, record.Attach),
		clear("measure", access.Below, record.Personal),
	)
	judge := join(g("breach", access.All, record.Read), clear("measure", access.All, record.Personal), g("measure", access.All, "uphold", "change", "lift", record.Comment))
	return access.RoleGrants{
		"employee": join(
			g("breach", access.Own, record.Read, "hear", record.Attach), clear("measure", access.Own, record.Sensitive),
			g("measure", access.Own, "appeal", record.Attach),
		),
		"manager": manage, "director": join(manage, judge), "partner": join(manage, judge),
		"hr": join(
			g("breach", access.All, record.Read), clear("measure", access.All, record.Sensitive),
			g("measure", access.All, "confirm", "decline", record.Comment, record.Attach), g("ladder", access.All, "*"), g("ladder_step", access.All, "*"),
		),
		"auditor": join(g("breach", access.All, record.Read), g("measure", access.All, record.Read)),
	}
}
