# Sourced by the other scripts: says out loud what is done, and stamps what is finished.

say() { printf '== %s\n' "$*"; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
stamps="$root/target/setup"
mkdir -p "$stamps"

# is_done NAME FILE...: whether NAME was finished with exactly these files.
is_done() {
  local name=$1; shift
  [ "$(cat "$stamps/$name" 2>/dev/null)" = "$(cat "$@" | sha256sum)" ]
}

# mark_done NAME FILE...: NAME is finished with these files.
mark_done() {
  local name=$1; shift
  cat "$@" | sha256sum > "$stamps/$name"
}

# as_root COMMAND...: runs it as root, by sudo where that is needed.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
