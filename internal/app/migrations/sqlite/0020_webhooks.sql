-- +goose Up
CREATE TABLE webhooks (
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
  url TEXT NOT NULL DEFAULT '',
  events TEXT NOT NULL DEFAULT '',
  for_unit INTEGER,
  per_minute INTEGER,
  state TEXT NOT NULL DEFAULT '',
  fault TEXT NOT NULL DEFAULT '',
  failing_since TEXT,
  secret TEXT NOT NULL DEFAULT '',
  secret_blind TEXT NOT NULL DEFAULT '',
  old_secret TEXT NOT NULL DEFAULT '',
  old_secret_blind TEXT NOT NULL DEFAULT '',
  old_until TEXT
);
CREATE UNIQUE INDEX webhooks_number_key ON webhooks (number);
CREATE INDEX webhooks_owner_id_id_ix ON webhooks (owner_id, id);
CREATE INDEX webhooks_unit_id_id_ix ON webhooks (unit_id, id);
CREATE INDEX webhooks_state_id_ix ON webhooks (state, id);
CREATE INDEX webhooks_secret_blind_ix ON webhooks (secret_blind);
CREATE INDEX webhooks_old_secret_blind_ix ON webhooks (old_secret_blind);
CREATE TABLE webhook_messages (
  id INTEGER PRIMARY KEY,
  webhook_id INTEGER NOT NULL DEFAULT 0,
  event_id INTEGER NOT NULL DEFAULT 0,
  event TEXT NOT NULL DEFAULT '',
  record_id INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  made_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  next_at TEXT
);
CREATE UNIQUE INDEX webhook_messages_webhook_id_event_id_key ON webhook_messages (webhook_id, event_id);
CREATE INDEX webhook_messages_state_next_at_ix ON webhook_messages (state, next_at);
CREATE INDEX webhook_messages_webhook_id_id_ix ON webhook_messages (webhook_id, id);
CREATE TABLE webhook_attempts (
  id INTEGER PRIMARY KEY,
  webhook_id INTEGER NOT NULL DEFAULT 0,
  message_id INTEGER NOT NULL DEFAULT 0,
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  status INTEGER NOT NULL DEFAULT 0,
  ms INTEGER NOT NULL DEFAULT 0,
  answer TEXT NOT NULL DEFAULT '',
  fault TEXT NOT NULL DEFAULT ''
);
CREATE INDEX webhook_attempts_webhook_id_id_ix ON webhook_attempts (webhook_id, id);
CREATE INDEX webhook_attempts_message_id_id_ix ON webhook_attempts (message_id, id);
