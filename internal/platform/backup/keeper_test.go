package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dianke/internal/platform/backup"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"

	"gocloud.dev/blob/memblob"
	"pgregory.net/rapid"
)

func keeper(t *testing.T, d *db.DB) (*backup.Keeper, *clock.Fake, *[]backup.Run) {
	t.Helper()
	in := open(t, d)
	fake := clock.NewFake(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	in.Clock = fake
	var serial atomic.Int64
	var told []backup.Run
	k := &backup.Keeper{Instance: *in, NextID: func() int64 { return serial.Add(1) }, Plan: backup.Plan{
		To: filepath.Join(t.TempDir(), "backups"), At: backup.Daily{150}, Keep: backup.Rule{Daily: 2}, Zone: time.UTC,
	}, Failed: func(_ context.Context, r backup.Run) error { told = append(told, r); return nil }}
	return k, fake, &told
}

func status(t *testing.T, k *backup.Keeper) *backup.Status {
	t.Helper()
	s, err := k.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestKeeperByDay: due once a day, kept by the rule, proven, booked.
func TestKeeperByDay(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, fake, told := keeper(t, d)
		for range 4 {
			for range 3 { // asked often, made once
				if err := k.Due(ctx); err != nil {
					t.Fatal(err)
				}
				fake.Advance(8 * time.Hour)
			}
		}
		s := status(t, k)
		if len(s.Stored) != 2 || s.Last == nil || !s.Last.OK || s.Last.Detail.Dropped != 1 || s.Fault(fake.Now()) != "" || s.Next.Hour() != 2 {
			t.Fatalf("stored %v, last %+v, next %v", s.Stored, s.Last, s.Next)
		}
		name := s.Stored[0].Name
		if r, err := k.Prove(ctx, name, "page"); err != nil || !r.OK || r.Detail.Rows < 1205 {
			t.Errorf("proof %+v, %v", r, err)
		}
		if got := status(t, k).Proofs[name]; !got.OK || len(got.Detail.Checks) < 8 {
			t.Errorf("booked proof %+v", got)
		}
		if _, err := k.Prove(ctx, "../secret", "page"); errs.KeyOf(err) != "backup.unknown" {
			t.Errorf("unknown name: %v", err)
		}
		if fake.Advance(72 * time.Hour); status(t, k).Fault(fake.Now()) != "unproven" || len(*told) != 1 {
			t.Errorf("fault %q, told %d", status(t, k).Fault(fake.Now()), len(*told))
		}
	})
}

func TestKeeperTellsOfFailure(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	k, fake, told := keeper(t, dbtest.SQLite(t))
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := k.Plan.To
	k.Plan.To = blocked
	if _, err := k.Back(ctx, "page"); errs.KeyOf(err) != "backup.place_wrong" {
		t.Errorf("err %v", err)
	}
	if s := status(t, k); s.Fault(fake.Now()) != "failed" || s.PlaceFault == nil || len(*told) != 1 || s.Last.Detail.FaultKey != "backup.place_wrong" {
		t.Errorf("status %+v, told %v", s, *told)
	}
	k.Plan.To = good
	fake.Advance(time.Minute)
	if _, err := k.Back(ctx, "page"); err != nil {
		t.Fatal(err)
	}
	if s := status(t, k); s.Fault(fake.Now()) != "" {
		t.Errorf("fault %q after a good one", s.Fault(fake.Now()))
	}
}

// TestStoppedRunDoesNotBlock: one at a time; what was killed blocks for hours at most.
func TestStoppedRunDoesNotBlock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	k, fake, _ := keeper(t, dbtest.SQLite(t))
	err := db.Do(ctx, k.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO backup_runs (id, kind, name, begun_at, detail) VALUES (900, 'backup', 'x', ?, '{}')", fake.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Back(ctx, "page"); errs.KeyOf(err) != "backup.running" {
		t.Errorf("beside another: %v", err)
	}
	if status(t, k).Running == nil {
		t.Error("the running one is not shown")
	}
	fake.Advance(13 * time.Hour)
	if _, err := k.Back(ctx, "page"); err != nil {
		t.Errorf("after half a day: %v", err)
	}
}

// TestHalfWrittenBackupIsNotThere: what breaks off leaves no file that looks like a backup.
func TestHalfWrittenBackupIsNotThere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir, err := backup.OpenPlace(ctx, filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*backup.Place{"directory": dir, "bucket": backup.NewPlace(memblob.OpenBucket(nil), "mem")} {
		broken := errors.New("line cut")
		at := backup.NameOf(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), true)
		_, err := p.Write(ctx, at, func(w io.Writer) error {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
		if list, err := p.List(ctx); err != nil || len(list) != 0 {
			t.Errorf("%s: %v, %v", name, list, err)
		}
		if n, err := p.Write(ctx, at, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }); err != nil || n != 5 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		list, err := p.List(ctx)
		if err != nil || len(list) != 1 || !list[0].Encrypted || list[0].Made.Second() != 5 {
			t.Errorf("%s: %v, %v", name, list, err)
		}
		if err := p.Delete(ctx, at); err != nil {
			t.Error(err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := backup.OpenPlace(ctx, "ftp://user:hush@host/x"); errs.KeyOf(err) != "backup.place_wrong" {
		t.Errorf("unknown address: %v", err)
	}
}

func TestRule(t *testing.T) {
	t.Parallel()
	var list []backup.Stored
	for i := range 400 { // one each day, from the newest
		at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC).AddDate(0, 0, -i)
		list = append(list, backup.Stored{Name: backup.NameOf(at, false), Made: at})
	}
	r, err := backup.ParseRule("daily=7, weekly=4,monthly=12")
	if err != nil {
		t.Fatal(err)
	}
	if kept := len(list) - len(r.Drop(list, time.UTC)); kept != 19 { // 7 days, of which two are the newest of their week, 2 more weeks, 11 more months less one
		t.Errorf("%d kept", kept)
	}
	for _, bad := range []string{"", "daily", "daily=-1", "hourly=3", "daily=x"} {
		if _, err := backup.ParseRule(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if drop := (backup.Rule{}).Drop(list[:1], time.UTC); len(drop) != 0 {
		t.Error("the newest goes")
	}
}

// TestRuleKeepsWhatItSays: whatever there is, the newest stays and no more than the sum of the numbers, plus it.
func TestRuleKeepsWhatItSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := backup.Rule{Daily: rapid.IntRange(0, 5).Draw(t, "d"), Weekly: rapid.IntRange(0, 5).Draw(t, "w"), Monthly: rapid.IntRange(0, 5).Draw(t, "m")}
		var list []backup.Stored
		newest := ""
		for _, h := range rapid.SliceOfNDistinct(rapid.IntRange(0, 20_000), 1, 80, rapid.ID[int]).Draw(t, "hours") {
			at := time.Date(2024, 1, 1, h, 0, 0, 0, time.UTC)
			list = append(list, backup.Stored{Name: backup.NameOf(at, false), Made: at})
			newest = max(newest, list[len(list)-1].Name)
		}
		drop := r.Drop(list, time.UTC)
		if kept := len(list) - len(drop); kept < 1 || kept > r.Daily+r.Weekly+r.Monthly+1 {
			t.Fatalf("%d kept by %+v", kept, r)
		}
		for _, s := range drop {
			if s.Name == newest {
				t.Fatal("the newest goes")
			}
		}
	})
}

func TestDaily(t *testing.T) {
	t.Parallel()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	d, err := backup.ParseDaily("13:00, 02:30")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 18, 31, 0, 0, time.UTC) // 02:31 in Shanghai
	if last := d.Last(now, shanghai); last.Format("02 15:04") != "03 02:30" {
		t.Errorf("last %v", last)
	}
	if next := d.Next(now, shanghai); next.Format("02 15:04") != "03 13:00" {
		t.Errorf("next %v", next)
	}
	if none, err := backup.ParseDaily(" "); err != nil || !none.Last(now, shanghai).IsZero() || !none.Next(now, shanghai).IsZero() {
		t.Errorf("no schedule: %v, %v", none, err)
	}
	if _, err := backup.ParseDaily("25:00"); err == nil || !strings.Contains(err.Error(), "02:30") {
		t.Errorf("25:00: %v", err)
	}
}
