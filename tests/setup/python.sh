#!/usr/bin/env bash
# Installs the Python SDK and FastMCP, pinned by hash in tests/python/requirements.lock,
# into a virtual environment at target/python.
set -euo pipefail
. "$(dirname "$0")/say.sh"

lock="$root/tests/python/requirements.lock"
if is_installed python "$lock"; then
  say "Python packages: all there"
  exit 0
fi
say "Python packages: installing by the lock file"
install_lock python "$lock"
"$root/target/python/bin/python" -m pip check --disable-pip-version-check
say "Python packages: $("$root/target/python/bin/python" --version)"
mark_done python "$lock"
