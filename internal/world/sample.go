package world

import (
	"fmt"

	"dianke/internal/engine/pack"
)

// tradeDays is how long a company of one trade has worked: a little longer than its sample tells of.
const tradeDays = 40

// tradePack is the pack whose sample is told, or nil.
func (t *teller) tradePack() *pack.Pack {
	p, err := t.Installer.Pack(t.Trade)
	if err != nil || p.Sample == nil {
		return nil
	}
	return p
}

// plays reports whether the holder of the post acts in the sample.
func (t *teller) plays(post string) bool { return t.told(post) != "" }

// told is the name the sample gives the holder of the post; empty for none.
func (t *teller) told(post string) string {
	if p := t.tradePack(); p != nil {
		return p.Sample.People[post]
	}
	return ""
}

// ofTrade lets the people of the company live through the sample of their trade, and the night after it.
func (t *teller) ofTrade() error {
	t.Clock.Set(t.Now)
	report, err := t.Samples.Load(t.ctx, t.Guard.SystemScope("world", "cli", "pack", "update"), t.Trade, t.people)
	if err != nil {
		return err
	}
	if n := len(report.Skipped); n > 0 {
		return fmt.Errorf("%d steps of the sample failed, the first in line %d: %w", n, report.Skipped[0].Line, report.Skipped[0].Why)
	}
	if _, err := t.Engine.Tick(t.ctx); err != nil {
		return err
	}
	return t.Engine.Scan(t.ctx)
}
