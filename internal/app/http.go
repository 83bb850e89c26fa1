package app

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/view"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/platform/db"
	"dianke/internal/surface/api"
	"dianke/internal/surface/mcp"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/auditpages"
	"dianke/internal/surface/web/backuppages"
	"dianke/internal/surface/web/breachpages"
	"dianke/internal/surface/web/casepages"
	"dianke/internal/surface/web/compliancepages"
	"dianke/internal/surface/web/conditionpages"
	"dianke/internal/surface/web/customerpages"
	"dianke/internal/surface/web/duplicatepages"
	"dianke/internal/surface/web/dutypages"
	"dianke/internal/surface/web/importpages"
	"dianke/internal/surface/web/noticepages"
	"dianke/internal/surface/web/packpages"
	"dianke/internal/surface/web/publicpages"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/regulationpages"
	"dianke/internal/surface/web/settingspages"
	"dianke/internal/surface/web/signinpages"
	"dianke/internal/surface/web/webhookpages"
	"dianke/internal/surface/web/webui"
	"dianke/internal/surface/web/workbench"
	"dianke/packs"
)

// Version is the version of the program, set by the linker for releases.
var Version = "dev"

// SurfaceMessages are the texts of pages and interface.
func SurfaceMessages() []fs.FS {
	return []fs.FS{webui.Messages(), web.Messages(), api.Messages(), mcp.Messages(), regulationpages.Messages(), publicpages.Messages(), recordpages.Messages(), settingspages.Messages(), backuppages.Messages(), packpages.Messages(), importpages.Messages(), noticepages.Messages(), webhookpages.Messages(), auditpages.Messages(), casepages.Messages(), customerpages.Messages(), workbench.Messages(), breachpages.Messages(), compliancepages.Messages(), conditionpages.Messages(), duplicatepages.Messages(), dutypages.Messages(), signinpages.Messages()}
}

// Handler composes everything that is served: the interface below /api/, pages elsewhere.
func (a *App) Handler() (http.Handler, error) {
	pages, err := web.New(a.webDeps())
	if err != nil {
		return nil, fmt.Errorf("web server: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", a.apiHandler())
	mux.Handle("/mcp", a.mcpHandler())
	mux.Handle("/", pages)
	return mux, nil
}

// apiHandler takes tokens and the session of the browser.
func (a *App) apiHandler() http.Handler {
	sessions := identity.NewSessions(a.Identity, a.secure())
	h := api.New(api.Deps{
		Records: a.Records, Identity: a.Identity, Identify: api.BearerOrSession{Tokens: a.Identity, Sessions: sessions, Address: a.caller},
		Blobs: a.Blobs, Engine: a.Engine, Propose: a.Proposals, Book: a.Book, Archive: a.archive(), Transfers: a.Transfers, Replay: &replay.Book{DB: a.DB, Clock: a.Clock}, Texts: a.Catalog, IDs: a.Store.IDs, Log: a.Log, Version: Version, Secure: a.secure(),
		Rate: float64(a.Config.APIRate), Burst: 3 * a.Config.APIRate,
	})
	return sessions.LoadAndSave(h)
}

// caller is the address of who asks, behind the proxies that are trusted.
func (a *App) caller(r *http.Request) string { return web.AddressOf(r, a.Config.TrustedProxies) }

func (a *App) secure() bool { return strings.HasPrefix(a.Config.BaseURL, "https://") }

func (a *App) webDeps() web.Deps {
	return web.Deps{
		Records: a.Records, Identity: a.Identity, Catalog: a.Catalog, Clock: a.Clock, Zone: a.Config.Zone, Log: a.Log,
		Organisation: a.organisation, Trades: &packpages.Pages{Installer: a.Installer, Samples: a.Samples}, Rooms: navigation(), Status: a.frameStatus,
		Citations: web.RegulationCitations(clauseLinks), Proxies: a.Config.TrustedProxies, Secure: a.secure(),
		Mount: a.mounts(), Commands: commands(), Uploads: map[string]int64{"/import": importpages.MaxUpload}, Pages: append([]web.Page{
			{Room: "workbench", Href: "/workbench", LabelKey: "workbench.title", Icon: "layout-dashboard", First: true},
			{Room: "regulation", Href: "/library", LabelKey: "library.title", Icon: "books", First: true},
			compliancepages.Link(),
			signinpages.Link(),
			settingspages.Link(),
			packpages.Link(),
			backuppages.Link(),
			importpages.Link(),
			duplicatepages.Link(),
			webhookpages.Link(),
			publicpages.Link(),
			auditpages.Link(),
		}, append(casepages.Links(), noticepages.Links()...)...),
	}
}

// mounts are the packages of pages beside the general ones.
func (a *App) mounts() []func(*web.Server) {
	public := func(typ, act string) record.Scope { return a.System("public_pages", "public", typ, act) }
	like := customerpages.Similar{Records: a.Records, All: func() record.Scope { return a.System("duplicates", "web", "customer", record.Read) }}
	general := recordpages.New(recordpages.Deps{
		Blobs: a.Blobs, Views: &view.Store{DB: a.DB, Clock: a.Clock, IDs: a.Store.IDs}, Clock: a.Clock, Zone: a.Config.Zone, Clocks: a.clocks,
		Related:   []recordpages.Related{{Of: "user", Type: "posting", Field: "user_id"}},
		Similar:   map[string]recordpages.Similar{"customer": like.Customer, "contact": like.Contact},
		Overviews: a.overviews(),
	})
	return []func(*web.Server){
		general.Mount,
		(&customerpages.Log{Forms: general, Clock: a.Clock, Desks: map[string]string{"desk": "case"}}).Mount,
		(&breachpages.Request{Forms: general, Engine: a.Engine}).Mount,
		a.compliance().Mount,
		a.duties().Mount,
		(&conditionpages.Pages{Engine: a.Engine, Clock: a.Clock}).Mount,
		settingspages.New(a.Fields).Mount,
		(&signinpages.Pages{Identity: a.Identity}).Mount,
		(&packpages.Pages{Installer: a.Installer, Samples: a.Samples}).Mount,
		auditpages.New().Mount,
		(&duplicatepages.Pages{}).Mount,
		(&webhookpages.Pages{Desk: a.Webhooks, Base: a.Config.BaseURL}).Mount,
		(&backuppages.Pages{Keeper: a.Backups, Ask: a.AskBackup}).Mount,
		a.noticePages().Mount,
		(&importpages.Pages{Desk: a.Transfers, Base: a.Config.BaseURL}).Mount,
		(&casepages.Pages{Engine: a.Engine, Records: a.Records, Clock: a.Clock}).Mount,
		(&workbench.Pages{Engine: a.Engine, Records: a.Records, Clock: a.Clock}).Mount,
		(&regulationpages.Pages{Engine: a.Engine, Records: a.Records, Proposals: a.Proposals, Scenario: scenarioOf}).Mount,
		(&publicpages.Pages{Runner: a.Runner, Clock: a.Clock, Blobs: a.Blobs, Scope: public, Base: a.Config.BaseURL}).Mount,
	}
}

// scenarioOf is the script that proves a clause of a pack; empty for none.
func scenarioOf(clause string) string {
	found, err := fs.Glob(packs.FS(), "*/scenarios/"+clause+".txtar")
	if err != nil || len(found) == 0 {
		return ""
	}
	text, err := fs.ReadFile(packs.FS(), found[0])
	if err != nil {
		return ""
	}
	return string(text)
}

// compliance are the pages on how regulations are kept.
func (a *App) compliance() *compliancepages.Pages {
	return &compliancepages.Pages{Book: a.Book, Clock: a.Clock, Archive: a.archive()}
}

func (a *App) archive() *exchange.Archive {
	return &exchange.Archive{Book: a.Book, Records: a.Records, Say: a.Words}
}

func (a *App) duties() *dutypages.Pages {
	return &dutypages.Pages{Engine: a.Engine, Records: a.Records}
}

// overviews are the first tabs of record pages by type.
func (a *App) overviews() map[string]recordpages.Overview {
	out := (&breachpages.Pages{Engine: a.Engine}).Overviews()
	maps.Copy(out, a.compliance().Overviews())
	maps.Copy(out, a.duties().Overviews())
	out["customer"] = customerpages.Overview{Clock: a.Clock}.Fill
	return out
}

// commands are what people do from anywhere.
func commands() []web.Command {
	return append(customerpages.Commands(),
		web.Command{LabelKey: "web.command.complaint", WordsKey: "web.command.complaint.words", Href: "/cases/new?kind=complaint", Icon: "plus", Type: "case"},
		web.Command{LabelKey: "web.command.inquiry", WordsKey: "web.command.inquiry.words", Href: "/cases/new?kind=inquiry", Icon: "plus", Type: "case"})
}

// clauseLinks leads from a refusal to the clause and to the request for an exception, which is for one record and so needs
// one that is there.
func clauseLinks(c regulation.Citation) (clause, exception string) {
	if c.AboutID == 0 {
		return "/read/" + c.Regulation + "/" + c.Clause, ""
	}
	exception = "/exceptions/ask?clause_key=" + c.Clause + "&about_type=" + c.AboutType + "&about_id=" + c.AboutID.String()
	return "/read/" + c.Regulation + "/" + c.Clause, exception
}

// navigation are the rooms of the frame in their order.
func navigation() []web.Room {
	return []web.Room{
		{Key: "workbench", Icon: "layout-dashboard", Types: []string{"task", "notice", "gift", "phone_cost"}},
		{Key: "customer", Icon: "users", Types: []string{"customer", "interaction"}},
		{Key: "service", Icon: "headset", Types: []string{"case"}},
		{Key: "regulation", Icon: "book-2", Types: []string{"regulation", "acknowledgement", "breach", "measure", "exemption", "ladder"}},
		{Key: "settings", Icon: "settings", Types: []string{"user", "unit", "post", "role", "calendar"}},
	}
}

// organisation is the name of the unit that is the company.
func (a *App) organisation(ctx context.Context) string {
	name, err := db.View(ctx, a.DB, func(tx *db.Tx) (string, error) {
		var s string
		err := tx.QueryRow(ctx, "SELECT name FROM units WHERE kind = 'company' AND archived_at IS NULL ORDER BY id LIMIT 1").Scan(&s)
		if db.IsNoRows(err) {
			return "", nil
		}
		return s, err
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "name of the organisation", "error", err)
	}
	return name
}

// frameStatus counts what waits for the person: unread notices and open clocks.
func (a *App) frameStatus(ctx context.Context, actor access.Actor) web.FrameStatus {
	st, err := db.View(ctx, a.DB, func(tx *db.Tx) (web.FrameStatus, error) {
		st := web.FrameStatus{NoticesHref: "/notices", NoticesStream: "/notices/stream", ClocksHref: "/cases"}
		t := a.Types.Type("notice")
		scope, err := a.Guard.Authorize(ctx, tx, actor, "notice", record.Read)
		if err == nil {
			own := record.All(record.Where("owner_id", actor.UserID), record.Where("status", "unread"))
			if st.Notices, _, err = a.Store.Count(ctx, tx, t, scope, record.Query{Filter: own}); err != nil {
				return st, err
			}
		}
		clocks, err := evidence.OfOwner(ctx, tx, actor.UserID, 100)
		for _, k := range clocks {
			st.Clocks++
			st.ClocksLate = st.ClocksLate || k.State == evidence.ClockLate
		}
		return st, err
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "frame status", "error", err)
	}
	return st
}

// clocks are the clocks on a record that the person has opened.
func (a *App) clocks(ctx context.Context, _ access.Actor, _ string, id record.ID) ([]webui.ClockView, error) {
	list, err := a.Engine.Clocks(ctx, id)
	if err != nil {
		return nil, err
	}
	return workbench.ClockViews(ctx, a.Engine, list, a.Clock.Now())
}
