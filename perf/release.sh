#!/usr/bin/env bash
# Builds the gateway as it is to be shipped: optimised by a profile of its own work
# (target/shipped/varistor). Half an hour on two cores.
#
# The release profile, once with counters in it, then under load over HTTP and over stdio for
# LOAD_SECONDS each (default 6; both mixes of `varistor-bench load`, 32 and 256 connections), then
# once more with what was counted. Same sources, same features, same settings: only what is inlined
# and where code lies differs.
set -euo pipefail
. "$(dirname "$0")/../tests/setup/say.sh"

seconds=${LOAD_SECONDS:-6}
target=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
cargo=${CARGO:-cargo}
triple=$(rustc -vV | sed -n 's/^host: //p')
profdata=$(rustc --print sysroot)/lib/rustlib/$triple/bin/llvm-profdata
pgo=$target/pgo

if [ ! -x "$profdata" ]; then
  say "llvm-tools of this toolchain: installing"
  rustup component add llvm-tools
fi

say "building varictl and varistor-bench (release)"
cd "$root"
"$cargo" build --locked --release -p varictl -p varistor-bench

# built FOLDER FLAGS: the gateway with these flags; they are for what runs here, not for build scripts.
built() {
  CARGO_TARGET_DIR=$1 RUSTFLAGS=$2 \
    "$cargo" build --locked --release --target "$triple" --bin varistor
}

say "building varistor with counters"
rm -rf "$pgo/counts"
built "$pgo/counting" "-Cprofile-generate=$pgo/counts"

bin=$target/release
. "$root/tests/setup/gateway.sh"
prepare 1h
sed -i "s|^organisations:|  tool: { command: [\"$bin/varistor-bench\", \"upstream\", \"--stdio\"] }\n&|" \
  "$work/policy/varistor.yaml"
"$bin/varictl" compile --dir "$work/policy" > /dev/null
"$pgo/counting/$triple/release/varistor" --dir "$work/policy" > "$work/gateway.log" & gateway=$!
pids+=("$gateway")
address=$(listen "$work/gateway.log")
for connections in 32 256; do
  for mix in spec guarded; do
    for server in alpha tool; do
      say "load: $server, $mix, $connections connections, $seconds s"
      "$bin/varistor-bench" load --url "http://$address/mcp/$server" --closed --mix "$mix" \
        --connections "$connections" --duration "$seconds" --header "Authorization: Bearer $token" \
        --json > /dev/null
    done
  done
done
# It writes its counts when it ends.
kill -TERM "$gateway"
wait "$gateway" || true
"$profdata" merge -o "$pgo/varistor.profdata" "$pgo"/counts/*.profraw

say "building varistor with what was counted"
built "$pgo/shipping" "-Cprofile-use=$pgo/varistor.profdata"
mkdir -p "$target/shipped"
install "$pgo/shipping/$triple/release/varistor" "$target/release/varictl" "$target/shipped/"
say "shipped: $target/shipped/varistor, and varictl beside it"
