-- +goose Up
ALTER TABLE customers ADD COLUMN assistant_id BIGINT;
ALTER TABLE customers ADD COLUMN competitors TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN finances TEXT NOT NULL DEFAULT '';
ALTER TABLE interactions ADD COLUMN channel_why TEXT NOT NULL DEFAULT '';
ALTER TABLE interactions ADD COLUMN nothing_new BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX customers_assistant_id_id_ix ON customers (assistant_id, id);
