#!/usr/bin/env bash
# CPU per call of the gateway, nginx and a bare proxy: same core, upstream and load, rounds interleaved.
# Usage: bench/compare.sh [--rounds N] [--seconds N] [--connections N] [--out FILE]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=5 seconds=4 connections=32 out=
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=$2 ;; --seconds) seconds=$2 ;; --connections) connections=$2 ;; --out) out=$2 ;;
    *) echo "compare.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
bin=${CARGO_TARGET_DIR:-target}/release
echo "== building with the release profile (some minutes the first time)"
cargo build --locked --release --bins
command -v nginx >/dev/null || { echo "== nginx is missing; installing it"; apt-get install -y -qq nginx-light; }
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

address() { # FILE: waits for the first line of a server and prints what it listens on
  for _ in $(seq 200); do
    if [ -s "$1" ]; then sed -n '1s/^listening on //p' "$1"; return; fi
    sleep 0.05
  done
  echo "compare.sh: a server did not start: $1" >&2; exit 1
}
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

taskset -c 1 "$bin/varistor-bench" upstream --answer-bytes 400 --die-with-parent >"$work/up" 2>/dev/null & pids+=($!)
upstream=$(address "$work/up")
hostport=$(sed -E 's#^http://([^/]+)/.*#\1#' <<<"$upstream")

port=$(free_port)
cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.log crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f;
  uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  keepalive_requests 1000000000;
  upstream mock { server $hostport; keepalive 512; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:$port reuseport;
    location / { proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}
CONF
taskset -c 0 nginx -p "$work" -c "$work/nginx.conf" & nginx=$!; pids+=("$nginx")

taskset -c 0 "$bin/varistor-bench" proxy --upstream "$hostport" --die-with-parent >"$work/proxy" 2>/dev/null &
proxy=$!; pids+=("$proxy")
bare=$(address "$work/proxy")

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
declare -A ours url
for driver in io_uring epoll; do
  cp -r "$work/dir" "$work/$driver"
  taskset -c 0 "$bin/varistor" --dir "$work/$driver" --listen 127.0.0.1:0 --driver "$driver" --workers 1 \
    >"$work/$driver.out" 2>"$work/$driver.err" & ours[$driver]=$!; pids+=("$!")
  url[$driver]="$(address "$work/$driver.out")/mcp/mock"
done
sleep 0.5

measure() { # NAME URL PID...
  local name=$1 target=$2; shift 2
  local list=(); for pid in "$@"; do list+=(--pid "$pid"); done
  taskset -c 1 "$bin/varistor-bench" load --url "$target" --closed --connections "$connections" \
    --duration "$seconds" --warmup 1 --request-bytes 400 --header "Authorization: Bearer $token" \
    "${list[@]}" --json | sed "s/^{/{\"gateway\":\"$name\",\"connections\":$connections,/"
}
raw=$work/raw.jsonl
for round in $(seq "$rounds"); do
  echo "== round $round of $rounds" >&2
  measure direct "$upstream" >>"$raw"
  # shellcheck disable=SC2046 # a master and its worker
  measure nginx "http://127.0.0.1:$port/mcp" $(pgrep -P "$nginx" || true) >>"$raw"
  measure bare-monoio "$bare" "$proxy" >>"$raw"
  measure varistor-io_uring "${url[io_uring]}" "${ours[io_uring]}" >>"$raw"
  measure varistor-epoll "${url[epoll]}" "${ours[epoll]}" >>"$raw"
done
for driver in io_uring epoll; do
  "$bin/varictl" audit verify --dir "$work/$driver" >/dev/null && echo "== the audit log of $driver is sound"
done
python3 bench/compare.py "$raw" ${out:+--out "$out"}
