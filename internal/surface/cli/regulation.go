package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"dianke/internal/app"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/platform/errs"
)

type regulationCmd struct {
	Import regulationImportCmd `cmd:"" help:"Read a text (plain in UTF-8 or GB18030, Markdown, docx), an OSCAL catalog or a workbook into regulations with their clauses."`
	List   regulationListCmd   `cmd:"" help:"List regulations and the version in force."`
	Export regulationExportCmd `cmd:"" help:"Print a regulation."`
}

// maxText bounds an imported file; the largest code of law is far smaller.
const maxText = 8 << 20

type regulationImportCmd struct {
	File    string `arg:"" help:"The text; - for standard input."`
	Key     string `help:"Short key of the regulation; made from the file name where left out."`
	InForce bool   `help:"Put it into force at once instead of leaving a draft for review."`
	Dry     bool   `help:"Show what would be read and store nothing."`
	Propose bool   `help:"Propose controls for the clauses; they wait in the draft to be accepted, edited or rejected."`
	// AcceptAbove is 0 where nothing is to be taken over.
	AcceptAbove float64 `help:"With --propose: take over at once what is at least as sure as this, such as 0.8." placeholder:"0.8"`
}

// Run splits the text and stores each regulation as a draft, all in one transaction.
func (c regulationImportCmd) Run(ctx context.Context, s *shell) error {
	raw, err := s.read(c.File)
	if err != nil {
		return err
	}
	key := c.Key
	if key == "" {
		key = keyOf(c.File)
	}
	if c.AcceptAbove != 0 && (!c.Propose || c.AcceptAbove < 0 || c.AcceptAbove > 1) {
		return fmt.Errorf("--accept-above is a number above 0 and not above 1, beside --propose")
	}
	drafts, err := exchange.Drafts(raw, filepath.Base(c.File), key)
	if err != nil {
		return err
	}
	if c.Dry {
		return s.showDrafts(drafts, "read, nothing stored")
	}
	return s.with(ctx, func(a *app.App) error {
		var sum proposal.Tally
		err := a.InTx(ctx, "regulation.import", "cli", func(call *record.Call) error { return c.store(ctx, a, call, drafts, &sum) })
		if err != nil {
			return err
		}
		if c.Propose {
			if _, err := fmt.Fprintf(s.Out, "clauses with proposals: %d, taken over: %d\n", sum.Clauses, sum.Accepted); err != nil {
				return err
			}
		}
		if c.InForce {
			return s.showDrafts(drafts, "in force")
		}
		return s.showDrafts(drafts, "stored as drafts")
	})
}

func (c regulationImportCmd) store(ctx context.Context, a *app.App, call *record.Call, drafts []*regulation.Draft, sum *proposal.Tally) error {
	from := c.AcceptAbove
	if from == 0 {
		from = proposal.NoAccept
	}
	for _, d := range drafts {
		v, err := a.Engine.Store(ctx, call, d)
		if err != nil {
			return err
		}
		if c.Propose {
			if err := a.Proposals.Then(from, sum)(ctx, call, v, d); err != nil {
				return err
			}
		}
		if !c.InForce {
			continue
		}
		if err := a.Engine.Advance(ctx, call, v); err != nil {
			return err
		}
	}
	return nil
}

// showDrafts lists what was read and counts it with what became of it.
func (s *shell) showDrafts(drafts []*regulation.Draft, became string) error {
	t, clauses := newTable("key", "clauses", "title"), 0
	for _, d := range drafts {
		t.row(d.Key, strconv.Itoa(len(d.Clauses)), d.Title)
		clauses += len(d.Clauses)
	}
	if err := t.print(s.Out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.Out, "regulations: %d, clauses: %d (%s)\n", len(drafts), clauses, became)
	return err
}

func (s *shell) read(file string) ([]byte, error) {
	in := s.In
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if len(raw) > maxText {
		return nil, fmt.Errorf("%s is larger than %d MB", file, maxText>>20)
	}
	return raw, nil
}

var notKey = regexp.MustCompile(`[^a-z0-9]+`)

// keyOf makes a key from a file name.
func keyOf(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	if key := strings.Trim(notKey.ReplaceAllString(strings.ToLower(name), "-"), "-"); key != "" {
		return key
	}
	return "regulation"
}

type regulationListCmd struct{}

// Run lists all regulations.
func (regulationListCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		return a.InTx(ctx, "regulation.list", "cli", func(c *record.Call) error {
			list, err := all[regulation.Regulation](ctx, a, c, "regulation", record.Filter{})
			if err != nil {
				return err
			}
			t := newTable("key", "in force since", "origin", "title")
			for _, r := range list {
				since := "–"
				if r.CurrentID != 0 {
					v, err := record.Load[regulation.Version](ctx, c, "regulation_version", r.CurrentID)
					if err != nil {
						return err
					}
					if v.InForceAt != nil && v.Status == "in_force" {
						since = v.InForceAt.In(a.Config.Zone).Format("2006-01-02")
					}
				}
				t.row(r.Key, since, r.Origin, r.Title)
			}
			return t.print(s.Out)
		})
	})
}

type regulationExportCmd struct {
	Key    string `arg:"" help:"Key of the regulation."`
	Format string `help:"text as printed, json with keys, posts and figures, or an OSCAL catalog of the version in force." enum:"text,json,oscal" default:"text"`
}

// Run prints the version in force, or the newest where none is.
func (c regulationExportCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		return a.InTx(ctx, "regulation.export", "cli", func(call *record.Call) error {
			r, err := one[regulation.Regulation](ctx, call, "regulation", record.Where("key", c.Key))
			if err != nil {
				return err
			}
			if c.Format == "oscal" {
				list, err := a.Book.Texts(ctx, call.Tx, assess.Period{Regulations: []string{c.Key}})
				if err != nil {
					return err
				}
				if len(list) == 0 {
					return errs.New(errs.NotFound, "regulation.no_clauses")
				}
				return exchange.Catalog(s.Out, list, a.Clock.Now())
			}
			version, err := present(ctx, a, call, r)
			if err != nil {
				return err
			}
			clauses, err := all[regulation.Clause](ctx, a, call, "clause", record.Where("version_id", version))
			if err != nil {
				return err
			}
			if c.Format == "json" {
				return printJSON(s.Out, r, clauses)
			}
			return printText(s.Out, r, clauses)
		})
	})
}

// present returns the version in force, else the newest.
func present(ctx context.Context, a *app.App, c *record.Call, r *regulation.Regulation) (record.ID, error) {
	if r.CurrentID != 0 {
		return r.CurrentID, nil
	}
	list, err := all[regulation.Version](ctx, a, c, "regulation_version", record.Where("regulation_id", r.ID))
	if err != nil {
		return 0, err
	}
	if len(list) == 0 {
		return 0, errs.New(errs.NotFound, "regulation.no_clauses")
	}
	return list[len(list)-1].ID, nil
}

func printText(w io.Writer, r *regulation.Regulation, clauses []*regulation.Clause) error {
	var b strings.Builder
	b.WriteString(r.Title + "\n")
	for _, c := range clauses {
		head := strings.TrimSpace(c.Printed + " " + c.Heading)
		body := strings.TrimSpace(c.Body)
		switch {
		case head == "":
			b.WriteString(body + "\n")
		case body == "":
			b.WriteString(head + "\n")
		case c.Heading == "":
			b.WriteString(head + " " + body + "\n")
		default:
			b.WriteString(head + "\n" + body + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printJSON(w io.Writer, r *regulation.Regulation, clauses []*regulation.Clause) error {
	type clause struct {
		Key    string         `json:"key"`
		Parent string         `json:"parent,omitempty"`
		Level  string         `json:"level"`
		Number string         `json:"number,omitempty"`
		Title  string         `json:"title,omitempty"`
		Text   string         `json:"text,omitempty"`
		Post   string         `json:"post,omitempty"`
		Params map[string]any `json:"params,omitempty"`
	}
	out := struct {
		Key     string   `json:"key"`
		Title   string   `json:"title"`
		Origin  string   `json:"origin"`
		Clauses []clause `json:"clauses"`
	}{Key: r.Key, Title: r.Title, Origin: r.Origin, Clauses: []clause{}}
	for _, c := range clauses {
		out.Clauses = append(out.Clauses, clause{c.Key, c.ParentKey, c.Level, c.Printed, c.Heading, c.Body, c.Post, c.Params})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
