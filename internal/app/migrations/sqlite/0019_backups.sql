-- +goose Up
CREATE TABLE backup_runs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  begun_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  ended_at TEXT,
  ok INTEGER NOT NULL DEFAULT 0,
  detail TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX backup_runs_kind_id_ix ON backup_runs (kind, id);
