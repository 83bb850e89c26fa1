-- +goose Up
CREATE INDEX cases_created_by_id_ix ON cases (created_by, id) WHERE owner_id IS NULL;
