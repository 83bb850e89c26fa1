// Package duplicate finds records that may be the same: while one is entered or imported ([Finder.Like]), and by a look
// through everything that changed ([Finder.Look]), which writes pairs into a list that people work through.
//
// A [Profile] says what makes two records of a type alike: names, values that only one of them should have, what speaks
// against. Candidates come from an index of keys, keyed hashes of normalised values, so the cost of one record does not
// grow with the table, and no personal value stands in the index. Values and names that very many share tell nothing and
// are passed over. Whether two records are the same only a person decides; a pair that he found different is never shown
// again. The package merges nothing and knows no room.
package duplicate

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package, zh.yaml and en.yaml at the root.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}
