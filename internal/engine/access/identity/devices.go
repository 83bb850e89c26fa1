package identity

import (
	"context"
	"database/sql"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// SessionsOf lists the live sessions of a person, the one used last first. One sees one's own; those of others need the
// permission to update all employees.
func (s *Service) SessionsOf(ctx context.Context, by record.Actor, user record.ID) ([]Session, error) {
	now := s.now()
	p, err := s.Policy(ctx)
	if err != nil {
		return nil, err
	}
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) ([]Session, error) {
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return nil, err
		}
		var out []Session
		err := tx.Each(ctx, `SELECT id, created_at, seen_at, expires_at, address, agent FROM sessions
			WHERE user_id = ? AND ended_at IS NULL AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, id DESC LIMIT 200`,
			[]any{user, now, now.Add(-p.Idle())}, func(r *sql.Rows) error {
				var e Session
				err := r.Scan(&e.ID, db.Time(&e.Created), db.Time(&e.Seen), db.Time(&e.Expires), &e.Address, &e.Agent)
				out = append(out, e)
				return err
			})
		if err != nil {
			return nil, fmt.Errorf("list sessions: %w", err)
		}
		return out, nil
	})
}

// mayManage lets a person manage his own sessions and tokens, and those of others who may update all employees.
func (s *Service) mayManage(ctx context.Context, tx *db.Tx, by record.Actor, user record.ID) error {
	if by.IsPerson() && by.UserID == user {
		return nil
	}
	scope, err := s.guard.Authorize(ctx, tx, by, "user", record.Update)
	if err != nil {
		return err
	}
	if !scope.Visible.All {
		return errs.New(errs.Forbidden, "access.denied").With("type", "user").With("action", record.Update)
	}
	return nil
}

// mayOversee lets who may update all employees look after the sign-in of others, and named parts of the program.
func (s *Service) mayOversee(ctx context.Context, tx *db.Tx, by record.Actor) error {
	if !by.IsPerson() && by.System != "" {
		return nil
	}
	return s.mayManage(ctx, tx, by, 0)
}

// RevokeSession ends one session of a person; NotFound where he has none of that id.
func (s *Service) RevokeSession(ctx context.Context, by record.Actor, user, session record.ID) error {
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "UPDATE sessions SET ended_at = ?, ended_why = 'revoked' WHERE id = ? AND user_id = ? AND ended_at IS NULL", s.now(), session, user)
		if err != nil {
			return fmt.Errorf("revoke session: %w", err)
		}
		if n == 0 {
			return errs.New(errs.NotFound, "identity.session.none")
		}
		return s.log(ctx, tx, "session.revoke", by, user, map[string]any{"sessions": n})
	})
}

// RevokeSessions ends all sessions of a person but the one to keep; zero keeps none.
func (s *Service) RevokeSessions(ctx context.Context, by record.Actor, user, keep record.ID) error {
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return err
		}
		return s.endSessions(ctx, tx, by, user, keep, "revoked")
	})
}

// endSessions keeps the rows for a day, so that the browser that held the session can be told why it ended.
func (s *Service) endSessions(ctx context.Context, tx *db.Tx, by record.Actor, user, keep record.ID, why string) error {
	n, err := tx.Exec(ctx, "UPDATE sessions SET ended_at = ?, ended_why = ? WHERE user_id = ? AND id <> ? AND ended_at IS NULL", s.now(), why, user, int64(keep))
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	if n == 0 {
		return nil
	}
	return s.log(ctx, tx, "session.revoke", by, user, map[string]any{"sessions": n, "why": why})
}

// Gate ends sessions and tokens of a person in the transaction in which he is disabled or archived. It belongs into the
// runner's gates.
type Gate struct{ Service *Service }

// Before implements [record.Gate]; it refuses nothing.
func (Gate) Before(context.Context, *record.Call) error { return nil }

// After implements [record.Gate].
func (g Gate) After(ctx context.Context, c *record.Call) error {
	if c.Type.Name != "user" || c.Record.HeadOf().LockVersion == 1 {
		return nil
	}
	if c.Type.StateOf(c.Record) == "active" && !c.Record.HeadOf().Archived() {
		return nil
	}
	user := c.Record.HeadOf().ID
	if err := g.Service.endSessions(ctx, c.Tx, c.Actor(), user, 0, "disabled"); err != nil {
		return err
	}
	n, err := c.Tx.Exec(ctx, "UPDATE api_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", c.Now, user)
	if err != nil {
		return fmt.Errorf("revoke tokens: %w", err)
	}
	if n == 0 {
		return nil
	}
	return g.Service.log(ctx, c.Tx, "token.revoke", c.Actor(), user, map[string]any{"tokens": n, "why": "disabled"})
}
