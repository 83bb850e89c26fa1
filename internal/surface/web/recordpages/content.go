package recordpages

import (
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// listContent is a list on its way into its page, which adds the tabs.
type listContent struct {
	listView
}

func listBody(v listView) listContent { return listContent{v} }

func (c listContent) component() templ.Component { return listPanel(c.listView) }

func icon(b buttonView) string {
	if b.Icon == "" {
		return "point"
	}
	return b.Icon
}

func weight(b buttonView) webui.Weight {
	if b.Primary {
		return webui.Primary
	}
	return webui.Secondary
}

// dialogAttrs lets a script open the form of an action as a dialog; the change of a record has a page of its own.
func dialogAttrs(b buttonView) templ.Attributes {
	if b.Icon == "edit" {
		return nil
	}
	return templ.Attributes{"data-dialog-load": true}
}
