#!/usr/bin/env bash
# Profiles a gateway under load for LOAD_SECONDS (default 10) and draws a flame graph of it.
#
# One worker, 32 connections in a closed loop, all controls on; MIX as of `varistor-bench load`
# (default spec, what real servers are asked), DRIVER io_uring or epoll. Samples by the processor's cycles, or
# by the clock where a virtual machine has no counters. Writes target/profile.svg and, as text, the
# stacks of it (target/profile.folded).
set -euo pipefail
. "$(dirname "$0")/../tests/setup/say.sh"

seconds=${LOAD_SECONDS:-10}
driver=${DRIVER:-auto}
mix=${MIX:-spec}
target=${CARGO_TARGET_DIR:-$root/target}
bin=${VARISTOR_BIN_DIR:-$target/release}
out=${OUT:-$target/profile}
inferno=0.12.3

command -v perf > /dev/null || {
  echo "please install perf (Debian: apt-get install linux-perf)" >&2; exit 1; }
tools=$target/inferno-$inferno
if [ ! -x "$tools/bin/inferno-flamegraph" ]; then
  say "inferno $inferno, which draws flame graphs: installing"
  cargo install inferno --version "=$inferno" --locked --quiet --root "$tools"
fi

. "$root/tests/setup/gateway.sh"

event=cycles
perf stat -e cycles true 2>&1 | grep -q 'not supported' && event=cpu-clock

prepare 1h

# perf starts the gateway: a process that makes itself undumpable can't be attached to later.
perf record --quiet --event "$event" --freq 499 --call-graph dwarf,8192 --output "$work/perf.data" \
  -- "$bin/varistor" --dir "$work/policy" --listen 127.0.0.1:0 --driver "$driver" --workers 1 \
  > "$work/gateway.log" & recording=$!; pids+=("$recording")
address=$(listen "$work/gateway.log")
gateway=$(pgrep --parent "$recording" --exact varistor)

say "profile: $seconds s of load ($mix) on driver $driver, sampled by $event"
"$bin/varistor-bench" load --url "http://$address/mcp/alpha" --connections 32 --closed \
  --header "Authorization: Bearer $token" --mix "$mix" --duration "$seconds"
kill -TERM "$gateway"
wait "$recording" || true

perf script --no-inline --input "$work/perf.data" 2> /dev/null \
  | "$tools/bin/inferno-collapse-perf" > "$out.folded" 2> /dev/null
"$tools/bin/inferno-flamegraph" --title "varistor, $mix, by $event" "$out.folded" > "$out.svg"
say "flame graph: $out.svg"
say "where samples end most:"
awk '{ count = $NF; sub(/ [0-9]+$/, ""); n = split($0, f, ";"); self[f[n]] += count; all += count }
  END { for (name in self) printf "%6.2f %%  %s\n", 100 * self[name] / all, name }' "$out.folded" \
  | sort -rn | head -15
