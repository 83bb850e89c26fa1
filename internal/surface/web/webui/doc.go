// Package webui holds the page frame and the shared components of the web surface.
//
// A component takes a view struct that holds exactly what it shows: already permitted, masked and formatted, in the
// reader's language. The few words a component says itself come from the catalogues under "ui.". No component writes
// an inline script, style or event handler, so that pages live under the policy "default-src 'self'"; all of them
// work without script, and src/js of package assets adds comfort.
//
// The package knows no record, no service, no session and no route but those of the frame: /search, /me/language,
// /me/theme, /me/signout.
package webui

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the components, zh.yaml and en.yaml at the root.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}
