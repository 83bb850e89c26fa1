package identity

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/access/identity/federated"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Link is an account at a provider that signs a person in.
type Link struct {
	ID       record.ID
	Provider string // key
	Subject  string // the provider's name for him
	Created  time.Time
	Used     time.Time
}

// Providers are who may sign people in beside this instance.
func (s *Service) Providers() []*federated.Provider { return s.opts.Providers }

// Provider returns the one of the key; NotFound where there is none.
func (s *Service) Provider(key string) (*federated.Provider, error) {
	for _, p := range s.opts.Providers {
		if p.Key == key {
			return p, nil
		}
	}
	return nil, errs.New(errs.NotFound, "federated.none")
}

// SignInWith signs in whom a provider vouches for: by the link to his account, else, where the provider is set up so, by
// the mail address it has verified, else by a new account. Unauthenticated (federated.unlinked) where nothing fits.
func (s *Service) SignInWith(ctx context.Context, p *federated.Provider, c federated.Claims, from Client) (SignedIn, error) {
	user, err := s.linked(ctx, p.Key, c.Subject)
	if err == nil && user == 0 && p.LinkByMail && c.MailVerified && c.Mail != "" {
		if user, err = s.byMail(ctx, c.Mail); err == nil && user != 0 {
			err = s.link(ctx, actorOf(user, from), user, p, c.Subject, "mail")
		}
	}
	if err == nil && user == 0 && p.Create != nil {
		user, err = s.create(ctx, p, c, from)
	}
	if err != nil {
		return SignedIn{}, err
	}
	if user == 0 {
		return SignedIn{}, errs.New(errs.Unauthenticated, "federated.unlinked").With("provider", p.Label)
	}
	in := SignedIn{User: user, Factor: c.SecondFactor, Method: p.Key}
	if !c.SecondFactor {
		if in.Second, err = s.HasFactor(ctx, user); err != nil {
			return SignedIn{}, err
		}
	}
	return in, db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		var active bool
		err := tx.QueryRow(ctx, "SELECT status = 'active' FROM users WHERE id = ? AND archived_at IS NULL", user).Scan(&active)
		if db.IsNoRows(err) || err == nil && !active {
			return errs.New(errs.Unauthenticated, "federated.unlinked").With("provider", p.Label)
		}
		if err != nil {
			return fmt.Errorf("read account: %w", err)
		}
		_, err = tx.Exec(ctx, "UPDATE sign_in_links SET used_at = ? WHERE provider = ? AND subject = ?", s.now(), p.Key, c.Subject)
		return err
	})
}

func (s *Service) linked(ctx context.Context, provider, subject string) (record.ID, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) (record.ID, error) {
		var user record.ID
		err := tx.QueryRow(ctx, "SELECT user_id FROM sign_in_links WHERE provider = ? AND subject = ?", provider, subject).Scan(&user)
		if db.IsNoRows(err) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("look for link: %w", err)
		}
		return user, nil
	})
}

// byMail finds the one active person with the address; none where several share it.
func (s *Service) byMail(ctx context.Context, mail string) (record.ID, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) (record.ID, error) {
		var found []record.ID
		err := tx.Each(ctx, "SELECT id FROM users WHERE LOWER(mail) = ? AND archived_at IS NULL AND status = 'active' LIMIT 2", []any{strings.ToLower(mail)},
			func(r *sql.Rows) error {
				var id record.ID
				err := r.Scan(&id)
				found = append(found, id)
				return err
			})
		if err != nil {
			return 0, fmt.Errorf("look for mail address: %w", err)
		}
		if len(found) != 1 {
			return 0, nil
		}
		return found[0], nil
	})
}

// LinkTo links an account at a provider to a person: to oneself, or, with the permission to update all employees, to
// another. Conflict where it belongs to somebody already.
func (s *Service) LinkTo(ctx context.Context, by record.Actor, user record.ID, p *federated.Provider, subject string) error {
	subject = strings.TrimSpace(subject)
	if subject == "" || len(subject) > 255 {
		return errs.Of("subject", "federated.subject")
	}
	how := "self"
	if by.UserID != user {
		how = "administrator"
	}
	return s.link(ctx, by, user, p, subject, how)
}

func (s *Service) link(ctx context.Context, by record.Actor, user record.ID, p *federated.Provider, subject, how string) error {
	err := db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "INSERT INTO sign_in_links (id, user_id, provider, subject, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (provider, subject) DO NOTHING",
			s.runner.Store.IDs.Next(), user, p.Key, subject, s.now())
		if err != nil {
			return fmt.Errorf("link account: %w", err)
		}
		if n == 0 {
			return errs.New(errs.Conflict, "federated.taken")
		}
		return s.log(ctx, tx, "link.add", by, user, map[string]any{"provider": p.Key, "how": how})
	})
	if err == nil {
		s.tell(ctx, user, Told{Key: "identity.told.linked", Args: map[string]any{"provider": p.Label}, Mail: true})
	}
	return err
}

// Unlink ends a link. One's own last way in stays (Conflict): without a password or a passkey there would be none left.
func (s *Service) Unlink(ctx context.Context, by record.Actor, user, id record.ID) error {
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "DELETE FROM sign_in_links WHERE id = ? AND user_id = ?", id, user)
		if err != nil {
			return fmt.Errorf("unlink account: %w", err)
		}
		if n == 0 {
			return errs.New(errs.NotFound, "federated.no_link")
		}
		if by.UserID == user {
			var ways int
			err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM credentials WHERE user_id = ?) + (SELECT COUNT(*) FROM passkeys WHERE user_id = ?)
				+ (SELECT COUNT(*) FROM sign_in_links WHERE user_id = ?)`, user, user, user).Scan(&ways)
			if err != nil {
				return fmt.Errorf("count ways in: %w", err)
			}
			if ways == 0 {
				return errs.New(errs.Conflict, "federated.last")
			}
		}
		return s.log(ctx, tx, "link.remove", by, user, nil)
	})
}

func linksOf(ctx context.Context, tx *db.Tx, user record.ID) ([]Link, error) {
	var out []Link
	err := tx.Each(ctx, "SELECT id, provider, subject, created_at, used_at FROM sign_in_links WHERE user_id = ? ORDER BY id LIMIT 50", []any{user},
		func(r *sql.Rows) error {
			var l Link
			err := r.Scan(&l.ID, &l.Provider, &l.Subject, db.Time(&l.Created), db.Time(&l.Used))
			out = append(out, l)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	return out, nil
}

// create makes an account with the post the provider's settings name. It has no password.
func (s *Service) create(ctx context.Context, p *federated.Provider, c federated.Claims, from Client) (record.ID, error) {
	login := c.Login
	if login == "" {
		login = c.Mail
	}
	if login == "" {
		login = p.Key + "-" + c.Subject
	}
	name := c.Name
	if name == "" {
		name = login
	}
	mail := ""
	if c.MailVerified {
		mail = c.Mail
	}
	u := &org.User{Name: clip(name, 80), Login: clip(login, 60), Mail: mail, Status: "active", Language: "zh"}
	err := s.runner.InTx(ctx, s.guard.SystemScope("sign-in", "web", "user", record.Create), func(call *record.Call) error {
		return s.hire(ctx, call, p, u, c.Subject)
	})
	if err != nil {
		return 0, errs.New(errs.Conflict, "federated.create").With("provider", p.Label).Because(err)
	}
	s.guard.Forget()
	return u.ID, nil
}

func (s *Service) hire(ctx context.Context, call *record.Call, p *federated.Provider, u *org.User, subject string) error {
	posts, err := record.Find[org.Post](ctx, call, "post", record.Where("key", p.Create.Post), 1)
	if err != nil {
		return err
	}
	where := record.Where("kind", "company")
	if p.Create.Unit != "" {
		where = record.Where("key", p.Create.Unit)
	}
	units, err := record.Find[org.Unit](ctx, call, "unit", where, 1)
	if err != nil {
		return err
	}
	if len(posts) == 0 || len(units) == 0 {
		return fmt.Errorf("provider %s: post %q or unit %q does not exist", p.Key, p.Create.Post, p.Create.Unit)
	}
	u.UnitID = units[0].ID
	if err := call.Work.Insert(ctx, call, "user", u); err != nil {
		return err
	}
	if err := call.Work.Insert(ctx, call, "posting", &org.Posting{UserID: u.ID, PostID: posts[0].ID, InUnit: units[0].ID, Main: true}); err != nil {
		return err
	}
	_, err = call.Tx.Exec(ctx, "INSERT INTO sign_in_links (id, user_id, provider, subject, created_at) VALUES (?, ?, ?, ?, ?)",
		s.runner.Store.IDs.Next(), u.ID, p.Key, subject, s.now())
	if err != nil {
		return fmt.Errorf("link account: %w", err)
	}
	return s.log(ctx, call.Tx, "link.add", call.Actor(), u.ID, map[string]any{"provider": p.Key, "how": "created"})
}
