// Package casepages holds the pages of casework that the general record pages do not do: the desk, the register of a
// year with its dossier, the print sheet of a written reply.
//
// The desk is a queue in the order of clocks, one case with its conversation, and what one must know of customer, clauses
// and earlier cases. Whatever is written goes through the declared actions of the case; whatever is shown was read as the
// reader sees it, so that masks and recusal hold without a rule here. All of it works without script.
//
// The package decides no permission, counts no clock and keeps nothing but who has which case open on this server.
package casepages

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
