package pack

import (
	"regexp"
	"slices"

	"dianke/internal/engine/record/custom"
)

var (
	formKey   = regexp.MustCompile(`^[a-z][a-z0-9-]{2,39}$`)
	fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)
)

// form checks one public form.
func (c *checker) form(p *Pack, f Form, n names) {
	at := p.at("forms", f.Key)
	c.once("form", f.Key, at)
	if !formKey.MatchString(f.Key) {
		c.add(at, "bad_form_key", f.Key)
	}
	c.text(at, f.Title, f.Key+" title")
	c.text(at, f.Lead, f.Key+" lead")
	c.text(at, f.Thanks, f.Key+" thanks")
	if !slices.Contains(FormKinds(), f.Kind) {
		c.add(at, "unknown_kind", f.Key+" "+f.Kind)
	}
	if f.Category != "" && !n.categories[f.Category] {
		c.add(at, "unknown_category", f.Category)
	}
	if f.Unit != "" && !n.units[f.Unit] {
		c.add(at, "unknown_unit", f.Unit)
	}
	for _, q := range f.Ask {
		if !slices.Contains(Questions(), q) {
			c.add(at, "unknown_question", f.Key+" "+q)
		}
	}
	for _, q := range f.Must {
		if q == "files" || !slices.Contains(f.Ask, q) && !slices.Contains(Contacts(), q) {
			c.add(at, "unknown_question", f.Key+" "+q)
		}
	}
	for _, q := range f.Fields {
		c.question(at, f, q)
	}
}

// question checks a question of the trade. Two packs may ask the same, but not two things under one name.
func (c *checker) question(at Place, f Form, q FormField) {
	name := f.Key + " " + q.Name
	c.once("question of", name, at)
	c.text(at, q.Label, name)
	if !fieldName.MatchString(q.Name) {
		c.add(at, "bad_question", name)
	}
	choice := q.Kind == "enum" || q.Kind == "multienum"
	if !slices.Contains(custom.Kinds(), q.Kind) || choice != (len(q.Options) > 0) {
		c.add(at, "bad_question", name+" "+q.Kind)
	}
	for _, o := range q.Options {
		c.text(at, o, name)
	}
	other, known := c.asked[q.Name]
	if known && (other.Kind != q.Kind || other.Label != q.Label || !slices.Equal(other.Options, q.Options)) {
		c.add(at, "bad_question", name)
	}
	c.asked[q.Name] = q
}
