// Package world builds the sample company that the demonstration and the tests share.
//
// The company works through a year: a clock moves from day to day, people create customers, log contacts and work
// cases through the same door as everybody, under the regulations of the packs. So every outcome, clock and history of
// the sample is real. All names are fictitious; the telephone numbers belong to nobody. Refusals by a clause are part of
// the picture and left as they are.
//
// With a trade, the company is that of one pack: people of its posts, and the sample of the pack instead of the year.
package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/pack/install"
	"dianke/internal/engine/pack/sample"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/errs"
)

// Password is what everybody of the sample company signs in with. It exists nowhere else.
const Password = "dianke-sample-2026"

// Builder holds what the sample company is built with. Clock must be the clock the application was opened with.
type Builder struct {
	Records   *access.Records
	Guard     *access.Guard
	Engine    *regulation.Engine
	Identity  *identity.Service
	Installer *install.Installer
	Clock     *clock.Fake
	Samples   *sample.Loader // needed with Trade only
	Packs     []string       // installed first; general where empty
	Trade     string         // pack whose sample is told instead of the year; Packs do not count then
	Now       time.Time      // the day the year ends on
	Days      int            // length of the story; 365 where 0
	Bare      bool           // the company and its people alone, without a story
}

// Person is somebody who can sign in to the sample.
type Person struct{ Login, Name, Post string }

// teller is the running story.
type teller struct {
	*Builder
	ctx       context.Context
	rnd       *rand.Rand
	people    map[string]record.ID // by login
	list      []Person
	customers []record.ID
	steps     []step
}

// step is something that will happen.
type step struct {
	at  time.Time
	who string
	cmd action.Command
	// next is called with the record once the step is done
	next func(record.ID)
}

// Build writes the company and returns who can sign in. The clock ends at Now.
func (b *Builder) Build(ctx context.Context) ([]Person, error) {
	if len(b.Packs) == 0 {
		b.Packs = []string{"general"}
	}
	if b.Days == 0 {
		b.Days = 365
	}
	t := &teller{Builder: b, ctx: ctx, rnd: rand.New(rand.NewPCG(20260302, 7)), people: map[string]record.ID{}}
	chapters := []func() error{t.install, t.arrange, t.staff, t.firstCustomers, t.year, t.renew}
	if b.Bare {
		b.Days, chapters = 1, chapters[:3]
	}
	if b.Trade != "" {
		b.Packs, b.Days, chapters = []string{b.Trade}, tradeDays, []func() error{t.install, t.arrange, t.staff, t.ofTrade}
	}
	b.Clock.Set(b.Now.AddDate(0, 0, -b.Days))
	for _, chapter := range chapters {
		if err := chapter(); err != nil {
			return nil, fmt.Errorf("sample company: %w", err)
		}
	}
	b.Clock.Set(b.Now)
	return t.list, nil
}

func (t *teller) system(fn func(c *record.Call) error) error {
	return t.Records.Runner.InTx(t.ctx, t.Guard.SystemScope("world", "cli", "unit", record.Create), fn)
}

func (t *teller) install() error {
	list, err := t.Installer.Order(t.Packs...)
	if err != nil {
		return err
	}
	return t.system(func(c *record.Call) error {
		if err := t.Installer.EnsureRoles(t.ctx, c, "zh"); err != nil {
			return err
		}
		for _, p := range list {
			if err := t.Installer.Install(t.ctx, c, p, "zh", true); err != nil {
				return err
			}
		}
		return nil
	})
}

// arrange sets the service desk below the customer department, whose manager answers for both.
func (t *teller) arrange() error {
	return t.system(func(c *record.Call) error {
		found := map[string]*org.Unit{}
		for _, key := range []string{"customer_department", "service"} {
			list, err := record.Find[org.Unit](t.ctx, c, "unit", record.Where("key", key), 1)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				found[key] = list[0]
			}
		}
		if len(found) < 2 {
			return nil // the packs of a smaller company
		}
		found["service"].ParentID = found["customer_department"].ID
		return c.Work.Save(t.ctx, c, "unit", record.Update, found["service"])
	})
}

// staff hires one person a post and signs what they are asked to sign, but for a few who have not got round to it.
func (t *teller) staff() error {
	list, err := t.Installer.Order(t.Packs...)
	if err != nil {
		return err
	}
	for _, p := range list {
		for _, post := range p.Posts {
			if err := t.hire(post.Key, post.Unit, post.Title.ZH); err != nil {
				return err
			}
		}
	}
	t.Guard.Forget()
	for i, p := range t.list {
		if err := t.sign(p.Login, i%9 == 8 && !t.plays(p.Login)); err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) hire(post, unit, title string) error {
	name := t.name()
	if said := t.told(post); said != "" {
		name = said
	}
	user := &org.User{
		Name: name, Login: post, Status: "active", Language: "zh", Mail: post + "@dianke.example",
		Mobile: fmt.Sprintf("+8613800138%03d", len(t.list)),
	}
	since := t.Clock.Now().AddDate(-1-t.rnd.IntN(6), -t.rnd.IntN(12), 0)
	user.Since = &since
	err := t.system(func(c *record.Call) error {
		posts, err := record.Find[org.Post](t.ctx, c, "post", record.Where("key", post), 1)
		if err != nil || len(posts) == 0 {
			return fmt.Errorf("post %s: %w", post, err)
		}
		units, err := record.Find[org.Unit](t.ctx, c, "unit", record.Where("key", unit), 1)
		if err != nil || len(units) == 0 {
			return fmt.Errorf("unit %s: %w", unit, err)
		}
		user.UnitID = units[0].ID
		if err := c.Work.Insert(t.ctx, c, "user", user); err != nil {
			return err
		}
		return c.Work.Insert(t.ctx, c, "posting", &org.Posting{UserID: user.ID, PostID: posts[0].ID, InUnit: units[0].ID, Main: true})
	})
	if err != nil {
		return err
	}
	t.people[post] = user.ID
	t.list = append(t.list, Person{Login: post, Name: name, Post: title})
	return t.Identity.SetPassword(t.ctx, record.Actor{System: "world", Via: "cli"}, user.ID, Password, false)
}

// sign signs everything a person is asked to sign; a slow one leaves the last.
func (t *teller) sign(login string, slow bool) error {
	var open []record.ID
	err := t.system(func(c *record.Call) error {
		list, err := record.Find[regulation.Acknowledgement](t.ctx, c, "acknowledgement",
			record.All(record.Where("owner_id", t.people[login]), record.Where("status", "outstanding")), 100)
		for _, a := range list {
			open = append(open, a.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	if slow && len(open) > 0 {
		open = open[:len(open)-1]
	}
	for _, id := range open {
		if err := t.do(login, action.Command{Type: "acknowledgement", Action: "sign", ID: id}, nil); err != nil {
			return err
		}
	}
	return nil
}

// do lets a person act. What a clause refuses, or a state no longer allows, is part of the story.
func (t *teller) do(login string, cmd action.Command, next func(record.ID)) error {
	a, err := t.Records.Actor(t.ctx, t.people[login])
	if err != nil {
		return fmt.Errorf("%s: %w", login, err)
	}
	a.Via = "web"
	v, err := t.Records.Do(t.ctx, a, cmd)
	switch {
	case errs.Is(err, errs.Refused), errs.Is(err, errs.Conflict), errs.Is(err, errs.Forbidden), errs.Is(err, errs.NotFound):
		return nil
	case err != nil:
		return fmt.Errorf("%s: %s.%s: %w", login, cmd.Type, cmd.Action, err)
	}
	if next != nil && v != nil {
		next(v.Record.ID)
	}
	return nil
}

// later plans a step on a working hour after the present one.
func (t *teller) later(hours int, s step) {
	at := t.Clock.Now().Add(time.Duration(hours)*time.Hour + time.Duration(t.rnd.IntN(50))*time.Minute)
	for local := at.In(shanghai()); local.Weekday() == time.Saturday || local.Weekday() == time.Sunday || local.Hour() < 9 || local.Hour() > 17; local = at.In(shanghai()) {
		at = at.Add(3 * time.Hour)
	}
	s.at = at
	t.steps = append(t.steps, s)
}

func shanghai() *time.Location { return time.FixedZone("CST", 8*3600) }

func (t *teller) name() string {
	return pick(t.rnd, surnames()) + pick(t.rnd, given())
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
