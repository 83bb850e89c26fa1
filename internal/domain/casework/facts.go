package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/rule"
)

// factLimit is where facts stop counting: a list of this length is long enough for every question they answer.
const factLimit = 200

// Facts returns what conditions of clauses may ask about cases. Facts that count stop at 200. All take the id of the
// case unless said otherwise; an unknown case has nothing.
func Facts() []rule.Fact {
	return slices.Concat(countFacts(), listFacts(), caseFacts(), yearFacts(), historyFacts(), standingFacts())
}

// about builds a fact over one case.
func about(name string, result rule.Kind, call func(context.Context, *record.Call, record.ID) (any, error)) rule.Fact {
	return rule.Fact{
		Name: name, Args: []rule.Kind{rule.ID}, Result: result, Doc: "fact." + name,
		Call: func(ctx context.Context, c *record.Call, args []any) (any, error) {
			id, ok := args[0].(record.ID)
			if !ok {
				return nil, fmt.Errorf("fact %s: argument is %T", name, args[0])
			}
			v, err := call(ctx, c, id)
			if err != nil {
				return nil, fmt.Errorf("fact %s: %w", name, err)
			}
			return v, nil
		},
	}
}

// parts returns the records of a type that belong to the case and meet the filters.
func parts[T any](ctx context.Context, c *record.Call, typ string, id record.ID, more ...record.Filter) ([]*T, error) {
	if id == 0 {
		return nil, nil
	}
	return record.Find[T](ctx, c, typ, record.All(append([]record.Filter{record.Where("case_id", id)}, more...)...), factLimit)
}

func not(name string, values ...any) record.Filter {
	return record.Filter{Field: name, Op: field.NotIn, Value: values}
}

func empty(name string) record.Filter { return record.Filter{Field: name, Op: field.Empty} }

// count builds a fact that counts parts of a case.
func count[T any](name, typ string, more ...record.Filter) rule.Fact {
	return about(name, rule.Int, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
		list, err := parts[T](ctx, c, typ, id, more...)
		return int64(len(list)), err
	})
}

func countFacts() []rule.Fact {
	return []rule.Fact{
		count[Measure]("measures", "case_measure", not("state", "dropped")),
		count[Measure]("open_measures", "case_measure", not("state", "verified", "dropped")),
		count[Measure]("preventive_measures", "case_measure", record.Where("kind", "preventive"), not("state", "dropped")),
		count[Measure]("apologies", "case_measure", record.Where("kind", "apology"), not("state", "open", "dropped")),
		count[Material]("materials", "case_material"),
		count[Material]("scanned_materials", "case_material", record.Filter{Field: "file_id", Op: field.Filled}),
		count[Material]("originals", "case_material", record.Where("form", "original")),
		count[Material]("unverified_materials", "case_material", record.Where("authenticity", "unchecked")),
		count[Material]("unreturned_materials", "case_material", empty("handed_back_at")),
		count[Material]("lent_materials", "case_material", record.Filter{Field: "handed_out_at", Op: field.Filled}, empty("returned_at")),
		count[Allegation]("allegations", "case_allegation"),
		count[Allegation]("open_allegations", "case_allegation", record.Where("finding", "open")),
		count[TimelineEntry]("timeline_entries", "case_timeline_entry"),
		count[TimelineEntry]("unverified_entries", "case_timeline_entry", record.Where("verified", false)),
		count[Contact]("contact_attempts", "case_contact"),
		count[Contact]("worse_contacts", "case_contact", record.Where("mood_after", "worse")),
		count[Contact]("contacts_without_declaration", "case_contact", record.Where("purpose", "contact"), record.Where("result", "reached"), record.Where("no_promise", false)),
		count[Objection]("open_objections", "case_objection", record.Where("state", "open")),
		count[Task]("open_subtasks", "case_task", not("state", "answered", "confirmed")),
		count[Task]("subtasks", "case_task"),
		count[Task]("experts_asked", "case_task", record.Where("kind", "expert")),
	}
}

// texts builds a fact that names parts of a case, for messages that say what is missing.
func texts[T any](name, typ string, title func(*T) string, more ...record.Filter) rule.Fact {
	return about(name, rule.Texts, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
		list, err := parts[T](ctx, c, typ, id, more...)
		out := make([]string, len(list))
		for i, x := range list {
			out[i] = title(x)
		}
		return out, err
	})
}

func listFacts() []rule.Fact {
	title := func(m *Material) string { return m.Title }
	return []rule.Fact{
		texts("open_measure_titles", "case_measure", func(m *Measure) string { return m.Title }, not("state", "verified", "dropped")),
		texts("unverified_material_titles", "case_material", title, record.Where("authenticity", "unchecked")),
		texts("unreturned_material_titles", "case_material", title, empty("handed_back_at")),
		texts("open_allegation_texts", "case_allegation", func(a *Allegation) string { return a.Text }, record.Where("finding", "open")),
		texts("unverified_entry_texts", "case_timeline_entry", func(e *TimelineEntry) string { return e.Text }, record.Where("verified", false)),
		{Name: "promise_phrases", Args: []rule.Kind{rule.Text, rule.Texts}, Result: rule.Texts, Doc: "fact.promise_phrases",
			Call: func(_ context.Context, _ *record.Call, args []any) (any, error) {
				text, _ := args[0].(string)
				phrases, _ := args[1].([]string)
				return PromisePhrases(text, phrases), nil
			}},
	}
}

// PromisePhrases returns those of the phrases that occur in the text. Blanks and line breaks between characters do not
// hide a phrase; upper and lower case are the same.
func PromisePhrases(text string, phrases []string) []string {
	dense := squeeze(text)
	out := []string{}
	for _, p := range phrases {
		if s := squeeze(p); s != "" && strings.Contains(dense, s) {
			out = append(out, p)
		}
	}
	return out
}

func squeeze(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }

// caseOf returns the case; the one the running action changes as it would be written. Nil where there is none.
func caseOf(ctx context.Context, c *record.Call, id record.ID) (*Case, error) {
	if id == 0 {
		return nil, nil
	}
	if k, ok := c.Record.(*Case); ok && k.ID == id {
		return k, nil
	}
	list, err := record.Find[Case](ctx, c, "case", record.Where("id", id), 1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// ofCase builds a fact from the fields of the case; zero answers for an unknown case.
func ofCase(name string, result rule.Kind, zero any, read func(context.Context, *record.Call, *Case) (any, error)) rule.Fact {
	return about(name, result, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
		k, err := caseOf(ctx, c, id)
		if err != nil || k == nil {
			return zero, err
		}
		return read(ctx, c, k)
	})
}

// simple is a fact that only looks at fields.
func simple(name string, result rule.Kind, zero any, read func(*Case) any) rule.Fact {
	return ofCase(name, result, zero, func(_ context.Context, _ *record.Call, k *Case) (any, error) { return read(k), nil })
}

func caseFacts() []rule.Fact {
	return []rule.Fact{
		simple("has_opinion", rule.Bool, false, func(k *Case) any { return !k.OpinionAt.IsZero() }),
		simple("decided", rule.Bool, false, func(k *Case) any { return !k.DecidedAt.IsZero() }),
		simple("has_arrangement_notice", rule.Bool, false, func(k *Case) any { return !k.ArrangementAt.IsZero() }),
		simple("case_kind", rule.Text, "", func(k *Case) any { return k.Kind }),
		simple("case_received", rule.Time, time.Time{}, func(k *Case) any { return k.ReceivedAt }),
		simple("case_state", rule.Text, "", func(k *Case) any { return k.State }),
		simple("checklist_missing", rule.Texts, []string{}, func(k *Case) any { return slices.Clone(k.missing()) }),
		simple("is_open", rule.Bool, false, func(k *Case) any { return slices.Contains(OpenStates(), k.State) }),
		person("handler_is", func(k *Case) record.ID { return k.HandlerID }),
		person("officer_is", func(k *Case) record.ID { return k.OfficerID }),
		person("decider_is", func(k *Case) record.ID { return k.DeciderID }),
		person("complained_of", func(k *Case) record.ID { return k.ComplainedUserID }),
		{Name: "recused", Args: []rule.Kind{rule.ID, rule.ID}, Result: rule.Bool, Doc: "fact.recused",
			Call: func(ctx context.Context, c *record.Call, args []any) (any, error) {
				id, _ := args[0].(record.ID)
				user, _ := args[1].(record.ID)
				return recusal.Has(ctx, c.Tx, id, user)
			}},
		about("has_written_reply", rule.Bool, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
			return sent(ctx, c, id, record.Filter{Field: "channel", Op: field.In, Value: []any{"letter", "mail", "online"}})
		}),
		about("has_reply", rule.Bool, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
			k, err := caseOf(ctx, c, id)
			if err != nil || k != nil && !k.InformedAt.IsZero() {
				return err == nil, err
			}
			return sent(ctx, c, id)
		}),
		ofCase("route_unit", rule.ID, record.ID(0), func(ctx context.Context, c *record.Call, k *Case) (any, error) {
			return routeUnit(ctx, c, k.CategoryID)
		}),
		ofCase("supervising_partner", rule.ID, record.ID(0), func(ctx context.Context, c *record.Call, k *Case) (any, error) {
			if k.PracticeAreaID == 0 {
				return record.ID(0), nil
			}
			area, err := record.Load[PracticeArea](ctx, c, "practice_area", k.PracticeAreaID)
			if err != nil {
				return record.ID(0), err
			}
			return area.PartnerID, nil
		}),
		ofCase("outdated_articles", rule.Int, int64(0), outdated),
	}
}

// person builds a fact that compares a person with one named by the case.
func person(name string, of func(*Case) record.ID) rule.Fact {
	return rule.Fact{
		Name: name, Args: []rule.Kind{rule.ID, rule.ID}, Result: rule.Bool, Doc: "fact." + name,
		Call: func(ctx context.Context, c *record.Call, args []any) (any, error) {
			id, _ := args[0].(record.ID)
			user, _ := args[1].(record.ID)
			k, err := caseOf(ctx, c, id)
			if err != nil || k == nil || user == 0 {
				return false, err
			}
			return of(k) == user, nil
		},
	}
}

func sent(ctx context.Context, c *record.Call, id record.ID, more ...record.Filter) (any, error) {
	list, err := parts[Reply](ctx, c, "case_reply", id, append(more, record.Where("state", "sent"))...)
	return len(list) > 0, err
}

// outdated counts the cited articles an answer may not rest on.
func outdated(ctx context.Context, c *record.Call, k *Case) (any, error) {
	n := int64(0)
	for _, id := range k.Articles {
		a, err := record.Load[Article](ctx, c, "knowledge_article", id)
		if err != nil {
			return n, err
		}
		if !a.Citable(c.Now) {
			n++
		}
	}
	return n, nil
}

// latest returns the later of two instants.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
