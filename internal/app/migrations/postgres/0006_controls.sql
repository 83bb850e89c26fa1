-- +goose Up
CREATE TABLE duties (
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
  label_en TEXT NOT NULL DEFAULT '',
  clause_key TEXT NOT NULL DEFAULT '',
  regulation TEXT NOT NULL DEFAULT '',
  version_id BIGINT,
  binding_id BIGINT,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  occurs_at TIMESTAMPTZ,
  due_at TIMESTAMPTZ,
  grace_ends TIMESTAMPTZ,
  status TEXT NOT NULL DEFAULT '',
  done_at TIMESTAMPTZ,
  done_by BIGINT,
  evidence_type TEXT NOT NULL DEFAULT '',
  evidence_id TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX duties_number_key ON duties (number);
CREATE INDEX duties_owner_id_id_ix ON duties (owner_id, id);
CREATE INDEX duties_unit_id_id_ix ON duties (unit_id, id);
CREATE INDEX duties_clause_key_id_ix ON duties (clause_key, id);
CREATE INDEX duties_version_id_id_ix ON duties (version_id, id);
CREATE INDEX duties_binding_id_id_ix ON duties (binding_id, id);
CREATE INDEX duties_about_id_id_ix ON duties (about_id, id);
CREATE INDEX duties_due_at_id_ix ON duties (due_at, id);
CREATE INDEX duties_status_id_ix ON duties (status, id);
CREATE TABLE attestations (
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
  label_en TEXT NOT NULL DEFAULT '',
  clause_key TEXT NOT NULL DEFAULT '',
  regulation TEXT NOT NULL DEFAULT '',
  version_id BIGINT,
  binding_id BIGINT,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  sample JSONB,
  items JSONB,
  answers JSONB,
  occurs_at TIMESTAMPTZ,
  due_at TIMESTAMPTZ,
  status TEXT NOT NULL DEFAULT '',
  verdict TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  signed_at TIMESTAMPTZ,
  seal TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX attestations_number_key ON attestations (number);
CREATE INDEX attestations_owner_id_id_ix ON attestations (owner_id, id);
CREATE INDEX attestations_unit_id_id_ix ON attestations (unit_id, id);
CREATE INDEX attestations_clause_key_id_ix ON attestations (clause_key, id);
CREATE INDEX attestations_version_id_id_ix ON attestations (version_id, id);
CREATE INDEX attestations_binding_id_id_ix ON attestations (binding_id, id);
CREATE INDEX attestations_about_id_id_ix ON attestations (about_id, id);
CREATE INDEX attestations_due_at_id_ix ON attestations (due_at, id);
CREATE INDEX attestations_status_id_ix ON attestations (status, id);
CREATE TABLE ladders (
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
  regulation TEXT NOT NULL DEFAULT '',
  origin TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  published_at TIMESTAMPTZ,
  published_by BIGINT
);
CREATE UNIQUE INDEX ladders_number_key ON ladders (number);
CREATE INDEX ladders_owner_id_id_ix ON ladders (owner_id, id);
CREATE INDEX ladders_unit_id_id_ix ON ladders (unit_id, id);
CREATE UNIQUE INDEX ladders_key_key ON ladders (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX ladders_status_id_ix ON ladders (status, id);
CREATE TABLE ladder_steps (
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
  ladder_id BIGINT,
  position BIGINT,
  key TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  title_en TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  points BIGINT,
  amount BIGINT,
  months BIGINT,
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX ladder_steps_number_key ON ladder_steps (number);
CREATE INDEX ladder_steps_owner_id_id_ix ON ladder_steps (owner_id, id);
CREATE INDEX ladder_steps_unit_id_id_ix ON ladder_steps (unit_id, id);
CREATE INDEX ladder_steps_ladder_id_id_ix ON ladder_steps (ladder_id, id);
CREATE TABLE measures (
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
  breach_id BIGINT,
  label TEXT NOT NULL DEFAULT '',
  person_id BIGINT,
  clause_key TEXT NOT NULL DEFAULT '',
  ladder_id BIGINT,
  step_id BIGINT,
  kind TEXT NOT NULL DEFAULT '',
  points BIGINT,
  status TEXT NOT NULL DEFAULT '',
  grounds TEXT NOT NULL DEFAULT '',
  proposed_by BIGINT,
  former_step_id BIGINT,
  confirmed_by BIGINT,
  confirmed_at TIMESTAMPTZ,
  confirm_note TEXT NOT NULL DEFAULT '',
  effective_on DATE,
  expires_at TIMESTAMPTZ,
  damage BIGINT,
  amount BIGINT,
  most_allowed BIGINT,
  month_wage TEXT NOT NULL DEFAULT '',
  month_wage_blind TEXT NOT NULL DEFAULT '',
  minimum_wage TEXT NOT NULL DEFAULT '',
  minimum_wage_blind TEXT NOT NULL DEFAULT '',
  deduct_month TEXT NOT NULL DEFAULT '',
  appeal_until TIMESTAMPTZ,
  appealed_at TIMESTAMPTZ,
  appeal_grounds TEXT NOT NULL DEFAULT '',
  appeal_files JSONB,
  appeal_reason TEXT NOT NULL DEFAULT '',
  appeal_decided_by BIGINT,
  appeal_decided_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX measures_number_key ON measures (number);
CREATE INDEX measures_owner_id_id_ix ON measures (owner_id, id);
CREATE INDEX measures_unit_id_id_ix ON measures (unit_id, id);
CREATE INDEX measures_breach_id_id_ix ON measures (breach_id, id);
CREATE INDEX measures_person_id_id_ix ON measures (person_id, id);
CREATE INDEX measures_clause_key_id_ix ON measures (clause_key, id);
CREATE INDEX measures_ladder_id_id_ix ON measures (ladder_id, id);
CREATE INDEX measures_step_id_id_ix ON measures (step_id, id);
CREATE INDEX measures_status_id_ix ON measures (status, id);
CREATE INDEX measures_former_step_id_id_ix ON measures (former_step_id, id);
CREATE INDEX measures_expires_at_id_ix ON measures (expires_at, id);
CREATE INDEX measures_month_wage_blind_ix ON measures (month_wage_blind);
CREATE INDEX measures_minimum_wage_blind_ix ON measures (minimum_wage_blind);
CREATE INDEX measures_deduct_month_id_ix ON measures (deduct_month, id);
ALTER TABLE exemptions ADD COLUMN answer TEXT NOT NULL DEFAULT '';
ALTER TABLE breaches ADD COLUMN allegation TEXT NOT NULL DEFAULT '';
ALTER TABLE breaches ADD COLUMN ladder_key TEXT NOT NULL DEFAULT '';
ALTER TABLE breaches ADD COLUMN step_key TEXT NOT NULL DEFAULT '';
ALTER TABLE breaches ADD COLUMN notified_by BIGINT;
ALTER TABLE breaches ADD COLUMN notified_at TIMESTAMPTZ;
ALTER TABLE breaches ADD COLUMN reply_due_at TIMESTAMPTZ;
ALTER TABLE breaches ADD COLUMN statement_files JSONB;
ALTER TABLE breaches ADD COLUMN statement_by BIGINT;
ALTER TABLE breaches ADD COLUMN statement_at TIMESTAMPTZ;
CREATE INDEX exemptions_expires_at_id_ix ON exemptions (expires_at, id);
CREATE INDEX breaches_reply_due_at_id_ix ON breaches (reply_due_at, id);
