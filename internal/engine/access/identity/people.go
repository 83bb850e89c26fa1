package identity

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// PersonAccess is how one person signs in, for the administrator's list.
type PersonAccess struct {
	ID       record.ID
	Name     string
	Login    string
	Active   bool
	Password bool
	Codes    bool
	Passkeys int
	Recovery int
	Links    int
	Sessions int
	Tokens   int
	Seen     time.Time // of a live session
	Blocked  time.Time // sign-in with a password waits until then, except on known devices
}

// Second reports whether there is a second factor.
func (p PersonAccess) Second() bool { return p.Codes || p.Passkeys > 0 }

// PeopleQuery narrows [Service.People].
type PeopleQuery struct {
	ID       record.ID // this one alone
	Text     string    // in name or sign-in name
	NoFactor bool      // active people without a second factor
	After    record.ID // the last one of the page before
	Limit    int
}

const mostPeople = 200

// People lists how people sign in, in the order in which they came. It needs the permission to update all employees.
func (s *Service) People(ctx context.Context, by record.Actor, q PeopleQuery) ([]PersonAccess, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) ([]PersonAccess, error) {
		if err := s.mayOversee(ctx, tx, by); err != nil {
			return nil, err
		}
		return s.people(ctx, tx, q)
	})
}

const factorsOfPeople = `(SELECT COUNT(*) FROM one_time_codes o WHERE o.user_id = u.id AND o.since IS NOT NULL)`

func (s *Service) people(ctx context.Context, tx *db.Tx, q PeopleQuery) ([]PersonAccess, error) {
	now := s.now()
	stmt := `SELECT u.id, u.name, u.login, u.status, (SELECT COUNT(*) FROM credentials c WHERE c.user_id = u.id), ` + factorsOfPeople + `,
		(SELECT COUNT(*) FROM passkeys k WHERE k.user_id = u.id), (SELECT COUNT(*) FROM recovery_codes r WHERE r.user_id = u.id AND r.used_at IS NULL),
		(SELECT COUNT(*) FROM sign_in_links l WHERE l.user_id = u.id),
		(SELECT COUNT(*) FROM sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL AND s.expires_at > ?),
		(SELECT COUNT(*) FROM api_tokens t WHERE t.user_id = u.id AND t.revoked_at IS NULL AND t.expires_at > ?),
		(SELECT MAX(s.seen_at) FROM sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL)
		FROM users u WHERE u.archived_at IS NULL AND u.id > ?`
	args := []any{now, now, int64(q.After)}
	if q.ID != 0 {
		stmt, args = stmt+" AND u.id = ?", append(args, q.ID)
	}
	if text := strings.ToLower(strings.TrimSpace(q.Text)); text != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
		stmt, args = stmt+` AND (LOWER(u.name) LIKE ? ESCAPE '\' OR LOWER(u.login) LIKE ? ESCAPE '\')`, append(args, like, like)
	}
	if q.NoFactor {
		stmt += " AND u.status = 'active' AND " + factorsOfPeople + " = 0 AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = u.id)"
	}
	if q.Limit <= 0 || q.Limit > mostPeople {
		q.Limit = mostPeople
	}
	var out []PersonAccess
	err := tx.Each(ctx, stmt+" ORDER BY u.id LIMIT ?", append(args, q.Limit), func(r *sql.Rows) error {
		var p PersonAccess
		var status string
		err := r.Scan(&p.ID, &p.Name, &p.Login, &status, &p.Password, &p.Codes, &p.Passkeys, &p.Recovery, &p.Links, &p.Sessions, &p.Tokens, db.Time(&p.Seen))
		p.Active = status == "active"
		out = append(out, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	for i := range out {
		if _, out[i].Blocked, err = attempts(ctx, tx, nameKey(fold(out[i].Login)), now); err != nil {
			return nil, err
		}
		if !out[i].Blocked.After(now) {
			out[i].Blocked = time.Time{}
		}
	}
	return out, nil
}

// Unblock lets a person sign in at once whose name was blocked by wrong passwords. It needs the permission to update all
// employees.
func (s *Service) Unblock(ctx context.Context, by record.Actor, user record.ID) error {
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayOversee(ctx, tx, by); err != nil {
			return err
		}
		login, err := loginOf(ctx, tx, user)
		if err != nil {
			return err
		}
		for _, key := range []string{nameKey(fold(login)), sum("factor\x00" + user.String()), sum("own\x00" + user.String())} {
			if _, err := tx.Exec(ctx, "DELETE FROM login_attempts WHERE subject = ?", key); err != nil {
				return fmt.Errorf("unblock: %w", err)
			}
		}
		return s.log(ctx, tx, "session.unblock", by, user, nil)
	})
}

// OneOf returns how a person signs in; NotFound where there is none of the id.
func (s *Service) OneOf(ctx context.Context, by record.Actor, user record.ID) (PersonAccess, error) {
	list, err := s.People(ctx, by, PeopleQuery{ID: user, Limit: 1})
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "access.no_account")
	}
	if err != nil {
		return PersonAccess{}, err
	}
	return list[0], nil
}
