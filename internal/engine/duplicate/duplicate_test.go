package duplicate_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/duplicate"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/vault"
)

var ctx = context.Background()

type bench struct {
	db    *db.DB
	clock *clock.Fake
	*duplicate.Finder
}

func newBench(t testing.TB, d *db.DB) *bench {
	t.Helper()
	reg := record.NewRegistry()
	org.Register(reg)
	customer.Register(reg)
	duplicate.Register(reg)
	dbtest.Make(t, d, append(schema.Tables(reg), audit.Tables()...)...)
	keys, err := vault.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC))
	st := &store.Store{Types: reg, Audit: audit.New(fake), Keys: keys, Clock: fake, IDs: ids.NewSource(fake, 1)}
	return &bench{db: d, clock: fake, Finder: &duplicate.Finder{
		Store: st, Runner: &action.Runner{DB: d, Store: st}, Profiles: []duplicate.Profile{customer.Likeness()},
	}}
}

func scope(typ, act string) record.Scope {
	all := record.Rows{All: true}
	return record.NewScope(record.Scope{
		Actor: record.Actor{System: "test"}, Type: typ, Action: act, Visible: all, Clear: map[record.Class]record.Rows{record.Personal: all, record.Sensitive: all},
	})
}

func (b *bench) add(t testing.TB, list ...*customer.Customer) {
	t.Helper()
	err := b.Runner.InTx(ctx, scope("customer", record.Create), func(c *record.Call) error {
		for _, e := range list {
			if e.Kind == "" {
				e.Kind = customer.Organisation
			}
			e.Source, e.LegalBasis = "visit", "contract"
			if err := c.Work.Insert(ctx, c, "customer", e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) look(t testing.TB) duplicate.Summary {
	t.Helper()
	sum, err := b.Look(ctx, scope)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func (b *bench) pairs(t testing.TB, status string) []*duplicate.Pair {
	t.Helper()
	var out []*duplicate.Pair
	err := b.Runner.InTx(ctx, scope("duplicate", record.Read), func(c *record.Call) error {
		var err error
		out, err = record.Find[duplicate.Pair](ctx, c, "duplicate", record.Where("status", status), 200)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (b *bench) like(t testing.TB, cand *customer.Customer) []string {
	t.Helper()
	if cand.Kind == "" {
		cand.Kind = customer.Organisation
	}
	found, err := db.View(ctx, b.db, func(tx *db.Tx) ([]duplicate.Match, error) {
		return b.Like(ctx, tx, scope("customer", record.Read), cand, 5)
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range found {
		out = append(out, fmt.Sprint(m.Record.(*customer.Customer).Name, " ", m.Score, " ", strings.Join(m.Reasons, ",")))
	}
	return out
}

func TestLikeFindsWhatMayBeTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.add(t,
			&customer.Customer{Name: "浙江远山商贸有限公司", Mobile: "+8613900139000"}, &customer.Customer{Name: "北京电信有限公司"},
			&customer.Customer{Name: "近水进出口贸易股份有限公司", CreditCode: "91330100799655058B"}, &customer.Customer{Name: "张伟", Kind: customer.Person, IDCard: "11010519491231002X"},
			&customer.Customer{Name: "王芳", Kind: customer.Person, Mail: "wf@example.com"},
		)
		tests := []struct {
			cand *customer.Customer
			want []string
		}{
			{&customer.Customer{Name: "远山商贸股份有限公司"}, []string{"浙江远山商贸有限公司 60 same_name"}},
			{&customer.Customer{Name: "杭州远山商贸有限公司"}, nil},
			{&customer.Customer{Name: "上海电信有限公司"}, nil},
			{&customer.Customer{Name: "浙江远杉商贸公司"}, []string{"浙江远山商贸有限公司 55 same_sound"}},
			{&customer.Customer{Name: "近水进出口贸易"}, []string{"近水进出口贸易股份有限公司 70 same_name"}},
			{&customer.Customer{Name: "近水进出囗贸易", CreditCode: "91330100799655058B"}, []string{"近水进出口贸易股份有限公司 100 credit_code,similar_name"}},
			{&customer.Customer{Name: "近水进出口贸易", CreditCode: "91110000802100433B"}, nil},
			{&customer.Customer{Name: "别的", Phone: "+8613900139000"}, []string{"浙江远山商贸有限公司 60 phone"}},
			{&customer.Customer{Name: "张伟", Kind: customer.Person}, nil},
			{&customer.Customer{Name: "张 伟", Kind: customer.Person, IDCard: "11010519491231002X"}, []string{"张伟 100 id_card,same_name"}},
			{&customer.Customer{Name: "王芳", Kind: customer.Person, Mail: "WF@example.com"}, []string{"王芳 85 mail,same_name"}},
		}
		b.look(t)
		for _, tt := range tests {
			if got := b.like(t, tt.cand); !slices.Equal(got, tt.want) {
				t.Errorf("like %s: %q, want %q", tt.cand.Name, got, tt.want)
			}
		}
	})
}

func TestOneEnteredAMinuteAgoIsFound(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	b.add(t, &customer.Customer{Name: "远山", Mobile: "+8613900139000"})
	if got := b.like(t, &customer.Customer{Name: "x", Mobile: "+8613900139000"}); len(got) != 1 {
		t.Errorf("found %q", got)
	}
}

func TestTheLookWritesPairsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		one, two, three := &customer.Customer{Name: "远山商贸有限公司"}, &customer.Customer{Name: "远山商贸"}, &customer.Customer{Name: "近水", Mobile: "+8613900139000"}
		b.add(t, one, two, three)
		if sum := b.look(t); sum.Found != 1 {
			t.Errorf("first look: %+v", sum)
		}
		b.clock.Advance(time.Hour)
		if sum := b.look(t); sum.Found != 0 {
			t.Errorf("second look: %+v", sum)
		}
		list := b.pairs(t, duplicate.Open)
		if len(list) != 1 || list[0].Label != one.Number+" / "+two.Number || *list[0].Score != 70 || !slices.Equal(list[0].Reasons, []string{duplicate.SameName}) {
			t.Fatalf("pairs %+v", list)
		}
		b.do(t, "duplicate", "differ", list[0].ID, map[string]any{"remark": "母子公司"})
		b.clock.Advance(time.Hour)
		b.do(t, "customer", record.Update, two.ID, map[string]any{"industry": "茶"})
		b.do(t, "customer", record.Update, three.ID, map[string]any{"name": "远山商贸集团"})
		if sum := b.look(t); sum.Found != 2 || len(b.pairs(t, duplicate.Different)) != 1 {
			t.Errorf("after a decision and a change: %+v", sum)
		}
		merged, err := b.Runner.Merge(ctx, scope("customer", record.Merge), action.Merge{Type: "customer", Survivor: one.ID, Others: []record.ID{three.ID}})
		if err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(time.Hour)
		if sum := b.look(t); sum.Closed != 2 || len(b.pairs(t, duplicate.Merged)) != 2 {
			t.Errorf("after a merge: %+v", sum)
		}
		if _, err := b.Runner.Unmerge(ctx, scope("customer", record.Merge), merged.ID); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(time.Hour)
		if sum := b.look(t); sum.Found != 2 || len(b.pairs(t, duplicate.Open)) != 2 {
			t.Errorf("after the undo: %+v, %d open", sum, len(b.pairs(t, duplicate.Open)))
		}
	})
}

func (b *bench) do(t testing.TB, typ, act string, id record.ID, in map[string]any) {
	t.Helper()
	if _, err := b.Runner.Do(ctx, scope(typ, act), action.Command{Type: typ, Action: act, ID: id, Input: in}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatManyShareTellsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	for i := range 40 {
		b.add(t, &customer.Customer{Name: fmt.Sprintf("第%d号铺面经营部", i*i+1000), Phone: "+864008001234"})
	}
	b.look(t)
	if got := b.like(t, &customer.Customer{Name: "x", CreditCode: "91330100799655058B"}); len(got) != 0 {
		t.Errorf("found %q", got)
	}
	if n := len(b.pairs(t, duplicate.Open)); n > 350 {
		t.Errorf("%d pairs of a switchboard's number", n)
	}
}

// BenchmarkLook compares customers with each other: go test -bench Look/20000 -benchtime 1x.
func BenchmarkLook(b *testing.B) {
	for _, size := range []int{20_000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchLook(b, size) })
	}
}

func benchLook(b *testing.B, size int) {
	syllables := []rune("山水云松竹梅兰菊金银玉石天地日月星辰春夏秋冬东西南北福禄寿喜华夏龙凤")
	name := func(i int) string {
		n := len(syllables)
		return string([]rune{syllables[i%n], syllables[i/n%n], syllables[i/n/n%n], syllables[(i*7)%n]}) + []string{"商贸", "科技", "实业", "餐饮管理"}[i%4] + "有限公司"
	}
	for b.Loop() {
		x := newBench(b, dbtest.SQLite(b))
		for start := 0; start < size; start += 1000 {
			var list []*customer.Customer
			for i := start; i < start+1000; i++ {
				list = append(list, &customer.Customer{Name: name(i), Mobile: fmt.Sprintf("+86139%08d", i)})
			}
			x.fill(b, list)
		}
		at := time.Now()
		sum := x.look(b)
		b.ReportMetric(time.Since(at).Seconds(), "s/look")
		b.ReportMetric(float64(sum.Found), "pairs")
		at = time.Now()
		for i := range 200 {
			x.like(b, &customer.Customer{Name: name(i * size / 250), Mobile: fmt.Sprintf("+86139%08d", i*size/250)})
		}
		b.ReportMetric(float64(time.Since(at).Microseconds())/200/1000, "ms/like")
		x.clock.Advance(time.Hour)
		at = time.Now()
		x.look(b)
		b.ReportMetric(time.Since(at).Seconds(), "s/second-look")
	}
}

// fill writes many customers as an import does.
func (b *bench) fill(t testing.TB, list []*customer.Customer) {
	t.Helper()
	typ := b.Store.Types.Type("customer")
	err := db.Do(ctx, b.db, func(tx *db.Tx) error {
		batch := b.Store.Batch(tx)
		for _, e := range list {
			e.Kind, e.Source, e.LegalBasis, e.Stage = customer.Organisation, "visit", "contract", customer.Lead
			if err := b.Store.Put(ctx, tx, store.Write{Type: typ, Scope: scope("customer", record.Create), Action: record.Create, After: e, Checked: true}); err != nil {
				return err
			}
		}
		return batch.Flush(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}
