package tabular_test

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/tabular"
)

// samples is the folder of public test files beside the checkout; tests that need it skip where it is absent.
func samples(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("DIANKE_SAMPLES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no sample data at %s: nothing read", dir)
	}
	return dir
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// count reads a table to its end.
func count(tab *tabular.Table) (rows, faults int, err error) {
	for {
		r, err := tab.Next()
		if err == io.EOF {
			return rows, faults, nil
		}
		if err != nil {
			return rows, faults, err
		}
		rows++
		if r.Fault != nil {
			faults++
		}
	}
}

func TestEveryMessyTableIsReadOrRefusedWithAReason(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"messy-tables", "vcard"} {
		list := files(t, samples(t, set))
		read, refused := 0, map[string]int{}
		for _, p := range list {
			raw, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			tab, err := tabular.Open(bytes.NewReader(raw), int64(len(raw)), tabular.Options{})
			if err != nil {
				key := errs.KeyOf(err)
				if !strings.HasPrefix(key, "tabular.") {
					t.Errorf("%s: refused without a reason: %v", p, err)
				}
				if s := filepath.Ext(p); (s == ".csv" || s == ".vcf") && key != "tabular.empty" && key != "tabular.not_table" {
					t.Errorf("%s: %v", p, err)
				}
				refused[key]++
				continue
			}
			_, _, err = count(tab)
			if err != nil && !strings.HasPrefix(errs.KeyOf(err), "tabular.") {
				t.Errorf("%s: %v", p, err)
			}
			if err := tab.Close(); err != nil {
				t.Errorf("%s: close: %v", p, err)
			}
			read++
		}
		t.Logf("%s: %d files, %d read, refused %v", set, len(list), read, refused)
		if want := map[string]int{"messy-tables": 178, "vcard": 53}[set]; len(list) != want {
			t.Errorf("%s: %d files, want %d", set, len(list), want)
		}
	}
}
