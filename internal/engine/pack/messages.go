package pack

import (
	"embed"
	"io/fs"
)

//go:embed messages/zh.yaml messages/en.yaml
var messages embed.FS

// Messages returns the texts of errors and problems, one file for each language.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // cannot happen: the directory is embedded by the line above
	}
	return sub
}
