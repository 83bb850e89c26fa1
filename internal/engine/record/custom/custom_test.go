package custom_test

import (
	"context"
	"testing"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/custom"
	"dianke/internal/engine/record/storetest"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

func fields(b *storetest.Bench) *custom.Fields {
	return &custom.Fields{DB: b.DB, Types: b.Store.Types, Next: b.Store.IDs.Next, Log: b.Store.Log}
}

func spec(change func(*custom.Spec)) custom.Spec {
	f := custom.Spec{
		Type: "gadget", Name: "colour", Kind: "enum", Class: "internal", Options: []string{" red ", "blue", "", "red"},
		Labels: map[string]string{"zh": "颜色", "en": "Colour"},
	}
	change(&f)
	return f
}

func TestFieldsAreStoredAndSurviveARestart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := storetest.New(t, d), context.Background()
		scope := b.Scope(b.Gadget, record.Update, storetest.Everything)
		if err := fields(b).Add(ctx, scope, spec(func(*custom.Spec) {})); err != nil {
			t.Fatal(err)
		}
		g := b.Create(t, map[string]any{"name": "lamp", "colour": "red"})
		if g.Custom["colour"] != "red" {
			t.Errorf("custom = %v", g.Custom)
		}
		if err := b.Store.Types.Extend("gadget", nil); err != nil { // as after a start, before Load
			t.Fatal(err)
		}
		if err := fields(b).Load(ctx); err != nil {
			t.Fatal(err)
		}
		f := b.Store.Types.Type("gadget").Field("colour")
		if f == nil || len(f.Options.Enum) != 2 || f.Labels["zh"] != "颜色" {
			t.Fatalf("field after loading: %+v", f)
		}
		list, err := fields(b).List(ctx, "gadget")
		if err != nil || len(list) != 1 {
			t.Fatalf("list %+v, %v", list, err)
		}
		if err := fields(b).Remove(ctx, scope, "gadget", list[0].ID); err != nil {
			t.Fatal(err)
		}
		if b.Store.Types.Type("gadget").Field("colour") != nil {
			t.Error("the field is still there")
		}
	})
}

func TestFieldsAreChecked(t *testing.T) {
	t.Parallel()
	b, ctx := storetest.New(t, dbtest.SQLite(t)), context.Background()
	all := b.Scope(b.Gadget, record.Update, storetest.Everything)
	tests := map[string]struct {
		scope  record.Scope
		change func(*custom.Spec)
		key    string
	}{
		"no scope":        {record.Scope{}, func(*custom.Spec) {}, "access.denied"},
		"not all rows":    {b.Scope(b.Gadget, record.Update, record.Rows{Owner: 1}), func(*custom.Spec) {}, "access.denied"},
		"another type":    {b.Scope(b.Part, record.Update, storetest.Everything), func(*custom.Spec) {}, "access.denied"},
		"declared name":   {all, func(f *custom.Spec) { f.Name = "name" }, "field.not_unique"},
		"head name":       {all, func(f *custom.Spec) { f.Name = "owner_id" }, "field.not_unique"},
		"SQL in the name": {all, func(f *custom.Spec) { f.Name = "a'); DROP" }, "custom.name"},
		"unknown kind":    {all, func(f *custom.Spec) { f.Kind = "ref" }, "custom.kind"},
		"sensitive":       {all, func(f *custom.Spec) { f.Class = "sensitive" }, "custom.class"},
		"no options":      {all, func(f *custom.Spec) { f.Options = nil }, "custom.options"},
		"no label":        {all, func(f *custom.Spec) { f.Labels = map[string]string{"zh": "颜色"} }, "field.required"},
	}
	for name, tt := range tests {
		if err := fields(b).Add(ctx, tt.scope, spec(tt.change)); errs.KeyOf(err) != tt.key {
			t.Errorf("%s: %v, want %s", name, err, tt.key)
		}
	}
	if err := fields(b).Add(ctx, all, spec(func(*custom.Spec) {})); err != nil {
		t.Fatal(err)
	}
	if err := fields(b).Add(ctx, all, spec(func(*custom.Spec) {})); errs.KeyOf(err) != "field.not_unique" {
		t.Errorf("the same name again: %v", err)
	}
}
