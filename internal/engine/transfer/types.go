// Package transfer brings records in from files and takes them out.
//
// An [Import] is a record: a stored file, the type it becomes, how columns map to fields, what was found when it was tried
// and what came of it. Rows are written in batches; each batch is one transaction that also moves the cursor, so that an
// import goes on after a restart without a row lost or doubled. Rows that cannot be taken are kept with their reasons and
// can be had as a file, corrected and sent again. Whoever imports needs the permission "import" on the type beside those
// to create and update; rules, validation, history, audit and search are those of every write (docs/import-export.md says
// which clauses judge imported rows). The package also writes vCards, calendars and the archive of a whole instance. It
// knows no type by name; what is particular to one is told to the [Desk].
package transfer

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// The states of an import.
const (
	Mapping   = "mapping"
	Checking  = "checking"
	Checked   = "checked"
	Running   = "running"
	Done      = "done"
	Cancelled = "cancelled"
	Failed    = "failed"
)

// Import is one file on its way in. Its owner is who sent it. Counts are those of the last trial until it has run.
type Import struct {
	record.Head
	Title       string         `rec:"text,required,readonly,max=200,name"` // name of the file, without its folder
	Target      string         `rec:"text,required,readonly,max=40,index"` // type of the records
	FileHash    string         `rec:"text,readonly,max=64"`
	FileSize    int64          `rec:"number,readonly"`
	Layout      map[string]any `rec:"json,readonly"` // see [Layout]
	Fingerprint string         `rec:"text,readonly,max=64,index"`
	Plan        map[string]any `rec:"json,readonly"` // see [Plan]
	Status      string         `rec:"state,enum=mapping|checking|checked|running|done|cancelled|failed,default=mapping"`
	Lines       int64          `rec:"number,readonly"` // rows looked at
	Created     int64          `rec:"number,readonly"`
	Changed     int64          `rec:"number,readonly"`
	Same        int64          `rec:"number,readonly"`
	Duplicates  int64          `rec:"number,readonly"` // not taken because they are there already
	Rejected    int64          `rec:"number,readonly"`
	Fault       string         `rec:"text,readonly,max=100"` // message key of what ended it
	StartedAt   time.Time      `rec:"time,readonly"`
	EndedAt     time.Time      `rec:"time,readonly"`
}

// Register adds the type. Imports come and go by the [Desk] alone.
func Register(reg *record.Registry) {
	reg.Add(record.Declare[Import](record.Spec{
		Name: "import", Plural: "imports", Room: "settings", Prefix: "IM", Icon: "file-import", Title: "title",
		List: []string{"title", "target", "status", "lines", "created", "changed", "rejected", "owner_id", "created_at"},
		Without: []string{
			record.Create, record.Update, record.Archive, record.Restore, record.Assign, record.Attach, record.Comment, record.Reveal, record.Export,
		},
	}))
}

// Grants lets those see their own imports who may import anything by default.
func Grants() access.RoleGrants {
	own := []access.Grant{{Type: "import", Action: record.Read, Reach: access.Own, Class: record.Internal}}
	out := access.RoleGrants{}
	for _, role := range []string{"manager", "director"} {
		out[role] = own
		for _, typ := range []string{"customer", "contact", "interaction", "case"} {
			out[role] = append(out[role], access.Grant{Type: typ, Action: record.Import, Reach: access.Below, Class: record.Internal})
		}
	}
	return out
}

// Tables returns what is kept beside the records: where imports that run have come to, the rows they could not take,
// calendar addresses.
func Tables() []db.Table {
	id := db.Column{Name: "id", Kind: db.Int, Key: true}
	return []db.Table{
		{Name: "import_runs", Columns: []db.Column{
			id, {Name: "dry", Kind: db.Bool}, {Name: "live", Kind: db.Bool}, {Name: "halt", Kind: db.Bool}, {Name: "cursor", Kind: db.Int},
			{Name: "total", Kind: db.Int}, {Name: "created", Kind: db.Int}, {Name: "changed", Kind: db.Int}, {Name: "same", Kind: db.Int},
			{Name: "duplicates", Kind: db.Int}, {Name: "rejected", Kind: db.Int}, {Name: "worker"}, {Name: "beat_at", Kind: db.Instant, Null: true},
		}},
		{Name: "import_rejects", Columns: []db.Column{
			id, {Name: "import_id", Kind: db.Int}, {Name: "line", Kind: db.Int}, {Name: "kind"}, {Name: "cells"}, {Name: "reasons"},
			{Name: "against", Kind: db.Int, Null: true},
		}, Indexes: []db.Index{{Columns: []string{"import_id", "id"}}}},
		{Name: "calendar_feeds", Columns: []db.Column{
			id, {Name: "user_id", Kind: db.Int}, {Name: "secret"}, {Name: "made_at", Kind: db.Instant}, {Name: "seen_at", Kind: db.Instant, Null: true},
			{Name: "ended_at", Kind: db.Instant, Null: true},
		}, Indexes: []db.Index{{Columns: []string{"secret"}, Unique: true}, {Columns: []string{"user_id"}}}},
	}
}

// Layout is how the file is read; zero values were found out.
type Layout struct {
	Encoding  string `json:"encoding,omitempty"`
	Separator string `json:"separator,omitempty"`
	Sheet     string `json:"sheet,omitempty"`
	Header    int    `json:"header,omitempty"` // line of the headings; -1 for none
}

// Pick says that a column becomes a field. Several columns may go into one long text.
type Pick struct {
	Column int    `json:"column"`
	Name   string `json:"name"` // heading, to find the column again in another file
	Field  string `json:"field"`
}

// The rules for rows that are there already.
const (
	Skip   = "skip"
	Update = "update"
	Anyway = "create"
	Aside  = "aside"
)

// Plan is how the rows become records.
type Plan struct {
	Picks      []Pick                       `json:"picks"`
	Fixed      map[string]string            `json:"fixed,omitempty"`      // one text for all new records; {heading} stands for the cell
	Keys       []string                     `json:"keys,omitempty"`       // fields by which a row finds its record
	OnMatch    string                       `json:"on_match,omitempty"`   // update or skip what the keys find; update where empty
	Duplicates string                       `json:"duplicates,omitempty"` // skip, update, create or aside what looks the same; aside where empty
	Clear      bool                         `json:"clear,omitempty"`      // blank cells empty the field of a record that is changed
	Keep       bool                         `json:"keep,omitempty"`       // rows are records of the past with author, dates and state of their own
	Missing    map[string]string            `json:"missing,omitempty"`    // field → reject, empty or create what a reference names and is not there
	Values     map[string]map[string]string `json:"values,omitempty"`     // field → what stands in the file → value
	Dates      string                       `json:"dates,omitempty"`      // ymd, mdy or dmy
	Preset     string                       `json:"preset,omitempty"`     // key of the layout that was recognised
}

// PlanOf reads the plan of an import.
func PlanOf(i *Import) (Plan, error) { return decode[Plan](i.Plan) }

// LayoutOf reads the layout of an import.
func LayoutOf(i *Import) (Layout, error) { return decode[Layout](i.Layout) }

func decode[T any](m map[string]any) (T, error) {
	var out T
	b, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		return out, fmt.Errorf("stored import: %w", err)
	}
	return out, nil
}

func encode(v any) (map[string]any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("store import: %w", err)
	}
	var out map[string]any
	err = json.Unmarshal(b, &out)
	return out, err
}
