package intake

import (
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxName is how many bytes a file name has; file systems take 255.
const maxName = 180

// SafeName makes a name somebody else wrote fit to be shown and saved: the last element of a path, without control
// characters, without the names Windows keeps for devices, not hidden, not longer than 180 bytes with its extension
// kept. Where nothing remains the name is made of the type and of n.
func SafeName(name, kind string, n int) string {
	name = strings.ReplaceAll(oneLine(name), `\`, "/")
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, path.Base(strings.TrimRight(name, "/ .")))
	name = strings.Trim(name, " .")
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	if device(strings.TrimSpace(stem)) {
		name = "_" + name
	}
	if name == "" || name == "/" {
		name = "attachment-" + strconv.Itoa(n) + extensionOf(kind)
	}
	return shorten(name)
}

func device(stem string) bool {
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}

func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 12 {
		ext = ""
	}
	cut := maxName - len(ext)
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return strings.TrimRight(name[:cut], " .") + ext
}

// extensionOf is the usual ending of files of a type; the type may lie, which is why nothing is opened by it.
func extensionOf(kind string) string {
	switch kind {
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".html"
	case "text/calendar":
		return ".ics"
	case "text/csv":
		return ".csv"
	case "message/rfc822", "message/partial", "message/global":
		return ".eml"
	case "image/jpeg", "image/jpg", "image/pjpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/gif":
		return ".gif"
	case "application/pdf":
		return ".pdf"
	case "application/zip":
		return ".zip"
	case "application/pgp-signature":
		return ".asc"
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return ".p7s"
	case "application/ms-tnef":
		return ".dat"
	}
	return ".bin"
}
