package cli

import (
	"context"
	"strconv"
	"strings"

	"dianke/internal/app"
)

type moveCmd struct {
	To string `help:"Empty PostgreSQL database." placeholder:"postgres://…" required:""`
}

// Run copies, compares and says what to set. The source stays as it is, so that one may go back to it.
func (c moveCmd) Run(ctx context.Context, s *shell) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	switch {
	case cfg.IsPostgres():
		return usage("DIANKE_DATABASE is set: dianke move copies the SQLite database of the data directory")
	case !strings.HasPrefix(c.To, "postgres://") && !strings.HasPrefix(c.To, "postgresql://"):
		return usage("--to must be postgres://user:password@host/name")
	}
	t := newTable("table", "rows")
	n, err := app.Move(ctx, cfg, c.To, func(table string, rows int64) {
		if rows > 0 {
			t.row(table, strconv.FormatInt(rows, 10))
		}
	})
	if err != nil {
		return err
	}
	if err := t.print(s.Out); err != nil {
		return err
	}
	s.say("Moved: %d rows of %d tables, every row compared; %d were there from a move that broke off, %d tables copied again.", n.Rows, n.Tables, n.Resumed, n.Again)
	s.say("The files stay in %s. From now on start every process with this and the same data directory:", cfg.BlobDir())
	s.say("  DIANKE_DATABASE=%s", c.To)
	s.say("%s is unchanged; keep it until a backup of the new database is proven.", cfg.DatabaseFile())
	return nil
}
