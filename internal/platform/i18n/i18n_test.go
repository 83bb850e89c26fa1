package i18n_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dianke/internal/platform/i18n"
)

func source(zh, en string) fs.FS {
	return fstest.MapFS{"zh.yaml": {Data: []byte(zh)}, "en.yaml": {Data: []byte(en)}}
}

func load(t testing.TB, sources ...fs.FS) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load(sources...)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func TestLoadRefusesFaults(t *testing.T) {
	t.Parallel()
	good := source(`a: "甲"`, `a: "A"`)
	tests := map[string]struct {
		sources []fs.FS
		want    string
	}{
		"missing in English":    {[]fs.FS{source("a: 甲\nb: 乙", "a: A")}, `key "b" is missing in en`},
		"missing in Chinese":    {[]fs.FS{source("a: 甲", "a: A\nb: B")}, `key "b" is missing in zh`},
		"twice in two sources":  {[]fs.FS{good, good}, `key "a" is defined twice`},
		"twice in one file":     {[]fs.FS{source("a: 甲\na: 乙", "a: A")}, "already defined"},
		"empty":                 {[]fs.FS{source(`a: " "`, "a: A")}, `key "a" is empty`},
		"nested":                {[]fs.FS{source("a:\n  b: 甲", "a: A")}, "zh.yaml"},
		"no file":               {[]fs.FS{fstest.MapFS{}}, "zh.yaml"},
		"singular without base": {[]fs.FS{source("a: 甲", "a: A\nb.one: B")}, `key "b.one" is missing in zh`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := i18n.Load(tt.sources...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load error = %v, want it to contain %q", err, tt.want)
			}
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	c := load(t, source(
		"cases: \"{n} 件\"\nhello: \"{name}，您好{x}\"\nbrace: \"{ {} {{n}\"",
		"cases: \"{n} cases\"\ncases.one: \"one case\"\nhello: \"Hello {name}{x}\"\nbrace: \"{ {} {{n}\""))
	tests := []struct {
		lang i18n.Lang
		key  string
		args []any
		want string
	}{
		{i18n.EN, "cases", []any{"n", 2}, "2 cases"},
		{i18n.EN, "cases", []any{"n", 1}, "one case"},
		{i18n.EN, "cases", []any{"n", int64(1)}, "one case"},
		{i18n.ZH, "cases", []any{"n", 1}, "1 件"},
		{i18n.ZH, "hello", []any{"name", "{x}", "x", "!"}, "{x}，您好!"},
		{i18n.ZH, "hello", []any{"name"}, "{name}，您好{x}"},
		{i18n.EN, "brace", []any{"n", 3}, "{ {} {3"},
		{"fr", "hello", []any{"name", "a", "x", ""}, "a，您好"},
		{i18n.EN, "nothing", nil, "⟦nothing⟧"},
	}
	for _, tt := range tests {
		if got := c.Text(tt.lang, tt.key, tt.args...); got != tt.want {
			t.Errorf("Text(%s, %s, %v) = %q, want %q", tt.lang, tt.key, tt.args, got, tt.want)
		}
	}
	if !c.Has("cases.one") || c.Has("nothing") {
		t.Error("Has does not tell known keys from unknown ones")
	}
}

func TestContextCarriesReader(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	if got := i18n.T(ctx, "time.now"); got != "⟦time.now⟧" {
		t.Errorf("T without catalogue = %q", got)
	}
	if i18n.LangOf(ctx) != i18n.ZH || i18n.ZoneOf(ctx).String() != "Asia/Shanghai" || i18n.Has(ctx, "time.now") {
		t.Error("defaults are not Chinese and Asia/Shanghai")
	}
	ctx = i18n.WithZone(i18n.With(ctx, load(t), i18n.EN), time.UTC)
	if got := i18n.T(ctx, "time.now"); got != "just now" || i18n.LangOf(ctx) != i18n.EN || i18n.ZoneOf(ctx) != time.UTC {
		t.Errorf("T = %q in %s, %s", got, i18n.LangOf(ctx), i18n.ZoneOf(ctx))
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	c := load(t)
	zh, en := i18n.With(context.Background(), c, i18n.ZH), i18n.With(context.Background(), c, i18n.EN)
	at := time.Date(2026, 3, 1, 18, 5, 0, 0, time.UTC)
	tests := map[string][2]string{
		"date":             {i18n.Date(zh, at), "2026-03-02"},
		"date and time":    {i18n.DateTime(zh, at), "2026-03-02 02:05"},
		"clock":            {i18n.Clock(zh, at), "02:05"},
		"other zone":       {i18n.DateTime(i18n.WithZone(zh, time.UTC), at), "2026-03-01 18:05"},
		"zero":             {i18n.DateTime(zh, time.Time{}) + i18n.Weekday(zh, time.Time{}) + i18n.Ago(zh, time.Time{}, at), ""},
		"weekday zh":       {i18n.Weekday(zh, at), "周一"},
		"weekday en":       {i18n.Weekday(en, at), "Mon"},
		"now":              {i18n.Ago(zh, at, at.Add(59*time.Second)), "刚刚"},
		"minutes ago":      {i18n.Ago(zh, at, at.Add(5*time.Minute)), "5 分钟前"},
		"one hour ago":     {i18n.Ago(en, at, at.Add(119*time.Minute)), "1 hour ago"},
		"in two hours":     {i18n.Ago(en, at, at.Add(-2*time.Hour)), "in 2 hours"},
		"in one day":       {i18n.Ago(en, at, at.Add(-25*time.Hour)), "in 1 day"},
		"long ago":         {i18n.Ago(zh, at, at.AddDate(0, 2, 0)), "2026-03-02"},
		"duration":         {i18n.Duration(zh, 150*time.Minute), "2 小时 30 分钟"},
		"whole hours":      {i18n.Duration(en, 48*time.Hour), "48 h"},
		"days":             {i18n.Duration(en, 76*time.Hour), "3 days 4 h"},
		"seconds":          {i18n.Duration(zh, 45*time.Second), "45 秒"},
		"negative minutes": {i18n.Duration(zh, -90*time.Second), "-1 分钟 30 秒"},
	}
	for name, tt := range tests {
		if tt[0] != tt[1] {
			t.Errorf("%s: got %q, want %q", name, tt[0], tt[1])
		}
	}
}

func TestMoneyAndNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		minor    int64
		currency string
		want     string
	}{
		{123450, "CNY", "¥1,234.50"}, {5, "CNY", "¥0.05"}, {-100000000, "CNY", "-¥1,000,000.00"}, {0, "", "¥0.00"},
		{1234, "JPY", "JP¥1,234"}, {1234567, "KWD", "KWD 1,234.567"}, {100, "USD", "US$1.00"}, {99, "CHF", "CHF 0.99"},
		{-9223372036854775808, "CNY", "-¥92,233,720,368,547,758.08"},
	}
	for _, tt := range tests {
		if got := i18n.Money(tt.minor, tt.currency); got != tt.want {
			t.Errorf("Money(%d, %s) = %q, want %q", tt.minor, tt.currency, got, tt.want)
		}
	}
	if got := i18n.Number(-1234567); got != "-1,234,567" {
		t.Errorf("Number = %q", got)
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"+8613800138000": "138 0013 8000", "13800138000": "138 0013 8000", "+8657187900000": "0571-8790 0000",
		"+861087900000": "010-8790 0000", "02087900000": "020-8790 0000", "138****8000": "138****8000",
		"+442071838750": "+442071838750", "": "", "10086": "10086", "+86": "+86", "4008001234": "4008001234",
	} {
		if got := i18n.Phone(in); got != want {
			t.Errorf("Phone(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestArgsAreOrdered(t *testing.T) {
	t.Parallel()
	got := i18n.Args(map[string]any{"b": 2, "a": 1})
	if len(got) != 4 || got[0] != "a" || got[3] != 2 {
		t.Errorf("Args = %v", got)
	}
}

func BenchmarkText(b *testing.B) {
	c := load(b)
	for b.Loop() {
		c.Text(i18n.ZH, "time.ago.minutes", "n", 5)
	}
}
