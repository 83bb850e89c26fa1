package identity

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

const (
	maxPasskeys    = 10
	maxPasskeyName = 60
)

// Passkey is a key a person has on a device or in a manager of passwords.
type Passkey struct {
	ID      record.ID
	Name    string
	Created time.Time
	Used    time.Time // zero if never
}

// relyingParty is this site as passkeys know it. They are bound to a name: an IP address has none (WebAuthn, section
// 5.1.2), and then there are no passkeys.
func relyingParty(site string) *webauthn.WebAuthn {
	u, err := url.Parse(site)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "典客 Dianke", RPOrigins: []string{u.Scheme + "://" + u.Host}, AttestationPreference: protocol.PreferNoAttestation,
	})
	if err != nil {
		return nil
	}
	return w
}

// HasPasskeys reports whether this site can have passkeys at all.
func (s *Service) HasPasskeys() bool { return s.passkey != nil }

// keyholder is a person as the library asks for him.
type keyholder struct {
	id          record.ID
	login, name string
	keys        []webauthn.Credential
}

// WebAuthnID implements [webauthn.User].
func (k keyholder) WebAuthnID() []byte { return binary.BigEndian.AppendUint64(nil, uint64(k.id)) }

// WebAuthnName implements [webauthn.User].
func (k keyholder) WebAuthnName() string { return k.login }

// WebAuthnDisplayName implements [webauthn.User].
func (k keyholder) WebAuthnDisplayName() string { return k.name }

// WebAuthnCredentials implements [webauthn.User].
func (k keyholder) WebAuthnCredentials() []webauthn.Credential { return k.keys }

func keyholderOf(ctx context.Context, tx *db.Tx, user record.ID) (keyholder, error) {
	k := keyholder{id: user}
	err := tx.QueryRow(ctx, "SELECT login, name FROM users WHERE id = ? AND archived_at IS NULL AND status = 'active'", user).Scan(&k.login, &k.name)
	if db.IsNoRows(err) {
		return k, errs.New(errs.NotFound, "access.no_account")
	}
	if err != nil {
		return k, fmt.Errorf("read person: %w", err)
	}
	err = tx.Each(ctx, "SELECT data FROM passkeys WHERE user_id = ? ORDER BY id LIMIT 100", []any{user}, func(r *sql.Rows) error {
		var data string
		if err := r.Scan(&data); err != nil {
			return err
		}
		k.keys = append(k.keys, webauthn.Credential{})
		return json.Unmarshal([]byte(data), &k.keys[len(k.keys)-1])
	})
	if err != nil {
		return k, fmt.Errorf("read passkeys: %w", err)
	}
	return k, nil
}

func (s *Service) keyholder(ctx context.Context, user record.ID) (keyholder, error) {
	if s.passkey == nil {
		return keyholder{}, errs.New(errs.Conflict, "identity.passkey.site")
	}
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) (keyholder, error) { return keyholderOf(ctx, tx, user) })
}

// ceremony writes what the browser is asked and what its answer is held against.
func ceremony(options any, session *webauthn.SessionData, err error) ([]byte, string, error) {
	if err != nil {
		return nil, "", fmt.Errorf("begin passkey: %w", err)
	}
	asked, err := json.Marshal(options)
	if err != nil {
		return nil, "", fmt.Errorf("begin passkey: %w", err)
	}
	state, err := json.Marshal(session)
	if err != nil {
		return nil, "", fmt.Errorf("begin passkey: %w", err)
	}
	return asked, string(state), nil
}

// BeginPasskey returns the options for navigator.credentials.create and the state for [Service.AddPasskey].
func (s *Service) BeginPasskey(ctx context.Context, by record.Actor) (options []byte, state string, err error) {
	if by.Scopes != nil {
		return nil, "", errs.New(errs.Forbidden, "identity.by_token")
	}
	k, err := s.keyholder(ctx, by.UserID)
	if err != nil {
		return nil, "", err
	}
	if len(k.keys) >= maxPasskeys {
		return nil, "", errs.New(errs.Conflict, "identity.passkey.too_many").With("max", maxPasskeys)
	}
	o, session, err := s.passkey.BeginRegistration(k,
		webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired), webauthn.WithExclusions(webauthn.Credentials(k.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		}))
	return ceremony(o, session, err)
}

// AddPasskey stores what the browser answered under a name, and returns the recovery codes where the person had none: they
// can be shown only now. An answer that does not fit is Invalid.
func (s *Service) AddPasskey(ctx context.Context, by record.Actor, state, name string, answer []byte) ([]string, error) {
	k, err := s.keyholder(ctx, by.UserID)
	if err != nil {
		return nil, err
	}
	if name, err = passkeyName(name); err != nil {
		return nil, err
	}
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(state), &session); err != nil {
		return nil, errs.New(errs.Invalid, "identity.ceremony.over").Because(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, errs.New(errs.Invalid, "identity.passkey.wrong").Because(err)
	}
	cred, err := s.passkey.CreateCredential(k, session, parsed)
	if err != nil {
		return nil, errs.New(errs.Invalid, "identity.passkey.wrong").Because(err)
	}
	data, err := json.Marshal(cred)
	if err != nil {
		return nil, fmt.Errorf("store passkey: %w", err)
	}
	var codes []string
	err = db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "INSERT INTO passkeys (id, user_id, credential, name, data, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (credential) DO NOTHING",
			s.runner.Store.IDs.Next(), by.UserID, base64.RawURLEncoding.EncodeToString(cred.ID), name, string(data), s.now())
		if err != nil {
			return fmt.Errorf("store passkey: %w", err)
		}
		if n == 0 {
			return errs.New(errs.Conflict, "identity.passkey.known")
		}
		if codes, err = s.firstCodes(ctx, tx, by); err != nil {
			return err
		}
		return s.log(ctx, tx, "factor.add", by, by.UserID, map[string]any{"kind": "passkey"})
	})
	if err != nil {
		return nil, err
	}
	s.tell(ctx, by.UserID, Told{Key: "identity.told.passkey", Mail: true})
	return codes, nil
}

func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || len([]rune(name)) > maxPasskeyName {
		return "", errs.Of("name", "identity.passkey.name").With("max", maxPasskeyName)
	}
	return name, nil
}

func passkeysOf(ctx context.Context, tx *db.Tx, user record.ID) ([]Passkey, error) {
	var out []Passkey
	err := tx.Each(ctx, "SELECT id, name, created_at, used_at FROM passkeys WHERE user_id = ? ORDER BY id LIMIT 100", []any{user}, func(r *sql.Rows) error {
		var k Passkey
		err := r.Scan(&k.ID, &k.Name, db.Time(&k.Created), db.Time(&k.Used))
		out = append(out, k)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	return out, nil
}

// RenamePasskey gives a passkey of one's own another name.
func (s *Service) RenamePasskey(ctx context.Context, by record.Actor, id record.ID, name string) error {
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE passkeys SET name = ? WHERE id = ? AND user_id = ?", name, id, by.UserID)
		if err == nil && n == 0 {
			err = errs.New(errs.NotFound, "identity.factor.none")
		}
		return err
	})
}

// RemovePasskey removes one's own; Conflict where the person's role needs a second factor and this is the last.
func (s *Service) RemovePasskey(ctx context.Context, by record.Actor, id record.ID) error {
	return s.loseFactor(ctx, by, "passkey", func(tx *db.Tx) (int64, error) {
		return tx.Exec(ctx, "DELETE FROM passkeys WHERE id = ? AND user_id = ?", id, by.UserID)
	})
}

// AskPasskey returns the options for navigator.credentials.get and the state for [Service.ByPasskey]: of a person, as his
// second factor, or of whoever is there with user zero. The device has to know who uses it in any case.
func (s *Service) AskPasskey(ctx context.Context, user record.ID) (options []byte, state string, err error) {
	if s.passkey == nil {
		return nil, "", errs.New(errs.Conflict, "identity.passkey.site")
	}
	verify := webauthn.WithUserVerification(protocol.VerificationRequired)
	if user == 0 {
		o, session, err := s.passkey.BeginDiscoverableLogin(verify)
		return ceremony(o, session, err)
	}
	k, err := s.keyholder(ctx, user)
	if err != nil {
		return nil, "", err
	}
	if len(k.keys) == 0 {
		return nil, "", errs.New(errs.Conflict, "identity.factor.none")
	}
	o, session, err := s.passkey.BeginLogin(k, verify)
	return ceremony(o, session, err)
}

// ByPasskey checks what the browser answered and returns whose passkey it was; user is who it has to be, zero for
// anybody. Whatever is wrong, the error is the same (Unauthenticated) and counts against the address (TooMany).
func (s *Service) ByPasskey(ctx context.Context, state string, answer []byte, user record.ID, from Client) (SignedIn, error) {
	if s.passkey == nil {
		return SignedIn{}, errs.New(errs.Conflict, "identity.passkey.site")
	}
	list := addressOnly(from)
	counts, err := s.reserve(ctx, list)
	if err != nil {
		return SignedIn{}, err
	}
	who, cred, err := s.assert(ctx, state, answer, user)
	if err != nil {
		if errs.As(err) == nil {
			return SignedIn{}, err
		}
		if len(counts) > 0 {
			if err := s.refused(ctx, user, "passkey", counts[0], from); err != nil {
				return SignedIn{}, err
			}
		}
		return SignedIn{}, err
	}
	data, err := json.Marshal(cred)
	if err != nil {
		return SignedIn{}, fmt.Errorf("store passkey: %w", err)
	}
	in := SignedIn{User: who, Factor: true, Method: "passkey"}
	return in, db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE passkeys SET data = ?, used_at = ? WHERE credential = ? AND user_id = ?",
			string(data), s.now(), base64.RawURLEncoding.EncodeToString(cred.ID), who)
		if err != nil {
			return fmt.Errorf("store passkey: %w", err)
		}
		if n == 0 {
			return errs.New(errs.Unauthenticated, "identity.passkey.wrong")
		}
		for _, sub := range list {
			if _, err := tx.Exec(ctx, "UPDATE login_attempts SET failures = failures - 1, blocked_until = NULL WHERE subject = ? AND failures > 0", sub.key); err != nil {
				return fmt.Errorf("release attempts: %w", err)
			}
		}
		return nil
	})
}

// assert checks signature, challenge, origin and counter. A counter that ran backwards is a copied key and refused.
func (s *Service) assert(ctx context.Context, state string, answer []byte, user record.ID) (record.ID, *webauthn.Credential, error) {
	wrong := errs.New(errs.Unauthenticated, "identity.passkey.wrong")
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(state), &session); err != nil {
		return 0, nil, wrong
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return 0, nil, wrong.Because(err)
	}
	var who keyholder
	var cred *webauthn.Credential
	if user != 0 {
		if who, err = s.keyholder(ctx, user); err != nil {
			return 0, nil, err
		}
		cred, err = s.passkey.ValidateLogin(who, session, parsed)
	} else {
		cred, err = s.passkey.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
			if len(handle) != 8 {
				return nil, wrong
			}
			var err error
			who, err = s.keyholder(ctx, record.ID(binary.BigEndian.Uint64(handle)))
			return who, err
		}, session, parsed)
	}
	if err != nil || cred.Authenticator.CloneWarning {
		return 0, nil, wrong.Because(err)
	}
	return who.id, cred, nil
}
