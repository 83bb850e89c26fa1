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
CREATE TABLE documents (
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
  title TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  secrecy TEXT NOT NULL DEFAULT '',
  home_id BIGINT,
  customer_id BIGINT,
  site TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '',
  place TEXT NOT NULL DEFAULT '',
  keep_until DATE,
  readers JSONB,
  state TEXT NOT NULL DEFAULT '',
  borrower BIGINT,
  lent_at TIMESTAMPTZ,
  due_on DATE,
  downloads BIGINT,
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
  title TEXT NOT NULL DEFAULT '',
  person_id BIGINT,
  site TEXT NOT NULL DEFAULT '',
  terms TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  signed_at TIMESTAMPTZ,
  valid_until DATE
);
CREATE UNIQUE INDEX undertakings_number_key ON undertakings (number);
CREATE INDEX undertakings_owner_id_id_ix ON undertakings (owner_id, id);
CREATE INDEX undertakings_unit_id_id_ix ON undertakings (unit_id, id);
CREATE INDEX undertakings_person_id_id_ix ON undertakings (person_id, id);
CREATE INDEX undertakings_state_id_ix ON undertakings (state, id);
CREATE INDEX undertakings_valid_until_id_ix ON undertakings (valid_until, id);
CREATE TABLE authorisations (
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
  document_id BIGINT,
  person_id BIGINT,
  recipient TEXT NOT NULL DEFAULT '',
  purpose TEXT NOT NULL DEFAULT '',
  ends_on DATE,
  state TEXT NOT NULL DEFAULT '',
  approver BIGINT,
  decided_at TIMESTAMPTZ,
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
  subject TEXT NOT NULL DEFAULT '',
  person_id BIGINT,
  purpose TEXT NOT NULL DEFAULT '',
  rows BIGINT,
  ends_on DATE,
  state TEXT NOT NULL DEFAULT '',
  approver BIGINT,
  decided_at TIMESTAMPTZ,
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
  powers TEXT NOT NULL DEFAULT '',
  post_id BIGINT,
  person_id BIGINT,
  starts_on DATE,
  ends_on DATE,
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
  subject TEXT NOT NULL DEFAULT '',
  post_id BIGINT,
  amount BIGINT
);
CREATE UNIQUE INDEX decision_rights_number_key ON decision_rights (number);
CREATE INDEX decision_rights_owner_id_id_ix ON decision_rights (owner_id, id);
CREATE INDEX decision_rights_unit_id_id_ix ON decision_rights (unit_id, id);
CREATE INDEX decision_rights_subject_id_ix ON decision_rights (subject, id);
CREATE INDEX decision_rights_post_id_id_ix ON decision_rights (post_id, id);
CREATE TABLE decisions (
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
  title TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  amount BIGINT,
  customer_id BIGINT,
  reason TEXT NOT NULL DEFAULT '',
  emergency BOOLEAN NOT NULL DEFAULT FALSE,
  own_right BIGINT,
  above BOOLEAN NOT NULL DEFAULT FALSE,
  state TEXT NOT NULL DEFAULT '',
  approver BIGINT,
  decided_at TIMESTAMPTZ,
  note TEXT NOT NULL DEFAULT '',
  applied_at TIMESTAMPTZ,
  reviewer BIGINT,
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
  title TEXT NOT NULL DEFAULT '',
  from_month TEXT NOT NULL DEFAULT '',
  to_month TEXT NOT NULL DEFAULT '',
  regulations JSONB,
  cover_unit BIGINT,
  status TEXT NOT NULL DEFAULT '',
  summary JSONB,
  hash TEXT NOT NULL DEFAULT '',
  audit_head TEXT NOT NULL DEFAULT '',
  frozen_at TIMESTAMPTZ,
  frozen_by BIGINT,
  opinion TEXT NOT NULL DEFAULT '',
  signed_at TIMESTAMPTZ,
  signed_by BIGINT
);
CREATE UNIQUE INDEX assessments_number_key ON assessments (number);
CREATE INDEX assessments_owner_id_id_ix ON assessments (owner_id, id);
CREATE INDEX assessments_unit_id_id_ix ON assessments (unit_id, id);
CREATE INDEX assessments_cover_unit_id_ix ON assessments (cover_unit, id);
CREATE INDEX assessments_status_id_ix ON assessments (status, id);
CREATE TABLE findings (
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
  assessment_id BIGINT,
  clause_key TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  due_on DATE,
  status TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  answered_at TIMESTAMPTZ,
  closed_by BIGINT
);
CREATE UNIQUE INDEX findings_number_key ON findings (number);
CREATE INDEX findings_owner_id_id_ix ON findings (owner_id, id);
CREATE INDEX findings_unit_id_id_ix ON findings (unit_id, id);
CREATE INDEX findings_assessment_id_id_ix ON findings (assessment_id, id);
CREATE INDEX findings_clause_key_id_ix ON findings (clause_key, id);
CREATE INDEX findings_status_id_ix ON findings (status, id);
CREATE TABLE exclusions (
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
  clause_key TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  ends_on DATE,
  status TEXT NOT NULL DEFAULT '',
  lifted_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX exclusions_number_key ON exclusions (number);
CREATE INDEX exclusions_owner_id_id_ix ON exclusions (owner_id, id);
CREATE INDEX exclusions_unit_id_id_ix ON exclusions (unit_id, id);
CREATE INDEX exclusions_clause_key_id_ix ON exclusions (clause_key, id);
CREATE INDEX exclusions_status_id_ix ON exclusions (status, id);
CREATE TABLE assessment_sheets (
  id BIGINT PRIMARY KEY,
  assessment_id BIGINT NOT NULL DEFAULT 0,
  position BIGINT NOT NULL DEFAULT 0,
  regulation TEXT NOT NULL DEFAULT '',
  sheet TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX assessment_sheets_assessment_id_position_key ON assessment_sheets (assessment_id, position);
ALTER TABLE data_incidents ADD COLUMN assessment TEXT NOT NULL DEFAULT '';
ALTER TABLE data_incidents ADD COLUMN assessed_at TIMESTAMPTZ;
ALTER TABLE data_incidents ADD COLUMN assessed_by BIGINT;
ALTER TABLE cases ADD COLUMN desired_remedy JSONB;
ALTER TABLE cases ADD COLUMN report_decision TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN report_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_use TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_quantity TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN need_budget BIGINT;
ALTER TABLE cases ADD COLUMN need_on DATE;
ALTER TABLE cases ADD COLUMN need_limits TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN handover_told TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN escalate_result TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN sheets JSONB;
ALTER TABLE cases ADD COLUMN no_sheet_why TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN gap_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN answer_clear TEXT NOT NULL DEFAULT '';
