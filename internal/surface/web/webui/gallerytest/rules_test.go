package gallerytest_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/assets"
	"dianke/internal/surface/web/webui"
	"dianke/internal/surface/web/webui/gallerytest"
)

func reader(t *testing.T, lang i18n.Lang) context.Context {
	t.Helper()
	c, err := i18n.Load(webui.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return i18n.With(t.Context(), c, lang)
}

func render(t *testing.T, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// everyPage runs check on each page of the gallery in each language.
func everyPage(t *testing.T, check func(t *testing.T, source string)) {
	t.Helper()
	for _, lang := range i18n.Langs() {
		for name, c := range gallerytest.Pages(lang == i18n.EN, webui.ThemeLight) {
			t.Run(string(lang)+"/"+name, func(t *testing.T) {
				t.Parallel()
				check(t, render(t, reader(t, lang), c))
			})
		}
	}
}

func elements(t *testing.T, source string) []*html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var list []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			list = append(list, n)
		}
	}
	return list
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func inside(n *html.Node, tag string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Type == html.ElementNode && p.Data == tag {
			return true
		}
	}
	return false
}

func TestPagesLiveUnderTheStrictPolicy(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, source string) {
		for _, n := range elements(t, source) {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
					t.Errorf("<%s> has the inline attribute %s", n.Data, a.Key)
				}
				if strings.HasPrefix(a.Val, "data:") || strings.HasPrefix(a.Val, "javascript:") || strings.HasPrefix(a.Val, "http") {
					t.Errorf("<%s %s=%q> leaves the house", n.Data, a.Key, a.Val)
				}
			}
			if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
				t.Errorf("inline <%s>", n.Data)
			}
		}
	})
}

func TestEveryControlHasAName(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, source string) {
		list := elements(t, source)
		labelled := map[string]bool{}
		for _, n := range list {
			if target, ok := attr(n, "for"); ok && n.Data == "label" {
				labelled[target] = true
			}
		}
		for _, n := range list {
			if kind, _ := attr(n, "type"); !slices.Contains([]string{"input", "select", "textarea"}, n.Data) || kind == "hidden" {
				continue
			}
			id, _ := attr(n, "id")
			if _, aria := attr(n, "aria-label"); !aria && !labelled[id] && !inside(n, "label") {
				name, _ := attr(n, "name")
				t.Errorf("<%s name=%q> has no label", n.Data, name)
			}
		}
	})
}

func TestIDsAreUniqueAndReferencesLead(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, source string) {
		seen := map[string]bool{}
		list := elements(t, source)
		for _, n := range list {
			id, ok := attr(n, "id")
			if ok && (id == "" || seen[id]) {
				t.Errorf("<%s id=%q> is empty or used twice", n.Data, id)
			}
			seen[id] = true
		}
		for _, n := range list {
			for _, name := range []string{"for", "aria-describedby", "aria-labelledby"} {
				refs, _ := attr(n, name)
				for _, ref := range strings.Fields(refs) {
					if !seen[ref] {
						t.Errorf("<%s %s=%q> leads nowhere", n.Data, name, ref)
					}
				}
			}
		}
	})
}

func TestTextsAndIconsExist(t *testing.T) {
	t.Parallel()
	known := assets.Icons()
	everyPage(t, func(t *testing.T, source string) {
		if i := strings.Index(source, "⟦"); i >= 0 {
			t.Errorf("missing text: %.60s", source[i:])
		}
		for _, n := range elements(t, source) {
			href, _ := attr(n, "href")
			if _, name, ok := strings.Cut(href, "#i-"); n.Data == "use" && (!ok || !slices.Contains(known, name)) {
				t.Errorf("icon %q is not in assets/icons.txt", href)
			}
		}
	})
}

// The parser repairs what is nested wrongly by moving it: then rendering the tree gives other tags than the source.
func TestPagesAreWellFormed(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, source string) {
		void := []string{"meta", "link", "input", "img", "br", "hr", "col", "source", "wbr"}
		var open []string
		z := html.NewTokenizer(strings.NewReader(source))
		for {
			switch z.Next() {
			case html.ErrorToken:
				if len(open) > 0 {
					t.Errorf("left open: %v", open)
				}
				return
			case html.StartTagToken:
				if name := z.Token().Data; !slices.Contains(void, name) {
					open = append(open, name)
				}
			case html.EndTagToken:
				name := z.Token().Data
				if len(open) == 0 || open[len(open)-1] != name {
					t.Fatalf("</%s> closes %v", name, open)
				}
				open = open[:len(open)-1]
			}
		}
	})
}

func TestNestingNeedsNoRepair(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, source string) {
		written := map[string]int{}
		z := html.NewTokenizer(strings.NewReader(source))
		for z.Next() != html.ErrorToken {
			if tok := z.Token(); tok.Type == html.StartTagToken || tok.Type == html.SelfClosingTagToken {
				written[tok.Data]++
			}
		}
		for _, n := range elements(t, source) {
			written[strings.ToLower(n.Data)]--
			if n.Data == "form" && inside(n, "form") || n.Data == "button" && inside(n, "button") || n.Data == "a" && inside(n, "a") {
				t.Errorf("<%s> inside its like", n.Data)
			}
		}
		for tag, n := range written {
			if n != 0 {
				t.Errorf("the parser makes %d other <%s> than written", -n, tag)
			}
		}
	})
}
