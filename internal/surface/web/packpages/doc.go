// Package packpages shows the packs: what the first start offers to choose, and under settings what is installed, may be
// added or taken out.
//
// Adding and removing are asked for twice: a page shows first what will come or go. Whoever manages all roles may do it;
// the installer decides that. The package knows no pack by name.
package packpages

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/pack/install"
	"dianke/internal/engine/pack/sample"
	"dianke/internal/surface/web"
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

// Pages are the pages of packs, and the [web.Trades] of the first start. Set the fields before first use.
type Pages struct {
	Installer *install.Installer
	Samples   *sample.Loader

	server *web.Server
}

// Link is the entry of the navigation.
func Link() web.Page {
	return web.Page{Room: "settings", Href: "/settings/packs", LabelKey: "packs.title", Icon: "package", Needs: "role"}
}

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /settings/packs", p.list)
	s.Handle("GET /settings/packs/add", p.preview)
	s.Handle("POST /settings/packs/add", p.add)
	s.Handle("GET /settings/packs/{id}/remove", p.farewell)
	s.Handle("POST /settings/packs/{id}/remove", p.remove)
	s.Handle("GET /settings/packs/{id}/sample", p.askForSample)
	s.Handle("POST /settings/packs/{id}/sample", p.loadSample)
	s.Handle("POST /settings/packs/{id}/sample/remove", p.removeSample)
}
