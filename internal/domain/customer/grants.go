package customer

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

// Grants returns who may do what by default. Parts of a customer are limited by the customer itself, so their reach is
// wide; personal fields are clear to the owner, to those who lead him, and to roles whose work is the person.
func Grants() access.RoleGrants {
	g := access.RoleGrants{}
	for _, role := range []string{"clerk", "specialist"} {
		g[role] = concat(sees(access.All), keeps(access.Own), parts("create", "update"), acts("customer", access.All, record.Internal, record.Reveal))
	}
	g["account_manager"] = concat(sees(access.All), keeps(access.Own), parts("*"),
		acts("customer", access.Own, record.Internal, "release", "lose", "transfer", record.Reveal), acts("customer", access.InDep, record.Internal, "claim"))
	g["team_leader"] = concat(sees(access.All), all("customer", access.Team), parts("*"), acts("customer", access.InDep, record.Internal, "claim"))
	g["manager"] = concat(sees(access.All), all("customer", access.Below), parts("*"), all("contact", access.All),
		acts("customer", access.Below, record.Internal, record.Reveal, record.Export), decides(), rules())
	g["receptionist"] = concat(sees(access.All), acts("customer", access.Own, record.Personal, "create", "add_source"), acts("contact", access.All, record.Internal, "create"))
	g["complaint_officer"] = concat(sees(access.All), acts("customer", access.All, record.Internal, "add_source", "flag", record.Reveal), parts("create"))
	g["partner"] = concat(sees(access.All), all("customer", access.All), parts("*"), decides())
	g["director"] = concat(sees(access.All), all("customer", access.All), parts("*"), decides(), rules(), acts("customer", access.All, record.Personal, record.Reveal, record.Export))
	g["archivist"] = concat(sees(access.All), all("customer", access.All), parts("*"), acts("customer", access.All, record.Personal, record.Reveal))
	for _, role := range []string{"auditor", "analyst"} {
		g[role] = concat(sees(access.All), acts("data_request", access.All, record.Internal, "read"), acts("data_incident", access.All, record.Internal, "read"))
	}
	g["administrator"] = acts("customer", access.All, record.Sensitive, record.Reveal, record.Export)
	return g
}

func concat(lists ...[]access.Grant) []access.Grant {
	var out []access.Grant
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

func acts(typ string, reach access.Reach, class record.Class, names ...string) []access.Grant {
	out := make([]access.Grant, len(names))
	for i, n := range names {
		out[i] = access.Grant{Type: typ, Action: n, Reach: reach, Class: class}
	}
	return out
}

func all(typ string, reach access.Reach) []access.Grant {
	return acts(typ, reach, record.Personal, "*")
}

// sees opens customers with all their parts for reading, personal fields masked.
func sees(reach access.Reach) []access.Grant {
	out := acts("customer", reach, record.Internal, "read")
	for _, typ := range partTypes() {
		out = append(out, acts(typ, access.All, record.Internal, "read")...)
	}
	return out
}

// keeps opens what one does with customers one answers for.
func keeps(reach access.Reach) []access.Grant {
	return concat(
		acts("customer", reach, record.Personal, "read", "create", "update", "comment", "attach"),
		acts("customer", reach, record.Internal, "activate", "dormant", "reactivate", "verify", "classify", "flag", "clear_flag", "add_source"),
		acts("contact", reach, record.Personal, "read", "update", "flag", "clear_flag"),
		acts("data_request", access.Own, record.Internal, "create", "read"), acts("data_incident", access.Own, record.Internal, "create", "read"))
}

func partTypes() []string {
	return []string{"contact", "consent", "need", "transaction", "source_entry", "classification", "preference", "disclosure", "rights_request"}
}

// parts opens writing in the parts of customers one sees. Deciding on disclosures is not among it.
func parts(names ...string) []access.Grant {
	var out []access.Grant
	for _, typ := range []string{"contact", "need", "transaction", "source_entry", "preference"} {
		out = append(out, acts(typ, access.All, record.Internal, names...)...)
	}
	out = append(out, acts("need", access.All, record.Internal, "meet", "drop")...)
	out = append(out, acts("preference", access.All, record.Internal, "use")...)
	out = append(out, acts("consent", access.All, record.Internal, "create", "update", "withdraw")...)
	out = append(out, acts("disclosure", access.All, record.Internal, "create", "carry_out")...)
	return append(out, acts("rights_request", access.All, record.Internal, "create", "answer")...)
}

// decides opens decisions about personal data.
func decides() []access.Grant {
	return concat(acts("disclosure", access.All, record.Internal, "approve", "refuse"), acts("rights_request", access.All, record.Internal, "*"),
		acts("data_request", access.All, record.Internal, "*"), acts("data_incident", access.All, record.Internal, "*"))
}

// rules opens the settings of the room.
func rules() []access.Grant {
	return concat(acts("pool_rule", access.All, record.Internal, "*"), acts("care_rule", access.All, record.Internal, "*"), acts("scale_rule", access.All, record.Internal, "*"))
}
