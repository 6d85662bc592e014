#!/usr/bin/env bash
# Measures what DLP finds with the varictl of the release profile, and keeps the report in
# perf/runs. EVAL names a labelled file; without it, the one beside the checkout is taken if it is
# there.
# BASELINES=1 lets others look at the same file first.
set -euo pipefail
. "$(dirname "$0")/../setup/say.sh"

data="${EVAL:-$root/../shared/eval/dlp/dev.jsonl.gz}"
out="$root/target/eval"
mkdir -p "$out"
arguments=(--varictl "${CARGO_TARGET_DIR:-$root/target}/release/varictl"
  --alarms "$out/false-alarms.json" --keep "$root/perf/runs/$(date +%F)-eval")
if [ -e "$data" ]; then
  arguments+=(--data "$data")
  if [ "${BASELINES:-}" = 1 ]; then
    "$root/tests/setup/baselines.sh"
    for name in detect-secrets gitleaks presidio; do
      say "what $name finds in $(basename "$data")"
      "$root/target/baselines/bin/python" "$root/tests/eval/baselines.py" "$name" "$data" \
        "$out/$name.json"
      arguments+=(--baseline "$out/$name.json")
    done
  fi
else
  [ -z "${EVAL:-}" ] || { echo "there is no $data" >&2; exit 2; }
  say "no labelled file: made-up calls only (EVAL=FILE names one)"
fi
exec python3 "$root/tests/eval/run.py" "${arguments[@]}"
