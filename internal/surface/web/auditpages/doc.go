// Package auditpages shows the audit log to those it was opened to: who did what to which record, when, from where and
// why, and whether the chain of the log still holds.
//
// The log holds no value of a personal field, and records appear by the titles the reader may see; a record hidden from
// him keeps its number in the log and nothing else. Looking is not an entry, proving the chain is one. The package
// decides no permission: package access opens the log or does not.
package auditpages

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/access"
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

// Link is the entry of the navigation, for those who may read the log.
func Link() web.Page {
	return web.Page{Room: "settings", Href: "/audit", LabelKey: "audit.title", Icon: "shield-check", Needs: access.AuditLog}
}

// Pages are the pages of the audit log.
type Pages struct{ server *web.Server }

// New returns the pages; [Pages.Mount] puts them into a server.
func New() *Pages { return &Pages{} }

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /audit", p.list)
	s.Handle("GET /audit/{seq}", p.entry)
	s.Handle("POST /audit/verify", p.verify)
}
