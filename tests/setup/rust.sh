#!/usr/bin/env bash
# Checks that the Rust tools are there; installs cargo-nextest when it is missing, and
# the runner of the instruction counts in the version of Cargo.lock (library and runner must agree).
set -euo pipefail
. "$(dirname "$0")/say.sh"

command -v cargo >/dev/null || { echo "please install Rust 1.95 or later" >&2; exit 1; }
if cargo nextest --version >/dev/null 2>&1; then
  say "cargo-nextest: there"
else
  say "cargo-nextest: installing (takes some minutes)"
  cargo install cargo-nextest --locked
fi

runner=$(sed -n '/^name = "gungraun"$/{n;s/^version = "\(.*\)"$/\1/p}' "$root/Cargo.lock")
if [ "$(gungraun-runner --version 2>/dev/null)" = "gungraun-runner $runner" ]; then
  say "gungraun-runner $runner: there"
else
  say "gungraun-runner $runner: installing"
  cargo install gungraun-runner --version "=$runner" --locked
fi
