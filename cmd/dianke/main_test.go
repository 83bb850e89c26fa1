package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"dianke/internal/platform/db"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dianke": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	sample, err := filepath.Abs("../../internal/engine/regulation/text/testdata/sample_company.txt")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "en_GB.UTF-8")
			e.Setenv("SAMPLE", sample)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"sql": sqlite},
	})
}

// sqlite runs one statement on the database of the data directory, past the program, as an intruder would.
func sqlite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	path := ts.MkAbs(args[0])
	if _, err := os.Stat(path); err != nil {
		ts.Fatalf("no database: %v", err)
	}
	ctx := context.Background()
	d, err := db.Open(ctx, "", path)
	ts.Check(err)
	err = db.Do(ctx, d, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, args[1])
		if err == nil {
			ts.Logf("%d rows", n)
		}
		return err
	})
	ts.Check(err)
	ts.Check(d.Close())
}
