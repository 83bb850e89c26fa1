package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"dianke/internal/app"
	"dianke/internal/platform/backup"
	"dianke/internal/platform/config"
)

type backupCmd struct {
	To      string `help:"Directory or address of a bucket (s3://…); that of DIANKE_BACKUP_TO where left out." placeholder:"PLACE"`
	KeyFile string `help:"Encrypt for the keys of age or by the passphrase in this file; that of DIANKE_BACKUP_KEY_FILE where left out." placeholder:"FILE"`
}

// Run makes a backup, also beside a running server. Only in the configured place older ones are removed by the rule.
func (c backupCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		keyFile := a.Config.BackupKeyFile
		if c.KeyFile != "" {
			keyFile = c.KeyFile
		}
		back := func() (backup.Run, error) { return a.Backups.Back(ctx, "command") }
		if c.To != "" || c.KeyFile != "" {
			place := a.Config.BackupPlace()
			if c.To != "" {
				place = c.To
			}
			back = func() (backup.Run, error) { return a.Backups.BackTo(ctx, place, keyFile, "command") }
		}
		r, err := back()
		if err != nil {
			return err
		}
		s.say("%s in %s", r.Name, r.Detail.Place)
		s.say("%d rows, %d files, %d bytes; audit log: %d entries, head %s", r.Detail.Rows, r.Detail.Files, r.Detail.Size, r.Detail.Audit, r.Detail.Head)
		if !r.Detail.Encrypted {
			s.say("Not encrypted, and without the secret: keep a copy of %s apart from it.", a.Config.SecretFile)
		}
		return nil
	})
}

type backupsCmd struct{}

// Run lists what is in the configured place, with the last proof of each.
func (backupsCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		st, err := a.Backups.Status(ctx)
		if err != nil {
			return err
		}
		if st.PlaceFault != nil {
			return st.PlaceFault
		}
		if len(st.Stored) == 0 {
			s.say("No backups in %s; dianke backup makes one.", st.Place)
			return nil
		}
		t := newTable("backup", "made", "bytes", "encrypted", "proof")
		for _, b := range st.Stored {
			sealed, proof := "no", "none yet"
			if b.Encrypted {
				sealed = "yes"
			}
			if r, ok := st.Proofs[b.Name]; ok && r.OK {
				proof = "good " + r.Ended.In(a.Config.Zone).Format("2006-01-02 15:04")
			} else if ok {
				proof = "FAILED " + r.Begun.In(a.Config.Zone).Format("2006-01-02 15:04")
			}
			t.row(b.Name, b.Made.In(a.Config.Zone).Format("2006-01-02 15:04:05"), strconv.FormatInt(b.Size, 10), sealed, proof)
		}
		if err := t.print(s.Out); err != nil {
			return err
		}
		if !st.Next.IsZero() {
			s.say("Next: %s", st.Next.Format("2006-01-02 15:04"))
		}
		return nil
	})
}

type restoreCmd struct {
	File          string `arg:"" help:"The backup: a file, or the name of one in the configured place."`
	To            string `help:"Empty or absent data directory to restore into." placeholder:"DIR"`
	Database      string `help:"Empty PostgreSQL database for a backup made of one; files and secret go into --to." placeholder:"URL"`
	KeyFile       string `help:"Key that opens an encrypted backup; that of DIANKE_BACKUP_KEY_FILE where left out." placeholder:"FILE"`
	Secret        string `help:"The file secret of the instance, for a backup that is not encrypted." placeholder:"FILE"`
	WithoutSecret bool   `help:"Restore although the secret is not at hand; it must be put in place before the start."`
	Verify        bool   `help:"Restore aside into a directory for temporary files, compare, remove it again."`
}

// Run restores into an empty place or proves that it could.
func (c restoreCmd) Run(ctx context.Context, s *shell) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	if c.KeyFile == "" {
		c.KeyFile = cfg.BackupKeyFile
	}
	var key *backup.Key
	if c.KeyFile != "" {
		if key, err = backup.ReadKey(c.KeyFile); err != nil {
			return err
		}
	}
	switch {
	case c.Verify && (c.To != "" || c.Database != ""):
		return usage("--verify restores aside and takes no --to")
	case !c.Verify && c.To == "":
		return usage("dianke restore needs --to DIR, or --verify")
	}
	p, err := app.BackupProgram()
	if err != nil {
		return err
	}
	in, err := c.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if c.Verify {
		return c.verify(ctx, s, cfg, key, p, in)
	}
	return c.restore(ctx, s, cfg, key, p, in)
}

func (c restoreCmd) open(ctx context.Context, cfg config.Config) (io.ReadCloser, error) {
	f, err := os.Open(c.File)
	if !errors.Is(err, fs.ErrNotExist) || c.File != filepath.Base(c.File) {
		return f, err
	}
	place, err := backup.OpenPlace(ctx, cfg.BackupPlace())
	if err != nil {
		return nil, err
	}
	r, err := place.Open(ctx, c.File)
	if err != nil {
		return nil, errors.Join(err, place.Close())
	}
	return inPlace{r, place}, nil
}

// inPlace closes the place with the backup.
type inPlace struct {
	io.ReadCloser
	place *backup.Place
}

// Close implements [io.Closer].
func (i inPlace) Close() error { return errors.Join(i.ReadCloser.Close(), i.place.Close()) }

func (c restoreCmd) restore(ctx context.Context, s *shell, cfg config.Config, key *backup.Key, p backup.Program, in io.Reader) error {
	dir, err := filepath.Abs(c.To)
	if err != nil {
		return err
	}
	t := app.BackupTarget(dir)
	t.Database, t.Secret, t.WithoutSecret = c.Database, c.Secret, c.WithoutSecret
	m, reindex, err := p.Restore(ctx, in, key, t)
	if err != nil {
		return err
	}
	if reindex && !c.WithoutSecret {
		to := cfg
		to.DataDir, to.Database, to.SecretFile = dir, c.Database, t.SecretFile
		if err := s.open(ctx, to, 0, func(a *app.App) error { return a.Reindex(ctx) }); err != nil {
			return err
		}
	}
	s.say("Restored: %d rows, %d files, as of %s; audit log: %d entries, head %s", m.Rows(), m.Files, m.Made.In(cfg.Zone).Format("2006-01-02 15:04:05"), m.Audit.Entries, m.Audit.Head)
	if _, err := os.Stat(t.SecretFile); err != nil {
		s.say("Put the secret of the instance to %s (mode 600) before the start; then dianke reindex.", t.SecretFile)
	}
	s.say("Start it with:\n  DIANKE_DATA_DIR=%s dianke serve", dir)
	return nil
}

// verify books the proof where there is an instance to book it in; an empty machine has none.
func (c restoreCmd) verify(ctx context.Context, s *shell, cfg config.Config, key *backup.Key, p backup.Program, in io.Reader) error {
	if _, err := os.Stat(cfg.DatabaseFile()); err == nil || cfg.IsPostgres() {
		return s.with(ctx, func(a *app.App) error {
			r, err := a.Backups.ProveStream(ctx, c.File, in, key, "command")
			return s.sayProof(r, err)
		})
	}
	r, err := p.ProveAlone(ctx, c.File, in, key)
	return s.sayProof(r, err)
}

func (s *shell) sayProof(r backup.Run, err error) error {
	for _, check := range r.Detail.Checks {
		mark := "✓"
		if !check.OK {
			mark = "✗"
		}
		s.say("%s %s: %s", mark, check.Name, check.Detail)
	}
	if err != nil {
		return err
	}
	s.say("Proven: %s can be restored; %d rows, %d files, audit log of %d entries, head %s", r.Name, r.Detail.Rows, r.Detail.Files, r.Detail.Audit, r.Detail.Head)
	return nil
}

// backupsAreMade tells whether they are made and stand the proof.
func backupsAreMade(ctx context.Context, cfg config.Config) (string, error) {
	if _, err := os.Stat(cfg.DatabaseFile()); err != nil && !cfg.IsPostgres() {
		return "nothing to back up yet", nil
	}
	a, err := app.Open(ctx, cfg, app.Options{NoMigrate: true})
	if err != nil {
		return "", err
	}
	have, known, err := a.DB.Version(ctx, app.Migrations())
	if err != nil || have < known {
		return "known once the database is brought up", errors.Join(err, a.Close())
	}
	st, err := a.Backups.Status(ctx)
	if err = errors.Join(err, a.Close()); err != nil {
		return "", err
	}
	switch st.Fault(a.Clock.Now()) {
	case "failed":
		return "", fmt.Errorf("the last one, %s, failed: %s", st.Last.Name, st.Last.Detail.Fault)
	case "late":
		return "", fmt.Errorf("none since %s; is the server running at %s?", st.LastGood.Name, cfg.Zone)
	case "unproven":
		return "", fmt.Errorf("%s did not stand the proof: %s", st.LastProof.Name, st.LastProof.Detail.Fault)
	case "none":
		return "none yet and no schedule; set DIANKE_BACKUP_AT and DIANKE_BACKUP_TO, or run dianke backup", nil
	}
	if st.LastGood == nil {
		return "none yet; the next at " + st.Next.Format("2006-01-02 15:04"), nil
	}
	said := fmt.Sprintf("last %s of %d bytes", st.LastGood.Name, st.LastGood.Detail.Size)
	if st.LastProof == nil {
		return said + ", never proven: dianke restore --verify " + st.LastGood.Name, nil
	}
	return said + ", last proof " + st.LastProof.Ended.In(cfg.Zone).Format("2006-01-02 15:04"), nil
}

type reindexCmd struct{}

// Run makes the search index anew. It may be repeated.
func (reindexCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error { return a.Reindex(ctx) })
}
