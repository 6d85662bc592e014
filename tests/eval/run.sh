#!/usr/bin/env bash
# Measures what DLP finds, how calls are classified and which definitions are flagged, with the varictl of the release profile, and
# keeps the reports in perf/runs. EVAL, EVAL_INTENT and EVAL_FLAGS (EVAL_HONEST: real definitions) name labelled files; without them, those
# beside the checkout are taken if they are there.
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
python3 "$root/tests/eval/run.py" "${arguments[@]}"
calls="${EVAL_INTENT:-$root/../shared/eval/intent/dev.jsonl.gz}"
intent=(--varictl "${CARGO_TARGET_DIR:-$root/target}/release/varictl"
  --keep "$root/perf/runs/$(date +%F)-intent")
if [ -e "$calls" ]; then
  intent+=(--data "$calls")
else
  [ -z "${EVAL_INTENT:-}" ] || { echo "there is no $calls" >&2; exit 2; }
fi
python3 "$root/tests/eval/intent.py" "${intent[@]}"
definitions="${EVAL_FLAGS:-$root/../shared/eval/attacks/own_dev.jsonl.gz}"
flags=(--varictl "${CARGO_TARGET_DIR:-$root/target}/release/varictl"
  --keep "$root/perf/runs/$(date +%F)-flags")
if [ -e "$definitions" ]; then
  flags+=(--data "$definitions")
  honest="${EVAL_HONEST:-$root/../shared/eval/intent/tools_dev.jsonl.gz}"
  [ ! -e "$honest" ] || flags+=(--honest "$honest")
else
  [ -z "${EVAL_FLAGS:-}" ] || { echo "there is no $definitions" >&2; exit 2; }
fi
exec python3 "$root/tests/eval/flags.py" "${flags[@]}"
