-- +goose Up
CREATE TABLE gifts (
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
  giver TEXT NOT NULL DEFAULT '',
  customer_id BIGINT,
  value BIGINT,
  received_on DATE,
  occasion TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  approved_by BIGINT,
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX gifts_number_key ON gifts (number);
CREATE INDEX gifts_owner_id_id_ix ON gifts (owner_id, id);
CREATE INDEX gifts_unit_id_id_ix ON gifts (unit_id, id);
CREATE INDEX gifts_customer_id_id_ix ON gifts (customer_id, id);
CREATE INDEX gifts_received_on_id_ix ON gifts (received_on, id);
CREATE INDEX gifts_state_id_ix ON gifts (state, id);
