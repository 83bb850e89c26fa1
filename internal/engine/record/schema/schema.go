// Package schema derives tables from record types.
//
// Every type has one table named by its plural: the columns of the head, one column a stored field, and for sensitive
// fields a second column with a keyed hash, by which alone they can be searched. The engine's own tables (history,
// events, numbers, recusals, search) are declared here as well. The package writes no rows.
package schema

import (
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

// BlindSuffix ends the name of the column that holds the keyed hash of a sensitive field.
const BlindSuffix = "_blind"

// Table returns the table of the type. Custom fields live in the column custom and need none of their own.
func Table(t *record.Type) db.Table {
	out := db.Table{Name: t.Plural, Columns: []db.Column{
		{Name: "id", Kind: db.Int, Key: true}, {Name: "number"},
		{Name: "unit_id", Kind: db.Int, Null: true}, {Name: "owner_id", Kind: db.Int, Null: true},
		{Name: "created_at", Kind: db.Instant}, {Name: "created_by", Kind: db.Int, Null: true},
		{Name: "updated_at", Kind: db.Instant}, {Name: "updated_by", Kind: db.Int, Null: true},
		{Name: "lock_version", Kind: db.Int}, {Name: "archived_at", Kind: db.Instant, Null: true},
		{Name: "custom", Kind: db.JSON, Null: true},
	}, Indexes: []db.Index{
		{Columns: []string{"number"}, Unique: true},
		{Columns: []string{"owner_id", "id"}},
		{Columns: []string{"unit_id", "id"}, Where: "archived_at IS NULL"}, // live rows are counted without reading them
	}}
	if t.CreatorOwns {
		out.Indexes = append(out.Indexes, db.Index{Columns: []string{"created_by", "id"}, Where: "owner_id IS NULL"})
	}
	for _, f := range t.Fields {
		if Stored(f) {
			addField(&out, f)
		}
	}
	return out
}

func addField(out *db.Table, f *record.Field) {
	if f.Class == record.Sensitive {
		blind := f.Name + BlindSuffix
		out.Columns = append(out.Columns, db.Column{Name: f.Name}, db.Column{Name: blind})
		ix := db.Index{Columns: []string{blind}, Unique: f.Unique}
		if f.Unique {
			ix.Where = blind + " <> '' AND archived_at IS NULL"
		}
		out.Indexes = append(out.Indexes, ix)
		return
	}
	out.Columns = append(out.Columns, db.Column{Name: f.Name, Kind: f.Kind.Column(), Null: f.Kind.Null()})
	switch {
	case f.Unique:
		where := f.Name + " <> '' AND archived_at IS NULL"
		if f.Kind.Null() {
			where = f.Name + " IS NOT NULL AND archived_at IS NULL"
		}
		out.Indexes = append(out.Indexes, db.Index{Columns: []string{f.Name}, Unique: true, Where: where})
	case f.Indexed || f.Ref != "" && f.Kind.Name() == "ref" || f.Kind.Name() == "state" || f.Own:
		out.Indexes = append(out.Indexes, db.Index{Columns: []string{f.Name, "id"}})
	}
}

// Stored reports whether the field has a column of its own.
func Stored(f *record.Field) bool { return !f.Custom && f.Compute == nil }

// Tables returns the tables of all types and of the engine itself.
func Tables(r *record.Registry) []db.Table {
	out := Engine()
	for _, t := range r.Types() {
		out = append(out, Table(t))
	}
	return out
}

// Engine returns the tables that serve all types.
func Engine() []db.Table {
	key := db.Column{Name: "id", Kind: db.Int, Key: true}
	rec := db.Column{Name: "record_id", Kind: db.Int}
	at := db.Column{Name: "at", Kind: db.Instant}
	return []db.Table{
		{Name: "record_history", Columns: []db.Column{
			key, rec, {Name: "type"}, at, {Name: "actor"}, {Name: "action"}, {Name: "version", Kind: db.Int},
			{Name: "changes", Kind: db.JSON, Null: true}, {Name: "batch_id", Kind: db.Int, Null: true},
		}, Indexes: []db.Index{{Columns: []string{"record_id", "id"}}, {Columns: []string{"batch_id"}}}},
		{Name: "events", Columns: []db.Column{
			key, at, {Name: "name"}, {Name: "type"}, rec, {Name: "actor"}, {Name: "payload", Kind: db.JSON, Null: true},
			{Name: "done_at", Kind: db.Instant, Null: true}, {Name: "attempts", Kind: db.Int}, {Name: "failure"},
		}, Indexes: []db.Index{{Columns: []string{"id"}, Where: "done_at IS NULL"}, {Columns: []string{"record_id", "id"}}}},
		{Name: "number_series", Columns: []db.Column{{Name: "name", Key: true}, {Name: "next", Kind: db.Int}}},
		{Name: "recusals", Columns: []db.Column{
			key, rec, {Name: "type"}, {Name: "user_id", Kind: db.Int}, {Name: "reason"}, at, {Name: "ended_at", Kind: db.Instant, Null: true},
		}, Indexes: []db.Index{{Columns: []string{"record_id", "user_id"}, Unique: true}, {Columns: []string{"user_id"}, Where: "ended_at IS NULL"}}},
		{Name: "record_comments", Columns: []db.Column{
			key, rec, {Name: "type"}, at, {Name: "author_id", Kind: db.Int}, {Name: "body"}, {Name: "mentions", Kind: db.JSON, Null: true},
			{Name: "edited_at", Kind: db.Instant, Null: true}, {Name: "removed_at", Kind: db.Instant, Null: true},
		}, Indexes: []db.Index{{Columns: []string{"record_id", "id"}}}},
		{Name: "record_files", Columns: []db.Column{
			key, rec, {Name: "type"}, at, {Name: "author_id", Kind: db.Int, Null: true}, {Name: "name"}, {Name: "hash"},
			{Name: "size", Kind: db.Int}, {Name: "content_type"}, {Name: "class"}, {Name: "removed_at", Kind: db.Instant, Null: true},
		}, Indexes: []db.Index{{Columns: []string{"record_id", "id"}}}},
		{Name: "custom_fields", Columns: []db.Column{
			key, {Name: "type"}, {Name: "name"}, {Name: "kind"}, {Name: "spec", Kind: db.JSON}, {Name: "position", Kind: db.Int}, at,
		}, Indexes: []db.Index{{Columns: []string{"type", "name"}, Unique: true}}},
		{Name: "saved_views", Columns: []db.Column{
			key, {Name: "type"}, {Name: "owner_id", Kind: db.Int}, {Name: "name"}, {Name: "query"}, {Name: "shared", Kind: db.Bool}, at,
		}, Indexes: []db.Index{{Columns: []string{"type", "owner_id"}}}},
		{Name: "merges", Columns: []db.Column{
			key, {Name: "type"}, {Name: "survivor_id", Kind: db.Int}, at, {Name: "actor"}, {Name: "reason"}, {Name: "plan", Kind: db.JSON, Null: true},
			{Name: "undone_at", Kind: db.Instant, Null: true}, {Name: "undone_by"},
		}, Indexes: []db.Index{{Columns: []string{"survivor_id", "id"}}}},
		{Name: "merged_records", Columns: []db.Column{key, {Name: "merge_id", Kind: db.Int}, {Name: "survivor_id", Kind: db.Int}},
			Indexes: []db.Index{{Columns: []string{"survivor_id", "id"}}, {Columns: []string{"merge_id"}}}},
		{Name: "duplicate_keys", Columns: []db.Column{key, rec, {Name: "key", Kind: db.Int}}, Indexes: []db.Index{{Columns: []string{"key", "record_id"}}, {Columns: []string{"record_id"}}}},
		{Name: "duplicate_marks", Columns: []db.Column{{Name: "name", Key: true}, {Name: "history_id", Kind: db.Int}, {Name: "row_id", Kind: db.Int}, {Name: "whole", Kind: db.Bool}}},
		{Name: "search_entries", Columns: []db.Column{key, {Name: "type"}}},
		searchTable(),
	}
}

// searchTable is full text over tokens of our own making; its row id is the record's id.
func searchTable() db.Table {
	return db.Table{Name: "search_index", Raw: map[db.Dialect][]string{
		db.SQLite: {`CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', contentless_delete=1, tokenize="ascii tokenchars '_'")`},
		db.Postgres: {
			"CREATE TABLE search_index (id BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL)",
			"CREATE INDEX search_index_tokens_ix ON search_index USING GIN (tokens)",
		},
	}}
}
