package regulation

import (
	"context"
	"database/sql"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/db"
)

// Facts returns what conditions may ask about regulations themselves.
func (e *Engine) Facts() []rule.Fact {
	one := []rule.Kind{rule.ID}
	return []rule.Fact{
		{Name: "approvals_missing", Args: one, Result: rule.Texts, Doc: "fact.approvals_missing", Call: e.approvalsMissing},
		{Name: "clauses_without_post", Args: one, Result: rule.Int, Doc: "fact.clauses_without_post", Call: counted(
			"SELECT COUNT(*) FROM clauses WHERE version_id = ? AND archived_at IS NULL AND body <> '' AND (post IS NULL OR post = '')")},
		{Name: "clauses_total", Args: one, Result: rule.Int, Doc: "fact.clauses_total", Call: counted(
			"SELECT COUNT(*) FROM clauses WHERE version_id = ? AND archived_at IS NULL AND body <> ''")},
		{Name: "clauses_bound", Args: one, Result: rule.Int, Doc: "fact.clauses_bound", Call: counted(
			"SELECT COUNT(DISTINCT clause_key) FROM bindings WHERE version_id = ? AND archived_at IS NULL AND NOT off")},
		{Name: "signatures_open", Args: one, Result: rule.Int, Doc: "fact.signatures_open", Call: counted(
			"SELECT COUNT(*) FROM acknowledgements WHERE version_id = ? AND archived_at IS NULL AND status = 'outstanding'")},
		{Name: "signatures_open_of", Args: one, Result: rule.Int, Doc: "fact.signatures_open_of", Call: counted(
			"SELECT COUNT(*) FROM acknowledgements WHERE owner_id = ? AND archived_at IS NULL AND status = 'outstanding'")},
		{Name: "objections_open", Args: one, Result: rule.Int, Doc: "fact.objections_open", Call: counted(
			"SELECT COUNT(*) FROM acknowledgements WHERE version_id = ? AND archived_at IS NULL AND objection <> '' AND (objection_answer IS NULL OR objection_answer = '')")},
		{Name: "controls_bound", Args: []rule.Kind{rule.ID, rule.Text}, Result: rule.Int, Doc: "fact.controls_bound", Call: controlsBound},
		{Name: "regulation_key", Args: one, Result: rule.Text, Doc: "fact.regulation_key", Call: regulationKey},
		{Name: "signature_overdue", Args: []rule.Kind{rule.ID, rule.Text}, Result: rule.Bool, Doc: "fact.signature_overdue", Call: signatureOverdue},
		{Name: "has_signed", Args: []rule.Kind{rule.ID, rule.Text}, Result: rule.Bool, Doc: "fact.has_signed", Call: hasSigned},
		{Name: "rules_in_force", Args: one, Result: rule.Int, Doc: "fact.rules_in_force", Call: counted(
			"SELECT COUNT(*) FROM regulations WHERE unit_id = ? AND archived_at IS NULL AND current_id IS NOT NULL")},
		{Name: "accountable_elsewhere", Args: []rule.Kind{rule.Text, rule.ID}, Result: rule.Int, Doc: "fact.accountable_elsewhere", Call: accountableElsewhere},
		{Name: "type_states", Args: []rule.Kind{rule.Text}, Result: rule.Texts, Doc: "fact.type_states", Call: e.typeStates},
	}
}

// counted asks a count about one record.
func counted(query string) func(context.Context, *record.Call, []any) (any, error) {
	return func(ctx context.Context, c *record.Call, args []any) (any, error) {
		id, _ := args[0].(record.ID)
		var n int64
		err := c.Tx.QueryRow(ctx, query, id).Scan(&n)
		return n, err
	}
}

func (e *Engine) approvalsMissing(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	if id == 0 {
		return []string{}, nil
	}
	v, err := record.Load[Version](ctx, c, "regulation_version", id)
	if err != nil {
		return nil, err
	}
	missing, need, err := e.standing(ctx, c, v)
	if need == 0 || missing == nil {
		missing = []string{}
	}
	return missing, err
}

// controlsBound counts the controls that act for a clause of a version.
func controlsBound(ctx context.Context, c *record.Call, args []any) (any, error) {
	version, _ := args[0].(record.ID)
	clause, _ := args[1].(string)
	var n int64
	err := c.Tx.QueryRow(ctx, "SELECT COUNT(*) FROM bindings WHERE version_id = ? AND clause_key = ? AND archived_at IS NULL AND NOT off", version, clause).Scan(&n)
	return n, err
}

// regulationKey is the key of the regulation a version belongs to; empty for none.
func regulationKey(ctx context.Context, c *record.Call, args []any) (any, error) {
	version, _ := args[0].(record.ID)
	var key string
	err := c.Tx.QueryRow(ctx, "SELECT r.key FROM regulations r JOIN regulation_versions v ON v.regulation_id = r.id WHERE v.id = ?", version).Scan(&key)
	if db.IsNoRows(err) {
		return "", nil
	}
	return key, err
}

// signatureOverdue reports whether a person has let the time pass to sign the version in force of the regulation.
func signatureOverdue(ctx context.Context, c *record.Call, args []any) (any, error) {
	who, _ := args[0].(record.ID)
	key, _ := args[1].(string)
	var n int64
	err := c.Tx.QueryRow(ctx, `SELECT COUNT(*) FROM acknowledgements a JOIN regulations r ON r.current_id = a.version_id
		WHERE r.key = ? AND a.owner_id = ? AND a.status = 'outstanding' AND a.due_at <= ? AND a.archived_at IS NULL`, key, who, c.Now).Scan(&n)
	return n > 0, err
}

// hasSigned reports whether a person has signed the version in force of the regulation.
func hasSigned(ctx context.Context, c *record.Call, args []any) (any, error) {
	who, _ := args[0].(record.ID)
	key, _ := args[1].(string)
	var n int64
	err := c.Tx.QueryRow(ctx, `SELECT COUNT(*) FROM acknowledgements a JOIN regulations r ON r.current_id = a.version_id
		WHERE r.key = ? AND a.owner_id = ? AND a.status = 'signed' AND a.archived_at IS NULL`, key, who).Scan(&n)
	return n > 0, err
}

// accountableElsewhere counts published responsibilities of the same title beside the one asked about.
func accountableElsewhere(ctx context.Context, c *record.Call, args []any) (any, error) {
	title, _ := args[0].(string)
	self, _ := args[1].(record.ID)
	var n int64
	err := c.Tx.QueryRow(ctx, "SELECT COUNT(*) FROM responsibilities WHERE title = ? AND id <> ? AND status = 'published' AND archived_at IS NULL",
		title, self).Scan(&n)
	return n, err
}

func (e *Engine) typeStates(_ context.Context, _ *record.Call, args []any) (any, error) {
	name, _ := args[0].(string)
	t := e.Types.Type(name)
	if t == nil || t.State() == nil {
		return []string{}, nil
	}
	return t.State().Options.Enum, nil
}

// yielding lists the clauses that act no more because another prevails.
func yielding(ctx context.Context, tx *db.Tx) (map[string]bool, error) {
	out := map[string]bool{}
	err := tx.Each(ctx, "SELECT yield_key FROM rule_conflicts WHERE status = 'in_effect' AND archived_at IS NULL", nil, func(r *sql.Rows) error {
		var key string
		err := r.Scan(&key)
		out[key] = true
		return err
	})
	return out, err
}
