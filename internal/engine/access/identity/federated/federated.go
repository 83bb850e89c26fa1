// Package federated lets another provider say who somebody is, by OpenID Connect.
//
// A [Provider] sends the browser away with a state, a nonce and a PKCE challenge, and takes it back: the state must be the
// one this browser was sent away with, the code is redeemed with the verifier, and the ID token must be signed by the
// issuer, for this client, fresh and with the nonce. The package knows no accounts; who the subject is here is decided by
// identity.
package federated

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"dianke/internal/platform/errs"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const patience = 15 * time.Second // for an answer of the provider

// Provider is one provider of sign-in. It is safe for concurrent use.
type Provider struct {
	Config
	client *http.Client

	mu    sync.Mutex
	found *oidc.Provider
}

// New returns a provider. It asks nothing before it is first used, so that an instance starts without it.
func New(c Config) *Provider {
	return &Provider{Config: c, client: &http.Client{Timeout: patience}}
}

// Claims are what the provider says of a person.
type Claims struct {
	Subject      string
	Mail         string
	MailVerified bool
	Name         string
	Login        string
	SecondFactor bool // the provider asked for more than a password and the configuration trusts it
}

// waiting is what the answer is held against; it stays in the session of the browser.
type waiting struct {
	Provider string `json:"provider"`
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Redirect string `json:"redirect"`
}

func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.Issuer)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "federated.unreachable").With("provider", p.Label).Because(err)
	}
	p.found = found
	return found, nil
}

func (p *Provider) oauth(found *oidc.Provider, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: redirect,
		Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...),
	}
}

// Begin returns the address to send the browser to and what its answer is held against. redirect is the address of this
// instance it comes back to. With again the provider has to ask the person anew. Unavailable where it does not answer.
func (p *Provider) Begin(ctx context.Context, redirect string, again bool) (address, state string, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", "", err
	}
	w := waiting{Provider: p.Key, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Redirect: redirect}
	b, err := json.Marshal(w)
	if err != nil {
		return "", "", fmt.Errorf("begin sign-in by provider: %w", err)
	}
	opts := []oauth2.AuthCodeOption{oidc.Nonce(w.Nonce), oauth2.S256ChallengeOption(w.Verifier)}
	if again {
		opts = append(opts, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return p.oauth(found, redirect).AuthCodeURL(w.State, opts...), string(b), nil
}

// Finish checks the answer against what was kept and returns what the provider says. An answer to another question, a
// refusal at the provider or a token that does not hold is Unauthenticated; Unavailable where the provider fails.
func (p *Provider) Finish(ctx context.Context, state string, answer url.Values) (Claims, error) {
	refused := errs.New(errs.Unauthenticated, "federated.refused").With("provider", p.Label)
	var w waiting
	if err := json.Unmarshal([]byte(state), &w); err != nil || w.Provider != p.Key ||
		subtle.ConstantTimeCompare([]byte(w.State), []byte(answer.Get("state"))) != 1 {
		return Claims{}, refused
	}
	if answer.Get("error") != "" || answer.Get("code") == "" {
		return Claims{}, refused
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Claims{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(found, w.Redirect).Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(w.Verifier))
	if err != nil {
		return Claims{}, refused.Because(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.ClientID}).Verify(ctx, raw)
	if err != nil {
		return Claims{}, refused.Because(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(w.Nonce)) != 1 {
		return Claims{}, refused
	}
	return p.claims(ctx, found, id, token)
}

// claims reads the ID token, and asks for what it does not hold.
func (p *Provider) claims(ctx context.Context, found *oidc.Provider, id *oidc.IDToken, token *oauth2.Token) (Claims, error) {
	var c struct {
		Mail     string   `json:"email"`
		Verified verified `json:"email_verified"`
		Name     string   `json:"name"`
		Login    string   `json:"preferred_username"`
		AMR      []string `json:"amr"`
	}
	if err := id.Claims(&c); err != nil {
		return Claims{}, errs.New(errs.Unauthenticated, "federated.refused").With("provider", p.Label).Because(err)
	}
	amr := c.AMR
	if c.Mail == "" && found.UserInfoEndpoint() != "" {
		info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err == nil && info.Subject == id.Subject {
			err = info.Claims(&c)
		}
		if err != nil {
			return Claims{}, errs.New(errs.Unavailable, "federated.unreachable").With("provider", p.Label).Because(err)
		}
	}
	out := Claims{Subject: id.Subject, Mail: strings.TrimSpace(c.Mail), MailVerified: bool(c.Verified), Name: c.Name, Login: c.Login}
	for _, m := range amr {
		out.SecondFactor = out.SecondFactor || p.TrustFactor && (m == "mfa" || m == "otp" || m == "hwk" || m == "swk" || m == "fpt")
	}
	return out, nil
}

// verified reads true and "true": some providers write a text.
type verified bool

// UnmarshalJSON implements [json.Unmarshaler].
func (v *verified) UnmarshalJSON(b []byte) error {
	*v = verified(strings.Trim(string(b), `"`) == "true")
	return nil
}
