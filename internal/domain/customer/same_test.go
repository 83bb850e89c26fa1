package customer_test

import "testing"

func TestSameNumberFindsWhoMayBeTheSame(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		one := b.company(t, b.li, map[string]any{"name": "远山商贸", "mobile": "13900139000", "phone": "", "mail": "", "credit_code": ""})
		if got := b.fact(t, "same_number", one); got != int64(0) {
			t.Fatalf("alone: %v", got)
		}
		b.company(t, b.li, map[string]any{"name": "远山贸易", "phone": "13900139000", "mobile": "", "mail": "", "credit_code": ""})
		b.company(t, b.li, map[string]any{"name": "近水商贸", "mobile": "13900139001", "phone": "", "mail": "", "credit_code": ""})
		if got := b.fact(t, "same_number", one); got != int64(1) {
			t.Errorf("same_number = %v, want 1", got)
		}
	})
}
