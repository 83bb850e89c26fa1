-- +goose Up
CREATE TABLE one_time_codes (
  user_id INTEGER PRIMARY KEY,
  sealed TEXT NOT NULL DEFAULT '',
  pending TEXT NOT NULL DEFAULT '',
  last_step INTEGER NOT NULL DEFAULT 0,
  since TEXT,
  pending_at TEXT
);
CREATE TABLE recovery_codes (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL DEFAULT 0,
  hash TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  used_at TEXT
);
CREATE INDEX recovery_codes_user_id_hash_ix ON recovery_codes (user_id, hash);
CREATE TABLE passkeys (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL DEFAULT 0,
  credential TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  data TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  used_at TEXT
);
CREATE UNIQUE INDEX passkeys_credential_key ON passkeys (credential);
CREATE INDEX passkeys_user_id_id_ix ON passkeys (user_id, id);
CREATE TABLE sign_in_links (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL DEFAULT 0,
  provider TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  used_at TEXT
);
CREATE UNIQUE INDEX sign_in_links_provider_subject_key ON sign_in_links (provider, subject);
CREATE INDEX sign_in_links_user_id_id_ix ON sign_in_links (user_id, id);
CREATE TABLE sign_in_policy (
  id INTEGER PRIMARY KEY,
  value TEXT NOT NULL DEFAULT '',
  changed_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z'
);
CREATE TABLE token_uses (
  id INTEGER PRIMARY KEY,
  token_id INTEGER NOT NULL DEFAULT 0,
  address TEXT NOT NULL DEFAULT '',
  first_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  last_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z'
);
CREATE UNIQUE INDEX token_uses_token_id_address_key ON token_uses (token_id, address);
ALTER TABLE sessions ADD COLUMN ended_at TEXT;
ALTER TABLE sessions ADD COLUMN ended_why TEXT;
