#!/usr/bin/env bash
# Builds the programs and shows the gateway at work on this machine; all of it on loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "== building varistor, varictl and varistor-bench (a first build takes some minutes)"
cargo build --locked --bins
everything=tests/node/node_modules/@modelcontextprotocol/server-everything/dist/index.js
if command -v node >/dev/null && [ ! -f "$everything" ]; then
  tests/setup/node.sh || echo "== the official reference server could not be installed; going without"
fi
options=()
if command -v node >/dev/null && [ -f "$everything" ]; then options=(--everything "$everything"); fi
exec "${CARGO_TARGET_DIR:-target}/debug/varistor-bench" demo "${options[@]}" "$@"
