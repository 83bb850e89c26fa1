// Package exchange carries regulations and their assessments out of the house and catalogues of rules into it: OSCAL 1.1
// (https://pages.nist.gov/OSCAL/), spreadsheets, and the inspection archive, a zip that opens without Dianke.
//
// It writes what package assess has computed and reads what becomes a draft; it judges nothing and stores nothing.
package exchange

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

//go:embed page.html
var pages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}
