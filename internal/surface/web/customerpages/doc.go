// Package customerpages holds what the room of customers shows beyond the general pages: the first tab of a customer's
// page with everything one asks before a call, the short forms that log a call or a visit from any page, and the warning
// that somebody being entered is there already.
//
// What a reader may not see never reaches a page: everything is read through [recordpages.Overlook] or access.Records,
// and of a customer beyond his reach a warning says only that there is one. The package writes through declared actions
// alone.
package customerpages

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
