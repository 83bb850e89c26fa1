// Package proposal proposes controls for the clauses of a regulation nobody has bound yet.
//
// It learns from clauses that are known (those of the packs: their text, the kinds of control they call for, the room
// whose records can prove them and, where they are bound, their bindings). A [Model] finds for a new clause the most
// likely kinds and rooms by a small classifier over characters, pairs of characters and words of the trade, helped by
// the nearest known clauses, and writes a binding where a bound clause is near enough, with the figures of the new text
// put in. Every binding it gives has been compiled; where none is near it proposes kind and room only, to be bound by
// hand. Training and proposing are deterministic: the same clauses give the same proposals.
//
// A [Desk] keeps the proposals as records, so that a person accepts, edits or rejects them now or tomorrow. The package
// decides nothing by itself, knows no pack and no word of any one regulation.
package proposal

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
