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
CREATE TABLE documents (
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
  title TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  secrecy TEXT NOT NULL DEFAULT '',
  home_id INTEGER,
  customer_id INTEGER,
  site TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '',
  place TEXT NOT NULL DEFAULT '',
  keep_until TEXT,
  readers TEXT,
  state TEXT NOT NULL DEFAULT '',
  borrower INTEGER,
  lent_at TEXT,
  due_on TEXT,
  downloads INTEGER,
  shared_with TEXT NOT NULL DEFAULT '',
  withdrawal TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX documents_number_key ON documents (number);
CREATE INDEX documents_owner_id_id_ix ON documents (owner_id, id);
CREATE INDEX documents_unit_id_id_ix ON documents (unit_id, id);
CREATE INDEX documents_kind_id_ix ON documents (kind, id);
CREATE INDEX documents_secrecy_id_ix ON documents (secrecy, id);
CREATE INDEX documents_customer_id_id_ix ON documents (customer_id, id);
CREATE INDEX documents_readers_id_ix ON documents (readers, id);
CREATE INDEX documents_state_id_ix ON documents (state, id);
CREATE INDEX documents_borrower_id_ix ON documents (borrower, id);
CREATE INDEX documents_due_on_id_ix ON documents (due_on, id);
CREATE TABLE undertakings (
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
  title TEXT NOT NULL DEFAULT '',
  person_id INTEGER,
  site TEXT NOT NULL DEFAULT '',
  terms TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  signed_at TEXT,
  valid_until TEXT
);
CREATE UNIQUE INDEX undertakings_number_key ON undertakings (number);
CREATE INDEX undertakings_owner_id_id_ix ON undertakings (owner_id, id);
CREATE INDEX undertakings_unit_id_id_ix ON undertakings (unit_id, id);
CREATE INDEX undertakings_person_id_id_ix ON undertakings (person_id, id);
CREATE INDEX undertakings_state_id_ix ON undertakings (state, id);
CREATE INDEX undertakings_valid_until_id_ix ON undertakings (valid_until, id);
CREATE TABLE authorisations (
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
  document_id INTEGER,
  person_id INTEGER,
  recipient TEXT NOT NULL DEFAULT '',
  purpose TEXT NOT NULL DEFAULT '',
  ends_on TEXT,
  state TEXT NOT NULL DEFAULT '',
  approver INTEGER,
  decided_at TEXT,
  decision TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX authorisations_number_key ON authorisations (number);
CREATE INDEX authorisations_owner_id_id_ix ON authorisations (owner_id, id);
CREATE INDEX authorisations_unit_id_id_ix ON authorisations (unit_id, id);
CREATE INDEX authorisations_document_id_id_ix ON authorisations (document_id, id);
CREATE INDEX authorisations_person_id_id_ix ON authorisations (person_id, id);
CREATE INDEX authorisations_ends_on_id_ix ON authorisations (ends_on, id);
CREATE INDEX authorisations_state_id_ix ON authorisations (state, id);
CREATE TABLE export_approvals (
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
  subject TEXT NOT NULL DEFAULT '',
  person_id INTEGER,
  purpose TEXT NOT NULL DEFAULT '',
  rows INTEGER,
  ends_on TEXT,
  state TEXT NOT NULL DEFAULT '',
  approver INTEGER,
  decided_at TEXT,
  decision TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX export_approvals_number_key ON export_approvals (number);
CREATE INDEX export_approvals_owner_id_id_ix ON export_approvals (owner_id, id);
CREATE INDEX export_approvals_unit_id_id_ix ON export_approvals (unit_id, id);
CREATE INDEX export_approvals_subject_id_ix ON export_approvals (subject, id);
CREATE INDEX export_approvals_person_id_id_ix ON export_approvals (person_id, id);
CREATE INDEX export_approvals_ends_on_id_ix ON export_approvals (ends_on, id);
CREATE INDEX export_approvals_state_id_ix ON export_approvals (state, id);
CREATE TABLE delegations (
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
  powers TEXT NOT NULL DEFAULT '',
  post_id INTEGER,
  person_id INTEGER,
  starts_on TEXT,
  ends_on TEXT,
  state TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX delegations_number_key ON delegations (number);
CREATE INDEX delegations_owner_id_id_ix ON delegations (owner_id, id);
CREATE INDEX delegations_unit_id_id_ix ON delegations (unit_id, id);
CREATE INDEX delegations_post_id_id_ix ON delegations (post_id, id);
CREATE INDEX delegations_person_id_id_ix ON delegations (person_id, id);
CREATE INDEX delegations_ends_on_id_ix ON delegations (ends_on, id);
CREATE INDEX delegations_state_id_ix ON delegations (state, id);
CREATE TABLE decision_rights (
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
  subject TEXT NOT NULL DEFAULT '',
  post_id INTEGER,
  amount INTEGER
);
CREATE UNIQUE INDEX decision_rights_number_key ON decision_rights (number);
CREATE INDEX decision_rights_owner_id_id_ix ON decision_rights (owner_id, id);
CREATE INDEX decision_rights_unit_id_id_ix ON decision_rights (unit_id, id);
CREATE INDEX decision_rights_subject_id_ix ON decision_rights (subject, id);
CREATE INDEX decision_rights_post_id_id_ix ON decision_rights (post_id, id);
CREATE TABLE decisions (
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
  title TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  amount INTEGER,
  customer_id INTEGER,
  reason TEXT NOT NULL DEFAULT '',
  emergency INTEGER NOT NULL DEFAULT 0,
  own_right INTEGER,
  above INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT '',
  approver INTEGER,
  decided_at TEXT,
  note TEXT NOT NULL DEFAULT '',
  applied_at TEXT,
  reviewer INTEGER,
  review TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX decisions_number_key ON decisions (number);
CREATE INDEX decisions_owner_id_id_ix ON decisions (owner_id, id);
CREATE INDEX decisions_unit_id_id_ix ON decisions (unit_id, id);
CREATE INDEX decisions_subject_id_ix ON decisions (subject, id);
CREATE INDEX decisions_customer_id_id_ix ON decisions (customer_id, id);
CREATE INDEX decisions_emergency_id_ix ON decisions (emergency, id);
CREATE INDEX decisions_above_id_ix ON decisions (above, id);
CREATE INDEX decisions_state_id_ix ON decisions (state, id);
CREATE TABLE assessments (
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
  title TEXT NOT NULL DEFAULT '',
  from_month TEXT NOT NULL DEFAULT '',
  to_month TEXT NOT NULL DEFAULT '',
  regulations TEXT,
  cover_unit INTEGER,
  status TEXT NOT NULL DEFAULT '',
  summary TEXT,
  hash TEXT NOT NULL DEFAULT '',
  audit_head TEXT NOT NULL DEFAULT '',
  frozen_at TEXT,
  frozen_by INTEGER,
  opinion TEXT NOT NULL DEFAULT '',
  signed_at TEXT,
  signed_by INTEGER
);
CREATE UNIQUE INDEX assessments_number_key ON assessments (number);
CREATE INDEX assessments_owner_id_id_ix ON assessments (owner_id, id);
CREATE INDEX assessments_unit_id_id_ix ON assessments (unit_id, id);
CREATE INDEX assessments_cover_unit_id_ix ON assessments (cover_unit, id);
CREATE INDEX assessments_status_id_ix ON assessments (status, id);
CREATE TABLE findings (
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
  assessment_id INTEGER,
  clause_key TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  due_on TEXT,
  status TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  answered_at TEXT,
  closed_by INTEGER
);
CREATE UNIQUE INDEX findings_number_key ON findings (number);
CREATE INDEX findings_owner_id_id_ix ON findings (owner_id, id);
CREATE INDEX findings_unit_id_id_ix ON findings (unit_id, id);
CREATE INDEX findings_assessment_id_id_ix ON findings (assessment_id, id);
CREATE INDEX findings_clause_key_id_ix ON findings (clause_key, id);
CREATE INDEX findings_status_id_ix ON findings (status, id);
CREATE TABLE exclusions (
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
  clause_key TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  ends_on TEXT,
  status TEXT NOT NULL DEFAULT '',
  lifted_at TEXT
);
CREATE UNIQUE INDEX exclusions_number_key ON exclusions (number);
CREATE INDEX exclusions_owner_id_id_ix ON exclusions (owner_id, id);
CREATE INDEX exclusions_unit_id_id_ix ON exclusions (unit_id, id);
CREATE INDEX exclusions_clause_key_id_ix ON exclusions (clause_key, id);
CREATE INDEX exclusions_status_id_ix ON exclusions (status, id);
CREATE TABLE assessment_sheets (
  id INTEGER PRIMARY KEY,
  assessment_id INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL DEFAULT 0,
  regulation TEXT NOT NULL DEFAULT '',
  sheet TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX assessment_sheets_assessment_id_position_key ON assessment_sheets (assessment_id, position);
ALTER TABLE data_incidents ADD COLUMN assessment TEXT NOT NULL DEFAULT '';
ALTER TABLE data_incidents ADD COLUMN assessed_at TEXT;
ALTER TABLE data_incidents ADD COLUMN assessed_by INTEGER;
ALTER TABLE cases ADD COLUMN desired_remedy TEXT;
ALTER TABLE cases ADD COLUMN report_decision TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN report_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_use TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_quantity TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_budget INTEGER;
ALTER TABLE cases ADD COLUMN need_on TEXT;
ALTER TABLE cases ADD COLUMN need_limits TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN handover_told TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN escalate_result TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN sheets TEXT;
ALTER TABLE cases ADD COLUMN no_sheet_why TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN gap_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN answer_clear TEXT NOT NULL DEFAULT '';
