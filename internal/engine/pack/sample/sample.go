// Package sample fills a company with the made-up work of a pack's trade, and takes it away again.
//
// A sample is lived through step by step: people of its own act by the posts of the pack, on a clock that stands on the
// days the sample tells of, through the door everybody uses. So states, histories, clocks and outcomes are those of real
// work, and a clause that would refuse somebody refuses the sample too. While it stands, the regulations of the pack that
// came into force later count as in force from its first day. The audit log alone keeps the hour of the loading.
// What a sample made is listed with the record of the pack; removing archives what nobody has touched since and nothing
// else uses. A sample never mixes with real records: where such stand, it is refused. The package knows no trade.
package sample

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/pack/install"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Loader loads and removes samples. Set its fields before first use.
type Loader struct {
	Installer *install.Installer
	Records   *access.Records
	Clock     clock.Clock
	Zone      *time.Location
	Kinds     []string // types whose real records forbid a sample
}

// Skip is a step that could not be taken, such as one that a clause the company has changed refuses.
type Skip struct {
	Line int // of the pack's samples.yaml
	Why  error
}

// Report is what a loading made.
type Report struct {
	Records int // named by the sample, without what followed from them
	Skipped []Skip
}

// Load lives through the sample of an installed pack. The scope comes from [install.Installer.May] or is one of the
// system's. Staff gives the people who act, by post; posts without one get people of the sample, who cannot sign in.
// Conflict where the pack has no sample (pack.sample.none), is not installed (pack.absent), has it already
// (pack.sample.there) or real records stand (pack.sample.real). Steps that fail are skipped with those that build on
// them.
func (l *Loader) Load(ctx context.Context, scope record.Scope, id string, staff map[string]record.ID) (Report, error) {
	p, err := l.Installer.Pack(id)
	if err != nil {
		return Report{}, err
	}
	if p.Sample == nil || len(p.Sample.Steps) == 0 {
		return Report{}, errs.New(errs.Conflict, "pack.sample.none").With("pack", id)
	}
	t := l.teller(p, staff)
	if err := t.open(ctx, scope); err != nil {
		return Report{}, err
	}
	err = t.tell(ctx)
	if kept := t.keep(ctx, scope); kept != nil || err != nil {
		return Report{}, errors.Join(err, kept)
	}
	return t.report, nil
}

// teller is one loading.
type teller struct {
	*Loader
	pack    *pack.Pack
	day     time.Time // of the loading, in the organisation's zone
	clock   *clock.Fake
	records *access.Records // on that clock
	people  map[string]record.ID
	named   map[string]ref
	ledger  *ledger
	first   record.ID // ids from here on are of the loading
	report  Report
}

// ref is a record the sample has named; none for one whose step failed.
type ref struct {
	typ string
	id  record.ID
}

func (l *Loader) teller(p *pack.Pack, staff map[string]record.ID) *teller {
	t := &teller{
		Loader: l, pack: p, day: l.Clock.Now().In(l.Zone), people: map[string]record.ID{}, named: map[string]ref{}, ledger: &ledger{Force: map[string]string{}},
		first: l.Records.Store.IDs.Next(),
	}
	t.ledger.First = t.first.String()
	start, _ := pack.SampleTime(p.Sample.Steps[0].At, t.day)
	t.clock = clock.NewFake(start.Add(-2 * time.Hour))
	st := *l.Records.Store
	st.Clock = t.clock
	runner := *l.Records.Runner
	runner.Store = &st
	t.records = &access.Records{
		DB: l.Records.DB, Store: &st, Runner: &runner, Guard: l.Records.Guard, Watch: l.Records.Watch, Clearance: l.Records.Clearance,
	}
	for post, user := range staff {
		if p.Sample.People[post] != "" && user != 0 {
			t.people[post] = user
		}
	}
	return t
}

// open checks that a sample may come, puts the regulations in force from its first day and hires its people.
func (t *teller) open(ctx context.Context, scope record.Scope) error {
	err := t.records.Runner.InTx(ctx, scope, func(c *record.Call) error {
		if err := t.may(ctx, c); err != nil {
			return err
		}
		if err := t.backdate(ctx, c); err != nil {
			return err
		}
		t.Installer.Engine.Forget() // so that who is hired below is asked to sign what is in force by now
		return t.hire(ctx, c)
	})
	t.Records.Guard.Forget()
	t.Installer.Engine.Forget()
	return err
}

func (t *teller) may(ctx context.Context, c *record.Call) error {
	row, ledgers, err := t.books(ctx, c, t.pack.ID)
	switch {
	case err != nil:
		return err
	case row == nil || row.Status != "installed":
		return errs.New(errs.Conflict, "pack.absent").With("pack", t.pack.ID)
	case row.SampleAt != nil:
		return errs.New(errs.Conflict, "pack.sample.there").With("pack", t.pack.ID)
	}
	for _, typ := range t.Kinds {
		real, err := t.real(ctx, c, typ, ledgers)
		if err != nil {
			return err
		}
		if real {
			return errs.New(errs.Conflict, "pack.sample.real").With("type", typ).With("pack", t.pack.ID)
		}
	}
	return nil
}

// real reports whether a live record of the type stands that no sample made.
func (l *Loader) real(ctx context.Context, c *record.Call, typ string, ledgers []*ledger) (bool, error) {
	list, err := c.Work.Find(ctx, c, typ, record.Filter{}, 200)
	for _, rec := range list {
		id := rec.HeadOf().ID
		if !slices.ContainsFunc(ledgers, func(b *ledger) bool { return b.has(id) }) {
			return true, nil
		}
	}
	return false, err
}

// Real reports whether real records forbid a sample, and of which type; "" where nothing does.
func (l *Loader) Real(ctx context.Context) (string, error) {
	return db.View(ctx, l.Records.DB, func(tx *db.Tx) (string, error) {
		c := &record.Call{Tx: tx, Scope: l.Records.Guard.SystemScope("pack.sample", "web", "pack", record.Read), Now: l.Clock.Now(), Work: l.Records.Runner}
		_, ledgers, err := l.books(ctx, c, "")
		if err != nil {
			return "", err
		}
		for _, typ := range l.Kinds {
			if real, err := l.real(ctx, c, typ, ledgers); err != nil || real {
				return typ, err
			}
		}
		return "", nil
	})
}

// tell takes the steps, each in a transaction of its own as real work is.
func (t *teller) tell(ctx context.Context) error {
	if err := t.sign(ctx); err != nil {
		return err
	}
	for _, s := range t.pack.Sample.Steps {
		at, _ := pack.SampleTime(s.At, t.day)
		t.clock.Set(at)
		why, err := t.take(ctx, s)
		if err != nil {
			return errs.New(errs.Internal, "pack.sample.step").With("line", strconv.Itoa(s.Line)).With("why", err.Error()).Because(err)
		}
		if why != nil {
			t.report.Skipped = append(t.report.Skipped, Skip{s.Line, why})
		}
	}
	return nil
}

// errBuilds is why a step was skipped whose record is not there.
var errBuilds = errs.New(errs.Conflict, "pack.check.unknown_sample_key")

// take takes one step; why says what kept it from being taken.
func (t *teller) take(ctx context.Context, s *pack.SampleStep) (why, err error) {
	cmd := action.Command{Type: s.New, Action: record.Create}
	if s.Of != "" {
		of := t.named[s.Of]
		if of.id == 0 {
			return errBuilds, nil
		}
		cmd = action.Command{Type: of.typ, Action: s.Do, ID: of.id}
	}
	typ := t.records.Store.Types.Type(cmd.Type)
	if typ == nil {
		return fmt.Errorf("no type %q: %w", cmd.Type, errBuilds), nil
	}
	if cmd.Input, why, err = t.input(ctx, typ, s); why != nil || err != nil {
		return why, err
	}
	a, err := t.records.Actor(ctx, t.people[s.By])
	if err != nil {
		return nil, err
	}
	a.Via = "sample"
	v, err := t.records.Do(ctx, a, cmd)
	switch {
	case s.Refused != "" && errs.Is(err, errs.Refused):
		return nil, nil
	case s.Refused != "" && err == nil:
		return fmt.Errorf("%s did not refuse it: %w", s.Refused, errBuilds), nil
	case err != nil && errs.KindOf(err) != errs.Internal:
		return err, nil
	case err != nil:
		return nil, err
	}
	if s.New != "" {
		t.report.Records++
		if v == nil { // one may write what one may not read
			return nil, t.nameNewest(ctx, s)
		}
		t.named[s.Key] = ref{s.New, v.Record.ID}
	}
	return nil, nil
}

func (t *teller) nameNewest(ctx context.Context, s *pack.SampleStep) error {
	return t.system(ctx, func(c *record.Call) error {
		list, err := c.Work.Find(ctx, c, s.New, t.since(), 200)
		if err == nil && len(list) > 0 {
			t.named[s.Key] = ref{s.New, list[len(list)-1].HeadOf().ID}
		}
		return err
	})
}

func (t *teller) system(ctx context.Context, fn func(c *record.Call) error) error {
	return t.records.Runner.InTx(ctx, t.Records.Guard.SystemScope("pack.sample", "sample", "pack", record.Update), fn)
}

// since filters what was made by the loading, and whatever else happened in the house meanwhile.
func (t *teller) since() record.Filter {
	return record.Filter{Field: "id", Op: "gt", Value: t.first}
}
