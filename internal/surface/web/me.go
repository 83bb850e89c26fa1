package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web/webui"
)

// watermarkPath changes with the person and the hour, so that a picture is not shown to the next one.
func (s *Server) watermarkPath(a access.Actor) string {
	if !a.IsPerson() {
		return ""
	}
	return "/me/watermark.svg?v=" + a.UserID.String() + "-" + strconv.FormatInt(s.deps.Clock.Now().Unix()/600, 36)
}

func (s *Server) watermark(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "private, max-age=900")
	_, _ = w.Write(webui.WatermarkSVG(Actor(ctx).Name, i18n.DateTime(ctx, s.deps.Clock.Now())))
	return nil
}

// mePage is a page of the reader's own with its tabs.
func (s *Server) mePage(ctx context.Context, at string) View {
	v := View{Title: i18n.T(ctx, "web.me.title")}
	tab := func(path, key string) {
		v.Tabs = append(v.Tabs, webui.TabView{Label: i18n.T(ctx, key), Href: path, Active: path == at})
	}
	tab("/me", "web.me.profile")
	tab("/me/security", "web.security.title")
	tab("/me/password", "web.password.title")
	tab("/me/sessions", "web.sessions.title")
	tab("/me/tokens", "web.tokens.title")
	tab("/me/notices", "web.notices.title")
	return v
}

// Own is a page among those of the reader's own, for packages that add one.
func (s *Server) Own(ctx context.Context, at string) View { return s.mePage(ctx, at) }

func (s *Server) profile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := Actor(ctx)
	units, err := s.deps.Records.Titles(ctx, a, "unit", a.Units)
	if err != nil {
		return err
	}
	var names []string
	for _, id := range a.Units {
		if t, ok := units[id]; ok {
			names = append(names, t.Title)
		}
	}
	posts, err := s.postTitles(ctx, a)
	if err != nil {
		return err
	}
	items := []webui.DescriptionItem{
		{Label: i18n.T(ctx, "web.me.name"), Value: a.Name},
		{Label: i18n.T(ctx, "web.me.units"), Value: i18n.Listed(ctx, names)},
		{Label: i18n.T(ctx, "web.me.posts"), Value: i18n.Listed(ctx, posts)},
	}
	if !a.Since.IsZero() {
		items = append(items, webui.DescriptionItem{Label: i18n.T(ctx, "web.me.since"), Value: a.Since.Format(time.DateOnly)})
	}
	return s.Page(w, r, s.mePage(ctx, "/me"), profileCard(items))
}

// postTitles are the posts the person holds, by the words of the organisation.
func (s *Server) postTitles(ctx context.Context, a access.Actor) ([]string, error) {
	if len(a.Posts) == 0 || s.deps.Records.Store.Types.Type("post") == nil {
		return a.Posts, nil
	}
	keys := make([]any, len(a.Posts))
	for i, k := range a.Posts {
		keys[i] = k
	}
	var or []record.Filter
	for _, k := range keys {
		or = append(or, record.Where("key", k))
	}
	list, err := s.deps.Records.List(ctx, a, "post", record.Query{Filter: record.Filter{Or: or}})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, v := range list.Views {
		out = append(out, v.Title)
	}
	return out, nil
}

func (s *Server) passwordPage(w http.ResponseWriter, r *http.Request) error {
	return s.showPassword(w, r, nil)
}

func (s *Server) showPassword(w http.ResponseWriter, r *http.Request, err error) error {
	ctx := r.Context()
	had, herr := s.deps.Identity.HasPassword(ctx, Actor(ctx).UserID)
	if herr != nil {
		return herr
	}
	v := passwordView{Action: "/me/password", ByLink: !had, Errors: webui.FieldErrors(ctx, err), Must: visitOf(ctx).must}
	page := s.mePage(ctx, "/me/password")
	if err != nil {
		e := webui.ErrorViewOf(ctx, err)
		page.Status = e.Status
		if len(v.Errors) == 0 {
			v.Error = e.Sentence
		}
	}
	if v.Must {
		return s.Bare(w, r, View{Title: i18n.T(ctx, "web.password.choose"), Status: page.Status}, passwordForm(v))
	}
	return s.Page(w, r, page, passwordForm(v))
}

func (s *Server) changePassword(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	had, err := s.deps.Identity.HasPassword(ctx, Actor(ctx).UserID)
	if err == nil && !had { // then there is no old one to prove who he is
		err = s.proved(r)
	}
	if err != nil {
		return err
	}
	keep, err := s.sessions.Current(ctx)
	if err == nil {
		err = sameTwice(r)
	}
	if err == nil {
		err = s.deps.Identity.ChangePassword(ctx, Actor(ctx), r.PostFormValue("old"), r.PostFormValue("password"), keep)
	}
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooMany) {
		return s.showPassword(w, r, err)
	}
	if err != nil {
		return err
	}
	s.sessions.PasswordChanged(ctx)
	return s.Redirect(w, r, "/me", Toast{Key: "web.password.changed"})
}

func (s *Server) sessionsPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := s.deps.Identity.SessionsOf(ctx, Actor(ctx), Actor(ctx).UserID)
	if err != nil {
		return err
	}
	current, err := s.sessions.Current(ctx)
	if err != nil {
		return err
	}
	rows := make([]sessionRow, len(list))
	for i, in := range list {
		rows[i] = sessionRow{
			Agent: AgentName(ctx, in.Agent), Address: in.Address, Since: i18n.DateTime(ctx, in.Created), Seen: i18n.Ago(ctx, in.Seen, s.deps.Clock.Now()),
			SeenExact: i18n.DateTime(ctx, in.Seen), Current: in.ID == current, Revoke: fmt.Sprintf("/me/sessions/%s/revoke", in.ID),
		}
	}
	return s.Page(w, r, s.mePage(ctx, "/me/sessions"), sessionList(rows))
}

// revokeOthers signs the reader out everywhere but here.
func (s *Server) revokeOthers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	keep, err := s.sessions.Current(ctx)
	if err != nil {
		return err
	}
	if err := s.deps.Identity.RevokeSessions(ctx, Actor(ctx), Actor(ctx).UserID, keep); err != nil {
		return err
	}
	return s.Redirect(w, r, "/me/sessions", Toast{Key: "web.sessions.others_revoked"})
}

// AgentName is the browser and system of a User-Agent header in short, in the reader's words where neither is known.
func AgentName(ctx context.Context, agent string) string {
	pick := func(list ...string) string {
		for _, name := range list {
			if strings.Contains(agent, name) {
				return name
			}
		}
		return ""
	}
	browser := pick("MicroMessenger", "Edg", "Firefox", "Chrome", "Safari", "curl")
	system := pick("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
	switch {
	case browser == "" && system == "":
		return i18n.T(ctx, "web.sessions.unknown")
	case browser == "Edg":
		browser = "Edge"
	case browser == "MicroMessenger":
		browser = "WeChat"
	}
	return strings.Trim(browser+" · "+system, " ·")
}

func (s *Server) revokeSession(w http.ResponseWriter, r *http.Request) error {
	id, err := PathID(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := s.deps.Identity.RevokeSession(ctx, Actor(ctx), Actor(ctx).UserID, id); err != nil {
		return err
	}
	return s.Redirect(w, r, "/me/sessions", Toast{Key: "web.sessions.revoked"})
}

// PathID reads the id in the path; one that is none is NotFound, like a record that is absent.
func PathID(r *http.Request) (record.ID, error) {
	id, err := ids.Parse(r.PathValue("id"))
	if err != nil || id == 0 {
		return 0, errs.New(errs.NotFound, "web.no_page").Because(err)
	}
	return id, nil
}

func (s *Server) tokensPage(w http.ResponseWriter, r *http.Request) error {
	return s.showTokens(w, r, tokenForm{Days: "90"}, "", nil)
}

type tokenForm struct{ Name, Scopes, Days string }

func (s *Server) showTokens(w http.ResponseWriter, r *http.Request, f tokenForm, secret string, err error) error {
	ctx := r.Context()
	list, lerr := s.deps.Identity.Tokens(ctx, Actor(ctx), Actor(ctx).UserID)
	if lerr != nil {
		return lerr
	}
	v := tokensView{Form: f, Secret: secret, Errors: webui.FieldErrors(ctx, err)}
	for _, t := range list {
		row := tokenRow{
			Name: t.Name, Scopes: strings.Join(t.Scopes, ", "), Created: i18n.Date(ctx, t.Created), Expires: i18n.Date(ctx, t.Expires),
			Used: i18n.DateTime(ctx, t.Used), Places: placesOf(ctx, t), Revoke: fmt.Sprintf("/me/tokens/%s/revoke", t.ID), Ended: !t.Revoked.IsZero() || !t.Expires.After(s.deps.Clock.Now()),
		}
		v.Rows = append(v.Rows, row)
	}
	page := s.mePage(ctx, "/me/tokens")
	if err != nil {
		page.Status = webui.StatusOf(errs.KindOf(err))
	}
	return s.Page(w, r, page, tokenList(v))
}

// placesOf are the addresses a token was used from, the latest first.
func placesOf(ctx context.Context, t identity.Token) []string {
	var out []string
	for _, p := range t.Places {
		out = append(out, p.Address+" · "+i18n.DateTime(ctx, p.Last))
	}
	return out
}

// createToken shows the secret on the very answer: a redirect would have to keep it somewhere.
func (s *Server) createToken(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	if err := s.proved(r); err != nil {
		return err
	}
	ctx := r.Context()
	f := tokenForm{Name: strings.TrimSpace(r.PostFormValue("name")), Scopes: strings.TrimSpace(r.PostFormValue("scopes")), Days: r.PostFormValue("expires")}
	days, err := strconv.Atoi(f.Days)
	var secret string
	switch {
	case f.Name == "":
		err = errs.Of("name", "field.required")
	case err != nil || days < 1:
		err = errs.Of("expires", "field.want_whole_number")
	default:
		_, secret, err = s.deps.Identity.CreateToken(ctx, Actor(ctx), identity.TokenSpec{
			Name: f.Name, Expires: s.deps.Clock.Now().AddDate(0, 0, days),
			Scopes: strings.FieldsFunc(f.Scopes, func(c rune) bool { return strings.ContainsRune(" ,\uff0c、\n\r\t", c) }),
		})
	}
	if errs.Is(err, errs.Invalid) {
		return s.showTokens(w, r, f, "", err)
	}
	if err != nil {
		return err
	}
	return s.showTokens(w, r, tokenForm{Days: "90"}, secret, nil)
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := PathID(r)
	if err != nil {
		return err
	}
	if err := s.deps.Identity.RevokeToken(r.Context(), Actor(r.Context()), Actor(r.Context()).UserID, id); err != nil {
		return err
	}
	return s.Redirect(w, r, "/me/tokens", Toast{Key: "web.tokens.revoked"})
}

// order sorts the names of fields, so that a page is always the same.
func order(errors map[string]string) []string {
	return slices.Sorted(maps.Keys(errors))
}
