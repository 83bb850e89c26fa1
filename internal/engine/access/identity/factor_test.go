package identity_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"github.com/pquerna/otp/totp"
)

// phone shows the code of a secret at the bench's time, shifted.
func (b *bench) phone(t *testing.T, secret string, shift time.Duration) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, b.Clock.Now().Add(shift))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// withCodes sets up an app for the person and returns its secret and the recovery codes.
func (b *bench) withCodes(t *testing.T, a record.Actor) (string, []string) {
	t.Helper()
	if err := b.id.BeginCodes(ctx, a); err != nil {
		t.Fatal(err)
	}
	secret, address, err := b.id.CodesToConfirm(ctx, a, "典客公司")
	if err != nil || !strings.HasPrefix(address, "otpauth://totp/") {
		t.Fatal(address, err)
	}
	codes, err := b.id.ConfirmCodes(ctx, a, b.phone(t, secret, 0))
	if err != nil {
		t.Fatal(err)
	}
	return secret, codes
}

func TestOneTimeCodes(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.person(t, "anna", "clerk")
		if err := b.id.BeginCodes(ctx, anna); err != nil {
			t.Fatal(err)
		}
		if _, err := b.id.ConfirmCodes(ctx, anna, "12"); key(err) != "identity.codes.wrong" {
			t.Errorf("wrong code: %v", err)
		}
		if in, err := b.id.SignIn(ctx, "anna", good, home); err != nil || in.Second {
			t.Errorf("asked for a factor that is not confirmed: %+v, %v", in, err)
		}
		secret, _ := b.withCodes(t, anna)
		if in, err := b.id.SignIn(ctx, "anna", good, home); err != nil || !in.Second || in.Factor {
			t.Errorf("not asked: %+v, %v", in, err)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, b.phone(t, secret, 0), home); key(err) != "identity.factor.wrong" {
			t.Errorf("the code of the set-up again: %v", err)
		}
		b.Clock.Advance(time.Hour)
		late := b.phone(t, secret, -30*time.Second)
		for name, tt := range map[string]struct{ code, want string }{
			"two periods old":   {b.phone(t, secret, -time.Minute), "identity.factor.wrong"},
			"two periods ahead": {b.phone(t, secret, time.Minute), "identity.factor.wrong"},
			"nothing":           {"", "identity.factor.wrong"},
		} {
			if err := b.id.CheckCode(ctx, anna.UserID, tt.code, home); key(err) != tt.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := b.id.CheckCode(ctx, anna.UserID, late[:3]+" "+late[3:], home); err != nil {
			t.Errorf("one period old, with a space: %v", err)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, late, home); key(err) != "identity.factor.wrong" {
			t.Errorf("replayed: %v", err)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, b.phone(t, secret, 30*time.Second), home); err != nil {
			t.Errorf("one period ahead: %v", err)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, b.phone(t, secret, 0), home); key(err) != "identity.factor.wrong" {
			t.Errorf("older than the last one used: %v", err)
		}
		if _, err := db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
			var sealed string
			err := tx.QueryRow(ctx, "SELECT sealed FROM one_time_codes WHERE user_id = ?", anna.UserID).Scan(&sealed)
			if strings.Contains(sealed, secret) || sealed == "" {
				t.Errorf("stored %q", sealed)
			}
			return 0, err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRecoveryCodesWorkOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.person(t, "anna", "clerk")
		if _, err := b.id.NewRecoveryCodes(ctx, anna); key(err) != "identity.recovery.first" {
			t.Errorf("without a second factor: %v", err)
		}
		_, codes := b.withCodes(t, anna)
		if len(codes) != 10 || !regexp.MustCompile(`^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$`).MatchString(codes[0]) {
			t.Fatalf("codes %v", codes)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, strings.ToUpper(codes[3]), home); err != nil {
			t.Errorf("in capitals: %v", err)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, codes[3], home); key(err) != "identity.factor.wrong" {
			t.Errorf("again: %v", err)
		}
		f, err := b.id.FactorsOf(ctx, anna, anna.UserID)
		if err != nil || f.Recovery != 9 || !f.Second() {
			t.Errorf("%+v, %v", f, err)
		}
		fresh, err := b.id.NewRecoveryCodes(ctx, anna)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, codes[4], home); key(err) != "identity.factor.wrong" {
			t.Errorf("an old one: %v", err)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, strings.ReplaceAll(fresh[0], "-", ""), home); err != nil {
			t.Errorf("a new one without dashes: %v", err)
		}
		if e := b.Audited(t, "recovery.use"); len(e) != 2 {
			t.Errorf("audited %+v", e)
		}
		if err := b.id.RemoveCodes(ctx, anna); err != nil {
			t.Fatal(err)
		}
		if f, err := b.id.FactorsOf(ctx, anna, anna.UserID); err != nil || f.Recovery != 0 || f.Second() {
			t.Errorf("after the last factor: %+v, %v", f, err)
		}
	})
}

func TestCodesAreNotGuessed(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.person(t, "anna", "clerk")
		secret, codes := b.withCodes(t, anna)
		tried := 0
		for i := range 2000 {
			err := b.id.CheckCode(ctx, anna.UserID, fmt.Sprintf("%06d", i), home)
			if key(err) == "identity.factor.wrong" {
				tried++
			} else if !errs.Is(err, errs.TooMany) {
				t.Fatal(err)
			}
			b.Clock.Advance(time.Second)
		}
		if tried > 20 {
			t.Errorf("%d codes were tried in half an hour", tried)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, codes[0], home); !errs.Is(err, errs.TooMany) {
			t.Errorf("recovery codes are throttled by themselves: %v", err)
		}
		if n := len(b.Audited(t, "session.refused")); n > 12 {
			t.Errorf("%d audit entries", n)
		}
		b.Clock.Advance(20 * time.Minute)
		if err := b.id.CheckCode(ctx, anna.UserID, b.phone(t, secret, 0), home); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestTenThousandWrongPasswords(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.person(t, "anna", "clerk")
		device, err := b.id.Device(ctx, anna.UserID)
		if err != nil {
			t.Fatal(err)
		}
		begun, tried := time.Now(), 0
		for i := range 10_000 {
			from := identity.Client{Address: fmt.Sprintf("198.51.%d.%d", i/250%100, i%250), Via: "web"}
			_, err := b.id.SignIn(ctx, "anna", fmt.Sprint("wrong password ", i), from)
			switch {
			case key(err) == "identity.wrong":
				tried++
			case !errs.Is(err, errs.TooMany) || errs.As(err).Args["seconds"] == nil:
				t.Fatalf("attempt %d: %v", i, err)
			}
			b.Clock.Advance(100 * time.Millisecond)
		}
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("took %v", took)
		}
		if tried > 20 {
			t.Errorf("%d passwords were tried", tried)
		}
		if n := len(b.Audited(t, "session.refused")); n == 0 || n > 12 {
			t.Errorf("%d audit entries", n)
		}
		if _, err := b.id.SignIn(ctx, "anna", good, home); !errs.Is(err, errs.TooMany) {
			t.Errorf("from anywhere: %v", err)
		}
		known := identity.Client{Address: "198.51.1.1", Via: "web", Device: device}
		if _, err := b.id.SignIn(ctx, " ANNA", good, known); err != nil {
			t.Errorf("the owner on her own device: %v", err)
		}
		for name, forged := range map[string]string{"cut": device[:20], "of another": strings.ToUpper(device), "nonsense": "a.b"} {
			known.Device = forged
			if _, err := b.id.SignIn(ctx, "anna", good, known); !errs.Is(err, errs.TooMany) {
				t.Errorf("%s: %v", name, err)
			}
		}
		known.Device = device
		for range 8 {
			_, err = b.id.SignIn(ctx, "anna", "wrong again", known)
		}
		if !errs.Is(err, errs.TooMany) {
			t.Errorf("a known device may guess without end: %v", err)
		}
		chief := b.Hire(t, "chief", "administrator", b.Company)
		one, err := b.id.OneOf(ctx, chief, anna.UserID)
		if err != nil || one.Blocked.IsZero() {
			t.Errorf("the administrator does not see it: %+v, %v", one, err)
		}
		if err := b.id.Unblock(ctx, chief, anna.UserID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.id.SignIn(ctx, "anna", good, home); err != nil {
			t.Errorf("unblocked: %v", err)
		}
	})
}

func TestPolicy(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna, chief := b.person(t, "anna", "clerk"), b.Hire(t, "chief", "administrator", b.Company)
		p, err := b.id.Policy(ctx)
		if err != nil || p.MinPassword != 10 || p.Idle() != 8*time.Hour || p.Life() != 7*24*time.Hour {
			t.Fatalf("%+v, %v", p, err)
		}
		p.MinPassword, p.IdleMinutes, p.MaxSessions, p.FactorRoles = 14, 30, 2, []string{"clerk"}
		if err := b.id.SavePolicy(ctx, anna, p); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by a clerk: %v", err)
		}
		bad := p
		bad.MinPassword, bad.IdleMinutes, bad.LifeHours = 7, 1, 100_000
		if e := errs.As(b.id.SavePolicy(ctx, chief, bad)); e == nil || len(e.Fields) != 3 {
			t.Errorf("out of range: %+v", e)
		}
		if err := b.id.SavePolicy(ctx, chief, p); err != nil {
			t.Fatal(err)
		}
		if err := b.id.CheckPassword(ctx, "twelve chars"); key(err) != "identity.password.short" {
			t.Errorf("length: %v", err)
		}
		s := identity.NewSessions(b.id, false)
		first, second, third := b.site(s), b.site(s), b.site(s)
		for _, br := range []*browser{first, second, third} {
			br.get("/in?anna")
			b.Clock.Advance(time.Minute)
		}
		if first.get("/who") != "access.sign_in" || second.get("/who") != "anna" || third.get("/who") != "anna" {
			t.Error("not the oldest session gave way")
		}
		if why, err := s.EndedWhy(ctx, first.cookie.Value); why != "limit" || err != nil {
			t.Errorf("told %q, %v", why, err)
		}
		b.Clock.Advance(31 * time.Minute)
		if got := second.get("/who"); got != "access.sign_in" {
			t.Errorf("unused for half an hour: %s", got)
		}
		if len(b.Audited(t, "sign_in.policy")) != 1 {
			t.Error("not audited")
		}
		_, _ = b.withCodes(t, anna)
		if err := b.id.RemoveCodes(ctx, anna); key(err) != "identity.factor.needed" {
			t.Errorf("the last factor of a role that needs one: %v", err)
		}
	})
}

func TestAdministratorResetsFactors(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna, ben, chief := b.person(t, "anna", "clerk"), b.person(t, "ben", "clerk"), b.Hire(t, "chief", "administrator", b.Company)
		_, codes := b.withCodes(t, anna)
		br := b.site(identity.NewSessions(b.id, false))
		br.get("/in?anna")
		if err := b.id.ResetFactors(ctx, ben, anna.UserID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by a clerk: %v", err)
		}
		if err := b.id.ResetFactors(ctx, anna, anna.UserID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("one's own: %v", err)
		}
		without := func() int {
			list, err := b.id.People(ctx, chief, identity.PeopleQuery{NoFactor: true, Text: "ann"})
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if n := without(); n != 0 {
			t.Errorf("%d without", n)
		}
		if err := b.id.ResetFactors(ctx, chief, anna.UserID); err != nil {
			t.Fatal(err)
		}
		if n := without(); n != 1 {
			t.Errorf("%d without after the reset", n)
		}
		if got := br.get("/who"); got != "access.sign_in" {
			t.Errorf("session: %s", got)
		}
		if err := b.id.CheckCode(ctx, anna.UserID, codes[0], home); key(err) != "identity.factor.wrong" {
			t.Errorf("recovery code: %v", err)
		}
		if e := b.Audited(t, "factor.reset"); len(e) != 1 || e[0].Record != anna.UserID || e[0].Actor != chief.UserID.String() {
			t.Errorf("audited %+v", e)
		}
	})
}

func TestStolenTokenShowsAndEnds(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna, chief := b.person(t, "anna", "clerk"), b.Hire(t, "chief", "administrator", b.Company)
		token, secret, err := b.id.CreateToken(ctx, anna, identity.TokenSpec{Name: "订单同步", Scopes: []string{"client:read"}})
		if err != nil {
			t.Fatal(err)
		}
		office, thief := identity.Client{Address: "192.0.2.7", Via: "api"}, identity.Client{Address: "203.0.113.66", Via: "api"}
		for i := range 300 {
			from := office
			if i%3 == 1 {
				from = thief
			}
			if _, err := b.id.TokenActor(ctx, secret, from); err != nil {
				t.Fatal(err)
			}
			b.Clock.Advance(5 * time.Second)
		}
		used := b.Audited(t, "token.use")
		if len(used) != 2 || used[0].Address != thief.Address || used[0].Detail["token"] != "订单同步" || used[0].Actor != anna.UserID.String() {
			t.Fatalf("audited %+v", used)
		}
		list, err := b.id.Tokens(ctx, chief, anna.UserID)
		if err != nil || len(list) != 1 || len(list[0].Places) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := b.id.RevokeToken(ctx, chief, anna.UserID, token.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.id.TokenActor(ctx, secret, thief); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("afterwards: %v", err)
		}
		if e := b.Audited(t, "token.revoke"); len(e) != 1 || e[0].Detail["token"] != "订单同步" {
			t.Errorf("audited %+v", e)
		}
	})
}
