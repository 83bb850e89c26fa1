package regulation

import (
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/breach"
)

// Grants are the default permissions for regulations: everybody signs what is his and answers a suspicion against
// himself, managers decide, administrators edit. Those of breaches are in [breach.Grants].
func Grants() access.RoleGrants {
	g := func(typ, action string, reach access.Reach) access.Grant {
		return access.Grant{Type: typ, Action: action, Reach: reach, Class: record.Internal}
	}
	manage := []access.Grant{
		g("acknowledgement", record.Read, access.Below), g("exemption", record.Read, access.All),
		g("exemption", "approve", access.All), g("exemption", "decline", access.All), g("regulation", record.Create, access.All),
		g("regulation_version", "*", access.All), g("regulation", record.Update, access.All), g("clause", record.Update, access.All),
		g("binding", "*", access.All), g("ballot", record.Read, access.All), g("revision_proposal", "*", access.Below),
		g("interpretation", "*", access.All), g("rule_conflict", "*", access.All), g("regulation_review", "*", access.All),
		g("responsibility", "*", access.All), g("acknowledgement", "answer_objection", access.Below), g("duty", record.Read, access.Below), g("duty", "release", access.Below),
		g("attestation", record.Read, access.Below),
	}
	return access.Merge(breach.Grants(), access.RoleGrants{
		"employee": {
			g("acknowledgement", record.Read, access.Own), g("acknowledgement", "sign", access.Own), g("duty", record.Read, access.Own),
			g("duty", "complete", access.Own), g("duty", record.Attach, access.Own), g("attestation", record.Read, access.Own),
			g("attestation", "sign", access.Own), g("attestation", record.Attach, access.Own),
			g("revision_proposal", record.Create, access.Own), g("revision_proposal", record.Read, access.Own),
			g("interpretation", record.Create, access.Own), g("interpretation", record.Read, access.All), g("interpretation", "withdraw", access.Own),
			g("exemption", record.Create, access.Own), g("exemption", record.Read, access.Own),
			g("regulation_version", record.Comment, access.All), g("clause", record.Comment, access.All),
		},
		"manager": manage, "director": manage, "partner": manage,
		"complaint_officer": {g("exemption", record.Read, access.All), g("exemption", "approve", access.All), g("exemption", "decline", access.All)},
		"auditor": {
			g("ballot", record.Read, access.All), g("revision_proposal", record.Read, access.All), g("regulation_review", record.Read, access.All),
			g("duty", record.Read, access.All), g("attestation", record.Read, access.All),
			g("acknowledgement", record.Read, access.All), g("exemption", record.Read, access.All),
		},
	})
}
