-- +goose Up
CREATE TABLE call_reviews (
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
  interaction_id INTEGER,
  kind TEXT NOT NULL DEFAULT '',
  reviewer_id INTEGER,
  basis TEXT NOT NULL DEFAULT '',
  greeting TEXT NOT NULL DEFAULT '',
  polite TEXT NOT NULL DEFAULT '',
  closing TEXT NOT NULL DEFAULT '',
  respectful TEXT NOT NULL DEFAULT '',
  pressed INTEGER NOT NULL DEFAULT 0,
  warmth INTEGER,
  empathy INTEGER,
  interruptions INTEGER,
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX call_reviews_number_key ON call_reviews (number);
CREATE INDEX call_reviews_owner_id_id_ix ON call_reviews (owner_id, id);
CREATE INDEX call_reviews_unit_id_id_ix ON call_reviews (unit_id, id);
CREATE INDEX call_reviews_interaction_id_id_ix ON call_reviews (interaction_id, id);
CREATE INDEX call_reviews_kind_id_ix ON call_reviews (kind, id);
CREATE TABLE call_recordings (
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
  interaction_id INTEGER,
  file_id INTEGER,
  recorded_at TEXT,
  notice_given INTEGER NOT NULL DEFAULT 0,
  purpose TEXT NOT NULL DEFAULT '',
  keep_until TEXT,
  plays INTEGER,
  played_for TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX call_recordings_number_key ON call_recordings (number);
CREATE INDEX call_recordings_owner_id_id_ix ON call_recordings (owner_id, id);
CREATE INDEX call_recordings_unit_id_id_ix ON call_recordings (unit_id, id);
CREATE INDEX call_recordings_interaction_id_id_ix ON call_recordings (interaction_id, id);
CREATE INDEX call_recordings_keep_until_id_ix ON call_recordings (keep_until, id);
ALTER TABLE cases ADD COLUMN desired_remedy TEXT;
ALTER TABLE cases ADD COLUMN report_decision TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN report_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_use TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_quantity TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_budget INTEGER;
ALTER TABLE cases ADD COLUMN need_on TEXT;
ALTER TABLE cases ADD COLUMN need_limits TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN sheets TEXT;
ALTER TABLE cases ADD COLUMN no_sheet_why TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN gap_reason TEXT NOT NULL DEFAULT '';
