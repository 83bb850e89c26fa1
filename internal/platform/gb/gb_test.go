package gb_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
)

func TestCreditCode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, code, key string }{
		"valid":             {"91110000802100433B", "91110000802100433B", ""},
		"lower, full width": {" ９１３３０１００-799655058b ", "91330100799655058B", ""},
		"letters inside":    {"9144030071526726XG", "9144030071526726XG", ""},
		"short":             {"9111000080210043", "", "gb.credit_code.length"},
		"letter O":          {"9111OOOO802100433B", "", "gb.credit_code.character"},
		"letter I":          {"91110000I02100433B", "", "gb.credit_code.character"},
		"one digit off":     {"91110000802100434B", "", "gb.credit_code.check"},
		"two swapped":       {"91110000801200433B", "", "gb.credit_code.check"},
		"Chinese":           {"统一社会信用代码统一社会信用代码统一", "", "gb.credit_code.length"},
		"empty":             {"", "", "gb.credit_code.length"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := gb.ParseCreditCode(tt.in)
			if got.Code != tt.code || errs.KeyOf(err) != tt.key {
				t.Errorf("ParseCreditCode(%q) = %+v, %v", tt.in, got, err)
			}
		})
	}
	got, err := gb.ParseCreditCode("91440300708461136T")
	want := gb.CreditCode{Code: "91440300708461136T", Department: "9", Category: "91", Division: "440300", Organisation: "708461136"}
	if err != nil || got != want {
		t.Errorf("parts = %+v, %v", got, err)
	}
}

// Numbers are made up; only their check digits are computed.
func TestIDNumber(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, number, key string }{
		"valid":            {"110101199003071233", "110101199003071233", ""},
		"leap day":         {"330106200002290010", "330106200002290010", ""},
		"lower x, spaced":  {"110105 19491231 002x", "11010519491231002X", ""},
		"Hong Kong permit": {"810000198512310027", "810000198512310027", ""},
		"fifteen digits":   {"110105491231002", "", "gb.id_number.length"},
		"letter inside":    {"1101051949123X002X", "", "gb.id_number.character"},
		"no province":      {"990101199003071233", "", "gb.id_number.region"},
		"month 13":         {"440301199913010015", "", "gb.id_number.birth"},
		"no leap year":     {"330106190002290010", "", "gb.id_number.birth"},
		"wrong check":      {"110101199003071234", "", "gb.id_number.check"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := gb.ParseIDNumber(tt.in)
			if got.Number != tt.number || errs.KeyOf(err) != tt.key {
				t.Errorf("ParseIDNumber(%q) = %+v, %v", tt.in, got, err)
			}
			if err != nil && strings.Contains(err.Error(), tt.in) {
				t.Error("the error carries the number")
			}
		})
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	n, err := gb.ParseIDNumber("330106200002290010")
	if err != nil || n.Region != "330106" {
		t.Fatal(n, err)
	}
	for day, want := range map[string]int{"2018-02-28": 17, "2018-03-01": 18, "2020-02-29": 20} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.AgeOn(at); got != want {
			t.Errorf("AgeOn(%s) = %d, want %d", day, got, want)
		}
	}
}

func TestOneWrongDigitIsNoticed(t *testing.T) {
	t.Parallel()
	const id, credit = "110101199003071233", "91110000802100433B"
	rapid.Check(t, func(t *rapid.T) {
		at, add := rapid.IntRange(0, 16).Draw(t, "at"), byte(rapid.IntRange(1, 9).Draw(t, "add"))
		wrong := func(s string) string {
			b := []byte(s)
			b[at] = '0' + (b[at]-'0'+add)%10
			return string(b)
		}
		if _, err := gb.ParseIDNumber(wrong(id)); err == nil {
			t.Fatalf("%s passes", wrong(id))
		}
		if _, err := gb.ParseCreditCode(wrong(credit)); err == nil {
			t.Fatalf("%s passes", wrong(credit))
		}
	})
}

func TestPhone(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, e164, display, mask string }{
		{"13800138000", "+8613800138000", "138 0013 8000", "138****8000"},
		{" 138-0013-8000 ", "+8613800138000", "138 0013 8000", "138****8000"},
		{"＋８６ １３８ ００１３ ８０００", "+8613800138000", "138 0013 8000", "138****8000"},
		{"0086 138 0013 8000", "+8613800138000", "138 0013 8000", "138****8000"},
		{"(0571) 87900000", "+8657187900000", "0571-8790 0000", "0571-****0000"},
		{"010-65290000", "+861065290000", "010-6529 0000", "010-****0000"},
		{"0571-87900000转8012", "+8657187900000;ext=8012", "0571-8790 0000-8012", "0571-****0000"},
		{"0571-87900000-8012", "+8657187900000;ext=8012", "0571-8790 0000-8012", "0571-****0000"},
		{"400-800-1234", "+864008001234", "400 800 1234", "400***1234"},
		{"95588", "95588", "95588", "***88"},
		{"+44 20 7183 8750", "+442071838750", "+44 20 7183 8750", "+44******8750"},
	}
	for _, tt := range tests {
		got, err := gb.NormalisePhone(tt.raw, "CN")
		if err != nil || got != tt.e164 {
			t.Errorf("NormalisePhone(%q) = %q, %v, want %q", tt.raw, got, err, tt.e164)
			continue
		}
		if again, err := gb.NormalisePhone(got, "CN"); err != nil || again != got {
			t.Errorf("the normal form %q becomes %q, %v", got, again, err)
		}
		if d := gb.DisplayPhone(got); d != tt.display {
			t.Errorf("DisplayPhone(%q) = %q, want %q", got, d, tt.display)
		}
		if m := gb.MaskPhone(got); m != tt.mask {
			t.Errorf("MaskPhone(%q) = %q, want %q", got, m, tt.mask)
		}
		if gb.IsMobile(got) != (tt.mask == "138****8000") {
			t.Errorf("IsMobile(%q)", got)
		}
	}
	for _, raw := range []string{"", "12", "abc", "1380013800", "138001380000", "87900000", "+999 123", "123456789012345678901"} {
		if got, err := gb.NormalisePhone(raw, "CN"); errs.KeyOf(err) != "gb.phone" {
			t.Errorf("NormalisePhone(%q) = %q, %v", raw, got, err)
		}
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{
		"id number":       {gb.MaskIDNumber("110101199003071233"), "110***********1233"},
		"short id":        {gb.MaskIDNumber("1234567"), "*****67"},
		"account":         {gb.MaskAccount("6222021234567890123"), "***************0123"},
		"mail":            {gb.MaskEmail("zhang.wei@example.com"), "z***@example.com"},
		"one letter mail": {gb.MaskEmail("z@example.com"), "z***@example.com"},
		"no mail":         {gb.MaskEmail("@example"), "@***"},
		"two characters":  {gb.MaskName("张伟"), "张*"},
		"three":           {gb.MaskName("张小伟"), "张**"},
		"compound":        {gb.MaskName("欧阳文山"), "欧阳**"},
		"compound alone":  {gb.MaskName("欧阳"), "欧*"},
		"Latin":           {gb.MaskName("John van Smith"), "J*** v*** S***"},
		"one character":   {gb.MaskName("张"), "张*"},
		"no name":         {gb.MaskName(" "), ""},
		"address":         {gb.MaskAddress("浙江省杭州市西湖区文三路 1 号 2 幢 301"), "浙江省杭州市西湖区****"},
		"municipality":    {gb.MaskAddress("北京市朝阳区建国路 1 号"), "北京市朝阳区****"},
		"without county":  {gb.MaskAddress("广东省东莞市长安镇 5 号"), "广东省东莞市****"},
		"by the province": {gb.MaskAddress("湖北省仙桃市沔阳大道"), "湖北省仙桃市****"},
		"loose address":   {gb.MaskAddress("文三路 1 号 2 幢"), "文三****"},
		"short address":   {gb.MaskAddress("家"), "****"},
		"no address":      {gb.MaskAddress(""), ""},
		"text":            {gb.MaskText("过敏"), "过***"},
		"short text":      {gb.MaskText("是"), "***"},
		"short phone":     {gb.MaskPhone("1"), "*"},
	}
	for name, tt := range tests {
		if tt[0] != tt[1] {
			t.Errorf("%s: %q, want %q", name, tt[0], tt[1])
		}
	}
}

func TestDivisions(t *testing.T) {
	t.Parallel()
	tree := gb.Divisions()
	for code, want := range map[string]string{
		"330106": "浙江省杭州市西湖区", "110105": "北京市朝阳区", "429004": "湖北省仙桃市", "441900": "广东省东莞市",
		"500236": "重庆市奉节县", "330000": "浙江省", "810000": "香港特别行政区", "999999": "", "": "",
	} {
		if got := tree.FullName(code); got != want {
			t.Errorf("FullName(%q) = %q, want %q", code, got, want)
		}
	}
	if n := len(tree.Children("")); n != 34 {
		t.Errorf("%d provinces, want 34", n)
	}
	if n := len(tree.Children("330100")); n != 13 {
		t.Errorf("Hangzhou has %d counties and districts, want 13", n)
	}
	if path := tree.Path("330106"); len(path) != 3 || path[0].Level() != gb.Province || path[1].Level() != gb.City || path[2].Level() != gb.County {
		t.Errorf("Path = %v", path)
	}
	if d, ok := tree.Get("330100"); !ok || d.Name != "杭州市" {
		t.Errorf("Get = %v, %t", d, ok)
	}
	reachable := 0
	var walk func(code string)
	walk = func(code string) {
		for _, d := range tree.Children(code) {
			reachable++
			if d.Name == "" || len(d.Code) != 6 {
				t.Errorf("broken line %v", d)
			}
			walk(d.Code)
		}
	}
	walk("")
	if reachable != 3351 {
		t.Errorf("%d divisions hang on the tree, want 3351", reachable)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(gb.Messages()); err != nil {
		t.Error(err)
	}
}

func BenchmarkNormalisePhone(b *testing.B) {
	for b.Loop() {
		if _, err := gb.NormalisePhone("138 0013 8000", "CN"); err != nil {
			b.Fatal(err)
		}
	}
}
