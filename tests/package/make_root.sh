#!/bin/sh
# Makes a folder to which a program can be confined: it holds the shared libraries of Debian packages and
# of those that they depend on, and nothing else.
#
#   make_root.sh ROOT PACKAGE...
set -eu

root=$1
shift
mkdir -p "$root/usr/bin" "$root/usr/lib" "$root/usr/lib64" "$root/proc" "$root/dev" "$root/tmp" "$root/home"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks \
  --no-replaces --no-enhances "$@" | grep '^[a-z0-9]' | sort -u >"$root/packages"
xargs dpkg-query --listfiles <"$root/packages" |
  grep -E '^(/usr)?/lib(64)?/.*\.so(\.[0-9.]+)?$' | sort -u >"$root/libraries"
tar -C / -cf - --files-from "$root/libraries" | tar -C "$root" --keep-directory-symlink -xf -
