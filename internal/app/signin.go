package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/federated"
	"dianke/internal/engine/access/identity/leaked"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/jobs"
	"dianke/internal/platform/mail"
)

// signIn builds sign-in with the lists and providers that the configuration names.
func (a *App) signIn() error {
	o := identity.Defaults()
	o.Site, o.Tell = a.Config.BaseURL, a.tell
	if len(a.Config.BreachLists) > 0 {
		lists, err := leaked.Open(a.Config.BreachLists...)
		if err != nil {
			return err
		}
		a.leaked, o.Leaked = lists, lists
	}
	if a.Config.OIDCFile != "" {
		var err error
		if o.Providers, err = federated.Load(a.Config.OIDCFile); err != nil {
			return err
		}
	}
	a.Identity = identity.New(a.Runner, a.Guard, o)
	return nil
}

// securityMail is the kind of jobs that tell a person by mail of a change to his sign-in.
const securityMail = "identity.mail"

// mailOf is the payload of such a job.
type mailOf struct {
	To   record.ID      `json:"to"`
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}

// tell leaves a notice and, where asked, a mail. Failing is logged only: the change itself is done.
func (a *App) tell(ctx context.Context, to record.ID, t identity.Told) {
	ctx = context.WithoutCancel(ctx)
	err := a.InTx(ctx, "sign-in", "job", func(c *record.Call) error {
		return notice.Send(ctx, c, notice.Message{Key: t.Key, Args: t.Args, AboutType: "user", AboutID: to, Urgency: "warning"}, to)
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "notice of a change to sign-in failed", "user", to.String(), "error", err)
	}
	if !t.Mail || a.Mail == nil {
		return
	}
	m := mailOf{To: to, Key: t.Key, Args: t.Args}
	// Commands run without jobs: then the mail goes out at once.
	if a.Jobs != nil && a.Jobs.Enqueue(ctx, securityMail, m, jobs.Job{Urgent: true}) == nil {
		return
	}
	if err := a.sendSecurityMail(ctx, m); err != nil {
		a.Log.ErrorContext(ctx, "mail on a change to sign-in failed", "user", to.String(), "error", err)
	}
}

func (a *App) securityMailJob(ctx context.Context, payload []byte) error {
	var m mailOf
	if err := json.Unmarshal(payload, &m); err != nil {
		return jobs.Permanent(fmt.Errorf("payload of %s: %w", securityMail, err))
	}
	return a.sendSecurityMail(ctx, m)
}

// sendSecurityMail writes in the person's language; whoever has no address has the notice alone.
func (a *App) sendSecurityMail(ctx context.Context, m mailOf) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var u *org.User
	err := a.InTx(ctx, "sign-in", "job", func(c *record.Call) error {
		var err error
		u, err = record.Load[org.User](ctx, c, "user", m.To)
		return err
	})
	if err != nil || u.Mail == "" {
		return err
	}
	lang := i18n.Lang(u.Language)
	if lang == "" {
		lang = i18n.ZH
	}
	args := []any{}
	for k, v := range m.Args {
		args = append(args, k, v)
	}
	return a.Mail.Send(ctx, mail.Message{
		To: []mail.Address{{Name: u.Name, Mail: u.Mail}}, Automatic: true, Subject: a.Catalog.Text(lang, "identity.told.subject"),
		Text: a.Catalog.Text(lang, m.Key, args...) + "\n\n" + a.Config.BaseURL + "/me/security\n",
	})
}
