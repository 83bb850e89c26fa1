package recordpages

import (
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// mergedView is a merge the record took part in; Undo is where it is taken back, empty for who may not.
type mergedView struct {
	Alert webui.AlertView
	Undo  string
}

// merged tells what the record was merged into, and what was merged into it.
func (s *sheetPage) merged() ([]mergedView, error) {
	var out []mergedView
	if into := s.sheet.MergedInto; into != nil {
		found, err := s.p.records().Titles(s.ctx, web.Actor(s.ctx), s.t.Name, []record.ID{into.Survivor})
		if err != nil {
			return nil, err
		}
		v := mergedView{Alert: webui.AlertView{Tone: webui.Warn, Text: i18n.T(s.ctx, "pages.merged.into_hidden")}, Undo: s.undoMerge(*into)}
		if at, ok := found[into.Survivor]; ok {
			v.Alert.Text = i18n.T(s.ctx, "pages.merged.into", "title", at.Title, "number", at.Number)
			v.Alert.Actions = []webui.LinkButtonView{{Label: i18n.T(s.ctx, "pages.merged.open"), Icon: s.t.Icon, Href: recordPath(s.t, into.Survivor)}}
		}
		out = append(out, v)
	}
	for _, m := range s.sheet.Merges {
		found, err := s.p.records().Titles(s.ctx, web.Actor(s.ctx), s.t.Name, m.Others)
		if err != nil {
			return nil, err
		}
		var words []string
		v := mergedView{Undo: s.undoMerge(m)}
		for _, id := range m.Others {
			if at, ok := found[id]; ok {
				words = append(words, at.Title+" "+at.Number)
				v.Alert.Actions = append(v.Alert.Actions, webui.LinkButtonView{Label: at.Number, Icon: s.t.Icon, Href: recordPath(s.t, id), Small: true})
			}
		}
		if len(words) == 0 {
			continue
		}
		v.Alert.Tone, v.Alert.Text = webui.Info, i18n.T(s.ctx, "pages.merged.from", "list", i18n.Listed(s.ctx, words))
		out = append(out, v)
	}
	return out, nil
}

func (s *sheetPage) undoMerge(m access.MergeNote) string {
	if !m.MayUndo {
		return ""
	}
	return "/merge/" + s.t.Name + "/" + m.ID.String() + "/undo"
}
