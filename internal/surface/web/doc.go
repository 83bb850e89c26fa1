// Package web is the server of the pages people work with.
//
// A [Server] keeps what all pages share: the session and the person behind it, language and zone, the frame with its
// rooms, errors in words, toasts after a redirect, security headers, measurement. It has few pages of its own: sign-in
// and set-up, the reader's own page, search. Everything else is mounted by packages of pages through [Server.Handle];
// a route nobody mounted falls to [Server.Fallback], where the pages for any record type live.
//
// Handlers return errors; the server alone turns a kind of error into a status and a page. Nothing is answered before
// the page is whole. No query string, no body and no name of a person is ever logged. The package decides no permission
// and holds no record.
package web

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the server and its own pages, zh.yaml and en.yaml at the root.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}
