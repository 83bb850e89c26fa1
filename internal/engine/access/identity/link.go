package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// The purposes of one-time links.
const (
	forSetup    = "setup"
	forPassword = "password"
)

// IssueSetupLink returns the secret of the link that makes the first administrator; an earlier one is void. Where
// somebody has a password already it is Conflict (identity.setup.done): there is nothing to set up.
func (s *Service) IssueSetupLink(ctx context.Context) (string, error) {
	return db.InTx(ctx, s.runner.DB, func(tx *db.Tx) (string, error) {
		if err := s.fresh(ctx, tx); err != nil {
			return "", err
		}
		return s.issue(ctx, tx, forSetup, 0, s.opts.SetupTTL)
	})
}

// NeedsSetup reports whether nobody can sign in yet.
func (s *Service) NeedsSetup(ctx context.Context) (bool, error) {
	_, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (struct{}, error) { return struct{}{}, s.fresh(ctx, tx) })
	if errs.Is(err, errs.Conflict) {
		return false, nil
	}
	return err == nil, err
}

func (s *Service) fresh(ctx context.Context, tx *db.Tx) error {
	var n int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM credentials").Scan(&n); err != nil {
		return fmt.Errorf("count passwords: %w", err)
	}
	if n > 0 {
		return errs.New(errs.Conflict, "identity.setup.done")
	}
	return nil
}

// issue voids earlier links of the same purpose and person and makes a new one.
func (s *Service) issue(ctx context.Context, tx *db.Tx, purpose string, user record.ID, life time.Duration) (string, error) {
	secret, err := newSecret()
	if err != nil {
		return "", err
	}
	now := s.now()
	if _, err := tx.Exec(ctx, "DELETE FROM one_time_links WHERE purpose = ? AND COALESCE(user_id, 0) = ?", purpose, int64(user)); err != nil {
		return "", fmt.Errorf("void links: %w", err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO one_time_links (id, hash, purpose, user_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
		s.runner.Store.IDs.Next(), sum(secret), purpose, user, now, now.Add(life))
	if err != nil {
		return "", fmt.Errorf("issue link: %w", err)
	}
	return secret, nil
}

// redeem uses a link up and returns whom it is for. Unknown, used and expired links are all NotFound with one key.
func (s *Service) redeem(ctx context.Context, tx *db.Tx, purpose, secret string) (record.ID, error) {
	now := s.now()
	var user record.ID
	err := tx.QueryRow(ctx, `UPDATE one_time_links SET used_at = ? WHERE hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?
		RETURNING user_id`, now, sum(secret), purpose, now).Scan(&user)
	if db.IsNoRows(err) {
		return 0, errs.New(errs.NotFound, "identity.link.void")
	}
	if err != nil {
		return 0, fmt.Errorf("redeem link: %w", err)
	}
	return user, nil
}

// peek refuses a link that [Service.redeem] would refuse, before a password is hashed for nothing.
func (s *Service) peek(ctx context.Context, purpose, secret string) error {
	var one int
	_, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (struct{}, error) {
		return struct{}{}, tx.QueryRow(ctx, "SELECT 1 FROM one_time_links WHERE hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?",
			sum(secret), purpose, s.now()).Scan(&one)
	})
	if db.IsNoRows(err) {
		return errs.New(errs.NotFound, "identity.link.void")
	}
	if err != nil {
		return fmt.Errorf("look at link: %w", err)
	}
	return nil
}

// Administrator is the first person of an instance.
type Administrator struct {
	Company  string // name of the company; used where there is no unit yet
	Name     string
	Login    string
	Password string
	Language string // of pages and notices; Chinese where empty
}

// CompleteSetup redeems the link of the first start: company, role, post and the administrator come into being in one
// transaction. The link stays good when the input is refused (Invalid).
func (s *Service) CompleteSetup(ctx context.Context, secret string, in Administrator) (record.ID, error) {
	in.Login = strings.TrimSpace(in.Login)
	if err := s.peek(ctx, forSetup, secret); err != nil {
		return 0, err
	}
	if err := s.CheckPassword(ctx, in.Password, in.Login, in.Name); err != nil {
		return 0, err
	}
	h, err := s.hash(ctx, in.Password)
	if err != nil {
		return 0, err
	}
	var user record.ID
	scope := s.guard.SystemScope("setup", "web", "user", record.Create)
	err = s.runner.InTx(ctx, scope, func(c *record.Call) error {
		if err := s.fresh(ctx, c.Tx); err != nil {
			return err
		}
		if _, err := s.redeem(ctx, c.Tx, forSetup, secret); err != nil {
			return err
		}
		var err error
		if user, err = appoint(ctx, c, in); err != nil {
			return err
		}
		return s.put(ctx, c.Tx, c.Actor(), user, h, false)
	})
	if err != nil {
		return 0, err
	}
	s.guard.Forget()
	return user, nil
}

// AdministratorKey is the key of the role and the post that set-up gives to the first person.
const AdministratorKey = "administrator"

// appoint makes the person and gives him the post of administrator in the company.
func appoint(ctx context.Context, c *record.Call, in Administrator) (record.ID, error) {
	unit, err := companyOf(ctx, c, in.Company)
	if err != nil {
		return 0, err
	}
	post, err := administratorPost(ctx, c)
	if err != nil {
		return 0, err
	}
	u := &org.User{Name: in.Name, Login: in.Login, Status: "active", Language: "zh", Head: record.Head{UnitID: unit}}
	if in.Language != "" {
		u.Language = in.Language
	}
	if err := c.Work.Insert(ctx, c, "user", u); err != nil {
		return 0, err
	}
	return u.ID, c.Work.Insert(ctx, c, "posting", &org.Posting{UserID: u.ID, PostID: post, InUnit: unit, Main: true})
}

func companyOf(ctx context.Context, c *record.Call, name string) (record.ID, error) {
	list, err := record.Find[org.Unit](ctx, c, "unit", record.Where("kind", "company"), 1)
	if err != nil {
		return 0, err
	}
	if len(list) > 0 {
		return list[0].ID, nil
	}
	if strings.TrimSpace(name) == "" {
		return 0, errs.Of("company", "field.required").With("field", "company")
	}
	u := &org.Unit{Name: name, Kind: "company"}
	if err := c.Work.Insert(ctx, c, "unit", u); err != nil {
		return 0, err
	}
	return u.ID, nil
}

// administratorPost finds the post, or makes it with a role that may do everything.
func administratorPost(ctx context.Context, c *record.Call) (record.ID, error) {
	posts, err := record.Find[org.Post](ctx, c, "post", record.Where("key", AdministratorKey), 1)
	if err != nil || len(posts) > 0 {
		if err == nil {
			return posts[0].ID, nil
		}
		return 0, err
	}
	if err := administratorRole(ctx, c); err != nil {
		return 0, err
	}
	p := &org.Post{Title: "系统管理员", Key: AdministratorKey, Roles: []string{AdministratorKey}}
	if err := c.Work.Insert(ctx, c, "post", p); err != nil {
		return 0, err
	}
	return p.ID, nil
}

func administratorRole(ctx context.Context, c *record.Call) error {
	roles, err := record.Find[org.Role](ctx, c, "role", record.Where("key", AdministratorKey), 1)
	if err != nil || len(roles) > 0 {
		return err
	}
	r := &org.Role{Title: "系统管理员", Key: AdministratorKey}
	if err := c.Work.Insert(ctx, c, "role", r); err != nil {
		return err
	}
	for _, act := range []string{"*", record.Reveal, record.Export, record.Import} {
		g := &org.GrantRow{RoleID: r.ID, Type: "*", Action: act, Reach: string(access.All), Class: record.Personal.String()}
		if err := c.Work.Insert(ctx, c, "grant", g); err != nil {
			return err
		}
	}
	return nil
}

// IssuePasswordLink returns the secret of a link with which a person chooses a password: an invitation, or the way back
// in. It needs the permission to update all employees; not even one's own can be had otherwise.
func (s *Service) IssuePasswordLink(ctx context.Context, by record.Actor, user record.ID) (string, error) {
	return db.InTx(ctx, s.runner.DB, func(tx *db.Tx) (string, error) {
		if err := s.mayManage(ctx, tx, by, 0); err != nil {
			return "", err
		}
		if _, err := loginOf(ctx, tx, user); err != nil {
			return "", err
		}
		if err := s.log(ctx, tx, "password.link", by, user, nil); err != nil {
			return "", err
		}
		return s.issue(ctx, tx, forPassword, user, s.opts.LinkTTL)
	})
}

// RedeemPasswordLink gives the person of the link the password he chose; all his sessions end. A password that breaks
// the rules leaves the link good.
func (s *Service) RedeemPasswordLink(ctx context.Context, secret, password string, from Client) (record.ID, error) {
	if err := s.peek(ctx, forPassword, secret); err != nil {
		return 0, err
	}
	user, err := s.linkedTo(ctx, secret)
	if err != nil {
		return 0, err
	}
	names, err := s.names(ctx, user)
	if err != nil {
		return 0, err
	}
	if err := s.CheckPassword(ctx, password, names...); err != nil {
		return 0, err
	}
	h, err := s.hash(ctx, password)
	if err != nil {
		return 0, err
	}
	return db.InTx(ctx, s.runner.DB, func(tx *db.Tx) (record.ID, error) {
		user, err := s.redeem(ctx, tx, forPassword, secret)
		if err != nil {
			return 0, err
		}
		return user, s.put(ctx, tx, actorOf(user, from), user, h, false)
	})
}

// linkedTo is whom a link for a password is for.
func (s *Service) linkedTo(ctx context.Context, secret string) (record.ID, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) (record.ID, error) {
		var user record.ID
		err := tx.QueryRow(ctx, "SELECT user_id FROM one_time_links WHERE hash = ? AND purpose = ?", sum(secret), forPassword).Scan(&user)
		return user, err
	})
}
