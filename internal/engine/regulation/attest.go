package regulation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
)

// Attestation is the task of one person (OwnerID) to look, answer a checklist and sign. It is weaker evidence than what
// the daily work shows by itself, and is shown as such.
type Attestation struct {
	record.Head
	Label      string         `rec:"text,readonly,max=240,name"`
	LabelEn    string         `rec:"text,readonly,max=240"`
	ClauseKey  string         `rec:"text,readonly,max=60,index"`
	Regulation string         `rec:"text,readonly,max=60"`
	VersionID  record.ID      `rec:"ref,ref=regulation_version,readonly"`
	BindingID  record.ID      `rec:"ref,ref=binding,readonly,index"`
	AboutType  string         `rec:"text,readonly,max=40"` // of the record or the sample it is about
	AboutID    string         `rec:"text,readonly,max=20,index"`
	Sample     []string       `rec:"multienum,readonly"` // ids of the records drawn
	Items      map[string]any `rec:"json,readonly"`      // checklist by key: zh, en, place
	Answers    map[string]any `rec:"json,readonly"`      // by key: good, bad or na
	OccursAt   time.Time      `rec:"time,readonly"`
	DueAt      time.Time      `rec:"time,readonly,index"`
	Status     string         `rec:"state,enum=open|missed|signed|void,default=open"`
	Verdict    string         `rec:"enum,enum=good|bad,readonly"`
	Note       string         `rec:"longtext,readonly,max=10000"`
	SignedAt   *time.Time     `rec:"time,readonly"`
	Seal       string         `rec:"text,readonly,max=64"` // SHA-256 over items, answers, sample, note, person and instant
}

// Finding is the input of sign: an answer to every item, and what was seen where one is bad.
type Finding struct {
	Answers  map[string]any `rec:"json,required"`
	Note     string         `rec:"longtext,max=10000"`
	Declared bool           `rec:"bool"` // "I have looked myself"
}

func (e *Engine) attestationType() *record.Type {
	return record.Declare[Attestation](record.Spec{
		Name: "attestation", Plural: "attestations", Room: "regulation", Prefix: "AT", Icon: "clipboard-check", Title: "label",
		List:    []string{"label", "owner_id", "due_at", "status", "verdict", "clause_key"},
		Without: []string{record.Update, record.Create},
		Actions: []*record.Action{
			record.Act("sign", record.ActionSpec{From: []string{"open", "missed"}, To: "signed", Primary: true, Icon: "signature"}, e.attest),
		},
	})
}

// attest takes the answers, judges them and seals what was signed.
func (e *Engine) attest(ctx context.Context, c *record.Call, a *Attestation, in *Finding) error {
	switch {
	case a.OwnerID != c.Actor().UserID:
		return errs.New(errs.Forbidden, "attestation.not_yours")
	case !in.Declared:
		return errs.Of("declared", "attestation.declare")
	}
	a.Verdict = "good"
	for key := range in.Answers {
		if _, ok := a.Items[key]; !ok {
			return errs.Of("answers", "attestation.unknown_item").With("item", key)
		}
	}
	for key := range a.Items {
		switch v, _ := in.Answers[key].(string); v {
		case "good", "na":
		case "bad":
			a.Verdict = "bad"
		default:
			return errs.Of("answers", "attestation.unanswered").With("item", itemText(a.Items[key]))
		}
	}
	if a.Verdict == "bad" && in.Note == "" {
		return errs.Of("note", "attestation.say_what")
	}
	a.Answers, a.Note, a.SignedAt = in.Answers, in.Note, &c.Now
	seal, err := sealOf(a, c.Actor().UserID)
	if err != nil {
		return err
	}
	a.Seal = seal
	result := evidence.GoodFound
	if a.Verdict == "bad" {
		result = evidence.BadFound
	}
	return e.attestOutcome(ctx, c, a, result)
}

func itemText(v any) string {
	m, _ := v.(map[string]any)
	s, _ := m["zh"].(string)
	return s
}

// sealOf is the hash over what was signed, by whom and when.
func sealOf(a *Attestation, who record.ID) (string, error) {
	b, err := json.Marshal([]any{a.ClauseKey, a.VersionID, a.Items, a.Answers, a.Sample, a.AboutID, a.Note, who, a.SignedAt.UTC()})
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

func (e *Engine) attestOutcome(ctx context.Context, c *record.Call, a *Attestation, result evidence.Result) error {
	return e.outcome(ctx, c.Tx, evidence.Outcome{
		At: c.Now, Regulation: a.Regulation, Clause: a.ClauseKey, Version: a.VersionID, Control: string(control.Attest), Result: result,
		Event: eventOf(c), Type: "attestation", Record: a.ID, Unit: a.UnitID, Person: a.OwnerID,
	})
}

// tickAttestations asks for recurring attestations and lets those that nobody signed in time be missed.
func (e *Engine) tickAttestations(ctx context.Context, c *record.Call) (int, error) {
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return 0, err
	}
	for _, n := range r.attests {
		if n.Every == "" {
			continue
		}
		times, err := e.occurrences(ctx, c.Tx, n, "attestations", c.Now)
		if err != nil {
			return 0, err
		}
		for _, o := range times {
			people, err := e.tasked(ctx, c.Tx, n, o.at)
			if err != nil {
				return 0, err
			}
			for _, p := range people {
				if err := e.askAttestation(ctx, c, n, p, o, nil); err != nil {
					return 0, err
				}
			}
		}
	}
	return e.missAttestations(ctx, c, r)
}

func (e *Engine) missAttestations(ctx context.Context, c *record.Call, r *regime) (int, error) {
	list, err := record.Find[Attestation](ctx, c, "attestation", record.All(record.Where("status", "open"),
		record.Filter{Field: "due_at", Op: "lt", Value: c.Now}), tickBatch)
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		a.Status = "missed"
		if err := e.attestOutcome(ctx, c, a, evidence.Missed); err != nil {
			return 0, err
		}
		if err := c.Work.Save(ctx, c, "attestation", "missed", a); err != nil {
			return 0, err
		}
		if err := e.tellOverdue(ctx, c, r.byID[a.BindingID], "attestation", a.ID, a.DueAt, tasked{a.OwnerID, a.UnitID}); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// askAttestation makes the task; about is the record it is about, or nil.
func (e *Engine) askAttestation(ctx context.Context, c *record.Call, n *entry, p tasked, o occurrence, about *record.Call) error {
	due, err := e.dueOn(ctx, c.Tx, p.unit, o.at, n.Time)
	if err != nil {
		return err
	}
	a := &Attestation{
		Head: record.Head{OwnerID: p.user, UnitID: p.unit}, Label: n.Title.ZH, LabelEn: n.Title.EN, ClauseKey: n.Clause,
		Regulation: n.law.regulation, VersionID: n.law.version, BindingID: n.id, Items: map[string]any{}, OccursAt: o.at, DueAt: due, Status: "open",
	}
	for i, item := range n.Checklist {
		a.Items[item.Key] = map[string]any{"zh": item.ZH, "en": item.EN, "place": i}
	}
	if about != nil {
		a.AboutType, a.AboutID = about.Type.Name, about.Record.HeadOf().ID.String()
	}
	if n.Sample > 0 {
		a.AboutType = n.Of
		if a.Sample, err = e.draw(ctx, c, n, o.before, o.at); err != nil || len(a.Sample) == 0 {
			return err // nothing to look at, nothing to attest
		}
	}
	if err := c.Work.Insert(ctx, c, "attestation", a); err != nil {
		return err
	}
	return notice.Send(ctx, c, notice.Message{
		Key: "regulation.attestation.asked", Args: n.args(due), AboutType: "attestation", AboutID: a.ID, Clause: n.Clause, Urgency: "info",
	}, p.user)
}

// draw picks a sample of the records made in the time, the same whoever asks: those with the smallest hash of binding,
// instant and id, so that nobody chooses what is looked at.
func (e *Engine) draw(ctx context.Context, c *record.Call, n *entry, from, to time.Time) ([]string, error) {
	type drawn struct {
		sum [sha256.Size]byte
		id  string
	}
	var best []drawn
	t := e.Types.Type(n.Of)
	scope := e.Guard.SystemScope("regulation.draw", "job", n.Of, record.Read)
	q := record.Query{Filter: within("created_at", from, to), Sort: "id", Limit: tickBatch}
	for {
		page, err := e.Runner.Store.List(ctx, c.Tx, t, scope, q)
		if err != nil {
			return nil, err
		}
		for _, rec := range page.Items {
			one := *c
			one.Type, one.Action, one.Record, one.Before, one.Scope = t, t.Action(record.Read), rec, rec, scope
			if ok, err := e.rowIs(ctx, &one, n, "if"); err != nil || !ok {
				if err != nil {
					return nil, err
				}
				continue
			}
			id := rec.HeadOf().ID.String()
			best = append(best, drawn{sha256.Sum256([]byte(n.id.String() + to.UTC().Format(time.RFC3339) + id)), id})
			slices.SortFunc(best, func(a, b drawn) int { return bytes.Compare(a.sum[:], b.sum[:]) })
			best = best[:min(len(best), n.Sample)]
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	out := make([]string, len(best))
	for i, d := range best {
		out[i] = d.id
	}
	return out, nil
}

func within(field string, from, to time.Time) record.Filter {
	return record.All(record.Filter{Field: field, Op: "ge", Value: from.UTC()}, record.Filter{Field: field, Op: "lt", Value: to.UTC()})
}

// askAfter asks for the attestations an event calls for.
func (e *Engine) askAfter(ctx context.Context, c *record.Call, r *regime) error {
	for _, n := range r.asks[c.Event()] {
		ok, err := e.concerns(ctx, c, r, n, n.Applies(c.Event()))
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		p, err := e.responsible(ctx, c, n)
		if err != nil {
			return err
		}
		if p.user == 0 {
			continue
		}
		if err := e.askAttestation(ctx, c, n, p, occurrence{at: c.Now}, c); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) voidAttestations(ctx context.Context, c *record.Call, v *Version) error {
	for {
		list, err := record.Find[Attestation](ctx, c, "attestation", record.All(record.Where("version_id", v.ID), record.Where("status", "open")), tickBatch)
		if err != nil {
			return err
		}
		for _, a := range list {
			a.Status = "void"
			if err := c.Work.Save(ctx, c, "attestation", "void", a); err != nil {
				return err
			}
		}
		if len(list) < tickBatch {
			return nil
		}
	}
}
