#!/usr/bin/env bash
# Starts a throw-away PostgreSQL for the tests and prints its URL; "stop" ends it.
#
#   scripts/postgres.sh start DIR   → postgres://postgres@127.0.0.1:PORT/postgres?sslmode=disable
#   scripts/postgres.sh stop DIR
#
# The server keeps its data below DIR, listens on the loopback only and trusts it: nothing of value belongs there.
set -euo pipefail
verb=${1:?start or stop} dir=${2:?directory}
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v pg_ctl 2>/dev/null || true)")
[ -x "$bin/pg_ctl" ] || { echo "PostgreSQL is missing: install the package postgresql" >&2; exit 1; }
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
case $verb in
  start)
    mkdir -p "$dir"; [ "$(id -u)" = 0 ] && chown postgres "$dir"
    port=${DIANKE_TEST_PGPORT:-54329}
    if [ ! -e "$dir/data/PG_VERSION" ]; then
      (cd "$dir" && as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >"$dir/initdb.log")
    fi
    if ! (cd "$dir" && as "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1); then
      (cd "$dir" && as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/server.log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir -c fsync=off -c max_connections=200" start >/dev/null)
    fi
    echo "postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable" ;;
  stop) (cd "$dir" && as "$bin/pg_ctl" -D "$dir/data" -m fast stop >/dev/null) ;;
  *) echo "start or stop" >&2; exit 2 ;;
esac
