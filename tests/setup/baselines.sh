#!/usr/bin/env bash
# Installs what `make eval BASELINES=1` compares with, pinned by hash in
# tests/python/baselines.lock, into a virtual environment at target/baselines (about 400 MB).
set -euo pipefail
. "$(dirname "$0")/say.sh"

lock="$root/tests/python/baselines.lock"
if is_installed baselines "$lock"; then
  say "baselines: all there"
  exit 0
fi
say "baselines: installing by the lock file"
install_lock baselines "$lock"
mark_done baselines "$lock"
