package customer

import (
	"dianke/internal/engine/duplicate"
	"dianke/internal/engine/record"
)

// Likeness says what makes two customers alike. Companies of different credit codes are different however they are called.
func Likeness() duplicate.Profile {
	return duplicate.Profile{
		Type: "customer", Names: []string{"name", "short_name"}, Apart: []string{"kind"},
		Same: []duplicate.Evidence{
			{Fields: []string{"credit_code"}, Weight: 100, Against: 60}, {Fields: []string{"id_card"}, Weight: 100, Against: 100},
			{Fields: []string{"mobile", "phone"}, Weight: 60}, {Fields: []string{"mail"}, Weight: 50},
		},
		Company: func(e record.Entity) bool { return e.(*Customer).Kind != Person },
	}
}
