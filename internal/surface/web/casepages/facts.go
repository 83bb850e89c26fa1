package casepages

import (
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// matter are the fields that say what happened and what the customer wants; those marked are shown even while empty, so
// that one sees what has not been asked yet.
func matter() []factField {
	return []factField{
		{"content", true}, {"desired_result", true}, {"true_cause", true}, {"complained_user_id", false}, {"complained_name", false},
		{"item", false}, {"occurred_at", false}, {"customer_view", false}, {"harm", false}, {"amount_claimed", false}, {"matter_number", false},
		{"source_ref", false}, {"source_due_on", false}, {"reply_form", false},
	}
}

// handling are the fields that say what was done.
func handling() []factField {
	return []factField{
		{"category_id", true}, {"severity", true}, {"next_step", true}, {"next_step_on", false}, {"handler_id", false}, {"officer_id", false},
		{"decider_id", false}, {"handover_to", false}, {"escalated_to", false}, {"promised_at", false}, {"expected_on", false}, {"plan", false},
		{"asked_customer", false}, {"finding", false}, {"conclusion", false}, {"measure", false}, {"solution", false}, {"result", false},
		{"result_text", false}, {"remedy", false}, {"remedy_cost", false}, {"prevention", false}, {"satisfaction", false}, {"reopen_reason", false},
		{"withdrawn_why", false}, {"merged_into", false}, {"problem_id", false},
	}
}

type factField struct {
	name   string
	always bool
}

// facts are both groups as the reader sees them.
func (d *desk) facts() (about, done []webui.DescriptionItem) {
	about, done = d.items(matter()), d.items(handling())
	if textIn(d.sheet.View, "complained_user_id") == "" && textIn(d.sheet.View, "complained_name") == "" && textIn(d.sheet.View, "kind") == "complaint" {
		it := webui.DescriptionItem{Label: web.FieldLabel(d.ctx, d.sheet.Type, d.sheet.Type.Field("complained_user_id"))}
		if textIn(d.sheet.View, "no_person") == "true" {
			it.Value = web.FieldLabel(d.ctx, d.sheet.Type, d.sheet.Type.Field("no_person"))
		}
		about = append(about, it)
	}
	return about, done
}

func (d *desk) items(fields []factField) []webui.DescriptionItem {
	var out []webui.DescriptionItem
	for _, f := range fields {
		c, ok := d.sheet.Cell(f.name)
		if !ok || c.Text == "" && !f.always {
			continue
		}
		it := webui.DescriptionItem{
			Label: web.FieldLabel(d.ctx, d.sheet.Type, c.Field), Value: words(d.ctx, d.sheet.Type, c, d.names), Masked: c.Masked && c.Text != "",
			Wide: c.Field.Kind.Name() == "longtext",
		}
		if it.Masked {
			it.RevealHref = d.reveal(f.name)
		}
		if it.Wide && it.Value != "" && !it.Masked {
			it.Content = longText(it.Value)
		}
		if f.name == "content" && c.Text == "" {
			it.Value = i18n.T(d.ctx, "desk.no_words")
		}
		out = append(out, it)
	}
	return out
}

// reveal leads to the page that asks why a value is to be seen; "" where the reader may not.
func (d *desk) reveal(name string) string {
	if !d.sheet.MayAlso[record.Reveal] {
		return ""
	}
	return address(d.record()+"/reveal", "field", name)
}
