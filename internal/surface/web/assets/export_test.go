package assets

import (
	"io/fs"
	"net/http"
)

// HandlerOf lets tests serve a folder "dist" of their own.
func HandlerOf(src fs.FS) http.Handler { return handler(load(src)) }
