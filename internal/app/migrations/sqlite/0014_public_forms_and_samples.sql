-- +goose Up
CREATE TABLE intake_forms (
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
  title_en TEXT NOT NULL DEFAULT '',
  intro TEXT NOT NULL DEFAULT '',
  intro_en TEXT NOT NULL DEFAULT '',
  thanks TEXT NOT NULL DEFAULT '',
  thanks_en TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  category_id INTEGER,
  desk_id INTEGER,
  asks TEXT,
  musts TEXT,
  extra TEXT,
  extra_musts TEXT,
  active INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX intake_forms_number_key ON intake_forms (number);
CREATE INDEX intake_forms_owner_id_id_ix ON intake_forms (owner_id, id);
CREATE INDEX intake_forms_unit_id_id_ix ON intake_forms (unit_id, id);
CREATE UNIQUE INDEX intake_forms_key_key ON intake_forms (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX intake_forms_category_id_id_ix ON intake_forms (category_id, id);
ALTER TABLE packs ADD COLUMN sample_at TEXT;
ALTER TABLE packs ADD COLUMN sample TEXT;
