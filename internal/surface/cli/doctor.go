package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"dianke/internal/app"
	"dianke/internal/engine/pack"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/packs"
)

type doctorCmd struct{}

// Run makes every check, says what to do about each that fails, and ends with exit code 1 where one did.
func (doctorCmd) Run(ctx context.Context, s *shell) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	bad := 0
	for _, check := range []struct {
		name string
		do   func(ctx context.Context, cfg config.Config) (string, error)
	}{
		{"data directory", dataDir}, {"secret", secret}, {"database", database}, {"backups", backupsAreMade}, {"packs", inPacks}, {"record types", inTypes},
	} {
		said, err := check.do(ctx, cfg)
		if err != nil {
			bad++
			s.say("✗ %s: %s", check.name, s.words(err))
			continue
		}
		s.say("✓ %s: %s", check.name, said)
	}
	if bad > 0 {
		return errFound
	}
	return nil
}

// dataDir tries to write where database, files and mail go.
func dataDir(_ context.Context, cfg config.Config) (string, error) {
	if err := os.MkdirAll(cfg.DataDir, 0o750); err != nil {
		return "", fmt.Errorf("%w; make it, or set DIANKE_DATA_DIR", err)
	}
	f, err := os.CreateTemp(cfg.DataDir, ".doctor-*")
	if err != nil {
		return "", fmt.Errorf("%w; give the user of this process the right to write there", err)
	}
	return cfg.DataDir + " can be written", errors.Join(f.Close(), os.Remove(f.Name()))
}

// secret looks at the file without whose contents encrypted fields cannot be read.
func secret(_ context.Context, cfg config.Config) (string, error) {
	info, err := os.Stat(cfg.SecretFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "none yet; the first start makes " + cfg.SecretFile, nil
	case err != nil:
		return "", err
	case info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("%s can be read by others (%s); chmod 600 %s", cfg.SecretFile, info.Mode().Perm(), cfg.SecretFile)
	}
	return cfg.SecretFile + " is private; keep a copy apart from the database", nil
}

func database(ctx context.Context, cfg config.Config) (string, error) {
	d, err := db.Open(ctx, cfg.Database, cfg.DatabaseFile())
	if err != nil {
		return "", fmt.Errorf("%w; see DIANKE_DATABASE", err)
	}
	have, known, err := d.Version(ctx, app.Migrations())
	if err = errors.Join(err, d.Close()); err != nil {
		return "", err
	}
	if have > known {
		return "", &db.NewerError{Database: have, Program: known}
	}
	said := fmt.Sprintf("%s at version %d of %d", d.Dialect(), have, known)
	if have < known {
		said += "; the next start brings it up"
	}
	return said, nil
}

func inPacks(context.Context, config.Config) (string, error) {
	list, err := pack.Load(packs.FS())
	if err != nil {
		return "", err
	}
	if problems := pack.Check(list); len(problems) > 0 {
		return "", fmt.Errorf("%d problems; dianke pack check lists them", len(problems))
	}
	return fmt.Sprintf("%d in order", len(list)), nil
}

func inTypes(context.Context, config.Config) (string, error) {
	types, err := app.Registry()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d declared", len(types.Types())), nil
}
