package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

const longCookie = 365 * 24 * 60 * 60 // seconds

// ownPages mounts the pages of the server itself.
func (s *Server) ownPages() {
	s.Open("GET /signin", s.signInPage)
	s.Open("POST /signin", s.signIn)
	s.waysIn()
	s.securityPages()
	s.Open("POST /me/signout", s.signOut)
	s.Open("POST /me/language", s.setLanguage)
	s.Open("POST /me/theme", s.setTheme)
	s.Handle("GET /me/watermark.svg", s.watermark)
	s.Handle("GET /me", s.profile)
	s.Handle("GET /me/keys", s.keysPage)
	s.Handle("GET /search", s.search)
	s.rest.Handle("GET /{$}", s.wrap(s.home, false))
	s.Handle("GET /me/password", s.passwordPage)
	s.Handle("POST /me/password", s.changePassword)
	s.Handle("GET /me/sessions", s.sessionsPage)
	s.Handle("POST /me/sessions/{id}/revoke", s.revokeSession)
	s.Handle("POST /me/sessions/others", s.revokeOthers)
	s.Handle("GET /me/tokens", s.tokensPage)
	s.Handle("POST /me/tokens", s.createToken)
	s.Handle("POST /me/tokens/{id}/revoke", s.revokeToken)
	s.Open("GET /setup/{token}", s.setupPage)
	s.Open("POST /setup/{token}", s.setUp)
	s.Open("GET /password/{token}", s.linkPage)
	s.Open("POST /password/{token}", s.linkPassword)
}

// home leads to the first page of the house the reader may enter; a workbench replaces it.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	may, err := s.rightsOf(r.Context(), Actor(r.Context()))
	if err != nil {
		return err
	}
	for _, d := range s.doors(r.Context(), "/", may) {
		for _, it := range d.items {
			if it.Href != "/" {
				http.Redirect(w, r, it.Href, http.StatusSeeOther)
				return nil
			}
		}
	}
	http.Redirect(w, r, "/me", http.StatusSeeOther)
	return nil
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := Local(r.FormValue("next"), "/")
	if Actor(r.Context()).IsPerson() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.showSignIn(w, r, signInView{Next: next}, http.StatusOK)
}

// showSignIn offers all ways in, and tells whoever comes from a session that ended why it did.
func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request, v signInView, status int) error {
	ctx := r.Context()
	v.Passkeys = s.deps.Identity.HasPasskeys()
	for _, p := range s.deps.Identity.Providers() {
		v.Providers = append(v.Providers, webui.Link{Label: i18n.T(ctx, "web.signin.with", "provider", p.Label), Href: "/signin/with/" + p.Key + "?" + url.Values{"next": {v.Next}}.Encode()})
	}
	if c, err := r.Cookie(s.sessions.Cookie.Name); err == nil && v.Error == "" {
		why, err := s.sessions.EndedWhy(ctx, c.Value)
		if err != nil {
			return err
		}
		if key := "web.ended." + why; why != "" && i18n.Has(ctx, key) {
			v.Ended = i18n.T(ctx, key)
		}
	}
	return s.Bare(w, r, View{Title: i18n.T(ctx, "web.signin.title"), Status: status}, signInForm(v))
}

// signIn keeps the name that was typed and says the same whatever was wrong.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	v := signInView{Next: Local(r.PostFormValue("next"), "/"), Login: clip(r.PostFormValue("login"), 200)}
	ctx := r.Context()
	in, err := s.deps.Identity.SignIn(ctx, v.Login, r.PostFormValue("password"), ClientOf(r))
	if errs.Is(err, errs.Unauthenticated) || errs.Is(err, errs.TooMany) {
		view := webui.ErrorViewOf(ctx, err)
		v.Error = view.Sentence
		return s.showSignIn(w, r, v, view.Status)
	}
	if err != nil {
		return err
	}
	return s.enter(w, r, in, v.Next)
}

// enter opens the session of somebody whose first proof was right, or asks for the second one.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, in identity.SignedIn, next string) error {
	ctx := r.Context()
	if in.Second {
		if err := s.sessions.Pend(ctx, in, next); err != nil {
			return err
		}
		return s.Redirect(w, r, "/signin/second", Toast{})
	}
	if err := s.sessions.Open(ctx, in, ClientOf(r)); err != nil {
		return err
	}
	if err := s.rememberLanguage(ctx, in.User); err != nil {
		return err
	}
	if err := s.rememberDevice(w, r, in.User); err != nil {
		return err
	}
	toast := Toast{}
	if n := s.sessions.TakeEnded(ctx); n > 0 {
		toast = Toast{Tone: webui.Warn, Key: "web.sessions.gave_way", Args: map[string]string{"n": strconv.Itoa(n)}}
	}
	return s.Redirect(w, r, next, toast)
}

const deviceCookie = "dianke_device"

// rememberDevice lets this browser be recognised at the next sign-in, so that wrong passwords typed elsewhere do not keep
// its owner out.
func (s *Server) rememberDevice(w http.ResponseWriter, r *http.Request, user record.ID) error {
	value, err := s.deps.Identity.Device(r.Context(), user)
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookie, Value: value, Path: "/signin", MaxAge: longCookie, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.deps.Secure,
	})
	return nil
}

// rememberLanguage keeps the person's own language in the session.
func (s *Server) rememberLanguage(ctx context.Context, user record.ID) error {
	a, err := s.deps.Records.Actor(ctx, user)
	if err != nil {
		return err
	}
	list, err := s.deps.Records.List(ctx, a, "user", record.Query{Filter: record.Where("id", user), Limit: 1})
	if errs.Is(err, errs.Forbidden) || err == nil && len(list.Views) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if c, ok := list.Views[0].Cell("language"); ok {
		s.sessions.Put(ctx, keyLanguage, c.Text)
	}
	return nil
}

func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.sessions.Close(r.Context(), ClientOf(r)); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}

// setLanguage keeps the choice on this machine for a year.
func (s *Server) setLanguage(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	lang := i18n.Lang(r.PostFormValue("lang"))
	if !slices.Contains(i18n.Langs(), lang) {
		return errs.Of("lang", "field.unknown_option").With("value", "").With("options", "zh, en")
	}
	s.choose(w, languageCookie, string(lang))
	return s.Redirect(w, r, r.PostFormValue("return"), Toast{})
}

func (s *Server) setTheme(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	theme := webui.Theme(r.PostFormValue("theme"))
	if !slices.Contains([]webui.Theme{webui.ThemeAuto, webui.ThemeLight, webui.ThemeDark}, theme) {
		theme = webui.ThemeAuto
	}
	s.choose(w, webui.ThemeCookie, string(theme))
	return s.Redirect(w, r, r.PostFormValue("return"), Toast{})
}

// choose keeps a choice of looks; the script reads it too, so it is not HttpOnly.
func (s *Server) choose(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: longCookie, SameSite: http.SameSiteLaxMode, Secure: s.deps.Secure})
}

func (s *Server) linkPage(w http.ResponseWriter, r *http.Request) error {
	return s.showLink(w, r, nil)
}

func (s *Server) showLink(w http.ResponseWriter, r *http.Request, err error) error {
	v := passwordView{Action: r.URL.Path, ByLink: true, Errors: webui.FieldErrors(r.Context(), err)}
	status := http.StatusOK
	if err != nil {
		status = webui.StatusOf(errs.KindOf(err))
	}
	return s.Bare(w, r, View{Title: i18n.T(r.Context(), "web.password.choose"), Status: status}, passwordForm(v))
}

func (s *Server) linkPassword(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	err := sameTwice(r)
	if err == nil {
		_, err = s.deps.Identity.RedeemPasswordLink(r.Context(), r.PathValue("token"), r.PostFormValue("password"), ClientOf(r))
	}
	if errs.Is(err, errs.Invalid) {
		return s.showLink(w, r, err)
	}
	if err != nil {
		return err
	}
	return s.Redirect(w, r, "/signin", Toast{Key: "web.password.changed"})
}

// sameTwice checks that the new password was typed alike twice.
func sameTwice(r *http.Request) error {
	if r.PostFormValue("password") != r.PostFormValue("again") {
		return errs.Of("again", "web.password.differs")
	}
	return nil
}
