package token

import "strings"

const (
	maxQuery = 120 // characters of input that are looked at
	maxTerms = 16
)

// Term is one thing a record must have to be found.
type Term struct {
	Token  string
	Prefix bool // the record has a token that begins with Token; otherwise the token itself
}

// Query returns the terms that must all match for what a person typed: a Han character alone as itself, longer Han runs
// as pairs, words and digits as prefixes. Parts of legal forms such as 有限公司 are left out beside anything else. The
// terms are necessary, not sufficient: check what is found by [Matches]. No term means nothing to search for. Only
// the first 120 characters count, and at most 16 terms are returned.
func Query(s string) []Term {
	ps := pieces(clip(fold(s)))
	var terms []Term
	seen := map[Term]bool{}
	add := func(t Term) {
		if t.Token != "" && !seen[t] {
			seen[t] = true
			terms = append(terms, t)
		}
	}
	for _, p := range ps {
		switch {
		case !p.han:
			add(Term{Token: dialled(word(p.runes)), Prefix: true})
		case len(p.runes) == 1:
			add(Term{Token: p.String()})
		default:
			for i := range p.runes[1:] {
				add(Term{Token: string(p.runes[i : i+2])})
			}
		}
	}
	terms = withoutStops(terms)
	return terms[:min(len(terms), maxTerms)]
}

func clip(s string) string {
	n := 0
	for i := range s {
		if n == maxQuery {
			return s[:i]
		}
		n++
	}
	return s
}

// dialled takes the country code off a number typed with it.
func dialled(w string) string {
	if len(w) == len("8613800138000") && strings.HasPrefix(w, "861") && onlyDigits(w) == w {
		return w[2:]
	}
	return w
}

func withoutStops(terms []Term) []Term {
	kept := make([]Term, 0, len(terms))
	for _, t := range terms {
		if !isStop(t.Token) {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return terms
	}
	return kept
}
