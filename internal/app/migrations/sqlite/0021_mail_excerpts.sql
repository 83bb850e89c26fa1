-- +goose Up
ALTER TABLE mail_arrivals ADD COLUMN excerpt TEXT NOT NULL DEFAULT '';
