// Package regulation keeps regulations and lets their clauses act on the daily work.
//
// A [Regulation] has versions (draft → review → approved → in force → retired); a [Version] has clauses and bindings.
// [Engine] is a gate of every action: guards refuse, deadlines start, pause and stop clocks, detectors suspect,
// acknowledgements open what was signed for. Whatever a control does leaves an outcome (package evidence) in the
// transaction of the action; a refusal is kept although its action is rolled back. A record is judged by the version in
// force on the day it was made, or, where its regulation had none yet, by the present one. The package imports no room
// of the trade: it knows record types by name and what rooms offer as facts.
package regulation

import (
	"embed"
	"io/fs"
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
