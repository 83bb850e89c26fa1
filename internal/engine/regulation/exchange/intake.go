package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	oscal "github.com/defenseunicorns/go-oscal/src/types/oscal-1-1-2"
	"github.com/xuri/excelize/v2"

	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
)

const (
	maxRows  = 20_000   // rows of a sheet that is read
	maxPlain = 64 << 20 // bytes a workbook may unpack to
	maxDepth = 12       // of nested groups and controls
	maxJSON  = 32 << 20 // bytes of a catalog
)

// FromOSCAL reads an OSCAL catalog of any 1.x version into a draft: groups become headings, controls with a statement
// clauses. Properties that Dianke does not know are left out.
func FromOSCAL(raw []byte, key string) (*regulation.Draft, error) {
	if len(raw) > maxJSON {
		return nil, errs.New(errs.TooLarge, "exchange.too_large").With("mb", maxJSON>>20)
	}
	var doc oscal.OscalCompleteSchema
	if err := json.Unmarshal(raw, &doc); err != nil || doc.Catalog == nil {
		return nil, errs.New(errs.Invalid, "exchange.no_catalog").Because(err)
	}
	cat := doc.Catalog
	in := &intake{draft: &regulation.Draft{Key: key, Title: cat.Metadata.Title, Origin: "oscal"}, seen: map[string]bool{}}
	if cat.Groups != nil {
		if err := in.groups(*cat.Groups, "", 0); err != nil {
			return nil, err
		}
	}
	if cat.Controls != nil {
		if err := in.controls(*cat.Controls, "", 0); err != nil {
			return nil, err
		}
	}
	if len(in.draft.Clauses) == 0 {
		return nil, errs.New(errs.Invalid, "regulation.no_clauses")
	}
	return in.draft, nil
}

// intake collects clauses with keys that are theirs alone.
type intake struct {
	draft *regulation.Draft
	seen  map[string]bool
}

// add appends a clause and returns its key.
func (in *intake) add(id, parent, level, printed, heading, body string) string {
	key := in.draft.Key + "." + keyOf(id, len(in.draft.Clauses)+1)
	for n := 2; in.seen[key]; n++ {
		key = fmt.Sprintf("%s.%s-%d", in.draft.Key, keyOf(id, len(in.draft.Clauses)+1), n)
	}
	in.seen[key] = true
	in.draft.Clauses = append(in.draft.Clauses, &regulation.Clause{
		Key: key, ParentKey: parent, Level: level, Printed: cut(printed, 60), Heading: cut(heading, 500), Body: body,
	})
	return key
}

// keyOf makes the last part of a key of what the source calls the clause.
func keyOf(id string, n int) string {
	var b strings.Builder
	for _, r := range id {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r == '.' || r == '-' || r == '_' {
			b.WriteRune(r)
		}
	}
	if out := strings.Trim(cut(b.String(), 30), ".-"); out != "" {
		return out
	}
	return strconv.Itoa(n)
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

func (in *intake) groups(list []oscal.Group, parent string, depth int) error {
	if depth > maxDepth {
		return errs.New(errs.Invalid, "exchange.too_deep").With("max", maxDepth)
	}
	for _, g := range list {
		key := in.add(g.ID, parent, "chapter", label(g.Props), g.Title, "")
		if g.Controls != nil {
			if err := in.controls(*g.Controls, key, depth+1); err != nil {
				return err
			}
		}
		if g.Groups != nil {
			if err := in.groups(*g.Groups, key, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *intake) controls(list []oscal.Control, parent string, depth int) error {
	if depth > maxDepth {
		return errs.New(errs.Invalid, "exchange.too_deep").With("max", maxDepth)
	}
	for _, c := range list {
		body := ""
		if c.Parts != nil {
			body = prose(*c.Parts, 0)
		}
		if body == "" {
			body = c.Title
		}
		printed := label(c.Props)
		if printed == "" {
			printed = c.ID
		}
		key := in.add(c.ID, parent, "article", printed, c.Title, body)
		if c.Controls != nil {
			if err := in.controls(*c.Controls, key, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// prose joins the statements of a control, items with their labels.
func prose(parts []oscal.Part, depth int) string {
	var lines []string
	for _, p := range parts {
		if p.Name != "statement" && p.Name != "item" || depth > maxDepth {
			continue
		}
		text := strings.TrimSpace(label(p.Props) + " " + p.Prose)
		if p.Parts != nil {
			text = strings.TrimSpace(text + "\n" + prose(*p.Parts, depth+1))
		}
		if text != "" {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

func label(props *[]oscal.Property) string {
	if props == nil {
		return ""
	}
	for _, p := range *props {
		if p.Name == "label" {
			return p.Value
		}
	}
	return ""
}

// FromSheet reads the first sheet of a workbook with the columns ref_id, name, description, depth and assessable (by
// their names in the first row, in any order) into a draft. Depth says how deep a row stands under those before it.
func FromSheet(r io.Reader, key, title string) (*regulation.Draft, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxPlain))
	if err != nil {
		return nil, fmt.Errorf("read workbook: %w", err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxPlain, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return nil, errs.New(errs.Invalid, "exchange.no_workbook").Because(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return nil, errs.New(errs.Invalid, "exchange.no_workbook").Because(err)
	}
	defer func() { _ = rows.Close() }()
	in := &intake{draft: &regulation.Draft{Key: key, Title: title, Origin: "spreadsheet"}, seen: map[string]bool{}}
	var at map[string]int
	above := map[int]string{}
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, errs.New(errs.Invalid, "exchange.bad_row").With("line", line).Because(err)
		}
		if line > maxRows {
			return nil, errs.New(errs.TooLarge, "exchange.too_many_rows").With("max", maxRows)
		}
		if at == nil {
			if at, err = header(cells); err != nil {
				return nil, err
			}
			continue
		}
		if err := in.row(cells, at, above, line); err != nil {
			return nil, err
		}
	}
	if len(in.draft.Clauses) == 0 {
		return nil, errs.New(errs.Invalid, "regulation.no_clauses")
	}
	return in.draft, nil
}

func header(cells []string) (map[string]int, error) {
	at := map[string]int{}
	for i, c := range cells {
		at[strings.ToLower(strings.TrimSpace(c))] = i
	}
	for _, need := range []string{"ref_id", "name", "description", "depth"} {
		if _, ok := at[need]; !ok {
			return nil, errs.New(errs.Invalid, "exchange.no_column").With("column", need)
		}
	}
	return at, nil
}

func (in *intake) row(cells []string, at map[string]int, above map[int]string, line int) error {
	get := func(name string) string {
		if i, ok := at[name]; ok && i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	ref, name, body := get("ref_id"), get("name"), get("description")
	if ref == "" && name == "" && body == "" {
		return nil
	}
	depth, err := strconv.Atoi(get("depth"))
	if err != nil || depth < 1 || depth > maxDepth {
		return errs.New(errs.Invalid, "exchange.bad_depth").With("line", line).With("max", maxDepth)
	}
	level, yes := "chapter", assessable(get("assessable"), body)
	if yes {
		level = "article"
		if body == "" {
			body = name
		}
	} else if body != "" && name == "" {
		name, body = body, ""
	} else if body != "" {
		name, body = name+" "+body, ""
	}
	parent := ""
	for d := depth - 1; d > 0 && parent == ""; d-- {
		parent = above[d]
	}
	above[depth] = in.add(ref, parent, level, ref, name, body)
	for d := range above {
		if d > depth {
			delete(above, d)
		}
	}
	return nil
}

// assessable reads the column; where it is empty a row with a description is.
func assessable(s, body string) bool {
	switch strings.ToLower(s) {
	case "x", "yes", "y", "true", "1", "是":
		return true
	case "":
		return body != ""
	}
	return false
}

// Drafts reads a file of any kind the product takes in: an OSCAL catalog in JSON, a workbook, or a text (plain, Markdown
// or a Word document; see [regulation.FromText]). Name is that of the file and names a workbook's rules.
func Drafts(raw []byte, name, key string) ([]*regulation.Draft, error) {
	head := bytes.TrimLeft(raw[:min(len(raw), 512)], "\ufeff \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("{")):
		d, err := FromOSCAL(bytes.TrimPrefix(raw, []byte("\ufeff")), key)
		return one(d, err)
	case bytes.HasPrefix(raw, []byte("PK")) && bytes.Contains(raw, []byte("xl/workbook.xml")):
		title := strings.TrimSuffix(strings.TrimSpace(name), ".xlsx")
		if title == "" {
			title = key
		}
		d, err := FromSheet(bytes.NewReader(raw), key, title)
		return one(d, err)
	}
	return regulation.FromText(raw, key)
}

func one(d *regulation.Draft, err error) ([]*regulation.Draft, error) {
	if err != nil {
		return nil, err
	}
	return []*regulation.Draft{d}, nil
}
