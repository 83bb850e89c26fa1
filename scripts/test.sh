#!/usr/bin/env bash
# Runs every check on a clean checkout: formatting, generated code, Go on SQLite and PostgreSQL, scripts of the pages.
#
# As root on Debian or Ubuntu it installs what is missing; otherwise it says what to install. It starts a PostgreSQL of
# its own on a free port of the loopback and removes it at the end. DIANKE_TEST_POSTGRES, if set, is used instead.
set -euo pipefail
cd "$(dirname "$0")/.."
assets=internal/surface/web/assets

say() { printf '\n== %s\n' "$*"; }

missing() {
  ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1 || command -v pg_ctl >/dev/null 2>&1 || echo postgresql
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    command -v google-chrome >/dev/null 2>&1 || echo chromium
  fc-list :lang=zh 2>/dev/null | grep -q . || echo fonts-noto-cjk
  command -v node >/dev/null 2>&1 || echo nodejs
  command -v npm >/dev/null 2>&1 || echo npm
}

want=$(missing | tr '\n' ' ')
if [ -n "${want// /}" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing: $want"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q </dev/null >/dev/null
    # shellcheck disable=SC2086 # a list of packages
    apt-get install -q -y --no-install-recommends $want </dev/null >/dev/null
  else
    echo "These packages are missing: $want" >&2
    echo "On Debian or Ubuntu: sudo apt-get install $want" >&2
    exit 1
  fi
fi

say "pages: bundle and scripts"
(cd $assets && npm ci --ignore-scripts --no-audit --no-fund </dev/null && node build.mjs && node --test)

say "formatting"
unformatted=$(find . -name "*.go" -not -path "*/node_modules/*" -print0 | xargs -0 gofmt -l)
[ -z "$unformatted" ] || { echo "run gofmt -w on: $unformatted" >&2; exit 1; }

say "generated code"
# The generator writes the path of the template as seen from where it was called; that is no difference.
sums() { find internal -name '*_templ.go' | sort | while read -r f; do echo "$f $(sed -E 's/FileName: `[^`]*`//' "$f" | sha256sum)"; done; }
before=$(sums)
go tool templ generate >/dev/null 2>&1 || go tool templ generate
[ "$before" = "$(sums)" ] || { echo "generated code is old: run make generate and commit" >&2; diff <(echo "$before") <(sums) >&2; exit 1; }

say "go vet"
go vet ./...

if [ -z "${DIANKE_TEST_POSTGRES:-}" ]; then
  say "PostgreSQL"
  here=$(mktemp -d)
  chmod 755 "$here"
  trap 'scripts/postgres.sh stop "$here/pg" >/dev/null 2>&1 || true; rm -rf "$here"' EXIT
  port=54400
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  DIANKE_TEST_POSTGRES=$(DIANKE_TEST_PGPORT=$port scripts/postgres.sh start "$here/pg")
  export DIANKE_TEST_POSTGRES
  echo "$DIANKE_TEST_POSTGRES"
fi

say "go test"
CI=true go test -timeout 30m -p 2 ./...
say "all good"
