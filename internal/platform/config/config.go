// Package config reads the settings of one process.
//
// They come from environment variables named DIANKE_…, are checked at once, and never change afterwards. A variable
// nobody knows is an error, since a mistyped name would otherwise be a setting silently left out. Errors and String
// show no passwords. The texts are for whoever runs the process, on the command line, and are English only. Settings
// of an organisation are records, not configuration.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // DIANKE_ZONE must work on machines without a zone database

	"dianke/internal/platform/backup"
)

const prefix = "DIANKE_"

// Config holds the settings, checked and with defaults filled in.
type Config struct {
	DataDir        string         // DIANKE_DATA_DIR: database, files, backups, secret; default ./data
	Database       string         // DIANKE_DATABASE: postgres://…; empty is SQLite in the data directory
	Listen         string         // DIANKE_LISTEN: host:port; default 127.0.0.1:8420
	BaseURL        string         // DIANKE_BASE_URL: as visitors see it, without a slash at the end; default http://<Listen>
	SMTP           string         // DIANKE_SMTP: smtp://user:password@host:587; empty writes mail into the data directory
	MailFrom       string         // DIANKE_MAIL_FROM: address messages come from; default dianke@<host of the base URL>
	Zone           *time.Location // DIANKE_ZONE: default Asia/Shanghai
	SecretFile     string         // DIANKE_SECRET_FILE: default secret in the data directory; see LoadOrCreateSecret
	LogLevel       slog.Level     // DIANKE_LOG_LEVEL: debug, info, warn, error; default info
	LogFormat      string         // DIANKE_LOG_FORMAT: text or json; default text
	TrustedProxies []netip.Prefix // DIANKE_TRUSTED_PROXIES: addresses or networks whose X-Forwarded-For counts, by comma
	OIDCFile       string         // DIANKE_OIDC_FILE: YAML with the providers that may sign people in; empty for none
	BreachLists    []string       // DIANKE_BREACH_LIST: files of published passwords, by comma; empty for none
	APIRate        int            // DIANKE_API_RATE: requests a second one person may send to the interface, three times as many at once; default 20
	Node           int            // DIANKE_NODE: 0 to 1023, different for each process on one database
	MailListen     []string       // DIANKE_MAIL_LISTEN: smtp://host:port and lmtp://host:port or lmtp:///socket, by comma; empty takes no mail in
	Maildir        string         // DIANKE_MAILDIR: a maildir that is read; empty for none
	MailMost       int64          // DIANKE_MAIL_MOST: megabytes of one message taken in; default 50
	BackupTo       string         // DIANKE_BACKUP_TO: directory or s3://…; default backups in the data directory, see BackupPlace
	BackupAt       backup.Daily   // DIANKE_BACKUP_AT: times of day in the zone, by comma; empty makes none by itself
	BackupKeep     backup.Rule    // DIANKE_BACKUP_KEEP: default daily=7,weekly=4,monthly=6
	BackupKeyFile  string         // DIANKE_BACKUP_KEY_FILE: keys of age or a passphrase; empty leaves backups readable
	Outbound       []netip.Prefix // DIANKE_OUTBOUND_ALLOW: private addresses or networks that webhooks and robots may reach, by comma
}

// setting is one variable: how it is read into the configuration, and what stands for it where it is not set.
type setting struct {
	name     string
	fallback string
	read     func(c *Config, value string) error
}

// settings are in the order of dependence: the base URL needs the address to listen on.
func settings() []setting {
	return []setting{
		{"DATA_DIR", "data", func(c *Config, v string) error { c.DataDir = v; return nil }},
		{"DATABASE", "", readDatabase},
		{"LISTEN", "127.0.0.1:8420", readListen},
		{"BASE_URL", "", readBaseURL},
		{"SMTP", "", readSMTP},
		{"MAIL_FROM", "", readMailFrom},
		{"ZONE", "Asia/Shanghai", readZone},
		{"SECRET_FILE", "", readSecretFile},
		{"LOG_LEVEL", "info", func(c *Config, v string) error { return c.LogLevel.UnmarshalText([]byte(v)) }},
		{"LOG_FORMAT", "text", readLogFormat},
		{"TRUSTED_PROXIES", "", readProxies},
		{"OIDC_FILE", "", func(c *Config, v string) error { c.OIDCFile = v; return nil }},
		{"BREACH_LIST", "", readBreachLists},
		{"API_RATE", "20", readAPIRate},
		{"NODE", "0", readNode},
		{"MAIL_LISTEN", "", readMailListen},
		{"MAILDIR", "", func(c *Config, v string) error { c.Maildir = v; return nil }},
		{"MAIL_MOST", "50", readMailMost},
		{"OUTBOUND_ALLOW", "", readOutbound},
		{"BACKUP_TO", "", func(c *Config, v string) error { c.BackupTo = v; return nil }},
		{"BACKUP_AT", "", func(c *Config, v string) (err error) { c.BackupAt, err = backup.ParseDaily(v); return err }},
		{"BACKUP_KEEP", "daily=7,weekly=4,monthly=6", func(c *Config, v string) (err error) { c.BackupKeep, err = backup.ParseRule(v); return err }},
		{"BACKUP_KEY_FILE", "", func(c *Config, v string) error { c.BackupKeyFile = v; return nil }},
	}
}

// Names returns the variables that are known, in the order of the documentation.
func Names() []string {
	var out []string
	for _, s := range settings() {
		out = append(out, prefix+s.name)
	}
	return out
}

// Load reads variables in the form of os.Environ. An empty value counts as not set. All faults are reported together.
// Variables for tests, DIANKE_TEST_…, are passed over.
func Load(environ []string) (Config, error) {
	values, faults := collect(environ)
	var c Config
	for _, s := range settings() {
		v := values[prefix+s.name]
		if v == "" {
			v = s.fallback
		}
		if err := s.read(&c, v); err != nil {
			faults = append(faults, fmt.Errorf("%s%s: %w", prefix, s.name, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	return c, nil
}

func collect(environ []string) (map[string]string, []error) {
	values, known := map[string]string{}, Names()
	var faults []error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, prefix+"TEST_"):
		case slices.Contains(known, name):
			values[name] = strings.TrimSpace(value)
		default:
			faults = append(faults, fmt.Errorf("%s is not known; did you mean %s?", name, nearest(name, known)))
		}
	}
	return values, faults
}

// nearest returns the known name with the fewest letters to change.
func nearest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// distance is the number of single letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func readDatabase(c *Config, v string) error {
	u, err := url.Parse(v)
	if v != "" && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Hostname() == "" && u.Query().Get("host") == "") {
		return errors.New("must be empty for SQLite, or postgres://user:password@host/name")
	}
	c.Database = v
	return nil
}

func readListen(c *Config, v string) error {
	_, port, err := net.SplitHostPort(v)
	if n, errPort := strconv.Atoi(port); err != nil || errPort != nil || n < 0 || n > 65535 {
		return errors.New("must be host:port, such as 127.0.0.1:8420 or :8420")
	}
	c.Listen = v
	return nil
}

func readBaseURL(c *Config, v string) error {
	if v == "" {
		v = "http://" + localhost(c.Listen)
	}
	u, err := url.Parse(strings.TrimRight(v, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("must be http://host or https://host, with a path at most")
	}
	c.BaseURL = u.String()
	return nil
}

// localhost gives an address a browser on the same machine can open.
func localhost(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func readSMTP(c *Config, v string) error {
	u, err := url.Parse(v)
	if v != "" && (err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "") {
		return errors.New("must be smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	c.SMTP = v
	return nil
}

func readMailFrom(c *Config, v string) error {
	if v == "" {
		host := "localhost"
		if u, err := url.Parse(c.BaseURL); err == nil && u.Hostname() != "" {
			host = u.Hostname()
		}
		if _, err := netip.ParseAddr(host); err == nil {
			host = "localhost"
		}
		v = "dianke@" + host
	}
	if local, domain, ok := strings.Cut(v, "@"); !ok || local == "" || domain == "" || strings.ContainsAny(v, " \t\r\n<>,") {
		return errors.New("must be a bare mail address")
	}
	c.MailFrom = v
	return nil
}

func readZone(c *Config, v string) error {
	loc, err := time.LoadLocation(v)
	if err != nil || v == "Local" {
		return errors.New("must be the name of a time zone, such as Asia/Shanghai")
	}
	c.Zone = loc
	return nil
}

func readSecretFile(c *Config, v string) error {
	if v == "" {
		v = filepath.Join(c.DataDir, "secret")
	}
	c.SecretFile = v
	return nil
}

func readLogFormat(c *Config, v string) error {
	if v != "text" && v != "json" {
		return errors.New("must be text or json")
	}
	c.LogFormat = v
	return nil
}

func readProxies(c *Config, v string) (err error) {
	c.TrustedProxies, err = networks(v)
	return err
}

func readOutbound(c *Config, v string) (err error) {
	c.Outbound, err = networks(v)
	return err
}

// networks reads addresses and networks, apart by comma.
func networks(v string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		network, err := netip.ParsePrefix(part)
		if addr, errAddr := netip.ParseAddr(part); errAddr == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, errors.New("must be addresses or networks such as 10.0.0.0/8, apart by comma")
		}
		out = append(out, network.Masked())
	}
	return out, nil
}

func readMailListen(c *Config, v string) error {
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		u, err := url.Parse(part)
		socket := err == nil && u.Scheme == "lmtp" && u.Host == "" && strings.HasPrefix(u.Path, "/")
		if err != nil || !socket && (u.Scheme != "smtp" && u.Scheme != "lmtp" || u.Port() == "" || u.Path != "") {
			return errors.New("must be smtp://host:port, lmtp://host:port or lmtp:///path/of/socket, apart by comma")
		}
		c.MailListen = append(c.MailListen, part)
	}
	return nil
}

func readMailMost(c *Config, v string) error {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 || n > 200 {
		return errors.New("must be a number of megabytes from 1 to 200")
	}
	c.MailMost = n << 20
	return nil
}

func readBreachLists(c *Config, v string) error {
	for part := range strings.SplitSeq(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			c.BreachLists = append(c.BreachLists, part)
		}
	}
	return nil
}

func readAPIRate(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return errors.New("must be a whole number of at least 1")
	}
	c.APIRate = n
	return nil
}

func readNode(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 1023 {
		return errors.New("must be a number from 0 to 1023")
	}
	c.Node = n
	return nil
}

// IsPostgres reports whether the data is on a PostgreSQL server.
func (c Config) IsPostgres() bool { return c.Database != "" }

// DatabaseFile returns the path of the SQLite database.
func (c Config) DatabaseFile() string { return filepath.Join(c.DataDir, "dianke.db") }

// BlobDir returns the directory of stored files.
func (c Config) BlobDir() string { return filepath.Join(c.DataDir, "files") }

// BackupPlace returns where backups are kept: a directory, or the address of a bucket.
func (c Config) BackupPlace() string {
	if c.BackupTo != "" {
		return c.BackupTo
	}
	return filepath.Join(c.DataDir, "backups")
}

// MailDir returns the directory messages are written to without a mail server.
func (c Config) MailDir() string { return filepath.Join(c.DataDir, "mail") }

// String returns the settings for the log, passwords left out.
func (c Config) String() string {
	database := "sqlite:" + c.DatabaseFile()
	if c.IsPostgres() {
		database = withoutSecrets(c.Database)
	}
	return fmt.Sprintf("data_dir=%s database=%s listen=%s base_url=%s smtp=%s zone=%s node=%d",
		c.DataDir, database, c.Listen, c.BaseURL, withoutSecrets(c.SMTP), c.Zone, c.Node)
}

// GoString is String, so that %#v shows no passwords either.
func (c Config) GoString() string { return c.String() }

// LogValue is String, so that a logged configuration shows no passwords.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// withoutSecrets drops the user and the query, which may hold a password too.
func withoutSecrets(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(unreadable)"
	}
	if raw == "" {
		return "none"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
