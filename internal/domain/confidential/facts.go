package confidential

import (
	"context"
	"regexp"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/gb"
)

// enough is where counting stops.
const enough = 200

// Facts returns what conditions may ask about documents, permits, powers, posts and what people looked at. Counts of
// records stop at 200.
func Facts() []rule.Fact {
	id, two := []rule.Kind{rule.ID}, []rule.Kind{rule.ID, rule.Text}
	word := []rule.Kind{rule.Text}
	return []rule.Fact{
		{Name: "authorised", Args: []rule.Kind{rule.ID, rule.ID}, Result: rule.Bool, Doc: "fact.authorised", Call: authorised},
		{Name: "share_approved", Args: two, Result: rule.Bool, Doc: "fact.share_approved", Call: shareApproved},
		{Name: "undertaking_valid", Args: id, Result: rule.Bool, Doc: "fact.undertaking_valid", Call: undertakingValid},
		{Name: "documents_of_kind", Args: word, Result: rule.Int, Doc: "fact.documents_of_kind", Call: documentsOfKind},
		{Name: "acts_for", Args: two, Result: rule.Bool, Doc: "fact.acts_for", Call: actsFor},
		{Name: "right_of", Args: two, Result: rule.Int, Doc: "fact.right_of", Call: rightFact},
		{Name: "holders", Args: word, Result: rule.Int, Doc: "fact.holders", Call: holders},
		{Name: "unit_holders", Args: []rule.Kind{rule.Text, rule.Text}, Result: rule.Int, Doc: "fact.unit_holders", Call: unitHolders},
		{Name: "members", Args: id, Result: rule.Int, Doc: "fact.members", Call: members},
		{Name: "teams_of", Args: id, Result: rule.Texts, Doc: "fact.teams_of", Call: teamsOf},
		{Name: "views_in_hour", Args: two, Result: rule.Int, Doc: "fact.views_in_hour", Call: viewsInHour},
		{Name: "views_peak", Args: two, Result: rule.Int, Doc: "fact.views_peak", Call: viewsPeak},
		{Name: "denials_in_day", Args: id, Result: rule.Int, Doc: "fact.denials_in_day", Call: denialsInDay},
		{Name: "names_identity", Args: word, Result: rule.Bool, Doc: "fact.names_identity", Call: namesIdentity},
	}
}

// inForce finds authorisations for a document that were approved and have not ended.
func inForce(ctx context.Context, c *record.Call, document record.ID, f record.Filter) (any, error) {
	if document == 0 {
		return false, nil
	}
	list, err := record.Find[Authorisation](ctx, c, "authorisation", record.All(record.Where("document_id", document), record.Where("state", Approved),
		record.Filter{Field: "ends_on", Op: field.Ge, Value: today(c.Now)}, f), 1)
	return len(list) > 0, err
}

func authorised(ctx context.Context, c *record.Call, args []any) (any, error) {
	person, _ := args[0].(record.ID)
	document, _ := args[1].(record.ID)
	if person == 0 {
		return false, nil
	}
	return inForce(ctx, c, document, record.Where("person_id", person))
}

func shareApproved(ctx context.Context, c *record.Call, args []any) (any, error) {
	document, _ := args[0].(record.ID)
	recipient, _ := args[1].(string)
	if recipient == "" {
		return false, nil
	}
	return inForce(ctx, c, document, record.Where("recipient", recipient))
}

func undertakingValid(ctx context.Context, c *record.Call, args []any) (any, error) {
	person, _ := args[0].(record.ID)
	if person == 0 {
		return false, nil
	}
	list, err := record.Find[Undertaking](ctx, c, "undertaking", record.All(record.Where("person_id", person), record.Where("state", "signed"),
		record.Filter{Field: "valid_until", Op: field.Ge, Value: today(c.Now)}), 1)
	return len(list) > 0, err
}

func documentsOfKind(ctx context.Context, c *record.Call, args []any) (any, error) {
	kind, _ := args[0].(string)
	list, err := c.Work.Find(ctx, c, "document", record.All(record.Where("kind", kind), record.Filter{Field: "state", Op: field.Ne, Value: "withdrawn"}), enough)
	return int64(len(list)), err
}

// actsFor reports whether the person holds the post or acts for it today.
func actsFor(ctx context.Context, c *record.Call, args []any) (any, error) {
	person, _ := args[0].(record.ID)
	post, err := postByKey(ctx, c, args[1])
	if err != nil || post == 0 || person == 0 {
		return false, err
	}
	own, err := postsOf(ctx, c, person)
	if err != nil {
		return false, err
	}
	for _, p := range own {
		if p.PostID == post {
			return true, nil
		}
	}
	day := today(c.Now)
	list, err := record.Find[Delegation](ctx, c, "delegation", record.All(record.Where("post_id", post), record.Where("person_id", person),
		record.Where("state", "active"), record.Filter{Field: "ends_on", Op: field.Ge, Value: day}), enough)
	for _, d := range list {
		if d.StartsOn != nil && !d.StartsOn.After(day) {
			return true, nil
		}
	}
	return false, err
}

func postByKey(ctx context.Context, c *record.Call, key any) (record.ID, error) {
	text, _ := key.(string)
	list, err := record.Find[org.Post](ctx, c, "post", record.Where("key", text), 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].ID, nil
}

func rightFact(ctx context.Context, c *record.Call, args []any) (any, error) {
	person, _ := args[0].(record.ID)
	subject, _ := args[1].(string)
	right, _, err := rightOf(ctx, c, person, subject)
	return right, err
}

// namesIdentity looks for a number of an identity card whose check digit is right (GB 11643), or of a bank card that
// meets Luhn's check.
func namesIdentity(_ context.Context, _ *record.Call, args []any) (any, error) {
	text, _ := args[0].(string)
	for _, s := range identityLike().FindAllString(text, 50) {
		if _, err := gb.ParseIDNumber(s); err == nil {
			return true, nil
		}
		if len(s) >= 16 && luhn(s) {
			return true, nil
		}
	}
	return false, nil
}

func identityLike() *regexp.Regexp { return regexp.MustCompile(`\d{15,18}[\dXx]?`) }

func luhn(s string) bool {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		d := int(s[i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return sum%10 == 0
}
