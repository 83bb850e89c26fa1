// Package recordpages holds the pages of any record type: list, board and month, record, form, actions.
//
// Everything shown follows from the declaration of the type: columns and conditions from its fields, buttons from its
// actions, tabs from the types that are part of it, words from the catalogues. The state of a list is in its address.
// Pages work without script; a page that may stand in a dialog answers with one when a script asks. The package names
// no type of a room, decides no permission and sees no value that the reader may not see.
package recordpages

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the pages, zh.yaml and en.yaml at the root.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}
