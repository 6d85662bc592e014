#!/usr/bin/env bash
# Installs the Python SDK and FastMCP, pinned by hash in tests/python/requirements.lock,
# into a virtual environment at target/python.
set -euo pipefail
. "$(dirname "$0")/say.sh"

lock="$root/tests/python/requirements.lock"
if [ -x "$root/target/python/bin/python" ] && is_done python "$lock"; then
  say "Python packages: all there"
  exit 0
fi
say "Python packages: installing by the lock file"
rm -rf "$root/target/python"
python3 -m venv "$root/target/python"
# The lock names everything: looking at what packages ask for would let a release of today that
# the lock does not know fail the installation.
"$root/target/python/bin/python" -m pip install --quiet --disable-pip-version-check \
  --require-hashes --no-deps -r "$lock"
"$root/target/python/bin/python" -m pip check --disable-pip-version-check
say "Python packages: $("$root/target/python/bin/python" --version)"
mark_done python "$lock"
