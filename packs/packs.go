// Package packs embeds the industry packs: data only, one folder each.
//
// A folder holds pack.yaml, regulations and, where they exist, bindings, scenarios, messages and samples. The package
// holds no rule and reads nothing; see engine/pack for loading and checking.
package packs

import (
	"embed"
	"io/fs"
)

// The pattern takes whatever stands in a pack, so that a new folder needs no line here.
//
//go:embed */*
var files embed.FS

// FS returns the packs as a read-only file system with one folder for each pack at its root.
func FS() fs.FS { return files }
