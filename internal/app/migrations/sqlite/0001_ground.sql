-- +goose Up
CREATE TABLE record_history (
  id INTEGER PRIMARY KEY,
  record_id INTEGER NOT NULL DEFAULT 0,
  type TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  actor TEXT NOT NULL DEFAULT '',
  action TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 0,
  changes TEXT,
  batch_id INTEGER
);
CREATE INDEX record_history_record_id_id_ix ON record_history (record_id, id);
CREATE INDEX record_history_batch_id_ix ON record_history (batch_id);
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  name TEXT NOT NULL DEFAULT '',
  type TEXT NOT NULL DEFAULT '',
  record_id INTEGER NOT NULL DEFAULT 0,
  actor TEXT NOT NULL DEFAULT '',
  payload TEXT,
  done_at TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT ''
);
CREATE INDEX events_id_ix ON events (id) WHERE done_at IS NULL;
CREATE INDEX events_record_id_id_ix ON events (record_id, id);
CREATE TABLE number_series (
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE recusals (
  id INTEGER PRIMARY KEY,
  record_id INTEGER NOT NULL DEFAULT 0,
  type TEXT NOT NULL DEFAULT '',
  user_id INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  ended_at TEXT
);
CREATE UNIQUE INDEX recusals_record_id_user_id_key ON recusals (record_id, user_id);
CREATE TABLE record_comments (
  id INTEGER PRIMARY KEY,
  record_id INTEGER NOT NULL DEFAULT 0,
  type TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  author_id INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL DEFAULT '',
  mentions TEXT,
  edited_at TEXT,
  removed_at TEXT
);
CREATE INDEX record_comments_record_id_id_ix ON record_comments (record_id, id);
CREATE TABLE record_files (
  id INTEGER PRIMARY KEY,
  record_id INTEGER NOT NULL DEFAULT 0,
  type TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  author_id INTEGER,
  name TEXT NOT NULL DEFAULT '',
  hash TEXT NOT NULL DEFAULT '',
  size INTEGER NOT NULL DEFAULT 0,
  content_type TEXT NOT NULL DEFAULT '',
  class TEXT NOT NULL DEFAULT '',
  removed_at TEXT
);
CREATE INDEX record_files_record_id_id_ix ON record_files (record_id, id);
CREATE TABLE custom_fields (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL DEFAULT '{}',
  position INTEGER NOT NULL DEFAULT 0,
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z'
);
CREATE UNIQUE INDEX custom_fields_type_name_key ON custom_fields (type, name);
CREATE TABLE saved_views (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL DEFAULT '',
  owner_id INTEGER NOT NULL DEFAULT 0,
  name TEXT NOT NULL DEFAULT '',
  query TEXT NOT NULL DEFAULT '',
  shared INTEGER NOT NULL DEFAULT 0,
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z'
);
CREATE INDEX saved_views_type_owner_id_ix ON saved_views (type, owner_id);
CREATE TABLE search_entries (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL DEFAULT ''
);
CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', contentless_delete=1, tokenize="ascii tokenchars '_'");
CREATE TABLE calendars (
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
  key TEXT NOT NULL DEFAULT '',
  mon TEXT NOT NULL DEFAULT '',
  tue TEXT NOT NULL DEFAULT '',
  wed TEXT NOT NULL DEFAULT '',
  thu TEXT NOT NULL DEFAULT '',
  fri TEXT NOT NULL DEFAULT '',
  sat TEXT NOT NULL DEFAULT '',
  sun TEXT NOT NULL DEFAULT '',
  holidays TEXT NOT NULL DEFAULT '',
  standard INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX calendars_number_key ON calendars (number);
CREATE INDEX calendars_owner_id_id_ix ON calendars (owner_id, id);
CREATE INDEX calendars_unit_id_id_ix ON calendars (unit_id, id);
CREATE UNIQUE INDEX calendars_key_key ON calendars (key) WHERE key <> '' AND archived_at IS NULL;
CREATE TABLE calendar_days (
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
  calendar_id INTEGER,
  day TEXT,
  hours TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX calendar_days_number_key ON calendar_days (number);
CREATE INDEX calendar_days_owner_id_id_ix ON calendar_days (owner_id, id);
CREATE INDEX calendar_days_unit_id_id_ix ON calendar_days (unit_id, id);
CREATE INDEX calendar_days_calendar_id_id_ix ON calendar_days (calendar_id, id);
CREATE INDEX calendar_days_day_id_ix ON calendar_days (day, id);
CREATE TABLE units (
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
  name TEXT NOT NULL DEFAULT '',
  key TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  parent_id INTEGER,
  calendar TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX units_number_key ON units (number);
CREATE INDEX units_owner_id_id_ix ON units (owner_id, id);
CREATE INDEX units_unit_id_id_ix ON units (unit_id, id);
CREATE UNIQUE INDEX units_key_key ON units (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX units_parent_id_id_ix ON units (parent_id, id);
CREATE TABLE posts (
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
  key TEXT NOT NULL DEFAULT '',
  roles TEXT
);
CREATE UNIQUE INDEX posts_number_key ON posts (number);
CREATE INDEX posts_owner_id_id_ix ON posts (owner_id, id);
CREATE INDEX posts_unit_id_id_ix ON posts (unit_id, id);
CREATE UNIQUE INDEX posts_key_key ON posts (key) WHERE key <> '' AND archived_at IS NULL;
CREATE TABLE roles (
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
  key TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX roles_number_key ON roles (number);
CREATE INDEX roles_owner_id_id_ix ON roles (owner_id, id);
CREATE INDEX roles_unit_id_id_ix ON roles (unit_id, id);
CREATE UNIQUE INDEX roles_key_key ON roles (key) WHERE key <> '' AND archived_at IS NULL;
CREATE TABLE grants (
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
  role_id INTEGER,
  type TEXT NOT NULL DEFAULT '',
  action TEXT NOT NULL DEFAULT '',
  reach TEXT NOT NULL DEFAULT '',
  class TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX grants_number_key ON grants (number);
CREATE INDEX grants_owner_id_id_ix ON grants (owner_id, id);
CREATE INDEX grants_unit_id_id_ix ON grants (unit_id, id);
CREATE INDEX grants_role_id_id_ix ON grants (role_id, id);
CREATE TABLE users (
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
  name TEXT NOT NULL DEFAULT '',
  login TEXT NOT NULL DEFAULT '',
  mail TEXT NOT NULL DEFAULT '',
  mobile TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  since TEXT
);
CREATE UNIQUE INDEX users_number_key ON users (number);
CREATE INDEX users_owner_id_id_ix ON users (owner_id, id);
CREATE INDEX users_unit_id_id_ix ON users (unit_id, id);
CREATE UNIQUE INDEX users_login_key ON users (login) WHERE login <> '' AND archived_at IS NULL;
CREATE INDEX users_status_id_ix ON users (status, id);
CREATE TABLE postings (
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
  user_id INTEGER,
  post_id INTEGER,
  in_unit INTEGER,
  main INTEGER NOT NULL DEFAULT 0,
  starts_on TEXT,
  ends_on TEXT,
  label TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX postings_number_key ON postings (number);
CREATE INDEX postings_owner_id_id_ix ON postings (owner_id, id);
CREATE INDEX postings_unit_id_id_ix ON postings (unit_id, id);
CREATE INDEX postings_user_id_id_ix ON postings (user_id, id);
CREATE INDEX postings_post_id_id_ix ON postings (post_id, id);
CREATE INDEX postings_in_unit_id_ix ON postings (in_unit, id);
CREATE TABLE notices (
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
  key TEXT NOT NULL DEFAULT '',
  args TEXT,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  clause TEXT NOT NULL DEFAULT '',
  urgency TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  read_at TEXT
);
CREATE UNIQUE INDEX notices_number_key ON notices (number);
CREATE INDEX notices_owner_id_id_ix ON notices (owner_id, id);
CREATE INDEX notices_unit_id_id_ix ON notices (unit_id, id);
CREATE INDEX notices_about_id_id_ix ON notices (about_id, id);
CREATE INDEX notices_clause_id_ix ON notices (clause, id);
CREATE INDEX notices_status_id_ix ON notices (status, id);
CREATE TABLE customers (
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
  name TEXT NOT NULL DEFAULT '',
  short_name TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  credit_code TEXT NOT NULL DEFAULT '',
  id_card TEXT NOT NULL DEFAULT '',
  id_card_blind TEXT NOT NULL DEFAULT '',
  mobile TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  mail TEXT NOT NULL DEFAULT '',
  birthday TEXT,
  address TEXT NOT NULL DEFAULT '',
  delivery_to TEXT NOT NULL DEFAULT '',
  website TEXT NOT NULL DEFAULT '',
  industry TEXT NOT NULL DEFAULT '',
  remarks TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  source_note TEXT NOT NULL DEFAULT '',
  legal_basis TEXT NOT NULL DEFAULT '',
  collected_by INTEGER,
  collected_at TEXT,
  stage TEXT NOT NULL DEFAULT '',
  stage_reason TEXT NOT NULL DEFAULT '',
  stage_at TEXT,
  intent TEXT NOT NULL DEFAULT '',
  scale TEXT NOT NULL DEFAULT '',
  grade TEXT NOT NULL DEFAULT '',
  class_reason TEXT NOT NULL DEFAULT '',
  classified_by INTEGER,
  assessed_on TEXT,
  next_assessment TEXT,
  proposed_scale TEXT NOT NULL DEFAULT '',
  key_account INTEGER NOT NULL DEFAULT 0,
  key_since TEXT,
  resource_plan TEXT NOT NULL DEFAULT '',
  plan_hours INTEGER,
  plan_budget INTEGER,
  tags TEXT,
  preferred_channels TEXT,
  forbidden_channels TEXT,
  no_profiling INTEGER NOT NULL DEFAULT 0,
  last_contact_at TEXT,
  next_contact TEXT,
  last_visit_at TEXT,
  next_visit TEXT,
  last_verified TEXT,
  verified_by INTEGER,
  verify_note TEXT NOT NULL DEFAULT '',
  next_verification TEXT,
  mail_doubtful INTEGER NOT NULL DEFAULT 0,
  phone_doubtful INTEGER NOT NULL DEFAULT 0,
  doubt_note TEXT NOT NULL DEFAULT '',
  basic_complete INTEGER NOT NULL DEFAULT 0,
  completeness INTEGER,
  needs_count INTEGER,
  last_need_on TEXT,
  transactions_count INTEGER,
  turnover INTEGER,
  last_transaction_on TEXT,
  owner_since TEXT,
  last_owner INTEGER,
  pooled_at TEXT,
  pool_reason TEXT NOT NULL DEFAULT '',
  transfer_note TEXT NOT NULL DEFAULT '',
  transfer_cause TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX customers_number_key ON customers (number);
CREATE INDEX customers_owner_id_id_ix ON customers (owner_id, id);
CREATE INDEX customers_unit_id_id_ix ON customers (unit_id, id);
CREATE INDEX customers_credit_code_id_ix ON customers (credit_code, id);
CREATE INDEX customers_id_card_blind_ix ON customers (id_card_blind);
CREATE INDEX customers_mobile_id_ix ON customers (mobile, id);
CREATE INDEX customers_phone_id_ix ON customers (phone, id);
CREATE INDEX customers_mail_id_ix ON customers (mail, id);
CREATE INDEX customers_industry_id_ix ON customers (industry, id);
CREATE INDEX customers_source_id_ix ON customers (source, id);
CREATE INDEX customers_stage_id_ix ON customers (stage, id);
CREATE INDEX customers_intent_id_ix ON customers (intent, id);
CREATE INDEX customers_scale_id_ix ON customers (scale, id);
CREATE INDEX customers_grade_id_ix ON customers (grade, id);
CREATE INDEX customers_next_assessment_id_ix ON customers (next_assessment, id);
CREATE INDEX customers_key_account_id_ix ON customers (key_account, id);
CREATE INDEX customers_last_contact_at_id_ix ON customers (last_contact_at, id);
CREATE INDEX customers_next_contact_id_ix ON customers (next_contact, id);
CREATE INDEX customers_next_visit_id_ix ON customers (next_visit, id);
CREATE INDEX customers_next_verification_id_ix ON customers (next_verification, id);
CREATE INDEX customers_mail_doubtful_id_ix ON customers (mail_doubtful, id);
CREATE INDEX customers_phone_doubtful_id_ix ON customers (phone_doubtful, id);
CREATE INDEX customers_completeness_id_ix ON customers (completeness, id);
CREATE INDEX customers_pooled_at_id_ix ON customers (pooled_at, id);
CREATE TABLE contacts (
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
  customer_id INTEGER,
  name TEXT NOT NULL DEFAULT '',
  post TEXT NOT NULL DEFAULT '',
  department TEXT NOT NULL DEFAULT '',
  decision_role TEXT NOT NULL DEFAULT '',
  main INTEGER NOT NULL DEFAULT 0,
  mobile TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  mail TEXT NOT NULL DEFAULT '',
  wechat TEXT NOT NULL DEFAULT '',
  birthday TEXT,
  preferred_channels TEXT,
  opted_out TEXT,
  mail_doubtful INTEGER NOT NULL DEFAULT 0,
  phone_doubtful INTEGER NOT NULL DEFAULT 0,
  doubt_note TEXT NOT NULL DEFAULT '',
  remarks TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX contacts_number_key ON contacts (number);
CREATE INDEX contacts_owner_id_id_ix ON contacts (owner_id, id);
CREATE INDEX contacts_unit_id_id_ix ON contacts (unit_id, id);
CREATE INDEX contacts_customer_id_id_ix ON contacts (customer_id, id);
CREATE INDEX contacts_mobile_id_ix ON contacts (mobile, id);
CREATE INDEX contacts_mail_id_ix ON contacts (mail, id);
CREATE TABLE needs (
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
  customer_id INTEGER,
  noted_on TEXT,
  product TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '',
  urgency TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX needs_number_key ON needs (number);
CREATE INDEX needs_owner_id_id_ix ON needs (owner_id, id);
CREATE INDEX needs_unit_id_id_ix ON needs (unit_id, id);
CREATE INDEX needs_customer_id_id_ix ON needs (customer_id, id);
CREATE INDEX needs_status_id_ix ON needs (status, id);
CREATE TABLE transactions (
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
  customer_id INTEGER,
  kind TEXT NOT NULL DEFAULT '',
  doc_number TEXT NOT NULL DEFAULT '',
  dated_on TEXT,
  amount INTEGER,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  remarks TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX transactions_number_key ON transactions (number);
CREATE INDEX transactions_owner_id_id_ix ON transactions (owner_id, id);
CREATE INDEX transactions_unit_id_id_ix ON transactions (unit_id, id);
CREATE INDEX transactions_customer_id_id_ix ON transactions (customer_id, id);
CREATE INDEX transactions_doc_number_id_ix ON transactions (doc_number, id);
CREATE INDEX transactions_dated_on_id_ix ON transactions (dated_on, id);
CREATE INDEX transactions_about_id_id_ix ON transactions (about_id, id);
CREATE TABLE source_entries (
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
  customer_id INTEGER,
  channel TEXT NOT NULL DEFAULT '',
  entered_at TEXT,
  entered_by INTEGER,
  remarks TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX source_entries_number_key ON source_entries (number);
CREATE INDEX source_entries_owner_id_id_ix ON source_entries (owner_id, id);
CREATE INDEX source_entries_unit_id_id_ix ON source_entries (unit_id, id);
CREATE INDEX source_entries_customer_id_id_ix ON source_entries (customer_id, id);
CREATE INDEX source_entries_channel_id_ix ON source_entries (channel, id);
CREATE TABLE classifications (
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
  customer_id INTEGER,
  old_intent TEXT NOT NULL DEFAULT '',
  new_intent TEXT NOT NULL DEFAULT '',
  old_scale TEXT NOT NULL DEFAULT '',
  new_scale TEXT NOT NULL DEFAULT '',
  old_grade TEXT NOT NULL DEFAULT '',
  new_grade TEXT NOT NULL DEFAULT '',
  proposed_scale TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  decided_by INTEGER,
  decided_at TEXT
);
CREATE UNIQUE INDEX classifications_number_key ON classifications (number);
CREATE INDEX classifications_owner_id_id_ix ON classifications (owner_id, id);
CREATE INDEX classifications_unit_id_id_ix ON classifications (unit_id, id);
CREATE INDEX classifications_customer_id_id_ix ON classifications (customer_id, id);
CREATE TABLE preferences (
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
  customer_id INTEGER,
  topic TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  last_used_at TEXT,
  used_for TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX preferences_number_key ON preferences (number);
CREATE INDEX preferences_owner_id_id_ix ON preferences (owner_id, id);
CREATE INDEX preferences_unit_id_id_ix ON preferences (unit_id, id);
CREATE INDEX preferences_customer_id_id_ix ON preferences (customer_id, id);
CREATE TABLE consents (
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
  customer_id INTEGER,
  contact_id INTEGER,
  purpose TEXT NOT NULL DEFAULT '',
  channels TEXT,
  recipient TEXT NOT NULL DEFAULT '',
  separate INTEGER NOT NULL DEFAULT 0,
  given_at TEXT,
  expires_on TEXT,
  evidence TEXT NOT NULL DEFAULT '',
  evidence_in TEXT,
  status TEXT NOT NULL DEFAULT '',
  withdrawn_at TEXT,
  reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX consents_number_key ON consents (number);
CREATE INDEX consents_owner_id_id_ix ON consents (owner_id, id);
CREATE INDEX consents_unit_id_id_ix ON consents (unit_id, id);
CREATE INDEX consents_customer_id_id_ix ON consents (customer_id, id);
CREATE INDEX consents_contact_id_id_ix ON consents (contact_id, id);
CREATE INDEX consents_purpose_id_ix ON consents (purpose, id);
CREATE INDEX consents_status_id_ix ON consents (status, id);
CREATE TABLE disclosures (
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
  customer_id INTEGER,
  recipient TEXT NOT NULL DEFAULT '',
  purpose TEXT NOT NULL DEFAULT '',
  shared TEXT,
  explanation TEXT NOT NULL DEFAULT '',
  legal_basis TEXT NOT NULL DEFAULT '',
  basis_note TEXT NOT NULL DEFAULT '',
  consent_id INTEGER,
  status TEXT NOT NULL DEFAULT '',
  approver INTEGER,
  decided_at TEXT,
  decision TEXT NOT NULL DEFAULT '',
  disclosed_at TEXT,
  how_sent TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX disclosures_number_key ON disclosures (number);
CREATE INDEX disclosures_owner_id_id_ix ON disclosures (owner_id, id);
CREATE INDEX disclosures_unit_id_id_ix ON disclosures (unit_id, id);
CREATE INDEX disclosures_customer_id_id_ix ON disclosures (customer_id, id);
CREATE INDEX disclosures_consent_id_id_ix ON disclosures (consent_id, id);
CREATE INDEX disclosures_status_id_ix ON disclosures (status, id);
CREATE TABLE rights_requests (
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
  customer_id INTEGER,
  kind TEXT NOT NULL DEFAULT '',
  channel TEXT NOT NULL DEFAULT '',
  received_at TEXT,
  content TEXT NOT NULL DEFAULT '',
  identified INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  answered_at TEXT
);
CREATE UNIQUE INDEX rights_requests_number_key ON rights_requests (number);
CREATE INDEX rights_requests_owner_id_id_ix ON rights_requests (owner_id, id);
CREATE INDEX rights_requests_unit_id_id_ix ON rights_requests (unit_id, id);
CREATE INDEX rights_requests_customer_id_id_ix ON rights_requests (customer_id, id);
CREATE INDEX rights_requests_kind_id_ix ON rights_requests (kind, id);
CREATE INDEX rights_requests_status_id_ix ON rights_requests (status, id);
CREATE TABLE data_requests (
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
  for_unit INTEGER,
  purpose TEXT NOT NULL DEFAULT '',
  wanted TEXT,
  customers TEXT,
  content TEXT NOT NULL DEFAULT '',
  due_on TEXT,
  status TEXT NOT NULL DEFAULT '',
  decision TEXT NOT NULL DEFAULT '',
  decided_by INTEGER,
  valid_until TEXT
);
CREATE UNIQUE INDEX data_requests_number_key ON data_requests (number);
CREATE INDEX data_requests_owner_id_id_ix ON data_requests (owner_id, id);
CREATE INDEX data_requests_unit_id_id_ix ON data_requests (unit_id, id);
CREATE INDEX data_requests_status_id_ix ON data_requests (status, id);
CREATE TABLE data_incidents (
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
  content TEXT NOT NULL DEFAULT '',
  found_at TEXT,
  customers TEXT,
  affected INTEGER,
  status TEXT NOT NULL DEFAULT '',
  containment TEXT NOT NULL DEFAULT '',
  contained_at TEXT,
  notification TEXT NOT NULL DEFAULT '',
  notify_reason TEXT NOT NULL DEFAULT '',
  notified_at TEXT
);
CREATE UNIQUE INDEX data_incidents_number_key ON data_incidents (number);
CREATE INDEX data_incidents_owner_id_id_ix ON data_incidents (owner_id, id);
CREATE INDEX data_incidents_unit_id_id_ix ON data_incidents (unit_id, id);
CREATE INDEX data_incidents_status_id_ix ON data_incidents (status, id);
CREATE TABLE pool_rules (
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
  for_unit INTEGER,
  quota INTEGER,
  silent_days INTEGER,
  reclaim_days INTEGER,
  keep_key INTEGER NOT NULL DEFAULT 0,
  keep_stages TEXT
);
CREATE UNIQUE INDEX pool_rules_number_key ON pool_rules (number);
CREATE INDEX pool_rules_owner_id_id_ix ON pool_rules (owner_id, id);
CREATE INDEX pool_rules_unit_id_id_ix ON pool_rules (unit_id, id);
CREATE TABLE care_rules (
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
  for_unit INTEGER,
  intent TEXT NOT NULL DEFAULT '',
  scale TEXT NOT NULL DEFAULT '',
  grade TEXT NOT NULL DEFAULT '',
  key_only INTEGER NOT NULL DEFAULT 0,
  contact_days INTEGER,
  visit_days INTEGER,
  verify_days INTEGER,
  need_days INTEGER,
  assess_months INTEGER,
  care TEXT NOT NULL DEFAULT '',
  resource_share INTEGER
);
CREATE UNIQUE INDEX care_rules_number_key ON care_rules (number);
CREATE INDEX care_rules_owner_id_id_ix ON care_rules (owner_id, id);
CREATE INDEX care_rules_unit_id_id_ix ON care_rules (unit_id, id);
CREATE TABLE scale_rules (
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
  for_unit INTEGER,
  large_from INTEGER,
  medium_from INTEGER
);
CREATE UNIQUE INDEX scale_rules_number_key ON scale_rules (number);
CREATE INDEX scale_rules_owner_id_id_ix ON scale_rules (owner_id, id);
CREATE INDEX scale_rules_unit_id_id_ix ON scale_rules (unit_id, id);
CREATE TABLE interactions (
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
  customer_id INTEGER,
  contact_id INTEGER,
  channel TEXT NOT NULL DEFAULT '',
  direction TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  at TEXT,
  duration INTEGER,
  caller_number TEXT NOT NULL DEFAULT '',
  caller_name TEXT NOT NULL DEFAULT '',
  participants TEXT NOT NULL DEFAULT '',
  location TEXT NOT NULL DEFAULT '',
  arrived_at TEXT,
  left_at TEXT,
  subject TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT '',
  result TEXT NOT NULL DEFAULT '',
  need_found TEXT NOT NULL DEFAULT '',
  need_kind TEXT NOT NULL DEFAULT '',
  opinion TEXT NOT NULL DEFAULT '',
  feedback TEXT NOT NULL DEFAULT '',
  mood TEXT NOT NULL DEFAULT '',
  intent_rating TEXT NOT NULL DEFAULT '',
  satisfaction INTEGER,
  next_step TEXT NOT NULL DEFAULT '',
  next_at TEXT,
  promise_text TEXT NOT NULL DEFAULT '',
  promise_due TEXT,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  task_id INTEGER
);
CREATE UNIQUE INDEX interactions_number_key ON interactions (number);
CREATE INDEX interactions_owner_id_id_ix ON interactions (owner_id, id);
CREATE INDEX interactions_unit_id_id_ix ON interactions (unit_id, id);
CREATE INDEX interactions_customer_id_id_ix ON interactions (customer_id, id);
CREATE INDEX interactions_contact_id_id_ix ON interactions (contact_id, id);
CREATE INDEX interactions_channel_id_ix ON interactions (channel, id);
CREATE INDEX interactions_direction_id_ix ON interactions (direction, id);
CREATE INDEX interactions_kind_id_ix ON interactions (kind, id);
CREATE INDEX interactions_at_id_ix ON interactions (at, id);
CREATE INDEX interactions_caller_number_id_ix ON interactions (caller_number, id);
CREATE INDEX interactions_result_id_ix ON interactions (result, id);
CREATE INDEX interactions_next_at_id_ix ON interactions (next_at, id);
CREATE INDEX interactions_about_id_id_ix ON interactions (about_id, id);
CREATE INDEX interactions_task_id_id_ix ON interactions (task_id, id);
CREATE TABLE tasks (
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
  customer_id INTEGER,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  due_at TEXT,
  urgency TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  origin TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  result TEXT NOT NULL DEFAULT '',
  interaction_id INTEGER,
  reason TEXT NOT NULL DEFAULT '',
  ended_at TEXT,
  ended_by INTEGER,
  first_due_at TEXT,
  postponed INTEGER,
  late INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX tasks_number_key ON tasks (number);
CREATE INDEX tasks_owner_id_id_ix ON tasks (owner_id, id);
CREATE INDEX tasks_unit_id_id_ix ON tasks (unit_id, id);
CREATE INDEX tasks_kind_id_ix ON tasks (kind, id);
CREATE INDEX tasks_customer_id_id_ix ON tasks (customer_id, id);
CREATE INDEX tasks_about_id_id_ix ON tasks (about_id, id);
CREATE INDEX tasks_due_at_id_ix ON tasks (due_at, id);
CREATE INDEX tasks_origin_id_ix ON tasks (origin, id);
CREATE INDEX tasks_status_id_ix ON tasks (status, id);
CREATE INDEX tasks_interaction_id_id_ix ON tasks (interaction_id, id);
CREATE TABLE promises (
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
  customer_id INTEGER,
  content TEXT NOT NULL DEFAULT '',
  due_at TEXT,
  interaction_id INTEGER,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  late INTEGER NOT NULL DEFAULT 0,
  ended_at TEXT,
  outcome TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX promises_number_key ON promises (number);
CREATE INDEX promises_owner_id_id_ix ON promises (owner_id, id);
CREATE INDEX promises_unit_id_id_ix ON promises (unit_id, id);
CREATE INDEX promises_customer_id_id_ix ON promises (customer_id, id);
CREATE INDEX promises_due_at_id_ix ON promises (due_at, id);
CREATE INDEX promises_interaction_id_id_ix ON promises (interaction_id, id);
CREATE INDEX promises_about_id_id_ix ON promises (about_id, id);
CREATE INDEX promises_status_id_ix ON promises (status, id);
CREATE TABLE cases (
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
  state TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  channel TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '',
  read_back TEXT NOT NULL DEFAULT '',
  item TEXT NOT NULL DEFAULT '',
  occurred_at TEXT,
  received_at TEXT,
  source_ref TEXT NOT NULL DEFAULT '',
  source_due_on TEXT,
  reply_form TEXT NOT NULL DEFAULT '',
  customer_id INTEGER,
  anonymous INTEGER NOT NULL DEFAULT 0,
  contact_name TEXT NOT NULL DEFAULT '',
  contact_phone TEXT NOT NULL DEFAULT '',
  contact_mail TEXT NOT NULL DEFAULT '',
  customer_view TEXT NOT NULL DEFAULT '',
  category_id INTEGER,
  classified_at TEXT,
  urgency TEXT NOT NULL DEFAULT '',
  severity TEXT NOT NULL DEFAULT '',
  major INTEGER NOT NULL DEFAULT 0,
  major_reason TEXT NOT NULL DEFAULT '',
  triage TEXT,
  triaged_at TEXT,
  our_fault TEXT NOT NULL DEFAULT '',
  harm TEXT NOT NULL DEFAULT '',
  desired_result TEXT NOT NULL DEFAULT '',
  not_stated INTEGER NOT NULL DEFAULT 0,
  amount_claimed INTEGER,
  media_interest INTEGER NOT NULL DEFAULT 0,
  matter_number TEXT NOT NULL DEFAULT '',
  practice_area_id INTEGER,
  complained_user_id INTEGER,
  complained_name TEXT NOT NULL DEFAULT '',
  no_person INTEGER NOT NULL DEFAULT 0,
  parent_case_id INTEGER,
  merged_into INTEGER,
  problem_id INTEGER,
  handler_id INTEGER,
  officer_id INTEGER,
  decider_id INTEGER,
  co_owner_id INTEGER,
  participants TEXT,
  accepted_at TEXT,
  accepted_by INTEGER,
  handover_to INTEGER,
  handed_at TEXT,
  handover_list TEXT NOT NULL DEFAULT '',
  handover_reason TEXT NOT NULL DEFAULT '',
  confirmed_at TEXT,
  transfer_count INTEGER,
  next_step TEXT NOT NULL DEFAULT '',
  next_step_on TEXT,
  plan TEXT NOT NULL DEFAULT '',
  planned_at TEXT,
  resolution_ref TEXT NOT NULL DEFAULT '',
  investigated_at TEXT,
  arrangement_at TEXT,
  arrangement TEXT NOT NULL DEFAULT '',
  expected_on TEXT,
  paused_from TEXT NOT NULL DEFAULT '',
  paused_at TEXT,
  asked_customer TEXT NOT NULL DEFAULT '',
  push_count INTEGER,
  pushed_at TEXT,
  escalated_to INTEGER,
  escalated_at TEXT,
  escalate_reason TEXT NOT NULL DEFAULT '',
  escalate_answer TEXT NOT NULL DEFAULT '',
  escalate_done_at TEXT,
  promised_at TEXT,
  promise_told TEXT NOT NULL DEFAULT '',
  deferral_count INTEGER,
  answer TEXT NOT NULL DEFAULT '',
  articles TEXT,
  first_answer_at TEXT,
  answered_at TEXT,
  correction_count INTEGER,
  correction TEXT NOT NULL DEFAULT '',
  opinion_at TEXT,
  checklist TEXT,
  checklist_by INTEGER,
  checklist_note TEXT NOT NULL DEFAULT '',
  checklist_seen_by INTEGER,
  substitute_why TEXT NOT NULL DEFAULT '',
  finding TEXT NOT NULL DEFAULT '',
  conclusion TEXT NOT NULL DEFAULT '',
  measure TEXT NOT NULL DEFAULT '',
  reply_text TEXT NOT NULL DEFAULT '',
  decided_at TEXT,
  decided_by INTEGER,
  receipt_at TEXT,
  handback_at TEXT,
  cause_code TEXT NOT NULL DEFAULT '',
  true_cause TEXT NOT NULL DEFAULT '',
  cause_method TEXT NOT NULL DEFAULT '',
  prevention TEXT NOT NULL DEFAULT '',
  solution TEXT NOT NULL DEFAULT '',
  resolved_at TEXT,
  co_agreed_at TEXT,
  co_objection TEXT NOT NULL DEFAULT '',
  result TEXT NOT NULL DEFAULT '',
  result_text TEXT NOT NULL DEFAULT '',
  remedy TEXT,
  remedy_cost INTEGER,
  informed_at TEXT,
  informed_how TEXT NOT NULL DEFAULT '',
  informed_text TEXT NOT NULL DEFAULT '',
  reaction TEXT NOT NULL DEFAULT '',
  no_reply_reason TEXT NOT NULL DEFAULT '',
  oral_reply_why TEXT NOT NULL DEFAULT '',
  no_promise INTEGER NOT NULL DEFAULT 0,
  lesson TEXT NOT NULL DEFAULT '',
  lesson_text TEXT NOT NULL DEFAULT '',
  closed_at TEXT,
  withdrawn_why TEXT NOT NULL DEFAULT '',
  called_back_at TEXT,
  callback_result TEXT NOT NULL DEFAULT '',
  satisfaction INTEGER,
  survey_refused INTEGER NOT NULL DEFAULT 0,
  surveyed_at TEXT,
  survey_comment TEXT NOT NULL DEFAULT '',
  correctly_met TEXT NOT NULL DEFAULT '',
  dissatisfied_why TEXT NOT NULL DEFAULT '',
  round INTEGER,
  reopen_count INTEGER,
  reopen_reason TEXT NOT NULL DEFAULT '',
  reopened_at TEXT,
  volume_year INTEGER,
  filed_at TEXT,
  archivist_id INTEGER,
  shelf TEXT NOT NULL DEFAULT '',
  file_list TEXT NOT NULL DEFAULT '',
  retain_until TEXT
);
CREATE UNIQUE INDEX cases_number_key ON cases (number);
CREATE INDEX cases_owner_id_id_ix ON cases (owner_id, id);
CREATE INDEX cases_unit_id_id_ix ON cases (unit_id, id);
CREATE INDEX cases_state_id_ix ON cases (state, id);
CREATE INDEX cases_kind_id_ix ON cases (kind, id);
CREATE INDEX cases_channel_id_ix ON cases (channel, id);
CREATE INDEX cases_received_at_id_ix ON cases (received_at, id);
CREATE INDEX cases_customer_id_id_ix ON cases (customer_id, id);
CREATE INDEX cases_category_id_id_ix ON cases (category_id, id);
CREATE INDEX cases_urgency_id_ix ON cases (urgency, id);
CREATE INDEX cases_severity_id_ix ON cases (severity, id);
CREATE INDEX cases_practice_area_id_id_ix ON cases (practice_area_id, id);
CREATE INDEX cases_complained_user_id_id_ix ON cases (complained_user_id, id);
CREATE INDEX cases_parent_case_id_id_ix ON cases (parent_case_id, id);
CREATE INDEX cases_merged_into_id_ix ON cases (merged_into, id);
CREATE INDEX cases_problem_id_id_ix ON cases (problem_id, id);
CREATE INDEX cases_handler_id_id_ix ON cases (handler_id, id);
CREATE INDEX cases_officer_id_id_ix ON cases (officer_id, id);
CREATE INDEX cases_decider_id_id_ix ON cases (decider_id, id);
CREATE INDEX cases_co_owner_id_id_ix ON cases (co_owner_id, id);
CREATE INDEX cases_participants_id_ix ON cases (participants, id);
CREATE INDEX cases_handover_to_id_ix ON cases (handover_to, id);
CREATE INDEX cases_next_step_on_id_ix ON cases (next_step_on, id);
CREATE INDEX cases_escalated_to_id_ix ON cases (escalated_to, id);
CREATE INDEX cases_promised_at_id_ix ON cases (promised_at, id);
CREATE INDEX cases_cause_code_id_ix ON cases (cause_code, id);
CREATE INDEX cases_result_id_ix ON cases (result, id);
CREATE INDEX cases_closed_at_id_ix ON cases (closed_at, id);
CREATE INDEX cases_volume_year_id_ix ON cases (volume_year, id);
CREATE TABLE case_notes (
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
  kind TEXT NOT NULL DEFAULT '',
  way TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  at TEXT
);
CREATE UNIQUE INDEX case_notes_number_key ON case_notes (number);
CREATE INDEX case_notes_owner_id_id_ix ON case_notes (owner_id, id);
CREATE INDEX case_notes_unit_id_id_ix ON case_notes (unit_id, id);
CREATE INDEX case_notes_case_id_id_ix ON case_notes (case_id, id);
CREATE INDEX case_notes_kind_id_ix ON case_notes (kind, id);
CREATE TABLE case_contacts (
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
  channel TEXT NOT NULL DEFAULT '',
  result TEXT NOT NULL DEFAULT '',
  purpose TEXT NOT NULL DEFAULT '',
  at TEXT,
  by_user_id INTEGER,
  summary TEXT NOT NULL DEFAULT '',
  mood_before TEXT NOT NULL DEFAULT '',
  mood_after TEXT NOT NULL DEFAULT '',
  calming_step TEXT NOT NULL DEFAULT '',
  no_promise INTEGER NOT NULL DEFAULT 0,
  conduct TEXT NOT NULL DEFAULT '',
  contact_person_id INTEGER,
  confidential INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX case_contacts_number_key ON case_contacts (number);
CREATE INDEX case_contacts_owner_id_id_ix ON case_contacts (owner_id, id);
CREATE INDEX case_contacts_unit_id_id_ix ON case_contacts (unit_id, id);
CREATE INDEX case_contacts_case_id_id_ix ON case_contacts (case_id, id);
CREATE INDEX case_contacts_result_id_ix ON case_contacts (result, id);
CREATE INDEX case_contacts_at_id_ix ON case_contacts (at, id);
CREATE TABLE case_materials (
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
  title TEXT NOT NULL DEFAULT '',
  form TEXT NOT NULL DEFAULT '',
  no_original_why TEXT NOT NULL DEFAULT '',
  pages INTEGER,
  place TEXT NOT NULL DEFAULT '',
  custodian_id INTEGER,
  file_id INTEGER,
  authenticity TEXT NOT NULL DEFAULT '',
  check_method TEXT NOT NULL DEFAULT '',
  checked_by INTEGER,
  checked_at TEXT,
  handed_out_to TEXT NOT NULL DEFAULT '',
  handed_out_at TEXT,
  return_on TEXT,
  returned_at TEXT,
  handed_back_at TEXT,
  handed_back_by INTEGER,
  handed_back_note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX case_materials_number_key ON case_materials (number);
CREATE INDEX case_materials_owner_id_id_ix ON case_materials (owner_id, id);
CREATE INDEX case_materials_unit_id_id_ix ON case_materials (unit_id, id);
CREATE INDEX case_materials_case_id_id_ix ON case_materials (case_id, id);
CREATE INDEX case_materials_authenticity_id_ix ON case_materials (authenticity, id);
CREATE TABLE case_allegations (
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
  kind TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  finding TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  found_by INTEGER,
  found_at TEXT
);
CREATE UNIQUE INDEX case_allegations_number_key ON case_allegations (number);
CREATE INDEX case_allegations_owner_id_id_ix ON case_allegations (owner_id, id);
CREATE INDEX case_allegations_unit_id_id_ix ON case_allegations (unit_id, id);
CREATE INDEX case_allegations_case_id_id_ix ON case_allegations (case_id, id);
CREATE INDEX case_allegations_finding_id_ix ON case_allegations (finding, id);
CREATE TABLE case_measures (
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
  title TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  due_on TEXT,
  state TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '',
  done_at TEXT,
  done_by INTEGER,
  verified_at TEXT,
  verified_by INTEGER,
  check_on TEXT,
  effect TEXT NOT NULL DEFAULT '',
  effect_seen TEXT,
  dropped_why TEXT NOT NULL DEFAULT '',
  reopen_count INTEGER
);
CREATE UNIQUE INDEX case_measures_number_key ON case_measures (number);
CREATE INDEX case_measures_owner_id_id_ix ON case_measures (owner_id, id);
CREATE INDEX case_measures_unit_id_id_ix ON case_measures (unit_id, id);
CREATE INDEX case_measures_case_id_id_ix ON case_measures (case_id, id);
CREATE INDEX case_measures_kind_id_ix ON case_measures (kind, id);
CREATE INDEX case_measures_due_on_id_ix ON case_measures (due_on, id);
CREATE INDEX case_measures_state_id_ix ON case_measures (state, id);
CREATE TABLE case_opinions (
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
  kind TEXT NOT NULL DEFAULT '',
  round INTEGER,
  facts TEXT NOT NULL DEFAULT '',
  assessment TEXT NOT NULL DEFAULT '',
  proposal TEXT NOT NULL DEFAULT '',
  signed_by INTEGER,
  signed_at TEXT
);
CREATE UNIQUE INDEX case_opinions_number_key ON case_opinions (number);
CREATE INDEX case_opinions_owner_id_id_ix ON case_opinions (owner_id, id);
CREATE INDEX case_opinions_unit_id_id_ix ON case_opinions (unit_id, id);
CREATE INDEX case_opinions_case_id_id_ix ON case_opinions (case_id, id);
CREATE TABLE case_replies (
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
  body TEXT NOT NULL DEFAULT '',
  channel TEXT NOT NULL DEFAULT '',
  signatory_id INTEGER,
  state TEXT NOT NULL DEFAULT '',
  hold_reason TEXT NOT NULL DEFAULT '',
  approved_by INTEGER,
  approved_at TEXT,
  round INTEGER,
  sent_at TEXT,
  sent_by INTEGER,
  proof TEXT NOT NULL DEFAULT '',
  proof_file INTEGER
);
CREATE UNIQUE INDEX case_replies_number_key ON case_replies (number);
CREATE INDEX case_replies_owner_id_id_ix ON case_replies (owner_id, id);
CREATE INDEX case_replies_unit_id_id_ix ON case_replies (unit_id, id);
CREATE INDEX case_replies_case_id_id_ix ON case_replies (case_id, id);
CREATE INDEX case_replies_state_id_ix ON case_replies (state, id);
CREATE TABLE case_objections (
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
  round INTEGER,
  reason TEXT NOT NULL DEFAULT '',
  raised_by TEXT NOT NULL DEFAULT '',
  raised_at TEXT,
  reviewer_id INTEGER,
  state TEXT NOT NULL DEFAULT '',
  follow_up TEXT NOT NULL DEFAULT '',
  follow_up_text TEXT NOT NULL DEFAULT '',
  routes_told INTEGER NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  settled_at TEXT
);
CREATE UNIQUE INDEX case_objections_number_key ON case_objections (number);
CREATE INDEX case_objections_owner_id_id_ix ON case_objections (owner_id, id);
CREATE INDEX case_objections_unit_id_id_ix ON case_objections (unit_id, id);
CREATE INDEX case_objections_case_id_id_ix ON case_objections (case_id, id);
CREATE INDEX case_objections_state_id_ix ON case_objections (state, id);
CREATE TABLE case_timeline_entries (
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
  at TEXT,
  text TEXT NOT NULL DEFAULT '',
  source_kind TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  verified INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX case_timeline_entries_number_key ON case_timeline_entries (number);
CREATE INDEX case_timeline_entries_owner_id_id_ix ON case_timeline_entries (owner_id, id);
CREATE INDEX case_timeline_entries_unit_id_id_ix ON case_timeline_entries (unit_id, id);
CREATE INDEX case_timeline_entries_case_id_id_ix ON case_timeline_entries (case_id, id);
CREATE INDEX case_timeline_entries_at_id_ix ON case_timeline_entries (at, id);
CREATE TABLE case_tasks (
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
  kind TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '',
  to_unit_id INTEGER,
  to_user_id INTEGER,
  due_at TEXT,
  state TEXT NOT NULL DEFAULT '',
  accepted_at TEXT,
  answer TEXT NOT NULL DEFAULT '',
  verdict TEXT NOT NULL DEFAULT '',
  answered_at TEXT,
  answered_by INTEGER,
  return_why TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX case_tasks_number_key ON case_tasks (number);
CREATE INDEX case_tasks_owner_id_id_ix ON case_tasks (owner_id, id);
CREATE INDEX case_tasks_unit_id_id_ix ON case_tasks (unit_id, id);
CREATE INDEX case_tasks_case_id_id_ix ON case_tasks (case_id, id);
CREATE INDEX case_tasks_kind_id_ix ON case_tasks (kind, id);
CREATE INDEX case_tasks_to_user_id_id_ix ON case_tasks (to_user_id, id);
CREATE INDEX case_tasks_due_at_id_ix ON case_tasks (due_at, id);
CREATE INDEX case_tasks_state_id_ix ON case_tasks (state, id);
CREATE TABLE case_statements (
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
  about_id INTEGER,
  user_id INTEGER,
  question TEXT NOT NULL DEFAULT '',
  due_at TEXT,
  state TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  given_at TEXT
);
CREATE UNIQUE INDEX case_statements_number_key ON case_statements (number);
CREATE INDEX case_statements_owner_id_id_ix ON case_statements (owner_id, id);
CREATE INDEX case_statements_unit_id_id_ix ON case_statements (unit_id, id);
CREATE INDEX case_statements_about_id_id_ix ON case_statements (about_id, id);
CREATE INDEX case_statements_user_id_id_ix ON case_statements (user_id, id);
CREATE INDEX case_statements_state_id_ix ON case_statements (state, id);
CREATE TABLE case_categories (
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
  key TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  title_en TEXT NOT NULL DEFAULT '',
  parent_id INTEGER,
  kinds TEXT,
  definition TEXT NOT NULL DEFAULT '',
  route_unit INTEGER,
  review_on TEXT,
  offered INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX case_categories_number_key ON case_categories (number);
CREATE INDEX case_categories_owner_id_id_ix ON case_categories (owner_id, id);
CREATE INDEX case_categories_unit_id_id_ix ON case_categories (unit_id, id);
CREATE UNIQUE INDEX case_categories_key_key ON case_categories (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX case_categories_parent_id_id_ix ON case_categories (parent_id, id);
CREATE TABLE case_macros (
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
  category_id INTEGER,
  body TEXT NOT NULL DEFAULT '',
  active INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX case_macros_number_key ON case_macros (number);
CREATE INDEX case_macros_owner_id_id_ix ON case_macros (owner_id, id);
CREATE INDEX case_macros_unit_id_id_ix ON case_macros (unit_id, id);
CREATE INDEX case_macros_kind_id_ix ON case_macros (kind, id);
CREATE INDEX case_macros_category_id_id_ix ON case_macros (category_id, id);
CREATE TABLE case_problems (
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
  category_id INTEGER,
  item TEXT NOT NULL DEFAULT '',
  cause_code TEXT NOT NULL DEFAULT '',
  cause TEXT NOT NULL DEFAULT '',
  counter_measures TEXT NOT NULL DEFAULT '',
  due_on TEXT,
  effect_check_on TEXT,
  effect_result TEXT NOT NULL DEFAULT '',
  effect_note TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  case_count INTEGER,
  last_seen_at TEXT,
  recurrence_count INTEGER
);
CREATE UNIQUE INDEX case_problems_number_key ON case_problems (number);
CREATE INDEX case_problems_owner_id_id_ix ON case_problems (owner_id, id);
CREATE INDEX case_problems_unit_id_id_ix ON case_problems (unit_id, id);
CREATE INDEX case_problems_category_id_id_ix ON case_problems (category_id, id);
CREATE INDEX case_problems_cause_code_id_ix ON case_problems (cause_code, id);
CREATE INDEX case_problems_state_id_ix ON case_problems (state, id);
CREATE TABLE case_volumes (
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
  year INTEGER,
  title TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '',
  shelf TEXT NOT NULL DEFAULT '',
  closed_at TEXT,
  closed_by INTEGER,
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX case_volumes_number_key ON case_volumes (number);
CREATE INDEX case_volumes_owner_id_id_ix ON case_volumes (owner_id, id);
CREATE INDEX case_volumes_unit_id_id_ix ON case_volumes (unit_id, id);
CREATE UNIQUE INDEX case_volumes_year_key ON case_volumes (year) WHERE year IS NOT NULL AND archived_at IS NULL;
CREATE INDEX case_volumes_state_id_ix ON case_volumes (state, id);
CREATE TABLE practice_areas (
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
  partner_id INTEGER,
  active INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX practice_areas_number_key ON practice_areas (number);
CREATE INDEX practice_areas_owner_id_id_ix ON practice_areas (owner_id, id);
CREATE INDEX practice_areas_unit_id_id_ix ON practice_areas (unit_id, id);
CREATE TABLE case_channels (
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
  responsible_id INTEGER,
  opening_hours TEXT NOT NULL DEFAULT '',
  notice_text TEXT NOT NULL DEFAULT '',
  active INTEGER NOT NULL DEFAULT 0,
  tested_at TEXT,
  test_worked INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX case_channels_number_key ON case_channels (number);
CREATE INDEX case_channels_owner_id_id_ix ON case_channels (owner_id, id);
CREATE INDEX case_channels_unit_id_id_ix ON case_channels (unit_id, id);
CREATE INDEX case_channels_kind_id_ix ON case_channels (kind, id);
CREATE TABLE knowledge_articles (
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
  body TEXT NOT NULL DEFAULT '',
  category_id INTEGER,
  basis TEXT NOT NULL DEFAULT '',
  edition INTEGER,
  review_on TEXT,
  state TEXT NOT NULL DEFAULT '',
  approved_by INTEGER,
  approved_at TEXT
);
CREATE UNIQUE INDEX knowledge_articles_number_key ON knowledge_articles (number);
CREATE INDEX knowledge_articles_owner_id_id_ix ON knowledge_articles (owner_id, id);
CREATE INDEX knowledge_articles_unit_id_id_ix ON knowledge_articles (unit_id, id);
CREATE INDEX knowledge_articles_category_id_id_ix ON knowledge_articles (category_id, id);
CREATE INDEX knowledge_articles_review_on_id_ix ON knowledge_articles (review_on, id);
CREATE INDEX knowledge_articles_state_id_ix ON knowledge_articles (state, id);
CREATE TABLE regulations (
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
  key TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  title_en TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT '',
  summary_en TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  body_en TEXT NOT NULL DEFAULT '',
  origin TEXT NOT NULL DEFAULT '',
  review_every INTEGER,
  review_on TEXT,
  current_id INTEGER
);
CREATE UNIQUE INDEX regulations_number_key ON regulations (number);
CREATE INDEX regulations_owner_id_id_ix ON regulations (owner_id, id);
CREATE INDEX regulations_unit_id_id_ix ON regulations (unit_id, id);
CREATE UNIQUE INDEX regulations_key_key ON regulations (key) WHERE key <> '' AND archived_at IS NULL;
CREATE INDEX regulations_review_on_id_ix ON regulations (review_on, id);
CREATE INDEX regulations_current_id_id_ix ON regulations (current_id, id);
CREATE TABLE regulation_versions (
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
  regulation_id INTEGER,
  label TEXT NOT NULL DEFAULT '',
  version_no INTEGER,
  status TEXT NOT NULL DEFAULT '',
  effective_on TEXT,
  in_force_at TEXT,
  retired_at TEXT,
  approved_by INTEGER,
  approved_at TEXT,
  text_hash TEXT NOT NULL DEFAULT '',
  cover_units TEXT,
  cover_posts TEXT,
  source_text TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX regulation_versions_number_key ON regulation_versions (number);
CREATE INDEX regulation_versions_owner_id_id_ix ON regulation_versions (owner_id, id);
CREATE INDEX regulation_versions_unit_id_id_ix ON regulation_versions (unit_id, id);
CREATE INDEX regulation_versions_regulation_id_id_ix ON regulation_versions (regulation_id, id);
CREATE INDEX regulation_versions_status_id_ix ON regulation_versions (status, id);
CREATE INDEX regulation_versions_in_force_at_id_ix ON regulation_versions (in_force_at, id);
CREATE TABLE clauses (
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
  version_id INTEGER,
  key TEXT NOT NULL DEFAULT '',
  parent_key TEXT NOT NULL DEFAULT '',
  position INTEGER,
  level TEXT NOT NULL DEFAULT '',
  printed TEXT NOT NULL DEFAULT '',
  heading TEXT NOT NULL DEFAULT '',
  heading_en TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  body_en TEXT NOT NULL DEFAULT '',
  post TEXT NOT NULL DEFAULT '',
  params TEXT,
  note TEXT NOT NULL DEFAULT '',
  note_en TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX clauses_number_key ON clauses (number);
CREATE INDEX clauses_owner_id_id_ix ON clauses (owner_id, id);
CREATE INDEX clauses_unit_id_id_ix ON clauses (unit_id, id);
CREATE INDEX clauses_version_id_id_ix ON clauses (version_id, id);
CREATE INDEX clauses_key_id_ix ON clauses (key, id);
CREATE INDEX clauses_post_id_ix ON clauses (post, id);
CREATE TABLE bindings (
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
  version_id INTEGER,
  clause_key TEXT NOT NULL DEFAULT '',
  control TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL DEFAULT '',
  off INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX bindings_number_key ON bindings (number);
CREATE INDEX bindings_owner_id_id_ix ON bindings (owner_id, id);
CREATE INDEX bindings_unit_id_id_ix ON bindings (unit_id, id);
CREATE INDEX bindings_version_id_id_ix ON bindings (version_id, id);
CREATE INDEX bindings_clause_key_id_ix ON bindings (clause_key, id);
CREATE TABLE acknowledgements (
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
  version_id INTEGER,
  label TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  due_at TEXT,
  signed_at TEXT,
  text_hash TEXT NOT NULL DEFAULT '',
  overdue_at TEXT
);
CREATE UNIQUE INDEX acknowledgements_number_key ON acknowledgements (number);
CREATE INDEX acknowledgements_owner_id_id_ix ON acknowledgements (owner_id, id);
CREATE INDEX acknowledgements_unit_id_id_ix ON acknowledgements (unit_id, id);
CREATE INDEX acknowledgements_version_id_id_ix ON acknowledgements (version_id, id);
CREATE INDEX acknowledgements_status_id_ix ON acknowledgements (status, id);
CREATE INDEX acknowledgements_due_at_id_ix ON acknowledgements (due_at, id);
CREATE TABLE exemptions (
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
  clause_key TEXT NOT NULL DEFAULT '',
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  expires_at TEXT,
  status TEXT NOT NULL DEFAULT '',
  decided_by INTEGER,
  decided_at TEXT
);
CREATE UNIQUE INDEX exemptions_number_key ON exemptions (number);
CREATE INDEX exemptions_owner_id_id_ix ON exemptions (owner_id, id);
CREATE INDEX exemptions_unit_id_id_ix ON exemptions (unit_id, id);
CREATE INDEX exemptions_clause_key_id_ix ON exemptions (clause_key, id);
CREATE INDEX exemptions_about_id_id_ix ON exemptions (about_id, id);
CREATE INDEX exemptions_status_id_ix ON exemptions (status, id);
CREATE TABLE breaches (
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
  clause_key TEXT NOT NULL DEFAULT '',
  regulation TEXT NOT NULL DEFAULT '',
  version_id INTEGER,
  about_type TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  person_id INTEGER,
  status TEXT NOT NULL DEFAULT '',
  statement TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  decided_by INTEGER,
  decided_at TEXT
);
CREATE UNIQUE INDEX breaches_number_key ON breaches (number);
CREATE INDEX breaches_owner_id_id_ix ON breaches (owner_id, id);
CREATE INDEX breaches_unit_id_id_ix ON breaches (unit_id, id);
CREATE INDEX breaches_clause_key_id_ix ON breaches (clause_key, id);
CREATE INDEX breaches_version_id_id_ix ON breaches (version_id, id);
CREATE INDEX breaches_about_id_id_ix ON breaches (about_id, id);
CREATE INDEX breaches_person_id_id_ix ON breaches (person_id, id);
CREATE INDEX breaches_status_id_ix ON breaches (status, id);
CREATE TABLE audit_log (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  actor TEXT NOT NULL DEFAULT '',
  via TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  verb TEXT NOT NULL DEFAULT '',
  record_id INTEGER,
  detail TEXT NOT NULL DEFAULT '',
  prev TEXT NOT NULL DEFAULT '',
  hash TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_record_id_seq_ix ON audit_log (record_id, seq);
CREATE INDEX audit_log_actor_seq_ix ON audit_log (actor, seq);
CREATE INDEX audit_log_verb_seq_ix ON audit_log (verb, seq);
CREATE TABLE audit_head (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL DEFAULT 0,
  hash TEXT NOT NULL DEFAULT ''
);
CREATE TABLE credentials (
  user_id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL DEFAULT '',
  changed_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  must_change INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL DEFAULT '',
  user_id INTEGER,
  created_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  seen_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  expires_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  address TEXT NOT NULL DEFAULT '',
  agent TEXT NOT NULL DEFAULT '',
  data TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX sessions_hash_key ON sessions (hash);
CREATE INDEX sessions_user_id_id_ix ON sessions (user_id, id);
CREATE INDEX sessions_expires_at_ix ON sessions (expires_at);
CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL DEFAULT '',
  user_id INTEGER NOT NULL DEFAULT 0,
  name TEXT NOT NULL DEFAULT '',
  scopes TEXT NOT NULL DEFAULT '{}',
  created_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  expires_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  used_at TEXT,
  used_from TEXT NOT NULL DEFAULT '',
  revoked_at TEXT
);
CREATE UNIQUE INDEX api_tokens_hash_key ON api_tokens (hash);
CREATE INDEX api_tokens_user_id_id_ix ON api_tokens (user_id, id);
CREATE TABLE login_attempts (
  subject TEXT PRIMARY KEY,
  failures INTEGER NOT NULL DEFAULT 0,
  last_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  blocked_until TEXT
);
CREATE INDEX login_attempts_last_at_ix ON login_attempts (last_at);
CREATE TABLE one_time_links (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL DEFAULT '',
  purpose TEXT NOT NULL DEFAULT '',
  user_id INTEGER,
  created_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  expires_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  used_at TEXT
);
CREATE UNIQUE INDEX one_time_links_hash_key ON one_time_links (hash);
CREATE TABLE control_outcomes (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  month TEXT NOT NULL DEFAULT '',
  regulation TEXT NOT NULL DEFAULT '',
  clause TEXT NOT NULL DEFAULT '',
  version_id INTEGER,
  control TEXT NOT NULL DEFAULT '',
  result TEXT NOT NULL DEFAULT '',
  event TEXT NOT NULL DEFAULT '',
  type TEXT NOT NULL DEFAULT '',
  record_id INTEGER,
  unit_id INTEGER,
  person_id INTEGER,
  detail TEXT
);
CREATE INDEX control_outcomes_clause_id_ix ON control_outcomes (clause, id);
CREATE INDEX control_outcomes_regulation_month_clause_result_ix ON control_outcomes (regulation, month, clause, result);
CREATE INDEX control_outcomes_record_id_id_ix ON control_outcomes (record_id, id);
CREATE TABLE control_clocks (
  id INTEGER PRIMARY KEY,
  regulation TEXT NOT NULL DEFAULT '',
  clause TEXT NOT NULL DEFAULT '',
  version_id INTEGER,
  binding_id INTEGER NOT NULL DEFAULT 0,
  type TEXT NOT NULL DEFAULT '',
  record_id INTEGER NOT NULL DEFAULT 0,
  unit_id INTEGER,
  owner_id INTEGER,
  calendar TEXT NOT NULL DEFAULT '',
  work INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT '',
  started_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  due_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  warn_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  warned_at TEXT,
  paused_at TEXT,
  left_seconds INTEGER NOT NULL DEFAULT 0,
  warn_seconds INTEGER NOT NULL DEFAULT 0,
  stopped_at TEXT,
  next_at TEXT
);
CREATE INDEX control_clocks_next_at_ix ON control_clocks (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX control_clocks_record_id_id_ix ON control_clocks (record_id, id);
CREATE INDEX control_clocks_clause_id_ix ON control_clocks (clause, id);
CREATE INDEX control_clocks_owner_id_due_at_ix ON control_clocks (owner_id, due_at) WHERE stopped_at IS NULL;
CREATE TABLE api_idempotency (
  id TEXT PRIMARY KEY,
  request TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000Z',
  done_at TEXT,
  answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX api_idempotency_created_at_ix ON api_idempotency (created_at);
