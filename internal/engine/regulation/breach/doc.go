// Package breach leads a suspicion that somebody broke a clause to its end, and the measure that may follow to its own.
//
// A [Breach] is suspected by a detector, told to the person concerned, answered by him or left unanswered, and then
// confirmed or dismissed by somebody else who is not concerned. Only a confirmed breach may lead to a [Measure], which is
// taken from a published [Ladder], takes effect when the personnel office confirms it, may be appealed against once and
// expires. Nothing follows by itself, and what the law forbids no ladder and no right of access can permit: those limits
// are in this package's law.go. The package knows no clause's binding and no room of the trade; the engine of regulations
// gives it the words of the clause and takes its outcomes.
package breach

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Article is a clause as it is named to the person concerned.
type Article struct {
	Title   [2]string // of the regulation, zh and en
	Version string    // label of the version, such as V2
	Printed string    // number as printed
}

// Office is what the package needs of the engine of regulations. Both functions run in the action's transaction. Days
// begin and end in Zone.
type Office struct {
	Zone    *time.Location
	Outcome func(ctx context.Context, tx *db.Tx, o evidence.Outcome) error
	Article func(ctx context.Context, c *record.Call, version record.ID, clause string) (Article, error)
}

// Register adds the types.
func (o *Office) Register(reg *record.Registry) {
	reg.Add(ladderType(), stepType(), o.breachType(), o.measureType())
}
