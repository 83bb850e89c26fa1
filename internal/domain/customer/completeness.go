package customer

import "slices"

// missingBasics lists what is missing of what the basic section of a customer must hold: a name, an identity (credit code, identity number or
// address), and one way to reach the customer.
func (r *Customer) missingBasics() []string {
	var out []string
	if r.Name == "" {
		out = append(out, "name")
	}
	if r.Kind == "" {
		out = append(out, "kind")
	}
	if r.Mobile == "" && r.Phone == "" && r.Mail == "" {
		out = append(out, "mobile")
	}
	if r.Kind == Organisation && r.CreditCode == "" && r.Address == "" {
		out = append(out, "credit_code")
	}
	return out
}

// EmptySections names the sections of the file that are empty or incomplete: basic, needs, transactions.
func (r *Customer) EmptySections() []string {
	var out []string
	if len(r.missingBasics()) > 0 {
		out = append(out, "basic")
	}
	if r.NeedsCount == 0 {
		out = append(out, "needs")
	}
	if r.TransactionsCount == 0 {
		out = append(out, "transactions")
	}
	return out
}

// score is the completeness of the file from 0 to 100: the basic section weighs half, each of its points alike, needs
// 30 and transactions 20. Fields that matter beside the required ones count within the basic section.
func (r *Customer) score() int64 {
	filled, points := 0, r.basicPoints()
	for _, ok := range points {
		if ok {
			filled++
		}
	}
	score := 50 * filled / len(points)
	if r.NeedsCount > 0 {
		score += 30
	}
	if r.TransactionsCount > 0 {
		score += 20
	}
	return int64(score)
}

func (r *Customer) basicPoints() []bool {
	var out []bool
	for _, p := range basicPoints(r.Kind) {
		out = append(out, slices.ContainsFunc(p, r.has))
	}
	return out
}

// has reports whether one of the fields of [basicPoints] is filled.
func (r *Customer) has(name string) bool {
	value := map[string]string{
		"name": r.Name, "kind": r.Kind, "mobile": r.Mobile, "phone": r.Phone, "mail": r.Mail, "address": r.Address, "source": r.Source,
		"credit_code": r.CreditCode, "industry": r.Industry,
	}
	return value[name] != ""
}

// basicPoints are the points of the basic section for a kind of customer; a point is made by any of its fields.
func basicPoints(kind string) [][]string {
	points := [][]string{{"name"}, {"kind"}, {"mobile", "phone"}, {"mail"}, {"address"}, {"source"}}
	if kind == Organisation {
		points = append(points, []string{"credit_code"}, []string{"industry"})
	}
	return points
}

// Gap is something the file of a customer still lacks: a field of the section basic, or, with no field, the whole section
// needs or transactions.
type Gap struct{ Section, Field string }

// Gaps lists what the file lacks for full completeness. Whether a field is filled is told by the caller, so that someone
// who sees only masks learns of gaps and of nothing else.
func Gaps(kind string, filled func(field string) bool, needs, transactions int64) []Gap {
	var out []Gap
	for _, p := range basicPoints(kind) {
		if !slices.ContainsFunc(p, filled) {
			out = append(out, Gap{"basic", p[0]})
		}
	}
	if needs == 0 {
		out = append(out, Gap{Section: "needs"})
	}
	if transactions == 0 {
		out = append(out, Gap{Section: "transactions"})
	}
	return out
}

// complete writes completeness into the record.
func (r *Customer) complete() {
	r.BasicComplete = len(r.missingBasics()) == 0
	r.Completeness = r.score()
}
