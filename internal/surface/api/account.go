package api

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// search handles GET /search?q=&types=&limit=: the best hits over all types the person may read.
func (s *server) search(w http.ResponseWriter, c *call) error {
	in, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return errs.New(errs.Malformed, "api.query").Because(err)
	}
	if err := params(in, "q", "types", "limit"); err != nil {
		return err
	}
	if strings.TrimSpace(in.Get("q")) == "" {
		return errs.Of("q", "field.required").With("field", "q")
	}
	limit, err := number(in, "limit")
	if err != nil || limit > 50 {
		return errs.Of("limit", "list.bad_limit").With("max", 50)
	}
	if limit == 0 {
		limit = 20
	}
	types, err := s.typesOf(in.Get("types"))
	if err != nil {
		return err
	}
	found, err := s.Records.Search(c.Context(), c.actor, clip(in.Get("q"), 200), types, limit)
	if err != nil {
		return err
	}
	items := make([]recordJSON, len(found))
	for i, f := range found {
		items[i] = toRecord(f.View)
	}
	return answer(w, http.StatusOK, map[string]any{"items": items})
}

func (s *server) typesOf(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	list := strings.Split(text, ",")
	for _, name := range list {
		if t := s.Records.Store.Types.Type(name); t == nil || t.Name != name {
			return nil, errs.Of("types", "record.unknown_type").With("type", clip(name, 40))
		}
	}
	return list, nil
}

type meJSON struct {
	ID     record.ID   `json:"id"`
	Name   string      `json:"name"`
	Posts  []string    `json:"posts"`
	Roles  []string    `json:"roles"`
	Units  []record.ID `json:"units"`
	Scopes []string    `json:"scopes"` // of the token; null where there is no such limit
}

// me handles GET /me.
func (s *server) me(w http.ResponseWriter, c *call) error {
	a := c.actor
	out := meJSON{ID: a.UserID, Name: a.Name, Posts: a.Posts, Roles: a.Roles, Units: a.Units, Scopes: a.Scopes}
	for _, list := range []*[]string{&out.Posts, &out.Roles} {
		if *list == nil {
			*list = []string{}
		}
	}
	if out.Units == nil {
		out.Units = []record.ID{}
	}
	return answer(w, http.StatusOK, out)
}

type tokenJSON struct {
	ID        record.ID  `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes"`
	CreatedAt *time.Time `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	UsedAt    *time.Time `json:"used_at"`
	UsedFrom  string     `json:"used_from,omitempty"`
	RevokedAt *time.Time `json:"revoked_at"`
	Token     string     `json:"token,omitempty"` // the secret, shown once
}

func toToken(t identity.Token) tokenJSON {
	return tokenJSON{
		ID: t.ID, Name: t.Name, Scopes: t.Scopes, CreatedAt: at(t.Created), ExpiresAt: at(t.Expires), UsedAt: at(t.Used),
		UsedFrom: t.UsedFrom, RevokedAt: at(t.Revoked),
	}
}

// tokens handles GET /me/tokens.
func (s *server) tokens(w http.ResponseWriter, c *call) error {
	list, err := s.Identity.Tokens(c.Context(), c.actor, c.actor.UserID)
	if err != nil {
		return err
	}
	items := make([]tokenJSON, len(list))
	for i, t := range list {
		items[i] = toToken(t)
	}
	return answer(w, http.StatusOK, map[string]any{"items": items})
}

// createToken handles POST /me/tokens {name, scopes, expires}. It takes no idempotency key, since the secret is shown
// once and kept nowhere.
func (s *server) createToken(w http.ResponseWriter, c *call) error {
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	name, nerr := textOf(body, "name")
	scopes, serr := textsOf(body, "scopes")
	until, uerr := textOf(body, "expires")
	if err := errors.Join(shape(body, "name", "scopes", "expires"), nerr, serr, uerr); err != nil {
		return err
	}
	spec := identity.TokenSpec{Name: name, Scopes: scopes}
	if until != "" {
		if spec.Expires, err = time.Parse(time.RFC3339, until); err != nil {
			return errs.Of("expires", "api.want_instant")
		}
	}
	t, secret, err := s.Identity.CreateToken(c.Context(), c.actor, spec)
	if err != nil {
		return err
	}
	out := toToken(t)
	out.Token = secret
	return answer(w, http.StatusCreated, out)
}

// revokeToken handles DELETE /me/tokens/{id}.
func (s *server) revokeToken(w http.ResponseWriter, c *call) error {
	return s.end(w, c, s.Identity.RevokeToken)
}

type sessionJSON struct {
	ID        record.ID  `json:"id"`
	CreatedAt *time.Time `json:"created_at"`
	SeenAt    *time.Time `json:"seen_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	Address   string     `json:"address"`
	Agent     string     `json:"agent"`
}

// sessions handles GET /me/sessions.
func (s *server) sessions(w http.ResponseWriter, c *call) error {
	list, err := s.Identity.SessionsOf(c.Context(), c.actor, c.actor.UserID)
	if err != nil {
		return err
	}
	items := make([]sessionJSON, len(list))
	for i, e := range list {
		items[i] = sessionJSON{e.ID, at(e.Created), at(e.Seen), at(e.Expires), e.Address, e.Agent}
	}
	return answer(w, http.StatusOK, map[string]any{"items": items})
}

// revokeSession handles DELETE /me/sessions/{id}.
func (s *server) revokeSession(w http.ResponseWriter, c *call) error {
	return s.end(w, c, s.Identity.RevokeSession)
}
