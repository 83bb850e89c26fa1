package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/federated"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

// The purposes of what a passkey or provider answers to, so that an answer to one question is none to another.
const (
	forSignIn  = "sign_in"
	forSecond  = "second"
	forConfirm = "confirm"
	forAdding  = "add"
	forAway    = "away" // at a provider
)

// waysIn mounts what stands beside name and password: second factors, passkeys, providers, and proving again.
func (s *Server) waysIn() {
	s.Open("GET /signin/second", s.secondPage)
	s.Open("POST /signin/second", s.second)
	s.Open("POST /signin/second/passkey/options", s.secondOptions)
	s.Open("POST /signin/second/passkey", s.secondPasskey)
	s.Open("POST /signin/passkey/options", s.passkeyOptions)
	s.Open("POST /signin/passkey", s.passkeySignIn)
	s.Open("GET /signin/with/{provider}", s.sendAway)
	s.Open("GET /signin/with/{provider}/back", s.comeBack)
	s.Handle("GET /me/confirm", s.confirmPage)
	s.Handle("POST /me/confirm", s.confirm)
	s.Handle("POST /me/confirm/passkey/options", s.confirmOptions)
	s.Handle("POST /me/confirm/passkey", s.confirmPasskey)
	s.Handle("GET /me/confirm/with/{provider}", s.confirmAway)
}

// secondView asks for the second factor.
type secondView struct {
	Error           string
	Errors          map[string]string
	Codes, Passkeys bool
}

func (s *Server) secondPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSecond(w, r, nil)
}

func (s *Server) showSecond(w http.ResponseWriter, r *http.Request, err error) error {
	ctx := r.Context()
	in, _, perr := s.sessions.Pending(ctx)
	if perr != nil {
		return perr
	}
	f, ferr := s.deps.Identity.FactorsOf(ctx, record.Actor{UserID: in.User}, in.User)
	if ferr != nil {
		return ferr
	}
	v := secondView{Codes: !f.Codes.IsZero(), Passkeys: len(f.Passkeys) > 0 && s.deps.Identity.HasPasskeys(), Errors: webui.FieldErrors(ctx, err)}
	view := View{Title: i18n.T(ctx, "web.second.title"), Subtitle: i18n.T(ctx, "web.second.text")}
	if err != nil {
		e := webui.ErrorViewOf(ctx, err)
		view.Status = e.Status
		if len(v.Errors) == 0 {
			v.Error = e.Sentence
		}
	}
	return s.Bare(w, r, view, secondForm(v))
}

func (s *Server) second(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	in, next, err := s.sessions.Pending(ctx)
	if err != nil {
		return err
	}
	if err := s.deps.Identity.CheckCode(ctx, in.User, r.PostFormValue("code"), ClientOf(r)); err != nil {
		return s.orSecond(w, r, err)
	}
	return s.entered(w, r, in, next)
}

func (s *Server) orSecond(w http.ResponseWriter, r *http.Request, err error) error {
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooMany) || errs.Is(err, errs.Unauthenticated) {
		return s.showSecond(w, r, err)
	}
	return err
}

// entered opens the session of somebody who has shown his second factor.
func (s *Server) entered(w http.ResponseWriter, r *http.Request, in identity.SignedIn, next string) error {
	in.Second, in.Factor = false, true
	return s.enter(w, r, in, next)
}

// sendOptions answers the script that asks a passkey.
func (s *Server) sendOptions(w http.ResponseWriter, r *http.Request, purpose string, options []byte, state string, err error) error {
	if err != nil {
		return err
	}
	s.sessions.Await(r.Context(), purpose, state)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(options)
	return nil
}

func (s *Server) passkeyOptions(w http.ResponseWriter, r *http.Request) error {
	options, state, err := s.deps.Identity.AskPasskey(r.Context(), 0)
	return s.sendOptions(w, r, forSignIn, options, state, err)
}

// answered checks what the passkey of the user said; zero is anybody's.
func (s *Server) answered(r *http.Request, purpose string, user record.ID) (identity.SignedIn, error) {
	if err := Form(r); err != nil {
		return identity.SignedIn{}, err
	}
	state, err := s.sessions.Answer(r.Context(), purpose)
	if err != nil {
		return identity.SignedIn{}, err
	}
	return s.deps.Identity.ByPasskey(r.Context(), state, []byte(r.PostFormValue("answer")), user, ClientOf(r))
}

// passkeySignIn signs in without name and password: a passkey that has verified its owner is two factors in one.
func (s *Server) passkeySignIn(w http.ResponseWriter, r *http.Request) error {
	in, err := s.answered(r, forSignIn, 0)
	next := Local(r.PostFormValue("next"), "/")
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Unauthenticated) || errs.Is(err, errs.TooMany) {
		e := webui.ErrorViewOf(r.Context(), err)
		return s.showSignIn(w, r, signInView{Next: next, Error: e.Sentence}, e.Status)
	}
	if err != nil {
		return err
	}
	return s.enter(w, r, in, next)
}

func (s *Server) secondOptions(w http.ResponseWriter, r *http.Request) error {
	in, _, err := s.sessions.Pending(r.Context())
	if err != nil {
		return err
	}
	options, state, err := s.deps.Identity.AskPasskey(r.Context(), in.User)
	return s.sendOptions(w, r, forSecond, options, state, err)
}

func (s *Server) secondPasskey(w http.ResponseWriter, r *http.Request) error {
	in, next, err := s.sessions.Pending(r.Context())
	if err != nil {
		return err
	}
	if _, err := s.answered(r, forSecond, in.User); err != nil {
		return s.orSecond(w, r, err)
	}
	return s.entered(w, r, in, next)
}

// away is why a browser was sent to a provider.
type away struct {
	State string `json:"state"`
	Next  string `json:"next"`
	Aim   string `json:"aim"` // sign_in, link, confirm
}

func (s *Server) leave(w http.ResponseWriter, r *http.Request, aim, next string) error {
	p, err := s.deps.Identity.Provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	back := strings.TrimRight(s.deps.Identity.Site(), "/") + "/signin/with/" + p.Key + "/back"
	to, state, err := p.Begin(r.Context(), back, aim == forConfirm)
	if err != nil {
		return err
	}
	b, err := json.Marshal(away{State: state, Next: next, Aim: aim})
	if err != nil {
		return err
	}
	s.sessions.Await(r.Context(), forAway, string(b))
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) sendAway(w http.ResponseWriter, r *http.Request) error {
	return s.leave(w, r, forSignIn, Local(r.FormValue("next"), "/"))
}

// comeBack takes the browser back from a provider: only the one that was sent away, once.
func (s *Server) comeBack(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.deps.Identity.Provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	kept, err := s.sessions.Answer(ctx, forAway)
	var a away
	var c federated.Claims
	if err == nil {
		err = json.Unmarshal([]byte(kept), &a)
	}
	if err == nil {
		c, err = p.Finish(ctx, a.State, r.URL.Query())
	}
	if err == nil && a.Aim == forSignIn {
		var in identity.SignedIn
		if in, err = s.deps.Identity.SignInWith(ctx, p, c, ClientOf(r)); err == nil {
			return s.enter(w, r, in, a.Next)
		}
	}
	if err != nil {
		if Actor(ctx).IsPerson() || errs.As(err) == nil {
			return err
		}
		e := webui.ErrorViewOf(ctx, err)
		return s.showSignIn(w, r, signInView{Next: Local(a.Next, "/"), Error: e.Sentence}, e.Status)
	}
	return s.cameBack(w, r, p, a, c)
}

// cameBack links the account at the provider to who is signed in, or takes it as proof that he is there.
func (s *Server) cameBack(w http.ResponseWriter, r *http.Request, p *federated.Provider, a away, c federated.Claims) error {
	ctx := r.Context()
	me := Actor(ctx)
	if !me.IsPerson() {
		return errs.New(errs.Unauthenticated, "access.sign_in")
	}
	if a.Aim == forConfirm {
		in, err := s.deps.Identity.SignInWith(ctx, p, c, ClientOf(r))
		if err != nil {
			return err
		}
		if in.User != me.UserID {
			return errs.New(errs.Forbidden, "web.confirm.other_person")
		}
		s.sessions.Prove(ctx)
		return s.Redirect(w, r, a.Next, Toast{})
	}
	if err := s.proved(r); err != nil {
		return err
	}
	if err := s.deps.Identity.LinkTo(ctx, me, me.UserID, p, c.Subject); err != nil {
		return err
	}
	return s.Redirect(w, r, "/me/security", Toast{Key: "web.security.linked", Args: map[string]string{"provider": p.Label}})
}

// proved asks to prove again who one is before sign-in is changed, where that was long ago.
func (s *Server) proved(r *http.Request) error {
	if s.sessions.Proved(r.Context()) {
		return nil
	}
	return errProve
}

// proveFor is the page to come back to: this one, or the one a post came from.
func proveFor(r *http.Request) string {
	if r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, "/signin") {
		return here(r)
	}
	if strings.HasPrefix(r.URL.Path, "/settings/") || strings.HasPrefix(r.URL.Path, "/me/tokens") {
		if from := back(r); from != "" {
			return from
		}
	}
	return "/me/security"
}

// confirmView asks the reader to prove again who he is.
type confirmView struct {
	Next, Error               string
	Errors                    map[string]string
	Password, Codes, Passkeys bool
	Providers                 []webui.Link
}

func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request) error {
	return s.showConfirm(w, r, nil)
}

func (s *Server) showConfirm(w http.ResponseWriter, r *http.Request, err error) error {
	ctx := r.Context()
	f, ferr := s.deps.Identity.FactorsOf(ctx, Actor(ctx), Actor(ctx).UserID)
	if ferr != nil {
		return ferr
	}
	v := confirmView{
		Next: Local(r.FormValue("next"), "/me/security"), Errors: webui.FieldErrors(ctx, err),
		Password: !f.Password.IsZero(), Codes: !f.Codes.IsZero(), Passkeys: len(f.Passkeys) > 0 && s.deps.Identity.HasPasskeys(),
	}
	if !v.Password {
		for _, l := range f.Links {
			if p, err := s.deps.Identity.Provider(l.Provider); err == nil {
				v.Providers = append(v.Providers, webui.Link{Label: i18n.T(ctx, "web.signin.with", "provider", p.Label), Href: "/me/confirm/with/" + p.Key + "?" + url.Values{"next": {v.Next}}.Encode()})
			}
		}
	}
	view := View{Title: i18n.T(ctx, "web.confirm.title"), Subtitle: i18n.T(ctx, "web.confirm.text")}
	if err != nil {
		e := webui.ErrorViewOf(ctx, err)
		view.Status = e.Status
		if len(v.Errors) == 0 {
			v.Error = e.Sentence
		}
	}
	return s.Bare(w, r, view, confirmForm(v))
}

func (s *Server) confirm(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	err := s.deps.Identity.Confirm(ctx, Actor(ctx), r.PostFormValue("password"), r.PostFormValue("code"))
	return s.confirmed(w, r, err)
}

func (s *Server) confirmed(w http.ResponseWriter, r *http.Request, err error) error {
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooMany) || errs.Is(err, errs.Unauthenticated) {
		return s.showConfirm(w, r, err)
	}
	if err != nil {
		return err
	}
	s.sessions.Prove(r.Context())
	return s.Redirect(w, r, Local(r.PostFormValue("next"), "/me/security"), Toast{})
}

func (s *Server) confirmOptions(w http.ResponseWriter, r *http.Request) error {
	options, state, err := s.deps.Identity.AskPasskey(r.Context(), Actor(r.Context()).UserID)
	return s.sendOptions(w, r, forConfirm, options, state, err)
}

func (s *Server) confirmPasskey(w http.ResponseWriter, r *http.Request) error {
	_, err := s.answered(r, forConfirm, Actor(r.Context()).UserID)
	return s.confirmed(w, r, err)
}

func (s *Server) confirmAway(w http.ResponseWriter, r *http.Request) error {
	return s.leave(w, r, forConfirm, Local(r.FormValue("next"), "/me/security"))
}

// Prove refuses changes to sign-in until the reader has proved again who he is; the error leads him there and back.
func (s *Server) Prove(r *http.Request) error { return s.proved(r) }
