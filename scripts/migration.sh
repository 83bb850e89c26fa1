#!/usr/bin/env bash
# Writes the next numbered migration for both databases: scripts/migration.sh NAME. Needs DIANKE_TEST_POSTGRES.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${DIANKE_TEST_POSTGRES:?the address of a PostgreSQL server is needed; see scripts/postgres.sh}"
go test ./internal/app -count=1 -run TestMigrationsAgreeWithTheRegistry -draft "${1:?name of the migration}" -v | grep wrote
