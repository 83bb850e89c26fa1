// Package importpages are the pages on which files come in: choose type and file, say what each column becomes, try it,
// carry it out, look at what was not taken.
//
// Each step is a page that works without script; with it the progress renews itself. What may be imported and what comes
// of it decides the desk of package transfer; the pages hold no rule. Mounted before the general record pages, they take
// the place of the page of one import.
package importpages

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/transfer"
	"dianke/internal/surface/web"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the pages.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// MaxUpload is how large a file may be that comes in by the page.
const MaxUpload = 512 << 20

// Pages are the pages. Set the desk before first use.
type Pages struct {
	Desk *transfer.Desk
	Base string // address of the pages as visitors see it, without a slash at the end

	server *web.Server
}

// Link is the entry of the navigation.
func Link() web.Page {
	return web.Page{Room: "settings", Href: "/import", LabelKey: "importing.title", Icon: "file-import", Needs: "import"}
}

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /import", p.start)
	s.Handle("POST /import", p.receive)
	s.Handle("GET /imports/{id}", p.show)
	s.Handle("POST /imports/{id}/layout", p.layout)
	s.Handle("POST /imports/{id}/map", p.mapping)
	s.Handle("POST /imports/{id}/begin", p.begin)
	s.Handle("POST /imports/{id}/cancel", p.cancel)
	s.Handle("GET /imports/{id}/progress", p.progress)
	s.Handle("GET /imports/{id}/rejects", p.rejects)
	s.Handle("GET /me/calendar", p.calendar)
	s.Handle("POST /me/calendar", p.subscribe)
	s.Open("GET /calendar/{file}", p.feed)
	for _, t := range p.cards() {
		s.Handle("GET /"+t.Plural+"/{id}/card", p.card(t))
	}
}
