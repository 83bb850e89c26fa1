package federated

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Config is one provider in the file that DIANKE_OIDC_FILE names.
type Config struct {
	Key         string   `yaml:"key"`    // in addresses and links to accounts; never changed later
	Label       string   `yaml:"label"`  // on the button
	Issuer      string   `yaml:"issuer"` // https, or http on this machine
	ClientID    string   `yaml:"client_id"`
	Secret      string   `yaml:"client_secret"`
	SecretFile  string   `yaml:"client_secret_file"`
	Scopes      []string `yaml:"scopes"`              // beside openid; profile and email where left out
	LinkByMail  bool     `yaml:"link_by_mail"`        // an account with the same mail address, verified by the provider, is linked
	TrustFactor bool     `yaml:"trust_second_factor"` // what the provider asked beside a password counts here
	Create      *Create  `yaml:"create"`              // unknown people get an account; nil for none
}

// Create says what post a person gets whom the provider knows and the instance does not.
type Create struct {
	Post string `yaml:"post"` // key
	Unit string `yaml:"unit"` // key; the company where empty
}

var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,30}$`)

// Load reads the providers of a file. All faults are reported together, without secrets.
func Load(path string) ([]*Provider, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("providers of sign-in: %w", err)
	}
	var file struct {
		Providers []Config `yaml:"providers"`
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("providers of sign-in in %s: %w", path, err)
	}
	var out []*Provider
	var faults []error
	seen := map[string]bool{}
	for i, c := range file.Providers {
		err := c.complete()
		if err == nil && seen[c.Key] {
			err = errors.New("the key stands for another provider already")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("provider %d (%s): %w", i+1, c.Key, err))
			continue
		}
		seen[c.Key] = true
		out = append(out, New(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("providers of sign-in in %s: %w", path, err)
	}
	return out, nil
}

// complete fills in what may be left out and says what may not.
func (c *Config) complete() error {
	c.Issuer = strings.TrimSpace(c.Issuer)
	u, err := url.Parse(c.Issuer)
	local := err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
	switch {
	case !keyPattern.MatchString(c.Key):
		return errors.New("key must be lower-case letters, digits, - and _")
	case err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !local):
		return errors.New("issuer must be an https address")
	case c.ClientID == "":
		return errors.New("client_id is missing")
	case c.Secret != "" && c.SecretFile != "":
		return errors.New("give client_secret or client_secret_file, not both")
	case c.Create != nil && c.Create.Post == "":
		return errors.New("create needs the key of a post")
	}
	if c.SecretFile != "" {
		b, err := os.ReadFile(c.SecretFile)
		if err != nil {
			return fmt.Errorf("client_secret_file: %w", err)
		}
		c.Secret = strings.TrimSpace(string(b))
	}
	if c.Label == "" {
		c.Label = c.Key
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"profile", "email"}
	}
	return nil
}
