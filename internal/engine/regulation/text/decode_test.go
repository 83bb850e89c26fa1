package text_test

import (
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"dianke/internal/engine/regulation/text"
	"dianke/internal/platform/errs"
)

const sample = "第一条 客户资料应当保密。"

func encode(t *testing.T, name string) []byte {
	t.Helper()
	var b []byte
	var err error
	switch name {
	case "GBK":
		b, err = simplifiedchinese.GBK.NewEncoder().Bytes([]byte(sample))
	case "GB18030":
		b, err = simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(sample + "𠮷"))
	case "UTF-16LE":
		b, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(sample + "𠮷"))
	case "UTF-16BE":
		b, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(sample))
	case "UTF-8":
		b = []byte("\xef\xbb\xbf" + sample)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeNamesTheEncoding(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTF-8", "UTF-16LE", "UTF-16BE", "GBK", "GB18030"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, enc, err := text.Decode(encode(t, name))
			want := sample
			if name == "GB18030" || name == "UTF-16LE" {
				want += "𠮷"
			}
			if err != nil || got != want || enc != name {
				t.Errorf("Decode = %q, %q, %v; want %q, %q", got, enc, err, want, name)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   []byte
		kind errs.Kind
		key  string
	}{
		"broken after a mark":   {[]byte("\xef\xbb\xbfabc\xff"), errs.Malformed, "regulation.text.encoding"},
		"no encoding at all":    {[]byte("\xff\xff\x80"), errs.Malformed, "regulation.text.encoding"},
		"cut in two":            {[]byte("\xff\xfea"), errs.Malformed, "regulation.text.encoding"},
		"lonely surrogate":      {[]byte("\xff\xfe\x00\xd8"), errs.Malformed, "regulation.text.encoding"},
		"surrogates disordered": {[]byte("\xff\xfe\x00\xdc\x00\xd8"), errs.Malformed, "regulation.text.encoding"},
		"a NUL":                 {[]byte("第一条\x00"), errs.Malformed, "regulation.text.nul"},
		"too large":             {make([]byte, text.MaxBytes+1), errs.TooLarge, "regulation.text.too_large"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _, err := text.Decode(tt.in)
			if errs.KindOf(err) != tt.kind || errs.KeyOf(err) != tt.key || s != "" {
				t.Errorf("Decode = %q, %v; want %v %q", s, err, tt.kind, tt.key)
			}
		})
	}
}

func TestDecodeKeepsGB18030(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("客户投诉应当处理第一条。，0a"))).Draw(t, "s")
		b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Skip()
		}
		if got, enc, err := text.Decode(b); err == nil && enc != "UTF-8" && got != s {
			t.Fatalf("Decode = %q (%s), want %q", got, enc, s)
		}
	})
}
