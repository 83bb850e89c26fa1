package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"dianke/internal/app"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add a person and print a first password, to be changed at the first sign-in."`
	Password userPasswordCmd `cmd:"" help:"Give a person a new password; all sessions end."`
	Disable  userDisableCmd  `cmd:"" help:"Let a person sign in no longer; sessions and tokens end."`
	Enable   userEnableCmd   `cmd:"" help:"Let a person sign in again who was disabled."`
	List     userListCmd     `cmd:"" help:"List people with their posts."`

	Factors     userFactorsCmd     `cmd:"" help:"List who has a second factor and who has none."`
	ResetFactor userResetFactorCmd `cmd:"" help:"Take app, passkeys and recovery codes from a person who lost them; all sessions end."`
	Unblock     userUnblockCmd     `cmd:"" help:"Let a person sign in at once whose name was blocked by wrong passwords."`
}

type userAddCmd struct {
	Login string `arg:"" help:"Sign-in name."`
	Name  string `required:"" help:"Name of the person."`
	Post  string `required:"" help:"Key of the post, such as administrator."`
	Unit  string `help:"Key of the unit; the company where left out."`
	Mail  string `help:"Mail address."`
}

// Run makes person, posting and password.
func (c userAddCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		var u *org.User
		err := a.InTx(ctx, "user.add", "cli", func(call *record.Call) error {
			var err error
			u, err = c.insert(ctx, call)
			return err
		})
		if err != nil {
			return err
		}
		return s.newPassword(ctx, a, u, "user.add")
	})
}

func (c userAddCmd) insert(ctx context.Context, call *record.Call) (*org.User, error) {
	post, err := one[org.Post](ctx, call, "post", record.Where("key", c.Post))
	if err != nil {
		return nil, err
	}
	where := record.Where("kind", "company")
	if c.Unit != "" {
		where = record.Where("key", c.Unit)
	}
	unit, err := one[org.Unit](ctx, call, "unit", where)
	if err != nil {
		return nil, err
	}
	u := &org.User{Head: record.Head{UnitID: unit.ID}, Name: c.Name, Login: c.Login, Mail: c.Mail, Status: "active", Language: "zh"}
	if err := call.Work.Insert(ctx, call, "user", u); err != nil {
		return nil, err
	}
	return u, call.Work.Insert(ctx, call, "posting", &org.Posting{UserID: u.ID, PostID: post.ID, InUnit: unit.ID, Main: true})
}

// one finds the first live record of the filter and says which is missing.
func one[T any](ctx context.Context, c *record.Call, typ string, f record.Filter) (*T, error) {
	list, err := record.Find[T](ctx, c, typ, f, 1)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no %s whose %s is %v", typ, f.Field, f.Value)
	}
	return list[0], nil
}

// newPassword makes a password that nobody chose, shows it once and asks for another at the next sign-in.
func (s *shell) newPassword(ctx context.Context, a *app.App, u *org.User, as string) error {
	password := strings.ToLower(rand.Text())[:20]
	if err := a.Identity.SetPassword(ctx, record.Actor{System: as, Via: "cli"}, u.ID, password, true); err != nil {
		return err
	}
	s.say("%s signs in once with this password and then chooses another: %s", u.Login, password)
	return nil
}

type userPasswordCmd struct {
	Login string `arg:"" help:"Sign-in name."`
	Stdin bool   `help:"Read the password from the first line of standard input; it need not be changed then."`
}

// Run sets the password.
func (c userPasswordCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		u, err := userOf(ctx, a, "user.password", c.Login)
		if err != nil || !c.Stdin {
			if err != nil {
				return err
			}
			return s.newPassword(ctx, a, u, "user.password")
		}
		line, err := bufio.NewReader(s.In).ReadString('\n')
		password := strings.TrimRight(line, "\r\n")
		if password == "" {
			return errors.Join(usage("no password on standard input"), err)
		}
		return a.Identity.SetPassword(ctx, record.Actor{System: "user.password", Via: "cli"}, u.ID, password, false)
	})
}

func userOf(ctx context.Context, a *app.App, as, login string) (*org.User, error) {
	var u *org.User
	err := a.InTx(ctx, as, "cli", func(c *record.Call) error {
		var err error
		u, err = one[org.User](ctx, c, "user", record.Where("login", login))
		return err
	})
	return u, err
}

type userDisableCmd struct {
	Login string `arg:"" help:"Sign-in name."`
}

// Run disables the person.
func (c userDisableCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		u, err := userOf(ctx, a, "user.disable", c.Login)
		if err != nil {
			return err
		}
		_, err = a.Runner.Do(ctx, a.System("user.disable", "cli", "user", "disable"), action.Command{Type: "user", Action: "disable", ID: u.ID})
		if err != nil {
			return err
		}
		s.say("%s can no longer sign in", c.Login)
		return nil
	})
}

// all reads every live record of the filter, a page at a time, in the order they were made.
func all[T any](ctx context.Context, a *app.App, c *record.Call, typ string, f record.Filter) ([]*T, error) {
	t := a.Types.Type(typ)
	q := record.Query{Filter: f, Sort: "id", Limit: 200}
	var out []*T
	for {
		page, err := a.Store.List(ctx, c.Tx, t, c.Scope.Consequence(typ, record.Read), q)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Items {
			out = append(out, any(e).(*T))
		}
		if page.Next == "" {
			return out, nil
		}
		q.After = page.Next
	}
}

type userListCmd struct{}

// Run lists people in the order in which they came.
func (userListCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		return a.InTx(ctx, "user.list", "cli", func(c *record.Call) error {
			people, err := all[org.User](ctx, a, c, "user", record.Filter{})
			if err != nil {
				return err
			}
			held, err := all[org.Posting](ctx, a, c, "posting", record.Filter{})
			if err != nil {
				return err
			}
			posts := map[record.ID][]string{}
			for _, p := range held {
				posts[p.UserID] = append(posts[p.UserID], p.Label)
			}
			t := newTable("login", "status", "name", "posts")
			for _, u := range people {
				t.row(u.Login, u.Status, u.Name, strings.Join(posts[u.ID], ", "))
			}
			return t.print(s.Out)
		})
	})
}
