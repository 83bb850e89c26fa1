-- +goose Up
CREATE TABLE duties (
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
  label TEXT NOT NULL DEFAULT '',
  label_en TEXT NOT NULL DEFAULT '',
  clause_key TEXT NOT NULL DEFAULT '',
  regulation TEXT NOT NULL DEFAULT '',
  version_id INTEGER,
  binding_id INTEGER,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  occurs_at TEXT,
  due_at TEXT,
  grace_ends TEXT,
  status TEXT NOT NULL DEFAULT '',
  done_at TEXT,
  done_by INTEGER,
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
  label TEXT NOT NULL DEFAULT '',
  label_en TEXT NOT NULL DEFAULT '',
  clause_key TEXT NOT NULL DEFAULT '',
  regulation TEXT NOT NULL DEFAULT '',
  version_id INTEGER,
  binding_id INTEGER,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  sample TEXT,
  items TEXT,
  answers TEXT,
  occurs_at TEXT,
  due_at TEXT,
  status TEXT NOT NULL DEFAULT '',
  verdict TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  signed_at TEXT,
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
  regulation TEXT NOT NULL DEFAULT '',
  origin TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  published_at TEXT,
  published_by INTEGER
);
CREATE UNIQUE INDEX ladders_number_key ON ladders (number);
CREATE INDEX ladders_owner_id_id_ix ON ladders (owner_id, id);
CREATE INDEX ladders_unit_id_id_ix ON ladders (unit_id, id);
CREATE UNIQUE INDEX ladders_key_key ON ladders (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX ladders_status_id_ix ON ladders (status, id);
CREATE TABLE ladder_steps (
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
  ladder_id INTEGER,
  position INTEGER,
  key TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  title_en TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  points INTEGER,
  amount INTEGER,
  months INTEGER,
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX ladder_steps_number_key ON ladder_steps (number);
CREATE INDEX ladder_steps_owner_id_id_ix ON ladder_steps (owner_id, id);
CREATE INDEX ladder_steps_unit_id_id_ix ON ladder_steps (unit_id, id);
CREATE INDEX ladder_steps_ladder_id_id_ix ON ladder_steps (ladder_id, id);
CREATE TABLE measures (
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
  breach_id INTEGER,
  label TEXT NOT NULL DEFAULT '',
  person_id INTEGER,
  clause_key TEXT NOT NULL DEFAULT '',
  ladder_id INTEGER,
  step_id INTEGER,
  kind TEXT NOT NULL DEFAULT '',
  points INTEGER,
  status TEXT NOT NULL DEFAULT '',
  grounds TEXT NOT NULL DEFAULT '',
  proposed_by INTEGER,
  former_step_id INTEGER,
  confirmed_by INTEGER,
  confirmed_at TEXT,
  confirm_note TEXT NOT NULL DEFAULT '',
  effective_on TEXT,
  expires_at TEXT,
  damage INTEGER,
  amount INTEGER,
  most_allowed INTEGER,
  month_wage TEXT NOT NULL DEFAULT '',
  month_wage_blind TEXT NOT NULL DEFAULT '',
  minimum_wage TEXT NOT NULL DEFAULT '',
  minimum_wage_blind TEXT NOT NULL DEFAULT '',
  deduct_month TEXT NOT NULL DEFAULT '',
  appeal_until TEXT,
  appealed_at TEXT,
  appeal_grounds TEXT NOT NULL DEFAULT '',
  appeal_files TEXT,
  appeal_reason TEXT NOT NULL DEFAULT '',
  appeal_decided_by INTEGER,
  appeal_decided_at TEXT
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
ALTER TABLE breaches ADD COLUMN notified_by INTEGER;
ALTER TABLE breaches ADD COLUMN notified_at TEXT;
ALTER TABLE breaches ADD COLUMN reply_due_at TEXT;
ALTER TABLE breaches ADD COLUMN statement_files TEXT;
ALTER TABLE breaches ADD COLUMN statement_by INTEGER;
ALTER TABLE breaches ADD COLUMN statement_at TEXT;
CREATE INDEX exemptions_expires_at_id_ix ON exemptions (expires_at, id);
CREATE INDEX breaches_reply_due_at_id_ix ON breaches (reply_due_at, id);
