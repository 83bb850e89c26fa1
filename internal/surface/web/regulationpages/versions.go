package regulationpages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// versionView is one version with the way it has gone and the steps that are open to the reader.
type versionView struct {
	No, Label, Href string
	State           webui.BadgeView
	Way             []webui.StepView
	Steps           []stepView
	CompareHref     string
	Note            string
	Missing         string // posts that have not approved it yet
}

// stepView is one action on a version.
type stepView struct {
	Name, Label, Icon, Action, Confirm string
	Href                               string           // page that asks for more, instead of Action
	Day                                *webui.FieldView // of promulgation
	Danger, Primary                    bool
}

type versionsView struct {
	Versions []versionView
	MayStart bool
	Action   string
	Error    string
}

func (p *Pages) versions(w http.ResponseWriter, r *http.Request) error {
	return p.showVersions(w, r, nil)
}

// refusedStep is a step that was not taken, with what was typed.
type refusedStep struct {
	no, day string
	err     error
}

func (p *Pages) showVersions(w http.ResponseWriter, r *http.Request, bad *refusedStep) error {
	ctx := r.Context()
	reg, list, err := p.Engine.Versions(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	posts, err := p.posts(ctx)
	if err != nil {
		return err
	}
	v := versionsView{Action: "/read/" + reg.Key + "/versions", MayStart: len(list) > 0 && p.can(ctx, "regulation", record.Create)}
	for i, ver := range list {
		one := p.versionOf(ctx, reg, ver)
		if i+1 < len(list) {
			one.CompareHref = fmt.Sprintf("/read/%s/diff?from=%d&to=%d", reg.Key, list[i+1].VersionNo, ver.VersionNo)
		}
		if one.Steps, err = p.steps(ctx, ver, v.Action, bad); err != nil {
			return err
		}
		if one.Missing, err = p.missing(ctx, ver, posts); err != nil {
			return err
		}
		v.Versions = append(v.Versions, one)
	}
	view := web.View{Title: i18n.T(ctx, "version.list"), Subtitle: title(ctx, reg), Crumbs: crumbs(ctx, reg)}
	if len(list) > 0 && list[0].Status == "draft" {
		view.Actions = webui.LinkButton(webui.LinkButtonView{Label: i18n.T(ctx, "version.proposals"), Href: proposalsHref(reg.Key, list[0].VersionNo, 0), Icon: "bulb"})
	}
	if bad != nil {
		e := p.server.ErrorView(r, bad.err)
		view.Status, v.Error = e.Status, e.Sentence
	}
	return p.server.Page(w, r, view, versionsPage(v))
}

// missing names the posts whose approval a version under review still waits for.
func (p *Pages) missing(ctx context.Context, ver *regulation.Version, posts map[string]string) (string, error) {
	if ver.Status != "review" {
		return "", nil
	}
	list, need, err := p.Engine.MissingApprovals(ctx, ver.ID)
	if err != nil || need == 0 {
		return "", err
	}
	names := make([]string, len(list))
	for i, key := range list {
		names[i] = orText(posts[key], key)
	}
	return i18n.T(ctx, "version.missing", "n", need, "posts", strings.Join(names, i18n.T(ctx, "version.comma"))), nil
}

func orText(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (p *Pages) versionOf(ctx context.Context, reg *regulation.Regulation, ver *regulation.Version) versionView {
	return versionView{
		No: strconv.FormatInt(ver.VersionNo, 10), Label: fmt.Sprintf("V%d", ver.VersionNo), Href: fmt.Sprintf("/read/%s?v=%d", reg.Key, ver.VersionNo),
		State: versionBadge(ctx, ver.Status), Way: way(ctx, ver), Note: ver.Note,
	}
}

// way is draft → review → approved → in force → retired with the dates that are known.
func way(ctx context.Context, ver *regulation.Version) []webui.StepView {
	states := []string{"draft", "review", "approved", "in_force", "retired"}
	at := slices.Index(states, ver.Status)
	dates := map[string]string{"draft": i18n.Date(ctx, ver.CreatedAt)}
	if ver.ApprovedAt != nil && at >= 2 {
		dates["approved"] = i18n.Date(ctx, *ver.ApprovedAt)
	}
	if ver.EffectiveOn != nil && at >= 2 {
		dates["in_force"] = i18n.Date(ctx, *ver.EffectiveOn)
	}
	if ver.RetiredAt != nil {
		dates["retired"] = i18n.Date(ctx, *ver.RetiredAt)
	}
	var out []webui.StepView
	for i, s := range states {
		if s == "retired" && ver.Status != s {
			continue
		}
		step := webui.StepView{Label: i18n.T(ctx, "regulation_version.status."+s), Detail: dates[s]}
		switch {
		case i < at:
			step.State = "done"
		case i == at:
			step.State = "current"
		}
		out = append(out, step)
	}
	return out
}

// steps are the actions of the version's life that the reader may take now.
func (p *Pages) steps(ctx context.Context, ver *regulation.Version, base string, bad *refusedStep) ([]stepView, error) {
	if ver.Status == "retired" {
		return nil, nil
	}
	sheet, err := p.Records.Read(ctx, web.Actor(ctx), "regulation_version", ver.ID)
	if err != nil {
		return nil, err
	}
	t := p.Engine.Types.Type("regulation_version")
	no := strconv.FormatInt(ver.VersionNo, 10)
	var out []stepView
	for _, a := range sheet.Actions {
		if slices.Contains(askedElsewhere(), a.Name) {
			path := "/" + t.Plural + "/" + ver.ID.String() + "/do/" + a.Name + "?return=" + url.QueryEscape(base)
			out = append(out, stepView{Name: a.Name, Label: web.ActionLabel(ctx, t, a.Name), Icon: a.Icon, Href: path})
			continue
		}
		if !slices.Contains(lifeOf(), a.Name) {
			continue
		}
		s := stepView{
			Name: a.Name, Label: web.ActionLabel(ctx, t, a.Name), Icon: a.Icon, Danger: a.Danger, Primary: a.Primary,
			Action: base + "/" + no + "/do/" + a.Name,
		}
		if a.Danger {
			s.Confirm = i18n.T(ctx, "version.retire.confirm", "label", ver.Label)
		}
		if a.Name == "promulgate" {
			s.Day = &webui.FieldView{
				Name: "effective_on", ID: "effective-" + no, Label: i18n.T(ctx, "regulation_version.action.promulgate.effective_on"),
				Hint: i18n.T(ctx, "regulation_version.action.promulgate.hint"),
			}
			if bad != nil && bad.no == no {
				s.Day.Value, s.Day.Error = bad.day, webui.FieldErrors(ctx, bad.err)["effective_on"]
			}
		}
		out = append(out, s)
	}
	return out, nil
}

func lifeOf() []string { return []string{"submit", "approve", "promulgate", "send_back", "retire"} }

// askedElsewhere are the steps that ask for a reason or the particulars of the filing.
func askedElsewhere() []string { return []string{"object", "file"} }

// step takes a version one step further.
func (p *Pages) step(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	no, err := strconv.ParseInt(r.PathValue("no"), 10, 64)
	if err != nil || !slices.Contains(lifeOf(), r.PathValue("action")) {
		return errs.New(errs.NotFound, "web.no_page")
	}
	read, err := p.Engine.ReadVersion(ctx, r.PathValue("key"), no)
	if err != nil {
		return err
	}
	cmd := action.Command{Type: "regulation_version", Action: r.PathValue("action"), ID: read.Version.ID}
	day := r.PostFormValue("effective_on")
	if day != "" && cmd.Action == "promulgate" {
		cmd.Input = map[string]any{"effective_on": day}
	}
	_, err = p.Records.Do(ctx, web.Actor(ctx), cmd)
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) || errs.Is(err, errs.Refused) {
		return p.showVersions(w, r, &refusedStep{r.PathValue("no"), day, web.WordedFor(ctx, p.Engine.Types.Type("regulation_version"), err)})
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/read/"+read.Regulation.Key+"/versions", web.Toast{Key: "version.done." + cmd.Action, Args: map[string]string{"label": fmt.Sprintf("V%d", no)}})
}

// startVersion copies the version in force, with its controls, into a new draft.
func (p *Pages) startVersion(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.may(ctx); err != nil {
		return err
	}
	read, err := p.Engine.Read(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	reg := read.Regulation
	d := &regulation.Draft{
		Key: reg.Key, Title: reg.Title, CoverUnits: read.Version.CoverUnits, CoverPosts: read.Version.CoverPosts, Clauses: read.Clauses,
	}
	for _, c := range read.Clauses {
		d.Bindings = append(d.Bindings, read.Bindings[c.Key]...)
	}
	if err := p.Engine.StoreAll(ctx, web.Actor(ctx), []*regulation.Draft{d}); err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/read/"+reg.Key+"/versions", web.Toast{Key: "version.started"})
}
