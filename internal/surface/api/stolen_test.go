package api_test

import (
	"context"
	"testing"

	"dianke/internal/engine/access/identity"
)

// A stolen token is seen in the audit log with its name and the thief's address; revoked, its next call is refused. A
// second factor that the person's role needs holds a browser's session back, not the token.
func TestStolenToken(t *testing.T) {
	b := sqlite(t)
	ctx, anna, chief := context.Background(), b.people["anna"], b.people["chief"]
	token, secret, err := b.id.CreateToken(ctx, anna, identity.TokenSpec{Name: "order sync", Scopes: []string{"client:read"}})
	if err != nil {
		t.Fatal(err)
	}
	b.tokens["thief"] = secret
	p, err := b.id.Policy(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p.FactorRoles = []string{identity.Everybody}
	if err := b.id.SavePolicy(ctx, chief, p); err != nil {
		t.Fatal(err)
	}
	b.send(t, "thief", "GET", "/api/v1/clients", "").must(t, 200)
	seen := b.Audited(t, "token.use")
	if len(seen) != 1 || seen[0].Detail["token"] != "order sync" || seen[0].Address == "" || seen[0].Via != "api" {
		t.Fatalf("audited %+v", seen)
	}
	if err := b.id.RevokeToken(ctx, anna, anna.UserID, token.ID); err != nil {
		t.Fatal(err)
	}
	if a := b.send(t, "thief", "GET", "/api/v1/clients", "").must(t, 401); a.at("key") != "identity.token.refused" {
		t.Errorf("answer %s", a.Body)
	}
}
