package intake

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// metaCharset finds the character set an HTML text names for itself.
func metaCharset(b []byte) string {
	m := regexp.MustCompile(`(?i)<meta[^>]+charset\s*=\s*["']?([a-z0-9_:.-]+)`).FindSubmatch(b[:min(len(b), 4096)])
	if m == nil {
		return ""
	}
	return string(m[1])
}

// PlainText makes text of HTML: what a person would read, with the addresses of links behind them, without pictures,
// scripts and styles. Nothing of the markup survives, so that the result may stand anywhere once it is escaped.
func PlainText(s string) string {
	t := html.NewTokenizer(strings.NewReader(s))
	t.SetMaxBuf(maxText)
	w := &textWriter{}
	for {
		switch t.Next() {
		case html.ErrorToken:
			return w.b.String()
		case html.TextToken:
			if w.hidden == 0 {
				w.words(string(t.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.open(t.Token())
		case html.EndTagToken:
			w.close(t.Token())
		}
	}
}

type textWriter struct {
	b      strings.Builder
	hidden int // within how many elements that are not read
	pre    int
	links  []link
	quote  int
}

type link struct {
	href string
	from int // where the text of the link begins
}

// words writes text with its spaces drawn together, as a browser shows it.
func (w *textWriter) words(s string) {
	if w.pre > 0 {
		w.b.WriteString(s)
		return
	}
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' })
	lead := s != "" && strings.ContainsAny(s[:1], " \t\r\n\f")
	if lead && !w.atBreak() {
		w.b.WriteByte(' ')
	}
	w.b.WriteString(strings.Join(fields, " "))
	if len(fields) > 0 && strings.ContainsAny(s[len(s)-1:], " \t\r\n\f") {
		w.b.WriteByte(' ')
	}
}

func (w *textWriter) atBreak() bool {
	s := w.b.String()
	return s == "" || strings.HasSuffix(s, "\n") || strings.HasSuffix(s, " ")
}

func (w *textWriter) newline(n int) {
	s := w.b.String()
	for len(s) > 0 && n > 0 && strings.HasSuffix(s, "\n") {
		s, n = s[:len(s)-1], n-1
	}
	if s != "" {
		w.b.WriteString(strings.Repeat("\n", n))
	}
}

func (w *textWriter) open(t html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template, atom.Object, atom.Select, atom.Svg:
		if t.Type == html.StartTagToken {
			w.hidden++
		}
	case atom.Br:
		w.b.WriteByte('\n')
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Ul, atom.Ol, atom.Table, atom.Hr:
		w.newline(2)
	case atom.Div, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dt, atom.Dd, atom.Form:
		w.newline(1)
	case atom.Li:
		w.newline(1)
		w.b.WriteString("- ")
	case atom.Td, atom.Th:
		if !w.atBreak() {
			w.b.WriteByte('\t')
		}
	case atom.Pre, atom.Textarea:
		w.newline(1)
		w.pre++
	case atom.A:
		w.links = append(w.links, link{attr(t, "href"), w.b.Len()})
	case atom.Img:
		if alt := oneLine(attr(t, "alt")); alt != "" && w.hidden == 0 {
			w.b.WriteString("[" + clip(alt, 100) + "]")
		}
	}
}

func (w *textWriter) close(t html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template, atom.Object, atom.Select, atom.Svg:
		w.hidden = max(0, w.hidden-1)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Ul, atom.Ol, atom.Table:
		w.newline(2)
	case atom.Div, atom.Tr, atom.Li, atom.Section, atom.Article:
		w.newline(1)
	case atom.Pre, atom.Textarea:
		w.pre = max(0, w.pre-1)
		w.newline(1)
	case atom.A:
		w.closeLink()
	}
}

// closeLink writes where the link leads, unless its text says so: a reader sees when both differ.
func (w *textWriter) closeLink() {
	if len(w.links) == 0 {
		return
	}
	l := w.links[len(w.links)-1]
	w.links = w.links[:len(w.links)-1]
	href := oneLine(l.href)
	lower := strings.ToLower(href)
	shown := strings.TrimSpace(w.b.String()[min(l.from, w.b.Len()):])
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "mailto:") || len(href) > 500 {
		return
	}
	if plain := strings.TrimPrefix(href, "mailto:"); shown == "" || strings.Contains(shown, plain) || strings.TrimRight(shown, "/") == strings.TrimRight(plain, "/") {
		return
	}
	w.b.WriteString(" (" + href + ")")
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// looksHTML reports whether a text that calls itself plain is HTML.
func looksHTML(b []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(b[:min(len(b), 200)]))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}
