package regulationpages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// proposalView is one proposal with what can be done about it.
type proposalView struct {
	ID, Reason, EditHref string
	Binding              bindingView
	Sure, State          webui.BadgeView
	Room                 string
	Decided, MayAccept   bool
	MayReconsider        bool
}

// proposedClause is a clause with its proposals.
type proposedClause struct {
	Clause    clauseView
	Proposals []proposalView
	Settled   bool // a proposal was accepted, with or without changes
}

type proposalsView struct {
	Action, Back string // where decisions are posted; where the reader is
	Error        string
	Figures      []webui.StatView
	Clauses      []proposedClause
	Thresholds   []webui.Option
	From         string
	MayDecide    bool
	Draft        bool
	Pager        webui.PagerView
	ReadHref     string
	VersionsHref string
}

// clausesPerPage is how many clauses of the text a page goes through.
const clausesPerPage = 20

// startThreshold is offered first for accepting all; per cent.
const startThreshold = "80"

func proposalsHref(key string, no int64, from int) string {
	q := url.Values{"v": {strconv.FormatInt(no, 10)}}
	if from > 0 {
		q.Set("start", strconv.Itoa(from))
	}
	return "/read/" + key + "/proposals?" + q.Encode()
}

// proposals goes through the clauses of a version with what is proposed for each.
func (p *Pages) proposals(w http.ResponseWriter, r *http.Request) error {
	return p.showProposals(w, r, nil)
}

func (p *Pages) showProposals(w http.ResponseWriter, r *http.Request, fault error) error {
	ctx := r.Context()
	read, err := p.reading(r)
	if err != nil {
		return err
	}
	all, err := p.Proposals.Of(ctx, web.Actor(ctx), read.Version.ID, 0, len(read.Clauses))
	if err != nil {
		return err
	}
	start, err := strconv.Atoi(r.URL.Query().Get("start"))
	if err != nil || start < 0 || start >= len(read.Clauses) {
		start = 0
	}
	key, no := read.Regulation.Key, read.Version.VersionNo
	v := proposalsView{
		Action: "/read/" + key + "/proposals/do/", Back: proposalsHref(key, no, start), Draft: read.Version.Status == "draft", From: startThreshold,
		MayDecide: p.can(ctx, "proposal", "accept"), Figures: proposalFigures(ctx, all), Thresholds: thresholds(ctx),
		ReadHref: fmt.Sprintf("/read/%s?v=%d", key, no), VersionsHref: "/read/" + key + "/versions",
	}
	if v.Clauses, err = p.proposedClauses(ctx, read, all, start, v); err != nil {
		return err
	}
	if start > 0 {
		v.Pager.PrevHref = proposalsHref(key, no, max(start-clausesPerPage, 0))
	}
	if start+clausesPerPage < len(read.Clauses) {
		v.Pager.NextHref = proposalsHref(key, no, start+clausesPerPage)
	}
	view := web.View{Title: i18n.T(ctx, "proposals.title"), Subtitle: title(ctx, read.Regulation) + " · V" + strconv.FormatInt(no, 10), Crumbs: crumbs(ctx, read.Regulation)}
	if fault != nil {
		e := p.server.ErrorView(r, fault)
		view.Status, v.Error = e.Status, e.Sentence
	}
	return p.server.Page(w, r, view, proposalsPage(v))
}

func (p *Pages) proposedClauses(ctx context.Context, read *regulation.Reading, all []*proposal.Proposal, start int, v proposalsView) ([]proposedClause, error) {
	posts, err := p.posts(ctx)
	if err != nil {
		return nil, err
	}
	byClause := map[string][]*proposal.Proposal{}
	for _, one := range all {
		byClause[one.ClauseKey] = append(byClause[one.ClauseKey], one)
	}
	var out []proposedClause
	for _, c := range read.Clauses[start:min(start+clausesPerPage, len(read.Clauses))] {
		pc := proposedClause{Clause: clauseOf(ctx, read, c, posts)}
		for _, one := range byClause[c.Key] {
			pc.Settled = pc.Settled || one.Status == "accepted" || one.Status == "edited"
			pc.Proposals = append(pc.Proposals, p.proposalOf(ctx, one, posts, v))
		}
		if len(pc.Proposals) > 0 {
			out = append(out, pc)
		}
	}
	return out, nil
}

func (p *Pages) proposalOf(ctx context.Context, one *proposal.Proposal, posts map[string]string, v proposalsView) proposalView {
	out := proposalView{
		ID: one.ID.String(), Reason: reason(ctx, one), Sure: sureness(ctx, one.Confidence), Room: i18n.T(ctx, "proposal.room."+one.Room),
		Decided: one.Status != "proposed", MayReconsider: v.Draft && v.MayDecide && one.Status == "rejected",
		State: webui.BadgeView{Label: i18n.T(ctx, "proposal.status."+one.Status), Tone: map[string]webui.Tone{"accepted": webui.Good, "edited": webui.Good}[one.Status]},
	}
	if one.Spec == "" {
		out.Binding.Control = i18n.T(ctx, "proposal.control."+one.Control)
	} else {
		out.Binding = p.bindingWords(ctx, &regulation.Binding{ClauseKey: one.ClauseKey, Control: one.Control, Spec: one.Spec}, posts)
	}
	if v.Draft && v.MayDecide && !out.Decided {
		out.MayAccept = one.Spec != ""
		no := strings.TrimPrefix(v.ReadHref[strings.Index(v.ReadHref, "?"):], "?v=")
		base, _, _ := strings.Cut(v.ReadHref, "?")
		out.EditHref = base + "/" + one.ClauseKey + "/bindings/new?" + url.Values{"v": {no}, "proposal": {out.ID}}.Encode()
	}
	return out
}

// reason says why a control is proposed.
func reason(ctx context.Context, one *proposal.Proposal) string {
	var out []string
	switch {
	case one.LikeKey != "":
		out = append(out, i18n.T(ctx, "proposal.reason.like", "title", one.LikeTitle, "no", one.LikeNo, "percent", int(one.Likeness)))
	case one.Spec != "":
		out = append(out, i18n.T(ctx, "proposal.reason.plain"))
	default:
		out = append(out, i18n.T(ctx, "proposal.reason.words"))
	}
	if one.Figures != "" {
		out = append(out, i18n.T(ctx, "proposal.reason.figures", "figures", one.Figures))
	}
	if one.Spec == "" {
		out = append(out, i18n.T(ctx, "proposal.reason.by_hand"))
	}
	return strings.Join(out, i18n.T(ctx, "proposals.semicolon"))
}

func sureness(ctx context.Context, percent float64) webui.BadgeView {
	b := webui.BadgeView{Label: i18n.T(ctx, "proposals.sure", "n", int(percent)), Title: i18n.T(ctx, "proposal.confidence.hint")}
	switch {
	case percent >= 80:
		b.Tone = webui.Good
	case percent >= 50:
		b.Tone = webui.Info
	}
	return b
}

func thresholds(ctx context.Context) []webui.Option {
	var out []webui.Option
	for _, n := range []string{"90", "80", "70", "60", "50"} {
		out = append(out, webui.Option{Value: n, Label: i18n.T(ctx, "proposals.from", "n", n)})
	}
	return out
}

func proposalFigures(ctx context.Context, all []*proposal.Proposal) []webui.StatView {
	clauses, open, bound := map[string]bool{}, map[string]bool{}, 0
	for _, one := range all {
		clauses[one.ClauseKey] = true
		switch one.Status {
		case "accepted", "edited":
			bound++
		case "proposed":
			open[one.ClauseKey] = true
		}
	}
	for _, one := range all {
		if one.Status == "accepted" || one.Status == "edited" {
			delete(open, one.ClauseKey)
		}
	}
	return []webui.StatView{
		{Label: i18n.T(ctx, "proposals.clauses"), Value: strconv.Itoa(len(clauses))}, {Label: i18n.T(ctx, "proposals.open"), Value: strconv.Itoa(len(open))},
		{Label: i18n.T(ctx, "proposals.bound"), Value: strconv.Itoa(bound)},
	}
}

// decide takes one proposal over, rejects it or thinks again, or takes over all from a confidence on.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	act := r.PathValue("action")
	if act == "all" {
		return p.acceptAll(w, r)
	}
	if !slices.Contains([]string{"accept", "reject", "reconsider"}, act) {
		return errs.New(errs.NotFound, "web.no_page")
	}
	ctx := r.Context()
	cmd := action.Command{Type: "proposal", Action: act}
	if err := cmd.ID.UnmarshalText([]byte(r.PostFormValue("id"))); err != nil {
		return errs.New(errs.NotFound, "record.not_found")
	}
	one, err := p.Proposals.Get(ctx, web.Actor(ctx), cmd.ID)
	if err != nil {
		return err
	}
	if _, err = p.Records.Do(ctx, web.Actor(ctx), cmd); errs.Is(err, errs.Conflict) || errs.Is(err, errs.Invalid) || errs.Is(err, errs.Refused) {
		return p.showProposals(w, r, web.WordedFor(ctx, p.Engine.Types.Type("proposal"), err))
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, p.backTo(r, one), web.Toast{Key: "proposals.done." + act})
}

// backTo is the page a proposal stands on, at its clause.
func (p *Pages) backTo(r *http.Request, one *proposal.Proposal) string {
	q := url.Values{"v": {r.URL.Query().Get("v")}}
	if from := int(one.Position) / clausesPerPage * clausesPerPage; from > 0 {
		q.Set("start", strconv.Itoa(from))
	}
	return "/read/" + r.PathValue("key") + "/proposals?" + q.Encode() + "#" + one.ClauseKey
}

func (p *Pages) acceptAll(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	percent, err := strconv.Atoi(r.PostFormValue("from"))
	if err != nil || percent < 1 || percent > 100 {
		return errs.Of("from", "proposals.bad_threshold")
	}
	read, err := p.reading(r)
	if err != nil {
		return err
	}
	all, err := p.Proposals.Of(ctx, web.Actor(ctx), read.Version.ID, 0, len(read.Clauses))
	if err != nil {
		return err
	}
	list := proposal.Above(all, float64(percent)/100)
	done := 0
	for chunk := range slices.Chunk(list, action.MaxBulk) {
		_, outcomes, err := p.Records.Bulk(ctx, web.Actor(ctx), action.Command{Type: "proposal", Action: "accept"}, chunk)
		if err != nil {
			return err
		}
		var fault error
		for _, o := range outcomes {
			if o.Err == nil {
				done++
			}
			fault = errors.Join(fault, o.Err)
		}
		if done == 0 && fault != nil {
			return p.showProposals(w, r, fault)
		}
	}
	if len(list) == 0 && !p.can(ctx, "proposal", "accept") {
		return errs.New(errs.Forbidden, "access.denied").With("type", "proposal").With("action", record.Update)
	}
	key := "proposals.done.all"
	if done == 0 {
		key = "proposals.done.none"
	}
	return p.server.Redirect(w, r, proposalsHref(read.Regulation.Key, read.Version.VersionNo, 0), web.Toast{Key: key, Args: map[string]string{"n": strconv.Itoa(done), "percent": strconv.Itoa(percent)}})
}

// query is the query of an address with its mark.
func query(href string) string {
	_, q, _ := strings.Cut(href, "?")
	return "?" + q
}
