package casework

import (
	"embed"
	"io/fs"

	"dianke/internal/engine/record"
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

// Register adds the types to the registry. The type customer must be registered by its own room.
func Register(reg *record.Registry) {
	reg.Add(caseType())
	reg.Add(childTypes()...)
	reg.Add(listTypes()...)
}
