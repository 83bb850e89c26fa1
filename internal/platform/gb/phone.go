package gb

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// extension is how a normal form carries the extension, after RFC 3966.
const extension = ";ext="

var (
	mobile  = regexp.MustCompile(`^1[3-9]\d{9}$`)
	hotline = regexp.MustCompile(`^(95|96|10|12)\d{3,4}$`)
	turned  = regexp.MustCompile(`(?i)(?:转|分机|ext\.?|x|#|-)\s*(\d{1,6})$`)
)

// NormalisePhone returns the E.164 form of a telephone number typed in a region (ISO 3166, "CN"), followed by ";ext="
// and the extension where one was given. Chinese hotlines of five or six digits stay as they are. The key of the error
// is gb.phone.
func NormalisePhone(raw, region string) (string, error) {
	s := strings.TrimSpace(norm.NFKC.String(raw))
	digits := compact(s)
	if region == "CN" && hotline.MatchString(digits) {
		return digits, nil
	}
	if e164, ok := parsePhone(s, region); ok {
		return e164, nil
	}
	if m := turned.FindStringSubmatchIndex(s); m != nil {
		if e164, ok := parsePhone(s[:m[0]], region); ok {
			return e164 + extension + s[m[2]:m[3]], nil
		}
	}
	return "", invalid("gb.phone")
}

func parsePhone(s, region string) (string, bool) {
	n, err := phonenumbers.Parse(s, region)
	if err != nil {
		return "", false
	}
	// Chinese carriers open new ranges faster than the metadata learns of them.
	fresh := n.GetCountryCode() == 86 && mobile.MatchString(phonenumbers.GetNationalSignificantNumber(n))
	if !fresh && !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	out := phonenumbers.Format(n, phonenumbers.E164)
	if ext := n.GetExtension(); ext != "" {
		out += extension + ext
	}
	return out, true
}

// IsMobile reports whether a normal form is a Chinese mobile number, one that can take a text message.
func IsMobile(e164 string) bool {
	national, ok := strings.CutPrefix(e164, "+86")
	return ok && mobile.MatchString(national)
}

// DisplayPhone groups a normal form for reading: 138 0013 8000, 0571-8790 0000, with the extension after a dash;
// foreign numbers in the international format. What is no normal form is returned as it is.
func DisplayPhone(e164 string) string {
	number, ext, _ := strings.Cut(e164, extension)
	if ext != "" {
		ext = "-" + ext
	}
	national, chinese := strings.CutPrefix(number, "+86")
	if chinese {
		return groupChinese(national) + ext
	}
	n, err := phonenumbers.Parse(number, "ZZ")
	if err != nil {
		return e164
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL) + ext
}

func groupChinese(national string) string {
	switch {
	case mobile.MatchString(national):
		return national[:3] + " " + national[3:7] + " " + national[7:]
	case isService(national):
		return national[:3] + " " + national[3:6] + " " + national[6:]
	}
	area, local := splitArea(national)
	if len(local) < 5 {
		return national
	}
	return "0" + area + "-" + local[:len(local)-4] + " " + local[len(local)-4:]
}

// isService tells the numbers of companies without area, 400 and 800.
func isService(national string) bool {
	return len(national) == 10 && (national[:3] == "400" || national[:3] == "800")
}

// splitArea parts a landline: Beijing (10) and the codes under 2 have two digits, all others three.
func splitArea(national string) (area, local string) {
	n := 3
	if strings.HasPrefix(national, "10") || strings.HasPrefix(national, "2") {
		n = 2
	}
	if len(national) < n {
		return "", national
	}
	return national[:n], national[n:]
}
