-- +goose Up
ALTER TABLE breaches ADD COLUMN label TEXT NOT NULL DEFAULT '';
