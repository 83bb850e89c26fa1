package casework

import (
	"slices"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
)

// Grants returns what the roles may do with cases by default. Records that only the case's own actions write (contacts,
// opinions, objections) are created by nobody directly.
func Grants() access.RoleGrants {
	lists := []string{"case_category", "case_macro", "case_channel", "practice_area", "knowledge_article", "intake_form"}
	g := access.RoleGrants{}
	agent := slices.Concat(read("case", access.InDep, record.Personal), acts("case", access.InDep, agentActions()...), childWork(access.InDep),
		reads(lists, access.All), reads([]string{"case_problem"}, access.All), acts("case", access.Own, record.Reveal))
	lead := slices.Concat(read("case", access.Below, record.Personal), acts("case", access.Below, append(agentActions(), leadActions()...)...),
		childWork(access.Below), reads(lists, access.All), acts("case", access.Below, record.Reveal, record.Export),
		acts("case_reply", access.Below, "approve", "reject"), acts("case_measure", access.Below, "verify", "check_effect", "reopen", "drop"),
		acts("case_problem", access.All, "*"), acts("case_macro", access.All, "*"), acts("knowledge_article", access.All, "*"),
		acts("case_channel", access.All, "*"), acts("case_category", access.All, "*"))
	g["specialist"] = agent
	g["account_manager"] = slices.Concat(read("case", access.Own, record.Personal), acts("case", access.Own, agentActions()...),
		acts("case", access.All, record.Create), childWork(access.Own), reads(lists, access.All), reads([]string{"case_problem"}, access.All))
	g["clerk"] = slices.Concat(read("case", access.InDep, record.Internal), read("case", access.Own, record.Personal),
		acts("case", access.InDep, record.Create, record.Update, record.Comment, record.Attach, "classify", "amend", "note_contact"),
		reads(children(), access.InDep), acts("case_material", access.InDep, record.Create, record.Update),
		acts("case_reply", access.InDep, record.Create, record.Update), acts("case_task", access.Own, taskVerbs()...),
		reads(lists, access.All))
	g["receptionist"] = slices.Concat(acts("case", access.All, record.Create), read("case", access.Own, record.Personal),
		acts("case", access.Own, record.Update, record.Attach, "amend", "hand_over"), acts("case_material", access.Own, record.Create), reads(lists, access.All))
	g["team_leader"], g["manager"] = lead, append(slices.Clone(lead), acts("intake_form", access.All, "*")...)
	g["complaint_officer"] = officer(lists)
	g["partner"] = slices.Concat(read("case", access.Own, record.Personal), reads(children(), access.Own), reads(lists, access.All),
		acts("case", access.Own, "take", "decide", "assign_handler", "note_contact", "set_plan", "tick_checklist", "reply", "inform_customer", "settle_escalation", record.Comment, record.Attach),
		acts("case_allegation", access.Own, record.Create, "find"), acts("case_material", access.Own, "verify", "hand_out", "take_back"),
		acts("case_measure", access.Own, record.Create, "complete"), acts("case_reply", access.Own, record.Create, record.Update, "send", "discard"))
	g["director"] = slices.Concat(read("case", access.All, record.Personal), reads(children(), access.All), reads(lists, access.All),
		acts("case", access.All, slices.Concat(leadActions(), []string{"decide", "substitute", "settle_escalation", "set_plan", "reply", record.Comment, record.Attach, record.Reveal, record.Export})...),
		reads([]string{"case_problem", "case_volume", "case_statement"}, access.All))
	g["archivist"] = slices.Concat(read("case", access.All, record.Internal), reads(children(), access.All), acts("case", access.All, "file", record.Export),
		acts("case_volume", access.All, record.Read, record.Create, record.Update, "close", "reopen"), reads(lists, access.All))
	g["auditor"] = slices.Concat(reads(append(children(), "case", "case_volume", "case_problem", "case_statement"), access.All), reads(lists, access.All))
	g["analyst"] = slices.Concat(reads([]string{"case", "case_measure", "case_objection"}, access.All), acts("case_problem", access.All, "*"),
		acts("case", access.All, "link_problem", "classify"), reads(lists, access.All))
	for _, role := range []string{"clerk", "specialist", "account_manager", "receptionist", "team_leader", "manager", "partner", "hr", "employee"} {
		g[role] = append(slices.Clone(g[role]), statementOfOwn()...)
	}
	return g
}

// statementOfOwn lets everybody answer what he is asked about a complaint against him.
func statementOfOwn() []access.Grant {
	return []access.Grant{
		{Type: "case_statement", Action: record.Read, Reach: access.Own, Class: record.Internal},
		{Type: "case_statement", Action: "give", Reach: access.Own},
	}
}

func officer(lists []string) []access.Grant {
	out := []access.Grant{{Type: "case", Action: "*", Reach: access.All, Class: record.Personal}}
	for _, typ := range children() {
		if !slices.Contains(written(), typ) {
			out = append(out, access.Grant{Type: typ, Action: "*", Reach: access.All, Class: record.Internal})
		}
	}
	out = append(out, reads(written(), access.All)...)
	return slices.Concat(out, acts("case_objection", access.All, "follow_up", record.Assign), acts("case", access.All, record.Reveal, record.Export),
		acts("case_statement", access.All, record.Read, record.Create, record.Update), acts("case_problem", access.All, "*"),
		reads([]string{"case_volume"}, access.All), reads(lists, access.All), acts("case_category", access.All, "*"), acts("case_macro", access.All, "*"))
}

// written are the types that only the case's own actions write.
func written() []string { return []string{"case_contact", "case_opinion", "case_objection"} }

func children() []string {
	return []string{
		"case_note", "case_contact", "case_material", "case_allegation", "case_measure", "case_opinion", "case_reply", "case_objection",
		"case_timeline_entry", "case_task",
	}
}

func agentActions() []string {
	return []string{
		record.Create, record.Update, record.Comment, record.Attach, "accept", "classify", "triage", "mark_major", "amend", "take", "hand_over",
		"confirm_handover", "return_handover", "delegate", "push", "escalate", "invite", "investigate", "set_plan", "note_contact",
		"notify_arrangement", "promise", "ask_customer", "customer_replied", "answer", "correct_answer", "resolve", "reply", "inform_customer",
		"agree", "disagree", "tick_checklist", "close", "call_back", "satisfaction", "object", "reopen", "split", "link_problem",
	}
}

func leadActions() []string {
	return []string{
		record.Assign, "assign_handler", "assign_officer", "settle_escalation", "withdraw", "merge_into", "recuse", "lift_recusal",
		"confirm_checklist", "confirm_receipt", "decide", "substitute",
	}
}

func taskVerbs() []string { return []string{record.Read, "accept", "answer", "give_back"} }

// childWork lets somebody work with the parts of the cases he works on.
func childWork(reach access.Reach) []access.Grant {
	out := reads(children(), reach)
	for typ, verbs := range map[string][]string{
		"case_note":           {record.Create, record.Update},
		"case_material":       {record.Create, record.Update, "verify", "hand_out", "take_back"},
		"case_allegation":     {record.Create, record.Update, "find"},
		"case_measure":        {record.Create, record.Update, record.Assign, "complete"},
		"case_reply":          {record.Create, record.Update, "send", "hold", "discard"},
		"case_objection":      {"follow_up"},
		"case_timeline_entry": {record.Create, record.Update},
		"case_task":           {record.Create, record.Update, "accept", "answer", "give_back", "confirm", "send_again"},
	} {
		out = append(out, acts(typ, reach, verbs...)...)
	}
	return out
}

func read(typ string, reach access.Reach, class record.Class) []access.Grant {
	return []access.Grant{{Type: typ, Action: record.Read, Reach: reach, Class: class}}
}

func reads(types []string, reach access.Reach) []access.Grant {
	var out []access.Grant
	for _, t := range types {
		out = append(out, read(t, reach, record.Internal)...)
	}
	return out
}

func acts(typ string, reach access.Reach, actions ...string) []access.Grant {
	out := make([]access.Grant, len(actions))
	for i, a := range actions {
		out[i] = access.Grant{Type: typ, Action: a, Reach: reach, Class: record.Internal}
	}
	return out
}
