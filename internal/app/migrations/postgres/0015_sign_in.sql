-- +goose Up
CREATE TABLE one_time_codes (
  user_id BIGINT PRIMARY KEY,
  sealed TEXT NOT NULL DEFAULT '',
  pending TEXT NOT NULL DEFAULT '',
  last_step BIGINT NOT NULL DEFAULT 0,
  since TIMESTAMPTZ,
  pending_at TIMESTAMPTZ
);
CREATE TABLE recovery_codes (
  id BIGINT PRIMARY KEY,
  user_id BIGINT NOT NULL DEFAULT 0,
  hash TEXT NOT NULL DEFAULT '',
  created_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  used_at TIMESTAMPTZ
);
CREATE INDEX recovery_codes_user_id_hash_ix ON recovery_codes (user_id, hash);
CREATE TABLE passkeys (
  id BIGINT PRIMARY KEY,
  user_id BIGINT NOT NULL DEFAULT 0,
  credential TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  data TEXT NOT NULL DEFAULT '',
  created_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  used_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX passkeys_credential_key ON passkeys (credential);
CREATE INDEX passkeys_user_id_id_ix ON passkeys (user_id, id);
CREATE TABLE sign_in_links (
  id BIGINT PRIMARY KEY,
  user_id BIGINT NOT NULL DEFAULT 0,
  provider TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  created_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  used_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX sign_in_links_provider_subject_key ON sign_in_links (provider, subject);
CREATE INDEX sign_in_links_user_id_id_ix ON sign_in_links (user_id, id);
CREATE TABLE sign_in_policy (
  id BIGINT PRIMARY KEY,
  value TEXT NOT NULL DEFAULT '',
  changed_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch'
);
CREATE TABLE token_uses (
  id BIGINT PRIMARY KEY,
  token_id BIGINT NOT NULL DEFAULT 0,
  address TEXT NOT NULL DEFAULT '',
  first_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
  last_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch'
);
CREATE UNIQUE INDEX token_uses_token_id_address_key ON token_uses (token_id, address);
ALTER TABLE sessions ADD COLUMN ended_at TIMESTAMPTZ;
ALTER TABLE sessions ADD COLUMN ended_why TEXT;
