package identity_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// browser keeps the cookie between requests.
type browser struct {
	h      http.Handler
	cookie *http.Cookie
}

func (br *browser) get(path string) string {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if br.cookie != nil {
		r.AddCookie(br.cookie)
	}
	w := httptest.NewRecorder()
	br.h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		br.cookie = c
	}
	return strings.TrimSpace(w.Body.String())
}

// site answers /who with the person signed in, /in?name signs in, /out signs out.
func (b *bench) site(s *identity.Sessions) *browser {
	mux := http.NewServeMux()
	say := func(w http.ResponseWriter, a record.Actor, err error) {
		text := a.Name
		if err != nil {
			text = errs.KeyOf(err)
		}
		_, _ = w.Write([]byte(text))
	}
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) {
		a, err := s.Actor(r.Context(), home)
		say(w, a, err)
	})
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		in, err := b.id.SignIn(r.Context(), r.URL.RawQuery, good, home)
		if err == nil {
			err = s.Open(r.Context(), in, home)
		}
		say(w, record.Actor{Name: "welcome"}, err)
	})
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) {
		say(w, record.Actor{Name: "bye"}, s.Close(r.Context(), home))
	})
	mux.HandleFunc("/plant", func(_ http.ResponseWriter, r *http.Request) { s.Put(r.Context(), "language", "en") })
	return &browser{h: s.LoadAndSave(mux)}
}

func TestSessionFromBeginningToEnd(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.person(t, "anna", "clerk")
		br := b.site(identity.NewSessions(b.id, false))
		if got := br.get("/who"); got != "access.sign_in" {
			t.Fatalf("before: %s", got)
		}
		br.get("/plant")
		planted := *br.cookie
		if got := br.get("/in?anna"); got != "welcome" {
			t.Fatalf("sign-in: %s", got)
		}
		if !br.cookie.HttpOnly || br.cookie.SameSite != http.SameSiteLaxMode || br.cookie.Value == planted.Value {
			t.Errorf("cookie %+v, before %s", br.cookie, planted.Value)
		}
		if got := br.get("/who"); got != "anna" {
			t.Errorf("signed in: %s", got)
		}
		list, err := b.id.SessionsOf(ctx, anna, anna.UserID)
		if err != nil || len(list) != 1 || list[0].Address != home.Address || list[0].Agent != home.Agent {
			t.Errorf("sessions %+v, %v", list, err)
		}
		var stored string
		if _, err := db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
			return 0, tx.QueryRow(ctx, "SELECT hash FROM sessions WHERE user_id = ?", anna.UserID).Scan(&stored)
		}); err != nil || stored == br.cookie.Value || len(stored) != 64 {
			t.Errorf("stored %q, %v", stored, err)
		}
		old := *br.cookie
		if got := br.get("/out"); got != "bye" {
			t.Errorf("sign-out: %s", got)
		}
		br.cookie = &old
		if got := br.get("/who"); got != "access.sign_in" {
			t.Errorf("old cookie after signing out: %s", got)
		}
		for _, verb := range []string{"session.open", "session.close"} {
			if e := b.Audited(t, verb); len(e) != 1 || e[0].Actor != anna.UserID.String() || e[0].Address != home.Address {
				t.Errorf("%s: %+v", verb, e)
			}
		}
	})
}

func TestSessionLimits(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.person(t, "anna", "clerk")
		br := b.site(identity.NewSessions(b.id, false))
		br.get("/in?anna")
		for range 20 { // used every seven hours it outlives the idle limit
			b.Clock.Advance(7 * time.Hour)
			if got := br.get("/who"); got != "anna" {
				t.Fatalf("in use: %s", got)
			}
		}
		b.Clock.Advance(8 * time.Hour)
		if got := br.get("/who"); got != "access.sign_in" {
			t.Errorf("unused for eight hours: %s", got)
		}
		br.get("/in?anna")
		for range 28 {
			b.Clock.Advance(6 * time.Hour)
			br.get("/who")
		}
		if got := br.get("/who"); got != "access.sign_in" {
			t.Errorf("after seven days: %s", got)
		}
		if n, err := b.id.Purge(ctx); n == 0 || err != nil {
			t.Errorf("Purge = %d, %v", n, err)
		}
	})
}

func TestDisabledPersonIsOutAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna, chief := b.person(t, "anna", "clerk"), b.Hire(t, "chief", "administrator", b.Company)
		br := b.site(identity.NewSessions(b.id, false))
		br.get("/in?anna")
		_, secret, err := b.id.CreateToken(ctx, anna, identity.TokenSpec{Name: "sync", Scopes: []string{"client:read"}})
		if err != nil {
			t.Fatal(err)
		}
		b.disable(t, chief, anna.UserID)
		check := func(when string) {
			t.Helper()
			if got := br.get("/who"); got != "access.sign_in" {
				t.Errorf("%s, session: %s", when, got)
			}
			if _, err := b.id.TokenActor(ctx, secret, home); !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("%s, token: %v", when, err)
			}
		}
		cookie := *br.cookie
		check("disabled")
		if _, err := b.id.SignIn(ctx, "anna", good, home); key(err) != "identity.wrong" {
			t.Errorf("sign-in: %v", err)
		}
		if _, err := b.Records.Do(ctx, chief, action.Command{Type: "user", Action: "enable", ID: anna.UserID}); err != nil {
			t.Fatal(err)
		}
		br.cookie = &cookie
		check("enabled again")
		if _, err := b.id.SignIn(ctx, "anna", good, home); err != nil {
			t.Errorf("sign-in after enabling: %v", err)
		}
	})
}

func TestRevokeSessions(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna, ben, chief := b.person(t, "anna", "clerk"), b.person(t, "ben", "clerk"), b.Hire(t, "chief", "administrator", b.Company)
		s := identity.NewSessions(b.id, false)
		phone, desk, bens := b.site(s), b.site(s), b.site(s)
		phone.get("/in?anna")
		b.Clock.Advance(2 * time.Minute)
		desk.get("/in?anna")
		bens.get("/in?ben")
		list, err := b.id.SessionsOf(ctx, anna, anna.UserID)
		if err != nil || len(list) != 2 {
			t.Fatalf("sessions %+v, %v", list, err)
		}
		older := list[1].ID
		if err := b.id.RevokeSession(ctx, ben, ben.UserID, older); key(err) != "identity.session.none" {
			t.Errorf("as one's own: %v", err)
		}
		if err := b.id.RevokeSession(ctx, ben, anna.UserID, older); !errs.Is(err, errs.Forbidden) {
			t.Errorf("of another: %v", err)
		}
		if err := b.id.RevokeSession(ctx, anna, anna.UserID, older); err != nil {
			t.Fatal(err)
		}
		if phone.get("/who") != "access.sign_in" || desk.get("/who") != "anna" {
			t.Error("the wrong session ended")
		}
		if err := b.id.ChangePassword(ctx, anna, good, "又一个很长的新密码呀", list[0].ID); err != nil {
			t.Fatal(err)
		}
		if desk.get("/who") != "anna" {
			t.Error("changing the password ended the session in which it was changed")
		}
		if err := b.id.RevokeSessions(ctx, chief, anna.UserID, 0); err != nil {
			t.Fatal(err)
		}
		if desk.get("/who") != "access.sign_in" || bens.get("/who") != "ben" {
			t.Error("the administrator ended the wrong sessions")
		}
	})
}

func TestSecureCookieIsBoundToTheHost(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.person(t, "anna", "clerk")
		br := b.site(identity.NewSessions(b.id, true))
		br.get("/in?anna")
		if c := br.cookie; !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %+v", c)
		}
	})
}
