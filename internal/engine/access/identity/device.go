package identity

import (
	"context"
	"crypto/rand"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

const deviceKey = "identity.device"

// Device returns what a browser keeps to be recognised at the person's next sign-in. It opens nothing: it only has wrong
// passwords typed elsewhere not count against this machine.
func (s *Service) Device(ctx context.Context, user record.ID) (string, error) {
	login, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (string, error) { return loginOf(ctx, tx, user) })
	if err != nil {
		return "", err
	}
	nonce := strings.ToLower(rand.Text())
	return nonce + "." + s.runner.Store.Keys.Sign(fold(login)+"\x00"+nonce, deviceKey), nil
}

// knownDevice returns the word by which attempts of the device are counted; empty where it is none of this name.
func (s *Service) knownDevice(login, device string) string {
	nonce, sig, ok := strings.Cut(device, ".")
	if !ok || len(device) > 200 || s.runner.Store.Keys == nil || !s.runner.Store.Keys.Check(login+"\x00"+nonce, deviceKey, sig) {
		return ""
	}
	return nonce
}
