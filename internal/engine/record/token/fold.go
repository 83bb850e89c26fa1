package token

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxWord is the number of characters kept of a word; what is longer is no word somebody types.
const maxWord = 48

// piece is an unbroken run of one kind: Han characters, or letters and digits of other scripts.
type piece struct {
	runes []rune
	han   bool
}

func (p piece) String() string { return string(p.runes) }

// fold brings full-width, compatibility and accented forms, and upper case, to one form.
func fold(s string) string {
	s = strings.ToLower(norm.NFKD.String(strings.ToValidUTF8(s, " ")))
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f { // accents on Latin letters
			return -1
		}
		return r
	}, s))
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) && (unicode.IsLetter(r) || r == '〇') }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isWord(r rune) bool { return isDigit(r) || unicode.IsLetter(r) }

// pieces cuts folded text; everything that is neither letter nor digit separates.
func pieces(folded string) []piece {
	var out []piece
	var cur piece
	flush := func() {
		if len(cur.runes) > 0 {
			out = append(out, cur)
		}
		cur = piece{}
	}
	for _, r := range folded {
		han := isHan(r)
		if !han && !isWord(r) {
			flush()
			continue
		}
		if han != cur.han {
			flush()
		}
		cur.han = han
		cur.runes = append(cur.runes, r)
	}
	flush()
	return out
}

// word returns the token of a run that is not Han.
func word(runes []rune) string {
	if len(runes) > maxWord {
		runes = runes[:maxWord]
	}
	return string(runes)
}

// parts cuts a word between letters and digits: iphone15 gives iphone, 15.
func parts(runes []rune) []string {
	var out []string
	start := 0
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || isDigit(runes[i]) != isDigit(runes[i-1]) {
			out = append(out, word(runes[start:i]))
			start = i
		}
	}
	return out
}

// set collects tokens without repetition, in the order they came, up to a limit (0: none).
type set struct {
	seen  map[string]struct{}
	out   []string
	limit int
}

func newSet(limit int) *set { return &set{seen: map[string]struct{}{}, limit: limit} }

func (s *set) full() bool { return s.limit > 0 && len(s.out) >= s.limit }

func (s *set) add(tok string) {
	if _, twice := s.seen[tok]; twice || tok == "" || s.full() {
		return
	}
	s.seen[tok] = struct{}{}
	s.out = append(s.out, tok)
}
