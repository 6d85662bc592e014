#!/usr/bin/env bash
# Loads a gateway for MINUTES and holds that memory, descriptors and threads stay flat.
#
# Samples once in ten seconds; the first fifth is warm-up. Fails when the memory grows by more than
# 1 MiB an hour beyond the noise of 4 MiB, or when descriptors or threads grow.
set -euo pipefail
. "$(dirname "$0")/../setup/say.sh"

minutes=${MINUTES:-10}
driver=${DRIVER:-auto}
bin=${VARISTOR_BIN_DIR:-$root/target/debug}
. "$root/tests/setup/gateway.sh"

prepare 24h
"$bin/varistor" --dir "$work/policy" --listen 127.0.0.1:0 --driver "$driver" \
  > "$work/gateway.log" & gateway=$!; pids+=("$gateway")
address=$(listen "$work/gateway.log")

say "soak: $minutes minutes on driver $driver, gateway $gateway at $address"
"$bin/varistor-bench" load --url "http://$address/mcp/alpha" --connections 32 --closed \
  --header "Authorization: Bearer $token" --duration $((minutes * 60)) > "$work/load.log" &
load=$!; pids+=("$load")

while kill -0 "$load" 2>/dev/null; do
  rss=$(awk '/RssAnon/ {print $2}' "/proc/$gateway/status")
  threads=$(awk '/Threads/ {print $2}' "/proc/$gateway/status")
  descriptors=$(find "/proc/$gateway/fd" -mindepth 1 -maxdepth 1 | wc -l)
  echo "$(date +%s) $rss $descriptors $threads" | tee -a "$work/samples"
  sleep 10
done
wait "$load" || { cat "$work/load.log"; exit 1; }
cat "$work/load.log"
kill -TERM "$gateway"
wait "$gateway" || { echo "the gateway did not drain" >&2; exit 1; }
"$bin/varictl" audit verify --dir "$work/policy"

# The last sample may see the load's connections already gone: it does not count.
head -n -1 "$work/samples" | awk '
  { t[NR] = $1; rss[NR] = $2; fd[NR] = $3; threads[NR] = $4 }
  END {
    first = int(NR / 5) + 1
    if (NR - first < 3) { print "too short to judge; samples: " NR; exit 1 }
    hours = (t[NR] - t[first]) / 3600
    allowed = 4096 + 1024 * hours
    printf "memory %d -> %d KiB (allowed growth %d), descriptors %d -> %d, threads %d -> %d\n",
      rss[first], rss[NR], allowed, fd[first], fd[NR], threads[first], threads[NR]
    if (rss[NR] - rss[first] > allowed) { print "memory grows"; exit 1 }
    if (fd[NR] > fd[first] + 8) { print "descriptors grow"; exit 1 }
    if (threads[NR] > threads[first]) { print "threads grow"; exit 1 }
  }'
say "soak: flat"
