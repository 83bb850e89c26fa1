package webui_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

func TestStatusOfEveryKind(t *testing.T) {
	t.Parallel()
	want := map[errs.Kind]int{
		errs.Internal: 500, errs.Invalid: 422, errs.Malformed: 400, errs.Unauthenticated: 401, errs.Forbidden: 403, errs.NotFound: 404,
		errs.Conflict: 409, errs.Stale: 409, errs.Refused: 422, errs.TooLarge: 413, errs.TooMany: 429, errs.Unavailable: 503,
	}
	for k := errs.Internal; k <= errs.Unavailable; k++ {
		if got := webui.StatusOf(k); got != want[k] {
			t.Errorf("StatusOf(%s) = %d, want %d", k, got, want[k])
		}
	}
	if got := webui.StatusOf(errs.Kind(99)); got != http.StatusInternalServerError {
		t.Errorf("an unknown kind gives %d", got)
	}
}

func TestErrorViewOf(t *testing.T) {
	t.Parallel()
	extra := fstest.MapFS{}
	for _, lang := range []string{"zh", "en"} {
		extra[lang+".yaml"] = &fstest.MapFile{Data: []byte("case.late: \"晚了 {n} 天\"\ncase.no_outcome: \"缺结果\"\n")}
	}
	c, err := i18n.Load(webui.Messages(), extra)
	if err != nil {
		t.Fatal(err)
	}
	ctx := i18n.With(t.Context(), c, i18n.ZH)
	tests := map[string]struct {
		err      error
		status   int
		sentence string
		fields   int
	}{
		"own words with figures": {fmt.Errorf("close: %w", errs.New(errs.Conflict, "case.late").With("n", 3)), 409, "晚了 3 天", 0},
		"unknown key falls back": {errs.New(errs.Forbidden, "no.such.key"), 403, i18n.T(ctx, "ui.error.forbidden.text"), 0},
		"internal hides all":     {errs.New(errs.Internal, "case.late").Because(errors.New("secret")), 500, i18n.T(ctx, "ui.error.internal.text"), 0},
		"foreign error":          {errors.New("secret"), 500, i18n.T(ctx, "ui.error.internal.text"), 0},
		"fields":                 {errs.Collect([]*errs.Error{errs.Of("outcome", "case.no_outcome"), errs.Of("mobile", "no.such.key")}), 422, i18n.T(ctx, "ui.error.invalid.text"), 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := webui.ErrorViewOf(ctx, tt.err)
			if v.Status != tt.status || v.Sentence != tt.sentence || len(v.Fields) != tt.fields {
				t.Errorf("got %+v", v)
			}
			if strings.Contains(fmt.Sprint(v), "secret") {
				t.Error("the cause is shown to the reader")
			}
		})
	}
	fields := webui.FieldErrors(ctx, tests["fields"].err)
	if fields["outcome"] != "缺结果" || fields["mobile"] != i18n.T(ctx, "ui.field.invalid") {
		t.Errorf("field sentences %v", fields)
	}
	if got := webui.FieldErrors(ctx, errors.New("other")); got != nil {
		t.Errorf("a foreign error names fields %v", got)
	}
}
