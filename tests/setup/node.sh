#!/usr/bin/env bash
# Installs Node 22, the conformance suite, the SDKs and the reference servers, pinned by
# tests/node/package-lock.json, into tests/node/node_modules.
set -euo pipefail
. "$(dirname "$0")/say.sh"

cd "$root/tests/node"
if [ -d node_modules ] && is_done node package-lock.json; then
  say "Node packages: all there"
  exit 0
fi
command -v npm >/dev/null || { echo "please install npm (Debian: apt-get install npm)" >&2; exit 1; }
say "Node packages: installing by the lock file"
# Nothing of what is downloaded runs while it is installed. The engine check speaks of the
# machine's own Node, which only runs npm; the suites run on the Node of the lock file.
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
say "Node packages: $(node_modules/.bin/node --version)"
mark_done node package-lock.json
