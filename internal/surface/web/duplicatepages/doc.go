// Package duplicatepages lets people work through records that may be the same: the list of pairs, the page on which
// records are merged field by field, and the undo. It shows what package access lets the reader see and decides nothing.
package duplicatepages

import (
	"embed"
	"io/fs"

	"dianke/internal/surface/web"
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

// Link is the entry of the navigation.
func Link() web.Page {
	return web.Page{Room: "customer", Href: "/pairs", LabelKey: "merge.pairs", Icon: "copy", Needs: "duplicate"}
}

// Pages are the pages. Mount puts them into a server.
type Pages struct{ server *web.Server }

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /pairs", p.pairs)
	s.Handle("POST /pairs/{id}/differ", p.differ)
	s.Handle("GET /merge/{type}", p.form)
	s.Handle("POST /merge/{type}", p.merge)
	s.Handle("POST /merge/{type}/{id}/undo", p.undo)
}
