// Package backuppages is the page of the settings on backups: what there is, whether it was proven, when the next comes.
//
// Whoever manages all roles may look, ask for a backup and for a proof; both run as jobs, the page shows what came of them.
// Backups cannot be taken out, removed or restored here: that is for whoever runs the server. The package makes no backup
// itself; it knows package backup and is told how to ask.
package backuppages

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/backup"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
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

// Pages are the pages. Set the fields before first use.
type Pages struct {
	Keeper *backup.Keeper
	// Ask enqueues a backup, or the proof of the one that is named, on behalf of a person.
	Ask func(ctx context.Context, by access.Actor, proof string) error

	server *web.Server
}

// Path is where the page is.
const Path = "/settings/backups"

// Link is the entry of the navigation.
func Link() web.Page {
	return web.Page{Room: "settings", Href: Path, LabelKey: "backups.title", Icon: "device-floppy", Needs: "role"}
}

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET "+Path, p.show)
	s.Handle("GET "+Path+"/progress", p.progress)
	s.Handle("POST "+Path, p.back)
	s.Handle("POST "+Path+"/prove", p.prove)
}

// allowed lets those in who may change all roles.
func (p *Pages) allowed(ctx context.Context) error {
	rec := p.server.Records()
	scope, err := db.View(ctx, rec.DB, func(tx *db.Tx) (record.Scope, error) {
		return rec.Guard.Authorize(ctx, tx, web.Actor(ctx), "role", record.Update)
	})
	if err == nil && !scope.Visible.All {
		err = errs.New(errs.Forbidden, "access.denied").With("type", "role").With("action", record.Update)
	}
	return err
}

// pageView is the page.
type pageView struct {
	Alert    *webui.AlertView
	Figures  []webui.StatView
	Progress *webui.ProgressView
	Table    webui.TableView
	Proof    []webui.DescriptionItem // the checks of the last proof
	ProofOf  string
	ProofBad string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.allowed(ctx); err != nil {
		return err
	}
	st, err := p.Keeper.Status(ctx)
	if err != nil {
		return err
	}
	v := pageView{Alert: p.alert(ctx, st), Figures: p.figures(ctx, st), Table: p.table(ctx, st)}
	since, _ := strconv.ParseInt(r.FormValue("since"), 10, 64)
	if p.working(st, since) {
		v.Progress = p.under(ctx, st, since)
	}
	if st.LastProof != nil && !st.LastProof.Ended.IsZero() {
		p.proof(ctx, st.LastProof, &v)
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "backups.title"), Subtitle: i18n.T(ctx, "backups.text")}, page(v))
}

func (p *Pages) alert(ctx context.Context, st *backup.Status) *webui.AlertView {
	if st.PlaceFault != nil {
		return &webui.AlertView{Tone: webui.Bad, Title: i18n.T(ctx, "backups.fault.place"), Text: webui.ErrorViewOf(ctx, st.PlaceFault).Sentence}
	}
	fault := st.Fault(p.Keeper.Clock.Now())
	switch fault {
	case "":
		if !st.Encrypted {
			return &webui.AlertView{Tone: webui.Warn, Title: i18n.T(ctx, "backups.plain"), Text: i18n.T(ctx, "backups.plain.text")}
		}
		return nil
	case "failed":
		return &webui.AlertView{Tone: webui.Bad, Title: i18n.T(ctx, "backups.fault.failed"), Text: reasonOf(ctx, st.Last)}
	case "unproven":
		return &webui.AlertView{Tone: webui.Bad, Title: i18n.T(ctx, "backups.fault.unproven"), Text: reasonOf(ctx, st.LastProof)}
	}
	return &webui.AlertView{Tone: webui.Warn, Title: i18n.T(ctx, "backups.fault."+fault), Text: i18n.T(ctx, "backups.fault."+fault+".text")}
}

// reasonOf is the sentence of what went wrong, with the cause where there is no sentence for it.
func reasonOf(ctx context.Context, r *backup.Run) string {
	if key := r.Detail.FaultKey; key != "" && i18n.Has(ctx, key) && key != "backup.place_wrong" {
		return i18n.T(ctx, key)
	}
	return r.Detail.Fault
}

func (p *Pages) figures(ctx context.Context, st *backup.Status) []webui.StatView {
	last := webui.StatView{Label: i18n.T(ctx, "backups.last"), Value: i18n.T(ctx, "backups.never"), Icon: "device-floppy"}
	if r := st.LastGood; r != nil {
		last.Value = i18n.DateTime(ctx, r.Ended)
		last.Detail = i18n.T(ctx, "backups.holds", "rows", i18n.Number(r.Detail.Rows), "files", i18n.Number(r.Detail.Files), "size", size(r.Detail.Size))
	}
	proof := webui.StatView{Label: i18n.T(ctx, "backups.proof"), Value: i18n.T(ctx, "backups.never"), Icon: "shield-check"}
	if r := st.LastProof; r != nil && !r.Ended.IsZero() {
		proof.Value, proof.Detail = i18n.DateTime(ctx, r.Ended), r.Name
	}
	next := webui.StatView{Label: i18n.T(ctx, "backups.next"), Value: i18n.T(ctx, "backups.no_schedule"), Icon: "history"}
	if !st.Next.IsZero() {
		next.Value = i18n.DateTime(ctx, st.Next)
		k := p.Keeper.Plan.Keep
		next.Detail = i18n.T(ctx, "backups.keep", "daily", k.Daily, "weekly", k.Weekly, "monthly", k.Monthly)
	}
	return []webui.StatView{last, proof, next}
}

// placeName says where backups go without telling the folders of the machine: an address whole, of a directory the name.
func placeName(place string) string {
	if strings.Contains(place, "://") && !strings.HasPrefix(place, "file://") {
		return place
	}
	return filepath.Base(place)
}

func (p *Pages) table(ctx context.Context, st *backup.Status) webui.TableView {
	t := webui.TableView{ID: "backups", Caption: i18n.T(ctx, "backups.list", "place", placeName(st.Place)), Columns: []webui.Column{
		{Label: i18n.T(ctx, "backups.name"), Primary: true}, {Label: i18n.T(ctx, "backups.made")}, {Label: i18n.T(ctx, "backups.size"), Numeric: true},
		{Label: i18n.T(ctx, "backups.encrypted")}, {Label: i18n.T(ctx, "backups.proof")}, {Label: i18n.T(ctx, "backups.do")},
	}, Empty: webui.EmptyView{Icon: "device-floppy", Title: i18n.T(ctx, "backups.none"), Text: i18n.T(ctx, "backups.none.text")}}
	for _, b := range st.Stored {
		sealed, proof := webui.BadgeView{Label: i18n.T(ctx, "backups.no"), Tone: webui.Warn}, webui.BadgeView{Label: i18n.T(ctx, "backups.unproven")}
		if b.Encrypted {
			sealed = webui.BadgeView{Label: i18n.T(ctx, "backups.yes"), Tone: webui.Good}
		}
		if r, ok := st.Proofs[b.Name]; ok && r.OK {
			proof = webui.BadgeView{Label: i18n.T(ctx, "backups.good", "at", i18n.DateTime(ctx, r.Ended)), Tone: webui.Good}
		} else if ok && !r.Ended.IsZero() {
			proof = webui.BadgeView{Label: i18n.T(ctx, "backups.bad", "at", i18n.DateTime(ctx, r.Ended)), Tone: webui.Bad}
		}
		t.Rows = append(t.Rows, webui.RowView{ID: b.Name, Label: b.Name, Cells: []webui.Cell{
			{Text: b.Name}, {Text: i18n.DateTime(ctx, b.Made)}, {Text: size(b.Size)}, {Badge: &sealed}, {Badge: &proof}, {Content: proveButton(b.Name)},
		}})
	}
	return t
}

func size(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d kB", (n+1023)>>10)
}

func (p *Pages) proof(ctx context.Context, r *backup.Run, v *pageView) {
	v.ProofOf = i18n.T(ctx, "backups.proof.of", "name", r.Name, "at", i18n.DateTime(ctx, r.Ended))
	if !r.OK {
		v.ProofBad = reasonOf(ctx, r)
	}
	for _, c := range r.Detail.Checks {
		mark := webui.BadgeView{Label: i18n.T(ctx, "backups.check.ok"), Tone: webui.Good}
		if !c.OK {
			mark = webui.BadgeView{Label: i18n.T(ctx, "backups.check.bad"), Tone: webui.Bad}
		}
		v.Proof = append(v.Proof, webui.DescriptionItem{Label: i18n.T(ctx, "backups.check."+c.Name), Content: checked(mark, c.Detail), Wide: !c.OK})
	}
}

// patience is how long the page waits for a job that was asked for and has not begun.
const patience = time.Minute

// working reports whether something runs, or was asked for at the time and has not ended.
func (p *Pages) working(st *backup.Status, since int64) bool {
	if st.Running != nil {
		return true
	}
	asked := time.Unix(since, 0)
	for _, r := range []*backup.Run{st.Last, st.LastProof} {
		if r != nil && !r.Ended.Before(asked) {
			return false
		}
	}
	return since > 0 && p.Keeper.Clock.Now().Sub(asked) < patience
}

func (p *Pages) under(ctx context.Context, st *backup.Status, since int64) *webui.ProgressView {
	v := &webui.ProgressView{ID: "progress", Label: i18n.T(ctx, "backups.waiting"), PollURL: fmt.Sprintf("%s/progress?since=%d", Path, since)}
	if r := st.Running; r != nil {
		v.Label, v.Detail = i18n.T(ctx, "backups.running."+r.Kind), r.Name
	}
	return v
}

func (p *Pages) progress(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.allowed(ctx); err != nil {
		return err
	}
	st, err := p.Keeper.Status(ctx)
	if err != nil {
		return err
	}
	since, _ := strconv.ParseInt(r.FormValue("since"), 10, 64)
	if !p.working(st, since) {
		w.Header().Set("HX-Redirect", Path)
		return p.server.Redirect(w, r, Path, web.Toast{})
	}
	return webui.Progress(*p.under(ctx, st, since)).Render(ctx, w)
}

func (p *Pages) back(w http.ResponseWriter, r *http.Request) error { return p.ask(w, r, "") }

func (p *Pages) prove(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	if err := p.allowed(r.Context()); err != nil {
		return err
	}
	name := r.PostFormValue("name")
	st, err := p.Keeper.Status(r.Context())
	if err != nil {
		return err
	}
	for _, b := range st.Stored {
		if b.Name == name {
			return p.ask(w, r, name)
		}
	}
	return errs.New(errs.NotFound, "backup.unknown").With("name", name)
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, proof string) error {
	ctx := r.Context()
	if err := p.allowed(ctx); err != nil {
		return err
	}
	if err := p.Ask(ctx, web.Actor(ctx), proof); err != nil {
		return err
	}
	return p.server.Redirect(w, r, fmt.Sprintf("%s?since=%d", Path, p.Keeper.Clock.Now().Unix()), web.Toast{Key: "backups.asked"})
}
