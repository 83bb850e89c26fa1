package text_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"dianke/internal/engine/regulation/text"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestSplitOfASampleRegulation(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("testdata", "sample_company.txt"))
	if err != nil {
		t.Fatal(err)
	}
	s, enc, err := text.Decode(raw)
	if err != nil || enc != "UTF-8" {
		t.Fatalf("Decode = %s, %v", enc, err)
	}
	docs := text.Split(s)
	if strip(text.Join(docs)) != strip(s) {
		t.Error("the tree does not print the text it was made of")
	}
	got, file := outline(docs), filepath.Join("testdata", "sample_company.golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the tree differs from %s; look at it and run with -update:\n%s", file, got)
	}
}
