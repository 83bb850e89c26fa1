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
CREATE TABLE revision_proposals (
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
  regulation_id BIGINT,
  clause_key TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  due_on DATE,
  status TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  decided_by BIGINT,
  decided_at TIMESTAMPTZ,
  version_id BIGINT
);
CREATE UNIQUE INDEX revision_proposals_number_key ON revision_proposals (number);
CREATE INDEX revision_proposals_owner_id_id_ix ON revision_proposals (owner_id, id);
CREATE INDEX revision_proposals_unit_id_id_ix ON revision_proposals (unit_id, id);
CREATE INDEX revision_proposals_regulation_id_id_ix ON revision_proposals (regulation_id, id);
CREATE INDEX revision_proposals_clause_key_id_ix ON revision_proposals (clause_key, id);
CREATE INDEX revision_proposals_status_id_ix ON revision_proposals (status, id);
CREATE INDEX revision_proposals_version_id_id_ix ON revision_proposals (version_id, id);
CREATE TABLE interpretations (
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
  regulation_id BIGINT,
  clause_key TEXT NOT NULL DEFAULT '',
  question TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  answered_by BIGINT,
  answered_at TIMESTAMPTZ,
  final BOOLEAN NOT NULL DEFAULT FALSE,
  replaces_id BIGINT
);
CREATE UNIQUE INDEX interpretations_number_key ON interpretations (number);
CREATE INDEX interpretations_owner_id_id_ix ON interpretations (owner_id, id);
CREATE INDEX interpretations_unit_id_id_ix ON interpretations (unit_id, id);
CREATE INDEX interpretations_regulation_id_id_ix ON interpretations (regulation_id, id);
CREATE INDEX interpretations_clause_key_id_ix ON interpretations (clause_key, id);
CREATE INDEX interpretations_status_id_ix ON interpretations (status, id);
CREATE INDEX interpretations_replaces_id_id_ix ON interpretations (replaces_id, id);
CREATE TABLE rule_conflicts (
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
  keep_key TEXT NOT NULL DEFAULT '',
  yield_key TEXT NOT NULL DEFAULT '',
  ground TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  lifted_at TIMESTAMPTZ,
  lifted_for TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX rule_conflicts_number_key ON rule_conflicts (number);
CREATE INDEX rule_conflicts_owner_id_id_ix ON rule_conflicts (owner_id, id);
CREATE INDEX rule_conflicts_unit_id_id_ix ON rule_conflicts (unit_id, id);
CREATE INDEX rule_conflicts_keep_key_id_ix ON rule_conflicts (keep_key, id);
CREATE INDEX rule_conflicts_yield_key_id_ix ON rule_conflicts (yield_key, id);
CREATE INDEX rule_conflicts_status_id_ix ON rule_conflicts (status, id);
CREATE TABLE regulation_reviews (
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
  regulation_id BIGINT,
  label TEXT NOT NULL DEFAULT '',
  due_at TIMESTAMPTZ,
  status TEXT NOT NULL DEFAULT '',
  verdicts JSONB,
  conclusion TEXT NOT NULL DEFAULT '',
  closed_at TIMESTAMPTZ,
  closed_by BIGINT
);
CREATE UNIQUE INDEX regulation_reviews_number_key ON regulation_reviews (number);
CREATE INDEX regulation_reviews_owner_id_id_ix ON regulation_reviews (owner_id, id);
CREATE INDEX regulation_reviews_unit_id_id_ix ON regulation_reviews (unit_id, id);
CREATE INDEX regulation_reviews_regulation_id_id_ix ON regulation_reviews (regulation_id, id);
CREATE INDEX regulation_reviews_due_at_id_ix ON regulation_reviews (due_at, id);
CREATE INDEX regulation_reviews_status_id_ix ON regulation_reviews (status, id);
CREATE TABLE responsibilities (
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
  accountable JSONB,
  helpers JSONB,
  regulation_id BIGINT,
  of_type TEXT NOT NULL DEFAULT '',
  states JSONB,
  note TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX responsibilities_number_key ON responsibilities (number);
CREATE INDEX responsibilities_owner_id_id_ix ON responsibilities (owner_id, id);
CREATE INDEX responsibilities_unit_id_id_ix ON responsibilities (unit_id, id);
CREATE INDEX responsibilities_kind_id_ix ON responsibilities (kind, id);
CREATE INDEX responsibilities_regulation_id_id_ix ON responsibilities (regulation_id, id);
CREATE INDEX responsibilities_status_id_ix ON responsibilities (status, id);
CREATE TABLE ballots (
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
  version_id BIGINT,
  round BIGINT,
  post TEXT NOT NULL DEFAULT '',
  voter_id BIGINT,
  vote TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX ballots_number_key ON ballots (number);
CREATE INDEX ballots_owner_id_id_ix ON ballots (owner_id, id);
CREATE INDEX ballots_unit_id_id_ix ON ballots (unit_id, id);
CREATE INDEX ballots_version_id_id_ix ON ballots (version_id, id);
CREATE TABLE proposals (
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
  version_id BIGINT,
  clause_key TEXT NOT NULL DEFAULT '',
  position BIGINT,
  rank BIGINT,
  control TEXT NOT NULL DEFAULT '',
  room TEXT NOT NULL DEFAULT '',
  point TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL DEFAULT '',
  confidence DOUBLE PRECISION,
  like_key TEXT NOT NULL DEFAULT '',
  like_title TEXT NOT NULL DEFAULT '',
  like_no TEXT NOT NULL DEFAULT '',
  likeness DOUBLE PRECISION,
  figures TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  binding_id BIGINT,
  decided_by BIGINT,
  decided_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX proposals_number_key ON proposals (number);
CREATE INDEX proposals_owner_id_id_ix ON proposals (owner_id, id);
CREATE INDEX proposals_unit_id_id_ix ON proposals (unit_id, id);
CREATE INDEX proposals_version_id_id_ix ON proposals (version_id, id);
CREATE INDEX proposals_clause_key_id_ix ON proposals (clause_key, id);
CREATE INDEX proposals_status_id_ix ON proposals (status, id);
CREATE INDEX proposals_binding_id_id_ix ON proposals (binding_id, id);
CREATE TABLE control_totals (
  id TEXT PRIMARY KEY,
  regulation TEXT NOT NULL DEFAULT '',
  clause TEXT NOT NULL DEFAULT '',
  month TEXT NOT NULL DEFAULT '',
  unit_id BIGINT NOT NULL DEFAULT 0,
  result TEXT NOT NULL DEFAULT '',
  n BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX control_totals_month_regulation_clause_result_unit_id_n_ix ON control_totals (month, regulation, clause, result, unit_id, n);
CREATE INDEX control_totals_clause_month_result_unit_id_n_ix ON control_totals (clause, month, result, unit_id, n);
CREATE TABLE control_marks (
  id BIGINT PRIMARY KEY,
  outcome_id BIGINT NOT NULL DEFAULT 0
);
ALTER TABLE regulations ADD COLUMN rank TEXT NOT NULL DEFAULT '';
ALTER TABLE regulations ADD COLUMN accountable TEXT NOT NULL DEFAULT '';
ALTER TABLE regulations ADD COLUMN approvers JSONB;
ALTER TABLE regulations ADD COLUMN quorum BIGINT;
ALTER TABLE regulations ADD COLUMN interpreters JSONB;
ALTER TABLE regulations ADD COLUMN final_body JSONB;
ALTER TABLE regulation_versions ADD COLUMN round BIGINT;
ALTER TABLE regulation_versions ADD COLUMN submitted_by BIGINT;
ALTER TABLE regulation_versions ADD COLUMN filed_at TIMESTAMPTZ;
ALTER TABLE regulation_versions ADD COLUMN filed_by BIGINT;
ALTER TABLE regulation_versions ADD COLUMN filing_no TEXT NOT NULL DEFAULT '';
ALTER TABLE acknowledgements ADD COLUMN renew_at TIMESTAMPTZ;
ALTER TABLE acknowledgements ADD COLUMN objection TEXT NOT NULL DEFAULT '';
ALTER TABLE acknowledgements ADD COLUMN objection_answer TEXT NOT NULL DEFAULT '';
ALTER TABLE acknowledgements ADD COLUMN answered_by BIGINT;
CREATE INDEX acknowledgements_renew_at_id_ix ON acknowledgements (renew_at, id);
