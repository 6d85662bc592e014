#!/usr/bin/env bash
# Refuses to begin what would end in the middle: a compiler out of space says so in many words, none
# of them helpful.
set -euo pipefail
. "$(dirname "$0")/say.sh"

# All profiles, documentation and what tests write, in GiB; measured, and a third more.
needed=20
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target"
there=$(du -s --block-size=1G "$target" | cut -f1)
free=$(df --output=avail --block-size=1G "$target" | tail -1 | tr -d ' ')
if [ $((there + free)) -lt "$needed" ]; then
  echo "$target: $free GiB are free and $there GiB built already, of $needed GiB that building and" \
    "testing take; free some, or set CARGO_TARGET_DIR to a folder on another disk" >&2
  exit 1
fi
say "disk: $free GiB free"
