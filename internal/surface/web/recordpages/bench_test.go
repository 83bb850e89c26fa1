package recordpages_test

import (
	"context"
	"io/fs"
	"testing"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/view"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webtest"
)

// site opens the pages of the types of accesstest.
func site(t testing.TB, change ...func(*recordpages.Deps)) *webtest.Site {
	t.Helper()
	return webtest.New(t, options(t, change...))
}

func options(t testing.TB, change ...func(*recordpages.Deps)) webtest.Options {
	return webtest.Options{
		Messages: []fs.FS{recordpages.Messages()},
		Mount: func(b *accesstest.Bench) []func(*web.Server) {
			d := recordpages.Deps{
				Blobs: webtest.Blobs(t), Clock: b.Clock, Views: &view.Store{DB: b.DB, Clock: b.Clock, IDs: b.Store.IDs},
				Related: []recordpages.Related{{Of: "user", Type: "posting", Field: "user_id"}},
			}
			for _, c := range change {
				c(&d)
			}
			return []func(*web.Server){recordpages.New(d).Mount}
		},
	}
}

// change writes to a client as the program itself.
func change(t testing.TB, s *webtest.Site, id record.ID, fn func(*accesstest.Client)) {
	t.Helper()
	s.As(t, func(ctx context.Context, c *record.Call) error {
		cl, err := record.Load[accesstest.Client](ctx, c, "client", id)
		if err != nil {
			return err
		}
		fn(cl)
		return c.Work.Save(ctx, c, "client", record.Update, cl)
	})
}

func load(t testing.TB, s *webtest.Site, id record.ID) *accesstest.Client {
	t.Helper()
	var out *accesstest.Client
	s.As(t, func(ctx context.Context, c *record.Call) error {
		var err error
		out, err = record.Load[accesstest.Client](ctx, c, "client", id)
		return err
	})
	return out
}
