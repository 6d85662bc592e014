#!/usr/bin/env bash
# Runs a ContextForge from PyPI beside the other gateways of a comparison, as its README starts it.
# Installs it when it is missing, registers the upstream with it, and once a call of `echo` through
# it works, prints one line: its --target for the comparison. Runs until it is told to end or the
# process that started it is gone, and leaves nothing behind.
# Usage: bench/contextforge.sh --upstream URL [--cpu N] [--sessions]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/say.sh
. "$here/../tests/setup/say.sh"
parent=$PPID upstream='' cpu=0 sessions=false
while [ $# -gt 0 ]; do
  case "$1" in
    --upstream) upstream=${2:?a URL is missing}; shift 2 ;;
    --cpu) cpu=${2:?a number is missing}; shift 2 ;;
    --sessions) sessions=true; shift ;;
    *) echo "contextforge.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
[ -n "$upstream" ] || { echo "contextforge.sh: --upstream URL is missing" >&2; exit 2; }

lock="$root/tests/python/contextforge.lock"
venv="$root/target/contextforge"
python="$venv/bin/python"
(
  flock 9
  [ -x "$python" ] && is_done contextforge "$lock" && exit
  say "ContextForge: installing by the lock file (250 MB)"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --no-deps -r "$lock"
  mark_done contextforge "$lock"
) 9>"$stamps/contextforge.flock" >&2

work=$(mktemp -d)
gateway=
# shellcheck disable=SC2329 # called by the trap
end() {
  trap - EXIT
  if [ -n "$gateway" ] && kill "$gateway" 2>/dev/null; then
    for _ in $(seq 50); do kill -0 "$gateway" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$gateway" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap end EXIT
trap 'exit 0' TERM INT HUP

# An environment of its own, so that nobody's DATABASE_URL or LOG_LEVEL changes what is measured:
# what its README sets for `mcpgateway` from PyPI (secrets, admin API and e-mail), and
#   SSRF_ALLOW_LOCALHOST    the upstream is on loopback, which it refuses as an upstream by default;
#   RATE_LIMITING_ENABLED   off: it allows 100 calls a minute, and with a higher limit its limiter
#                           walks over all calls of the last minute at each call, a cost that no
#                           real client sees. Off favours ContextForge;
#   USE_STATEFUL_SESSIONS   only with --sessions: a client's session keeps one with the upstream. By
#                           default it opens and closes one there for every call.
# All else is its default: one process of uvicorn, SQLite in its working directory, JWT and roles
# checked, errors logged, no admin UI, no plugins, no tracing.
"$python" -m mcpgateway.scripts.init_secrets --stdout 2>/dev/null | grep '^[A-Z_]*=' \
  >"$work/secrets"
port=$("$python" -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mapfile -t environment <"$work/secrets"
environment+=(PATH="$PATH" HOME="$work" LANG=C.UTF-8
  MCPGATEWAY_ADMIN_API_ENABLED=true PLATFORM_ADMIN_EMAIL=admin@example.com
  SSRF_ALLOW_LOCALHOST=true RATE_LIMITING_ENABLED=false)
if $sessions; then environment+=(USE_STATEFUL_SESSIONS=true); fi
cd "$work"
# It dies with this script, even if that is killed.
env -i "${environment[@]}" setpriv --pdeathsig KILL taskset -c "$cpu" \
  "$venv/bin/mcpgateway" --host 127.0.0.1 --port "$port" >"$work/log" 2>&1 &
gateway=$!

# Its token as the README makes one: HS256, seven days, the secret of this run alone.
secret=$(sed -n 's/^JWT_SECRET_KEY=//p' "$work/secrets")
token=$(env -i "${environment[@]}" "$python" -m mcpgateway.utils.create_jwt_token \
  --username admin@example.com --exp 10080 --secret "$secret" 2>/dev/null)
if ! served=$("$python" "$here/contextforge.py" --gateway "http://127.0.0.1:$port" \
  --pid "$gateway" --upstream "$upstream" <<<"$token"); then
  echo "contextforge.sh: ContextForge does not serve; its last lines:" >&2
  tail -n 20 "$work/log" >&2
  exit 1
fi

name=contextforge
if $sessions; then name=contextforge-sessions; fi
echo "$name=$served,pid=$gateway,era=legacy,header=Authorization: Bearer $token"

while kill -0 "$gateway" 2>/dev/null; do
  [ "$(ps -o ppid= -p $$ | tr -d ' ')" = "$parent" ] || exit 0
  # In the background, so that a signal does not wait for it.
  sleep 0.5 & wait $! || true
done
echo "contextforge.sh: ContextForge has ended; its last lines:" >&2
tail -n 20 "$work/log" >&2
exit 1
