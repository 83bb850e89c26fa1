// Package conditionpages is the editor of conditions for people who do not program: an event, up to five comparisons of
// what a record says, the condition as it will be stored, and what it would have done in the past month.
//
// All of it is in the address, nothing is written: the finished control goes on to the form of package regulationpages,
// which stores it through its declared action. The package knows no CEL; package condition writes it.
package conditionpages

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/condition"
	"dianke/internal/platform/clock"
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

// Pages are the pages of the editor.
type Pages struct {
	Engine *regulation.Engine
	Clock  clock.Clock
	lab    condition.Lab
	server *web.Server
}

// Mount puts the pages into a server.
func (p *Pages) Mount(s *web.Server) {
	p.server, p.lab = s, condition.Lab{Engine: p.Engine}
	s.Handle("GET /read/{key}/{clause}/condition", p.editor)
}
