package signinpages

import (
	"context"
	"net/http"
	"strings"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// personView is how one person signs in, with what can be done.
type personView struct {
	At                       string // path of the page
	Name                     string
	Error                    string
	Items                    []webui.DescriptionItem
	Locked, Blocked, Second  bool
	Self                     bool
	Sessions, Tokens, Links  []row
	Providers                []webui.Option
	Provider, Subject, Fault string
}

// row is a session, a token or a link with its button.
type row struct {
	ID, Name string
	Detail   []string
	Ended    bool
}

func (p *Pages) person(w http.ResponseWriter, r *http.Request) error {
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	return p.showPerson(w, r, id, nil)
}

// orPerson shows what is wrong on the page of the person.
func (p *Pages) orPerson(w http.ResponseWriter, r *http.Request, id record.ID, err error) error {
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) {
		return p.showPerson(w, r, id, err)
	}
	return err
}

func (p *Pages) showPerson(w http.ResponseWriter, r *http.Request, id record.ID, fault error) error {
	ctx := r.Context()
	a, err := p.Identity.OneOf(ctx, web.Actor(ctx), id)
	if err != nil {
		return err
	}
	v := personView{
		At: "/settings/sign-in/people/" + id.String(), Name: a.Name, Locked: !a.Active, Blocked: !a.Blocked.IsZero(), Second: a.Second(),
		Self: web.Actor(ctx).UserID == id, Provider: r.PostFormValue("provider"), Subject: r.PostFormValue("subject"),
	}
	if err := p.fill(ctx, &v, id, a); err != nil {
		return err
	}
	factor, state := factorBadge(ctx, a), stateBadge(ctx, a)
	view := web.View{
		Title: a.Name, Crumbs: []webui.Link{{Label: i18n.T(ctx, "signin.title"), Href: "/settings/sign-in"}}, Badges: []webui.BadgeView{state, factor},
	}
	if fault != nil {
		e := webui.ErrorViewOf(ctx, fault)
		view.Status, v.Fault = e.Status, webui.FieldErrors(ctx, fault)["subject"]
		if v.Fault == "" {
			v.Error = e.Sentence
		}
	}
	return p.server.Page(w, r, view, personPage(v))
}

func (p *Pages) fill(ctx context.Context, v *personView, id record.ID, a identity.PersonAccess) error {
	me := web.Actor(ctx)
	f, err := p.Identity.FactorsOf(ctx, me, id)
	if err != nil {
		return err
	}
	sessions, err := p.Identity.SessionsOf(ctx, me, id)
	if err != nil {
		return err
	}
	tokens, err := p.Identity.Tokens(ctx, me, id)
	if err != nil {
		return err
	}
	item := func(key, value string) {
		v.Items = append(v.Items, webui.DescriptionItem{Label: i18n.T(ctx, key), Value: value})
	}
	item("signin.login", a.Login)
	item("signin.password", i18n.DateTime(ctx, f.Password))
	item("signin.codes", i18n.Date(ctx, f.Codes))
	var keys []string
	for _, k := range f.Passkeys {
		keys = append(keys, k.Name)
	}
	item("signin.passkeys", strings.Join(keys, "、"))
	item("signin.recovery", i18n.T(ctx, "signin.recovery.left", "n", f.Recovery))
	if v.Blocked {
		item("signin.blocked", i18n.DateTime(ctx, a.Blocked))
	}
	for _, s := range sessions {
		v.Sessions = append(v.Sessions, row{ID: s.ID.String(), Name: web.AgentName(ctx, s.Agent), Detail: []string{s.Address, i18n.T(ctx, "signin.seen", "at", i18n.DateTime(ctx, s.Seen))}})
	}
	for _, t := range tokens {
		one := row{ID: t.ID.String(), Name: t.Name, Detail: []string{strings.Join(t.Scopes, ", ")}, Ended: !t.Revoked.IsZero() || !t.Expires.After(p.server.Now())}
		for _, at := range t.Places {
			one.Detail = append(one.Detail, at.Address+" · "+i18n.DateTime(ctx, at.Last))
		}
		v.Tokens = append(v.Tokens, one)
	}
	for _, l := range f.Links {
		v.Links = append(v.Links, row{ID: l.ID.String(), Name: p.label(l.Provider), Detail: []string{l.Subject, i18n.Date(ctx, l.Created)}})
	}
	for _, o := range p.Identity.Providers() {
		v.Providers = append(v.Providers, webui.Option{Value: o.Key, Label: o.Label})
	}
	return nil
}

func (p *Pages) label(provider string) string {
	if o, err := p.Identity.Provider(provider); err == nil {
		return o.Label
	}
	return provider
}
