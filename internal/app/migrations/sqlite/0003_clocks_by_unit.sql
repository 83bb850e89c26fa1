-- +goose Up
CREATE INDEX control_clocks_unit_id_due_at_ix ON control_clocks (unit_id, due_at) WHERE stopped_at IS NULL;
