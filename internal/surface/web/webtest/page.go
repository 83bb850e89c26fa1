package webtest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer.
type Page struct {
	Status int
	Header http.Header
	Body   string
	Path   string
	t      testing.TB
	doc    *html.Node
}

func (p *Page) root() *html.Node {
	p.t.Helper()
	if p.doc == nil {
		doc, err := html.Parse(strings.NewReader(p.Body))
		if err != nil {
			p.t.Fatal(err)
		}
		p.doc = doc
	}
	return p.doc
}

// All returns the elements that a selector meets: simple parts (tag, #id, .class, [name], [name=value]) that stand
// below each other, separated by blanks.
func (p *Page) All(selector string) []*html.Node {
	p.t.Helper()
	at := []*html.Node{p.root()}
	for _, part := range strings.Fields(selector) {
		var next []*html.Node
		for _, n := range at {
			for d := range n.Descendants() {
				if d.Type == html.ElementNode && meets(d, part) && !slices.Contains(next, d) {
					next = append(next, d)
				}
			}
		}
		at = next
	}
	return at
}

// Has reports whether the selector meets anything.
func (p *Page) Has(selector string) bool { p.t.Helper(); return len(p.All(selector)) > 0 }

// TextOf is the text of the first element that the selector meets, blanks folded; a failure where there is none.
func (p *Page) TextOf(selector string) string {
	p.t.Helper()
	list := p.All(selector)
	if len(list) == 0 {
		p.t.Fatalf("%s: nothing meets %q in %s", p.Path, selector, p.Text())
	}
	return text(list[0])
}

// Attr is an attribute of the first element that the selector meets.
func (p *Page) Attr(selector, name string) string {
	p.t.Helper()
	list := p.All(selector)
	if len(list) == 0 {
		p.t.Fatalf("%s: nothing meets %q in %s", p.Path, selector, p.Text())
	}
	v, _ := attr(list[0], name)
	return v
}

// Text is all text of the page.
func (p *Page) Text() string { p.t.Helper(); return text(p.root()) }

// Location is where a redirect leads.
func (p *Page) Location() string { return p.Header.Get("Location") }

// Want fails unless the status is the one given.
func (p *Page) Want(status int) *Page {
	p.t.Helper()
	if p.Status != status {
		p.t.Fatalf("%s: status %d, want %d: %.600s", p.Path, p.Status, status, p.Text())
	}
	return p
}

// Form is what the form that a selector meets would post as it stands.
func (p *Page) Form(selector string) map[string][]string {
	p.t.Helper()
	out := map[string][]string{}
	for _, n := range p.All(selector + " input") {
		name, _ := attr(n, "name")
		kind, _ := attr(n, "type")
		_, on := attr(n, "checked")
		_, off := attr(n, "disabled")
		if name == "" || off || kind == "file" || (kind == "checkbox" || kind == "radio") && !on {
			continue
		}
		v, _ := attr(n, "value")
		out[name] = append(out[name], v)
	}
	for _, n := range p.All(selector + " textarea") {
		name, _ := attr(n, "name")
		out[name] = append(out[name], rawText(n))
	}
	for _, n := range p.All(selector + " select") {
		name, _ := attr(n, "name")
		value := ""
		for d := range n.Descendants() {
			if _, on := attr(d, "selected"); on {
				value, _ = attr(d, "value")
			}
		}
		out[name] = append(out[name], value)
	}
	return out
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func text(n *html.Node) string { return strings.Join(strings.Fields(rawText(n)), " ") }

// meets reports whether an element is what one part of a selector says.
func meets(n *html.Node, part string) bool {
	for part != "" {
		end := strings.IndexAny(part[1:], "#.[")
		piece := part
		if end >= 0 {
			piece = part[:end+1]
		}
		if part[0] == '[' {
			piece = part[:strings.IndexByte(part, ']')+1]
		}
		part = part[len(piece):]
		if !meetsOne(n, piece) {
			return false
		}
	}
	return true
}

func meetsOne(n *html.Node, piece string) bool {
	switch piece[0] {
	case '#':
		id, _ := attr(n, "id")
		return id == piece[1:]
	case '.':
		class, _ := attr(n, "class")
		return slices.Contains(strings.Fields(class), piece[1:])
	case '[':
		name, want, valued := strings.Cut(strings.Trim(piece, "[]"), "=")
		got, ok := attr(n, name)
		return ok && (!valued || got == strings.Trim(want, `"'`))
	}
	return n.Data == piece
}

// Texts are the texts of all elements that the selector meets.
func (p *Page) Texts(selector string) []string {
	p.t.Helper()
	var out []string
	for _, n := range p.All(selector) {
		out = append(out, text(n))
	}
	return out
}
