package webui_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

func TestThemeAndNavigationOfARequest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		theme, nav string
		wantTheme  webui.Theme
		wantFolded bool
	}{
		"nothing":     {"", "", webui.ThemeAuto, false},
		"dark, rail":  {"dark", "rail", webui.ThemeDark, true},
		"light, wide": {"light", "wide", webui.ThemeLight, false},
		"nonsense":    {`"><script>`, "x", webui.ThemeAuto, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.AddCookie(&http.Cookie{Name: webui.ThemeCookie, Value: tt.theme})
			r.AddCookie(&http.Cookie{Name: webui.NavCookie, Value: tt.nav})
			if got := webui.ThemeOf(r); got != tt.wantTheme {
				t.Errorf("theme %q, want %q", got, tt.wantTheme)
			}
			if got := webui.NavFoldedOf(r); got != tt.wantFolded {
				t.Errorf("folded %v, want %v", got, tt.wantFolded)
			}
		})
	}
}

func TestWatermarkIsWellFormedForAnyName(t *testing.T) {
	t.Parallel()
	d := xml.NewDecoder(bytes.NewReader(webui.WatermarkSVG(`苏晴 <&"'>`, "2026-03-02 14:05")))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(i18n.With(t.Context(), catalog(t), i18n.ZH), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMaskedAndSecretValuesAreNotPosted(t *testing.T) {
	t.Parallel()
	for _, kind := range []webui.FieldKind{webui.KindText, webui.KindPhone, webui.KindLong} {
		if got := rendered(t, webui.Input(kind, webui.FieldView{Name: "mobile", Label: "手机", Value: "138****8000", Masked: true})); strings.Contains(got, `name="mobile"`) {
			t.Errorf("%s: a masked value would be posted: %s", kind, got)
		}
	}
	if got := rendered(t, webui.PasswordField(webui.FieldView{Name: "p", Label: "密码", Value: "hunter2"})); strings.Contains(got, "hunter2") {
		t.Error("a password field shows what it held")
	}
}

func TestEveryControlPostsItsName(t *testing.T) {
	t.Parallel()
	kinds := []webui.FieldKind{webui.KindText, webui.KindLong, webui.KindNumber, webui.KindMoney, webui.KindPercent, webui.KindDate, webui.KindDateTime, webui.KindTime, webui.KindDuration, webui.KindSelect, webui.KindMulti, webui.KindRadio, webui.KindBool, webui.KindPhone, webui.KindEmail, webui.KindPassword, webui.KindFile, webui.KindFiles, webui.KindRef, webui.KindDivision, "unknown"}
	for _, kind := range kinds {
		got := rendered(t, webui.Input(kind, webui.FieldView{Name: "field_x", Label: "标签", Error: "不对", Options: []webui.Option{{Value: "a", Label: "甲"}}}))
		for _, want := range []string{`name="field_x"`, "标签", "不对", `id="f-field_x-error"`} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %s:\n%s", kind, want, got)
			}
		}
	}
}

func TestAddressesOfUsersAreHarmless(t *testing.T) {
	t.Parallel()
	got := rendered(t, webui.DescriptionList([]webui.DescriptionItem{{Label: "网站", Value: "<b>x</b>", Href: "javascript:alert(1)"}}))
	if strings.Contains(got, "javascript:") || strings.Contains(got, "<b>") {
		t.Errorf("unsafe: %s", got)
	}
}

func TestTableOutlivesRowsThatDoNotFit(t *testing.T) {
	t.Parallel()
	got := rendered(t, webui.Table(webui.TableView{Columns: []webui.Column{{Label: "一"}}, Rows: []webui.RowView{{ID: "1", Cells: []webui.Cell{{Text: "a"}, {Text: "b"}}}}}))
	if !strings.Contains(got, ">b<") {
		t.Errorf("a cell is lost: %s", got)
	}
}
