package duplicate

import (
	"slices"
	"strings"
	"sync"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/token"
	"dianke/internal/platform/gb"
)

// Profile says what makes two records of a type alike.
type Profile struct {
	Type  string
	Names []string // fields of names, the main one first
	Same  []Evidence
	// Company reports whether the record is called like a company: then a name alone is evidence, also one that differs
	// by a character or in writing. Names of persons count only beside other evidence. Nil means every record is.
	Company func(record.Entity) bool
	// Apart are fields whose differing values speak against, such as the kind of customer.
	Apart []string
}

// Evidence is a value that two different records do not share by chance.
type Evidence struct {
	Fields  []string // a value of one record in any of them may stand in any of the other's
	Weight  int      // score where they agree, 1 to 100
	Against int      // taken off where both have a value and none agrees
}

// Threshold is the score from which two records are taken for possible duplicates.
const Threshold = 50

// The reasons that are no fields.
const (
	SameName    = "same_name"
	SimilarName = "similar_name"
	SameSound   = "same_sound"
)

// feature is what of a record is compared.
type feature struct {
	values  []map[string]string // by evidence: value and the field it stands in
	cores   []string            // of its names, without place
	places  []string            // beside the cores
	sounds  []string
	company bool
	apart   []string
}

// read takes a record apart. See tells whether a field may be looked at.
func (p Profile) read(t *record.Type, e record.Entity, see func(*record.Field) bool) feature {
	out := feature{company: p.Company == nil || p.Company(e)}
	text := func(name string) string {
		f := t.Field(name)
		if f == nil || !see(f) {
			return ""
		}
		return f.Kind.Text(f.Get(e))
	}
	for _, ev := range p.Same {
		m := map[string]string{}
		for _, name := range ev.Fields {
			if v := normal(text(name)); v != "" && m[v] == "" {
				m[v] = name
			}
		}
		out.values = append(out.values, m)
	}
	for _, name := range p.Names {
		core := token.Core(text(name))
		if core == "" || slices.Contains(out.cores, core) {
			continue
		}
		place, rest := cutPlace(core)
		out.cores, out.places = append(out.cores, rest), append(out.places, place)
		out.sounds = append(out.sounds, token.Sound(rest))
	}
	for _, name := range p.Apart {
		out.apart = append(out.apart, text(name))
	}
	return out
}

func normal(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// keys are the texts under which the record is found again; those of names only for companies.
func (p Profile) keys(f feature) []string {
	var out []string
	for i, m := range f.values {
		for v := range m {
			out = append(out, p.Same[i].Fields[0]+"="+v)
		}
	}
	if !f.company {
		return out
	}
	for i, core := range f.cores {
		if n := len([]rune(core)); n < 2 {
			continue
		} else if n < 4 {
			out = append(out, "n="+core)
		} else {
			for _, k := range token.Near(core) {
				out = append(out, "n="+k)
			}
		}
		out = append(out, "s="+f.sounds[i])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// score judges two records, 0 to 100, with the reasons, the strongest first.
func (p Profile) score(a, b feature) (int, []string) {
	total := 0
	type reason struct {
		word   string
		weight int
	}
	var why []reason
	add := func(word string, weight int) {
		total += weight
		why = append(why, reason{word, weight})
	}
	for i, ev := range p.Same {
		field := ""
		for v, name := range a.values[i] {
			if _, ok := b.values[i][v]; ok && (field == "" || name < field) {
				field = name
			}
		}
		switch {
		case field != "":
			add(field, ev.Weight)
		case len(a.values[i]) > 0 && len(b.values[i]) > 0:
			total -= ev.Against
		}
	}
	if word, weight := nameScore(a, b); weight > 0 {
		add(word, weight)
	}
	for i := range p.Apart {
		if a.apart[i] != b.apart[i] && a.apart[i] != "" && b.apart[i] != "" {
			total -= 25
		}
	}
	slices.SortStableFunc(why, func(x, y reason) int { return y.weight - x.weight })
	words := make([]string, len(why))
	for i, r := range why {
		words[i] = r.word
	}
	return min(max(total, 0), 100), words
}

// The weights of names. A person's name alone stays below the threshold, and so does a company's that is only similar in
// a short name.
const (
	sameCompany = 70
	samePerson  = 35
	placeLess   = 60 // one of them names a place besides
	soundAlike  = 55
	similar     = 60 // times the likeness
	leastAlike  = 0.6
)

func nameScore(a, b feature) (string, int) {
	word, best := "", 0
	better := func(w string, n int) {
		if n > best {
			word, best = w, n
		}
	}
	for i, x := range a.cores {
		for j, y := range b.cores {
			company := a.company && b.company
			elsewhere := a.places[i] != b.places[j] && a.places[i] != "" && b.places[j] != ""
			switch like := token.Likeness(x, y); {
			case elsewhere:
			case x == y && !company:
				better(SameName, samePerson)
			case x == y && a.places[i] == b.places[j]:
				better(SameName, sameCompany)
			case x == y:
				better(SameName, placeLess)
			case !company:
			case a.sounds[i] == b.sounds[j] && len([]rune(x)) == len([]rune(y)):
				better(SameSound, soundAlike)
			case like >= leastAlike && len([]rune(x)) > 3 && len([]rune(y)) > 3:
				better(SimilarName, int(similar*like))
			}
		}
	}
	return word, best
}

// cutPlace takes the province, city or county with which a name begins, where something of two characters is left.
func cutPlace(core string) (place, rest string) {
	rest = core
	for range 3 {
		n := placeIn(rest)
		if n == 0 || len([]rune(rest[n:])) < 2 {
			break
		}
		place, rest = place+rest[:n], rest[n:]
	}
	return shortPlace(place), rest
}

// placeIn is the length in bytes of the longest place with which s begins.
func placeIn(s string) int {
	r := []rune(s)
	for n := min(len(r), 11); n >= 2; n-- {
		if head := string(r[:n]); placeNames()[head] {
			return len(head)
		}
	}
	return 0
}

var placeNames = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	tree := gb.Divisions()
	var walk func(code string)
	walk = func(code string) {
		for _, d := range tree.Children(code) {
			out[d.Name] = true
			if d.Level() < gb.County {
				if short := shortPlace(d.Name); len([]rune(short)) >= 2 {
					out[short] = true
				}
				walk(d.Code)
			}
		}
	}
	walk("")
	for _, w := range []string{"市辖区", "县", "中国"} {
		delete(out, w)
	}
	return out
})

// shortPlace leaves out what kind of place it is.
func shortPlace(s string) string {
	for _, kind := range []string{"维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "地区", "省", "市", "盟"} {
		if short, ok := strings.CutSuffix(s, kind); ok && len([]rune(short)) >= 2 {
			return short
		}
	}
	return s
}
