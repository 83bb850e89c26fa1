package identity_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"

	"github.com/alexedwards/argon2id"
)

var ctx = context.Background()

const good = "紫色的河流在三月结冰"

var home = identity.Client{Address: "192.0.2.7", Agent: "Firefox", Via: "web"}

// bench is a company with sign-in, and hashing that costs little.
type bench struct {
	*accesstest.Bench
	id *identity.Service
}

func cheap() identity.Options {
	return identity.Options{Hash: argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}}
}

func each(t *testing.T, fn func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := &bench{Bench: accesstest.New(t, d, identity.Tables()...)}
		b.id = identity.New(b.Records.Runner, b.Guard, cheap())
		b.Records.Runner.Gates = append(b.Records.Runner.Gates, identity.Gate{Service: b.id})
		fn(t, b)
	})
}

// person hires somebody with the good password.
func (b *bench) person(t *testing.T, login, role string) record.Actor {
	t.Helper()
	a := b.Hire(t, login, role, b.Company)
	if err := b.id.SetPassword(ctx, record.Actor{System: "cli"}, a.UserID, good, false); err != nil {
		t.Fatal(err)
	}
	return a
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return errs.KeyOf(err)
}

func TestPasswordRules(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for password, want := range map[string]string{
			good:                       "",
			"correct horse battery":    "",
			"你好，世界！再见，明天":              "",
			"short":                    "identity.password.short",
			"九个字符的密码不够":                "identity.password.short",
			strings.Repeat("ab1é", 65): "identity.password.long",
			"anna.meier.1":             "identity.password.login",
			"ANNA.MEIER":               "identity.password.login",
			"aaaaaaaaaaaa":             "identity.password.monotonous",
			"ababababababab":           "identity.password.monotonous",
			"abcdefghijkl":             "identity.password.monotonous",
			"Password123":              "identity.password.common",
			"woaini1314520":            "identity.password.common",
			"tab\tinside it":           "identity.password.characters",
			"bad\xff\xfebytes here":    "identity.password.characters",
		} {
			if got := key(b.id.CheckPassword(ctx, password, "anna.meier", "安娜")); got != want {
				t.Errorf("%q: %q, want %q", password, got, want)
			}
		}
	})
}

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.person(t, "Anna", "clerk")
		b.Hire(t, "nopass", "clerk", b.North)
		for name, tt := range map[string]struct{ login, password, want string }{
			"right":                   {"Anna", good, ""},
			"name in another case":    {" anna ", good, ""},
			"wrong password":          {"Anna", "wrong password", "identity.wrong"},
			"empty password":          {"Anna", "", "identity.wrong"},
			"unknown":                 {"nobody", good, "identity.wrong"},
			"nothing":                 {"", "", "identity.wrong"},
			"never given a password":  {"nopass", "", "identity.wrong"},
			"password far too long":   {"Anna", strings.Repeat("x", 5000), "identity.wrong"},
			"wildcard is no name":     {"%", good, "identity.wrong"},
			"case of password counts": {"Anna", strings.ToUpper("Purple river") + good, "identity.wrong"},
		} {
			in, err := b.id.SignIn(ctx, tt.login, tt.password, home)
			if key(err) != tt.want || err == nil && in.User != anna.UserID {
				t.Errorf("%s: %v, %v, want %q", name, in, err, tt.want)
			}
		}
		for _, e := range b.Audited(t, "session.refused") {
			for _, v := range e.Detail {
				if strings.Contains(fmt.Sprint(v), "nobody") || strings.Contains(fmt.Sprint(v), "wrong password") {
					t.Errorf("audit entry holds what was typed: %v", e.Detail)
				}
			}
		}
	})
}

func TestBruteForceIsSlowedByName(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.person(t, "anna", "clerk")
		for _, login := range []string{"anna", "nobody"} { // an unknown name behaves alike
			from := func(i int) identity.Client {
				return identity.Client{Address: "198.51.100." + string(rune('0'+i)), Via: "web"}
			}
			for i := range 5 {
				if _, err := b.id.SignIn(ctx, login, "guess", from(i)); key(err) != "identity.wrong" {
					t.Fatalf("%s, guess %d: %v", login, i, err)
				}
			}
			waits := []time.Duration{}
			for range 12 {
				_, err := b.id.SignIn(ctx, login, good, home)
				if !errs.Is(err, errs.TooMany) {
					t.Fatalf("%s: no wait, %v", login, err)
				}
				secs, _ := errs.As(err).Args["seconds"].(int64)
				waits = append(waits, time.Duration(secs)*time.Second)
				b.Clock.Advance(time.Duration(secs) * time.Second)
				if _, err := b.id.SignIn(ctx, login, "guess", home); key(err) != "identity.wrong" {
					t.Fatalf("%s, after waiting: %v", login, err)
				}
			}
			if waits[0] != time.Second || waits[3] != 8*time.Second || waits[11] != 15*time.Minute {
				t.Errorf("%s: waits %v", login, waits)
			}
			b.Clock.Advance(25 * time.Hour)
		}
		if _, err := b.id.SignIn(ctx, "anna", good, home); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}

func TestBruteForceIsSlowedByAddress(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.person(t, "anna", "clerk")
		guess := func(login, address string) error {
			_, err := b.id.SignIn(ctx, login, "guess", identity.Client{Address: address})
			return err
		}
		for i := range 20 {
			if err := guess("user"+string(rune('a'+i)), "2001:db8:1:2::"+string(rune('1'+i%8))); key(err) != "identity.wrong" {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
		if err := guess("another", "2001:db8:1:2:ffff::9"); !errs.Is(err, errs.TooMany) {
			t.Errorf("same network: %v", err)
		}
		if err := guess("another", "2001:db8:1:3::1"); key(err) != "identity.wrong" {
			t.Errorf("other network: %v", err)
		}
		b.Clock.Advance(time.Second)
		if _, err := b.id.SignIn(ctx, "anna", good, identity.Client{Address: "2001:db8:1:2::1"}); err != nil {
			t.Errorf("right password after the wait: %v", err)
		}
	})
}

func TestHashIsRenewedWhenParametersChange(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.person(t, "anna", "clerk")
		read := func() (h string) {
			if _, err := db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
				return 0, tx.QueryRow(ctx, "SELECT hash FROM credentials WHERE user_id = ?", anna.UserID).Scan(&h)
			}); err != nil {
				t.Fatal(err)
			}
			return h
		}
		before := read()
		o := cheap()
		o.Hash.Iterations = 2
		stronger := identity.New(b.Records.Runner, b.Guard, o)
		if _, err := stronger.SignIn(ctx, "anna", good, home); err != nil {
			t.Fatal(err)
		}
		after := read()
		if after == before || !strings.Contains(after, "t=2,") || strings.Contains(after, good) {
			t.Errorf("hash %q after %q", after, before)
		}
		if _, err := b.id.SignIn(ctx, "anna", good, home); err != nil {
			t.Errorf("renewed hash: %v", err)
		}
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.person(t, "anna", "clerk")
		const next = "另一条很长的新密码"
		for name, tt := range map[string]struct{ old, password, want string }{
			"wrong old":   {"not the old one", next + "再长", "identity.password.old"},
			"too short":   {good, next, "identity.password.short"},
			"same":        {good, good, "identity.password.same"},
			"known by it": {good, "password1234", "identity.password.common"},
		} {
			if err := b.id.ChangePassword(ctx, anna, tt.old, tt.password, 0); key(err) != tt.want {
				t.Errorf("%s: %v, want %s", name, err, tt.want)
			}
		}
		token := anna
		token.Scopes = []string{"*:*"}
		if err := b.id.ChangePassword(ctx, token, good, next+"再长一些", 0); key(err) != "identity.by_token" {
			t.Errorf("by token: %v", err)
		}
		if err := b.id.ChangePassword(ctx, anna, good, next+"再长一些", 0); err != nil {
			t.Fatal(err)
		}
		if _, err := b.id.SignIn(ctx, "anna", good, home); key(err) != "identity.wrong" {
			t.Errorf("old password: %v", err)
		}
		if _, err := b.id.SignIn(ctx, "anna", next+"再长一些", home); err != nil {
			t.Errorf("new password: %v", err)
		}
		if n := len(b.Audited(t, "password.change")); n != 2 {
			t.Errorf("%d audit entries", n)
		}
	})
}

func TestSetup(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := &bench{Bench: accesstest.New(t, d, identity.Tables()...)}
		b.id = identity.New(b.Records.Runner, b.Guard, cheap())
		first, err := b.id.IssueSetupLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		link, err := b.id.IssueSetupLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		in := identity.Administrator{Company: "典客", Name: "王芳", Login: "wangfang", Password: good}
		complete := func(secret string, change func(*identity.Administrator)) error {
			a := in
			change(&a)
			_, err := b.id.CompleteSetup(ctx, secret, a)
			return err
		}
		same := func(*identity.Administrator) {}
		for name, tt := range map[string]struct {
			secret string
			change func(*identity.Administrator)
			want   string
		}{
			"link made void": {first, same, "identity.link.void"},
			"no link":        {"", same, "identity.link.void"},
			"weak password":  {link, func(a *identity.Administrator) { a.Password = "wangfang12" }, "identity.password.login"},
			"no name":        {link, func(a *identity.Administrator) { a.Name = "" }, "field.required"},
		} {
			if err := complete(tt.secret, tt.change); key(err) != tt.want {
				t.Errorf("%s: %v, want %s", name, err, tt.want)
			}
		}
		if needs, err := b.id.NeedsSetup(ctx); !needs || err != nil {
			t.Errorf("NeedsSetup = %v, %v", needs, err)
		}
		user, err := b.id.CompleteSetup(ctx, link, in)
		if err != nil {
			t.Fatal(err)
		}
		if a := b.Actor(t, user); !a.Holds("administrator") || a.Unit() != b.Company {
			t.Errorf("administrator %+v", a)
		}
		if err := complete(link, same); key(err) != "identity.link.void" {
			t.Errorf("used link: %v", err)
		}
		if _, err := b.id.IssueSetupLink(ctx); key(err) != "identity.setup.done" {
			t.Errorf("second set-up: %v", err)
		}
		if _, err := b.id.SignIn(ctx, "wangfang", good, home); err != nil {
			t.Errorf("sign-in: %v", err)
		}
	})
}

func TestSetupLinkExpires(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		link, err := b.id.IssueSetupLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(24 * time.Hour)
		_, err = b.id.CompleteSetup(ctx, link, identity.Administrator{Name: "王芳", Login: "wangfang", Password: good})
		if key(err) != "identity.link.void" {
			t.Errorf("expired link: %v", err)
		}
	})
}

func TestPasswordLink(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		chief, anna := b.Hire(t, "chief", "administrator", b.Company), b.Hire(t, "anna", "clerk", b.North)
		for name, by := range map[string]record.Actor{"clerk for himself": anna, "nobody": {}} {
			if _, err := b.id.IssuePasswordLink(ctx, by, anna.UserID); err == nil {
				t.Errorf("%s gets a link", name)
			}
		}
		link, err := b.id.IssuePasswordLink(ctx, chief, anna.UserID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.id.RedeemPasswordLink(ctx, link, "short", home); key(err) != "identity.password.short" {
			t.Errorf("weak password: %v", err)
		}
		if user, err := b.id.RedeemPasswordLink(ctx, link, good, home); err != nil || user != anna.UserID {
			t.Fatalf("redeem = %v, %v", user, err)
		}
		if _, err := b.id.RedeemPasswordLink(ctx, link, good, home); key(err) != "identity.link.void" {
			t.Errorf("used link: %v", err)
		}
		if _, err := b.id.SignIn(ctx, "anna", good, home); err != nil {
			t.Errorf("sign-in: %v", err)
		}
		if _, err := b.id.IssuePasswordLink(ctx, chief, 12345); !errs.Is(err, errs.NotFound) {
			t.Errorf("unknown person: %v", err)
		}
	})
}

func TestMessagesOfEveryError(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(identity.Messages(), record.Messages(), org.Messages())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"identity.wrong", "identity.wait", "identity.by_token", "identity.link.void", "identity.setup.done", "identity.token.refused"} {
		if !c.Has(k) {
			t.Errorf("no text for %s", k)
		}
	}
}

// disable puts a person out of service, as an administrator does.
func (b *bench) disable(t *testing.T, by record.Actor, user record.ID) {
	t.Helper()
	if _, err := b.Records.Do(ctx, by, action.Command{Type: "user", Action: "disable", ID: user}); err != nil {
		t.Fatal(err)
	}
}
