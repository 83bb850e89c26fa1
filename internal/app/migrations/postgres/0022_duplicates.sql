-- +goose Up
CREATE TABLE merges (
  id BIGINT PRIMARY KEY,
  type TEXT NOT NULL DEFAULT '',
  survivor_id BIGINT NOT NULL DEFAULT 0,
  at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  actor TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  plan JSONB,
  undone_at TIMESTAMPTZ,
  undone_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX merges_survivor_id_id_ix ON merges (survivor_id, id);
CREATE TABLE merged_records (
  id BIGINT PRIMARY KEY,
  merge_id BIGINT NOT NULL DEFAULT 0,
  survivor_id BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX merged_records_survivor_id_id_ix ON merged_records (survivor_id, id);
CREATE INDEX merged_records_merge_id_ix ON merged_records (merge_id);
CREATE TABLE duplicate_keys (
  id BIGINT PRIMARY KEY,
  record_id BIGINT NOT NULL DEFAULT 0,
  key BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX duplicate_keys_key_record_id_ix ON duplicate_keys (key, record_id);
CREATE INDEX duplicate_keys_record_id_ix ON duplicate_keys (record_id);
CREATE TABLE duplicate_marks (
  name TEXT PRIMARY KEY,
  history_id BIGINT NOT NULL DEFAULT 0,
  row_id BIGINT NOT NULL DEFAULT 0,
  whole BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE TABLE duplicates (
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
  label TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  first_id TEXT NOT NULL DEFAULT '',
  second_id TEXT NOT NULL DEFAULT '',
  pair_key TEXT NOT NULL DEFAULT '',
  score BIGINT,
  reasons JSONB,
  status TEXT NOT NULL DEFAULT '',
  decided_by BIGINT,
  decided_at TIMESTAMPTZ,
  remark TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX duplicates_number_key ON duplicates (number);
CREATE INDEX duplicates_owner_id_id_ix ON duplicates (owner_id, id);
CREATE INDEX duplicates_unit_id_id_ix ON duplicates (unit_id, id);
CREATE INDEX duplicates_kind_id_ix ON duplicates (kind, id);
CREATE INDEX duplicates_first_id_id_ix ON duplicates (first_id, id);
CREATE INDEX duplicates_second_id_id_ix ON duplicates (second_id, id);
CREATE UNIQUE INDEX duplicates_pair_key_key ON duplicates (pair_key) WHERE pair_key <> '' AND archived_at IS NULL;
CREATE INDEX duplicates_score_id_ix ON duplicates (score, id);
CREATE INDEX duplicates_status_id_ix ON duplicates (status, id);
