package packpages

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"dianke/internal/engine/pack/install"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// sampleView asks whether the sample of a pack should come, or go.
type sampleView struct {
	Why     string // nothing can be done; the reason
	Items   []webui.DescriptionItem
	Confirm webui.ConfirmView
}

// sampleCell leads to the sample of an installed pack.
func sampleCell(ctx context.Context, s *install.State) webui.Cell {
	switch {
	case s.Sample == nil:
		return webui.Cell{}
	case s.Sampled:
		return webui.Cell{Text: i18n.T(ctx, "packs.sample.remove"), Href: "/settings/packs/" + s.ID + "/sample"}
	}
	return webui.Cell{Text: i18n.T(ctx, "packs.sample.load"), Href: "/settings/packs/" + s.ID + "/sample"}
}

func (p *Pages) askForSample(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Installer.May(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	return p.showSample(w, r, nil)
}

// showSample shows what a sample brings, or what its removal takes. What refused the last try stands above it.
func (p *Pages) showSample(w http.ResponseWriter, r *http.Request, fault error) error {
	ctx := r.Context()
	states, err := p.Installer.List(ctx)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	i := slices.IndexFunc(states, func(s *install.State) bool { return s.ID == id && s.Installed && s.Sample != nil })
	if i < 0 {
		return errs.New(errs.NotFound, "web.no_page")
	}
	s := states[i]
	view := web.View{Title: i18n.T(ctx, "packs.sample.title", "pack", say(ctx, s.Title)), Crumbs: crumbs(ctx)}
	v := sampleView{Confirm: webui.ConfirmView{
		Action: "/settings/packs/" + id + "/sample", Confirm: i18n.T(ctx, "packs.sample.load"), CancelHref: "/settings/packs", Text: i18n.T(ctx, "packs.sample.load.text"),
	}}
	if s.Sampled {
		v.Confirm.Action, v.Confirm.Danger = v.Confirm.Action+"/remove", true
		v.Confirm.Confirm, v.Confirm.Text = i18n.T(ctx, "packs.sample.remove"), i18n.T(ctx, "packs.sample.remove.text")
	} else if v.Why, err = p.forbidden(ctx); err != nil {
		return err
	}
	v.Items = p.contents(ctx, s)
	if fault != nil {
		view.Status = webui.StatusOf(errs.KindOf(fault))
		v.Why = webui.ErrorViewOf(ctx, fault).Sentence
	}
	return p.server.Page(w, r, view, samplePage(v))
}

// forbidden is why no sample can be loaded; empty where one can.
func (p *Pages) forbidden(ctx context.Context) (string, error) {
	typ, err := p.Samples.Real(ctx)
	if err != nil || typ == "" {
		return "", err
	}
	return i18n.T(ctx, "packs.sample.real", "type", web.TypeLabel(ctx, p.server.Records().Store.Types.Type(typ))), nil
}

// contents counts what the sample makes, by type.
func (p *Pages) contents(ctx context.Context, s *install.State) []webui.DescriptionItem {
	count, order := map[string]int{}, []string{}
	for _, step := range s.Sample.Steps {
		if step.New == "" {
			continue
		}
		if count[step.New] == 0 {
			order = append(order, step.New)
		}
		count[step.New]++
	}
	out := []webui.DescriptionItem{{Label: i18n.T(ctx, "packs.sample.people"), Value: strconv.Itoa(len(s.Sample.People))}}
	for _, name := range order {
		if t := p.server.Records().Store.Types.Type(name); t != nil {
			out = append(out, webui.DescriptionItem{Label: web.PluralLabel(ctx, t), Value: strconv.Itoa(count[name])})
		}
	}
	return out
}

func (p *Pages) loadSample(w http.ResponseWriter, r *http.Request) error {
	return p.withSample(w, r, func(ctx context.Context, scope record.Scope) (web.Toast, error) {
		report, err := p.Samples.Load(ctx, scope, r.PathValue("id"), nil)
		if err != nil {
			return web.Toast{}, err
		}
		if n := len(report.Skipped); n > 0 {
			return web.Toast{Key: "packs.sample.partly", Args: map[string]string{"n": strconv.Itoa(report.Records), "skipped": strconv.Itoa(n)}}, nil
		}
		return web.Toast{Key: "packs.sample.loaded", Args: map[string]string{"n": strconv.Itoa(report.Records)}}, nil
	})
}

func (p *Pages) removeSample(w http.ResponseWriter, r *http.Request) error {
	return p.withSample(w, r, func(ctx context.Context, scope record.Scope) (web.Toast, error) {
		gone, kept, err := p.Samples.Remove(ctx, scope, r.PathValue("id"))
		return web.Toast{Key: "packs.sample.gone", Args: map[string]string{"n": strconv.Itoa(gone), "kept": strconv.Itoa(kept)}}, err
	})
}

// withSample does something with the sample for those who may, and shows the page again with what stands against it.
func (p *Pages) withSample(w http.ResponseWriter, r *http.Request, do func(context.Context, record.Scope) (web.Toast, error)) error {
	ctx := r.Context()
	scope, err := p.Installer.May(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	toast, err := do(ctx, scope)
	if errs.Is(err, errs.Conflict) {
		return p.showSample(w, r, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/settings/packs", toast)
}
