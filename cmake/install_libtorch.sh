#!/bin/sh
# Puts the libtorch that unclip was built with where the installed program looks for it.
#
#   cmake/install_libtorch.sh FROM TO
#
# FROM has torch/ and nvidia/, as cmake/install_dependencies.sh makes them; so has TO afterwards. Files
# of the same user on the same disk are linked and take no space; others are copied. UNCLIP_LIBTORCH in
# the environment: copy (the default), cpu (copies no CUDA part), leave (makes two symbolic links to FROM).
set -eu

from=$1 to=$2

say() { echo "unclip: $*" >&2; }

copy() {  # FOLDER FILE...: relative to FROM
  mkdir -p "$to/$1"
  folder=$1
  shift
  for file in "$@"; do
    [ -e "$from/$folder/$file" ] || continue
    # A hard link stays its owner's, so root links root's files only.
    if [ -O "$from/$folder/$file" ] && cp -RlfP "$from/$folder/$file" "$to/$folder/" 2>/dev/null; then
      continue
    fi
    cp -RfP "$from/$folder/$file" "$to/$folder/"
  done
}

case ${UNCLIP_LIBTORCH:-copy} in
  copy | cpu | leave) ;;
  *) say "UNCLIP_LIBTORCH: expected copy, cpu or leave, got '$UNCLIP_LIBTORCH'"; exit 1 ;;
esac
if [ "$(readlink -f "$from")" = "$(readlink -f "$to")" ]; then exit 0; fi
rm -rf "$to"
mkdir -p "$to"
if [ "${UNCLIP_LIBTORCH:-copy}" = leave ]; then
  ln -s "$from/torch" "$from/nvidia" "$to/"
  say "libtorch stays in $from: the program needs it there, and users who cannot read it cannot run the program"
  exit 0
fi
copy torch include
copy torch/lib libtorch_cpu.so libc10.so libgomp.so.1
copy nvidia/cu13/lib libcudart.so.13 libcupti.so.13
if [ "${UNCLIP_LIBTORCH:-copy}" = copy ] && [ -e "$from/cuda-is-complete" ]; then
  copy torch lib
  copy . nvidia cuda-is-complete
fi
