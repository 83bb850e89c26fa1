-- +goose Up
ALTER TABLE customers ADD COLUMN assistant_id INTEGER;
ALTER TABLE customers ADD COLUMN competitors TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN finances TEXT NOT NULL DEFAULT '';
ALTER TABLE interactions ADD COLUMN channel_why TEXT NOT NULL DEFAULT '';
ALTER TABLE interactions ADD COLUMN nothing_new INTEGER NOT NULL DEFAULT 0;
CREATE INDEX customers_assistant_id_id_ix ON customers (assistant_id, id);
