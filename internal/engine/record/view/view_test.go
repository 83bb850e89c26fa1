package view_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/view"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

func TestViewsBelongToTheirOwner(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Make(t, d, schema.Engine()...)
		fake := clock.NewFake(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC))
		s := &view.Store{DB: d, Clock: fake, IDs: ids.NewSource(fake, 1)}
		ctx := context.Background()
		save := func(v view.View) record.ID {
			t.Helper()
			v.Type = "customer"
			id, err := s.Save(ctx, v)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		mine := save(view.View{Owner: 1, Name: " 大客户 ", Query: "f=size:in:large"})
		save(view.View{Owner: 2, Name: "共享", Query: "q=a", Shared: true})
		save(view.View{Owner: 2, Name: "私有", Query: "q=b"})
		if again := save(view.View{Owner: 1, Name: "大客户", Query: "f=size:in:small"}); again != mine {
			t.Error("a name used twice makes two views")
		}
		list, err := s.List(ctx, 1, "customer")
		if err != nil || len(list) != 2 || list[0].Name != "大客户" || list[0].Query != "f=size:in:small" || !list[1].Shared {
			t.Fatalf("list = %+v, %v", list, err)
		}
		if other, err := s.List(ctx, 1, "case"); err != nil || len(other) != 0 {
			t.Errorf("views of another type: %+v, %v", other, err)
		}
		if err := s.Remove(ctx, 2, mine); !errs.Is(err, errs.NotFound) {
			t.Errorf("somebody else removes it: %v", err)
		}
		if err := s.Remove(ctx, 1, mine); err != nil {
			t.Error(err)
		}
	})
}

func TestViewsAreChecked(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	dbtest.Make(t, d, schema.Engine()...)
	fake := clock.NewFake(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC))
	s := &view.Store{DB: d, Clock: fake, IDs: ids.NewSource(fake, 1)}
	tests := map[string]struct {
		name, query, key string
	}{
		"no name":    {" ", "q=a", "field.required"},
		"long name":  {strings.Repeat("长", 41), "q=a", "field.too_long"},
		"bad query":  {"a", "q=%zz", "filter.syntax"},
		"long query": {"a", "q=" + strings.Repeat("a", 5000), "filter.syntax"},
	}
	for name, tt := range tests {
		_, err := s.Save(context.Background(), view.View{Type: "customer", Owner: 1, Name: tt.name, Query: tt.query})
		if errs.KeyOf(err) != tt.key {
			t.Errorf("%s: %v, want %s", name, err, tt.key)
		}
	}
	for i := range 50 {
		if _, err := s.Save(context.Background(), view.View{Type: "customer", Owner: 1, Name: fmt.Sprint("view ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Save(context.Background(), view.View{Type: "customer", Owner: 1, Name: "one more"}); !errs.Is(err, errs.Conflict) {
		t.Errorf("view 51: %v, want a conflict", err)
	}
}
