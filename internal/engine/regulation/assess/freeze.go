package assess

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Tables returns the table of frozen sheets, one row a regulation of an assessment.
func Tables() []db.Table {
	return []db.Table{{Name: "assessment_sheets", Columns: []db.Column{
		{Name: "id", Kind: db.Int, Key: true}, {Name: "assessment_id", Kind: db.Int}, {Name: "position", Kind: db.Int}, {Name: "regulation"},
		{Name: "sheet"}, // JSON as it was hashed, byte for byte
	}, Indexes: []db.Index{{Columns: []string{"assessment_id", "position"}, Unique: true}}}}
}

// freeze computes the statement of the period as the actor may count it and keeps it for good.
func (b *Book) freeze(ctx context.Context, c *record.Call, a *Assessment, _ *record.None) error {
	units, err := b.scope(ctx, c.Tx, c.Actor(), a.CoverUnit)
	if err != nil {
		return err
	}
	list, err := b.sheets(ctx, c.Tx, Period{From: a.FromMonth, To: a.ToMonth, Regulations: a.Regulations, Unit: a.CoverUnit}, units)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.New(errs.Conflict, "assessment.nothing")
	}
	sum, counts := sha256.New(), map[string]any{}
	for i, s := range list {
		text, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("freeze %s: %w", s.Key, err)
		}
		sum.Write(text)
		sum.Write([]byte{'\n'})
		_, err = c.Tx.Exec(ctx, "INSERT INTO assessment_sheets (id, assessment_id, position, regulation, sheet) VALUES (?, ?, ?, ?, ?)",
			b.Engine.Runner.Store.IDs.Next(), a.ID, i, s.Key, string(text))
		if err != nil {
			return fmt.Errorf("freeze %s: %w", s.Key, err)
		}
		for status, n := range s.Count() {
			before, _ := counts[string(status)].(int)
			counts[string(status)] = before + n
		}
	}
	a.Summary, a.Hash, a.FrozenAt, a.FrozenBy = counts, hex.EncodeToString(sum.Sum(nil)), &c.Now, c.Actor().UserID
	return c.Tx.QueryRow(ctx, "SELECT COALESCE(MAX(hash), '') FROM audit_head").Scan(&a.AuditHead)
}

// Frozen is an assessment with its sheets, its findings and the exclusions that stood.
type Frozen struct {
	*Assessment
	Sheets   []*Sheet
	Findings []*Finding
}

// Frozen reads a frozen assessment the actor may read and proves its hash. Conflict where it is not frozen, or where
// the rows are not those that were frozen.
func (b *Book) Frozen(ctx context.Context, a access.Actor, id record.ID) (*Frozen, error) {
	if _, err := b.Records.Read(ctx, a, "assessment", id); err != nil {
		return nil, err
	}
	return db.View(ctx, b.Engine.DB, func(tx *db.Tx) (*Frozen, error) {
		scope := b.Engine.Guard.SystemScope("assess.read", "web", "assessment", record.Read)
		c := &record.Call{Tx: tx, Scope: scope, Now: b.Engine.Clock.Now(), Work: b.Engine.Runner}
		row, err := record.Load[Assessment](ctx, c, "assessment", id)
		if err != nil {
			return nil, err
		}
		if row.Status == "draft" {
			return nil, errs.New(errs.Conflict, "assessment.not_frozen")
		}
		out := &Frozen{Assessment: row}
		if out.Findings, err = record.Find[Finding](ctx, c, "finding", record.Where("assessment_id", id), 200); err != nil {
			return nil, err
		}
		sum := sha256.New()
		err = tx.Each(ctx, "SELECT sheet FROM assessment_sheets WHERE assessment_id = ? ORDER BY position", []any{id}, func(r *sql.Rows) error {
			var text string
			if err := r.Scan(&text); err != nil {
				return err
			}
			sum.Write([]byte(text))
			sum.Write([]byte{'\n'})
			var s Sheet
			out.Sheets = append(out.Sheets, &s)
			return json.Unmarshal([]byte(text), &s)
		})
		if err != nil {
			return nil, fmt.Errorf("frozen sheets: %w", err)
		}
		if hex.EncodeToString(sum.Sum(nil)) != row.Hash {
			return nil, errs.New(errs.Conflict, "assessment.tampered")
		}
		return out, nil
	})
}
