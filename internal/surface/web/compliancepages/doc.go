// Package compliancepages shows how regulations are kept: the heat map of regulations and months, the same by unit and by
// post, the statement of applicability, and what a frozen assessment gives to those who ask for proof.
//
// Everything is counted as far as the reader may; the package computes nothing itself and renders what package assess
// tells. From a red cell it is three clicks to the record that made it red.
package compliancepages

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/platform/clock"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
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

// Link is the entry of the navigation, for those who may read assessments.
func Link() web.Page {
	return web.Page{Room: "regulation", Href: "/compliance", LabelKey: "compliance.map", Icon: "chart-bar", Needs: "assessment", First: true}
}

// Pages are the pages of compliance.
type Pages struct {
	Book    *assess.Book
	Archive *exchange.Archive
	Clock   clock.Clock
	server  *web.Server
}

// Mount puts the pages into a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /compliance":                         p.heat,
		"GET /compliance/units":                   p.units,
		"GET /compliance/posts":                   p.posts,
		"GET /compliance/statement":               p.statement,
		"GET /compliance/statement.xlsx":          p.sheet,
		"GET /compliance/assessments/{id}/{file}": p.file,
	} {
		s.Handle(pattern, h)
	}
}

// Overviews are the first tabs of records: a frozen assessment shows its result and what can be handed out.
func (p *Pages) Overviews() map[string]recordpages.Overview {
	return map[string]recordpages.Overview{"assessment": p.assessment}
}
