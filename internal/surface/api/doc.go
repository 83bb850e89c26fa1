// Package api is the JSON interface: every registered record type and every action, described by OpenAPI 3.1.
//
// Routes, bodies and the document follow from the registry; a new type needs no line here. Everything goes through
// [access.Records], so permissions, masks, history and audit are those of the pages. Values are canonical: ids as texts
// of 13 characters, money in minor units, instants in RFC 3339 UTC, dates as YYYY-MM-DD, durations in seconds. A field
// the reader may not see is absent from "fields"; its mask stands in "masked". Failures are problems by RFC 9457 in the
// reader's language. The package decides no permission and knows no room.
package api

import (
	"embed"
	"io/fs"
)

//go:embed messages/zh.yaml messages/en.yaml
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // cannot happen: the directory is embedded by the line above
	}
	return sub
}
