#!/bin/bash
# Measures the processor time of a build from nothing, without ccache: first the program that
# ./paint needs, then everything that ./check needs, then the rebuild after a change of a header.
#
#   bench/build_time.sh [--jobs N] [--header FILE] [--paint-only] [COMMIT]...
#   bench/build_time.sh --headers
#
#   --jobs N         compilers at once (default: one per processor)
#   --header FILE    the header that is changed for the rebuild (default: the most included one)
#   --paint-only     measures the program only
#   --headers        instead prints what libtorch's headers and ours take to compile
#   COMMIT           commits to compare (default: HEAD)
#
# Prints user + system seconds and wall seconds of each step, and the ten slowest files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Seconds of processors for a source that includes one header only.
measure_headers() {
  local torch header TIMEFORMAT='%U %S'
  torch=${UNCLIP_TORCH_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/unclip/torch-$(sed -n 's/^set(UNCLIP_TORCH_VERSION \(.*\))$/\1/p' cmake/libtorch.cmake)}/torch
  for header in '<ATen/core/Tensor.h>' '"kernels/tensor.h"' '<ATen/ops/cat.h>' '<ATen/ATen.h>' '<torch/nn/module.h>' \
      '<nlohmann/json.hpp>' '<gtest/gtest.h>'; do
    { time c++ -std=c++20 -O2 -I. -isystem "$torch/include" -isystem "$torch/include/torch/csrc/api/include" \
      -c -x c++ -o /dev/null - <<<"#include $header"; } 2>&1 |
      awk -v header="$header" '{ printf "%6.1f s  %s\n", $1 + $2, header }'
  done
}

jobs=$(nproc) header='' paint_only='' commits=()
while [ $# -gt 0 ]; do
  case $1 in
    --jobs) jobs=$2; shift ;;
    --header) header=$2; shift ;;
    --paint-only) paint_only=yes ;;
    --headers) measure_headers; exit ;;
    -*) echo "build_time.sh: $1: expected --jobs, --header, --paint-only or --headers" >&2; exit 2 ;;
    *) commits+=("$1") ;;
  esac
  shift
done
[ ${#commits[@]} -gt 0 ] || commits=(HEAD)

repository=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CCACHE_DISABLE=1

# Runs each compiler and linker, and writes down what it took: user and system seconds, and its output file.
cat >"$scratch/launch" <<'EOF'
#!/bin/bash
TIMEFORMAT='%U %S'
output=''
for ((i = 1; i < $#; ++i)); do
  if [ "${!i}" = -o ]; then j=$((i + 1)); output=${!j}; fi
done
exec 3>&2
seconds=$( { time "$@" 2>&3; } 2>&1 >/dev/null ) || exit $?
echo "$seconds $output" >>"$UNCLIP_BUILD_LOG"
EOF
chmod +x "$scratch/launch"
cat >"$scratch/launch.cmake" <<EOF
set_property(GLOBAL PROPERTY RULE_LAUNCH_COMPILE "$scratch/launch")
EOF

measure() {  # LABEL COMMAND...
  local label=$1 times
  shift
  TIMEFORMAT='%U %S %R'
  times=$( { time "$@" >"$scratch/output" 2>&1; } 2>&1 ) || { cat "$scratch/output" >&2; exit 1; }
  awk -v label="$label" '{ printf "  %-34s %7.0f s of processors  %6.0f s on the clock\n", label, $1 + $2, $3 }' <<<"$times"
}

find_most_included() {
  git grep -hoE '^#include "[^"]+"' -- '*.cpp' '*.h' | sort | uniq -c | sort -rn | sed -n '1s/.*"\(.*\)"/\1/p'
}

for commit in "${commits[@]}"; do
  tree=$scratch/tree build=$scratch/build
  rm -rf "$tree" "$build"
  git clone --quiet --shared "$repository" "$tree"
  git -C "$tree" checkout --quiet --detach "$(git rev-parse "$commit")"
  cd "$tree"
  export UNCLIP_BUILD_LOG=$scratch/log
  : >"$UNCLIP_BUILD_LOG"
  echo "$(git rev-parse --short HEAD) $(git log -1 --format=%s)"
  cmake --preset dev -B "$build" -DUNCLIP_CUDA=AUTO -DCMAKE_PROJECT_INCLUDE="$scratch/launch.cmake" >"$scratch/output" 2>&1 ||
    { cat "$scratch/output" >&2; exit 1; }
  measure 'unclip, which ./paint needs' ninja -C "$build" -j "$jobs" unclip
  if [ -z "$paint_only" ]; then
    measure 'all the rest, which ./check needs' ninja -C "$build" -j "$jobs" all
    changed=${header:-$(find_most_included)}
    echo '// changed' >>"$changed"
    measure "after a change of $changed" ninja -C "$build" -j "$jobs" all
  fi
  echo '  slowest files (seconds of processors):'
  awk '{ printf "    %6.1f  %s\n", $1 + $2, $3 }' "$UNCLIP_BUILD_LOG" | sort -rn | head -n 10
  cd "$repository"
done
