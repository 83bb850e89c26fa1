package casepages

import (
	"context"
	"net/url"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/surface/web"
)

// Pages are the desk, the register and the print sheets. All fields but Letterhead are required.
type Pages struct {
	Records *access.Records
	Engine  *regulation.Engine
	Clock   clock.Clock
	// Letterhead is what stands above printed sheets; nil shows the name of the organisation alone.
	Letterhead func(ctx context.Context) casework.Letterhead

	server   *web.Server
	ledger   *casework.Ledger
	presence *casework.Presence
}

// stay is how long somebody counts as present after his last sign; the page gives one every twenty seconds.
const stay = 90 * time.Second

// Mount puts the pages into a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	p.ledger = &casework.Ledger{DB: p.Records.DB, Store: p.Records.Store}
	p.presence = casework.NewPresence(p.Clock, stay)
	s.Handle("GET /desk", p.queuePage)
	s.Handle("GET /desk/{id}", p.casePage)
	s.Handle("POST /desk/{id}/say", p.say)
	s.Handle("POST /desk/{id}/macro", p.insertMacro)
	s.Handle("GET /desk/{id}/presence", p.heartbeat)
	s.Handle("GET /register", p.registerPage)
	s.Handle("GET /register/{year}/dossier", p.dossierPage)
	s.Handle("GET /cases/{id}/replies/{reply}/print", p.replySheet)
}

// Links are the entries of the navigation.
func Links() []web.Page {
	return []web.Page{
		{Room: "service", Href: "/desk", LabelKey: "desk.title", Icon: "headset", Needs: "case", First: true},
		{Room: "service", Href: "/register", LabelKey: "register.title", Icon: "clipboard-list", Needs: "case"},
	}
}

// scope is what the reader may read of a type; the ledger takes it.
func (p *Pages) scope(ctx context.Context, typ string) (record.Scope, error) {
	return db.View(ctx, p.Records.DB, func(tx *db.Tx) (record.Scope, error) {
		return p.Records.Guard.Authorize(ctx, tx, web.Actor(ctx), typ, record.Read)
	})
}

// may asks for several actions on a type at once.
func (p *Pages) may(ctx context.Context, typ string, names ...string) (map[string]bool, error) {
	return db.View(ctx, p.Records.DB, func(tx *db.Tx) (map[string]bool, error) {
		out := map[string]bool{}
		for _, n := range names {
			out[n] = p.Records.Can(ctx, tx, web.Actor(ctx), typ, n)
		}
		return out, nil
	})
}

func (p *Pages) typeOf(name string) *record.Type { return p.Records.Store.Types.Type(name) }

// address joins a path with those parts of a query that are set, given as name and value in turn.
func address(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
