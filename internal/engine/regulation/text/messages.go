package text

import (
	"embed"
	"io/fs"
)

//go:embed messages/zh.yaml messages/en.yaml
var messages embed.FS

// Messages returns the texts of this package's errors, one file for each language.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // cannot happen: the directory is embedded by the line above
	}
	return sub
}
