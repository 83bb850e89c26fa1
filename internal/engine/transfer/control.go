package transfer

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/tabular"
)

// lease is how long a run without a sign of life belongs to who runs it.
const lease = 45 * time.Second

// Tally counts what became of rows.
type Tally struct {
	Cursor, Total                               int64 // rows done; rows of the last trial, 0 where unknown
	Created, Changed, Same, Duplicate, Rejected int64
	Live, Dry                                   bool
}

func (t *Tally) add(o Tally) {
	t.Cursor += o.Cursor
	t.Created += o.Created
	t.Changed += o.Changed
	t.Same += o.Same
	t.Duplicate += o.Duplicate
	t.Rejected += o.Rejected
}

// Check tries the whole file without writing a record: it finds what would be new, changed, the same, a duplicate or
// wrong, and keeps the first thousand faults.
func (d *Desk) Check(ctx context.Context, a access.Actor, id record.ID) error {
	return d.start(ctx, a, id, true)
}

// Begin carries the import out, from the start. What was taken stays taken if it is cancelled; sent again it finds these
// rows by their keys.
func (d *Desk) Begin(ctx context.Context, a access.Actor, id record.ID) error {
	return d.start(ctx, a, id, false)
}

func (d *Desk) start(ctx context.Context, a access.Actor, id record.ID, dry bool) error {
	s, err := d.Look(ctx, a, id)
	if err != nil {
		return err
	}
	if err := d.fits(s.Type, s.Plan, s.Table.Columns); err != nil {
		return err
	}
	scope, err := d.permit(ctx, a, s.Type)
	if err != nil {
		return err
	}
	status, event := Running, "begin"
	if dry {
		status, event = Checking, "check"
	}
	err = d.Runner.InTx(ctx, scope, func(c *record.Call) error {
		imp, err := record.Load[Import](ctx, c, "import", id)
		if err != nil {
			return err
		}
		if imp.Status == Running || imp.Status == Checking || imp.Status == Done {
			return errs.New(errs.Conflict, "transfer.not_now")
		}
		total := imp.Lines
		imp.Status, imp.Fault, imp.StartedAt, imp.EndedAt = status, "", c.Now, time.Time{}
		imp.OwnerID = a.UserID
		if _, err := c.Tx.Exec(ctx, "DELETE FROM import_rejects WHERE import_id = ?", id); err != nil {
			return fmt.Errorf("begin import: %w", err)
		}
		if _, err := c.Tx.Exec(ctx, "DELETE FROM import_runs WHERE id = ?", id); err != nil {
			return fmt.Errorf("begin import: %w", err)
		}
		if _, err := c.Tx.Exec(ctx, "INSERT INTO import_runs (id, dry, live, halt, total) VALUES (?, ?, ?, ?, ?)", id, dry, true, false, total); err != nil {
			return fmt.Errorf("begin import: %w", err)
		}
		return c.Work.Save(ctx, c, "import", event, imp)
	})
	if err != nil {
		return err
	}
	if d.Queue != nil && a.IsPerson() {
		if err := d.Queue(ctx, id); err == nil {
			return nil
		}
	}
	return d.work(ctx, id, a) // nobody else does it
}

// Cancel asks a run to stop after the batch it is at. It is no error to cancel what has ended.
func (d *Desk) Cancel(ctx context.Context, a access.Actor, id record.ID) error {
	if _, err := d.Load(ctx, a, id); err != nil {
		return err
	}
	return db.Do(ctx, d.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE import_runs SET halt = ? WHERE id = ?", true, id)
		return err
	})
}

// Progress tells how far a run is; the zero value where there was none.
func (d *Desk) Progress(ctx context.Context, id record.ID) (Tally, error) {
	return db.View(ctx, d.DB, func(tx *db.Tx) (Tally, error) { return progress(ctx, tx, id) })
}

func progress(ctx context.Context, tx *db.Tx, id record.ID) (Tally, error) {
	var t Tally
	err := tx.QueryRow(ctx, "SELECT cursor, total, created, changed, same, duplicates, rejected, live, dry FROM import_runs WHERE id = ?", id).
		Scan(&t.Cursor, &t.Total, &t.Created, &t.Changed, &t.Same, &t.Duplicate, &t.Rejected, &t.Live, &t.Dry)
	if db.IsNoRows(err) {
		return Tally{}, nil
	}
	return t, err
}

// Stale lists imports that should run and that nobody runs: the process that did was stopped.
func (d *Desk) Stale(ctx context.Context) ([]record.ID, error) {
	return db.View(ctx, d.DB, func(tx *db.Tx) ([]record.ID, error) {
		var out []record.ID
		err := tx.Each(ctx, "SELECT id FROM import_runs WHERE live = ? AND (worker = '' OR beat_at < ?) ORDER BY id", []any{true, d.Clock.Now().Add(-lease)},
			func(r *sql.Rows) error {
				var id record.ID
				err := r.Scan(&id)
				out = append(out, id)
				return err
			})
		return out, err
	})
}

// Resume goes on with every import that should run and that nobody runs.
func (d *Desk) Resume(ctx context.Context) error {
	list, err := d.Stale(ctx)
	if err != nil {
		return fmt.Errorf("find imports: %w", err)
	}
	for _, id := range list {
		if err := d.Work(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// Work carries on with the import from where it is, in the name of who began it. It returns when the import has ended,
// when somebody else runs it, or when ctx ends: it can then be called again. Faults of the file end the import and are no
// error here.
func (d *Desk) Work(ctx context.Context, id record.ID) error { return d.work(ctx, id, access.Actor{}) }

func (d *Desk) work(ctx context.Context, id record.ID, a access.Actor) error {
	worker := d.Store.IDs.Next().String()
	mine, err := d.claim(ctx, id, worker)
	if err != nil || !mine {
		return err
	}
	err = d.runImport(ctx, id, a, worker)
	if ctx.Err() != nil { // stopped from outside: the next one may go on at once
		release, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer stop()
		return db.Do(release, d.DB, func(tx *db.Tx) error {
			_, err := tx.Exec(release, "UPDATE import_runs SET worker = '' WHERE id = ? AND worker = ?", id, worker)
			return err
		})
	}
	if err == nil {
		return nil
	}
	if errs.As(err) == nil || errs.Is(err, errs.Internal) || errs.Is(err, errs.Unavailable) {
		return err // the lease runs out and it is tried again
	}
	return d.finish(ctx, id, a, Failed, errs.KeyOf(err))
}

func (d *Desk) claim(ctx context.Context, id record.ID, worker string) (bool, error) {
	return db.InTx(ctx, d.DB, func(tx *db.Tx) (bool, error) {
		now := d.Clock.Now()
		n, err := tx.Exec(ctx, "UPDATE import_runs SET worker = ?, beat_at = ? WHERE id = ? AND live = ? AND (worker = '' OR beat_at IS NULL OR beat_at < ?)",
			worker, now, id, true, now.Add(-lease))
		return n == 1, err
	})
}

// finish writes the outcome into the record and ends the run.
func (d *Desk) finish(ctx context.Context, id record.ID, a access.Actor, status, fault string) error {
	scope := d.Guard.SystemScope("import", "job", "import", record.Update)
	err := d.Runner.InTx(ctx, scope, func(c *record.Call) error {
		imp, err := record.Load[Import](ctx, c, "import", id)
		if err != nil {
			return err
		}
		p, err := progress(ctx, c.Tx, id)
		if err != nil {
			return err
		}
		imp.Status, imp.Fault, imp.EndedAt = status, fault, c.Now
		imp.Created, imp.Changed, imp.Same, imp.Duplicates, imp.Rejected = p.Created, p.Changed, p.Same, p.Duplicate, p.Rejected
		if status == Done || status == Checked {
			imp.Lines = p.Cursor
		}
		if _, err := c.Tx.Exec(ctx, "UPDATE import_runs SET live = ?, total = ? WHERE id = ?", false, p.Cursor, id); err != nil {
			return err
		}
		return c.Work.Save(ctx, c, "import", "finish", imp)
	})
	if err != nil {
		return fmt.Errorf("finish import: %w", err)
	}
	return nil
}

// Formats lists the endings of files that can be sent, for the field that chooses one.
func Formats() []string { return []string{".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".vcf"} }

// Encodings lists the encodings a person may name.
func Encodings() []string { return tabular.Encodings() }
