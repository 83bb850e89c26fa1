package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dianke/internal/engine/record/token"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

const (
	maxQuery  = 100 // characters
	maxHits   = 40
	perGroup  = 6
	perGroups = 8
)

// search answers the palette with a fragment and everybody else with a page.
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if len([]rune(q)) > maxQuery {
		return errs.Of("q", "field.too_long").With("max", maxQuery).With("n", len([]rune(q)))
	}
	v, err := s.found(r.Context(), q)
	if err != nil {
		return err
	}
	if IsFragment(r) {
		return s.Fragment(w, r, 0, webui.SearchResults(v))
	}
	return s.Page(w, r, View{Title: i18n.T(r.Context(), "web.search.title"), Query: q}, searchPage(v))
}

func (s *Server) found(ctx context.Context, q string) (webui.SearchView, error) {
	v := webui.SearchView{Query: q}
	may, err := s.rightsOf(ctx, Actor(ctx))
	if err != nil {
		return v, err
	}
	if hits := s.commands(ctx, q, may); len(hits) > 0 {
		v.Groups = append(v.Groups, webui.SearchGroup{Label: i18n.T(ctx, "web.search.pages"), Hits: hits})
	}
	if q == "" {
		return v, nil
	}
	found, err := s.deps.Records.Search(ctx, Actor(ctx), q, nil, maxHits)
	if err != nil {
		return v, err
	}
	at := map[string]int{}
	for _, f := range found {
		i, ok := at[f.Type.Name]
		if !ok {
			if len(at) == perGroups {
				continue
			}
			i = len(v.Groups)
			at[f.Type.Name] = i
			v.Groups = append(v.Groups, webui.SearchGroup{Label: PluralLabel(ctx, f.Type)})
		}
		g := &v.Groups[i]
		if len(g.Hits) == perGroup {
			g.MoreHref = "/" + f.Type.Plural + "?q=" + url.QueryEscape(q)
			continue
		}
		hit := webui.SearchHit{Title: f.Title, Number: f.Record.Number, Href: "/" + f.Type.Plural + "/" + f.Record.ID.String(), Icon: f.Type.Icon}
		if b := StateBadge(ctx, f.Type, f.State); b != nil {
			hit.Detail = b.Label
		}
		g.Hits = append(g.Hits, hit)
	}
	return v, nil
}

// commands are the pages and the records to be added whose words fit the query by characters, pinyin or initials.
func (s *Server) commands(ctx context.Context, q string, may rights) []webui.SearchHit {
	type ranked struct {
		hit  webui.SearchHit
		rank int
	}
	var list []ranked
	offer := func(title, detail, href, icon string) {
		rank := 0
		if q != "" {
			rank = token.Rank(q, title)
		}
		if rank < token.NoMatch {
			list = append(list, ranked{webui.SearchHit{Title: title, Detail: detail, Href: href, Icon: icon}, rank})
		}
	}
	for _, d := range s.doors(ctx, "", may) {
		for _, it := range d.items {
			offer(it.Label, roomLabel(ctx, d.room.Key), it.Href, it.Icon)
		}
	}
	for _, t := range s.deps.Records.Store.Types.Types() {
		if may.create[t.Name] && q != "" {
			offer(i18n.T(ctx, "web.new", "type", TypeLabel(ctx, t)), roomLabel(ctx, t.Room), "/"+t.Plural+"/new", "plus")
		}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return a.rank - b.rank })
	out := make([]webui.SearchHit, 0, perGroup)
	for _, c := range list[:min(len(list), perGroup)] {
		out = append(out, c.hit)
	}
	return out
}
