package casepages

import (
	"context"
	"net/http"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
)

// presenceView is the notice that others have the case open. It asks again by itself.
type presenceView struct {
	Poll   string
	Others []otherView
}

// otherView is one of them in a sentence.
type otherView struct {
	Name, Text string
	Replying   bool
}

func (p *Pages) presenceView(ctx context.Context, id record.ID, others []casework.Present, n *names) presenceView {
	v := presenceView{Poll: "/desk/" + id.String() + "/presence"}
	for _, o := range others {
		name := n.title("user", o.User)
		if name == "" {
			name = i18n.T(ctx, "desk.somebody")
		}
		v.Others = append(v.Others, otherView{
			Name: name, Replying: o.Mode == casework.Replying,
			Text: i18n.T(ctx, "desk.present."+string(o.Mode), "name", name, "since", i18n.Clock(ctx, o.Since)),
		})
	}
	return v
}

// heartbeat says that the reader still has the case open and tells who else has. A case that left his sight is gone.
func (p *Pages) heartbeat(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	seen, err := p.Records.Titles(ctx, web.Actor(ctx), "case", []record.ID{id})
	if err != nil {
		return err
	}
	if _, ok := seen[id]; !ok {
		return errs.New(errs.NotFound, "record.not_found")
	}
	doing := casework.Staying
	if r.URL.Query().Get("doing") == string(casework.Replying) {
		doing = casework.Replying
	}
	others := p.presence.Touch(id, web.Actor(ctx).UserID, doing)
	n := newNames(p)
	for _, o := range others {
		n.need("user", o.User)
	}
	if err := n.find(ctx); err != nil {
		return err
	}
	return p.server.Fragment(w, r, 0, presenceNotice(p.presenceView(ctx, id, others, n)))
}
