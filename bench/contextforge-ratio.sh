#!/usr/bin/env bash
# CPU per call of the gateway and of a ContextForge, in one run: same core, upstream and load,
# rounds interleaved. ContextForge runs twice: as its README starts it, and with its sessions kept.
# Usage: bench/contextforge-ratio.sh [--rounds N] [--seconds N] [--connections N] [--out FILE]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=5 seconds=6 connections=8 out=/dev/null
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

"$bin/varictl" init "$work/dir" >/dev/null
cat >"$work/dir/varistor.yaml" <<POLICY
servers: { mock: { url: "$upstream" } }
organisations:
  acme:
    limits: { calls: 100000000/second }
    roles: { all: { allow: ["*"] } }
    agents: { load: { roles: [all], limits: { calls: 100000000/second } } }
dlp:
  request:  { secrets: deny, financial: deny, pii: log }
  response: { secrets: redact, financial: redact, pii: redact }
POLICY
"$bin/varictl" compile --dir "$work/dir" >/dev/null
token=$("$bin/varictl" token issue --dir "$work/dir" --agent load)
taskset -c 0 "$bin/varistor" --dir "$work/dir" --listen 127.0.0.1:0 --workers 1 \
  >"$work/varistor" 2>"$work/varistor.err" &
ours=$!
pids+=("$ours")
url="$(first_line "$work/varistor" "$ours" 10 | sed 's/^listening on //')/mcp/mock"
targets=("varistor=$url,tool=echo,pid=$ours,era=legacy,header=Authorization: Bearer $token")

# Together, as each starts in 15 s of CPU; the first may have to be installed.
for mode in default sessions; do
  options=()
  if [ "$mode" = sessions ]; then options=(--sessions); fi
  bench/contextforge.sh --upstream "$upstream" --cpu 0 "${options[@]}" >"$work/$mode" &
  pids+=("$!")
done
targets+=("$(first_line "$work/default" "${pids[2]}" 900)")
targets+=("$(first_line "$work/sessions" "${pids[3]}" 900)")

measure() { # TARGET: one line of JSON
  local name=${1%%=*} rest=${1#*=} field options=()
  options=(--url "${rest%%,*}")
  IFS=, read -ra fields <<<"${rest#*,}"
  for field in "${fields[@]}"; do options+=("--${field%%=*}" "${field#*=}"); done
  taskset -c 1 "$bin/varistor-bench" load "${options[@]}" --closed --connections "$connections" \
    --duration "$seconds" --warmup 2 --request-bytes 400 --json \
    | sed "s/^{/{\"gateway\":\"$name\",/"
}
for round in $(seq "$rounds"); do
  echo "== round $round of $rounds" >&2
  for target in "${targets[@]}"; do measure "$target" >>"$work/raw.jsonl"; done
done
cp "$work/raw.jsonl" "$out"
"$bin/varictl" audit verify --dir "$work/dir" >/dev/null && echo "== the audit log is sound"
python3 bench/ratio.py --base varistor "$work/raw.jsonl"
