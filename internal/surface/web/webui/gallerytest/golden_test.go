package gallerytest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/assets"
	"dianke/internal/surface/web/webui"
	"dianke/internal/surface/web/webui/gallerytest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// stable takes the hashes of the asset build out and gives each tag a line of its own.
func stable(s string) string {
	s = strings.ReplaceAll(s, assets.URL("icons.svg"), "/assets/icons.svg")
	return strings.ReplaceAll(s, "><", ">\n<") + "\n"
}

func TestGolden(t *testing.T) {
	t.Parallel()
	field := webui.FieldView{Name: "mobile", Label: "手机", Value: `138"><b>`, Error: "号码应为 11 位", Hint: "用于回访", Required: true, CheckURL: "/customers/check"}
	fragments := map[string]templ.Component{
		"table":          webui.Table(gallerytest.TableSample()),
		"table_empty":    webui.Table(webui.TableView{Empty: webui.EmptyView{Title: "还没有客户", Action: &webui.LinkButtonView{Label: "新建客户", Href: "/customers/new"}}}),
		"timeline":       webui.Timeline(gallerytest.TimelineSample()),
		"field":          webui.Input(webui.KindPhone, field),
		"field_masked":   webui.Input(webui.KindText, webui.FieldView{Name: "idno", Label: "证件号", Value: "33**34", Masked: true, RevealHref: "/reveal"}),
		"field_ref":      webui.Input(webui.KindRef, webui.FieldView{Name: "owner", Label: "客户经理", LookupURL: "/lookup/user", Options: []webui.Option{{Value: "7", Label: "苏晴"}}}),
		"field_duration": webui.Input(webui.KindDuration, webui.FieldView{Name: "every", Label: "间隔", Value: "14", Unit: "d", Error: "过长", Required: true}),
		"refusal":        webui.Refusal(gallerytest.RefusalSample()),
		"clock":          webui.ClockBadge(webui.ClockView{State: webui.ClockLate, Remaining: "01:12", Due: "2026-03-02 16:30", DueISO: "2026-03-02T16:30:00+08:00"}),
		"toast":          webui.Toast(webui.ToastView{Tone: webui.Bad, Text: "未保存", ClearDraft: "customer-new"}),
	}
	for name, c := range fragments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := stable(render(t, reader(t, i18n.ZH), c))
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs from its golden file; look at it, then run with -update:\n%s", name, got)
			}
		})
	}
}

func TestErrorPageQuotesTheArticle(t *testing.T) {
	t.Parallel()
	ctx := reader(t, i18n.ZH)
	v := webui.ErrorViewOf(ctx, errs.New(errs.Refused, "case.close.refused"))
	v.Refusals = []webui.RefusalView{gallerytest.RefusalSample()}
	got := render(t, ctx, gallerytest.Refused(v))
	for _, want := range []string{`data-kind="refused"`, "为什么", "《投诉处理规定》", "第十二条", "/regulations/1#12", "/exceptions/new", "申请例外"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
