package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// View is a page inside the frame as a handler knows it; the server adds the frame.
type View struct {
	Title, Subtitle string
	Crumbs          []webui.Link
	Badges          []webui.BadgeView
	Actions         templ.Component
	Tabs            []webui.TabView
	Wide            bool
	Query           string // shown in the search field
	Status          int    // 200 where zero
	Toasts          []webui.ToastView
}

// IsFragment reports whether a script asks for part of a page.
func IsFragment(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// Page renders a page inside the frame, with the toast that waits for the reader.
func (s *Server) Page(w http.ResponseWriter, r *http.Request, v View, body templ.Component) error {
	frame, err := s.frame(r)
	if err != nil {
		return err
	}
	frame.Query = v.Query
	page := webui.PageView{
		Frame: frame, Title: v.Title, Subtitle: v.Subtitle, Crumbs: v.Crumbs, Badges: v.Badges, Actions: v.Actions, Tabs: v.Tabs,
		Wide: v.Wide, Toasts: append(s.takeToasts(w, r), v.Toasts...),
	}
	return send(w, r, v.Status, webui.Page(page), body)
}

// Bare renders a page without rooms: sign-in, pages of customers.
func (s *Server) Bare(w http.ResponseWriter, r *http.Request, v View, body templ.Component) error {
	page := webui.BareView{
		Title: v.Title, Subtitle: v.Subtitle, Organisation: s.deps.Organisation(r.Context()), Theme: webui.ThemeOf(r), Path: here(r),
		Toasts: append(s.takeToasts(w, r), v.Toasts...), Wide: v.Wide,
	}
	return send(w, r, v.Status, webui.Bare(page), body)
}

// Fragment renders part of a page; status 200 where zero.
func (s *Server) Fragment(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	return send(w, r, status, c, nil)
}

// send renders into memory first, so that a failure still can become an error page.
func send(w http.ResponseWriter, r *http.Request, status int, c, children templ.Component) error {
	ctx := r.Context()
	if children != nil {
		ctx = templ.WithChildren(ctx, children)
	}
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "HX-Request")
	h.Add("Vary", "Cookie")
	h.Set("Content-Language", string(i18n.LangOf(ctx)))
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the reader may have gone; there is nobody to tell
	return nil
}

// Toast is a word that waits for the next page: a key with its arguments, so that it is read in the reader's language.
// Undo is posted to where it is set; ClearDraft ends the draft of a form.
type Toast struct {
	Tone       webui.Tone        `json:"t,omitempty"`
	Key        string            `json:"k"`
	Args       map[string]string `json:"a,omitempty"`
	Undo       string            `json:"u,omitempty"`
	Href       string            `json:"h,omitempty"` // a link to what came of it, with LinkKey
	LinkKey    string            `json:"l,omitempty"`
	ClearDraft string            `json:"d,omitempty"`
}

const toastCookie = "dianke_toast"

// Redirect answers a successful post: 303 to a path of this server, with a toast on the page that follows where its key
// is set. A script gets the same address in HX-Redirect.
func (s *Server) Redirect(w http.ResponseWriter, r *http.Request, path string, t Toast) error {
	if t.Key != "" {
		s.leaveToast(w, t)
	}
	path = Local(path, "/")
	if IsFragment(r) {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// leaveToast keeps the word in a cookie for a minute. It holds keys, numbers of records and counts, no personal data.
func (s *Server) leaveToast(w http.ResponseWriter, t Toast) {
	b, err := json.Marshal(t)
	if err != nil || len(b) > 2000 {
		return // a toast is a courtesy
	}
	http.SetCookie(w, &http.Cookie{
		Name: toastCookie, Value: base64.RawURLEncoding.EncodeToString(b), Path: "/", MaxAge: 60, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.deps.Secure,
	})
}

func (s *Server) takeToasts(w http.ResponseWriter, r *http.Request) []webui.ToastView {
	c, err := r.Cookie(toastCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(w, &http.Cookie{Name: toastCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.deps.Secure})
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	var t Toast
	if err != nil || json.Unmarshal(b, &t) != nil || !i18n.Has(r.Context(), t.Key) {
		return nil
	}
	args := make([]any, 0, 2*len(t.Args))
	for name, value := range t.Args {
		args = append(args, name, value)
	}
	v := webui.ToastView{Tone: t.Tone, Text: i18n.T(r.Context(), t.Key, args...), ClearDraft: t.ClearDraft}
	if v.Tone == "" {
		v.Tone = webui.Good
	}
	switch {
	case t.Undo != "":
		v.ActionHref, v.ActionPost, v.ActionLabel = Local(t.Undo, "/"), true, i18n.T(r.Context(), "web.undo")
	case t.Href != "":
		v.ActionHref, v.ActionLabel = Local(t.Href, "/"), i18n.T(r.Context(), t.LinkKey)
	}
	return []webui.ToastView{v}
}

var (
	errMustChange = errs.New(errs.Forbidden, "web.must_change_password")
	errMustEnrol  = errs.New(errs.Forbidden, "identity.held.factor")
	errProve      = errs.New(errs.Forbidden, "web.confirm.needed")
)

// fail turns an error into a page or a fragment. What is unknown is logged with the reference the page shows.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if s.elsewhere(w, r, err) {
		return
	}
	v := s.ErrorView(r, err)
	if errs.KindOf(err) == errs.Internal {
		s.deps.Log.ErrorContext(r.Context(), "request failed", "reference", v.Reference, "route", visitOf(r.Context()).pattern, "error", err)
	}
	if IsFragment(r) {
		err = s.Fragment(w, r, v.Status, webui.ErrorBody(v))
	} else if a := Actor(r.Context()); a.IsPerson() && !visitOf(r.Context()).must && !visitOf(r.Context()).enrol {
		err = s.Page(w, r, View{Title: v.Title, Status: v.Status}, webui.ErrorBody(v))
	} else {
		err = send(w, r, v.Status, webui.ErrorPage(v, webui.ThemeOf(r)), nil)
	}
	if err != nil {
		s.deps.Log.ErrorContext(r.Context(), "error page failed", "reference", v.Reference, "error", err)
		http.Error(w, http.StatusText(v.Status)+" "+v.Reference, v.Status)
	}
}

// elsewhere sends the reader to sign in, to the change of his password, to a second factor, or to prove again who he is.
func (s *Server) elsewhere(w http.ResponseWriter, r *http.Request, err error) bool {
	var to string
	switch {
	case errs.KeyOf(err) == "identity.pending.none":
		to = "/signin"
	case errs.Is(err, errs.Unauthenticated) && !Actor(r.Context()).IsPerson():
		to = signInPath(r)
	case errs.KeyOf(err) == errMustChange.Key:
		to = "/me/password"
	case errs.KeyOf(err) == errMustEnrol.Key:
		to = "/me/security"
	case errs.KeyOf(err) == errProve.Key:
		to = "/me/confirm?" + url.Values{"next": {proveFor(r)}}.Encode()
	default:
		return false
	}
	if IsFragment(r) {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return true
}

// ErrorView is the failure in words for the reader, with the articles behind a refusal.
func (s *Server) ErrorView(r *http.Request, err error) webui.ErrorView {
	ctx := r.Context()
	v := webui.ErrorViewOf(ctx, Worded(ctx, err))
	cited := s.deps.Citations(ctx, err)
	v.Refusals = refusals(cited)
	for _, c := range cited {
		if c.Say != "" {
			v.Sentence = c.Say
			break
		}
	}
	if v.Kind == errs.Internal.String() {
		v.Reference = Reference(ctx)
	}
	v.BackHref = back(r)
	return v
}

// here is where to return to after a change of language or theme: this page, or the home page after a post.
func here(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/"
	}
	return Local(r.URL.RequestURI(), "/")
}

// back is the page of this server the reader came from; "" where unknown.
func back(r *http.Request) string {
	ref := r.Referer()
	_, rest, ok := strings.Cut(ref, "://"+r.Host)
	if !ok {
		return ""
	}
	return Local(rest, "")
}

// Organisation is the name of the organisation, for print sheets.
func (s *Server) Organisation(ctx context.Context) string { return s.deps.Organisation(ctx) }

// Now is the time by the clock of the server.
func (s *Server) Now() time.Time { return s.deps.Clock.Now() }
