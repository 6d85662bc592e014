#!/usr/bin/env bash
# Installs the Debian packages that build, tests and comparison need, when they are missing.
set -euo pipefail
. "$(dirname "$0")/say.sh"

missing=()
for package in build-essential cmake pkg-config libvectorscan-dev util-linux python3-venv nginx-light haproxy valgrind chromium age xfsprogs strace; do
  case $package in
    # Any compiler, cmake, python, setpriv or valgrind on the path will do.
    build-essential) command -v cc >/dev/null && command -v c++ >/dev/null || missing+=("$package") ;;
    cmake|pkg-config|valgrind) command -v "$package" >/dev/null || missing+=("$package") ;;
    # What the gateway is compared with; Debian keeps them where only root looks.
    nginx-light) PATH=$PATH:/usr/sbin command -v nginx >/dev/null || missing+=("$package") ;;
    haproxy) PATH=$PATH:/usr/sbin command -v haproxy >/dev/null || missing+=("$package") ;;
    # Cuts the power of file systems; where only root looks.
    xfsprogs) PATH=$PATH:/usr/sbin command -v xfs_io >/dev/null || missing+=("$package") ;;
    # Opens what records hold for auditors.
    age) command -v age >/dev/null || missing+=("$package") ;;
    # The approval page is tested in it.
    chromium) command -v chromium >/dev/null || missing+=("$package") ;;
    util-linux) command -v setpriv >/dev/null || missing+=("$package") ;;
    python3-venv) python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=("$package") ;;
    *) dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package") ;;
  esac
done
if [ ${#missing[@]} = 0 ]; then
  say "Debian packages: all there"
  exit 0
fi
command -v apt-get >/dev/null || { echo "please install: ${missing[*]}" >&2; exit 1; }
say "Debian packages: installing ${missing[*]}"
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"
