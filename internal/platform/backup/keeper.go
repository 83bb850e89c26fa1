package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Plan is what an organisation has decided about its backups.
type Plan struct {
	To      string // directory or address of a bucket, see [OpenPlace]
	KeyFile string // see [ReadKey]; empty leaves backups readable
	At      Daily  // empty for no schedule
	Keep    Rule   // for backups of the schedule and of the page; the zero rule removes nothing
	Zone    *time.Location
}

// Keeper makes and proves backups of one instance by its plan and books every attempt. It is safe for concurrent use.
type Keeper struct {
	Instance
	Plan   Plan
	NextID func() int64
	// Failed tells people of a run that failed, in a transaction of its own; nil tells nobody.
	Failed func(ctx context.Context, r Run) error
}

// errRunning says that a backup or proof is being made; several at once only slow each other down.
var errRunning = errs.New(errs.Conflict, "backup.running")

func (k *Keeper) key() (*Key, error) {
	if k.Plan.KeyFile == "" {
		return nil, nil
	}
	return ReadKey(k.Plan.KeyFile)
}

// Back makes a backup in the place of the plan, then removes those the rule does not keep. Conflict (backup.running)
// where one is being made. What went wrong is booked and told to people too.
func (k *Keeper) Back(ctx context.Context, reason string) (Run, error) {
	return k.do(ctx, KindBackup, reason, NameOf(k.Clock.Now(), k.Plan.KeyFile != ""), k.back)
}

// BackTo is Back into another directory or bucket, from which nothing is removed.
func (k *Keeper) BackTo(ctx context.Context, where, keyFile, reason string) (Run, error) {
	other := *k
	other.Plan = Plan{To: where, KeyFile: keyFile, Zone: k.Plan.Zone}
	return other.Back(ctx, reason)
}

// Prove restores a backup of the place aside and compares it; see [Program.Prove].
func (k *Keeper) Prove(ctx context.Context, name, reason string) (Run, error) {
	return k.do(ctx, KindProof, reason, name, func(ctx context.Context, r *Run) error {
		place, err := OpenPlace(ctx, k.Plan.To)
		if err != nil {
			return err
		}
		defer func() { _ = place.Close() }()
		in, err := place.Open(ctx, name)
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }()
		return k.prove(ctx, in, r)
	})
}

// ProveStream is Prove of a backup from anywhere; the key may be another than that of the plan.
func (k *Keeper) ProveStream(ctx context.Context, name string, in io.Reader, key *Key, reason string) (Run, error) {
	return k.do(ctx, KindProof, reason, filepath.Base(name), func(ctx context.Context, r *Run) error { return proveWith(ctx, &k.Program, in, key, r) })
}

// ProveAlone is [Keeper.ProveStream] where there is no instance to book it in.
func (p *Program) ProveAlone(ctx context.Context, name string, in io.Reader, key *Key) (Run, error) {
	r := Run{Kind: KindProof, Name: filepath.Base(name), Reason: "command", Begun: p.Clock.Now()}
	err := proveWith(ctx, p, in, key, &r)
	r.Ended, r.OK = p.Clock.Now(), err == nil
	return r, err
}

// do books a run around the work.
func (k *Keeper) do(ctx context.Context, kind, reason, name string, work func(context.Context, *Run) error) (Run, error) {
	r := Run{ID: k.NextID(), Kind: kind, Name: name, Reason: reason, Begun: k.Clock.Now()}
	err := db.Do(ctx, k.DB, func(tx *db.Tx) error {
		open, err := runs(ctx, tx, r.Begun, 10, "ended_at IS NULL")
		if err != nil {
			return err
		}
		for _, o := range open {
			if !o.Overtime {
				return errRunning
			}
		}
		return begin(ctx, tx, r)
	})
	if err != nil {
		return r, err
	}
	err = work(ctx, &r)
	r.Ended, r.OK = k.Clock.Now(), err == nil
	if err != nil {
		r.Detail.Fault, r.Detail.FaultKey = err.Error(), errs.KeyOf(err)
	}
	// Booked even where the process is told to end: otherwise the next run would wait for this one.
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	booked := db.Do(late, k.DB, func(tx *db.Tx) error { return end(late, tx, r) })
	if err != nil && k.Failed != nil {
		booked = errors.Join(booked, k.Failed(late, r))
	}
	return r, errors.Join(err, booked)
}

func (k *Keeper) back(ctx context.Context, r *Run) error {
	key, err := k.key()
	if err != nil {
		return err
	}
	place, err := OpenPlace(ctx, k.Plan.To)
	if err != nil {
		return err
	}
	defer func() { _ = place.Close() }()
	r.Detail.Place, r.Detail.Encrypted = place.String(), key != nil
	var m *Manifest
	r.Detail.Size, err = place.Write(ctx, r.Name, func(w io.Writer) (err error) {
		m, err = k.Write(ctx, w, key)
		return err
	})
	if err != nil {
		return err
	}
	r.Detail.Rows, r.Detail.Files, r.Detail.Audit, r.Detail.Head = m.Rows(), m.Files, m.Audit.Entries, m.Audit.Head
	if m.Audit.Fault != "" {
		return fmt.Errorf("the backup was made, but the audit log does not hold: %s", m.Audit.Fault)
	}
	return k.tidy(ctx, place, r)
}

func (k *Keeper) tidy(ctx context.Context, place *Place, r *Run) error {
	if k.Plan.Keep == (Rule{}) {
		return nil
	}
	list, err := place.List(ctx)
	if err != nil {
		return err
	}
	for _, s := range k.Plan.Keep.Drop(list, k.Plan.Zone) {
		if err := place.Delete(ctx, s.Name); err != nil {
			return err
		}
		r.Detail.Dropped++
	}
	return nil
}

func (k *Keeper) prove(ctx context.Context, in io.Reader, r *Run) error {
	key, err := k.key()
	if err != nil {
		return err
	}
	return proveWith(ctx, &k.Program, in, key, r)
}

func proveWith(ctx context.Context, p *Program, in io.Reader, key *Key, r *Run) error {
	proof, err := p.Prove(ctx, in, key)
	if err != nil {
		return err
	}
	m := proof.Manifest
	r.Detail.Rows, r.Detail.Files, r.Detail.Audit, r.Detail.Head = m.Rows(), m.Files, m.Audit.Entries, m.Audit.Head
	r.Detail.Encrypted, r.Detail.Checks = proof.Encrypted, proof.Checks
	if !proof.OK() {
		return errs.New(errs.Conflict, "backup.proof_failed")
	}
	return nil
}

// Due makes the backup of the schedule where its time has come and none was tried since. It may be called often.
func (k *Keeper) Due(ctx context.Context) error {
	at := k.Plan.At.Last(k.Clock.Now(), k.Plan.Zone)
	if at.IsZero() {
		return nil
	}
	tried, err := db.View(ctx, k.DB, func(tx *db.Tx) ([]Run, error) {
		return runs(ctx, tx, k.Clock.Now(), 1, "kind = ? AND reason = ? AND begun_at >= ?", KindBackup, "schedule", at)
	})
	if err != nil || len(tried) > 0 {
		return err
	}
	_, err = k.Back(ctx, "schedule")
	if errs.KeyOf(err) == "backup.running" {
		return nil // the next call finds it due still
	}
	return err
}

// Status is what people want to know of backups.
type Status struct {
	Place      string
	Stored     []Stored
	PlaceFault error          // the place cannot be read now
	Proofs     map[string]Run // last proof of each backup, by name
	Last       *Run           // last backup that ended
	LastGood   *Run
	LastProof  *Run
	Running    *Run
	Next       time.Time // zero without schedule
	Encrypted  bool
}

// recent is how many runs are looked at; more than a year of daily backups and proofs.
const recent = 1000

// Status reads the book and the place. A place that cannot be reached is part of the status, not an error.
func (k *Keeper) Status(ctx context.Context) (*Status, error) {
	s := &Status{Proofs: map[string]Run{}, Next: k.Plan.At.Next(k.Clock.Now(), k.Plan.Zone), Encrypted: k.Plan.KeyFile != "", Place: plain(k.Plan.To)}
	list, err := db.View(ctx, k.DB, func(tx *db.Tx) ([]Run, error) { return runs(ctx, tx, k.Clock.Now(), recent, "1 = 1") })
	if err != nil {
		return nil, err
	}
	for i, r := range list {
		s.note(r, &list[i])
	}
	place, err := OpenPlace(ctx, k.Plan.To)
	if err != nil {
		s.PlaceFault = err
		return s, nil
	}
	s.Stored, s.PlaceFault = place.List(ctx)
	return s, errors.Join(ctx.Err(), place.Close())
}

func (s *Status) note(r Run, at *Run) {
	first := func(p **Run) {
		if *p == nil {
			*p = at
		}
	}
	switch {
	case r.Ended.IsZero() && !r.Overtime:
		first(&s.Running)
	case r.Kind == KindBackup:
		first(&s.Last)
		if r.OK {
			first(&s.LastGood)
		}
	default:
		first(&s.LastProof)
		if _, known := s.Proofs[r.Name]; !known {
			s.Proofs[r.Name] = r
		}
	}
}

// Fault says what is wrong with the backups: "failed" (the last one), "late" (none for more than a day past its time),
// "none" (there is no schedule and never was one made), "unproven" (the last proof failed); empty where all is well.
func (s *Status) Fault(now time.Time) string {
	switch {
	case s.Last != nil && !s.Last.OK:
		return "failed"
	case s.LastProof != nil && !s.LastProof.OK:
		return "unproven"
	case s.LastGood == nil && s.Next.IsZero():
		return "none"
	case !s.Next.IsZero() && s.LastGood != nil && now.Sub(s.LastGood.Begun) > 48*time.Hour:
		return "late"
	}
	return ""
}
