package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	oscal "github.com/defenseunicorns/go-oscal/src/types/oscal-1-1-2"

	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/evidence"
)

// oscalVersion is the version of the schema that is written.
const oscalVersion = "1.1.2"

// namespace is that of our properties; it names, it is not fetched.
const namespace = "https://dianke.example/ns/oscal"

// Catalog writes regulations as an OSCAL catalog: a group a regulation, groups for headings, a control a clause.
func Catalog(w io.Writer, sheets []*assess.Sheet, now time.Time) error {
	groups := make([]oscal.Group, 0, len(sheets))
	for _, s := range sheets {
		groups = append(groups, groupOf(s))
	}
	version := "1"
	if len(sheets) == 1 {
		version = fmt.Sprint(sheets[0].Version)
	}
	return write(w, oscal.OscalCompleteSchema{Catalog: &oscal.Catalog{
		UUID: uuidOf("catalog", keysOf(sheets)), Metadata: metadata("规章制度 Regulations", version, now), Groups: &groups,
	}})
}

func metadata(title, version string, now time.Time) oscal.Metadata {
	return oscal.Metadata{Title: title, Version: version, OscalVersion: oscalVersion, LastModified: now.UTC().Truncate(time.Second)}
}

func keysOf(sheets []*assess.Sheet) string {
	var b strings.Builder
	for _, s := range sheets {
		fmt.Fprintf(&b, "%s/%d/%s\n", s.Key, s.Version, s.Hash)
	}
	return b.String()
}

// node is a clause with those under it.
type node struct {
	row  assess.Row
	subs []*node
}

func treeOf(s *assess.Sheet) []*node {
	var roots []*node
	byKey := map[string]*node{}
	for _, r := range s.Rows {
		n := &node{row: r}
		byKey[r.Clause] = n
		if above := byKey[r.Parent]; above != nil && r.Parent != r.Clause {
			above.subs = append(above.subs, n)
			continue
		}
		roots = append(roots, n)
	}
	return roots
}

func groupOf(s *assess.Sheet) oscal.Group {
	g := oscal.Group{ID: token(s.Key), Class: "regulation", Title: both(s.Title)}
	props := []oscal.Property{prop("version", fmt.Sprint(s.Version))}
	if s.Hash != "" {
		props = append(props, prop("text-sha256", s.Hash))
	}
	g.Props = &props
	fillGroup(&g, treeOf(s))
	return g
}

// fillGroup puts headings into groups and clauses into controls. OSCAL lets a group hold one of the two; where both stand
// side by side the clauses go into a group of their own.
func fillGroup(g *oscal.Group, list []*node) {
	var groups []oscal.Group
	var loose []oscal.Control
	flush := func() {
		if len(loose) > 0 && len(groups) > 0 {
			own := loose
			groups = append(groups, oscal.Group{ID: own[0].ID + "-group", Title: own[0].Title, Controls: &own})
			loose = nil
		}
	}
	for _, n := range list {
		if n.row.Body[0] == "" {
			sub := oscal.Group{ID: token(n.row.Clause), Class: n.row.Level, Title: heading(n.row)}
			fillGroup(&sub, n.subs)
			if len(loose) > 0 && len(groups) == 0 {
				own := loose
				groups, loose = append(groups, oscal.Group{ID: own[0].ID + "-group", Title: own[0].Title, Controls: &own}), nil
			}
			groups = append(groups, sub)
			continue
		}
		loose = append(loose, controlOf(n))
	}
	flush()
	if len(groups) > 0 {
		g.Groups = &groups
	}
	if len(loose) > 0 {
		g.Controls = &loose
	}
}

func controlOf(n *node) oscal.Control {
	r := n.row
	c := oscal.Control{ID: token(r.Clause), Class: r.Level, Title: heading(r)}
	props := []oscal.Property{{Name: "label", Value: orDash(r.Printed)}}
	for name, value := range map[string]string{"responsible-post": r.Post, "room": r.Room} {
		if value != "" {
			props = append(props, prop(name, value))
		}
	}
	slices.SortFunc(props, func(a, b oscal.Property) int { return strings.Compare(a.Name, b.Name) })
	c.Props = &props
	parts := []oscal.Part{{ID: token(r.Clause) + "_smt", Name: "statement", Prose: r.Body[0]}}
	if r.Body[1] != "" {
		parts = append(parts, oscal.Part{ID: token(r.Clause) + "_smt-en", Name: "guidance", Title: "English", Prose: r.Body[1]})
	}
	c.Parts = &parts
	var subs []oscal.Control
	for _, sub := range n.subs {
		if sub.row.Body[0] == "" {
			for _, deeper := range sub.subs {
				subs = append(subs, controlOf(deeper))
			}
			continue
		}
		subs = append(subs, controlOf(sub))
	}
	if len(subs) > 0 {
		c.Controls = &subs
	}
	return c
}

func prop(name, value string) oscal.Property {
	return oscal.Property{Name: name, Ns: namespace, Value: value}
}

func orDash(s string) string {
	if s = strings.TrimSpace(s); s != "" {
		return s
	}
	return "-"
}

func both(t [2]string) string {
	if t[1] != "" && t[1] != t[0] {
		return t[0] + " / " + t[1]
	}
	return orDash(t[0])
}

func heading(r assess.Row) string {
	title := strings.TrimSpace(r.Printed + " " + both(r.Heading))
	if r.Heading[0] == "" {
		if title = strings.TrimSpace(r.Printed); title == "" {
			title = short(r.Body[0])
		}
	}
	return orDash(title)
}

func short(s string) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return strings.TrimSpace(s)
}

// token makes an OSCAL token of a key: a letter or "_" first, then letters, digits, ".", "-" and "_".
func token(key string) string {
	var b strings.Builder
	for i, r := range key {
		letter := unicode.IsLetter(r) || r == '_'
		switch {
		case letter, i > 0 && (unicode.IsNumber(r) || r == '.' || r == '-'):
			b.WriteRune(r)
		case i == 0 && unicode.IsNumber(r):
			b.WriteString("_" + string(r))
		default:
			b.WriteRune('_')
		}
	}
	return b.String()
}

// uuidOf is a version 4 shaped UUID that is the same for the same content, so that an export can be compared with another.
func uuidOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Results writes a frozen assessment as OSCAL assessment results: an observation and a finding a clause that was
// assessed, and the findings of the auditors.
func Results(w io.Writer, f *assess.Frozen, now time.Time) error {
	start, end, err := span(f)
	if err != nil {
		return err
	}
	r := oscal.Result{
		UUID: uuidOf("result", f.Hash), Title: f.Title, Start: start, End: &end,
		Description: fmt.Sprintf("%s – %s, SHA-256 %s", f.FromMonth, f.ToMonth, f.Hash),
	}
	var chosen []oscal.AssessedControlsSelectControlById
	var observations []oscal.Observation
	var findings []oscal.Finding
	for _, s := range f.Sheets {
		for _, row := range s.Rows {
			if row.Status == "" || row.Status == evidence.NotBound || row.Status == assess.Excluded {
				continue
			}
			chosen = append(chosen, oscal.AssessedControlsSelectControlById{ControlId: token(row.Clause)})
			o := observation(f, row)
			observations = append(observations, o)
			findings = append(findings, finding(f, row, o.UUID))
		}
	}
	for _, x := range f.Findings {
		findings = append(findings, oscal.Finding{
			UUID: uuidOf("finding", x.ID.String()), Title: x.Kind + " " + x.ClauseKey, Description: x.Body,
			Target: oscal.FindingTarget{Type: "statement-id", TargetId: token(x.ClauseKey) + "_smt", Status: oscal.ObjectiveStatus{State: "not-satisfied"}},
		})
	}
	r.ReviewedControls = oscal.ReviewedControls{ControlSelections: []oscal.AssessedControls{{IncludeControls: &chosen}}}
	if len(chosen) == 0 {
		r.ReviewedControls.ControlSelections = []oscal.AssessedControls{{Description: "nothing was exercised"}}
	}
	if len(observations) > 0 {
		r.Observations = &observations
	}
	if len(findings) > 0 {
		r.Findings = &findings
	}
	return write(w, oscal.OscalCompleteSchema{AssessmentResults: &oscal.AssessmentResults{
		UUID: uuidOf("results", f.Hash), Metadata: metadata(f.Title, "1", now), ImportAp: oscal.ImportAp{Href: "catalog.json"}, Results: []oscal.Result{r},
	}})
}

// span is the period of an assessment as instants.
func span(f *assess.Frozen) (from, to time.Time, err error) {
	if from, err = time.Parse("2006-01", f.FromMonth); err != nil {
		return from, to, fmt.Errorf("month %q: %w", f.FromMonth, err)
	}
	if to, err = time.Parse("2006-01", f.ToMonth); err != nil {
		return from, to, fmt.Errorf("month %q: %w", f.ToMonth, err)
	}
	return from, to.AddDate(0, 1, 0), nil
}

func observation(f *assess.Frozen, r assess.Row) oscal.Observation {
	props := []oscal.Property{}
	for _, result := range slices.Sorted(keys(r.Tally)) {
		props = append(props, prop("outcomes-"+strings.ReplaceAll(result, "_", "-"), fmt.Sprint(r.Tally[evidence.Result(result)])))
	}
	method := "TEST"
	if slices.Equal(r.Bound, []string{"attest"}) {
		method = "EXAMINE"
	}
	o := oscal.Observation{
		UUID: uuidOf("observation", f.Hash, r.Clause), Title: r.Clause, Description: fmt.Sprintf("%s: %s", heading(r), r.Status), Methods: []string{method},
		Collected: f.FrozenAt.UTC(),
	}
	if len(props) > 0 {
		o.Props = &props
	}
	return o
}

func keys(t evidence.Tally) func(func(string) bool) {
	return func(yield func(string) bool) {
		for r := range t {
			if !yield(string(r)) {
				return
			}
		}
	}
}

func finding(f *assess.Frozen, r assess.Row, observed string) oscal.Finding {
	state := oscal.ObjectiveStatus{State: "satisfied"}
	switch r.Status {
	case evidence.Breached, evidence.KeptLate:
		state = oscal.ObjectiveStatus{State: "not-satisfied", Reason: "fail", Remarks: string(r.Status)}
	case evidence.NotExercised:
		state = oscal.ObjectiveStatus{State: "not-satisfied", Reason: "other", Remarks: string(r.Status)}
	}
	related := []oscal.RelatedObservation{{ObservationUuid: observed}}
	return oscal.Finding{
		UUID: uuidOf("clause", f.Hash, r.Clause), Title: heading(r), Description: r.Body[0], RelatedObservations: &related,
		Target: oscal.FindingTarget{Type: "statement-id", TargetId: token(r.Clause) + "_smt", Status: state},
	}
}

func write(w io.Writer, doc oscal.OscalCompleteSchema) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write oscal: %w", err)
	}
	return nil
}
