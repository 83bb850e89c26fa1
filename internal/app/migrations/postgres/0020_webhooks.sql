-- +goose Up
CREATE TABLE webhooks (
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
  url TEXT NOT NULL DEFAULT '',
  events TEXT NOT NULL DEFAULT '',
  for_unit BIGINT,
  per_minute BIGINT,
  state TEXT NOT NULL DEFAULT '',
  fault TEXT NOT NULL DEFAULT '',
  failing_since TIMESTAMPTZ,
  secret TEXT NOT NULL DEFAULT '',
  secret_blind TEXT NOT NULL DEFAULT '',
  old_secret TEXT NOT NULL DEFAULT '',
  old_secret_blind TEXT NOT NULL DEFAULT '',
  old_until TIMESTAMPTZ
);
CREATE UNIQUE INDEX webhooks_number_key ON webhooks (number);
CREATE INDEX webhooks_owner_id_id_ix ON webhooks (owner_id, id);
CREATE INDEX webhooks_unit_id_id_ix ON webhooks (unit_id, id);
CREATE INDEX webhooks_state_id_ix ON webhooks (state, id);
CREATE INDEX webhooks_secret_blind_ix ON webhooks (secret_blind);
CREATE INDEX webhooks_old_secret_blind_ix ON webhooks (old_secret_blind);
CREATE TABLE webhook_messages (
  id BIGINT PRIMARY KEY,
  webhook_id BIGINT NOT NULL DEFAULT 0,
  event_id BIGINT NOT NULL DEFAULT 0,
  event TEXT NOT NULL DEFAULT '',
  record_id BIGINT NOT NULL DEFAULT 0,
  body TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  attempts BIGINT NOT NULL DEFAULT 0,
  made_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  next_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX webhook_messages_webhook_id_event_id_key ON webhook_messages (webhook_id, event_id);
CREATE INDEX webhook_messages_state_next_at_ix ON webhook_messages (state, next_at);
CREATE INDEX webhook_messages_webhook_id_id_ix ON webhook_messages (webhook_id, id);
CREATE TABLE webhook_attempts (
  id BIGINT PRIMARY KEY,
  webhook_id BIGINT NOT NULL DEFAULT 0,
  message_id BIGINT NOT NULL DEFAULT 0,
  at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  status BIGINT NOT NULL DEFAULT 0,
  ms BIGINT NOT NULL DEFAULT 0,
  answer TEXT NOT NULL DEFAULT '',
  fault TEXT NOT NULL DEFAULT ''
);
CREATE INDEX webhook_attempts_webhook_id_id_ix ON webhook_attempts (webhook_id, id);
CREATE INDEX webhook_attempts_message_id_id_ix ON webhook_attempts (message_id, id);
