#!/usr/bin/env bash
# CPU per call of the gateway and of a ContextForge, in one run: same core, upstream and load,
# rounds interleaved. ContextForge runs twice: as its README starts it, and with its sessions kept.
# Usage: bench/contextforge-ratio.sh [--rounds N] [--seconds N] [--connections LIST] [--out FILE]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=5 seconds=6 connections=1,8 out=
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?} ;; --seconds) seconds=${2:?} ;;
    --connections) connections=${2:?} ;; --out) out=${2:?} ;;
    *) echo "contextforge-ratio.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
bin=${CARGO_TARGET_DIR:-target}/release
echo "== building with the release profile (some minutes the first time)"
cargo build --locked --release --bins
work=$(mktemp -d)
out=${out:-$work/run.jsonl}
pids=()
# shellcheck disable=SC2329 # called by the trap
end() { # waits, as each ContextForge takes its database away first
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

first_line() { # FILE PID SECONDS: waits for the first line of a server and prints it
  local end=$((SECONDS + $3))
  while [ "$SECONDS" -lt "$end" ] && kill -0 "$2" 2>/dev/null; do
    if [ -s "$1" ]; then sed -n 1p "$1"; return; fi
    sleep 0.1
  done
  echo "contextforge-ratio.sh: a server ended, or said nothing for $3 s: ${1##*/}" >&2
  exit 1
}

taskset -c 1 "$bin/varistor-bench" upstream --answer-bytes 400 --die-with-parent \
  >"$work/upstream" 2>/dev/null &
pids+=("$!")
upstream=$(first_line "$work/upstream" "$!" 10 | sed 's/^listening on //')

# Together, as each starts in 15 s of CPU; the first may have to be installed.
for mode in default sessions; do
  options=()
  if [ "$mode" = sessions ]; then options=(--sessions); fi
  bench/contextforge.sh --upstream "$upstream" --cpu 0 "${options[@]}" >"$work/$mode" &
  pids+=("$!")
done
default=$(first_line "$work/default" "${pids[1]}" 900)
kept=$(first_line "$work/sessions" "${pids[2]}" 900)

# Two seconds of warm-up, as ContextForge answers 20 calls in one.
"$bin/varistor-bench" compare --gateways direct,varistor --upstream "$upstream" \
  --target "$default" --target "$kept" --connections "$connections" \
  --rounds "$rounds" --seconds "$seconds" --warmup 2 --out "$out"
python3 bench/ratio.py --base varistor "$out"
