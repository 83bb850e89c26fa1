package web

import (
	"context"
	"net/http"
	"strings"

	"dianke/internal/engine/access/identity"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

// securityPages mounts how the reader signs in. Whatever changes it asks him to prove again who he is.
func (s *Server) securityPages() {
	s.Handle("GET /me/security", s.securityPage)
	change := func(pattern string, h HandlerFunc) {
		s.Handle(pattern, func(w http.ResponseWriter, r *http.Request) error {
			if err := s.proved(r); err != nil {
				return err
			}
			return h(w, r)
		})
	}
	change("POST /me/security/codes/begin", s.beginCodes)
	change("GET /me/security/codes", s.codesPage)
	change("GET /me/security/codes.png", s.codesPicture)
	change("POST /me/security/codes", s.confirmCodes)
	change("POST /me/security/codes/remove", s.removeCodes)
	change("POST /me/security/recovery", s.newRecovery)
	change("POST /me/security/passkeys/options", s.addOptions)
	change("POST /me/security/passkeys", s.addPasskey)
	change("POST /me/security/passkeys/{id}/rename", s.renamePasskey)
	change("POST /me/security/passkeys/{id}/remove", s.removePasskey)
	change("GET /me/security/link/{provider}", func(w http.ResponseWriter, r *http.Request) error { return s.leave(w, r, "link", "/me/security") })
	change("POST /me/security/links/{id}/remove", s.removeLink)
}

// securityView is how the reader signs in.
type securityView struct {
	Must, Proved     bool
	Error            string
	Password         string
	Codes            string
	Recovery         int
	Second           bool
	Passkeys         []passkeyRow
	PasskeysPossible bool
	Links            []linkRow
	Providers        []webui.Link
	NewName          string
	NameError        string
}

type passkeyRow struct{ Name, Created, Used, Rename, Remove string }

type linkRow struct{ Label, Since, Used, Remove string }

func (s *Server) securityPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSecurity(w, r, nil)
}

func (s *Server) showSecurity(w http.ResponseWriter, r *http.Request, err error) error {
	ctx := r.Context()
	f, ferr := s.deps.Identity.FactorsOf(ctx, Actor(ctx), Actor(ctx).UserID)
	if ferr != nil {
		return ferr
	}
	v := s.securityView(ctx, f)
	page := s.mePage(ctx, "/me/security")
	if err != nil {
		e := webui.ErrorViewOf(ctx, err)
		page.Status, v.NameError, v.NewName = e.Status, webui.FieldErrors(ctx, err)["name"], r.PostFormValue("name")
		if v.NameError == "" {
			v.Error = e.Sentence
		}
	}
	if v.Must {
		return s.Bare(w, r, View{Title: i18n.T(ctx, "web.security.must.title"), Status: page.Status, Wide: true}, securityCards(v))
	}
	return s.Page(w, r, page, securityCards(v))
}

func (s *Server) securityView(ctx context.Context, f identity.Factors) securityView {
	v := securityView{
		Must: visitOf(ctx).enrol, Proved: s.sessions.Proved(ctx), Recovery: f.Recovery, Second: f.Second(), PasskeysPossible: s.deps.Identity.HasPasskeys(),
		Password: i18n.DateTime(ctx, f.Password), Codes: i18n.Date(ctx, f.Codes),
	}
	for _, k := range f.Passkeys {
		at := "/me/security/passkeys/" + k.ID.String()
		v.Passkeys = append(v.Passkeys, passkeyRow{k.Name, i18n.Date(ctx, k.Created), i18n.DateTime(ctx, k.Used), at + "/rename", at + "/remove"})
	}
	for _, l := range f.Links {
		label := l.Provider
		if p, err := s.deps.Identity.Provider(l.Provider); err == nil {
			label = p.Label
		}
		v.Links = append(v.Links, linkRow{label, i18n.Date(ctx, l.Created), i18n.DateTime(ctx, l.Used), "/me/security/links/" + l.ID.String() + "/remove"})
	}
	for _, p := range s.deps.Identity.Providers() {
		v.Providers = append(v.Providers, webui.Link{Label: i18n.T(ctx, "web.security.link", "provider", p.Label), Href: "/me/security/link/" + p.Key})
	}
	return v
}

// orSecurity shows what is wrong on the page of security.
func (s *Server) orSecurity(w http.ResponseWriter, r *http.Request, err error, done string) error {
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) {
		return s.showSecurity(w, r, err)
	}
	if err != nil {
		return err
	}
	return s.Redirect(w, r, "/me/security", Toast{Key: done})
}

func (s *Server) beginCodes(w http.ResponseWriter, r *http.Request) error {
	if err := s.deps.Identity.BeginCodes(r.Context(), Actor(r.Context())); err != nil {
		return err
	}
	return s.Redirect(w, r, "/me/security/codes", Toast{})
}

// codesView is the secret to be put into an app, and the first code of it.
type codesView struct{ Secret, Address, Error, Picture string }

func (s *Server) codesPage(w http.ResponseWriter, r *http.Request) error {
	return s.showCodes(w, r, nil)
}

func (s *Server) showCodes(w http.ResponseWriter, r *http.Request, err error) error {
	ctx := r.Context()
	secret, address, cerr := s.deps.Identity.CodesToConfirm(ctx, Actor(ctx), s.deps.Organisation(ctx))
	if errs.Is(cerr, errs.NotFound) {
		return s.Redirect(w, r, "/me/security", Toast{Tone: webui.Warn, Key: "identity.codes.none"})
	}
	if cerr != nil {
		return cerr
	}
	v := codesView{Secret: inFours(secret), Address: address, Picture: "/me/security/codes.png"}
	view := View{Title: i18n.T(ctx, "web.codes.title")}
	if err != nil {
		e := webui.ErrorViewOf(ctx, err)
		view.Status, v.Error = e.Status, e.Sentence
		if text := webui.FieldErrors(ctx, err)["code"]; text != "" {
			v.Error = text
		}
	}
	return s.Bare(w, r, view, codesForm(v))
}

// inFours parts a secret into groups, for who types it.
func inFours(s string) string {
	var b strings.Builder
	for i, c := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// codesPicture is an image of its own: the content policy lets none stand in the page.
func (s *Server) codesPicture(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_, address, err := s.deps.Identity.CodesToConfirm(ctx, Actor(ctx), s.deps.Organisation(ctx))
	if err != nil {
		return err
	}
	picture, err := identity.CodesPicture(address)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(picture)
	return nil
}

func (s *Server) confirmCodes(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	codes, err := s.deps.Identity.ConfirmCodes(r.Context(), Actor(r.Context()), r.PostFormValue("code"))
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooMany) {
		return s.showCodes(w, r, err)
	}
	if err != nil {
		return err
	}
	return s.added(w, r, codes, "web.codes.done")
}

// added leads on after a second factor was added, past the recovery codes where there are new ones.
func (s *Server) added(w http.ResponseWriter, r *http.Request, codes []string, key string) error {
	s.sessions.FactorAdded(r.Context())
	if len(codes) > 0 {
		return s.showRecovery(w, r, codes)
	}
	return s.Redirect(w, r, "/me/security", Toast{Key: key})
}

// showRecovery shows the codes on the very answer: they are kept nowhere in a form that could be shown again.
func (s *Server) showRecovery(w http.ResponseWriter, r *http.Request, codes []string) error {
	ctx := r.Context()
	return s.Bare(w, r, View{Title: i18n.T(ctx, "web.recovery.title"), Subtitle: i18n.T(ctx, "web.recovery.once")}, recoveryList(codes))
}

func (s *Server) removeCodes(w http.ResponseWriter, r *http.Request) error {
	err := s.deps.Identity.RemoveCodes(r.Context(), Actor(r.Context()))
	return s.orSecurity(w, r, err, "web.security.removed")
}

func (s *Server) newRecovery(w http.ResponseWriter, r *http.Request) error {
	codes, err := s.deps.Identity.NewRecoveryCodes(r.Context(), Actor(r.Context()))
	if err != nil {
		return s.orSecurity(w, r, err, "")
	}
	return s.showRecovery(w, r, codes)
}

func (s *Server) addOptions(w http.ResponseWriter, r *http.Request) error {
	options, state, err := s.deps.Identity.BeginPasskey(r.Context(), Actor(r.Context()))
	return s.sendOptions(w, r, forAdding, options, state, err)
}

func (s *Server) addPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	state, err := s.sessions.Answer(ctx, forAdding)
	var codes []string
	if err == nil {
		codes, err = s.deps.Identity.AddPasskey(ctx, Actor(ctx), state, r.PostFormValue("name"), []byte(r.PostFormValue("answer")))
	}
	if err != nil {
		return s.orSecurity(w, r, err, "")
	}
	return s.added(w, r, codes, "web.passkeys.done")
}

func (s *Server) renamePasskey(w http.ResponseWriter, r *http.Request) error {
	id, err := PathID(r)
	if err != nil {
		return err
	}
	if err := Form(r); err != nil {
		return err
	}
	err = s.deps.Identity.RenamePasskey(r.Context(), Actor(r.Context()), id, r.PostFormValue("name"))
	return s.orSecurity(w, r, err, "web.passkeys.renamed")
}

func (s *Server) removePasskey(w http.ResponseWriter, r *http.Request) error {
	id, err := PathID(r)
	if err != nil {
		return err
	}
	err = s.deps.Identity.RemovePasskey(r.Context(), Actor(r.Context()), id)
	return s.orSecurity(w, r, err, "web.security.removed")
}

func (s *Server) removeLink(w http.ResponseWriter, r *http.Request) error {
	id, err := PathID(r)
	if err != nil {
		return err
	}
	a := Actor(r.Context())
	return s.orSecurity(w, r, s.deps.Identity.Unlink(r.Context(), a, a.UserID, id), "web.security.unlinked")
}
