package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/query"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Merge is records of one type that were found to be one: Others are archived and lead to Survivor.
type Merge struct {
	ID       record.ID
	Type     string
	Survivor record.ID
	Others   []record.ID
	At       time.Time
	Actor    string
	Reason   string
	UndoneAt time.Time
	Plan     Plan
}

// Plan is what taking a merge back needs beyond the history, which names the merge as its batch.
type Plan struct {
	Fields   []PlanField         `json:"fields,omitempty"`
	Versions map[string]int64    `json:"versions"` // of the records merged away, as the merge left them
	Rows     []PlanRows          `json:"rows,omitempty"`
	Recusals map[string]*RowLeft `json:"recusals,omitempty"` // by row: what was there before
}

// PlanField is a field of the survivor that the merge changed, as plain text; sensitive values are sealed. Derived fields
// are those no form sets.
type PlanField struct {
	Name    string `json:"name"`
	Before  string `json:"before,omitempty"`
	After   string `json:"after,omitempty"`
	Derived bool   `json:"derived,omitempty"`
}

// PlanRows are rows of a table beside the records that went from one record to the survivor.
type PlanRows struct {
	Table string      `json:"table"`
	From  record.ID   `json:"from"`
	IDs   []record.ID `json:"ids"`
}

// RowLeft is a recusal that had ended before the merge made it hold again; nil where there was none.
type RowLeft struct {
	EndedAt time.Time `json:"ended_at"`
	Reason  string    `json:"reason,omitempty"`
}

// Carried is a table beside the records whose column record_id follows a merge. Where limits the rows; it is text of the
// program.
type Carried struct{ Table, Where string }

// carried are the tables every instance has.
func (s *Store) carried() []Carried {
	return append([]Carried{{Table: "record_comments"}, {Table: "record_files"}}, s.Carries...)
}

// NewPlan notes what a merge changes of the survivor.
func (s *Store) NewPlan(t *record.Type, before, after record.Entity) (Plan, error) {
	p := Plan{Versions: map[string]int64{}, Recusals: map[string]*RowLeft{}}
	id := before.HeadOf().ID
	for _, f := range t.Fields {
		if f.Compute != nil || f.Kind.Text(f.Get(before)) == f.Kind.Text(f.Get(after)) {
			continue
		}
		was, err := s.noted(t, f, id, before)
		if err != nil {
			return p, err
		}
		is, err := s.noted(t, f, id, after)
		if err != nil {
			return p, err
		}
		p.Fields = append(p.Fields, PlanField{Name: f.Name, Before: was, After: is, Derived: f.ReadOnly || f.Kind.Name() == "state"})
	}
	return p, nil
}

func (s *Store) noted(t *record.Type, f *record.Field, id record.ID, e record.Entity) (string, error) {
	plain := f.Kind.Text(f.Get(e))
	if f.Class != record.Sensitive || plain == "" {
		return plain, nil
	}
	return s.Keys.Seal(plain, place(t, f, id))
}

// Noted reads a value of the plan.
func (s *Store) Noted(t *record.Type, f *record.Field, id record.ID, text string) (string, error) {
	if f.Class != record.Sensitive || text == "" {
		return text, nil
	}
	return s.Keys.Open(text, place(t, f, id))
}

// WriteMerge keeps a merge, from when on its records lead to the survivor. The caller writes the records.
func (s *Store) WriteMerge(ctx context.Context, tx *db.Tx, m *Merge) error {
	plan, err := json.Marshal(m.Plan)
	if err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO merges (id, type, survivor_id, at, actor, reason, plan) VALUES (?, ?, ?, ?, ?, ?, ?)",
		m.ID, m.Type, m.Survivor, m.At, m.Actor, m.Reason, string(plan))
	if err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	for _, id := range m.Others {
		_, err := tx.Exec(ctx, "INSERT INTO merged_records (id, merge_id, survivor_id) VALUES (?, ?, ?)", id, m.ID, m.Survivor)
		if db.IsUnique(err) {
			return errs.New(errs.Conflict, "merge.already").Because(err)
		}
		if err != nil {
			return fmt.Errorf("merge: %w", err)
		}
	}
	return nil
}

// KeepPlan writes the plan of a merge anew.
func (s *Store) KeepPlan(ctx context.Context, tx *db.Tx, m *Merge) error {
	plan, err := json.Marshal(m.Plan)
	if err == nil {
		_, err = tx.Exec(ctx, "UPDATE merges SET plan = ? WHERE id = ?", string(plan), m.ID)
	}
	if err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

// EndMerge notes that a merge was taken back: its records lead nowhere any more.
func (s *Store) EndMerge(ctx context.Context, tx *db.Tx, m *Merge, actor string) error {
	if _, err := tx.Exec(ctx, "UPDATE merges SET undone_at = ?, undone_by = ? WHERE id = ?", s.Clock.Now(), actor, m.ID); err != nil {
		return fmt.Errorf("end merge: %w", err)
	}
	if _, err := tx.Exec(ctx, "DELETE FROM merged_records WHERE merge_id = ?", m.ID); err != nil {
		return fmt.Errorf("end merge: %w", err)
	}
	return nil
}

// MergeOf returns a merge by its id, locked in a writing transaction; NotFound where there is none.
func (s *Store) MergeOf(ctx context.Context, tx *db.Tx, id record.ID) (*Merge, error) {
	list, err := s.merges(ctx, tx, "id = ?"+tx.ForUpdate(), id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.New(errs.NotFound, "merge.none")
	}
	return &list[0], nil
}

// Merges lists what was merged into a record and still is, newest first.
func (s *Store) Merges(ctx context.Context, tx *db.Tx, survivor record.ID) ([]Merge, error) {
	return s.merges(ctx, tx, "survivor_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 50", survivor)
}

// MergedInto returns the merge by which a record was merged away; nil where it was not.
func (s *Store) MergedInto(ctx context.Context, tx *db.Tx, id record.ID) (*Merge, error) {
	list, err := s.merges(ctx, tx, "id = (SELECT merge_id FROM merged_records WHERE id = ?)", id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (s *Store) merges(ctx context.Context, tx *db.Tx, where string, arg any) ([]Merge, error) {
	var out []Merge
	err := tx.Each(ctx, "SELECT id, type, survivor_id, at, actor, reason, undone_at, plan FROM merges WHERE "+where, []any{arg}, func(r *sql.Rows) error {
		var m Merge
		var plan sql.NullString
		if err := r.Scan(&m.ID, &m.Type, &m.Survivor, db.Time(&m.At), &m.Actor, &m.Reason, db.Time(&m.UndoneAt), &plan); err != nil {
			return err
		}
		if plan.String != "" {
			if err := json.Unmarshal([]byte(plan.String), &m.Plan); err != nil {
				return err
			}
		}
		for text := range m.Plan.Versions {
			var id record.ID
			if err := id.UnmarshalText([]byte(text)); err != nil {
				return err
			}
			m.Others = append(m.Others, id)
		}
		sortIDs(m.Others)
		out = append(out, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("merges: %w", err)
	}
	return out, nil
}

// isMerge reports whether a batch of the history is a merge.
func (s *Store) isMerge(ctx context.Context, tx *db.Tx, batch record.ID) (bool, error) {
	var one int
	err := tx.QueryRow(ctx, "SELECT 1 FROM merges WHERE id = ?", batch).Scan(&one)
	if db.IsNoRows(err) {
		return false, nil
	}
	return err == nil, err
}

const maxAliases = 100 // records merged into one, directly or by way of others, that it is found by

// Aliases lists the records merged into one, directly or by way of others, at most 100.
func (s *Store) Aliases(ctx context.Context, tx *db.Tx, survivor record.ID) ([]record.ID, error) {
	var out []record.ID
	at := []record.ID{survivor}
	for len(at) > 0 && len(out) < maxAliases {
		args := make([]any, len(at))
		for i, id := range at {
			args[i] = id
		}
		at = nil
		err := tx.Each(ctx, "SELECT id FROM merged_records WHERE survivor_id IN ("+list(len(args))+fmt.Sprintf(") ORDER BY id LIMIT %d", maxAliases), args, func(r *sql.Rows) error {
			var id record.ID
			err := r.Scan(&id)
			at = append(at, id)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("records merged: %w", err)
		}
		out = append(out, at...)
	}
	return out, nil
}

// aliases are the records merged into one, as they were.
func (s *Store) aliases(ctx context.Context, tx *db.Tx, t *record.Type, survivor record.ID) ([]record.Entity, error) {
	if !t.Merges {
		return nil, nil
	}
	found, err := s.Aliases(ctx, tx, survivor)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	args := make([]any, len(found))
	for i, id := range found {
		args[i] = id
	}
	return s.readRows(ctx, tx, t, fmt.Sprintf("SELECT %s FROM %s WHERE %s.id IN (%s)", columns(t), t.Plural, t.Plural, list(len(args))), args)
}

// aliasTokens are what a survivor is found by beside its own: numbers and names of what was merged into it.
func (s *Store) aliasTokens(ctx context.Context, tx *db.Tx, t *record.Type, e record.Entity) ([]string, error) {
	found, err := s.aliases(ctx, tx, t, e.HeadOf().ID)
	if err != nil {
		return nil, err
	}
	var out []string
	title := t.Field(t.Title)
	for _, a := range found {
		out = append(out, numberTokens(a)...)
		if title == nil || !title.Search || title.Class == record.Sensitive {
			continue
		}
		for _, tok := range fieldTokens(title, t.TitleOf(a)) {
			if title.Class == record.Personal {
				tok = query.PersonalToken(tok)
			}
			out = append(out, tok)
		}
	}
	return out, nil
}
