package settingspages_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record/custom"
	"dianke/internal/engine/record/view"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/settingspages"
	"dianke/internal/surface/web/webtest"
)

func TestCustomFieldsAppearEverywhereAndGoAgain(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, webtest.Options{
		Messages: []fs.FS{recordpages.Messages(), settingspages.Messages()},
		Deps:     func(d *web.Deps) { d.Pages = []web.Page{settingspages.Link()} },
		Mount: func(b *accesstest.Bench) []func(*web.Server) {
			fields := &custom.Fields{DB: b.DB, Types: b.Store.Types, Next: b.Store.IDs.Next, Log: b.Store.Log}
			pages := recordpages.New(recordpages.Deps{Blobs: webtest.Blobs(t), Clock: b.Clock, Views: &view.Store{DB: b.DB, Clock: b.Clock, IDs: b.Store.IDs}})
			return []func(*web.Server){pages.Mount, settingspages.New(fields).Mount}
		},
	})
	webtest.CheckKeys(t, s.Catalog)
	s.Person(t, "amy", "administrator", s.Company)
	s.Person(t, "cara", "clerk", s.North)
	amy, cara := s.SignedIn(t, "amy"), s.SignedIn(t, "cara")
	cara.Get("/settings/fields").Want(http.StatusForbidden)
	cara.Post("/settings/fields/client", url.Values{"name": {"x"}}).Want(http.StatusForbidden)
	amy.Get("/settings/fields/nothing").Want(http.StatusNotFound)
	if p := amy.Get("/settings/fields").Want(http.StatusOK); !strings.Contains(p.TextOf("#types"), "客户") || strings.Contains(p.Body, "⟦") {
		t.Errorf("types: %s", p.TextOf("main"))
	}
	form := url.Values(amy.Get("/settings/fields/client").Want(http.StatusOK).Form("#field"))
	form.Set("name", "size")
	form.Set("kind", "enum")
	p := amy.Post("/settings/fields/client", form).Want(http.StatusUnprocessableEntity)
	for _, name := range []string{"name", "label_zh", "label_en", "options"} {
		if !p.Has("#f-" + name + "-error") {
			t.Errorf("no fault on %s", name)
		}
	}
	for name, value := range map[string]string{"name": "channel", "label_zh": "渠道<b>", "label_en": "Channel", "options": "电商\n门店\n"} {
		form.Set(name, value)
	}
	amy.Post("/settings/fields/client", form).Want(http.StatusSeeOther)
	record := url.Values(amy.Get("/clients/new").Form("#record"))
	record.Set("name", "甲")
	record.Set("channel", "门店")
	to := amy.Post("/clients", record).Want(http.StatusSeeOther).Location()
	if p := amy.Get(to); !strings.Contains(p.TextOf("main"), "渠道<b> 门店") && !strings.Contains(p.TextOf("main"), "渠道<b>门店") || strings.Contains(p.Body, "渠道<b>") {
		t.Errorf("record: %s", p.TextOf("main"))
	}
	if p := amy.Get("/clients?f=" + url.QueryEscape("channel:in:门店") + "&cols=channel").Want(http.StatusOK); len(p.All("tbody tr")) != 1 {
		t.Errorf("list by the field: %s", p.TextOf("main"))
	}
	remove := amy.Get("/settings/fields/client").Attr("[data-testid=field] form", "action")
	cara.Post(remove, nil).Want(http.StatusForbidden)
	amy.Post(remove, nil).Want(http.StatusSeeOther)
	amy.Post(remove, nil).Want(http.StatusNotFound)
	if p := amy.Get(to); strings.Contains(p.TextOf("main"), "门店") {
		t.Error("the field is still shown")
	}
	if len(s.Audited(t, "custom_field.create")) != 1 || len(s.Audited(t, "custom_field.remove")) != 1 {
		t.Error("the changes are not in the audit log")
	}
}
