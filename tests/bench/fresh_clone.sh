#!/usr/bin/env bash
# A newcomer's first minutes: clone into an empty folder, `make crawl`, and hold the demo's table against the promise.
# The packages' cache is warm (make setup ran before); the bound is 90 s from the clone to the table.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git clone -q "$here" "$scratch/warraq"
cd "$scratch/warraq"
started=$(date +%s)
make -s crawl | tee "$scratch/table"
took=$(( $(date +%s) - started ))
articles=$(.venv/bin/warraq --config demo-archive/warraq.toml articles list --json | wc -l)
languages=$(.venv/bin/warraq --config demo-archive/warraq.toml articles list --json \
  | python3 -c 'import json, sys; print(len({json.loads(row)["language"]["code"] for row in sys.stdin}))')
echo "fresh clone to table: $took s (asked: 90), $articles articles (asked: 12) in $languages languages (asked: 6)"
before=$(date +%s%N); make -s setup; again=$(( ($(date +%s%N) - before) / 1000000 ))
echo "set-up again when nothing changed: $again ms (asked: under 2000)"
[ "$took" -le 90 ] && [ "$articles" -ge 12 ] && [ "$languages" -ge 6 ] && [ "$again" -lt 2000 ]
