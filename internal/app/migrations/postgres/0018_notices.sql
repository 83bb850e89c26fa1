-- +goose Up
CREATE TABLE notice_settings (
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
  choices JSONB,
  quiet BOOLEAN NOT NULL DEFAULT FALSE,
  digest_hour BIGINT
);
CREATE UNIQUE INDEX notice_settings_number_key ON notice_settings (number);
CREATE INDEX notice_settings_owner_id_id_ix ON notice_settings (owner_id, id);
CREATE INDEX notice_settings_unit_id_id_ix ON notice_settings (unit_id, id);
CREATE TABLE notice_channels (
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
  address TEXT NOT NULL DEFAULT '',
  address_blind TEXT NOT NULL DEFAULT '',
  secret TEXT NOT NULL DEFAULT '',
  secret_blind TEXT NOT NULL DEFAULT '',
  for_unit BIGINT,
  least TEXT NOT NULL DEFAULT '',
  topics JSONB,
  lang TEXT NOT NULL DEFAULT '',
  quiet BOOLEAN NOT NULL DEFAULT FALSE,
  active BOOLEAN NOT NULL DEFAULT FALSE,
  fault TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX notice_channels_number_key ON notice_channels (number);
CREATE INDEX notice_channels_owner_id_id_ix ON notice_channels (owner_id, id);
CREATE INDEX notice_channels_unit_id_id_ix ON notice_channels (unit_id, id);
CREATE INDEX notice_channels_address_blind_ix ON notice_channels (address_blind);
CREATE INDEX notice_channels_secret_blind_ix ON notice_channels (secret_blind);
CREATE INDEX notice_channels_active_id_ix ON notice_channels (active, id);
CREATE TABLE notice_deliveries (
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
  way TEXT NOT NULL DEFAULT '',
  notice_id BIGINT,
  channel_id BIGINT,
  state TEXT NOT NULL DEFAULT '',
  not_before TIMESTAMPTZ,
  attempts BIGINT,
  fault TEXT NOT NULL DEFAULT '',
  sent_at TIMESTAMPTZ
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
