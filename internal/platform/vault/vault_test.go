package vault_test

import (
	"bytes"
	"strings"
	"testing"

	"dianke/internal/platform/vault"
)

func keys(t *testing.T, b byte) *vault.Keys {
	t.Helper()
	k, err := vault.New(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	k, other := keys(t, 1), keys(t, 2)
	sealed, err := k.Seal("11010519491231002X", "customers.id_number/7")
	if err != nil || strings.Contains(sealed, "1101") {
		t.Fatalf("Seal = %q, %v", sealed, err)
	}
	if got, err := k.Open(sealed, "customers.id_number/7"); err != nil || got != "11010519491231002X" {
		t.Errorf("Open = %q, %v", got, err)
	}
	for name, open := range map[string]func() (string, error){
		"other place": func() (string, error) { return k.Open(sealed, "customers.id_number/8") },
		"other key":   func() (string, error) { return other.Open(sealed, "customers.id_number/7") },
		"plain text":  func() (string, error) { return k.Open("11010519491231002X", "customers.id_number/7") },
		"cut":         func() (string, error) { return k.Open(sealed[:len(sealed)-4], "customers.id_number/7") },
		"no base64":   func() (string, error) { return k.Open("v1:%%", "customers.id_number/7") },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: opened to %q", name, got)
		}
	}
	if got, err := k.Seal("", "x"); got != "" || err != nil {
		t.Errorf("Seal of nothing = %q, %v", got, err)
	}
}

func TestBlindAndSign(t *testing.T) {
	t.Parallel()
	k := keys(t, 1)
	if k.Blind("a", "p") != k.Blind("a", "p") || k.Blind("a", "p") == k.Blind("a", "q") || k.Blind("a", "p") == k.Blind("b", "p") {
		t.Error("Blind does not tell values and purposes apart")
	}
	sig := k.Sign("case/7", "status")
	if !k.Check("case/7", "status", sig) || k.Check("case/8", "status", sig) || k.Check("case/7", "survey", sig) || k.Check("case/7", "status", "") {
		t.Error("Check accepts what it should not, or refuses its own signature")
	}
	if _, err := vault.New([]byte("short")); err == nil {
		t.Error("a short secret was accepted")
	}
}
