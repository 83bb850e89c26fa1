-- +goose Up
CREATE TABLE packs (
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
  key TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  version TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT '',
  added_at TIMESTAMPTZ,
  gone_at TIMESTAMPTZ,
  put_away JSONB
);
CREATE UNIQUE INDEX packs_number_key ON packs (number);
CREATE INDEX packs_owner_id_id_ix ON packs (owner_id, id);
CREATE INDEX packs_unit_id_id_ix ON packs (unit_id, id);
CREATE UNIQUE INDEX packs_key_key ON packs (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX packs_status_id_ix ON packs (status, id);
