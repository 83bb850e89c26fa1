// Package breachpages holds the first tabs of a suspected breach and of a measure: what somebody is suspected of by
// regulation, article and version, until when he may answer, what was decided and why, what a measure takes and what the
// law allows, and how to appeal; and the form by which somebody asks for an exception from the clause that refused him.
//
// A reader sees here what he may see of the records, through [recordpages.Overlook] alone; the buttons are those of the
// actions the record offers him. The package writes through declared actions alone.
package breachpages

import (
	"context"
	"embed"
	"io/fs"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package, zh.yaml and en.yaml at the root.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}

// Pages make the tabs; give [Pages.Overviews] to [recordpages.Deps].
type Pages struct{ Engine *regulation.Engine }

// Overviews are the first tabs by type.
func (p *Pages) Overviews() map[string]recordpages.Overview {
	return map[string]recordpages.Overview{"breach": p.breach, "measure": p.measure, "exemption": p.exemption}
}

// sight is one record being looked over; the first failure stays.
type sight struct {
	ctx context.Context
	p   *Pages
	o   *recordpages.Overlook
	id  record.ID
	err error
}

func (p *Pages) sight(ctx context.Context, o *recordpages.Overlook) *sight {
	return &sight{ctx: ctx, p: p, o: o, id: o.Sheet().Record.ID}
}

func (s *sight) t(key string, args ...any) string { return i18n.T(s.ctx, key, args...) }

// inLang picks the reader's words out of Chinese and English.
func (s *sight) inLang(texts [2]string) string {
	return web.InLang(s.ctx, texts[0], texts[1])
}
