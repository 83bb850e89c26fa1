package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
)

// fingerprint names a set of headings, so that the mapping of a file is found again for the next one like it.
func fingerprint(typ string, columns []string) string {
	h := sha256.New()
	h.Write([]byte(typ))
	for _, c := range columns {
		h.Write([]byte("\x00" + fold(c)))
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// proposer finds a field for each column.
type proposer struct {
	t       *record.Type
	texts   *i18n.Catalog
	fields  []*record.Field
	columns []string
	samples [][]string
	taken   map[string]bool
	plan    Plan
}

const sureWords = 2 // letters of a heading before a part of it counts

// propose makes the plan for a file nobody has mapped before.
func propose(texts *i18n.Catalog, t *record.Type, columns []string, samples [][]string, past bool) Plan {
	p := &proposer{t: t, texts: texts, fields: Fields(t, true, past), columns: columns, samples: samples, taken: map[string]bool{}}
	p.plan = Plan{Fixed: map[string]string{}, Missing: map[string]string{}, Duplicates: Aside, OnMatch: Update, Dates: dateOrder(samples)}
	if preset := recognise(t.Name, columns); preset != nil {
		p.plan.Preset = preset.Key
		p.preset(preset)
	}
	p.byHeading(func(head string, words []string) bool { return slices.Contains(words, head) })
	p.byHeading(func(head string, words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return len([]rune(w)) >= sureWords && strings.HasSuffix(head, w) && len(head) <= 3*len(w)
		})
	})
	p.byValues()
	slices.SortFunc(p.plan.Picks, func(a, b Pick) int { return a.Column - b.Column })
	p.rest()
	return p.plan
}

func (p *proposer) pick(column int, f string) {
	p.taken[f] = true
	p.plan.Picks = append(p.plan.Picks, Pick{Column: column, Name: p.columns[column], Field: f})
}

func (p *proposer) picked(column int) bool {
	return slices.ContainsFunc(p.plan.Picks, func(k Pick) bool { return k.Column == column })
}

func (p *proposer) preset(preset *Preset) {
	for head, name := range preset.Columns {
		f := fieldOf(p.fields, name)
		for i, c := range p.columns {
			if fold(c) != fold(head) || f == nil || p.picked(i) || p.taken[name] && f.Kind.Name() != "longtext" {
				continue
			}
			p.pick(i, name)
		}
	}
}

// byHeading goes through the columns from left to right; a field is taken once.
func (p *proposer) byHeading(fits func(head string, words []string) bool) {
	known := synonyms()
	words := map[string][]string{}
	for _, f := range p.fields {
		words[f.Name] = p.words(f, known)
	}
	for i, c := range p.columns {
		head := fold(heading(c))
		if head == "" || p.picked(i) || p.leftOut(c) {
			continue
		}
		for _, f := range p.fields {
			if !p.taken[f.Name] && fits(head, words[f.Name]) && p.agrees(f, i) {
				p.pick(i, f.Name)
				break
			}
		}
	}
}

// leftOut reports whether the preset leaves a column out on purpose.
func (p *proposer) leftOut(column string) bool {
	for _, preset := range Presets() {
		if preset.Key == p.plan.Preset {
			for h, f := range preset.Columns {
				if f == "" && fold(h) == fold(column) {
					return true
				}
			}
		}
	}
	return false
}

var remark = regexp.MustCompile(`[(（\[【*].*$`)

// heading takes remarks such as "(required)" off.
func heading(s string) string {
	if cut := remark.ReplaceAllString(s, ""); strings.TrimSpace(cut) != "" {
		return cut
	}
	return strings.Trim(s, "*")
}

func (p *proposer) words(f *record.Field, known map[string][]string) []string {
	out := []string{fold(f.Name)}
	for _, key := range []string{p.t.Name + "." + f.Name, "head." + f.Name} {
		if p.texts.Has(key) {
			for _, lang := range i18n.Langs() {
				out = append(out, fold(p.texts.Text(lang, key)))
			}
		}
	}
	for _, label := range f.Labels {
		out = append(out, fold(label))
	}
	for _, key := range []string{p.t.Name + "." + f.Name, f.Name} {
		for _, w := range known[key] {
			out = append(out, fold(w))
		}
	}
	return out
}

// agrees reports whether the samples of the column can be read by the field: a column of words is no telephone.
func (p *proposer) agrees(f *record.Field, column int) bool {
	return p.share(f, column) >= 0.4
}

// share is the part of the samples that the field reads; 1 for a column without any.
func (p *proposer) share(f *record.Field, column int) float64 {
	r := newReader(p.texts, p.t, p.plan, zoneOf(nil))
	good, all := 0, 0
	for _, row := range p.samples {
		if column >= len(row) || absent(row[column]) {
			continue
		}
		all++
		if _, e := r.read(f, row[column]); e == nil {
			good++
		}
	}
	switch {
	case all == 0:
		return 1
	case f.Kind.Name() == "enum" || f.Kind.Name() == "state":
		return 1 // words of an enum can be given a value by hand
	}
	return float64(good) / float64(all)
}

// byValues maps columns whose values speak for themselves.
func (p *proposer) byValues() {
	for _, kind := range []string{"creditcode", "idcard", "email", "phone"} {
		for i := range p.columns {
			if p.picked(i) || !p.filled(i) {
				continue
			}
			for _, f := range p.fields {
				if f.Kind.Name() == kind && !f.ReadOnly && !p.taken[f.Name] && p.share(f, i) >= 0.8 {
					p.pick(i, f.Name)
					break
				}
			}
		}
	}
}

func (p *proposer) filled(column int) bool {
	n := 0
	for _, row := range p.samples {
		if column < len(row) && len(row[column]) >= 7 {
			n++
		}
	}
	return n > 0 && n*2 >= len(p.samples)
}

// rest proposes what no column says: keys, the rule for dates and authors, what is true of the whole file.
func (p *proposer) rest() {
	for _, f := range Required(p.t) {
		if p.taken[f.Name] {
			continue
		}
		switch {
		case f.Kind.Name() == "enum" && slices.Contains(f.Options.Enum, "import"):
			p.plan.Fixed[f.Name] = "import"
		case f.Name == p.t.Title:
			if text := p.longText(); text != "" {
				p.plan.Fixed[f.Name] = "{" + text + "}"
			}
		}
	}
	for _, name := range []string{"number", "created_at", "created_by"} {
		p.plan.Keep = p.plan.Keep || p.taken[name]
	}
	for _, f := range p.fields {
		if p.taken[f.Name] && (f.ReadOnly && f.Name != "owner_id" && f.Name != "unit_id" || f.Kind.Name() == "state") {
			p.plan.Keep = true
		}
	}
	for _, name := range []string{"number", "credit_code", "source_ref", "id_card", "login", "doc_number", "key"} {
		if p.taken[name] {
			p.plan.Keys = []string{name}
			return
		}
	}
	if f := p.t.Field(p.t.Title); f.Pinyin && p.taken[f.Name] {
		p.plan.Keys = []string{f.Name}
		for _, parent := range p.t.ParentFields() {
			if p.taken[parent.Name] {
				p.plan.Keys = append(p.plan.Keys, parent.Name)
			}
		}
	}
}

// longText is the heading of the column that goes into the first long text.
func (p *proposer) longText() string {
	for _, k := range p.plan.Picks {
		if f := p.t.Field(k.Field); f.Kind.Name() == "longtext" {
			return k.Name
		}
	}
	return ""
}

// dateOrder looks for a date that can be read in one order only.
func dateOrder(samples [][]string) string {
	mdy, dmy := 0, 0
	for _, row := range samples {
		for _, c := range row {
			m := slashed.FindStringSubmatch(c)
			if m == nil || len(m[1]) == 4 || len(m[3]) != 4 {
				continue
			}
			a, _ := strconv.Atoi(m[1]) // one or two digits
			b, _ := strconv.Atoi(m[2])
			switch {
			case a > 12:
				dmy++
			case b > 12:
				mdy++
			}
		}
	}
	switch {
	case dmy > mdy:
		return "dmy"
	case mdy > 0:
		return "mdy"
	}
	return "ymd"
}
