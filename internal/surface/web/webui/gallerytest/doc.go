// Package gallerytest shows every component of webui once, with invented data of an invented company.
//
// Its tests parse the pages, hold them to the rules of package webui and, where a Chromium is installed, look at them in
// both languages, both themes and two widths. Nothing outside tests imports it.
package gallerytest
