package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const (
	secretBytes  = 32
	secretLength = 43 // characters of 32 bytes in base 62
)

// newSecret returns 32 random bytes in base 62.
func newSecret() (string, error) {
	var b [secretBytes]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	n, sixtyTwo, rest := new(big.Int).SetBytes(b[:]), big.NewInt(62), new(big.Int)
	out := make([]byte, secretLength)
	for i := secretLength - 1; i >= 0; i-- {
		n.DivMod(n, sixtyTwo, rest)
		out[i] = base62[rest.Int64()]
	}
	return string(out), nil
}

// sum is what is stored of a secret. A fast hash is enough: the secret has 256 random bits.
func sum(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}
