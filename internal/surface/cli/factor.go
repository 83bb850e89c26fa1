package cli

import (
	"context"
	"strconv"

	"dianke/internal/app"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
)

type userEnableCmd struct {
	Login string `arg:"" help:"Sign-in name."`
}

// Run enables the person.
func (c userEnableCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		u, err := userOf(ctx, a, "user.enable", c.Login)
		if err != nil {
			return err
		}
		_, err = a.Runner.Do(ctx, a.System("user.enable", "cli", "user", "enable"), action.Command{Type: "user", Action: "enable", ID: u.ID})
		if err != nil {
			return err
		}
		s.say("%s can sign in again", c.Login)
		return nil
	})
}

type userFactorsCmd struct {
	Without bool `help:"Only active people without a second factor."`
}

// Run lists how people sign in.
func (c userFactorsCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		t := newTable("login", "state", "app", "passkeys", "recovery", "sessions", "tokens")
		q := identity.PeopleQuery{NoFactor: c.Without}
		for {
			list, err := a.Identity.People(ctx, record.Actor{System: "user.factors", Via: "cli"}, q)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return t.print(s.Out)
			}
			for _, p := range list {
				t.row(p.Login, state(p), yes(p.Codes), strconv.Itoa(p.Passkeys), strconv.Itoa(p.Recovery), strconv.Itoa(p.Sessions), strconv.Itoa(p.Tokens))
			}
			q.After = list[len(list)-1].ID
		}
	})
}

func state(p identity.PersonAccess) string {
	switch {
	case !p.Active:
		return "disabled"
	case !p.Blocked.IsZero():
		return "waiting"
	}
	return "active"
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

type userResetFactorCmd struct {
	Login string `arg:"" help:"Sign-in name."`
}

// Run resets the second factor; the person is told by mail.
func (c userResetFactorCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		u, err := userOf(ctx, a, "user.reset-factor", c.Login)
		if err != nil {
			return err
		}
		if err := a.Identity.ResetFactors(ctx, record.Actor{System: "user.reset-factor", Via: "cli"}, u.ID); err != nil {
			return err
		}
		s.say("%s has no second factor now and was signed out everywhere", c.Login)
		return nil
	})
}

type userUnblockCmd struct {
	Login string `arg:"" help:"Sign-in name."`
}

// Run lifts the waiting after wrong passwords.
func (c userUnblockCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		u, err := userOf(ctx, a, "user.unblock", c.Login)
		if err != nil {
			return err
		}
		if err := a.Identity.Unblock(ctx, record.Actor{System: "user.unblock", Via: "cli"}, u.ID); err != nil {
			return err
		}
		s.say("%s can sign in at once", c.Login)
		return nil
	})
}
