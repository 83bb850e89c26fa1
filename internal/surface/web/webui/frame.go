package webui

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
)

// Theme is the reader's choice of colours, as it stands in the data-theme attribute of a page.
type Theme string

// The themes. Auto follows the reader's system.
const (
	ThemeAuto  Theme = "auto"
	ThemeLight Theme = "light"
	ThemeDark  Theme = "dark"
)

// Cookies that the script sets and the server reads, so that nothing jumps after the first paint. They hold no
// personal data.
const (
	ThemeCookie = "dianke_theme" // a Theme
	NavCookie   = "dianke_nav"   // "rail" where the rooms are folded to icons
)

// ThemeOf returns the theme named by the request; auto where none or an unknown one is named.
func ThemeOf(r *http.Request) Theme {
	c, err := r.Cookie(ThemeCookie)
	if err != nil {
		return ThemeAuto
	}
	switch t := Theme(c.Value); t {
	case ThemeLight, ThemeDark:
		return t
	default:
		return ThemeAuto
	}
}

// NavFoldedOf reports whether the reader folded the rooms to icons.
func NavFoldedOf(r *http.Request) bool {
	c, err := r.Cookie(NavCookie)
	return err == nil && c.Value == "rail"
}

// Link is a text that leads somewhere. An empty Href is plain text.
type Link struct{ Label, Href string }

// NavItem is one room. Count is shown as a small figure when not empty.
type NavItem struct {
	Label, Href, Icon, Count string
	Active                   bool
}

// NavGroup is a titled group of rooms; Label may be empty.
type NavGroup struct {
	Label string
	Items []NavItem
}

// MenuItem is one entry of a menu. With Post it is a form that posts to Href, otherwise a link.
type MenuItem struct {
	Label, Href, Icon string
	Post              bool
	Danger            bool
	Keys              string // pressed one after the other they do the same, such as "l c"
	Dialog            bool   // a script opens the page as a dialog
}

// Person is the signed-in reader as the frame shows him.
type Person struct{ Name, Detail string }

// Frame is what all pages of a session share.
type Frame struct {
	Organisation  string // shown under the logo; empty is fine
	Nav           []NavGroup
	New           []MenuItem // the menu "new"; hidden when empty
	Me            Person
	MeMenu        []MenuItem // between the name and "sign out"
	Theme         Theme
	NavFolded     bool
	Notices       int    // unread ones
	NoticesHref   string // empty hides the bell
	NoticesStream string // events with the number of unread ones; empty for none
	Clocks        int    // running clocks of the reader
	ClocksHref    string // empty hides the clock
	ClocksLate    bool
	Watermark     string // address of an SVG picture made by [WatermarkSVG]; empty for none
	Query         string // shown in the search field
	Path          string // where to return to after a change of language or theme
	Now           string // RFC 3339: clocks in the page count by the time of the server, not by that of the reader's machine
}

// PageView is one page inside the frame. Its children are the content.
type PageView struct {
	Frame    Frame
	Title    string
	Subtitle string
	Crumbs   []Link          // from the room down to the parent; the page itself is not among them
	Badges   []BadgeView     // beside the title
	Actions  templ.Component // at the right of the title; may be nil
	Tabs     []TabView       // under the title; may be empty
	Toasts   []ToastView
	Wide     bool // no maximum width: boards, reports
}

// BareView is a page without rooms: sign-in, set-up, pages for customers.
type BareView struct {
	Title, Subtitle string
	Organisation    string
	Theme           Theme
	Path            string
	Toasts          []ToastView
	Wide            bool
}

// WatermarkSVG returns a faint repeated-by-the-page picture of who looks and when, 360 × 220 pixels. The caller
// passes the time as shown to the reader and serves the picture to that reader alone (Cache-Control: private).
func WatermarkSVG(name, at string) []byte {
	var text bytes.Buffer
	if err := xml.EscapeText(&text, []byte(name+" "+at)); err != nil {
		return nil // a buffer does not fail
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="360" height="220" viewBox="0 0 360 220">`+
		`<g font-family="PingFang SC,Microsoft YaHei,Noto Sans CJK SC,sans-serif" font-size="13" fill="#808080" fill-opacity="0.13">`+
		`<text transform="translate(20 118) rotate(-22)">%[1]s</text><text transform="translate(200 218) rotate(-22)">%[1]s</text></g></svg>`, text.String())
}
