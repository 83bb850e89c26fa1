package exchange

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
)

// Archive makes inspection archives: everything an inspector needs of a frozen assessment, readable without Dianke.
// Set its fields before first use.
type Archive struct {
	Book    *assess.Book
	Records *access.Records
	Say     func(lang string) Words
}

// limits of what an archive holds; what was left out is said in it.
const (
	maxOutcomes = 200_000
	maxAudit    = 20_000
)

// Write writes the archive of an assessment the actor may read. It holds no personal data beyond names of those who
// signed: outcomes name records and people by their ids.
func (x *Archive) Write(ctx context.Context, a access.Actor, id record.ID, lang string, to io.Writer) error {
	f, err := x.Book.Frozen(ctx, a, id)
	if err != nil {
		return err
	}
	z := &zipper{zip: zip.NewWriter(to), at: *f.FrozenAt}
	say := x.Say(lang)
	left := map[string]bool{}
	for _, part := range []struct {
		name  string
		write func(w io.Writer) error
	}{
		{"statement.xlsx", func(w io.Writer) error { return Statement(w, f.Sheets, lang, say) }},
		{"assessment.json", func(w io.Writer) error { return indented(w, f.Assessment) }},
		{"sheets.jsonl", func(w io.Writer) error { return lines(w, f.Sheets) }},
		{"outcomes.csv", func(w io.Writer) (err error) { left["outcomes.csv"], err = x.outcomes(ctx, f, w); return err }},
		{"exceptions.csv", func(w io.Writer) error { return x.exceptions(ctx, f, w) }},
		{"findings.csv", func(w io.Writer) error { return findingsCSV(f, w) }},
		{"audit.csv", func(w io.Writer) (err error) { left["audit.csv"], err = x.audit(ctx, a, f, w); return err }},
		{"oscal/catalog.json", func(w io.Writer) error { return Catalog(w, f.Sheets, *f.FrozenAt) }},
		{"oscal/assessment-results.json", func(w io.Writer) error { return Results(w, f, *f.FrozenAt) }},
	} {
		if err := z.add(part.name, part.write); err != nil {
			return err
		}
	}
	for _, s := range f.Sheets {
		if err := z.add("regulations/"+safe(s.Key)+".txt", func(w io.Writer) error { return plainText(w, s) }); err != nil {
			return err
		}
	}
	page := indexPage{f: f, lang: lang, say: say, Cut: left, Files: z.names}
	if err := z.add("index.html", page.write); err != nil {
		return err
	}
	if err := z.add("SHA256SUMS", func(w io.Writer) error { _, err := io.WriteString(w, z.sums.String()); return err }); err != nil {
		return err
	}
	return z.zip.Close()
}

// zipper adds files and keeps their sums.
type zipper struct {
	zip   *zip.Writer
	at    time.Time
	sums  strings.Builder
	names []string
}

func (z *zipper) add(name string, fill func(io.Writer) error) error {
	w, err := z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.at})
	if err != nil {
		return fmt.Errorf("archive %s: %w", name, err)
	}
	sum := sha256.New()
	if err := fill(io.MultiWriter(w, sum)); err != nil {
		return fmt.Errorf("archive %s: %w", name, err)
	}
	if name != "SHA256SUMS" {
		fmt.Fprintf(&z.sums, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
		z.names = append(z.names, name)
	}
	return nil
}

// safe makes a file name of a key.
func safe(key string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, key)
}

func indented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func lines(w io.Writer, list []*assess.Sheet) error {
	for _, s := range list {
		b, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func plainText(w io.Writer, s *assess.Sheet) error {
	if _, err := fmt.Fprintf(w, "%s\nV%d  SHA-256 %s\n\n", s.Title[0], s.Version, s.Hash); err != nil {
		return err
	}
	for _, r := range s.Rows {
		text := strings.TrimSpace(strings.Join([]string{r.Printed, r.Heading[0], r.Body[0]}, " "))
		if _, err := fmt.Fprintln(w, text); err != nil {
			return err
		}
	}
	return nil
}

// table writes CSV with a byte order mark, so that spreadsheets read Chinese; formulas are neutralised.
type table struct{ csv *csv.Writer }

func newTable(w io.Writer, head ...string) (*table, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	t := &table{csv.NewWriter(w)}
	return t, t.csv.Write(head)
}

func (t *table) row(cells ...string) error {
	for i, c := range cells {
		cells[i] = plain(c)
	}
	return t.csv.Write(cells)
}

func (t *table) end() error {
	t.csv.Flush()
	return t.csv.Error()
}

// outcomes writes the outcomes of the period about the clauses assessed, newest first, and whether some were left out.
func (x *Archive) outcomes(ctx context.Context, f *assess.Frozen, w io.Writer) (cut bool, err error) {
	t, err := newTable(w, "id", "at", "regulation", "clause", "version", "control", "result", "event", "type", "record", "unit", "person")
	if err != nil {
		return false, err
	}
	units, err := x.units(ctx, f)
	if err != nil {
		return false, err
	}
	n := 0
	for _, s := range f.Sheets {
		for _, m := range assess.Months(f.FromMonth, f.ToMonth) {
			var before record.ID
			for {
				list, err := db.View(ctx, x.Records.DB, func(tx *db.Tx) ([]evidence.Outcome, error) {
					return evidence.List(ctx, tx, evidence.Filter{Regulation: s.Key, Month: m, Before: before, Limit: 500})
				})
				if err != nil {
					return false, err
				}
				for _, o := range list {
					before = o.ID
					if o.At.After(*f.FrozenAt) || units != nil && !slices.Contains(units, o.Unit) {
						continue
					}
					if n++; n > maxOutcomes {
						return true, t.end()
					}
					if err := t.row(o.ID.String(), o.At.UTC().Format(time.RFC3339), o.Regulation, o.Clause, o.Version.String(), o.Control, string(o.Result), o.Event,
						o.Type, o.Record.String(), o.Unit.String(), o.Person.String()); err != nil {
						return false, err
					}
				}
				if len(list) < 500 {
					break
				}
			}
		}
	}
	return false, t.end()
}

// units are those the assessment covers; nil for all.
func (x *Archive) units(ctx context.Context, f *assess.Frozen) ([]record.ID, error) {
	if f.CoverUnit == 0 {
		return nil, nil
	}
	return db.View(ctx, x.Records.DB, func(tx *db.Tx) ([]record.ID, error) { return x.Book.Engine.Guard.Below(ctx, tx, f.CoverUnit) })
}

// exceptions writes the exceptions asked for in the period.
func (x *Archive) exceptions(ctx context.Context, f *assess.Frozen, w io.Writer) error {
	t, err := newTable(w, "number", "clause", "type", "record", "reason", "status", "asked_at", "decided_at", "expires_at")
	if err != nil {
		return err
	}
	from, to, err := span(f)
	if err != nil {
		return err
	}
	list, err := db.View(ctx, x.Records.DB, func(tx *db.Tx) ([]*regulation.Exemption, error) {
		c := &record.Call{Tx: tx, Scope: x.Book.Engine.Guard.SystemScope("assess.archive", "web", "exemption", record.Read), Now: to, Work: x.Book.Engine.Runner}
		return record.Find[regulation.Exemption](ctx, c, "exemption", record.All(record.Filter{Field: "created_at", Op: "ge", Value: from},
			record.Filter{Field: "created_at", Op: "lt", Value: to}), 200)
	})
	if err != nil {
		return err
	}
	for _, e := range list {
		decided := ""
		if e.DecidedAt != nil {
			decided = e.DecidedAt.UTC().Format(time.RFC3339)
		}
		if err := t.row(e.Number, e.ClauseKey, e.AboutType, e.AboutID, e.Reason, e.Status, e.CreatedAt.UTC().Format(time.RFC3339), decided,
			e.ExpiresAt.UTC().Format(time.RFC3339)); err != nil {
			return err
		}
	}
	return t.end()
}

func findingsCSV(f *assess.Frozen, w io.Writer) error {
	t, err := newTable(w, "number", "clause", "kind", "finding", "status", "due_on", "answer")
	if err != nil {
		return err
	}
	for _, x := range f.Findings {
		due := ""
		if x.DueOn != nil {
			due = x.DueOn.Format("2006-01-02")
		}
		if err := t.row(x.Number, x.ClauseKey, x.Kind, x.Body, x.Status, due, x.Answer); err != nil {
			return err
		}
	}
	return t.end()
}

// audit writes the audit log of the period as far as it is about regulations, for those who may read it; for others the
// file says that it was left out.
func (x *Archive) audit(ctx context.Context, a access.Actor, f *assess.Frozen, w io.Writer) (cut bool, err error) {
	t, err := newTable(w, "seq", "at", "actor", "verb", "record", "hash")
	if err != nil {
		return false, err
	}
	from, to, err := span(f)
	if err != nil {
		return false, err
	}
	n, before := 0, int64(0)
	for {
		page, err := x.Records.Audit(ctx, a, audit.Find{From: from, Until: to, Before: before, Limit: 200})
		if err != nil {
			return true, t.end() // who may not read the log gets the file without rows, and the page says so
		}
		for _, e := range page.Entries {
			before = e.Seq
			if !ofRegulations(e.Verb) {
				continue
			}
			if n++; n > maxAudit {
				return true, t.end()
			}
			if err := t.row(fmt.Sprint(e.Seq), e.At.UTC().Format(time.RFC3339), e.Actor, e.Verb, e.Record.String(), e.Hash); err != nil {
				return false, err
			}
		}
		if !page.Older {
			return false, t.end()
		}
	}
}

// ofRegulations keeps what was done to the rules themselves and to what follows from them.
func ofRegulations(verb string) bool {
	typ, _, _ := strings.Cut(verb, ".")
	return slices.Contains([]string{
		"regulation", "regulation_version", "clause", "binding", "ballot", "exemption", "exclusion", "breach", "measure", "acknowledgement", "assessment",
		"finding", "interpretation", "revision_proposal", "rule_conflict", "regulation_review", "attestation",
	}, typ)
}

// indexPage is the one page an inspector opens. It has no address outside the archive.
type indexPage struct {
	f     *assess.Frozen
	lang  string
	say   Words
	Cut   map[string]bool
	Files []string
}

func (p *indexPage) write(w io.Writer) error {
	t, err := template.New("page.html").Funcs(template.FuncMap{
		"say": func(key string) string { return p.say(key) }, "in": func(t [2]string) string { return inLang(t, p.lang) },
		"status": func(s evidence.Status) string { return p.say("clause.status." + string(s)) },
		"kinds": func(list []string) string {
			out := make([]string, len(list))
			for i, k := range list {
				out[i] = p.say("binding.control." + k)
			}
			return strings.Join(out, "、")
		},
		"good": func(r assess.Row) int { g, _ := r.Tally.Sides(); return g },
		"bad":  func(r assess.Row) int { _, b := r.Tally.Sides(); return b },
		"day":  func(t *time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") },
		"weak": func(list []string) bool { return slices.Equal(list, []string{"attest"}) },
	}).ParseFS(pages, "page.html")
	if err != nil {
		return fmt.Errorf("index page: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{"Lang": map[string]string{"zh": "zh-CN", "en": "en"}[p.lang], "F": p.f, "Cut": p.Cut, "Files": p.Files})
	if err != nil {
		return fmt.Errorf("index page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}
