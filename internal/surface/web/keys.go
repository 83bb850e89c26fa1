package web

import (
	"net/http"
	"strings"

	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

// keyGroup is some keys with what they do.
type keyGroup struct {
	Label string
	Rows  []keyRow
}

// keyRow is one act; Keys are pressed one after the other.
type keyRow struct {
	Keys  []string
	Label string
}

// keysPage names every key: those of the frame, of lists and forms, and of the commands the reader may run.
func (s *Server) keysPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	may, err := s.rightsOf(ctx, Actor(ctx))
	if err != nil {
		return err
	}
	group := func(key string, rows ...string) keyGroup {
		g := keyGroup{Label: i18n.T(ctx, key)}
		for i := 0; i+1 < len(rows); i += 2 {
			g.Rows = append(g.Rows, keyRow{strings.Fields(rows[i]), i18n.T(ctx, rows[i+1])})
		}
		return g
	}
	list := []keyGroup{group("web.keys.anywhere", "Ctrl+K", "web.keys.palette", "/", "web.keys.palette", "?", "web.keys.title", "Esc", "web.keys.close")}
	for _, c := range s.deps.Commands {
		if c.Keys != "" && (c.Type == "" || may.create[c.Type]) {
			list[0].Rows = append(list[0].Rows, keyRow{strings.Fields(c.Keys), i18n.T(ctx, c.LabelKey)})
		}
	}
	list = append(list,
		group("web.keys.lists", "j", "web.keys.down", "k", "web.keys.up", "Enter", "web.keys.open", "x", "web.keys.choose"),
		group("web.keys.forms", "Ctrl+Enter", "web.keys.save"))
	title := i18n.T(ctx, "web.keys.title")
	if IsFragment(r) {
		return s.Fragment(w, r, 0, keysDialog(webui.DialogView{ID: "keys-dialog", Title: title, Open: true}, list))
	}
	return s.Page(w, r, View{Title: title}, keysCard(list))
}
