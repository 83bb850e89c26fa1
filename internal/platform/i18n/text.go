package i18n

import (
	"fmt"
	"strings"
)

// text is a message cut at its placeholders: literal parts have no name.
type text []part

type part struct {
	literal string
	name    string
}

func parse(s string) text {
	var out text
	for s != "" {
		before, rest, found := strings.Cut(s, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed || !isName(name) {
			cut := len(before)
			if found {
				cut++
			}
			out = append(out, part{literal: s[:cut]})
			s = s[cut:]
			continue
		}
		if before != "" {
			out = append(out, part{literal: before})
		}
		out = append(out, part{name: name})
		s = after
	}
	return out
}

func isName(s string) bool {
	for _, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return s != ""
}

func (t text) fill(args []any) string {
	if len(t) == 1 && t[0].name == "" {
		return t[0].literal
	}
	var b strings.Builder
	for _, p := range t {
		if p.name == "" {
			b.WriteString(p.literal)
			continue
		}
		if v, ok := arg(args, p.name); ok {
			fmt.Fprint(&b, v)
		} else {
			b.WriteString("{" + p.name + "}")
		}
	}
	return b.String()
}

func arg(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return nil, false
}

func isOne(args []any) bool {
	n, ok := arg(args, "n")
	return ok && fmt.Sprint(n) == "1"
}
