package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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
			if server := os.Getenv("DIANKE_TEST_POSTGRES"); server != "" {
				e.Setenv("POSTGRES", database(e, server))
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "postgres" {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			return os.Getenv("DIANKE_TEST_POSTGRES") != "", nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"sql": sqlite},
	})
}

// database names a database of the script's own on a server. It is made only where the script asks for it, and dropped.
func database(e *testscript.Env, server string) string {
	u, err := url.Parse(server)
	if err != nil {
		e.T().Fatal(err)
	}
	if filepath.Base(e.WorkDir) != "script-move" {
		return ""
	}
	name := fmt.Sprintf("dianke_script_%d", os.Getpid())
	admin, err := sql.Open("pgx", server)
	if err != nil {
		e.T().Fatal(err)
	}
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		e.T().Fatal(err)
	}
	e.Defer(func() {
		_, _ = admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
		_ = admin.Close()
	})
	u.Path = "/" + name
	return u.String()
}

// TestReadmeIsFollowed: the script of the README runs each command of its section on backups, and so does what a reader
// would do. Only the place of the backups differs.
func TestReadmeIsFollowed(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/readme_backup.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n## Backup and restore\n")
	section, _, _ = strings.Cut(section, "\n## ")
	n := 0
	for line := range strings.Lines(section) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "bin/dianke ")
		if !ok || command == "serve" { // other tests serve
			continue
		}
		if n++; !strings.Contains(string(script), "exec dianke "+strings.ReplaceAll(command, "/mnt/", "mnt/")+"\n") {
			t.Errorf("the script does not run: dianke %s", command)
		}
	}
	if !found || n < 4 {
		t.Errorf("%d commands in the section", n)
	}
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
