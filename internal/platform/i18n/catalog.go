package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Lang is a language of the product, as used in the lang attribute of a page.
type Lang string

// The languages. Chinese is the default and the one regulations are authoritative in.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// Langs returns the languages in the order they are offered.
func Langs() []Lang { return []Lang{ZH, EN} }

//go:embed messages
var embedded embed.FS

// Catalog is a set of texts in all languages. It is read-only and safe for concurrent use.
type Catalog struct {
	texts map[Lang]map[string]text
}

// Load reads zh.yaml and en.yaml from the root of each source. The words of this package itself (units of time,
// weekdays) are always included. All faults are reported together: a file missing, a text that is empty or no
// string, a key defined twice, a key missing in one language.
func Load(sources ...fs.FS) (*Catalog, error) {
	own, err := fs.Sub(embedded, "messages")
	if err != nil {
		return nil, fmt.Errorf("open own messages: %w", err)
	}
	c := &Catalog{texts: map[Lang]map[string]text{}}
	var faults []error
	for _, lang := range Langs() {
		c.texts[lang] = map[string]text{}
		for i, src := range append([]fs.FS{own}, sources...) {
			if err := c.read(src, lang); err != nil {
				faults = append(faults, fmt.Errorf("source %d: %w", i, err))
			}
		}
	}
	if err := errors.Join(append(faults, c.gaps()...)...); err != nil {
		return nil, fmt.Errorf("load messages: %w", err)
	}
	return c, nil
}

func (c *Catalog) read(src fs.FS, lang Lang) error {
	name := string(lang) + ".yaml"
	data, err := fs.ReadFile(src, name)
	if err != nil {
		return err
	}
	var flat map[string]string
	if err := yaml.Unmarshal(data, &flat); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var faults []error
	for _, key := range sorted(flat) {
		switch _, twice := c.texts[lang][key]; {
		case twice:
			faults = append(faults, fmt.Errorf("%s: key %q is defined twice", name, key))
		case strings.TrimSpace(flat[key]) == "":
			faults = append(faults, fmt.Errorf("%s: key %q is empty", name, key))
		}
		c.texts[lang][key] = parse(flat[key])
	}
	return errors.Join(faults...)
}

func (c *Catalog) gaps() []error {
	var faults []error
	for _, lang := range Langs() {
		for _, key := range c.Keys() {
			if _, ok := c.texts[lang][key]; ok || c.isVariant(key) {
				continue
			}
			faults = append(faults, fmt.Errorf("key %q is missing in %s", key, lang))
		}
	}
	return faults
}

// isVariant tells whether key is the singular of another key; Chinese has no plural, so it needs none.
func (c *Catalog) isVariant(key string) bool {
	base, ok := strings.CutSuffix(key, ".one")
	return ok && c.Has(base)
}

// Has reports whether any language knows the key.
func (c *Catalog) Has(key string) bool {
	for _, texts := range c.texts {
		if _, ok := texts[key]; ok {
			return true
		}
	}
	return false
}

// Keys returns every key, sorted.
func (c *Catalog) Keys() []string {
	all := map[string]bool{}
	for _, texts := range c.texts {
		for key := range texts {
			all[key] = true
		}
	}
	return sorted(all)
}

// Text returns the text of key with its placeholders filled. args are pairs of name and value; a placeholder without
// a value stays as written. Where key+".one" exists and the argument "n" is 1, that text is used. An unknown language
// reads as Chinese; a missing key gives the key in ⟦brackets⟧.
func (c *Catalog) Text(lang Lang, key string, args ...any) string {
	texts, ok := c.texts[lang]
	if !ok {
		texts = c.texts[ZH]
	}
	if isOne(args) {
		if t, ok := texts[key+".one"]; ok {
			return t.fill(args)
		}
	}
	if t, ok := texts[key]; ok {
		return t.fill(args)
	}
	return "⟦" + key + "⟧"
}

// Args turns a map, such as the arguments of an error, into the pairs [Catalog.Text] and [T] take.
func Args(m map[string]any) []any {
	out := make([]any, 0, 2*len(m))
	for _, name := range sorted(m) {
		out = append(out, name, m[name])
	}
	return out
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
