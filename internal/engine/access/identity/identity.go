// Package identity proves who somebody is: passwords, second factors, passkeys, providers of sign-in, sessions, API
// tokens and one-time links.
//
// Nothing that opens a door is stored as it is: passwords as argon2id hashes, session tokens, API tokens and links as
// SHA-256, recovery codes as keyed hashes, the secrets of one-time codes sealed. Failed attempts slow down the next ones,
// by sign-in name and by network address, and an unknown name costs as much as a known one; a device from which somebody
// has signed in before is counted by itself, so that strangers cannot lock its owner out. A person who is disabled loses sessions and tokens in the same transaction ([Gate]). What
// happens here stands in the audit log, without passwords, names typed or tokens. The package decides no permission:
// that is access; it knows neither pages nor routes.
package identity

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity/federated"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/db"

	"github.com/alexedwards/argon2id"
	"github.com/go-webauthn/webauthn/webauthn"
)

//go:embed messages/zh.yaml messages/en.yaml
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // cannot happen: the directory is embedded by the line above
	}
	return sub
}

// Options are the limits of the service. A zero field means the value of [Defaults].
type Options struct {
	Idle     time.Duration // a session unused for so long ends
	Absolute time.Duration // a session ends after so long in any case
	Hash     argon2id.Params
	SetupTTL time.Duration // life of the link of the first start
	LinkTTL  time.Duration // life of a link to choose a password
	TokenTTL time.Duration // longest life of an API token

	Site      string                                          // address of the pages as visitors see it; empty or an IP address: no passkeys
	Leaked    Leaks                                           // passwords known from breaches; nil for none
	Providers []*federated.Provider                           // who else may sign people in
	Tell      func(ctx context.Context, to record.ID, t Told) // tells a person of a change; nil tells nobody
}

// Leaks knows passwords that were published; [leaked.Lists] is one.
type Leaks interface {
	// Has reports whether the password is among them.
	Has(ctx context.Context, password string) (bool, error)
}

// Told is what a person is told of a change to his sign-in: a message key with its arguments.
type Told struct {
	Key  string
	Args map[string]any
	Mail bool // by mail too, for what he may not have done himself
}

// Defaults returns the limits used where nothing else is set: 8 hours idle, 7 days in all, argon2id with 19 MiB and two
// passes (OWASP Password Storage Cheat Sheet), links of one and three days, tokens of at most 366 days.
func Defaults() Options {
	return Options{
		Idle: 8 * time.Hour, Absolute: 7 * 24 * time.Hour, SetupTTL: 24 * time.Hour, LinkTTL: 72 * time.Hour, TokenTTL: 366 * 24 * time.Hour,
		Hash: argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	}
}

func (o Options) orDefaults() Options {
	d := Defaults()
	for _, p := range []struct{ at, to *time.Duration }{
		{&o.Idle, &d.Idle}, {&o.Absolute, &d.Absolute}, {&o.SetupTTL, &d.SetupTTL}, {&o.LinkTTL, &d.LinkTTL}, {&o.TokenTTL, &d.TokenTTL},
	} {
		if *p.at == 0 {
			*p.at = *p.to
		}
	}
	if o.Hash.Memory == 0 {
		o.Hash = d.Hash
	}
	return o
}

// Client is where a request came from, for the list of sessions and the audit log.
type Client struct {
	Address string // network address without port
	Agent   string // User-Agent header
	Via     string // web, api, cli
	Device  string // what [Service.Device] gave this machine at an earlier sign-in; empty for none
}

// Service signs people in. It is safe for concurrent use.
type Service struct {
	runner  *action.Runner
	guard   *access.Guard
	opts    Options
	hashing chan struct{} // bounds the memory that hashing takes at one time
	policy  policyCache
	passkey *webauthn.WebAuthn // nil where the site has no name
}

const parallelHashes = 4

// New returns a service over the records of the runner. It opens nothing and starts nothing.
func New(r *action.Runner, g *access.Guard, o Options) *Service {
	return &Service{runner: r, guard: g, opts: o.orDefaults(), hashing: make(chan struct{}, parallelHashes), passkey: relyingParty(o.Site)}
}

func (s *Service) now() time.Time { return s.runner.Store.Clock.Now() }

// Tables returns the tables of the package.
func Tables() []db.Table {
	id, user := db.Column{Name: "id", Kind: db.Int, Key: true}, db.Column{Name: "user_id", Kind: db.Int}
	at := func(name string) db.Column { return db.Column{Name: name, Kind: db.Instant} }
	maybe := func(name string) db.Column { return db.Column{Name: name, Kind: db.Instant, Null: true} }
	hash := db.Index{Columns: []string{"hash"}, Unique: true}
	return []db.Table{
		{Name: "credentials", Columns: []db.Column{
			{Name: "user_id", Kind: db.Int, Key: true}, {Name: "hash"}, at("changed_at"), {Name: "must_change", Kind: db.Bool},
		}},
		{Name: "sessions", Columns: []db.Column{
			id, {Name: "hash"}, {Name: "user_id", Kind: db.Int, Null: true}, at("created_at"), at("seen_at"), at("expires_at"),
			{Name: "address"}, {Name: "agent"}, {Name: "data"}, maybe("ended_at"), {Name: "ended_why", Null: true},
		}, Indexes: []db.Index{hash, {Columns: []string{"user_id", "id"}}, {Columns: []string{"expires_at"}}}},
		{Name: "api_tokens", Columns: []db.Column{
			id, {Name: "hash"}, user, {Name: "name"}, {Name: "scopes", Kind: db.JSON}, at("created_at"), at("expires_at"),
			maybe("used_at"), {Name: "used_from"}, maybe("revoked_at"),
		}, Indexes: []db.Index{hash, {Columns: []string{"user_id", "id"}}}},
		{Name: "login_attempts", Columns: []db.Column{
			{Name: "subject", Key: true}, {Name: "failures", Kind: db.Int}, at("last_at"), maybe("blocked_until"),
		}, Indexes: []db.Index{{Columns: []string{"last_at"}}}},
		{Name: "one_time_links", Columns: []db.Column{
			id, {Name: "hash"}, {Name: "purpose"}, {Name: "user_id", Kind: db.Int, Null: true}, at("created_at"), at("expires_at"), maybe("used_at"),
		}, Indexes: []db.Index{hash}},
		{Name: "one_time_codes", Columns: []db.Column{
			{Name: "user_id", Kind: db.Int, Key: true}, {Name: "sealed"}, {Name: "pending"}, {Name: "last_step", Kind: db.Int}, maybe("since"), maybe("pending_at"),
		}},
		{Name: "recovery_codes", Columns: []db.Column{id, user, {Name: "hash"}, at("created_at"), maybe("used_at")},
			Indexes: []db.Index{{Columns: []string{"user_id", "hash"}}}},
		{Name: "passkeys", Columns: []db.Column{
			id, user, {Name: "credential"}, {Name: "name"}, {Name: "data"}, at("created_at"), maybe("used_at"),
		}, Indexes: []db.Index{{Columns: []string{"credential"}, Unique: true}, {Columns: []string{"user_id", "id"}}}},
		{Name: "sign_in_links", Columns: []db.Column{
			id, user, {Name: "provider"}, {Name: "subject"}, at("created_at"), maybe("used_at"),
		}, Indexes: []db.Index{{Columns: []string{"provider", "subject"}, Unique: true}, {Columns: []string{"user_id", "id"}}}},
		{Name: "sign_in_policy", Columns: []db.Column{{Name: "id", Kind: db.Int, Key: true}, {Name: "value"}, at("changed_at")}},
		{Name: "token_uses", Columns: []db.Column{
			id, {Name: "token_id", Kind: db.Int}, {Name: "address"}, at("first_at"), at("last_at"),
		}, Indexes: []db.Index{{Columns: []string{"token_id", "address"}, Unique: true}}},
	}
}

// tell tells a person once the change is committed; who runs the instance decides how.
func (s *Service) tell(ctx context.Context, to record.ID, t Told) {
	if s.opts.Tell != nil {
		s.opts.Tell(ctx, to, t)
	}
}

// Site is the address of the pages as visitors see it.
func (s *Service) Site() string { return s.opts.Site }

// log appends to the audit log what happened to a person's sign-in.
func (s *Service) log(ctx context.Context, tx *db.Tx, verb string, by record.Actor, user record.ID, detail map[string]any) error {
	return s.runner.Store.Audit.Append(ctx, tx, audit.Entry{
		Actor: by.Label(), Via: by.Via, Address: by.Address, Verb: verb, Record: user, Detail: detail,
	})
}

// actorOf is a person of whom only the identity is known yet.
func actorOf(user record.ID, from Client) record.Actor {
	return record.Actor{UserID: user, System: "sign-in", Via: from.Via, Address: from.Address}
}

const strangers = time.Hour // how long a session of nobody is kept: for a sign-in half done

// Purge removes what has ended: sessions, links and attempts older than a day. Revoked tokens stay, so that the list of
// tokens can show them.
func (s *Service) Purge(ctx context.Context) (int64, error) {
	now := s.now()
	p, err := s.Policy(ctx)
	if err != nil {
		return 0, err
	}
	return db.InTx(ctx, s.runner.DB, func(tx *db.Tx) (int64, error) {
		var total int64
		for _, q := range []struct {
			stmt  string
			limit time.Time
		}{
			{"DELETE FROM sessions WHERE expires_at <= ?", now},
			{"DELETE FROM sessions WHERE seen_at <= ?", now.Add(-p.Idle())},
			{"DELETE FROM sessions WHERE user_id IS NULL AND seen_at <= ?", now.Add(-strangers)},
			{"DELETE FROM sessions WHERE ended_at <= ?", now.Add(-24 * time.Hour)},
			{"DELETE FROM one_time_links WHERE expires_at <= ?", now.Add(-24 * time.Hour)},
			{"DELETE FROM login_attempts WHERE last_at <= ?", now.Add(-forget)},
		} {
			n, err := tx.Exec(ctx, q.stmt, q.limit)
			if err != nil {
				return 0, err
			}
			total += n
		}
		return total, nil
	})
}
