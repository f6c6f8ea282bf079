#!/bin/sh
# Runs a command in a folder that is the whole file system to it, except for /proc and /dev.
#
#   run_in_root.sh ROOT COMMAND [ARGUMENT...]
set -eu

# shellcheck disable=SC2016  # the inner shell's arguments
exec unshare --map-root-user --mount sh -c '
  mount --rbind /proc "$1/proc" && mount --rbind /dev "$1/dev" || exit
  chroot=$(command -v chroot)
  exec env -i HOME=/home PATH=/usr/bin OMP_NUM_THREADS=1 "$chroot" "$@"' run_in_root "$@"
