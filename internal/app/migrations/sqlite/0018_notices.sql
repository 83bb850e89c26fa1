-- +goose Up
CREATE TABLE notice_settings (
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
  choices TEXT,
  quiet INTEGER NOT NULL DEFAULT 0,
  digest_hour INTEGER
);
CREATE UNIQUE INDEX notice_settings_number_key ON notice_settings (number);
CREATE INDEX notice_settings_owner_id_id_ix ON notice_settings (owner_id, id);
CREATE INDEX notice_settings_unit_id_id_ix ON notice_settings (unit_id, id);
CREATE TABLE notice_channels (
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
  address TEXT NOT NULL DEFAULT '',
  address_blind TEXT NOT NULL DEFAULT '',
  secret TEXT NOT NULL DEFAULT '',
  secret_blind TEXT NOT NULL DEFAULT '',
  for_unit INTEGER,
  least TEXT NOT NULL DEFAULT '',
  topics TEXT,
  lang TEXT NOT NULL DEFAULT '',
  quiet INTEGER NOT NULL DEFAULT 0,
  active INTEGER NOT NULL DEFAULT 0,
  fault TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX notice_channels_number_key ON notice_channels (number);
CREATE INDEX notice_channels_owner_id_id_ix ON notice_channels (owner_id, id);
CREATE INDEX notice_channels_unit_id_id_ix ON notice_channels (unit_id, id);
CREATE INDEX notice_channels_address_blind_ix ON notice_channels (address_blind);
CREATE INDEX notice_channels_secret_blind_ix ON notice_channels (secret_blind);
CREATE INDEX notice_channels_active_id_ix ON notice_channels (active, id);
CREATE TABLE notice_deliveries (
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
  way TEXT NOT NULL DEFAULT '',
  notice_id INTEGER,
  channel_id INTEGER,
  state TEXT NOT NULL DEFAULT '',
  not_before TEXT,
  attempts INTEGER,
  fault TEXT NOT NULL DEFAULT '',
  sent_at TEXT
);
CREATE UNIQUE INDEX notice_deliveries_number_key ON notice_deliveries (number);
CREATE INDEX notice_deliveries_owner_id_id_ix ON notice_deliveries (owner_id, id);
CREATE INDEX notice_deliveries_unit_id_id_ix ON notice_deliveries (unit_id, id);
CREATE INDEX notice_deliveries_way_id_ix ON notice_deliveries (way, id);
CREATE INDEX notice_deliveries_notice_id_id_ix ON notice_deliveries (notice_id, id);
CREATE INDEX notice_deliveries_channel_id_id_ix ON notice_deliveries (channel_id, id);
CREATE INDEX notice_deliveries_state_id_ix ON notice_deliveries (state, id);
CREATE INDEX notice_deliveries_not_before_id_ix ON notice_deliveries (not_before, id);
CREATE INDEX notice_deliveries_sent_at_id_ix ON notice_deliveries (sent_at, id);
