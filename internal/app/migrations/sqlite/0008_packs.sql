-- +goose Up
CREATE TABLE packs (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL DEFAULT '',
  unit_id INTEGER,
  owner_id INTEGER,
  created_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  created_by INTEGER,
  updated_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  updated_by INTEGER,
  lock_version INTEGER NOT NULL DEFAULT 0,
  archived_at TEXT,
  custom TEXT,
  key TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  version TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT '',
  added_at TEXT,
  gone_at TEXT,
  put_away TEXT
);
CREATE UNIQUE INDEX packs_number_key ON packs (number);
CREATE INDEX packs_owner_id_id_ix ON packs (owner_id, id);
CREATE INDEX packs_unit_id_id_ix ON packs (unit_id, id);
CREATE UNIQUE INDEX packs_key_key ON packs (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX packs_status_id_ix ON packs (status, id);
