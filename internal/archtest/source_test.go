package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// source is one parsed file. Path and folder are relative to the root of the module, with slashes.
type source struct {
	path, folder string
	file         *ast.File
	text         string
	test         bool // a test, or a package that only tests import
	generated    bool
}

// tree is everything that was parsed.
type tree struct {
	fset  *token.FileSet
	files []source
}

// parsed reads the module once for all tests.
var parsed = sync.OnceValues(func() (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); p != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		return t.add(root, p)
	})
	return t, err
})

func (t *tree) add(root, p string) error {
	raw, err := os.ReadFile(p)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(t.fset, p, raw, parser.ParseComments)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(root, p)
	if err != nil {
		return err
	}
	rel = filepath.ToSlash(rel)
	folder := path.Dir(rel)
	t.files = append(t.files, source{
		path: rel, folder: folder, file: f, text: string(raw),
		test: strings.HasSuffix(rel, "_test.go") || strings.HasSuffix(folder, "test"), generated: ast.IsGenerated(f),
	})
	return nil
}

// load returns the parsed module.
func load(t *testing.T) *tree {
	t.Helper()
	tr, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.files) < 100 {
		t.Fatalf("only %d files were found: the test looks in the wrong place", len(tr.files))
	}
	return tr
}

// line returns the line of a position.
func (t *tree) line(p token.Pos) int { return t.fset.Position(p).Line }

// imports lists the packages of this module that a file imports, without the name of the module.
func (s source) imports() []string {
	var out []string
	for _, im := range s.file.Imports {
		if p, ok := strings.CutPrefix(strings.Trim(im.Path.Value, `"`), "dianke/"); ok {
			out = append(out, p)
		}
	}
	return out
}

// below reports whether folder is at or below one of the prefixes.
func below(folder string, prefixes ...string) bool {
	for _, p := range prefixes {
		if folder == p || strings.HasPrefix(folder, p+"/") {
			return true
		}
	}
	return false
}
