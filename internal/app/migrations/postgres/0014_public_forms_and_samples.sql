-- +goose Up
CREATE TABLE intake_forms (
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
  title_en TEXT NOT NULL DEFAULT '',
  intro TEXT NOT NULL DEFAULT '',
  intro_en TEXT NOT NULL DEFAULT '',
  thanks TEXT NOT NULL DEFAULT '',
  thanks_en TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  category_id BIGINT,
  desk_id BIGINT,
  asks JSONB,
  musts JSONB,
  extra JSONB,
  extra_musts JSONB,
  active BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE UNIQUE INDEX intake_forms_number_key ON intake_forms (number);
CREATE INDEX intake_forms_owner_id_id_ix ON intake_forms (owner_id, id);
CREATE INDEX intake_forms_unit_id_id_ix ON intake_forms (unit_id, id);
CREATE UNIQUE INDEX intake_forms_key_key ON intake_forms (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX intake_forms_category_id_id_ix ON intake_forms (category_id, id);
ALTER TABLE packs ADD COLUMN sample_at TIMESTAMPTZ;
ALTER TABLE packs ADD COLUMN sample JSONB;
