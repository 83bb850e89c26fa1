package gb

import "strings"

// creditAlphabet is the character set of GB 32100-2015; the place of a character is its value. I, O, S, V and Z are not
// used.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CreditCode is a unified social credit code in its parts (GB 32100-2015, 5).
type CreditCode struct {
	Code         string // all 18 characters in upper case
	Department   string // registering department: 9 is market regulation, 5 civil affairs, 1 the organisation office …
	Category     string // kind of body within the department; together with it 91 is an enterprise, 92 a sole trader
	Division     string // six digits of GB/T 2260 of the registering office, as it was at registration
	Organisation string // nine characters of the organisation code, GB 11714
}

// ParseCreditCode reads a unified social credit code. Keys: gb.credit_code.length, gb.credit_code.character,
// gb.credit_code.check.
func ParseCreditCode(s string) (CreditCode, error) {
	code := compact(s)
	if len(code) != 18 {
		return CreditCode{}, invalid("gb.credit_code.length")
	}
	for i := range len(code) {
		digit := code[i] >= '0' && code[i] <= '9'
		if strings.IndexByte(creditAlphabet, code[i]) < 0 || i >= 2 && i < 8 && !digit {
			return CreditCode{}, invalid("gb.credit_code.character")
		}
	}
	if creditCheck(code[:17]) != code[17] {
		return CreditCode{}, invalid("gb.credit_code.check")
	}
	return CreditCode{code, code[:1], code[:2], code[2:8], code[8:17]}, nil
}

// creditCheck computes the eighteenth character: weights are the powers of 3 modulo 31.
func creditCheck(code string) byte {
	sum, weight := 0, 1
	for i := range len(code) {
		sum += strings.IndexByte(creditAlphabet, code[i]) * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31]
}
