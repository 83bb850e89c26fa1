package regulation

import (
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
)

// Grants are the default permissions for regulations: everybody signs what is his and answers a suspicion against
// himself, managers decide, administrators edit.
func Grants() access.RoleGrants {
	g := func(typ, action string, reach access.Reach) access.Grant {
		return access.Grant{Type: typ, Action: action, Reach: reach, Class: record.Internal}
	}
	manage := []access.Grant{
		g("acknowledgement", record.Read, access.Below), g("breach", record.Read, access.Below), g("breach", "confirm", access.Below),
		g("breach", "dismiss", access.Below), g("breach", "hear", access.Below), g("exemption", record.Read, access.All),
		g("exemption", "approve", access.All), g("exemption", "decline", access.All), g("regulation", record.Create, access.All),
		g("regulation_version", "*", access.All), g("regulation", record.Update, access.All), g("clause", record.Update, access.All),
		g("binding", "*", access.All),
	}
	return access.RoleGrants{
		"employee": {
			g("acknowledgement", record.Read, access.Own), g("acknowledgement", "sign", access.Own), g("breach", record.Read, access.Own),
			g("breach", "hear", access.Own), g("exemption", record.Create, access.Own), g("exemption", record.Read, access.Own),
			g("regulation_version", record.Comment, access.All), g("clause", record.Comment, access.All),
		},
		"manager": manage, "director": manage, "partner": manage,
		"complaint_officer": {g("exemption", record.Read, access.All), g("exemption", "approve", access.All), g("exemption", "decline", access.All)},
		"auditor": {
			g("acknowledgement", record.Read, access.All), g("breach", record.Read, access.All), g("exemption", record.Read, access.All),
		},
	}
}
