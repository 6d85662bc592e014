#!/usr/bin/env bash
# Checks that the Rust tools are there; installs cargo-nextest when it is missing.
set -euo pipefail
. "$(dirname "$0")/say.sh"

command -v cargo >/dev/null || { echo "please install Rust 1.95 or later" >&2; exit 1; }
if cargo nextest --version >/dev/null 2>&1; then
  say "cargo-nextest: there"
else
  say "cargo-nextest: installing (takes some minutes)"
  cargo install cargo-nextest --locked
fi
