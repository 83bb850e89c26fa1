package regulationpages

import (
	"context"
	"net/http"
	"strconv"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// unsigned is how many people the reader sees who have and have not signed; others is whether any is somebody else.
type unsigned struct {
	open, signed int
	others       bool
}

func (p *Pages) outstanding(ctx context.Context, version record.ID) (unsigned, error) {
	var out unsigned
	a := web.Actor(ctx)
	of := record.Where("version_id", version)
	by, err := p.Records.CountBy(ctx, a, "acknowledgement", record.Query{Filter: of}, "status")
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.open, out.signed = by["outstanding"], by["signed"]
	own, err := p.Records.CountBy(ctx, a, "acknowledgement", record.Query{Filter: record.All(of, record.Where("owner_id", a.UserID))}, "status")
	out.others = out.open+out.signed > own["outstanding"]+own["signed"]
	return out, err
}

// signaturesView is who has signed and who has not, as far as the reader sees them.
type signaturesView struct {
	Figures []webui.StatView
	Table   webui.TableView
	Pager   webui.PagerView
}

// signatures lists the people asked to sign the version in force, those outstanding first asked for.
func (p *Pages) signatures(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, err := p.reading(r)
	if err != nil {
		return err
	}
	n, err := p.outstanding(ctx, read.Version.ID)
	if err != nil {
		return err
	}
	status := r.URL.Query().Get("status")
	if status != "signed" {
		status = "outstanding"
	}
	list, err := p.Records.List(ctx, web.Actor(ctx), "acknowledgement", record.Query{
		Filter: record.All(record.Where("version_id", read.Version.ID), record.Where("status", status)), Sort: "due_at", Limit: 50,
		After: r.URL.Query().Get("after"),
	})
	if err != nil {
		return err
	}
	base := "/read/" + read.Regulation.Key + "/signatures"
	v := signaturesView{Figures: []webui.StatView{
		{Label: i18n.T(ctx, "acknowledgement.status.outstanding"), Value: strconv.Itoa(n.open), Icon: "hourglass", Href: base},
		{Label: i18n.T(ctx, "acknowledgement.status.signed"), Value: strconv.Itoa(n.signed), Icon: "signature", Href: base + "?status=signed"},
	}}
	if list.Next != "" {
		v.Pager.NextHref = base + "?status=" + status + "&after=" + list.Next
	}
	if v.Table, err = p.signatureTable(ctx, list.Views); err != nil {
		return err
	}
	return p.server.Page(w, r, web.View{
		Title: i18n.T(ctx, "reader.signatures.title"), Subtitle: read.Version.Label, Crumbs: crumbs(ctx, read.Regulation),
	}, signaturesPage(v))
}

func (p *Pages) signatureTable(ctx context.Context, views []mask.View) (webui.TableView, error) {
	v := webui.TableView{ID: "signatures", Caption: i18n.T(ctx, "reader.signatures.title"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "user"), Primary: true}, {Label: i18n.T(ctx, "unit")}, {Label: i18n.T(ctx, "acknowledgement.due_at")},
		{Label: i18n.T(ctx, "acknowledgement.signed_at")},
	}, Empty: webui.EmptyView{Icon: "signature", Title: i18n.T(ctx, "reader.signatures.none")}}
	of := map[string][]record.ID{}
	for _, m := range views {
		of["user"], of["unit"] = append(of["user"], m.Record.OwnerID), append(of["unit"], m.Record.UnitID)
	}
	titles, err := p.Records.TitlesOf(ctx, web.Actor(ctx), of)
	if err != nil {
		return v, err
	}
	for _, m := range views {
		row := webui.RowView{ID: m.Record.ID.String(), Label: titles[m.Record.OwnerID].Title}
		row.Cells = []webui.Cell{{Text: row.Label}, {Text: titles[m.Record.UnitID].Title}, {Text: when(ctx, m, "due_at")}, {Text: when(ctx, m, "signed_at")}}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}
