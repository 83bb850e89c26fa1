-- +goose Up
CREATE TABLE packs (
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
  version TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT '',
  added_at TEXT,
  gone_at TEXT,
  put_away TEXT
);
CREATE UNIQUE INDEX packs_number_key ON packs (number);
CREATE INDEX packs_owner_id_id_ix ON packs (owner_id, id);
CREATE INDEX packs_unit_id_id_ix ON packs (unit_id, id);
CREATE UNIQUE INDEX packs_key_key ON packs (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX packs_status_id_ix ON packs (status, id);
CREATE TABLE revision_proposals (
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
  regulation_id INTEGER,
  clause_key TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  due_on TEXT,
  status TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  decided_by INTEGER,
  decided_at TEXT,
  version_id INTEGER
);
CREATE UNIQUE INDEX revision_proposals_number_key ON revision_proposals (number);
CREATE INDEX revision_proposals_owner_id_id_ix ON revision_proposals (owner_id, id);
CREATE INDEX revision_proposals_unit_id_id_ix ON revision_proposals (unit_id, id);
CREATE INDEX revision_proposals_regulation_id_id_ix ON revision_proposals (regulation_id, id);
CREATE INDEX revision_proposals_clause_key_id_ix ON revision_proposals (clause_key, id);
CREATE INDEX revision_proposals_status_id_ix ON revision_proposals (status, id);
CREATE INDEX revision_proposals_version_id_id_ix ON revision_proposals (version_id, id);
CREATE TABLE interpretations (
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
  regulation_id INTEGER,
  clause_key TEXT NOT NULL DEFAULT '',
  question TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  answered_by INTEGER,
  answered_at TEXT,
  final INTEGER NOT NULL DEFAULT 0,
  replaces_id INTEGER
);
CREATE UNIQUE INDEX interpretations_number_key ON interpretations (number);
CREATE INDEX interpretations_owner_id_id_ix ON interpretations (owner_id, id);
CREATE INDEX interpretations_unit_id_id_ix ON interpretations (unit_id, id);
CREATE INDEX interpretations_regulation_id_id_ix ON interpretations (regulation_id, id);
CREATE INDEX interpretations_clause_key_id_ix ON interpretations (clause_key, id);
CREATE INDEX interpretations_status_id_ix ON interpretations (status, id);
CREATE INDEX interpretations_replaces_id_id_ix ON interpretations (replaces_id, id);
CREATE TABLE rule_conflicts (
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
  keep_key TEXT NOT NULL DEFAULT '',
  yield_key TEXT NOT NULL DEFAULT '',
  ground TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  lifted_at TEXT,
  lifted_for TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX rule_conflicts_number_key ON rule_conflicts (number);
CREATE INDEX rule_conflicts_owner_id_id_ix ON rule_conflicts (owner_id, id);
CREATE INDEX rule_conflicts_unit_id_id_ix ON rule_conflicts (unit_id, id);
CREATE INDEX rule_conflicts_keep_key_id_ix ON rule_conflicts (keep_key, id);
CREATE INDEX rule_conflicts_yield_key_id_ix ON rule_conflicts (yield_key, id);
CREATE INDEX rule_conflicts_status_id_ix ON rule_conflicts (status, id);
CREATE TABLE regulation_reviews (
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
  regulation_id INTEGER,
  label TEXT NOT NULL DEFAULT '',
  due_at TEXT,
  status TEXT NOT NULL DEFAULT '',
  verdicts TEXT,
  conclusion TEXT NOT NULL DEFAULT '',
  closed_at TEXT,
  closed_by INTEGER
);
CREATE UNIQUE INDEX regulation_reviews_number_key ON regulation_reviews (number);
CREATE INDEX regulation_reviews_owner_id_id_ix ON regulation_reviews (owner_id, id);
CREATE INDEX regulation_reviews_unit_id_id_ix ON regulation_reviews (unit_id, id);
CREATE INDEX regulation_reviews_regulation_id_id_ix ON regulation_reviews (regulation_id, id);
CREATE INDEX regulation_reviews_due_at_id_ix ON regulation_reviews (due_at, id);
CREATE INDEX regulation_reviews_status_id_ix ON regulation_reviews (status, id);
CREATE TABLE responsibilities (
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
  accountable TEXT,
  helpers TEXT,
  regulation_id INTEGER,
  of_type TEXT NOT NULL DEFAULT '',
  states TEXT,
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
  version_id INTEGER,
  round INTEGER,
  post TEXT NOT NULL DEFAULT '',
  voter_id INTEGER,
  vote TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX ballots_number_key ON ballots (number);
CREATE INDEX ballots_owner_id_id_ix ON ballots (owner_id, id);
CREATE INDEX ballots_unit_id_id_ix ON ballots (unit_id, id);
CREATE INDEX ballots_version_id_id_ix ON ballots (version_id, id);
CREATE TABLE proposals (
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
  version_id INTEGER,
  clause_key TEXT NOT NULL DEFAULT '',
  position INTEGER,
  rank INTEGER,
  control TEXT NOT NULL DEFAULT '',
  room TEXT NOT NULL DEFAULT '',
  point TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL DEFAULT '',
  confidence REAL,
  like_key TEXT NOT NULL DEFAULT '',
  like_title TEXT NOT NULL DEFAULT '',
  like_no TEXT NOT NULL DEFAULT '',
  likeness REAL,
  figures TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  binding_id INTEGER,
  decided_by INTEGER,
  decided_at TEXT
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
  unit_id INTEGER NOT NULL DEFAULT 0,
  result TEXT NOT NULL DEFAULT '',
  n INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX control_totals_month_regulation_clause_result_unit_id_n_ix ON control_totals (month, regulation, clause, result, unit_id, n);
CREATE INDEX control_totals_clause_month_result_unit_id_n_ix ON control_totals (clause, month, result, unit_id, n);
CREATE TABLE control_marks (
  id INTEGER PRIMARY KEY,
  outcome_id INTEGER NOT NULL DEFAULT 0
);
ALTER TABLE regulations ADD COLUMN rank TEXT NOT NULL DEFAULT '';
ALTER TABLE regulations ADD COLUMN accountable TEXT NOT NULL DEFAULT '';
ALTER TABLE regulations ADD COLUMN approvers TEXT;
ALTER TABLE regulations ADD COLUMN quorum INTEGER;
ALTER TABLE regulations ADD COLUMN interpreters TEXT;
ALTER TABLE regulations ADD COLUMN final_body TEXT;
ALTER TABLE regulation_versions ADD COLUMN round INTEGER;
ALTER TABLE regulation_versions ADD COLUMN submitted_by INTEGER;
ALTER TABLE regulation_versions ADD COLUMN filed_at TEXT;
ALTER TABLE regulation_versions ADD COLUMN filed_by INTEGER;
ALTER TABLE regulation_versions ADD COLUMN filing_no TEXT NOT NULL DEFAULT '';
ALTER TABLE acknowledgements ADD COLUMN renew_at TEXT;
ALTER TABLE acknowledgements ADD COLUMN objection TEXT NOT NULL DEFAULT '';
ALTER TABLE acknowledgements ADD COLUMN objection_answer TEXT NOT NULL DEFAULT '';
ALTER TABLE acknowledgements ADD COLUMN answered_by INTEGER;
CREATE INDEX acknowledgements_renew_at_id_ix ON acknowledgements (renew_at, id);
