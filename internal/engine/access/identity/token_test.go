package identity_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

func TestTokenRules(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna := b.Hire(t, "anna", "clerk", b.North)
		now := b.Clock.Now()
		read := []string{"client:read"}
		byToken := anna
		byToken.Scopes = read
		for name, tt := range map[string]struct {
			by   record.Actor
			spec identity.TokenSpec
			want string
		}{
			"good":           {anna, identity.TokenSpec{Name: "sync", Scopes: []string{"client:read", "memo:*", "*:comment"}}, ""},
			"nobody":         {record.Actor{}, identity.TokenSpec{Name: "sync", Scopes: read}, "access.sign_in"},
			"by a token":     {byToken, identity.TokenSpec{Name: "sync", Scopes: read}, "identity.by_token"},
			"no name":        {anna, identity.TokenSpec{Name: " ", Scopes: read}, "identity.token.name"},
			"no scope":       {anna, identity.TokenSpec{Name: "sync"}, "identity.token.scopes"},
			"unknown type":   {anna, identity.TokenSpec{Name: "sync", Scopes: []string{"nothing:read"}}, "identity.token.scope"},
			"unknown action": {anna, identity.TokenSpec{Name: "sync", Scopes: []string{"client:explode"}}, "identity.token.scope"},
			"no colon":       {anna, identity.TokenSpec{Name: "sync", Scopes: []string{"client"}}, "identity.token.scope"},
			"in the past":    {anna, identity.TokenSpec{Name: "sync", Scopes: read, Expires: now.Add(-time.Second)}, "identity.token.expires"},
			"too long":       {anna, identity.TokenSpec{Name: "sync", Scopes: read, Expires: now.AddDate(2, 0, 0)}, "identity.token.expires"},
			"two faults":     {anna, identity.TokenSpec{}, "error.fields"},
		} {
			if _, _, err := b.id.CreateToken(ctx, tt.by, tt.spec); key(err) != tt.want {
				t.Errorf("%s: %v, want %q", name, err, tt.want)
			}
		}
		for i := range 19 {
			if _, _, err := b.id.CreateToken(ctx, anna, identity.TokenSpec{Name: fmt.Sprint(i), Scopes: read}); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := b.id.CreateToken(ctx, anna, identity.TokenSpec{Name: "one more", Scopes: read}); key(err) != "identity.token.too_many" {
			t.Errorf("21st: %v", err)
		}
	})
}

func TestTokenLife(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		anna, ben := b.Hire(t, "anna", "clerk", b.North), b.Hire(t, "ben", "clerk", b.North)
		made, secret, err := b.id.CreateToken(ctx, anna, identity.TokenSpec{Name: "sync", Scopes: []string{"client:read"}})
		if err != nil || !regexp.MustCompile(`^dk_[0-9A-Za-z]{43}$`).MatchString(secret) {
			t.Fatalf("secret %q, %v", secret, err)
		}
		a, err := b.id.TokenActor(ctx, secret, identity.Client{Address: "203.0.113.9", Via: "api"})
		if err != nil || a.UserID != anna.UserID || !slices.Equal(a.Scopes, []string{"client:read"}) || a.Via != "api" || !a.Holds("clerk") {
			t.Errorf("actor %+v, %v", a, err)
		}
		list, err := b.id.Tokens(ctx, anna, anna.UserID)
		if err != nil || len(list) != 1 || list[0].Used != b.Clock.Now() || list[0].UsedFrom != "203.0.113.9" || list[0].Expires.Sub(list[0].Created) != 90*24*time.Hour {
			t.Errorf("tokens %+v, %v", list, err)
		}
		for name, s := range map[string]string{
			"empty": "", "of another kind": "xx_" + secret[3:], "changed": secret[:len(secret)-1] + "-", "cut": secret[:20], "longer": secret + "a",
		} {
			if _, err := b.id.TokenActor(ctx, s, home); key(err) != "identity.token.refused" {
				t.Errorf("%s: %v", name, err)
			}
		}
		var n int
		if _, err := db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
			return 0, tx.QueryRow(ctx, "SELECT COUNT(*) FROM api_tokens WHERE hash LIKE ?", "%"+secret[3:13]+"%").Scan(&n)
		}); err != nil || n != 0 {
			t.Errorf("the secret itself is stored: %d, %v", n, err)
		}
		if err := b.id.RevokeToken(ctx, ben, anna.UserID, made.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("revoked by another: %v", err)
		}
		if err := b.id.RevokeToken(ctx, ben, ben.UserID, made.ID); key(err) != "identity.token.none" {
			t.Errorf("revoked as one's own: %v", err)
		}
		if err := b.id.RevokeToken(ctx, anna, anna.UserID, made.ID); err != nil {
			t.Fatal(err)
		}
		if err := b.id.RevokeToken(ctx, anna, anna.UserID, made.ID); key(err) != "identity.token.none" {
			t.Errorf("revoked twice: %v", err)
		}
		if _, err := b.id.TokenActor(ctx, secret, home); key(err) != "identity.token.refused" {
			t.Errorf("revoked: %v", err)
		}
		_, short, err := b.id.CreateToken(ctx, anna, identity.TokenSpec{Name: "short", Scopes: []string{"*:read"}, Expires: b.Clock.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(time.Hour)
		if _, err := b.id.TokenActor(ctx, short, home); key(err) != "identity.token.refused" {
			t.Errorf("expired: %v", err)
		}
		if c, r := b.Audited(t, "token.create"), b.Audited(t, "token.revoke"); len(c) != 2 || len(r) != 1 {
			t.Errorf("%d created, %d revoked in the audit log", len(c), len(r))
		}
	})
}
