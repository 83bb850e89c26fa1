package regulationpages

import (
	"context"
	"net/url"
	"strconv"

	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

// exceptions counts the exceptions from a clause by what came of them; those that were asked for lead to their list. A
// clause from which nobody ever asked for one shows none.
func (p *Pages) exceptions(ctx context.Context, clause string) ([]webui.StatView, error) {
	n, err := p.Engine.Exceptions(ctx, clause)
	if err != nil || !n.Any() {
		return nil, err
	}
	var out []webui.StatView
	for _, f := range []struct {
		status string
		n      int
		tone   webui.Tone
	}{
		{"requested", n.Requested, webui.Warn}, {"approved", n.Approved, webui.Info}, {"declined", n.Declined, ""}, {"expired", n.Expired, ""}, {"used", n.Used, webui.Info},
	} {
		st := webui.StatView{Label: i18n.T(ctx, "clause.exceptions."+f.status), Value: strconv.Itoa(f.n), Icon: "door-exit", Tone: f.tone, Href: "?result=excepted"}
		if f.status != "used" {
			st.Href = "/exemptions?" + url.Values{"f": {"clause_key:eq:" + clause, "status:eq:" + f.status}}.Encode()
		}
		out = append(out, st)
	}
	return out, nil
}

// Span is a length of time as bindings write it, such as 30d or 4h work, in the reader's words.
func Span(ctx context.Context, text string) string { return spanWords(ctx, text) }
