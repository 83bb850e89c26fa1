package casepages

import (
	"context"
	"strings"

	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// emptyDesk says what to do where no case is open.
func emptyDesk(ctx context.Context, first string) webui.EmptyView {
	v := webui.EmptyView{Icon: "headset", Title: i18n.T(ctx, "desk.none"), Text: i18n.T(ctx, "desk.none.text")}
	if first == "" {
		v.Title, v.Text = i18n.T(ctx, "desk.clear"), i18n.T(ctx, "desk.clear.text")
		v.Action = &webui.LinkButtonView{Label: i18n.T(ctx, "desk.tab.open"), Href: address("/desk", "tab", everything)}
		return v
	}
	v.Action = &webui.LinkButtonView{
		Label: i18n.T(ctx, "desk.first"), Icon: "arrow-right", Href: first, Weight: webui.Primary, Attrs: templ.Attributes{"data-key": "n j"},
	}
	return v
}

func orPoint(icon string) string {
	if icon == "" {
		return "point"
	}
	return icon
}

func weight(b buttonView) webui.Weight {
	if b.Primary {
		return webui.Primary
	}
	return webui.Secondary
}

// dialogAttrs lets a script open the form of an action as a dialog; other links are pages.
func dialogAttrs(b buttonView) templ.Attributes {
	if b.Post || b.Return == "" {
		return nil
	}
	return templ.Attributes{"data-dialog-load": true}
}

// knownLine sums up another case: how it ended, what helped.
func knownLine(ctx context.Context, k knownCase) string {
	var parts []string
	for _, s := range []string{k.Number, k.State.Label, k.Result, k.Remedy, k.Cause, k.When} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

func letterLang(ctx context.Context) string {
	if i18n.LangOf(ctx) == i18n.EN {
		return "en"
	}
	return "zh-CN"
}

// letterheadLine is how the company is reached, as far as it is known.
func letterheadLine(_ context.Context, v sheetView) string {
	var parts []string
	for _, s := range []string{v.Head.Address, v.Head.Phone, v.Head.Mail} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}
