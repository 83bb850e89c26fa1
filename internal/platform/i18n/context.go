package i18n

import (
	"context"
	"sync"
	"time"
	_ "time/tzdata" // the binary must know Asia/Shanghai on machines without a zone database
)

// DefaultZone is the name of the zone used where an organisation has set none.
const DefaultZone = "Asia/Shanghai"

type (
	langKey struct{}
	zoneKey struct{}
)

type reader struct {
	catalog *Catalog
	lang    Lang
}

// With returns a context whose reader sees the texts of c in lang.
func With(ctx context.Context, c *Catalog, lang Lang) context.Context {
	return context.WithValue(ctx, langKey{}, reader{c, lang})
}

// WithZone returns a context in which instants are shown in loc.
func WithZone(ctx context.Context, loc *time.Location) context.Context {
	return context.WithValue(ctx, zoneKey{}, loc)
}

// LangOf returns the language set by [With]; Chinese where none was set.
func LangOf(ctx context.Context) Lang {
	if r, ok := ctx.Value(langKey{}).(reader); ok {
		return r.lang
	}
	return ZH
}

// ZoneOf returns the zone set by [WithZone]; Asia/Shanghai where none was set.
func ZoneOf(ctx context.Context) *time.Location {
	if loc, ok := ctx.Value(zoneKey{}).(*time.Location); ok && loc != nil {
		return loc
	}
	return defaultZone()
}

// Reading a zone takes tens of microseconds, too much for each date on a page.
var defaultZone = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation(DefaultZone)
	if err != nil {
		return time.FixedZone("CST", 8*60*60)
	}
	return loc
})

// T returns the text of key in the reader's language; see [Catalog.Text]. Without a catalogue in ctx it returns the
// key in ⟦brackets⟧.
func T(ctx context.Context, key string, args ...any) string {
	r, ok := ctx.Value(langKey{}).(reader)
	if !ok || r.catalog == nil {
		return "⟦" + key + "⟧"
	}
	return r.catalog.Text(r.lang, key, args...)
}

// Has reports whether the catalogue in ctx knows the key; false without a catalogue.
func Has(ctx context.Context, key string) bool {
	r, ok := ctx.Value(langKey{}).(reader)
	return ok && r.catalog != nil && r.catalog.Has(key)
}
