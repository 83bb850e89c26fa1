package archtest_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// floors are the rooms from the ground up. A package may import its own room and whatever stands on a lower floor; rooms
// of one floor are neighbours.
var floors = [][]string{
	{"internal/platform"},
	{"packs"}, // data only
	{"internal/engine/audit"},
	{"internal/engine/record"},
	{"internal/engine/notice", "internal/engine/access"},
	{"internal/engine/figure", "internal/engine/duplicate"},
	{"internal/engine/regulation"},
	{"internal/engine/pack", "internal/engine/transfer", "internal/engine/webhook"},
	{"internal/domain/*"},
	{"internal/world"},
	{"internal/surface/web", "internal/surface/api", "internal/surface/mcp"},
	{"internal/app"},
	{"internal/surface/cli"},
	{"cmd", "e2e"},
}

// mayImport are the exceptions to the order, each with its reason.
var mayImport = map[[2]string]string{
	{"internal/engine/notice", "internal/engine/access"}: "a notice is declared with the grants that open it; access knows nothing of notices",
}

// room returns the floor of a folder and the room it belongs to; -1 for what stands outside of the house.
func room(folder string) (int, string) {
	for i, names := range floors {
		for _, name := range names {
			base, star := strings.CutSuffix(name, "/*")
			if star && strings.HasPrefix(folder, base+"/") {
				first, _, _ := strings.Cut(strings.TrimPrefix(folder, base+"/"), "/")
				return i, base + "/" + first
			}
			if !star && below(folder, name) {
				return i, name
			}
		}
	}
	return -1, ""
}

func TestImportsOnlyDownward(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).files {
		floor, own := room(s.folder)
		if s.test || floor < 0 {
			continue // tests may look at the whole house
		}
		for _, im := range s.imports() {
			to, other := room(im)
			if own == other || to < floor && to >= 0 || excepted(s.folder, im) {
				continue
			}
			t.Errorf("%s imports %s, which does not stand below it", s.path, im)
		}
	}
}

func excepted(from, to string) bool {
	for pair := range mayImport {
		if below(from, pair[0]) && below(to, pair[1]) {
			return true
		}
	}
	return false
}

func TestEveryPackageHasARoom(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).files {
		if floor, _ := room(s.folder); floor < 0 && s.folder != "internal/archtest" {
			t.Errorf("%s stands on no floor; see style and docs/architecture.md", s.path)
		}
	}
}

func TestPackagesAreDocumented(t *testing.T) {
	t.Parallel()
	docs, first := map[string]string{}, map[string]string{}
	for _, s := range load(t).files {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		first[s.folder] = s.path
		if s.file.Doc != nil && !s.generated {
			docs[s.folder] += s.file.Doc.Text()
		}
	}
	for folder, file := range first {
		if len(strings.Fields(docs[folder])) < 8 {
			t.Errorf("%s: the package needs a doc comment that says what it is for", file)
		}
	}
}

func TestPackageNames(t *testing.T) {
	t.Parallel()
	forbidden := []string{"util", "utils", "common", "models", "types", "helpers", "misc", "base"}
	for _, s := range load(t).files {
		if slices.Contains(forbidden, s.file.Name.Name) || slices.Contains(forbidden, path.Base(s.folder)) {
			t.Errorf("%s: name the package after what it holds", s.path)
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).files {
		if s.generated || strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		for _, d := range s.file.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s has no doc comment", s.path, name)
			}
		}
	}
}

// undocumented lists the exported names of a declaration without a comment. A comment over a group of values or types
// covers the group.
func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || receiverExported(d.Recv)) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		if d.Doc != nil || d.Tok == token.IMPORT {
			return nil
		}
		var out []string
		for _, spec := range d.Specs {
			switch sp := spec.(type) {
			case *ast.TypeSpec:
				if sp.Name.IsExported() && sp.Doc == nil {
					out = append(out, sp.Name.Name)
				}
			case *ast.ValueSpec:
				for _, n := range sp.Names {
					if n.IsExported() && sp.Doc == nil && sp.Comment == nil {
						out = append(out, n.Name)
					}
				}
			}
		}
		return out
	}
	return nil
}

func receiverExported(f *ast.FieldList) bool {
	typ := f.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if ix, ok := typ.(*ast.IndexExpr); ok {
		typ = ix.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// longFunctions are functions over the limit, each with its reason.
var longFunctions = map[string]string{}

// longFiles are files over the limit, each with its reason.
var longFiles = map[string]string{}

const (
	maxFunction = 80
	maxFile     = 800
)

func TestSizes(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, s := range tr.files {
		if s.test || s.generated {
			continue
		}
		if n := strings.Count(s.text, "\n"); n > maxFile && longFiles[s.path] == "" {
			t.Errorf("%s has %d lines, more than %d", s.path, n, maxFile)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			n := tr.line(f.End()) - tr.line(f.Pos()) + 1
			if name := s.path + " " + f.Name.Name; n > maxFunction && longFunctions[name] == "" {
				t.Errorf("%s has %d lines, more than %d", name, n, maxFunction)
			}
		}
	}
}

func TestNoInit(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).files {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init function; registration is a call", s.path)
			}
		}
	}
}

// calls lists the uses of pkg.name in a file, for the import path given.
func calls(s source, importPath, name string) int {
	local := ""
	for _, im := range s.file.Imports {
		if p := strings.Trim(im.Path.Value, `"`); p == importPath {
			local = path.Base(p)
			if im.Name != nil {
				local = im.Name.Name
			}
		}
	}
	if local == "" {
		return 0
	}
	n := 0
	ast.Inspect(s.file, func(node ast.Node) bool {
		if sel, ok := node.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == local {
				n++
			}
		}
		return true
	})
	return n
}

func TestTheTimeComesFromTheClock(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).files {
		if s.test || below(s.folder, "internal/platform/clock") {
			continue
		}
		for _, name := range []string{"Now", "Since", "Until", "Sleep"} {
			if calls(s, "time", name) > 0 {
				t.Errorf("%s uses time.%s; ask the clock", s.path, name)
			}
		}
	}
}

func TestOnlyAccessMakesScopes(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).files {
		if s.test || below(s.folder, "internal/engine/access", "internal/engine/record") {
			continue
		}
		if calls(s, "dianke/internal/engine/record", "NewScope") > 0 {
			t.Errorf("%s makes a scope; only access may", s.path)
		}
	}
}

// sqlRooms are where statements may stand, each with its reason.
var sqlRooms = map[string]string{
	"internal/platform":             "databases, jobs and files keep tables of their own",
	"internal/engine/audit":         "the chain is read and written in order, below records",
	"internal/engine/record/query":  "the one builder of conditions",
	"internal/engine/record/store":  "the one store of records",
	"internal/engine/record/schema": "tables follow from types",
	"internal/engine/record/custom": "fields a company adds are kept beside the types, not as records",
	"internal/engine/record/view":   "saved lists belong to a person, not to a unit",
	"internal/engine/access":        "units, grants, sessions and recusals are read before any scope exists",
	"internal/engine/duplicate":     "the index of keys by which likely duplicates are found is no record",
	"internal/engine/transfer":      "rows of a file that were refused and the place an import has come to are no records",
	"internal/engine/webhook":       "messages and the attempts to send them are no records",
	"internal/surface/cli/measure":  "what people ask is measured against bare statements over the same rows",
	"internal/engine/regulation":    "outcomes and clocks are not records; which version holds and who has signed is asked at every action",
}

// statement matches the beginning of an SQL statement.
var statement = regexp.MustCompile(`^\s*(SELECT\s+[\w*(]|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX|UNIQUE)\s|ALTER\s+TABLE\s|DROP\s+(TABLE|INDEX)\s)`)

// sqlFiles are single files outside of these rooms, each with its reason.
var sqlFiles = map[string]string{
	"internal/surface/cli/bench.go": "the size of a measured database",
	"internal/app/http.go":          "the name of the company stands in the frame before any scope exists",
	"internal/app/jobs.go":          "the outbox is read in the order of events, which are not records",
}

func TestStatementsStandInTheirRooms(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, s := range tr.files {
		if s.test || s.generated || sqlFiles[s.path] != "" || inSQLRoom(s.folder) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if ok && lit.Kind == token.STRING && statement.MatchString(strings.Trim(lit.Value, "`\"")) {
				t.Errorf("%s:%d holds a statement; it belongs into record/store, record/query or platform", s.path, tr.line(lit.Pos()))
			}
			return true
		})
	}
}

func inSQLRoom(folder string) bool {
	for r := range sqlRooms {
		if below(folder, r) {
			return true
		}
	}
	return false
}

func TestNobodyPrintsToStandardOutput(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).files {
		if s.test {
			continue
		}
		for _, name := range []string{"Print", "Printf", "Println"} {
			if calls(s, "fmt", name) > 0 {
				t.Errorf("%s uses fmt.%s; write to the stream that was given", s.path, name)
			}
		}
	}
}

func TestExceptionsAreStillNeeded(t *testing.T) {
	t.Parallel()
	paths := map[string]bool{}
	for _, s := range load(t).files {
		paths[s.path] = true
	}
	for _, list := range []map[string]string{longFiles, sqlFiles} {
		for p, why := range list {
			if !paths[p] || why == "" {
				t.Errorf("exception %s: no such file, or no reason", p)
			}
		}
	}
	for name, why := range longFunctions {
		if p, _, _ := strings.Cut(name, " "); !paths[p] || why == "" {
			t.Error(fmt.Sprintf("exception %s: no such file, or no reason", name))
		}
	}
}
