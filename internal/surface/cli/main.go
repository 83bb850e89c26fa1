package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"dianke/internal/app"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"

	"github.com/alecthomas/kong"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Program is what a process brings: its arguments without the name, its environment and streams.
type Program struct {
	Args, Env []string
	In        io.Reader
	Out, Err  io.Writer
}

// grammar is the tree of commands.
type grammar struct {
	Serve      serveCmd      `cmd:"" help:"Serve pages and API; jobs run in the same process."`
	Demo       demoCmd       `cmd:"" help:"Serve with the sample company, in a data directory of its own."`
	Setup      setupCmd      `cmd:"" help:"Install packs and print the one-time link that makes the first administrator."`
	User       userCmd       `cmd:"" help:"People who may sign in."`
	Regulation regulationCmd `cmd:"" help:"Import, list and export regulations."`
	Pack       packCmd       `cmd:"" help:"List, check, install and remove industry packs."`
	Import     importCmd     `cmd:"" help:"Bring records in from a table or address cards, or a whole instance from an archive."`
	Export     exportCmd     `cmd:"" help:"Write a list as a table, or the whole instance as an archive."`
	Clauses    clausesCmd    `cmd:"" help:"Show which clauses of the packs are bound to controls and proven by scenarios."`
	Audit      auditCmd      `cmd:"" help:"Prove that the audit log is whole."`
	Migrate    migrateCmd    `cmd:"" help:"Show or bring up the version of the database."`
	Doctor     doctorCmd     `cmd:"" help:"Check this installation and say what to do."`
	Backup     backupCmd     `cmd:"" help:"Make a backup of the whole instance, also while it serves."`
	Backups    backupsCmd    `cmd:"" help:"List the backups with their proofs."`
	Restore    restoreCmd    `cmd:"" help:"Restore a backup into an empty place, or prove that it could be."`
	Move       moveCmd       `cmd:"" help:"Copy the SQLite database to PostgreSQL; goes on where it broke off."`
	Reindex    reindexCmd    `cmd:"" help:"Make the search index anew."`
	MCP        mcpCmd        `cmd:"" name:"mcp" help:"Speak the Model Context Protocol over standard input and output, with an API token."`
	Bench      benchCmd      `cmd:"" help:"Fill an empty database and print how long what people do takes."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// Main runs one command and returns the exit code of the process. A cancelled ctx ends serve and demo in good order.
func Main(ctx context.Context, p Program) int {
	if len(p.Args) == 0 {
		p.Args = []string{"--help"}
		if code := run(ctx, p); code != exitDone {
			return code
		}
		return exitUsage
	}
	return run(ctx, p)
}

func run(ctx context.Context, p Program) int {
	var g grammar
	helped := false
	s := &shell{Program: p}
	parser, err := kong.New(&g, kong.Name("dianke"), kong.Description("典客 Dianke: customer relations by the rules of the house."),
		kong.Writers(p.Out, p.Err), kong.Exit(func(int) { helped = true }), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
	if err != nil {
		return s.fail(err)
	}
	cmd, err := parser.Parse(p.Args)
	if helped {
		return exitDone
	}
	if err != nil {
		return s.fail(usage(err.Error() + "; see dianke --help"))
	}
	if err := cmd.Run(); err != nil {
		return s.fail(err)
	}
	return exitDone
}

// usage is an error in how a command was called.
type usage string

// Error implements error.
func (u usage) Error() string { return string(u) }

// errFound ends a command that has already said what is wrong.
var errFound = errors.New("something is wrong")

// shell is what commands share.
type shell struct{ Program }

func (s *shell) say(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

// fail says what went wrong and returns the exit code for it.
func (s *shell) fail(err error) int {
	if errors.Is(err, errFound) {
		return exitFailed
	}
	fmt.Fprintf(s.Err, "dianke: %s\n", s.words(err))
	var u usage
	if errors.As(err, &u) {
		return exitUsage
	}
	return exitFailed
}

// words are what a person reads of an error: the sentence of its key, the causes where the program is at fault.
func (s *shell) words(err error) string {
	e := errs.As(err)
	if e == nil {
		return err.Error()
	}
	catalog, loadErr := i18n.Load(append(app.Messages(), app.SurfaceMessages()...)...)
	if loadErr != nil || !catalog.Has(e.Key) {
		return err.Error()
	}
	out := sentence(catalog, s.lang(), e)
	for _, f := range e.Fields {
		out += "\n  " + f.Field + ": " + sentence(catalog, s.lang(), f)
	}
	if e.Kind == errs.Internal || e.Kind == errs.Unavailable {
		out += " (" + err.Error() + ")"
	}
	return out
}

func sentence(c *i18n.Catalog, lang i18n.Lang, e *errs.Error) string {
	args := []any{}
	for k, v := range e.Args {
		args = append(args, k, v)
	}
	if _, ok := e.Args["field"]; !ok && e.Field != "" {
		args = append(args, "field", e.Field)
	}
	return c.Text(lang, e.Key, args...)
}

// lang is the language of the environment, as LC_ALL, LC_MESSAGES or LANG name it.
func (s *shell) lang() i18n.Lang {
	for _, name := range []string{"LC_ALL=", "LC_MESSAGES=", "LANG="} {
		for _, entry := range s.Env {
			if v, ok := strings.CutPrefix(entry, name); ok && v != "" {
				if strings.HasPrefix(v, "zh") {
					return i18n.ZH
				}
				return i18n.EN
			}
		}
	}
	return i18n.EN
}

func (s *shell) config() (config.Config, error) {
	cfg, err := config.Load(s.Env)
	if err != nil {
		return cfg, usage(err.Error())
	}
	return cfg, nil
}

func (s *shell) logger(cfg config.Config, least slog.Level) *slog.Logger {
	o := &slog.HandlerOptions{Level: max(cfg.LogLevel, least)}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(s.Err, o))
	}
	return slog.New(slog.NewTextHandler(s.Err, o))
}

// with opens the application, runs fn and closes it. The database is migrated first.
func (s *shell) with(ctx context.Context, fn func(a *app.App) error) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	return s.open(ctx, cfg, slog.LevelWarn, fn)
}

func (s *shell) open(ctx context.Context, cfg config.Config, least slog.Level, fn func(a *app.App) error) error {
	a, err := app.Open(ctx, cfg, app.Options{Log: s.logger(cfg, least), Messages: app.SurfaceMessages()})
	if err != nil {
		return s.explain(err)
	}
	return errors.Join(fn(a), a.Close())
}

// explain adds what to do to errors of opening.
func (s *shell) explain(err error) error {
	var newer *db.NewerError
	if errors.As(err, &newer) {
		return err
	}
	return fmt.Errorf("open: %w; dianke doctor says more", err)
}
