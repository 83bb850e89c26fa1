-- +goose Up
CREATE TABLE imports (
  id BIGINT PRIMARY KEY,
  number TEXT NOT NULL DEFAULT '',
  unit_id BIGINT,
  owner_id BIGINT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  created_by BIGINT,
  updated_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  updated_by BIGINT,
  lock_version BIGINT NOT NULL DEFAULT 0,
  archived_at TIMESTAMPTZ,
  custom JSONB,
  title TEXT NOT NULL DEFAULT '',
  target TEXT NOT NULL DEFAULT '',
  file_hash TEXT NOT NULL DEFAULT '',
  file_size BIGINT,
  layout JSONB,
  fingerprint TEXT NOT NULL DEFAULT '',
  plan JSONB,
  status TEXT NOT NULL DEFAULT '',
  lines BIGINT,
  created BIGINT,
  changed BIGINT,
  same BIGINT,
  duplicates BIGINT,
  rejected BIGINT,
  fault TEXT NOT NULL DEFAULT '',
  started_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX imports_number_key ON imports (number);
CREATE INDEX imports_owner_id_id_ix ON imports (owner_id, id);
CREATE INDEX imports_unit_id_id_ix ON imports (unit_id, id);
CREATE INDEX imports_target_id_ix ON imports (target, id);
CREATE INDEX imports_fingerprint_id_ix ON imports (fingerprint, id);
CREATE INDEX imports_status_id_ix ON imports (status, id);
CREATE TABLE import_runs (
  id BIGINT PRIMARY KEY,
  dry BOOLEAN NOT NULL DEFAULT FALSE,
  live BOOLEAN NOT NULL DEFAULT FALSE,
  halt BOOLEAN NOT NULL DEFAULT FALSE,
  cursor BIGINT NOT NULL DEFAULT 0,
  total BIGINT NOT NULL DEFAULT 0,
  created BIGINT NOT NULL DEFAULT 0,
  changed BIGINT NOT NULL DEFAULT 0,
  same BIGINT NOT NULL DEFAULT 0,
  duplicates BIGINT NOT NULL DEFAULT 0,
  rejected BIGINT NOT NULL DEFAULT 0,
  worker TEXT NOT NULL DEFAULT '',
  beat_at TIMESTAMPTZ
);
CREATE TABLE import_rejects (
  id BIGINT PRIMARY KEY,
  import_id BIGINT NOT NULL DEFAULT 0,
  line BIGINT NOT NULL DEFAULT 0,
  kind TEXT NOT NULL DEFAULT '',
  cells TEXT NOT NULL DEFAULT '',
  reasons TEXT NOT NULL DEFAULT '',
  against BIGINT
);
CREATE INDEX import_rejects_import_id_id_ix ON import_rejects (import_id, id);
CREATE TABLE calendar_feeds (
  id BIGINT PRIMARY KEY,
  user_id BIGINT NOT NULL DEFAULT 0,
  secret TEXT NOT NULL DEFAULT '',
  made_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  seen_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX calendar_feeds_secret_key ON calendar_feeds (secret);
CREATE INDEX calendar_feeds_user_id_ix ON calendar_feeds (user_id);
CREATE INDEX customers_name_id_ix ON customers (name, id);
CREATE INDEX cases_source_ref_id_ix ON cases (source_ref, id);
