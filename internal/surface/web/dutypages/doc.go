// Package dutypages holds the first tabs of a duty and of an attestation: what a clause asks of whom until when, by which
// regulation, article and version, and the checklist that is answered and signed.
//
// A reader sees here what he may see of the records, through [recordpages.Overlook] alone. The package writes through
// declared actions alone.
package dutypages

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/access"
	"dianke/internal/engine/regulation"
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

// Pages make the tabs and take the checklist.
type Pages struct {
	Engine  *regulation.Engine
	Records *access.Records
	server  *web.Server
}

// Mount puts the page of the checklist into a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /check/{id}", p.checklist)
	s.Handle("POST /check/{id}", p.sign)
}

// Overviews are the first tabs by type.
func (p *Pages) Overviews() map[string]recordpages.Overview {
	return map[string]recordpages.Overview{"duty": p.duty, "attestation": p.attestation}
}
