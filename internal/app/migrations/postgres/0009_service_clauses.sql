-- +goose Up
CREATE TABLE call_reviews (
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
  interaction_id BIGINT,
  kind TEXT NOT NULL DEFAULT '',
  reviewer_id BIGINT,
  basis TEXT NOT NULL DEFAULT '',
  greeting TEXT NOT NULL DEFAULT '',
  polite TEXT NOT NULL DEFAULT '',
  closing TEXT NOT NULL DEFAULT '',
  respectful TEXT NOT NULL DEFAULT '',
  pressed BOOLEAN NOT NULL DEFAULT FALSE,
  warmth BIGINT,
  empathy BIGINT,
  interruptions BIGINT,
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX call_reviews_number_key ON call_reviews (number);
CREATE INDEX call_reviews_owner_id_id_ix ON call_reviews (owner_id, id);
CREATE INDEX call_reviews_unit_id_id_ix ON call_reviews (unit_id, id);
CREATE INDEX call_reviews_interaction_id_id_ix ON call_reviews (interaction_id, id);
CREATE INDEX call_reviews_kind_id_ix ON call_reviews (kind, id);
CREATE TABLE call_recordings (
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
  interaction_id BIGINT,
  file_id BIGINT,
  recorded_at TIMESTAMPTZ,
  notice_given BOOLEAN NOT NULL DEFAULT FALSE,
  purpose TEXT NOT NULL DEFAULT '',
  keep_until DATE,
  plays BIGINT,
  played_for TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX call_recordings_number_key ON call_recordings (number);
CREATE INDEX call_recordings_owner_id_id_ix ON call_recordings (owner_id, id);
CREATE INDEX call_recordings_unit_id_id_ix ON call_recordings (unit_id, id);
CREATE INDEX call_recordings_interaction_id_id_ix ON call_recordings (interaction_id, id);
CREATE INDEX call_recordings_keep_until_id_ix ON call_recordings (keep_until, id);
ALTER TABLE cases ADD COLUMN desired_remedy JSONB;
ALTER TABLE cases ADD COLUMN report_decision TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN report_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_use TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_quantity TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_budget BIGINT;
ALTER TABLE cases ADD COLUMN need_on DATE;
ALTER TABLE cases ADD COLUMN need_limits TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN sheets JSONB;
ALTER TABLE cases ADD COLUMN no_sheet_why TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN gap_reason TEXT NOT NULL DEFAULT '';
