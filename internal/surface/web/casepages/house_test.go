package casepages_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/domain/casework"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/world"
)

var ctx = context.Background()

// now is Monday 2026-03-02 10:00 in Shanghai.
var now = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// house is the whole application over a copy of a small sample company.
type house struct {
	app    *app.App
	clock  *clock.Fake
	site   *webtest.Site
	people map[string]record.ID
}

// template builds the sample once; every test works on a copy of its own.
var template = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dianke-desk-")
	if err != nil {
		return "", err
	}
	fake := clock.NewFake(now)
	a, err := openApp(dir, fake)
	if err != nil {
		return dir, err
	}
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: fake, Now: now, Days: 12, Packs: []string{"service"}}
	if _, err := b.Build(ctx); err != nil {
		return dir, err
	}
	return dir, a.Close()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := template(); dir != "" {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

func openApp(dir string, c clock.Clock) (*app.App, error) {
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + dir})
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, cfg, app.Options{Clock: c, Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler)})
}

func openHouse(t *testing.T, wrap func(http.Handler) http.Handler) *house {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "secret"), 0o600); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	h := &house{clock: clock.NewFake(now), people: map[string]record.ID{}}
	if h.app, err = openApp(dir, h.clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.app.Close() })
	handler, err := h.app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	if wrap != nil {
		handler = wrap(handler)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	h.site = &webtest.Site{URL: srv.URL}
	h.in(t, func(c *record.Call) error {
		list, err := record.Find[org.User](ctx, c, "user", record.Filter{}, 200)
		for _, u := range list {
			h.people[u.Login] = u.ID
		}
		return err
	})
	return h
}

// in does something as the program.
func (h *house) in(t *testing.T, fn func(c *record.Call) error) {
	t.Helper()
	if err := h.app.InTx(ctx, "test", "test", fn); err != nil {
		t.Fatal(err)
	}
}

// hire makes a further person who holds a post in a new unit below the company.
func (h *house) hire(t *testing.T, login, post string) {
	t.Helper()
	h.in(t, func(c *record.Call) error {
		posts, err := record.Find[org.Post](ctx, c, "post", record.Where("key", post), 1)
		if err != nil || len(posts) == 0 {
			return fmt.Errorf("post %s: %w", post, err)
		}
		top, err := record.Find[org.Unit](ctx, c, "unit", record.Where("kind", "company"), 1)
		if err != nil || len(top) == 0 {
			return fmt.Errorf("company: %w", err)
		}
		unit := &org.Unit{Name: "外地分部", Kind: "department", ParentID: top[0].ID, Key: "far_" + login}
		if err := c.Work.Insert(ctx, c, "unit", unit); err != nil {
			return err
		}
		since := now.AddDate(-1, 0, 0)
		user := &org.User{Head: record.Head{UnitID: unit.ID}, Name: "远方同事", Login: login, Status: "active", Language: "zh", Since: &since}
		if err := c.Work.Insert(ctx, c, "user", user); err != nil {
			return err
		}
		h.people[login] = user.ID
		return c.Work.Insert(ctx, c, "posting", &org.Posting{UserID: user.ID, PostID: posts[0].ID, InUnit: unit.ID, Main: true})
	})
	h.app.Guard.Forget()
	if err := h.app.Identity.SetPassword(ctx, record.Actor{System: "test", Via: "test"}, h.people[login], world.Password, false); err != nil {
		t.Fatal(err)
	}
}

// do lets a person act and returns the record.
func (h *house) do(t *testing.T, login, typ, act string, id record.ID, in map[string]any) record.ID {
	t.Helper()
	a, err := h.app.Records.Actor(ctx, h.people[login])
	if err != nil {
		t.Fatal(err)
	}
	a.Via = "web"
	v, err := h.app.Records.Do(ctx, a, action.Command{Type: typ, Action: act, ID: id, Input: in})
	if err != nil || v == nil {
		t.Fatalf("%s: %s.%s: %v", login, typ, act, err)
	}
	return v.Record.ID
}

// set makes a record as the program.
func (h *house) set(t *testing.T, typ string, in map[string]any) record.ID {
	t.Helper()
	res, err := h.app.Runner.Do(ctx, h.app.System("test", "test", typ, record.Create), action.Command{Type: typ, Action: record.Create, Input: in})
	if err != nil {
		t.Fatal(err)
	}
	return res.Record.HeadOf().ID
}

func (h *house) load(t *testing.T, id record.ID) *casework.Case {
	t.Helper()
	var k *casework.Case
	h.in(t, func(c *record.Call) error {
		var err error
		k, err = record.Load[casework.Case](ctx, c, "case", id)
		return err
	})
	return k
}

// signIn returns the browser of a person.
func (h *house) signIn(t *testing.T, login string) *webtest.Browser {
	t.Helper()
	b := h.site.Browser(t)
	b.Post("/signin", url.Values{"login": {login}, "password": {world.Password}}).Want(http.StatusSeeOther)
	return b
}

const (
	officer    = "complaint_officer"
	specialist = "customer_service_specialist"
)

// complaint is one that was received and accepted.
func (h *house) complaint(t *testing.T, in map[string]any) record.ID {
	t.Helper()
	full := map[string]any{
		"kind": "complaint", "channel": "phone", "subject": "热水器漏水", "content": "装好两天就漏水，地板泡坏了。", "desired_result": "更换并赔偿地板",
		"contact_name": "陈女士", "contact_phone": "13900137000", "severity": "high", "urgency": "high", "no_person": true,
	}
	for k, v := range in {
		full[k] = v
	}
	return h.do(t, officer, "case", record.Create, 0, full)
}

// customer is a customer file of the officer's own.
func (h *house) customer(t *testing.T) record.ID {
	t.Helper()
	return h.set(t, "customer", map[string]any{
		"name": "海棠花园酒店", "kind": "organisation", "source": "phone", "legal_basis": "contract", "mobile": "13900137002", "owner_id": h.people["account_manager"].String(),
		"unit_id": h.load(t, h.complaint(t, map[string]any{"subject": "空调噪声"})).UnitID.String(),
	})
}

// filedCase is a complaint that went all the way into the volume of the year, with an original.
func (h *house) filedCase(t *testing.T, category record.ID) record.ID {
	t.Helper()
	id := h.complaint(t, map[string]any{"category_id": category.String(), "subject": "水管接口渗水"})
	h.set(t, "case_material", map[string]any{"case_id": id.String(), "title": "现场照片", "form": "original", "pages": "3", "place": "B-12"})
	h.in(t, func(c *record.Call) error {
		k, err := record.Load[casework.Case](ctx, c, "case", id)
		if err != nil {
			return err
		}
		k.State, k.ClosedAt, k.VolumeYear = casework.Filed, c.Now, 2026
		k.AcceptedAt, k.FiledAt, k.Shelf, k.Result, k.Remedy = c.Now, c.Now, "B-12", "upheld", []string{"repair", "apology"}
		k.TrueCause, k.FileList = "垫圈老化", "一、登记表 二、照片三张"
		return c.Work.Save(ctx, c, "case", "file", k)
	})
	return id
}
