// Package signinpages holds the administrator's pages on sign-in: the rules of the organisation, who has a second factor,
// and what can be done for a person who is locked out or whose token was stolen.
//
// It decides nothing itself: identity checks the permission to update all employees. Every change asks the administrator
// to prove again who he is.
package signinpages

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the pages.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}

// Pages are the pages on sign-in.
type Pages struct {
	Identity *identity.Service
	server   *web.Server
}

// Link is the entry of the navigation.
func Link() web.Page {
	return web.Page{Room: "settings", Href: "/settings/sign-in", LabelKey: "signin.title", Icon: "shield-lock", Needs: "role"}
}

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /settings/sign-in", p.people)
	s.Handle("GET /settings/sign-in/rules", p.rules)
	s.Handle("POST /settings/sign-in/rules", p.saveRules)
	s.Handle("GET /settings/sign-in/people/{id}", p.person)
	for name, do := range map[string]func(r *http.Request, user record.ID) error{
		"reset": p.reset, "unblock": p.unblock, "sessions": p.endSessions, "lock": p.lock, "unlock": p.unlock,
		"token": p.revokeToken, "session": p.endSession, "unlink": p.unlink, "link": p.link,
	} {
		s.Handle("POST /settings/sign-in/people/{id}/"+name, p.change(name, do))
	}
}

func (p *Pages) view(ctx context.Context, at string) web.View {
	v := web.View{Title: i18n.T(ctx, "signin.title"), Subtitle: i18n.T(ctx, "signin.text")}
	for _, tab := range []struct{ path, key string }{{"/settings/sign-in", "signin.people"}, {"/settings/sign-in/rules", "signin.rules"}} {
		v.Tabs = append(v.Tabs, webui.TabView{Label: i18n.T(ctx, tab.key), Href: tab.path, Active: tab.path == at})
	}
	return v
}

const pageSize = 50

// peopleView is the list with what narrows it.
type peopleView struct {
	Query    string
	NoFactor bool
	Table    webui.TableView
	Next     string
}

func (p *Pages) people(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := peopleView{Query: clip(r.FormValue("q"), 60), NoFactor: r.FormValue("without") == "1"}
	q := identity.PeopleQuery{Text: v.Query, NoFactor: v.NoFactor, Limit: pageSize + 1}
	if err := q.After.UnmarshalText([]byte(r.FormValue("after"))); err != nil {
		return errs.New(errs.NotFound, "web.no_page").Because(err)
	}
	list, err := p.Identity.People(ctx, web.Actor(ctx), q)
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		next := url.Values{"q": {v.Query}, "after": {list[pageSize-1].ID.String()}}
		if v.NoFactor {
			next.Set("without", "1")
		}
		v.Next = "/settings/sign-in?" + next.Encode()
	}
	v.Table = peopleTable(ctx, list)
	return p.server.Page(w, r, p.view(ctx, "/settings/sign-in"), peoplePage(v))
}

func peopleTable(ctx context.Context, list []identity.PersonAccess) webui.TableView {
	t := webui.TableView{ID: "people", Caption: i18n.T(ctx, "signin.people"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "signin.person"), Primary: true}, {Label: i18n.T(ctx, "signin.login")}, {Label: i18n.T(ctx, "signin.factor")},
		{Label: i18n.T(ctx, "signin.state")}, {Label: i18n.T(ctx, "signin.sessions"), Numeric: true}, {Label: i18n.T(ctx, "signin.tokens"), Numeric: true},
	}, Empty: webui.EmptyView{Icon: "shield-check", Title: i18n.T(ctx, "signin.nobody")}}
	for _, a := range list {
		factor, state := factorBadge(ctx, a), stateBadge(ctx, a)
		t.Rows = append(t.Rows, webui.RowView{ID: a.ID.String(), Href: "/settings/sign-in/people/" + a.ID.String(), Label: a.Name, Cells: []webui.Cell{
			{Text: a.Name}, {Text: a.Login}, {Badge: &factor}, {Badge: &state}, {Text: strconv.Itoa(a.Sessions)}, {Text: strconv.Itoa(a.Tokens)},
		}})
	}
	return t
}

func factorBadge(ctx context.Context, a identity.PersonAccess) webui.BadgeView {
	switch {
	case a.Codes && a.Passkeys > 0:
		return webui.BadgeView{Label: i18n.T(ctx, "signin.factor.both"), Tone: webui.Good}
	case a.Codes:
		return webui.BadgeView{Label: i18n.T(ctx, "signin.factor.codes"), Tone: webui.Good}
	case a.Passkeys > 0:
		return webui.BadgeView{Label: i18n.T(ctx, "signin.factor.passkeys"), Tone: webui.Good}
	}
	return webui.BadgeView{Label: i18n.T(ctx, "signin.factor.none"), Tone: webui.Warn}
}

func stateBadge(ctx context.Context, a identity.PersonAccess) webui.BadgeView {
	switch {
	case !a.Active:
		return webui.BadgeView{Label: i18n.T(ctx, "signin.state.locked"), Tone: webui.Bad}
	case !a.Blocked.IsZero():
		return webui.BadgeView{Label: i18n.T(ctx, "signin.state.waiting"), Tone: webui.Warn, Title: i18n.DateTime(ctx, a.Blocked)}
	case !a.Password && a.Passkeys == 0 && a.Links == 0:
		return webui.BadgeView{Label: i18n.T(ctx, "signin.state.never")}
	}
	return webui.BadgeView{Label: i18n.T(ctx, "signin.state.open"), Tone: webui.Good}
}

func clip(s string, n int) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > n {
		return string(r[:n])
	}
	return strings.TrimSpace(s)
}

// rulesView is the form of the policy.
type rulesView struct {
	Form     url.Values
	Errors   map[string]string
	Error    string
	Roles    []webui.Option
	FactorOf []string
}

func (p *Pages) rules(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	pol, err := p.Identity.Policy(ctx)
	if err != nil {
		return err
	}
	f := url.Values{"factor_roles": pol.FactorRoles, "min_password": {strconv.Itoa(pol.MinPassword)}, "idle_minutes": {strconv.Itoa(pol.IdleMinutes)},
		"life_hours": {strconv.Itoa(pol.LifeHours)}, "max_sessions": {strconv.Itoa(pol.MaxSessions)}}
	for role, n := range pol.RoleSessions {
		f.Set("sessions_"+role, strconv.Itoa(n))
	}
	return p.showRules(w, r, f, nil)
}

func (p *Pages) roles(ctx context.Context) ([]webui.Option, error) {
	list, err := p.server.Records().List(ctx, web.Actor(ctx), "role", record.Query{Sort: "id", Limit: 100})
	if err != nil {
		return nil, err
	}
	var out []webui.Option
	for _, v := range list.Views {
		if c, ok := v.Cell("key"); ok {
			out = append(out, webui.Option{Value: c.Text, Label: v.Title})
		}
	}
	return out, nil
}

func (p *Pages) showRules(w http.ResponseWriter, r *http.Request, f url.Values, fault error) error {
	ctx := r.Context()
	if err := p.allowed(ctx); err != nil {
		return err
	}
	roles, err := p.roles(ctx)
	if err != nil {
		return err
	}
	v := rulesView{Form: f, FactorOf: f["factor_roles"], Errors: webui.FieldErrors(ctx, fault), Roles: roles}
	view := p.view(ctx, "/settings/sign-in/rules")
	if fault != nil {
		e := webui.ErrorViewOf(ctx, fault)
		view.Status = e.Status
		if len(v.Errors) == 0 {
			v.Error = e.Sentence
		}
	}
	return p.server.Page(w, r, view, rulesPage(v))
}

// allowed refuses who may not look after the sign-in of others.
func (p *Pages) allowed(ctx context.Context) error {
	_, err := p.Identity.People(ctx, web.Actor(ctx), identity.PeopleQuery{Limit: 1})
	return err
}

func (p *Pages) saveRules(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	if err := p.allowed(ctx); err != nil {
		return err
	}
	if err := p.server.Prove(r); err != nil {
		return err
	}
	roles, err := p.roles(ctx)
	if err != nil {
		return err
	}
	pol, err := readRules(r.PostForm, roles)
	if err == nil {
		err = p.Identity.SavePolicy(ctx, web.Actor(ctx), pol)
	}
	if errs.Is(err, errs.Invalid) {
		return p.showRules(w, r, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/settings/sign-in/rules", web.Toast{Key: "signin.rules.saved"})
}

// readRules reads the form; what is no number is a fault at its field.
func readRules(f url.Values, roles []webui.Option) (identity.Policy, error) {
	var faults []*errs.Error
	number := func(field string) int {
		n, err := strconv.Atoi(strings.TrimSpace(f.Get(field)))
		if err != nil {
			faults = append(faults, errs.Of(field, "field.want_whole_number"))
		}
		return n
	}
	p := identity.Policy{
		MinPassword: number("min_password"), IdleMinutes: number("idle_minutes"), LifeHours: number("life_hours"), MaxSessions: number("max_sessions"),
		RoleSessions: map[string]int{},
	}
	for _, o := range roles {
		if strings.TrimSpace(f.Get("sessions_"+o.Value)) != "" {
			p.RoleSessions[o.Value] = number("sessions_" + o.Value)
		}
		if slices.Contains(f["factor_roles"], o.Value) {
			p.FactorRoles = append(p.FactorRoles, o.Value)
		}
	}
	if slices.Contains(f["factor_roles"], identity.Everybody) {
		p.FactorRoles = []string{identity.Everybody}
	}
	return p, errs.Collect(faults)
}

// change does one thing for a person, after the administrator has proved again who he is.
func (p *Pages) change(name string, do func(*http.Request, record.ID) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := web.PathID(r)
		if err != nil {
			return err
		}
		if err := web.Form(r); err != nil {
			return err
		}
		if err := p.allowed(r.Context()); err != nil {
			return err
		}
		if err := p.server.Prove(r); err != nil {
			return err
		}
		if err := do(r, id); err != nil {
			return p.orPerson(w, r, id, err)
		}
		return p.server.Redirect(w, r, "/settings/sign-in/people/"+id.String(), web.Toast{Key: "signin.done." + name})
	}
}

func (p *Pages) reset(r *http.Request, user record.ID) error {
	return p.Identity.ResetFactors(r.Context(), web.Actor(r.Context()), user)
}

func (p *Pages) unblock(r *http.Request, user record.ID) error {
	return p.Identity.Unblock(r.Context(), web.Actor(r.Context()), user)
}

func (p *Pages) endSessions(r *http.Request, user record.ID) error {
	return p.Identity.RevokeSessions(r.Context(), web.Actor(r.Context()), user, 0)
}

func (p *Pages) lock(r *http.Request, user record.ID) error   { return p.act(r, user, "disable") }
func (p *Pages) unlock(r *http.Request, user record.ID) error { return p.act(r, user, "enable") }

func (p *Pages) act(r *http.Request, user record.ID, name string) error {
	ctx := r.Context()
	if web.Actor(ctx).UserID == user {
		return errs.New(errs.Conflict, "signin.not_oneself")
	}
	_, err := p.server.Records().Do(ctx, web.Actor(ctx), action.Command{Type: "user", Action: name, ID: user})
	return err
}

// posted is the id of what the button stands beside.
func posted(r *http.Request) (record.ID, error) {
	var id record.ID
	if err := id.UnmarshalText([]byte(r.PostFormValue("it"))); err != nil || id == 0 {
		return 0, errs.New(errs.NotFound, "web.no_page").Because(err)
	}
	return id, nil
}

func (p *Pages) revokeToken(r *http.Request, user record.ID) error {
	id, err := posted(r)
	if err != nil {
		return err
	}
	return p.Identity.RevokeToken(r.Context(), web.Actor(r.Context()), user, id)
}

func (p *Pages) endSession(r *http.Request, user record.ID) error {
	id, err := posted(r)
	if err != nil {
		return err
	}
	return p.Identity.RevokeSession(r.Context(), web.Actor(r.Context()), user, id)
}

func (p *Pages) unlink(r *http.Request, user record.ID) error {
	id, err := posted(r)
	if err != nil {
		return err
	}
	return p.Identity.Unlink(r.Context(), web.Actor(r.Context()), user, id)
}

func (p *Pages) link(r *http.Request, user record.ID) error {
	provider, err := p.Identity.Provider(r.PostFormValue("provider"))
	if err != nil {
		return err
	}
	return p.Identity.LinkTo(r.Context(), web.Actor(r.Context()), user, provider, r.PostFormValue("subject"))
}
