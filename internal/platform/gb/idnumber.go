package gb

import (
	"strconv"
	"time"
)

// IDNumber is a resident identity number in its parts (GB 11643-1999).
type IDNumber struct {
	Number string    // 18 characters, X in upper case
	Region string    // six digits of GB/T 2260 as they were when the number was given; the county may be gone since
	Birth  time.Time // midnight UTC of the day of birth
}

// ParseIDNumber reads a resident identity number or the number of a residence permit for people from Hong Kong, Macao
// and Taiwan. Whether the day of birth lies in the past is for the caller, who has a clock. Keys: gb.id_number.length,
// gb.id_number.character, gb.id_number.region, gb.id_number.birth, gb.id_number.check.
func ParseIDNumber(s string) (IDNumber, error) {
	number := compact(s)
	if len(number) != 18 {
		return IDNumber{}, invalid("gb.id_number.length")
	}
	for i := range len(number) {
		if (number[i] < '0' || number[i] > '9') && !(i == 17 && number[i] == 'X') {
			return IDNumber{}, invalid("gb.id_number.character")
		}
	}
	if !isProvince(number[:2]) {
		return IDNumber{}, invalid("gb.id_number.region")
	}
	birth, err := time.Parse("20060102", number[6:14])
	if err != nil || birth.Year() < 1850 {
		return IDNumber{}, invalid("gb.id_number.birth")
	}
	if idCheck(number[:17]) != number[17] {
		return IDNumber{}, invalid("gb.id_number.check")
	}
	return IDNumber{number, number[:6], birth}, nil
}

// idCheck computes the last character by ISO 7064, MOD 11-2.
func idCheck(digits string) byte {
	sum := 0
	for i := range len(digits) {
		sum = (sum + int(digits[i]-'0')) * 2 % 11
	}
	return "10X98765432"[sum]
}

// isProvince knows the codes of provinces and, beyond GB/T 2260, 83: residence permits for people from Taiwan.
func isProvince(two string) bool {
	if two == "83" {
		return true
	}
	_, ok := Divisions().Get(two + "0000")
	return ok
}

// AgeOn returns the completed years of age on the day of t, in the location of t.
func (n IDNumber) AgeOn(t time.Time) int {
	age := t.Year() - n.Birth.Year()
	if before, _ := strconv.Atoi(t.Format("0102")); before < int(n.Birth.Month())*100+n.Birth.Day() {
		age--
	}
	return age
}
