// Package assess tells how regulations are kept: the heat map of regulations and months, the statement of what applies
// and how it stands, assessments that freeze a period with a hash and are signed, and findings that follow from them.
//
// Everything is computed from outcomes; nothing here judges a record anew. A frozen assessment keeps its own rows, so
// that what it says does not change with what is written later. How it leaves the house (spreadsheet, OSCAL, archive) is
// the business of package exchange.
package assess

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
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

// Grants are the default permissions: auditors assess and sign, managers see what concerns their units and answer
// findings, everybody sees what is not applicable.
func Grants() access.RoleGrants {
	g := func(typ, action string, reach access.Reach) access.Grant {
		return access.Grant{Type: typ, Action: action, Reach: reach, Class: record.Internal}
	}
	manage := []access.Grant{
		g("assessment", record.Read, access.Below), g("finding", record.Read, access.Below), g("finding", "answer", access.Below),
		g("exclusion", "*", access.All),
	}
	return access.RoleGrants{
		"employee": {g("exclusion", record.Read, access.All), g("finding", record.Read, access.Own), g("finding", "answer", access.Own)},
		"manager":  manage, "partner": manage,
		"director": {
			g("assessment", "*", access.All), g("finding", "*", access.All), g("exclusion", "*", access.All),
		},
		"auditor": {
			g("assessment", "*", access.All), g("finding", "*", access.All), g("exclusion", record.Read, access.All),
		},
	}
}
