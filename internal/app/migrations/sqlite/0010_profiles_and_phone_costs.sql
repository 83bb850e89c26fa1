-- +goose Up
CREATE TABLE phone_costs (
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
  line TEXT NOT NULL DEFAULT '',
  month TEXT,
  cost INTEGER,
  budget INTEGER,
  excess INTEGER,
  state TEXT NOT NULL DEFAULT '',
  review TEXT NOT NULL DEFAULT '',
  reviewed_by INTEGER
);
CREATE UNIQUE INDEX phone_costs_number_key ON phone_costs (number);
CREATE INDEX phone_costs_owner_id_id_ix ON phone_costs (owner_id, id);
CREATE INDEX phone_costs_unit_id_id_ix ON phone_costs (unit_id, id);
CREATE INDEX phone_costs_month_id_ix ON phone_costs (month, id);
CREATE INDEX phone_costs_state_id_ix ON phone_costs (state, id);
ALTER TABLE customers ADD COLUMN occupation TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN relation_purpose TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN beneficial_owner TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN industry_traits TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN trends TEXT NOT NULL DEFAULT '';
ALTER TABLE transactions ADD COLUMN suitability TEXT NOT NULL DEFAULT '';
ALTER TABLE transactions ADD COLUMN suited_why TEXT NOT NULL DEFAULT '';
