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

# is_installed NAME LOCK: whether the virtual environment target/NAME has what LOCK names.
is_installed() { [ -x "$root/target/$1/bin/python" ] && is_done "$1" "$2"; }

# install_lock NAME LOCK: makes that virtual environment anew. The lock names everything: looking at
# what packages ask for would let a release of today that the lock does not know fail it.
install_lock() {
  rm -rf "$root/target/$1"
  python3 -m venv "$root/target/$1"
  "$root/target/$1/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --no-deps -r "$2"
}
