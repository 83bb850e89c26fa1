-- +goose Up
CREATE TABLE mailboxes (
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
  address TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  category_id INTEGER,
  plus INTEGER NOT NULL DEFAULT 0,
  active INTEGER NOT NULL DEFAULT 0,
  source TEXT NOT NULL DEFAULT '',
  server TEXT NOT NULL DEFAULT '',
  account TEXT NOT NULL DEFAULT '',
  password TEXT NOT NULL DEFAULT '',
  password_blind TEXT NOT NULL DEFAULT '',
  folder TEXT NOT NULL DEFAULT '',
  move_to TEXT NOT NULL DEFAULT '',
  validity INTEGER,
  last_uid INTEGER,
  fetched_at TEXT,
  fault TEXT NOT NULL DEFAULT '',
  fault_at TEXT
);
CREATE UNIQUE INDEX mailboxes_number_key ON mailboxes (number);
CREATE INDEX mailboxes_owner_id_id_ix ON mailboxes (owner_id, id);
CREATE INDEX mailboxes_unit_id_id_ix ON mailboxes (unit_id, id);
CREATE UNIQUE INDEX mailboxes_address_key ON mailboxes (address) WHERE address <> '' AND archived_at IS NULL;
CREATE INDEX mailboxes_category_id_id_ix ON mailboxes (category_id, id);
CREATE INDEX mailboxes_active_id_ix ON mailboxes (active, id);
CREATE INDEX mailboxes_password_blind_ix ON mailboxes (password_blind);
CREATE TABLE mail_rules (
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
  position INTEGER,
  mailbox_id INTEGER,
  sender TEXT NOT NULL DEFAULT '',
  subject_has TEXT NOT NULL DEFAULT '',
  treatment TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  category_id INTEGER,
  to_unit_id INTEGER,
  active INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX mail_rules_number_key ON mail_rules (number);
CREATE INDEX mail_rules_owner_id_id_ix ON mail_rules (owner_id, id);
CREATE INDEX mail_rules_unit_id_id_ix ON mail_rules (unit_id, id);
CREATE INDEX mail_rules_mailbox_id_id_ix ON mail_rules (mailbox_id, id);
CREATE INDEX mail_rules_category_id_id_ix ON mail_rules (category_id, id);
CREATE TABLE mail_arrivals (
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
  subject TEXT NOT NULL DEFAULT '',
  from_name TEXT NOT NULL DEFAULT '',
  from_mail TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  nature TEXT NOT NULL DEFAULT '',
  marks TEXT,
  arrived_at TEXT,
  mailbox_id INTEGER,
  case_id INTEGER,
  into_case INTEGER,
  released INTEGER NOT NULL DEFAULT 0,
  via TEXT NOT NULL DEFAULT '',
  sender TEXT NOT NULL DEFAULT '',
  recipient TEXT NOT NULL DEFAULT '',
  message_id TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '',
  raw_hash TEXT NOT NULL DEFAULT '',
  size INTEGER,
  attempts INTEGER,
  failure TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX mail_arrivals_number_key ON mail_arrivals (number);
CREATE INDEX mail_arrivals_owner_id_id_ix ON mail_arrivals (owner_id, id);
CREATE INDEX mail_arrivals_unit_id_id_ix ON mail_arrivals (unit_id, id);
CREATE INDEX mail_arrivals_from_mail_id_ix ON mail_arrivals (from_mail, id);
CREATE INDEX mail_arrivals_state_id_ix ON mail_arrivals (state, id);
CREATE INDEX mail_arrivals_reason_id_ix ON mail_arrivals (reason, id);
CREATE INDEX mail_arrivals_arrived_at_id_ix ON mail_arrivals (arrived_at, id);
CREATE INDEX mail_arrivals_mailbox_id_id_ix ON mail_arrivals (mailbox_id, id);
CREATE INDEX mail_arrivals_case_id_id_ix ON mail_arrivals (case_id, id);
CREATE INDEX mail_arrivals_into_case_id_ix ON mail_arrivals (into_case, id);
CREATE INDEX mail_arrivals_message_id_id_ix ON mail_arrivals (message_id, id);
CREATE INDEX mail_arrivals_raw_hash_id_ix ON mail_arrivals (raw_hash, id);
CREATE TABLE mail_messages (
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
  case_id INTEGER,
  subject TEXT NOT NULL DEFAULT '',
  direction TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  nature TEXT NOT NULL DEFAULT '',
  from_name TEXT NOT NULL DEFAULT '',
  from_mail TEXT NOT NULL DEFAULT '',
  recipients TEXT NOT NULL DEFAULT '',
  written_at TEXT,
  at TEXT,
  body TEXT NOT NULL DEFAULT '',
  marks TEXT,
  arrival_id INTEGER,
  mailbox_id INTEGER,
  reply_id INTEGER,
  customer_id INTEGER,
  message_id TEXT NOT NULL DEFAULT '',
  in_reply_to TEXT NOT NULL DEFAULT '',
  thread TEXT NOT NULL DEFAULT '',
  failure TEXT NOT NULL DEFAULT '',
  attempts INTEGER,
  next_try_at TEXT
);
CREATE UNIQUE INDEX mail_messages_number_key ON mail_messages (number);
CREATE INDEX mail_messages_owner_id_id_ix ON mail_messages (owner_id, id);
CREATE INDEX mail_messages_unit_id_id_ix ON mail_messages (unit_id, id);
CREATE INDEX mail_messages_case_id_id_ix ON mail_messages (case_id, id);
CREATE INDEX mail_messages_direction_id_ix ON mail_messages (direction, id);
CREATE INDEX mail_messages_state_id_ix ON mail_messages (state, id);
CREATE INDEX mail_messages_from_mail_id_ix ON mail_messages (from_mail, id);
CREATE INDEX mail_messages_at_id_ix ON mail_messages (at, id);
CREATE INDEX mail_messages_arrival_id_id_ix ON mail_messages (arrival_id, id);
CREATE INDEX mail_messages_mailbox_id_id_ix ON mail_messages (mailbox_id, id);
CREATE INDEX mail_messages_reply_id_id_ix ON mail_messages (reply_id, id);
CREATE INDEX mail_messages_customer_id_id_ix ON mail_messages (customer_id, id);
CREATE INDEX mail_messages_message_id_id_ix ON mail_messages (message_id, id);
CREATE INDEX mail_messages_next_try_at_id_ix ON mail_messages (next_try_at, id);
ALTER TABLE case_replies ADD COLUMN deliver INTEGER NOT NULL DEFAULT 0;
ALTER TABLE case_replies ADD COLUMN recipient TEXT NOT NULL DEFAULT '';
ALTER TABLE case_replies ADD COLUMN delivery TEXT NOT NULL DEFAULT '';
ALTER TABLE case_replies ADD COLUMN delivery_why TEXT NOT NULL DEFAULT '';
