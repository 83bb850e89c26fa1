package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dianke/internal/app"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
)

type importCmd struct {
	Type string `arg:"" optional:"" help:"What the rows become, such as customer, contact or case."`
	File string `arg:"" optional:"" help:"A table (.csv, .xlsx) or address cards (.vcf)."`

	Map        []string `help:"Column=field; Column= leaves it out. What is not named is mapped as proposed." placeholder:"COLUMN=FIELD" sep:"none"`
	Set        []string `help:"Field=text for all new records; {Column} stands for the cell." placeholder:"FIELD=TEXT" sep:"none"`
	Value      []string `help:"Field:cell=value, what a cell means for a field of choices." placeholder:"FIELD:CELL=VALUE" sep:"none"`
	Key        []string `help:"Fields by which a row finds its record; - for none."`
	Missing    []string `help:"Field=reject, empty or create: what to do where a row names a record that is not there." placeholder:"FIELD=RULE" sep:"none"`
	Duplicates string   `help:"What to do with rows that are probably there already." enum:",skip,update,create,aside" default:""`
	OnMatch    string   `help:"What to do with records the keys find." enum:",update,skip" default:""`
	Keep       bool     `help:"Keep author, dates, number and state of the rows: they are records of the past."`
	DryRun     bool     `help:"Try it: count and show what is wrong, write nothing."`
	Rejects    string   `help:"Write the rows that were not taken, with the reasons, into this file." placeholder:"FILE"`
	As         string   `help:"Sign-in name of the person who imports; his permissions hold. Without it the program itself does." placeholder:"LOGIN"`

	Encoding  string `help:"Encoding of the text; found out where left out."`
	Separator string `help:"What parts the cells; found out where left out."`
	Sheet     string `help:"Sheet of the workbook; the first that is shown where left out."`
	Header    int    `help:"Line of the headings, -1 for none; found out where left out."`

	Archive string `help:"Read a whole instance from an archive of export --all into this one, which must be empty." placeholder:"FILE" type:"existingfile"`
	Secret  string `help:"With --archive: the file secret of the instance the archive was made of." placeholder:"FILE" type:"existingfile"`
}

// Run takes one file in, or a whole archive.
func (c importCmd) Run(ctx context.Context, s *shell) error {
	if c.Archive != "" {
		return s.readArchive(ctx, c.Archive, c.Secret)
	}
	if c.Type == "" || c.File == "" {
		return usage("dianke import needs a type and a file, or --archive")
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.with(ctx, func(a *app.App) error {
		actor, err := s.actor(ctx, a, c.As, "import")
		if err != nil {
			return err
		}
		layout := transfer.Layout{Encoding: c.Encoding, Separator: c.Separator, Sheet: c.Sheet, Header: c.Header}
		imp, err := a.Transfers.Receive(ctx, actor, c.Type, filepath.Base(c.File), f, layout)
		if err != nil {
			return err
		}
		if err := c.arrange(ctx, a, actor, imp, layout); err != nil {
			return err
		}
		return c.carryOut(ctx, s, a, actor, imp.ID)
	})
}

// arrange lays what was asked for over what was proposed.
func (c importCmd) arrange(ctx context.Context, a *app.App, actor access.Actor, imp *transfer.Import, layout transfer.Layout) error {
	sight, err := a.Transfers.Look(ctx, actor, imp.ID)
	if err != nil {
		return err
	}
	plan := sight.Plan
	if plan.Picks, err = c.picks(plan.Picks, sight.Table.Columns); err != nil {
		return err
	}
	if err := pairs(c.Set, &plan.Fixed); err != nil {
		return err
	}
	if err := pairs(c.Missing, &plan.Missing); err != nil {
		return err
	}
	for _, v := range c.Value {
		field, rest, _ := strings.Cut(v, ":")
		cell, value, ok := strings.Cut(rest, "=")
		if !ok {
			return usage("--value " + v + ": want FIELD:CELL=VALUE")
		}
		if plan.Values == nil {
			plan.Values = map[string]map[string]string{}
		}
		if plan.Values[field] == nil {
			plan.Values[field] = map[string]string{}
		}
		plan.Values[field][cell] = value
	}
	if len(c.Key) > 0 {
		plan.Keys = c.Key
		if c.Key[0] == "-" {
			plan.Keys = nil
		}
	}
	plan.Keep = plan.Keep || c.Keep
	if c.Duplicates != "" {
		plan.Duplicates = c.Duplicates
	}
	if c.OnMatch != "" {
		plan.OnMatch = c.OnMatch
	}
	_, err = a.Transfers.Arrange(ctx, actor, imp.ID, layout, plan)
	return err
}

func (c importCmd) picks(picks []transfer.Pick, columns []string) ([]transfer.Pick, error) {
	for _, m := range c.Map {
		column, field, ok := cutLast(m, "=")
		at := -1
		for i, name := range columns {
			if name == column {
				at = i
			}
		}
		if !ok || at < 0 {
			return nil, usage(fmt.Sprintf("--map %s: the file has no column %q; it has %s", m, column, strings.Join(columns, ", ")))
		}
		var kept []transfer.Pick
		for _, p := range picks {
			if p.Column != at && (p.Field != field || field == "remarks") {
				kept = append(kept, p)
			}
		}
		if picks = kept; field != "" {
			picks = append(picks, transfer.Pick{Column: at, Name: column, Field: field})
		}
	}
	return picks, nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func pairs(list []string, into *map[string]string) error {
	for _, p := range list {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return usage(p + ": want NAME=VALUE")
		}
		if *into == nil {
			*into = map[string]string{}
		}
		(*into)[name] = value
	}
	return nil
}

// carryOut tries or runs the import and says what came of it.
func (c importCmd) carryOut(ctx context.Context, s *shell, a *app.App, actor access.Actor, id record.ID) error {
	do := a.Transfers.Begin
	if c.DryRun {
		do = a.Transfers.Check
	}
	direct := *a.Transfers
	direct.Queue = nil // nobody runs jobs here
	do = direct.Begin
	if c.DryRun {
		do = direct.Check
	}
	if err := do(ctx, actor, id); err != nil {
		return err
	}
	imp, err := a.Transfers.Load(ctx, actor, id)
	if err != nil {
		return err
	}
	if imp.Status == transfer.Failed {
		return errors.New(a.Catalog.Text(s.lang(), imp.Fault))
	}
	t := newTable("rows", "new", "changed", "unchanged", "duplicates", "wrong")
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	t.row(n(imp.Lines), n(imp.Created), n(imp.Changed), n(imp.Same), n(imp.Duplicates), n(imp.Rejected))
	if err := t.print(s.Out); err != nil {
		return err
	}
	list, err := a.Transfers.Rejects(ctx, imp, s.lang(), 10)
	if err != nil {
		return err
	}
	for _, r := range list {
		s.say("line %d: %s", r.Line, strings.Join(r.Reasons, "; "))
	}
	if c.Rejects == "" {
		return nil
	}
	return s.file(c.Rejects, func(f *os.File) error {
		return a.Transfers.WriteRejects(ctx, actor, id, s.lang(), f)
	})
}

// file writes a new file, and leaves none where that fails.
func (s *shell) file(name string, write func(f *os.File) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// actor is the person of the sign-in name, or the program itself.
func (s *shell) actor(ctx context.Context, a *app.App, login, name string) (access.Actor, error) {
	if login == "" {
		return access.Actor{System: name, Via: "cli"}, nil
	}
	var actor access.Actor
	err := a.InTx(ctx, name, "cli", func(call *record.Call) error {
		u, err := one[org.User](ctx, call, "user", record.Where("login", login))
		if err != nil {
			return err
		}
		actor, err = a.Guard.Actor(ctx, call.Tx, u.ID)
		return err
	})
	actor.Via = "cli"
	return actor, err
}

type exportCmd struct {
	Type    string   `arg:"" optional:"" help:"Plural of what is exported, such as customers."`
	Out     string   `help:"File to write; its ending .csv or .xlsx says the format." placeholder:"FILE"`
	Filter  []string `help:"Conditions such as stage:eq:active." placeholder:"FIELD:OP:VALUE" sep:"none"`
	Purpose string   `help:"What it is for; stands in the file and in the audit log."`
	As      string   `help:"Sign-in name of the person who exports; his permissions and masks hold." placeholder:"LOGIN"`
	All     string   `help:"Write the whole instance into this archive (.zip): JSON Lines, files, checksums." placeholder:"FILE"`
}

// Run writes one list, or everything.
func (c exportCmd) Run(ctx context.Context, s *shell) error {
	if c.All != "" {
		return s.writeArchive(ctx, c.All)
	}
	if c.Type == "" || c.Out == "" || c.As == "" {
		return usage("dianke export needs a type, --out and --as, or --all")
	}
	return s.with(ctx, func(a *app.App) error {
		actor, err := s.actor(ctx, a, c.As, "export")
		if err != nil {
			return err
		}
		t := a.Types.Type(c.Type)
		if t == nil {
			return usage("no type " + c.Type)
		}
		q := record.Query{}
		for _, cond := range c.Filter {
			f, err := t.ParseCondition(cond, record.FilterContext{Now: a.Clock.Now(), Zone: a.Config.Zone, Me: actor.UserID})
			if err != nil {
				return err
			}
			q.Filter.And = append(q.Filter.And, f)
		}
		x := access.Extraction{Type: t.Name, Query: q, Purpose: c.Purpose, Format: access.CSV, Label: func(f *record.Field) string {
			return a.Transfers.Label(s.lang(), t, f.Name)
		}}
		if strings.EqualFold(filepath.Ext(c.Out), ".xlsx") {
			x.Format = access.XLSX
		}
		return s.file(c.Out, func(f *os.File) error { return a.Records.Export(ctx, actor, x, f) })
	})
}

func (s *shell) writeArchive(ctx context.Context, name string) error {
	return s.with(ctx, func(a *app.App) error {
		return s.file(name, func(f *os.File) error {
			sum, err := a.Archive().Write(ctx, f)
			if err != nil {
				return err
			}
			return s.sayArchive(sum)
		})
	})
}

func (s *shell) readArchive(ctx context.Context, name, secret string) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	if secret != "" {
		if err := app.AdoptSecret(cfg, secret); err != nil {
			return err
		}
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return s.with(ctx, func(a *app.App) error {
		sum, err := a.Archive().Read(ctx, f, info.Size())
		if err != nil {
			return err
		}
		return s.sayArchive(sum)
	})
}

func (s *shell) sayArchive(sum transfer.Summary) error {
	t := newTable("table", "rows", "sha256")
	for _, p := range sum.Tables {
		if p.Rows > 0 {
			t.row(p.Name, strconv.FormatInt(p.Rows, 10), p.SHA256[:16])
		}
	}
	if err := t.print(s.Out); err != nil {
		return err
	}
	s.say("files: %d, audit entries: %d, head %s", sum.Files, sum.Entries, sum.Head)
	return nil
}
