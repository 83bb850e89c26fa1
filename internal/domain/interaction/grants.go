package interaction

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the room.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Grants returns who may do what by default: everybody works at his own tasks; interactions and promises are seen with
// the customer and changed by who wrote them; leaders reach what belongs to their units.
func Grants() access.RoleGrants {
	g := access.RoleGrants{}
	for _, role := range []string{"clerk", "specialist", "account_manager", "complaint_officer", "receptionist", "archivist"} {
		g[role] = concat(reads(), own())
	}
	g["team_leader"] = concat(reads(), own(), acts("task", access.Team, "*"), acts("interaction", access.Team, "*"), acts("promise", access.Team, "*"),
		acts("gift", access.Team, record.Read, "approve"), hears(access.Team))
	g["manager"] = concat(reads(), own(), acts("task", access.Below, "*"), acts("interaction", access.Below, "*"), acts("promise", access.Below, "*"),
		acts("interaction", access.Below, record.Export), acts("gift", access.Below, record.Read, "approve"), acts("phone_cost", access.Below, "*"), hears(access.Below))
	for _, role := range []string{"partner", "director"} {
		g[role] = concat(acts("task", access.All, "*"), acts("interaction", access.All, "*"), acts("promise", access.All, "*"), acts("gift", access.All, "*"), acts("phone_cost", access.All, "*"), hears(access.All),
			acts("interaction", access.All, record.Export, record.Reveal))
	}
	for _, role := range []string{"auditor", "analyst"} {
		g[role] = concat(masked("interaction"), masked("promise"), masked("task"), masked("gift"), masked("phone_cost"), masked("call_review"))
	}
	g["auditor"] = concat(g["auditor"], hears(access.All))
	g["hr"] = acts("task", access.Own, "*")
	g["administrator"] = acts("interaction", access.All, record.Reveal, record.Export)
	return g
}

func concat(lists ...[]access.Grant) []access.Grant {
	var out []access.Grant
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

func acts(typ string, reach access.Reach, names ...string) []access.Grant {
	out := make([]access.Grant, len(names))
	for i, n := range names {
		out[i] = access.Grant{Type: typ, Action: n, Reach: reach, Class: record.Personal}
	}
	return out
}

func masked(typ string) []access.Grant {
	return []access.Grant{{Type: typ, Action: record.Read, Reach: access.All, Class: record.Internal}}
}

// reads opens interactions and promises of every customer one sees, and the tasks of one's unit.
func reads() []access.Grant {
	return concat(masked("interaction"), masked("promise"), acts("task", access.InDep, record.Read, "take", record.Create))
}

// own opens what one does with one's own.
func own() []access.Grant {
	return concat(acts("interaction", access.Own, record.Create, record.Read, record.Update, record.Comment, record.Attach, "open_file"),
		acts("call_review", access.Own, record.Read), acts("call_recording", access.Own, record.Create, record.Read),
		acts("promise", access.Own, "*"), acts("task", access.Own, "*"),
		acts("gift", access.Own, record.Create, record.Read, record.Update, record.Comment, record.Attach, "keep", "give_back"))
}

// hears opens recordings, for a reason that is kept, and the reviews of what was heard.
func hears(reach access.Reach) []access.Grant {
	return concat(acts("call_review", reach, record.Create, record.Read, record.Update),
		acts("call_recording", reach, record.Create, record.Read, record.Update, record.Archive, "play"))
}
