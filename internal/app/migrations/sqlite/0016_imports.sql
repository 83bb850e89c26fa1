-- +goose Up
CREATE TABLE imports (
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
  title TEXT NOT NULL DEFAULT '',
  target TEXT NOT NULL DEFAULT '',
  file_hash TEXT NOT NULL DEFAULT '',
  file_size INTEGER,
  layout TEXT,
  fingerprint TEXT NOT NULL DEFAULT '',
  plan TEXT,
  status TEXT NOT NULL DEFAULT '',
  lines INTEGER,
  created INTEGER,
  changed INTEGER,
  same INTEGER,
  duplicates INTEGER,
  rejected INTEGER,
  fault TEXT NOT NULL DEFAULT '',
  started_at TEXT,
  ended_at TEXT
);
CREATE UNIQUE INDEX imports_number_key ON imports (number);
CREATE INDEX imports_owner_id_id_ix ON imports (owner_id, id);
CREATE INDEX imports_unit_id_id_ix ON imports (unit_id, id);
CREATE INDEX imports_target_id_ix ON imports (target, id);
CREATE INDEX imports_fingerprint_id_ix ON imports (fingerprint, id);
CREATE INDEX imports_status_id_ix ON imports (status, id);
CREATE TABLE import_runs (
  id INTEGER PRIMARY KEY,
  dry INTEGER NOT NULL DEFAULT 0,
  live INTEGER NOT NULL DEFAULT 0,
  halt INTEGER NOT NULL DEFAULT 0,
  cursor INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0,
  same INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  worker TEXT NOT NULL DEFAULT '',
  beat_at TEXT
);
CREATE TABLE import_rejects (
  id INTEGER PRIMARY KEY,
  import_id INTEGER NOT NULL DEFAULT 0,
  line INTEGER NOT NULL DEFAULT 0,
  kind TEXT NOT NULL DEFAULT '',
  cells TEXT NOT NULL DEFAULT '',
  reasons TEXT NOT NULL DEFAULT '',
  against INTEGER
);
CREATE INDEX import_rejects_import_id_id_ix ON import_rejects (import_id, id);
CREATE TABLE calendar_feeds (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL DEFAULT 0,
  secret TEXT NOT NULL DEFAULT '',
  made_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  seen_at TEXT,
  ended_at TEXT
);
CREATE UNIQUE INDEX calendar_feeds_secret_key ON calendar_feeds (secret);
CREATE INDEX calendar_feeds_user_id_ix ON calendar_feeds (user_id);
CREATE INDEX customers_name_id_ix ON customers (name, id);
CREATE INDEX cases_source_ref_id_ix ON cases (source_ref, id);
