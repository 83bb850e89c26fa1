// Package vault encrypts what must not lie readable in the database.
//
// Keys derive from one secret of the instance. [Keys.Seal] is authenticated encryption bound to the place the value
// stands in, so that a sealed value copied to another record does not open there. [Keys.Blind] is a keyed hash for
// equality search. [Keys.Sign] makes and checks the signatures of public links. The secret never leaves the process.
package vault

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// ErrOpen says that a sealed value was made with another key, for another place, or was changed.
var ErrOpen = errors.New("sealed value does not open")

// Keys are the keys of one instance. They are safe for concurrent use.
type Keys struct {
	aead  *subtle.XChaCha20Poly1305
	blind []byte
	sign  []byte
}

// New derives the keys from a secret of at least 32 bytes.
func New(secret []byte) (*Keys, error) {
	if len(secret) < 32 {
		return nil, fmt.Errorf("secret has %d bytes, want at least 32", len(secret))
	}
	derive := func(purpose string) []byte {
		key, err := hkdf.Key(sha256.New, secret, nil, "dianke "+purpose, 32)
		if err != nil {
			panic(err) // only for lengths beyond what SHA-256 can give
		}
		return key
	}
	aead, err := subtle.NewXChaCha20Poly1305(derive("seal 1"))
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return &Keys{aead: aead, blind: derive("blind 1"), sign: derive("sign 1")}, nil
}

const version = "v1:" // names the key, so that a later one can stand beside it

// Seal encrypts plain for the place. The empty text stays empty.
func (k *Keys) Seal(plain, place string) (string, error) {
	if plain == "" {
		return "", nil
	}
	b, err := k.aead.Encrypt([]byte(plain), []byte(place))
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	return version + base64.RawStdEncoding.EncodeToString(b), nil
}

// Open decrypts what Seal made for the same place; any other text gives [ErrOpen].
func (k *Keys) Open(sealed, place string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	text, ok := strings.CutPrefix(sealed, version)
	if !ok {
		return "", ErrOpen
	}
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", ErrOpen
	}
	plain, err := k.aead.Decrypt(b, []byte(place))
	if err != nil {
		return "", ErrOpen
	}
	return string(plain), nil
}

// Blind returns 32 hex digits that are equal for equal values of the same purpose and tell nothing else.
func (k *Keys) Blind(value, purpose string) string {
	return hex.EncodeToString(mac(k.blind, purpose, value)[:16])
}

// Sign returns the signature of the message for the purpose, 43 characters safe in an address.
func (k *Keys) Sign(message, purpose string) string {
	return base64.RawURLEncoding.EncodeToString(mac(k.sign, purpose, message))
}

// Check reports whether the signature belongs to the message, in constant time.
func (k *Keys) Check(message, purpose, signature string) bool {
	return hmac.Equal([]byte(k.Sign(message, purpose)), []byte(signature))
}

func mac(key []byte, purpose, message string) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%d:%s\x00", len(purpose), purpose)
	h.Write([]byte(message))
	return h.Sum(nil)
}
