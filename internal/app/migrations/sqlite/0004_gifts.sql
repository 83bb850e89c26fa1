-- +goose Up
CREATE TABLE gifts (
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
  giver TEXT NOT NULL DEFAULT '',
  customer_id INTEGER,
  value INTEGER,
  received_on TEXT,
  occasion TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  approved_by INTEGER,
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX gifts_number_key ON gifts (number);
CREATE INDEX gifts_owner_id_id_ix ON gifts (owner_id, id);
CREATE INDEX gifts_unit_id_id_ix ON gifts (unit_id, id);
CREATE INDEX gifts_customer_id_id_ix ON gifts (customer_id, id);
CREATE INDEX gifts_received_on_id_ix ON gifts (received_on, id);
CREATE INDEX gifts_state_id_ix ON gifts (state, id);
