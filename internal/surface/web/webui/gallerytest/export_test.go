package gallerytest

import (
	"github.com/a-h/templ"

	"dianke/internal/surface/web/webui"
)

// Pages returns the pages of the gallery by name, in one language and theme.
func Pages(english bool, theme webui.Theme) map[string]templ.Component {
	s := sample{en: english, theme: theme}
	return map[string]templ.Component{"all": page(s), "signin": bare(s)}
}

// Refused returns the error page of a view.
func Refused(v webui.ErrorView) templ.Component { return refused(sample{}, v) }

// RefusalSample returns the article the gallery quotes.
func RefusalSample() webui.RefusalView { return sample{}.refusal() }

// TableSample returns the list of the gallery.
func TableSample() webui.TableView { return sample{}.table() }

// TimelineSample returns the story of the gallery.
func TimelineSample() webui.TimelineView { return sample{}.timeline() }
