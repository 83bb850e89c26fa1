package compliancepages

import (
	"context"
	"fmt"
	"mime"
	"net/http"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webui"
)

// assessmentView is the result of a frozen assessment.
type assessmentView struct {
	Draft    bool
	Stats    []webui.StatView
	Sheets   webui.TableView
	Findings webui.TableView
	Items    []webui.DescriptionItem
}

// assessment fills the first tab of an assessment.
func (p *Pages) assessment(ctx context.Context, o *recordpages.Overlook) (recordpages.OverviewView, error) {
	sheet := o.Sheet()
	if sheet.State == "draft" {
		return recordpages.OverviewView{Body: assessmentPage(assessmentView{Draft: true})}, nil
	}
	f, err := p.Book.Frozen(ctx, web.Actor(ctx), sheet.Record.ID)
	if err != nil {
		return recordpages.OverviewView{}, err
	}
	v := assessmentView{Items: []webui.DescriptionItem{
		{Label: i18n.T(ctx, "assessment.hash"), Value: f.Hash}, {Label: i18n.T(ctx, "assessment.audit_head"), Value: f.AuditHead},
	}}
	if f.Opinion != "" {
		v.Items = append(v.Items, webui.DescriptionItem{Label: i18n.T(ctx, "assessment.opinion"), Value: f.Opinion})
	}
	counts := map[evidence.Status]int{}
	v.Sheets = webui.TableView{Caption: i18n.T(ctx, "archive.regulations"), Columns: []webui.Column{{Label: i18n.T(ctx, "regulation"), Primary: true}}}
	for _, s := range shown() {
		v.Sheets.Columns = append(v.Sheets.Columns, webui.Column{Label: i18n.T(ctx, "clause.status."+string(s)), Numeric: true, OffPhone: s != evidence.Breached && s != evidence.KeptLate})
	}
	for _, s := range f.Sheets {
		count := s.Count()
		row := webui.RowView{Href: "/read/" + s.Key, Cells: []webui.Cell{{Text: fmt.Sprintf("%s V%d", web.InLang(ctx, s.Title[0], s.Title[1]), s.Version), Href: "/read/" + s.Key}}}
		for _, st := range shown() {
			counts[st] += count[st]
			row.Cells = append(row.Cells, webui.Cell{Text: fmt.Sprint(count[st])})
		}
		v.Sheets.Rows = append(v.Sheets.Rows, row)
	}
	for _, st := range shown() {
		v.Stats = append(v.Stats, webui.StatView{Label: i18n.T(ctx, "clause.status."+string(st)), Value: fmt.Sprint(counts[st])})
	}
	v.Findings = findingsTable(ctx, f)
	return recordpages.OverviewView{Body: assessmentPage(v), Buttons: handouts(ctx, f.ID)}, nil
}

func shown() []evidence.Status {
	return []evidence.Status{evidence.Breached, evidence.KeptLate, evidence.Kept, evidence.NotExercised, evidence.NotBound, assess.Excluded}
}

func findingsTable(ctx context.Context, f *assess.Frozen) webui.TableView {
	v := webui.TableView{Caption: i18n.T(ctx, "finding._plural"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "finding.clause_key"), Primary: true}, {Label: i18n.T(ctx, "finding.body")}, {Label: i18n.T(ctx, "finding.status")},
	}, Empty: webui.EmptyView{Icon: "circle-check", Title: i18n.T(ctx, "compliance.no_findings"), Text: i18n.T(ctx, "compliance.no_findings.text"),
		Action: &webui.LinkButtonView{Label: i18n.T(ctx, "compliance.add_finding"), Icon: "plus", Href: "/findings/new?assessment_id=" + f.ID.String()}}}
	for _, x := range f.Findings {
		href := "/findings/" + x.ID.String()
		v.Rows = append(v.Rows, webui.RowView{Href: href, Cells: []webui.Cell{
			{Text: x.ClauseKey, Href: href}, {Text: x.Body}, {Text: i18n.T(ctx, "finding.status."+x.Status)},
		}})
	}
	return v
}

func handouts(ctx context.Context, id record.ID) []webui.LinkButtonView {
	base := "/compliance/assessments/" + id.String() + "/"
	return []webui.LinkButtonView{
		{Label: i18n.T(ctx, "compliance.archive"), Icon: "download", Href: base + "archive.zip"},
		{Label: i18n.T(ctx, "statement.title"), Icon: "download", Href: base + "statement.xlsx"},
		{Label: "OSCAL", Icon: "download", Href: base + "assessment-results.json"},
		{Label: i18n.T(ctx, "compliance.catalog"), Icon: "download", Href: base + "catalog.json"},
	}
}

// file hands out one form of a frozen assessment.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var id record.ID
	if err := id.UnmarshalText([]byte(r.PathValue("id"))); err != nil {
		return errs.New(errs.NotFound, "web.no_page")
	}
	name := r.PathValue("file")
	b, err := p.Archive.Form(ctx, web.Actor(ctx), id, name, string(i18n.LangOf(ctx)))
	if err != nil {
		return err
	}
	attach(w, name)
	_, err = b.WriteTo(w)
	return err
}

// attach sets the headers of a file that is handed out.
func attach(w http.ResponseWriter, name string) {
	h := w.Header()
	h.Set("Content-Type", exchange.MediaOf(name))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}
