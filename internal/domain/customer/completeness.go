package customer

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
	points := []bool{
		r.Name != "", r.Kind != "", r.Mobile != "" || r.Phone != "", r.Mail != "", r.Address != "", r.Source != "",
	}
	if r.Kind == Organisation {
		points = append(points, r.CreditCode != "", r.Industry != "")
	}
	return points
}

// complete writes completeness into the record.
func (r *Customer) complete() {
	r.BasicComplete = len(r.missingBasics()) == 0
	r.Completeness = r.score()
}
