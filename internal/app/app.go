// Package app wires the house: it builds every room once, owns start and stop and holds no rule of business.
package app

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"dianke/internal/domain/confidential"
	"dianke/internal/domain/correspondence"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/leaked"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/pack/install"
	"dianke/internal/engine/pack/sample"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/custom"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/engine/transfer"
	"dianke/internal/engine/webhook"
	"dianke/internal/platform/backup"
	"dianke/internal/platform/backup/move"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/jobs"
	"dianke/internal/platform/mail"
	"dianke/internal/platform/mail/listen"
	"dianke/internal/platform/vault"
	"dianke/internal/platform/worktime"
	"dianke/internal/surface/web/noticepages"
	"dianke/packs"
)

//go:embed migrations
var migrations embed.FS

// Migrations returns the numbered files, a folder a database.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// App is the running application. Its fields are set by [Open] and only read afterwards.
type App struct {
	Config    config.Config
	Clock     clock.Clock
	Log       *slog.Logger
	DB        *db.DB
	Types     *record.Registry
	Store     *store.Store
	Runner    *action.Runner
	Guard     *access.Guard
	Records   *access.Records
	Identity  *identity.Service
	Calendars *org.Calendars
	Engine    *regulation.Engine
	Installer *install.Installer
	Samples   *sample.Loader
	Proposals *proposal.Desk
	Transfers *transfer.Desk
	Book      *assess.Book
	Fields    *custom.Fields
	Catalog   *i18n.Catalog
	Keys      *vault.Keys
	Blobs     *blobs.Store
	Mail      mail.Sender
	Jobs      *jobs.Runner
	Mailroom  *correspondence.Desk
	Webhooks  *webhook.Desk
	Backups   *backup.Keeper
	Courier   *notice.Courier
	Live      *noticepages.Live // open pages

	outbox    *outbox
	listeners []*listen.Server
	leaked    *leaked.Lists
}

// Options replace what tests and commands bring themselves; zero values stand for the real thing.
type Options struct {
	Clock     clock.Clock
	Mail      mail.Sender
	Log       *slog.Logger
	Messages  []fs.FS // texts of surfaces
	Arriving  bool    // the database may be the target of a move that is not finished
	NoMigrate bool    // leave the database as it is
	Scratch   bool    // SQLite does not wait for the disk: for tests and for building what may be thrown away
}

// Open builds the application over its data: opens the database, applies missing migrations, reads packs and texts.
// Nothing runs by itself until [App.Start]. Close it once.
func Open(ctx context.Context, cfg config.Config, o Options) (*App, error) {
	a := &App{Config: cfg, Clock: o.Clock, Mail: o.Mail, Log: o.Log, Types: record.NewRegistry()}
	if a.Clock == nil {
		a.Clock = clock.System{}
	}
	if a.Log == nil {
		a.Log = slog.Default()
	}
	var err error
	if o.Scratch && !cfg.IsPostgres() {
		a.DB, err = db.OpenScratch(ctx, cfg.DatabaseFile())
	} else {
		a.DB, err = db.Open(ctx, cfg.Database, cfg.DatabaseFile())
	}
	if err != nil {
		return nil, err
	}
	if err := a.build(ctx, o); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) build(ctx context.Context, o Options) error {
	secret, err := config.LoadOrCreateSecret(a.Config.SecretFile)
	if err != nil {
		return err
	}
	if a.Keys, err = vault.New(secret); err != nil {
		return err
	}
	if unfinished, err := move.Unfinished(ctx, a.DB); err != nil || unfinished && !o.Arriving {
		return errors.Join(err, errs.New(errs.Conflict, "backup.move.unfinished"))
	}
	if !o.NoMigrate {
		if _, err := a.DB.Migrate(ctx, Migrations()); err != nil {
			return err
		}
	}
	if err := a.engine(); err != nil {
		return err
	}
	if a.Catalog, err = i18n.Load(append(Messages(), o.Messages...)...); err != nil {
		return fmt.Errorf("texts: %w", err)
	}
	if err := a.installer(); err != nil {
		return err
	}
	a.Fields = &custom.Fields{DB: a.DB, Types: a.Types, Next: a.Store.IDs.Next, Log: a.Store.Log}
	if !o.NoMigrate { // else the tables may not be there yet
		if err := a.Fields.Load(ctx); err != nil {
			return fmt.Errorf("custom fields: %w", err)
		}
		if err := a.Store.Resume(ctx, a.DB); err != nil {
			return err
		}
	}
	if a.Blobs, err = blobs.OpenDir(a.Config.BlobDir()); err != nil {
		return fmt.Errorf("file store: %w", err)
	}
	a.backups()
	a.transfers()
	if a.Mail == nil {
		if a.Mail, err = sender(a.Config, a.Clock); err != nil {
			return err
		}
	}
	a.mailroom()
	a.couriers()
	return a.openJobs(ctx)
}

// engine builds records, access and regulation.
func (a *App) engine() error {
	st := &store.Store{Types: a.Types, Audit: audit.New(a.Clock), Keys: a.Keys, Clock: a.Clock, IDs: ids.NewSource(a.Clock, a.Config.Node), Carries: []store.Carried{evidence.Carried()}}
	a.Store = st
	a.Runner = &action.Runner{DB: a.DB, Store: st}
	a.Guard = access.NewGuard(a.Types, a.Clock)
	a.Records = &access.Records{DB: a.DB, Store: st, Runner: a.Runner, Guard: a.Guard}
	if err := a.signIn(); err != nil {
		return err
	}
	china, err := worktime.China()
	if err != nil {
		return fmt.Errorf("holidays: %w", err)
	}
	a.Calendars = org.NewCalendars(a.Config.Zone, china)
	a.Engine = &regulation.Engine{
		DB: a.DB, Types: a.Types, Runner: a.Runner, Guard: a.Guard, Calendars: a.Calendars, Clock: a.Clock, Zone: a.Config.Zone,
	}
	a.Engine.Compiler = rule.NewCompiler(a.Types, append(facts(), a.Engine.Facts()...), figures()...)
	a.Book = &assess.Book{Engine: a.Engine, Records: a.Records}
	register(a.Types, a.Engine, a.Book, a.outboundPolicy())
	a.webhooks()
	if err := a.Types.Check(); err != nil {
		return fmt.Errorf("record types: %w", err)
	}
	a.Runner.Gates = []record.Gate{recusal.Gate{}, a.Engine, identity.Gate{Service: a.Identity}, forget{a}}
	a.Guard.Doors = []access.Door{a.Engine.Door}
	a.Records.Watch = a.Engine
	a.Records.Clearance = confidential.Clearance
	a.outbox = &outbox{app: a}
	a.Live = noticepages.NewLive()
	a.Runner.Wake = func() {
		a.outbox.wake()
		a.Live.Wake()
	}
	return nil
}

func (a *App) installer() error {
	list, err := pack.Load(packs.FS())
	if err != nil {
		return fmt.Errorf("packs: %w", err)
	}
	a.Installer = &install.Installer{
		Engine: a.Engine, Packs: list, Roles: grants(), Parts: []install.Part{categories, messages, ladders, a.forms}, Owned: owned(),
		Titles: func(lang, key string) string { return a.Catalog.Text(i18n.Lang(lang), key) },
	}
	a.Samples = &sample.Loader{
		Installer: a.Installer, Records: a.Records, Clock: a.Clock, Zone: a.Config.Zone, Kinds: []string{"customer", "case", "interaction"},
	}
	a.Proposals = &proposal.Desk{Engine: a.Engine, Known: func() []proposal.Known { return known(list) }}
	return nil
}

func sender(cfg config.Config, c clock.Clock) (mail.Sender, error) {
	from := mail.Address{Mail: cfg.MailFrom}
	if cfg.SMTP == "" {
		return mail.NewDir(cfg.MailDir(), from, c), nil
	}
	return mail.NewSMTP(cfg.SMTP, from)
}

// System returns the scope of a named part of the program; see [access.Guard.SystemScope].
func (a *App) System(name, via, typ, act string) record.Scope {
	return a.Guard.SystemScope(name, via, typ, act)
}

// InTx runs fn as a named part of the program in one transaction.
func (a *App) InTx(ctx context.Context, name, via string, fn func(c *record.Call) error) error {
	return a.Runner.InTx(ctx, a.System(name, via, "unit", record.Create), fn)
}

// Close closes what Open opened.
func (a *App) Close() error {
	var errs []error
	if a.Jobs != nil {
		a.Jobs.Close()
	}
	if a.leaked != nil {
		errs = append(errs, a.leaked.Close())
	}
	if a.Blobs != nil {
		errs = append(errs, a.Blobs.Close())
	}
	if a.DB != nil {
		errs = append(errs, a.DB.Close())
	}
	return errors.Join(errs...)
}

// forget drops what guard and calendars have read when the organisation changes.
type forget struct{ app *App }

// Before implements [record.Gate].
func (forget) Before(context.Context, *record.Call) error { return nil }

// After implements [record.Gate].
func (f forget) After(_ context.Context, c *record.Call) error {
	switch c.Type.Name {
	case "unit", "post", "role", "grant", "posting", "user":
		c.Tx.AfterCommit(f.app.Guard.Forget)
	case "calendar", "calendar_day":
		c.Tx.AfterCommit(f.app.Calendars.Forget)
	}
	return nil
}

// jobTimes are the intervals of what the program does by itself.
const (
	tickEvery   = 20 * time.Second
	outboxEvery = 15 * time.Second
	sweepEvery  = time.Hour
)
