package webhook

import (
	"path"
	"slices"
	"strings"

	"dianke/internal/platform/errs"
)

// TestEvent is the event of a message that was asked for to try an address.
const TestEvent = "webhook.test"

const maxPatterns = 50

// Patterns reads names of events, one a line or with commas: "case.close", "case.*", "*.create", "case_*.send", "*".
// Invalid (webhook.bad_event) for what can be no name.
func Patterns(text string) ([]string, error) {
	var out []string
	for _, p := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\t ,，;；、", r) }) {
		p = strings.ToLower(p)
		typ, act, dotted := strings.Cut(p, ".")
		if !plain(typ) || dotted && !plain(act) || !dotted && p != "*" {
			return nil, errs.Of("events", "webhook.bad_event").With("name", clip(p, 60))
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	switch {
	case len(out) == 0:
		return nil, errs.Of("events", "field.required").With("field", "events")
	case len(out) > maxPatterns:
		return nil, errs.Of("events", "webhook.many_events").With("max", maxPatterns)
	}
	return out, nil
}

func plain(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_*") == ""
}

// Wants reports whether one of the patterns, as [Patterns] gives them, speaks of the event.
func Wants(patterns []string, event string) bool {
	typ, act, _ := strings.Cut(event, ".")
	return slices.ContainsFunc(patterns, func(p string) bool {
		t, a, dotted := strings.Cut(p, ".")
		return p == "*" || dotted && like(t, typ) && like(a, act)
	})
}

// like matches with "*" for any run of characters; there is no other wildcard, and the names hold no slash.
func like(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// known reports whether there is a type the pattern can speak of. What parts of the program call their own changes is
// not listed anywhere, so the second half of a name is taken as it is.
func (d *Desk) known(pattern string) bool {
	typ, _, _ := strings.Cut(pattern, ".")
	for _, t := range d.Runner.Store.Types.Types() {
		if like(typ, t.Name) && !own(t.Name) {
			return true
		}
	}
	return false
}

// own reports whether events of the type are never sent: what tells people and programs of events would tell of itself
// without end.
func own(typ string) bool {
	return typ == "webhook" || typ == "notice" || strings.HasPrefix(typ, "notice_")
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
