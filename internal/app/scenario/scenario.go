// Package scenario proves clauses: it runs short scripts against the real application in process, with a real SQLite
// database, a clock the script sets and mail that goes nowhere.
//
// A script is a txtar file named after its clause. It passes only if the engine itself recorded outcomes for that clause
// in every direction its control has; a script that never exercises the clause fails, whatever it expects. The package
// is for tests; docs/scenarios.md describes the language.
package scenario

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"

	"github.com/rogpeppe/go-internal/testscript"
)

// Start is where the clock of every script stands at first: Monday 2026-03-02 09:00 in Shanghai.
var Start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// Suite runs the scripts of packs. It installs each set of packs once and copies the database for every script.
type Suite struct {
	mu        sync.Mutex
	templates map[string]string // pack id → data directory to copy
}

// Run runs every script of the pack's folder as a subtest.
func (s *Suite) Run(t *testing.T, packID, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios in %s", dir)
	}
	template := s.template(t, packID)
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			w, err := open(env.WorkDir, template)
			if err != nil {
				return err
			}
			env.Values[worldKey{}] = w
			env.Defer(func() { _ = w.app.Close() })
			return nil
		},
		Cmds: commands(),
	})
}

type worldKey struct{}

// template installs the pack with all it needs, once a suite.
func (s *Suite) template(t *testing.T, packID string) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if dir := s.templates[packID]; dir != "" {
		return dir
	}
	dir, err := os.MkdirTemp("", "dianke-scenario-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	a, err := openApp(dir, clock.NewFake(Start.Add(-time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := a.InstallPacks(ctx, "zh", packID); err != nil {
		t.Fatal(err)
	}
	if err := staff(ctx, a, packID); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if s.templates == nil {
		s.templates = map[string]string{}
	}
	s.templates[packID] = dir
	return dir
}

// staff gives every post of the packs one person who signs in by the key of the post.
func staff(ctx context.Context, a *app.App, packID string) error {
	list, err := a.Installer.Order(packID)
	if err != nil {
		return err
	}
	return a.InTx(ctx, "scenario", "test", func(c *record.Call) error {
		for _, p := range list {
			for _, post := range p.Posts {
				if err := hire(ctx, c, post.Key, post.Title.ZH, post.Key, post.Unit); err != nil {
					return fmt.Errorf("hire %s: %w", post.Key, err)
				}
			}
		}
		return signAll(ctx, c)
	})
}

// hire makes a person who holds a post in a unit.
func hire(ctx context.Context, c *record.Call, login, name, post, unit string) error {
	posts, err := record.Find[org.Post](ctx, c, "post", record.Where("key", post), 1)
	if err != nil || len(posts) == 0 {
		return fmt.Errorf("no post %q: %w", post, err)
	}
	units, err := record.Find[org.Unit](ctx, c, "unit", record.Where("key", unit), 1)
	if err != nil || len(units) == 0 {
		return fmt.Errorf("no unit %q: %w", unit, err)
	}
	since := Start.AddDate(-2, 0, 0)
	user := &org.User{Head: record.Head{UnitID: units[0].ID}, Name: name, Login: login, Status: "active", Language: "zh", Since: &since}
	if err := c.Work.Insert(ctx, c, "user", user); err != nil {
		return err
	}
	return c.Work.Insert(ctx, c, "posting", &org.Posting{UserID: user.ID, PostID: posts[0].ID, InUnit: units[0].ID, Main: true})
}

// signAll signs what the packs' regulations ask people to sign, so that a script begins with open doors. A script that
// proves an acknowledgement hires somebody new.
func signAll(ctx context.Context, c *record.Call) error {
	for {
		list, err := record.Find[regulation.Acknowledgement](ctx, c, "acknowledgement", record.Where("status", "outstanding"), 200)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, a := range list {
			a.Status, a.SignedAt = "signed", &c.Now
			if err := c.Work.Save(ctx, c, "acknowledgement", "sign", a); err != nil {
				return err
			}
		}
	}
}

func openApp(dir string, c clock.Clock) (*app.App, error) {
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + dir})
	if err != nil {
		return nil, err
	}
	return app.Open(context.Background(), cfg, app.Options{Clock: c, Mail: &mail.Fake{}, Scratch: true})
}

// world is what one script acts in.
type world struct {
	app     *app.App
	clock   *clock.Fake
	actor   record.Actor
	last    error
	mark    record.ID // outcomes after this one belong to the last step
	lastRec record.ID
	vars    map[string]ref
}

// ref is a record a script has named.
type ref struct {
	typ string
	id  record.ID
}

func open(dir, template string) (*world, error) {
	if err := copyDir(template, filepath.Join(dir, "data")); err != nil {
		return nil, err
	}
	fake := clock.NewFake(Start)
	a, err := openApp(filepath.Join(dir, "data"), fake)
	if err != nil {
		return nil, err
	}
	return &world{app: a, clock: fake, vars: map[string]ref{}}, nil
}

// copyDir copies the files of a closed data directory; it has no links.
func copyDir(from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		return copyFile(path, target)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}
