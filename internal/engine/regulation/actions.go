package regulation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/platform/errs"
)

// Register adds the types to the registry. The engine must exist before, since bindings are checked as they are saved.
func (e *Engine) Register(reg *record.Registry) {
	reg.Add(
		e.dutyType(), e.attestationType(), proposalType(), e.interpretationType(), e.conflictType(), e.reviewType(), responsibilityType(),
		record.Declare[Ballot](record.Spec{
			Name: "ballot", Plural: "ballots", Room: "regulation", Prefix: "BA", Icon: "thumb-up", Title: "post",
			List: []string{"version_id", "post", "voter_id", "vote", "reason"}, Without: []string{record.Create, record.Update, record.Assign, record.Archive},
		}),
		record.Declare[Regulation](record.Spec{
			Name: "regulation", Plural: "regulations", Room: "regulation", Prefix: "REG", Icon: "book-2", Title: "title", Open: true,
			List: []string{"key", "title", "body", "review_on", "current_id"}, Prepare: checkKey,
		}),
		record.Declare[Version](record.Spec{
			Name: "regulation_version", Plural: "regulation_versions", Room: "regulation", Prefix: "VER", Icon: "versions", Title: "label",
			Open: true, List: []string{"label", "status", "effective_on", "in_force_at"}, Prepare: labelVersion, Settled: e.versionSettled,
			Actions: e.versionActions(),
		}),
		record.Declare[Clause](record.Spec{
			Name: "clause", Plural: "clauses", Room: "regulation", Prefix: "CL", Icon: "section", Title: "printed", Open: true,
			List: []string{"key", "printed", "heading", "body", "post"}, Prepare: onlyInDraft,
		}),
		record.Declare[Binding](record.Spec{
			Name: "binding", Plural: "bindings", Room: "regulation", Prefix: "BI", Icon: "link", Title: "clause_key", Open: true,
			List: []string{"clause_key", "control", "off"}, Prepare: e.checkBinding, Settled: e.bindingSettled,
		}),
		record.Declare[Acknowledgement](record.Spec{
			Name: "acknowledgement", Plural: "acknowledgements", Room: "regulation", Prefix: "ACK", Icon: "signature", Title: "label",
			List: []string{"label", "owner_id", "status", "due_at", "signed_at"}, Without: []string{record.Update, record.Assign, record.Create},
			Actions: []*record.Action{
				record.Act("sign", record.ActionSpec{From: []string{"outstanding"}, To: "signed", Primary: true, Icon: "signature"}, e.sign),
				record.Act("answer_objection", record.ActionSpec{From: []string{"signed"}, Icon: "message"}, answerObjection),
			},
		}),
		e.exemptionType(),
	)
	e.breaches().Register(reg)
}

// labelVersion numbers a new version within its regulation.
func labelVersion(ctx context.Context, c *record.Call) error {
	v := c.Record.(*Version)
	if c.Before != nil || v.RegulationID == 0 {
		return nil
	}
	r, err := record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
	if err != nil {
		return errs.Of("regulation_id", "field.unknown_ref").Because(err)
	}
	earlier, err := record.Find[Version](ctx, c, "regulation_version", record.Where("regulation_id", v.RegulationID), 200)
	if err != nil {
		return err
	}
	v.VersionNo = int64(len(earlier)) + 1
	v.Label = fmt.Sprintf("%s · V%d", r.Title, v.VersionNo)
	return nil
}

// textHash is the hash over everything a reader of the version reads.
func textHash(ctx context.Context, c *record.Call, version record.ID) (string, error) {
	list, err := clausesOf(ctx, c, version)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, cl := range list {
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\x00", cl.Key, cl.Printed, cl.Heading, cl.Body)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// clausesOf returns all clauses of a version in printed order.
func clausesOf(ctx context.Context, c *record.Call, version record.ID) ([]*Clause, error) {
	var out []*Clause
	for from := int64(0); ; {
		f := record.All(record.Where("version_id", version), record.Filter{Field: "position", Op: "ge", Value: from},
			record.Filter{Field: "position", Op: "lt", Value: from + 200})
		page, err := record.Find[Clause](ctx, c, "clause", f, 200)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return out, nil
		}
		out = append(out, page...)
		from += 200
	}
}

// versionSettled follows a version into and out of force.
func (e *Engine) versionSettled(ctx context.Context, c *record.Call) error {
	v := c.Record.(*Version)
	was := ""
	if c.Before != nil {
		was = c.Before.(*Version).Status
	}
	if was == v.Status {
		return nil
	}
	c.Tx.AfterCommit(e.Forget)
	switch v.Status {
	case "in_force":
		if err := e.replace(ctx, c, v); err != nil {
			return err
		}
		return e.askToSign(ctx, c, v)
	case "retired":
		if err := e.voidTasks(ctx, c, v); err != nil {
			return err
		}
		return e.voidSignatures(ctx, c, v)
	}
	return nil
}

// replace retires the version that was in force before and points the regulation at the new one.
func (e *Engine) replace(ctx context.Context, c *record.Call, v *Version) error {
	r, err := record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
	if err != nil {
		return err
	}
	if r.CurrentID != 0 && r.CurrentID != v.ID {
		old, err := record.Load[Version](ctx, c, "regulation_version", r.CurrentID)
		if err != nil {
			return err
		}
		if old.Status == "in_force" {
			old.RetiredAt = &c.Now
			if err := c.Work.Save(ctx, c, "regulation_version", "retire", old); err != nil {
				return err
			}
		}
	}
	r.CurrentID = v.ID
	if r.ReviewEvery != nil {
		on := c.Now.AddDate(0, int(*r.ReviewEvery), 0)
		r.ReviewOn = &on
	}
	return c.Work.Save(ctx, c, "regulation", "renewed", r)
}

// goodKey is what stands in the address of a regulation.
var goodKey = regexp.MustCompile(`^[\pL\pN][\pL\pN\pM._-]*$`)

// checkKey keeps keys to what an address can hold.
func checkKey(_ context.Context, c *record.Call) error {
	if r := c.Record.(*Regulation); r.Key != "" && !goodKey.MatchString(r.Key) {
		return errs.Of("key", "regulation.key_form")
	}
	return nil
}

// onlyInDraft refuses changes to the text of a version that left the draft.
func onlyInDraft(ctx context.Context, c *record.Call) error {
	cl := c.Record.(*Clause)
	if cl.VersionID == 0 {
		return nil
	}
	v, err := record.Load[Version](ctx, c, "regulation_version", cl.VersionID)
	if err != nil {
		return errs.Of("version_id", "field.unknown_ref").Because(err)
	}
	if v.Status != "draft" {
		return errs.New(errs.Conflict, "regulation.not_draft")
	}
	return nil
}

// checkBinding compiles the binding, so that none is stored that the engine could not enforce.
func (e *Engine) checkBinding(_ context.Context, c *record.Call) error {
	b := c.Record.(*Binding)
	if b.Spec == "" || b.Control == "" {
		return nil // validation names the missing field
	}
	spec, err := control.ParseText(b.ClauseKey, control.Kind(b.Control), b.Spec)
	if err == nil {
		_, err = control.Compile(spec, e.Compiler, e.Types)
	}
	if err != nil {
		return errs.Of("spec", "regulation.bad_binding").With("detail", err.Error()).Because(err)
	}
	return nil
}

func (e *Engine) bindingSettled(_ context.Context, c *record.Call) error {
	c.Tx.AfterCommit(e.Forget)
	return nil
}

// holders is a shorthand for the people an escalation goes to; "owner" is handled by the caller.
func holders(ctx context.Context, c *record.Call, posts []string, unit record.ID) ([]record.ID, error) {
	var out []record.ID
	for _, p := range posts {
		list, err := org.Holders(ctx, c.Tx, p, unit, c.Now)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}
