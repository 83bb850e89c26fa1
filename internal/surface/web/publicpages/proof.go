package publicpages

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"sync"
	"time"

	"dianke/internal/platform/errs"
)

const (
	proofBits  = 16            // zero bits a solution needs: some 65,000 hashes, a fraction of a second
	proofLasts = 3 * time.Hour // time to fill in the form
	proofUse   = "public_proof"
	mostSpent  = 20000 // solutions remembered at one time
)

// signer signs and checks challenges; several machines with one secret accept each other's.
type signer interface {
	Sign(message, purpose string) string
	Check(message, purpose, signature string) bool
}

// proofs makes challenges and takes each solution once. What was spent is remembered by the process that took it; the
// limit by address holds beside it.
type proofs struct {
	mu    sync.Mutex
	spent map[string]time.Time // when the challenge ends, by its nonce
}

// challenge is "<nonce>.<end>.<bits>.<signature>".
func challenge(s signer, now time.Time) (string, error) {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("challenge: %w", err)
	}
	text := fmt.Sprintf("%s.%d.%d", hex.EncodeToString(b[:]), now.Add(proofLasts).Unix(), proofBits)
	return text + "." + s.Sign(text, proofUse), nil
}

// take accepts a solution "<challenge>:<number>" once. Invalid for one that is forged, wrong, too old or spent.
func (p *proofs) take(s signer, solution string, now time.Time) error {
	chal, _, ok := strings.Cut(solution, ":")
	parts := strings.SplitN(chal, ".", 4)
	if !ok || len(solution) > 400 || len(parts) != 4 || !s.Check(strings.Join(parts[:3], "."), proofUse, parts[3]) {
		return errs.New(errs.Invalid, "public.proof.wrong")
	}
	end, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || now.Unix() > end {
		return errs.New(errs.Invalid, "public.proof.expired")
	}
	if need, err := strconv.Atoi(parts[2]); err != nil || zeros(sha256.Sum256([]byte(solution))) < need {
		return errs.New(errs.Invalid, "public.proof.wrong")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, used := p.spent[parts[0]]; used {
		return errs.New(errs.Invalid, "public.proof.replayed")
	}
	if len(p.spent) >= mostSpent {
		for nonce, ends := range p.spent {
			if now.After(ends) {
				delete(p.spent, nonce)
			}
		}
	}
	p.spent[parts[0]] = time.Unix(end, 0)
	return nil
}

// zeros counts the zero bits a hash begins with.
func zeros(h [32]byte) int {
	n := 0
	for _, b := range h {
		n += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return n
}
