#!/bin/sh
# Runs every fuzz target, or those that are named, for some seconds each, and says which found a defect.
#
#   cmake --preset fuzz && cmake --build --preset fuzz
#   tests/fuzz/run.sh SECONDS [TARGET...]
#
# What a run learns stays in build/fuzz/corpus/TARGET, and the bytes that led to a defect are left in
# build/fuzz/defects/. Exit code: 0 no defect, 1 some, 2 wrong usage.
set -u

cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
programs=build/fuzz/tests/fuzz
case "${1-}" in
  '' | *[!0-9]*) echo "run.sh: expected SECONDS [TARGET...], got '$*'" >&2; exit 2 ;;
esac
seconds=$1
shift
[ $# -gt 0 ] || set -- $(cd "$programs" && ls -d fuzz_* | grep -v '\.' | sed 's/^fuzz_//')

mkdir -p build/fuzz/defects
found=''
for target; do
  learnt=build/fuzz/corpus/$target
  mkdir -p "$learnt"
  golden=$(sed -n "s/^UNCLIP_FUZZ_TARGET($target,\(.*\)) {/\1/p" "tests/fuzz/$target.cpp" | tr -d '",')
  for file in tests/fuzz/corpus/"$target"/* $(for each in $golden; do echo "tests/golden/$each"; done); do
    [ -f "$file" ] && cp "$file" "$learnt/"
  done
  # Pools of libtorch are not leaks.
  if ASAN_OPTIONS=detect_leaks=0 OMP_NUM_THREADS=1 "$programs/fuzz_$target" "$learnt" \
    -max_total_time="$seconds" -timeout=20 -max_len=20000 -artifact_prefix="build/fuzz/defects/$target-" \
    -print_final_stats=1 >"build/fuzz/$target.log" 2>&1; then
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$target.log") inputs"
  else
    echo "$target: a defect, in build/fuzz/$target.log"
    found="$found $target"
  fi
done
[ -z "$found" ] || exit 1
