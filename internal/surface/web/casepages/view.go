package casepages

import (
	"context"
	"slices"
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
func knownLine(k knownCase) string {
	return dotted(k.Number, k.State.Label, k.Result, k.Remedy, k.Cause, k.When)
}

// dotted sets texts beside each other; empty ones are left out.
func dotted(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " · ")
}

func letterLang(ctx context.Context) string {
	if i18n.LangOf(ctx) == i18n.EN {
		return "en"
	}
	return "zh-CN"
}

// letterheadLine is how the company is reached, as far as it is known.
func letterheadLine(v sheetView) string {
	return dotted(v.Head.Address, v.Head.Phone, v.Head.Mail)
}
