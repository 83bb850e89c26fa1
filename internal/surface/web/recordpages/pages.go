package recordpages

import (
	"context"
	"net/http"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/view"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// Similar finds records that may be the same as one being entered. Values are the texts of the form by field.
type Similar func(ctx context.Context, a access.Actor, values map[string]string) ([]webui.Link, error)

// Related says that records of a type belong on the page of another, although it is no declared part of it: the
// postings of a person.
type Related struct{ Of, Type, Field string }

// Deps are what the pages need. Blobs, Views and Clock are required.
type Deps struct {
	Blobs   *blobs.Store
	Views   *view.Store
	Clock   clock.Clock
	Zone    *time.Location     // of the organisation; that of the page where nil
	Similar map[string]Similar // by type
	Related []Related
	// Overviews are first tabs by type; a type without one begins with its fields.
	Overviews map[string]Overview
	// Clocks are the clocks of the regulation on a record; nil for none.
	Clocks func(ctx context.Context, a access.Actor, typ string, id record.ID) ([]webui.ClockView, error)
	// Day marks a day of the month view: a word, its name, and whether it is a make-up workday; nil for none.
	Day     func(day time.Time) (mark, title string, workday bool)
	MaxFile int64 // bytes of one file; 20 MiB where zero
}

// Pages are the pages of all types.
type Pages struct {
	deps   Deps
	server *web.Server
}

// New returns the pages; [Pages.Mount] puts them into a server.
func New(d Deps) *Pages {
	if d.MaxFile == 0 {
		d.MaxFile = 20 << 20
	}
	return &Pages{deps: d}
}

// Mount puts the pages behind all others of the server, so that a room may replace any of them by a page of its own.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /lookup/{type}", p.lookup)
	s.Handle("GET /divisions", p.divisions)
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request, *record.Type) error{
		"GET /{plural}":                   p.list,
		"POST /{plural}":                  p.create,
		"GET /{plural}/new":               p.newForm,
		"POST /{plural}/check":            p.check,
		"POST /{plural}/bulk":             p.bulk,
		"GET /{plural}/export":            p.exportForm,
		"POST /{plural}/export":           p.export,
		"GET /{plural}/views":             p.viewForm,
		"POST /{plural}/views":            p.saveView,
		"POST /{plural}/{id}/remove-view": p.removeView,
		"POST /{plural}/{id}/undo":        p.undo,
		"GET /{plural}/{id}":              p.show,
		"GET /{plural}/{id}/edit":         p.editForm,
		"POST /{plural}/{id}":             p.update,
		"POST /{plural}/{id}/merge":       p.merge,
		"GET /{plural}/{id}/do/{action}":  p.actionForm,
		"POST /{plural}/{id}/do/{action}": p.act,
		"POST /{plural}/{id}/move":        p.move,
		"GET /{plural}/{id}/reveal":       p.revealForm,
		"POST /{plural}/{id}/reveal":      p.reveal,
		"POST /{plural}/{id}/comments":    p.comment,
		"GET /{plural}/{id}/files/{file}": p.download,
	} {
		s.Fallback(pattern, p.typed(h))
	}
}

// typed finds the type of the path; a plural nobody declared is NotFound.
func (p *Pages) typed(h func(http.ResponseWriter, *http.Request, *record.Type) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		t := p.records().Store.Types.Type(r.PathValue("plural"))
		if t == nil || t.Plural != r.PathValue("plural") {
			return errs.New(errs.NotFound, "web.no_page")
		}
		if err := h(w, r, t); err != nil {
			return web.WordedFor(r.Context(), t, err)
		}
		return nil
	}
}

func (p *Pages) records() *access.Records { return p.server.Records() }

func listPath(t *record.Type) string { return "/" + t.Plural }

func recordPath(t *record.Type, id record.ID) string { return "/" + t.Plural + "/" + id.String() }

// can asks for several actions on a type at once.
func (p *Pages) can(ctx context.Context, t *record.Type, names ...string) (map[string]bool, error) {
	rec, a := p.records(), web.Actor(ctx)
	return db.View(ctx, rec.DB, func(tx *db.Tx) (map[string]bool, error) {
		out := map[string]bool{}
		for _, n := range names {
			out[n] = t.Action(n) != nil && rec.Can(ctx, tx, a, t.Name, n)
		}
		return out, nil
	})
}
