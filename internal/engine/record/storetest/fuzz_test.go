package storetest_test

import (
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/storetest"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

// FuzzFilter reads filters as they come in addresses and requests. Whatever is typed is either refused as a mistake of
// the caller or answered by the database; nothing is a fault of the program.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`{"field":"name","op":"contains","value":"茅台"}`, `{"and":[{"field":"due","op":"lt","value":"-7d"},{"not":{"field":"good","op":"eq","value":true}}]}`,
		`{"or":[{"field":"stage","op":"in","value":["open","done"]},{"field":"price","op":"ge","value":"12.50"}]}`, `{"field":"helper","op":"eq","value":"me"}`,
		`{"field":"mobile","op":"eq","value":"13800138000"}`, `{"field":"id_number","op":"starts","value":"1"}`, `{"field":"tags","op":"has","value":"a'\\u0000\"%_"}`,
		`{"field":"seen","op":"eq","value":"this_month"}`, `{"field":"effort","op":"gt","value":1e400}`, `{"field":"weight","op":"empty"}`,
		`{"field":"owner_id","op":"in","value":[{}]}`, `{"not":{"not":{"not":{"not":{"not":{"not":{"not":{}}}}}}}}`, `[]`, `{"field":"nothing"}`, "", "null", `{"and":[{},{}]}`,
	} {
		f.Add(seed)
	}
	b := storetest.New(f, dbtest.SQLite(f))
	b.Create(f, map[string]any{"name": "贵州茅台", "size": "large"})
	scope := b.Scope(b.Gadget, record.Read, storetest.Everything)
	fc := record.FilterContext{Now: storetest.Start, Zone: time.FixedZone("CST", 8*3600), Me: 4711}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := b.Gadget.ParseFilter(text, fc)
		if err != nil {
			if e := errs.As(err); e == nil || e.Kind == errs.Internal {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		err = db.Do(t.Context(), b.DB, func(tx *db.Tx) error {
			_, err := b.Store.List(t.Context(), tx, b.Gadget, scope, record.Query{Filter: parsed, Limit: 5, Count: true})
			return err
		})
		if err != nil && (errs.As(err) == nil || errs.Is(err, errs.Internal)) {
			t.Fatalf("%q: %v", strings.TrimSpace(text), err)
		}
	})
}
