package record

// Query asks for one page of a list.
type Query struct {
	Filter   Filter
	Text     string // full-text search; empty for none
	Sort     string // field; "" means newest first
	Desc     bool
	After    string // cursor of the page before
	Limit    int    // 1 to 200; 0 means 50
	Archived bool   // archived records instead of live ones
	Count    bool   // count the matches, up to CountCap
}

// CountCap is where counting stops; a list then says "10,000+".
const CountCap = 10_000

// FoundCap is where counting stops for what was found by a text; a list then says "1,000+".
const FoundCap = 1_000

// Page is one page of a list.
type Page struct {
	Items  []Entity
	Next   string // cursor of the next page; "" at the end
	Total  int    // -1 where not asked for
	Capped bool   // there are more than Total
}

// Change is one field that a write changed. Values are plain text of the field's kind; for sensitive fields they are
// empty and only the fact remains.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// maxFirstValue bounds what the history repeats of a new record, whose row holds the same.
const maxFirstValue = 200

// Diff lists the fields, custom ones included, in which two records of the type differ, in the order of declaration.
func (t *Type) Diff(before, after Entity) []Change {
	var out []Change
	for _, f := range append([]*Field{t.Field("owner_id"), t.Field("unit_id"), t.Field("archived_at")}, t.Fields...) {
		if f.Compute != nil {
			continue
		}
		v := f.Get(after)
		if before == nil && f.IsZero(v) {
			continue
		}
		var from string
		if before != nil {
			from = f.Kind.Text(f.Get(before))
		}
		to := f.Kind.Text(v)
		if from == to {
			continue
		}
		if f.Class == Sensitive || before == nil && len(to) > maxFirstValue {
			from, to = "", ""
		}
		out = append(out, Change{Field: f.Name, From: from, To: to})
	}
	return out
}
