package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/domain/customer"
	"dianke/internal/domain/interaction"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
)

// Crowd is how many customers a company for measuring has; it has twice as many cases and ten times as many contacts.
type Crowd struct {
	Customers int
	Told      func(done, all int) // called now and then; may be nil
}

// all is the number of records.
func (c Crowd) all() int { return 13 * c.Customers }

// crowdBatch is how many records one transaction writes.
const crowdBatch = 2_000

// Fill writes a crowd through the store, with history, audit and search like any record, but without clauses, events or
// checks: the company exists to be measured. Call it after [Builder.Build].
func (b *Builder) Fill(ctx context.Context, c Crowd) error {
	f := &filler{Builder: b, ctx: ctx, crowd: c, rnd: rand.New(rand.NewPCG(uint64(c.Customers), 11))}
	if err := f.meet(); err != nil {
		return err
	}
	for _, step := range []struct {
		typ  string
		n    int
		make func(i int) record.Entity
	}{
		{"customer", c.Customers, f.customer}, {"case", 2 * c.Customers, f.matter}, {"interaction", 10 * c.Customers, f.contact},
	} {
		if err := f.write(step.typ, step.n, step.make); err != nil {
			return fmt.Errorf("fill with %s: %w", step.typ, err)
		}
	}
	return nil
}

type filler struct {
	*Builder
	ctx       context.Context
	crowd     Crowd
	rnd       *rand.Rand
	staff     []*org.User
	customers []record.ID
	done      int
}

// meet learns who works in the company.
func (f *filler) meet() error {
	return f.Records.Runner.InTx(f.ctx, f.Guard.SystemScope("world", "cli", "user", record.Read), func(c *record.Call) error {
		list, err := record.Find[org.User](f.ctx, c, "user", record.Where("status", "active"), 200)
		for _, u := range list {
			if u.UnitID != 0 {
				f.staff = append(f.staff, u)
			}
		}
		if err == nil && len(f.staff) == 0 {
			err = fmt.Errorf("nobody works in a unit: %w", store.ErrScope)
		}
		return err
	})
}

func (f *filler) write(typ string, n int, make func(i int) record.Entity) error {
	scope := f.Guard.SystemScope("world", "cli", typ, record.Create)
	for from := 0; from < n; from += crowdBatch {
		err := f.Records.Runner.InTx(f.ctx, scope, func(c *record.Call) error {
			batch := f.Records.Store.Batch(c.Tx)
			for i := from; i < min(from+crowdBatch, n); i++ {
				e := make(i)
				w := store.Write{Type: f.Records.Store.Types.Type(typ), Scope: scope, Action: record.Create, After: e, Checked: true}
				if err := f.Records.Store.Put(f.ctx, c.Tx, w); err != nil {
					return err
				}
				if typ == "customer" {
					f.customers = append(f.customers, e.HeadOf().ID)
				}
			}
			return batch.Flush(f.ctx)
		})
		if err != nil {
			return err
		}
		f.done += min(crowdBatch, n-from)
		if f.crowd.Told != nil {
			f.crowd.Told(f.done, f.crowd.all())
		}
	}
	return nil
}

// head gives a record to somebody, on a day of the past two years: the later in the row, the nearer to now.
func (f *filler) head(i, n int) record.Head {
	who := pick(f.rnd, f.staff)
	at := f.Now.Add(-time.Duration(float64(n-i) / float64(n) * float64(2*365*24*time.Hour)))
	return record.Head{UnitID: who.UnitID, OwnerID: who.ID, CreatedAt: at, CreatedBy: who.ID}
}

func (f *filler) customer(i int) record.Entity {
	c := &customer.Customer{
		Head: f.head(i, f.crowd.Customers), Kind: "organisation", Industry: pick(f.rnd, industries()), Source: pick(f.rnd, []string{"phone", "visit", "event", "referral", "web_form"}),
		LegalBasis: "contract", Mobile: fmt.Sprintf("+86139%08d", f.rnd.IntN(100_000_000)), Mail: fmt.Sprintf("office%d@sample-customer.example", i),
		Address: fmt.Sprintf("330106 示范路%d号", 1+f.rnd.IntN(900)), Scale: pick(f.rnd, []string{"large", "medium", "small", "small"}),
		Intent: pick(f.rnd, []string{"priority", "ordinary", "ordinary", "potential"}), Stage: pick(f.rnd, []string{"lead", "active", "active", "dormant"}),
	}
	c.CollectedAt, c.CollectedBy = c.CreatedAt, c.CreatedBy
	if f.rnd.IntN(4) == 0 {
		c.Kind, c.Industry, c.Name = "person", "", pick(f.rnd, surnames())+string(pick(f.rnd, characters()))+string(pick(f.rnd, characters()))
		return c
	}
	c.Name = pick(f.rnd, places()) + string(pick(f.rnd, characters())) + string(pick(f.rnd, characters())) + pick(f.rnd, trades()) + "有限公司"
	return c
}

func (f *filler) matter(i int) record.Entity {
	kinds := []string{"inquiry", "complaint", "request", "suggestion", "praise"}
	kind := pick(f.rnd, kinds)
	told := pick(f.rnd, matters()[kind])
	k := &casework.Case{
		Head: f.head(i, 2*f.crowd.Customers), Kind: kind, Channel: pick(f.rnd, []string{"phone", "desk", "mail", "web_form"}), Subject: told[0], Content: told[1],
		CustomerID: pick(f.rnd, f.customers), Urgency: pick(f.rnd, []string{"low", "normal", "normal", "high"}), Severity: "normal", State: "closed",
		Item: fmt.Sprintf("订单 %08d", f.rnd.IntN(100_000_000)), OurFault: "unknown",
	}
	k.ReceivedAt, k.HandlerID = k.CreatedAt, k.OwnerID
	if i%50 == 0 {
		k.State = pick(f.rnd, []string{"received", "accepted", "answered"})
	}
	return k
}

func (f *filler) contact(i int) record.Entity {
	c := &interaction.Interaction{
		Head: f.head(i, 10*f.crowd.Customers), CustomerID: pick(f.rnd, f.customers), Channel: pick(f.rnd, []string{"call", "mail", "wechat", "visit"}),
		Direction: pick(f.rnd, []string{"in", "out"}), Kind: "service", Subject: pick(f.rnd, subjects()), Summary: pick(f.rnd, summaries()), Result: "reached",
	}
	c.At = c.CreatedAt
	return c
}

// characters are what made-up names are put together from: their pairs are some thousands, as in life.
func characters() []rune {
	return []rune("云川启衡禾木青岚远澄明屿拓野和畅星槎正坤恒沐松间泽涵临泉柏舟晴望集朗润合光嘉言景行知微听雪南山北辰一诺安然若溪书瑶子墨乐怀瑾海棠")
}
