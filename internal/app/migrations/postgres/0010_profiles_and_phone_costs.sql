-- +goose Up
CREATE TABLE phone_costs (
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
  line TEXT NOT NULL DEFAULT '',
  month DATE,
  cost BIGINT,
  budget BIGINT,
  excess BIGINT,
  state TEXT NOT NULL DEFAULT '',
  review TEXT NOT NULL DEFAULT '',
  reviewed_by BIGINT
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
