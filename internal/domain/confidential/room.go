package confidential

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

// Register adds the types of the room. It refers to the types customer, post and user.
func Register(reg *record.Registry) {
	reg.Add(documentType(), undertakingType())
	reg.Add(permitTypes()...)
	reg.Add(powerTypes()...)
}

// Grants returns who may do what by default. Everybody files documents and sees those of his department that are not
// classed, asks for authorisations and exports, and signs for himself; heads decide.
func Grants() access.RoleGrants {
	g := access.RoleGrants{}
	for _, role := range []string{"employee", "clerk", "specialist", "team_leader", "account_manager", "complaint_officer", "receptionist", "archivist", "analyst"} {
		g[role] = works()
	}
	g["team_leader"] = concat(works(), acts("decision", access.Team, record.Read, "review"))
	g["manager"] = concat(works(), heads(access.Below))
	for _, role := range []string{"partner", "director"} {
		g[role] = concat(works(), heads(access.All), acts("document", access.All, "*"), acts("document", access.All, record.Export), acts("decision_right", access.All, "*"))
	}
	g["archivist"] = concat(works(), acts("document", access.InDep, "*"))
	g["hr"] = concat(works(), acts("undertaking", access.All, "*"), acts("delegation", access.All, "*"))
	g["auditor"] = concat(works(), acts("decision", access.All, record.Read, "review"), acts("authorisation", access.All, record.Read),
		acts("export_approval", access.All, record.Read), acts("undertaking", access.All, record.Read))
	return g
}

// works opens what one does oneself.
func works() []access.Grant {
	return concat(acts("document", access.InDep, record.Read, "download"), acts("document", access.Own, record.Create, record.Read, record.Update,
		record.Comment, record.Attach, "download", "share", "borrow", "give_back", "withdraw"), acts("document", access.InDep, "borrow"),
		acts("authorisation", access.Own, record.Create, record.Read), acts("export_approval", access.Own, record.Create, record.Read),
		acts("undertaking", access.Own, record.Read, "sign"), acts("decision", access.Own, record.Create, record.Read, record.Comment, record.Attach, "apply"))
}

// heads opens what is decided about others.
func heads(reach access.Reach) []access.Grant {
	return concat(acts("authorisation", access.All, record.Read, "approve", "decline", "end"), acts("export_approval", reach, record.Read, "approve", "decline", "end"),
		acts("decision", reach, record.Read, "approve", "decline", "review", record.Comment, record.Export), acts("delegation", reach, "*"),
		acts("undertaking", reach, record.Create, record.Read, "end"), acts("document", reach, record.Read, record.Assign, "share", "download"))
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
