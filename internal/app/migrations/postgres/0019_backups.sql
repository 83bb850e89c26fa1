-- +goose Up
CREATE TABLE backup_runs (
  id BIGINT PRIMARY KEY,
  kind TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  begun_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  ended_at TIMESTAMPTZ,
  ok BOOLEAN NOT NULL DEFAULT FALSE,
  detail JSONB NOT NULL DEFAULT '{}'
);
CREATE INDEX backup_runs_kind_id_ix ON backup_runs (kind, id);
