package web

import (
	"time"

	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

// door is one room with what the reader may enter in it.
type door struct {
	room  Room
	items []webui.NavItem
}

// rights are the types the reader may read and those he may add to.
type rights struct {
	read, create map[string]bool
}

// rightsOf asks for all types at once; the guard answers from memory.
func (s *Server) rightsOf(ctx context.Context, a access.Actor) (rights, error) {
	rec := s.deps.Records
	log := rec.MayAudit(ctx, a, record.Read)
	return db.View(ctx, rec.DB, func(tx *db.Tx) (rights, error) {
		out := rights{map[string]bool{access.AuditLog: log}, map[string]bool{}}
		for _, t := range rec.Store.Types.Types() {
			out.read[t.Name] = rec.Can(ctx, tx, a, t.Name, record.Read)
			out.create[t.Name] = t.Action(record.Create) != nil && rec.Can(ctx, tx, a, t.Name, record.Create)
		}
		return out, nil
	})
}

// frame is what all pages of the session share.
func (s *Server) frame(r *http.Request) (webui.Frame, error) {
	ctx := r.Context()
	a := Actor(ctx)
	may, err := s.rightsOf(ctx, a)
	if err != nil {
		return webui.Frame{}, err
	}
	status := s.deps.Status(ctx, a)
	return webui.Frame{
		Organisation: s.deps.Organisation(ctx), Nav: s.nav(ctx, r.URL.Path, may), New: append(s.quickMenu(ctx, here(r), may), s.newMenu(ctx, r.URL.Path, may)...),
		Me: webui.Person{Name: a.Name, Detail: s.unitName(ctx, a)}, MeMenu: s.meMenu(ctx), Theme: webui.ThemeOf(r), NavFolded: webui.NavFoldedOf(r),
		Notices: status.Notices, NoticesHref: status.NoticesHref, NoticesStream: status.NoticesStream, Clocks: status.Clocks, ClocksHref: status.ClocksHref, ClocksLate: status.ClocksLate,
		Watermark: s.watermarkPath(a), Path: here(r),
		Now: s.deps.Clock.Now().UTC().Format(time.RFC3339),
	}, nil
}

func (s *Server) unitName(ctx context.Context, a access.Actor) string {
	if a.Unit() == 0 {
		return ""
	}
	names, err := s.deps.Records.Titles(ctx, a, "unit", []record.ID{a.Unit()})
	if err != nil {
		s.deps.Log.WarnContext(ctx, "unit of reader not read", "error", err)
	}
	return names[a.Unit()].Title
}

func (s *Server) meMenu(ctx context.Context) []webui.MenuItem {
	return []webui.MenuItem{
		{Label: i18n.T(ctx, "web.me.title"), Href: "/me", Icon: "user-circle"},
		{Label: i18n.T(ctx, "web.me.calendar"), Href: "/me/calendar", Icon: "calendar"},
		{Label: i18n.T(ctx, "web.keys.title"), Href: "/me/keys", Icon: "help", Keys: "?", Dialog: true},
	}
}

// quickMenu are the commands that have keys, for the top of the menu "new".
func (s *Server) quickMenu(ctx context.Context, from string, may rights) []webui.MenuItem {
	var out []webui.MenuItem
	for _, c := range s.deps.Commands {
		if c.Keys != "" && (c.Type == "" || may.create[c.Type]) {
			out = append(out, webui.MenuItem{Label: i18n.T(ctx, c.LabelKey), Href: c.href(from), Icon: c.Icon, Keys: c.Keys, Dialog: true})
		}
	}
	return out
}

// href is the address of the command, with the page it is called from where it asks for that.
func (c Command) href(from string) string {
	if !c.Here || from == "" || under(strings.SplitN(from, "?", 2)[0], c.Href) {
		return c.Href
	}
	return c.Href + "?from=" + url.QueryEscape(from)
}

// doors lists the rooms with what the reader may open.
func (s *Server) doors(ctx context.Context, path string, may rights) []door {
	var out []door
	for _, room := range s.deps.Rooms {
		d := door{room: room}
		d.items = append(d.items, s.pageItems(ctx, path, room, may, true)...)
		for _, t := range s.typesOf(room) {
			if may.read[t.Name] {
				d.items = append(d.items, webui.NavItem{
					Label: PluralLabel(ctx, t), Href: "/" + t.Plural, Icon: t.Icon, Active: under(path, "/"+t.Plural),
				})
			}
		}
		d.items = append(d.items, s.pageItems(ctx, path, room, may, false)...)
		if len(d.items) > 0 {
			out = append(out, d)
		}
	}
	return out
}

func (s *Server) pageItems(ctx context.Context, path string, room Room, may rights, front bool) []webui.NavItem {
	var out []webui.NavItem
	for _, p := range s.deps.Pages {
		if p.Room == room.Key && p.First == front && (p.Needs == "" || may.read[p.Needs]) {
			active := path == p.Href || p.Href != "/" && under(path, p.Href)
			out = append(out, webui.NavItem{Label: i18n.T(ctx, p.LabelKey), Href: p.Href, Icon: p.Icon, Active: active})
		}
	}
	return out
}

// under reports whether a path is the place or below it.
func under(path, place string) bool {
	rest, ok := strings.CutPrefix(path, place)
	return ok && (rest == "" || rest[0] == '/')
}

// typesOf lists the types of a room: those the room names, then the others that stand on their own.
func (s *Server) typesOf(room Room) []*record.Type {
	reg := s.deps.Records.Store.Types
	var out []*record.Type
	for _, name := range room.Types {
		if t := reg.Type(name); t != nil {
			out = append(out, t)
		}
	}
	for _, t := range reg.Types() {
		if t.Room == room.Key && !slices.Contains(room.Types, t.Name) && len(t.ParentFields()) == 0 {
			out = append(out, t)
		}
	}
	return out
}

// nav shows every room; the one the reader stands in lies open, the others are one line each.
func (s *Server) nav(ctx context.Context, path string, may rights) []webui.NavGroup {
	var out []webui.NavGroup
	var closed webui.NavGroup
	shut := func() {
		if len(closed.Items) > 0 {
			out = append(out, closed)
			closed = webui.NavGroup{}
		}
	}
	for _, d := range s.doors(ctx, path, may) {
		at := s.roomOf(path) == d.room.Key || slices.ContainsFunc(d.items, func(i webui.NavItem) bool { return i.Active })
		if at && len(d.items) > 1 {
			shut()
			out = append(out, webui.NavGroup{Label: roomLabel(ctx, d.room.Key), Items: onlyNearest(d.items)})
			continue
		}
		closed.Items = append(closed.Items, webui.NavItem{Label: roomLabel(ctx, d.room.Key), Href: d.items[0].Href, Icon: d.room.Icon, Active: at})
	}
	shut()
	return out
}

// onlyNearest leaves the longest address active where one page lies under another.
func onlyNearest(items []webui.NavItem) []webui.NavItem {
	best := -1
	for i, it := range items {
		if it.Active && (best < 0 || len(it.Href) > len(items[best].Href)) {
			best = i
		}
	}
	for i := range items {
		items[i].Active = i == best
	}
	return items
}

// roomOf is the room of the type a path begins with; "" for other paths.
func (s *Server) roomOf(path string) string {
	head, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if t := s.deps.Records.Store.Types.Type(head); t != nil && t.Plural == head {
		return t.Room
	}
	return ""
}

func roomLabel(ctx context.Context, key string) string {
	return first(ctx, []string{"room." + key}, key)
}

// newMenu offers what the reader may add, the types of his room first, at most twelve.
func (s *Server) newMenu(ctx context.Context, path string, may rights) []webui.MenuItem {
	rooms := slices.Clone(s.deps.Rooms)
	at := s.roomOf(path)
	slices.SortStableFunc(rooms, func(a, b Room) int {
		switch {
		case a.Key == at && b.Key != at:
			return -1
		case b.Key == at && a.Key != at:
			return 1
		}
		return 0
	})
	var out []webui.MenuItem
	for _, room := range rooms {
		if room.Key == "settings" && at != "settings" {
			continue
		}
		for _, t := range s.typesOf(room) {
			if may.create[t.Name] && len(out) < 12 {
				out = append(out, webui.MenuItem{Label: TypeLabel(ctx, t), Href: "/" + t.Plural + "/new", Icon: t.Icon})
			}
		}
	}
	return out
}

// signInPath leads to the sign-in page and back to where a reader wanted to go.
func signInPath(r *http.Request) string {
	next := here(r)
	if IsFragment(r) {
		next = back(r)
	}
	if next == "" || next == "/" {
		return "/signin"
	}
	return "/signin?next=" + url.QueryEscape(next)
}
