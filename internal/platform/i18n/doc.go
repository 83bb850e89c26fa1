// Package i18n holds the words people read, in Chinese and English.
//
// Packages that have texts keep flat catalogues (zh.yaml, en.yaml) and hand them to [Load]; the result is a [Catalog]
// that never changes afterwards. The language, the catalogue and the time zone of a request travel in its context.
// Every key exists in both languages; a variant ending in ".one" may stand in one language alone. Format helpers turn
// instants, durations, amounts and telephone numbers into the form shown. The package knows nothing of HTTP, HTML,
// escaping or masks: what it returns is plain text.
package i18n
