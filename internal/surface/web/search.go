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
	v, err := s.found(r.Context(), q, back(r))
	if err != nil {
		return err
	}
	if IsFragment(r) {
		return s.Fragment(w, r, 0, webui.SearchResults(v))
	}
	return s.Page(w, r, View{Title: i18n.T(r.Context(), "web.search.title"), Query: q}, searchPage(v))
}

func (s *Server) found(ctx context.Context, q, from string) (webui.SearchView, error) {
	v := webui.SearchView{Query: q}
	may, err := s.rightsOf(ctx, Actor(ctx))
	if err != nil {
		return v, err
	}
	if hits := s.commands(ctx, q, from, may); len(hits) > 0 {
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

// ranked is a command with how well its words fit.
type ranked struct {
	hit  webui.SearchHit
	rank int
}

// commands are the pages, the records to be added and what else people do from anywhere, whose words in any language of
// the house fit the query by characters, pinyin or initials.
func (s *Server) commands(ctx context.Context, q, from string, may rights) []webui.SearchHit {
	var list []ranked
	offer := func(hit webui.SearchHit, words ...string) {
		best := token.NoMatch
		if q == "" {
			best = 0
		} else {
			for _, w := range append(words, hit.Title) {
				best = min(best, token.Rank(q, w))
			}
		}
		if best < token.NoMatch {
			list = append(list, ranked{hit, best})
		}
	}
	for _, c := range s.deps.Commands {
		if c.Type == "" || may.create[c.Type] {
			offer(webui.SearchHit{Title: i18n.T(ctx, c.LabelKey), Href: c.href(from), Icon: c.Icon}, s.inAll(c.LabelKey, c.WordsKey)...)
		}
	}
	other := s.otherTongue(ctx)
	foreign := s.doors(other, "", may)
	for i, d := range s.doors(ctx, "", may) {
		for j, it := range d.items {
			offer(webui.SearchHit{Title: it.Label, Detail: roomLabel(ctx, d.room.Key), Href: it.Href, Icon: it.Icon}, foreign[i].items[j].Label)
		}
	}
	for _, t := range s.deps.Records.Store.Types.Types() {
		if may.create[t.Name] && q != "" {
			name := func(ctx context.Context) string { return i18n.T(ctx, "web.new", "type", TypeLabel(ctx, t)) }
			offer(webui.SearchHit{Title: name(ctx), Detail: roomLabel(ctx, t.Room), Href: "/" + t.Plural + "/new", Icon: "plus"}, name(other))
		}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return a.rank - b.rank })
	out := make([]webui.SearchHit, 0, perGroup)
	for _, c := range list[:min(len(list), perGroup)] {
		out = append(out, c.hit)
	}
	return out
}

// inAll are texts in all languages of the house; words of one text are split at blanks and commas.
func (s *Server) inAll(keys ...string) []string {
	var out []string
	for _, lang := range i18n.Langs() {
		for _, key := range keys {
			if key != "" {
				text := s.deps.Catalog.Text(lang, key)
				out = append(out, text)
				out = append(out, strings.FieldsFunc(text, func(r rune) bool { return r == '、' || r == ',' || r == ' ' })...)
			}
		}
	}
	return out
}

// otherTongue is the context of a reader of the other language.
func (s *Server) otherTongue(ctx context.Context) context.Context {
	for _, lang := range i18n.Langs() {
		if lang != i18n.LangOf(ctx) {
			return i18n.With(ctx, s.deps.Catalog, lang)
		}
	}
	return ctx
}
