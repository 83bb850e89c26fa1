package record

import (
	"embed"
	"io/fs"
)

//go:embed messages/zh.yaml messages/en.yaml
var messages embed.FS

// Messages returns the texts of everything all types share: errors of fields, filters and lists, the general actions,
// the fields of the head, classes, kinds, operators and relative dates. An argument "field" of an error is a column
// name; surfaces put the label in its place.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // cannot happen: the directory is embedded by the line above
	}
	return sub
}
