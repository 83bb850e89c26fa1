// Package regulationpages shows regulations: the library, the reader with what each clause did, the signature at its end,
// versions with the way of each into force, two versions side by side, the page of a clause with its controls in words
// and its outcomes, the compliance of one regulation by month, and the import of a text.
//
// Texts of regulations are open to everybody who signed in. Outcomes and signatures show the records and people they are
// about only as far as the reader may see them. All writing goes through declared actions; the package decides nothing
// and renders what package regulation tells.
package regulationpages

import (
	"context"
	"embed"
	"io/fs"

	"dianke/internal/engine/access"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}

// Pages are the pages of regulations.
type Pages struct {
	Engine  *regulation.Engine
	Records *access.Records
	// Proposals proposes controls for what is imported.
	Proposals *proposal.Desk
	Scenario  func(clause string) string // script that proves a clause; nil for none
	server    *web.Server
}

// Mount puts the pages into a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /library":                               p.library,
		"GET /library/import":                        p.importForm,
		"POST /library/import":                       p.importText,
		"GET /compliance/{key}":                      p.compliance,
		"GET /read/{key}":                            p.reader,
		"POST /read/{key}/sign":                      p.sign,
		"GET /read/{key}/signatures":                 p.signatures,
		"GET /read/{key}/versions":                   p.versions,
		"POST /read/{key}/versions":                  p.startVersion,
		"POST /read/{key}/versions/{no}/do/{action}": p.step,
		"GET /read/{key}/proposals":                  p.proposals,
		"POST /read/{key}/proposals/do/{action}":     p.decide,
		"GET /read/{key}/diff":                       p.diff,
		"GET /read/{key}/{clause}":                   p.clause,
		"GET /read/{key}/{clause}/bindings/{id}":     p.bindingForm,
		"POST /read/{key}/{clause}/bindings/{id}":    p.saveBinding,
	} {
		s.Handle(pattern, h)
	}
}

func statusBadge(ctx context.Context, s evidence.Status) webui.BadgeView {
	tone := map[evidence.Status]webui.Tone{
		evidence.Kept: webui.Good, evidence.KeptLate: webui.Warn, evidence.Breached: webui.Bad, evidence.OnlyExcepted: webui.Info,
	}[s]
	return webui.BadgeView{Label: i18n.T(ctx, "clause.status."+string(s)), Tone: tone}
}

// versionBadge is the state of a version.
func versionBadge(ctx context.Context, status string) webui.BadgeView {
	tone := map[string]webui.Tone{"in_force": webui.Good, "review": webui.Warn, "approved": webui.Info}[status]
	return webui.BadgeView{Label: i18n.T(ctx, "regulation_version.status."+status), Tone: tone}
}

// title is how a regulation is called.
func title(ctx context.Context, r *regulation.Regulation) string {
	return web.InLang(ctx, r.Title, r.TitleEn)
}

// crumbs lead from the library over the regulation.
func crumbs(ctx context.Context, r *regulation.Regulation, more ...webui.Link) []webui.Link {
	return append([]webui.Link{
		{Label: i18n.T(ctx, "library.title"), Href: "/library"}, {Label: title(ctx, r), Href: "/read/" + r.Key},
	}, more...)
}
