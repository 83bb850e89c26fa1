package cli

import (
	"context"
	"errors"
	"runtime/debug"

	"dianke/internal/app"
	"dianke/internal/engine/audit"
	"dianke/internal/platform/db"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the whole chain; exit code 1 where an entry was changed, removed or inserted."`
}

type auditVerifyCmd struct{}

// Run changes nothing. The head it prints can be kept elsewhere as a proof of what the log held on that day.
func (auditVerifyCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		type result struct {
			n    int64
			head string
		}
		r, err := db.View(ctx, a.DB, func(tx *db.Tx) (result, error) {
			n, head, err := audit.Verify(ctx, tx)
			return result{n, head}, err
		})
		var broken *audit.Broken
		if errors.As(err, &broken) {
			s.say("The audit log is broken at entry %d: %s", broken.Seq, broken.Reason)
			return errFound
		}
		if err != nil {
			return err
		}
		s.say("The audit log is whole: %d entries, head %s", r.n, r.head)
		return nil
	})
}

type versionCmd struct{}

// Run prints the version of the module, and of the source where it is known.
func (versionCmd) Run(s *shell) error {
	version, revision := "unreleased", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			version = v
		}
		for _, set := range info.Settings {
			if set.Key == "vcs.revision" {
				revision = " " + set.Value
			}
		}
		s.say("dianke %s%s, %s", version, revision, info.GoVersion)
		return nil
	}
	s.say("dianke %s", version)
	return nil
}
