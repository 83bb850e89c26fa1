package casework

import (
	"context"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
)

// FilingSlip is the input of file.
type FilingSlip struct {
	Shelf       string    `rec:"text,max=80"`
	FileList    string    `rec:"longtext,max=4000"`
	RetainUntil time.Time `rec:"date"`
}

func filingActions() []*record.Action {
	return []*record.Action{
		record.Act("file", record.ActionSpec{From: []string{Closed}, To: Filed, Primary: true, Icon: "archive"}, file),
	}
}

func file(_ context.Context, c *record.Call, k *Case, in *FilingSlip) error {
	k.FiledAt, k.ArchivistID, k.Shelf, k.FileList, k.RetainUntil = c.Now, c.Actor().UserID, in.Shelf, in.FileList, in.RetainUntil
	return nil
}

// ensureVolume opens the volume of the year where there is none.
func ensureVolume(ctx context.Context, c *record.Call, year int64) error {
	have, err := record.Find[Volume](ctx, c, "case_volume", record.Where("year", year), 1)
	if err != nil || len(have) > 0 {
		return err
	}
	v := &Volume{Year: year, State: "open", Title: fmt.Sprint(year)}
	return c.Work.Insert(ctx, c, "case_volume", v)
}

// EnsureVolume opens the volume of the year; a job calls it on 1 January. Scope is that of the system for
// case_volume.create. An existing volume stays as it is.
func EnsureVolume(ctx context.Context, runner *action.Runner, scope record.Scope, year int64) error {
	return runner.InTx(ctx, scope, func(c *record.Call) error { return ensureVolume(ctx, c, year) })
}

// volumeActions: whether a volume may be closed with cases unfiled is for the regulation to say.
func volumeActions() []*record.Action {
	return []*record.Action{
		record.Act("close", record.ActionSpec{From: []string{"open"}, To: "closed", Primary: true, Icon: "lock"}, func(_ context.Context, c *record.Call, v *Volume, in *struct {
			Note string `rec:"text,max=500"`
		}) error {
			v.ClosedAt, v.ClosedBy, v.Note = c.Now, c.Actor().UserID, in.Note
			return nil
		}),
		record.Act("reopen", record.ActionSpec{From: []string{"closed"}, To: "open", Danger: true, Icon: "lock-open"}, func(_ context.Context, _ *record.Call, v *Volume, in *Reasoned) error {
			v.Note, v.ClosedAt, v.ClosedBy = in.Reason, time.Time{}, 0
			return nil
		}),
	}
}
