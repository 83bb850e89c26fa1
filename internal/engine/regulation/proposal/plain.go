package proposal

import (
	"go.yaml.in/yaml/v3"

	"dianke/internal/engine/regulation/text"
)

// maxItem is how long the text of a clause may be to stand as one line of a checklist or the title of a task.
const maxItem = 120

// plain is the binding of a kind that needs no record of its own and so can be written from the clause alone: a
// signature, a task at the interval the text names, a checklist with the text as its line. Others have none.
func plain(kind, says string, figures []text.Figure) string {
	title := map[string]string{"zh": shorten(says), "en": shorten(says)}
	rhythm, regular := first(figures, text.Recurrence)
	var spec map[string]any
	switch kind {
	case "acknowledge":
		spec = map[string]any{"within": "7d"}
	case "duty":
		if !regular {
			return ""
		}
		spec = map[string]any{"every": rhythm.Value, "for": "department_manager", "task": title}
	case "attest":
		every := "FREQ=MONTHLY"
		if regular {
			every = rhythm.Value
		}
		item := map[string]string{"key": "kept", "zh": shorten(says), "en": shorten(says)}
		spec = map[string]any{"every": every, "by": "department_manager", "task": title, "checklist": []any{item}}
	default:
		return ""
	}
	out, err := yaml.Marshal(spec)
	if err != nil {
		return ""
	}
	return string(out)
}

func shorten(s string) string {
	if r := []rune(s); len(r) > maxItem {
		return string(r[:maxItem-1]) + "…"
	}
	return s
}
