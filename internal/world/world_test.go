package world_test

import (
	"context"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/mail"
	"dianke/internal/world"
)

func TestAMonthOfTheSampleCompany(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	fake := clock.NewFake(now)
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(ctx, cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Scratch: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: fake, Now: now, Days: 40}
	people, err := b.Build(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(people) < 10 || !fake.Now().Equal(now) {
		t.Errorf("%d people, clock at %v", len(people), fake.Now())
	}
	_, err = db.View(ctx, a.DB, func(tx *db.Tx) (int, error) {
		for typ, least := range map[string]int{"customer": 30, "case": 8, "interaction": 10, "acknowledgement": 10} {
			n, _, err := a.Store.Count(ctx, tx, a.Types.Type(typ), a.System("test", "test", typ, record.Read), record.Query{})
			if err != nil || n < least {
				t.Errorf("%d records of %s, want at least %d; %v", n, typ, least, err)
			}
		}
		outcomes, err := evidence.List(ctx, tx, evidence.Filter{})
		if err != nil || len(outcomes) == 0 {
			t.Errorf("%d outcomes, %v", len(outcomes), err)
		}
		_, _, err = audit.Verify(ctx, tx)
		return 0, err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestACompanyOfATrade(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	fake := clock.NewFake(now)
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(ctx, cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Scratch: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Samples: a.Samples, Clock: fake, Now: now, Trade: "hotel"}
	people, err := b.Build(ctx)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, p := range people {
		named[p.Login] = p.Name
	}
	if named["hotel_manager"] != "沈听澜" || !fake.Now().Equal(now) {
		t.Errorf("%v, clock at %v", named, fake.Now())
	}
	_, err = db.View(ctx, a.DB, func(tx *db.Tx) (int, error) {
		for typ, least := range map[string]int{"customer": 4, "case": 6, "interaction": 3} {
			n, _, err := a.Store.Count(ctx, tx, a.Types.Type(typ), a.System("test", "test", typ, record.Read), record.Query{})
			if err != nil || n < least || n > 40 {
				t.Errorf("%d records of %s, want at least %d of the trade alone; %v", n, typ, least, err)
			}
		}
		outcomes, err := evidence.List(ctx, tx, evidence.Filter{Clause: "r18.9.3"})
		if err != nil || len(outcomes) == 0 {
			t.Errorf("%d outcomes, %v", len(outcomes), err)
		}
		_, _, err = audit.Verify(ctx, tx)
		return 0, err
	})
	if err != nil {
		t.Error(err)
	}
}
