#!/bin/bash
# Compares the time of a command from start to image on an idle machine and next to one and two
# other busy programs, with threads that wait as unclip lets them and with OMP_WAIT_POLICY=PASSIVE.
#
#   bench/busy.sh [--unclip PROGRAM] [--pairs N] [--before PROGRAM]
#
#   --unclip PROGRAM   the program to measure (default: build/release/unclip)
#   --pairs N          interleaved pairs of runs for each line (default: 10)
#   --before PROGRAM   an earlier build, compared on the idle machine
#
# Prints medians in seconds and their ratio. Nothing else should run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export UNCLIP_MODEL="${UNCLIP_MODEL:-weights/toybox}"
unclip=build/release/unclip pairs=10 before=''
while [ $# -gt 0 ]; do
  case $1 in
    --unclip) unclip=$2 ;;
    --pairs) pairs=$2 ;;
    --before) before=$2 ;;
    *) echo "busy.sh: $1: expected --unclip, --pairs or --before" >&2; exit 2 ;;
  esac
  shift 2
done

scratch=$(mktemp -d)
loops=()
stop_loops() {
  [ ${#loops[@]} = 0 ] || kill "${loops[@]}" 2>/dev/null || true
  loops=()
}
trap 'stop_loops; rm -rf "$scratch"' EXIT

seconds_of() {  # COMMAND...: prints the wall time of painting one image
  local begin end
  begin=$(date +%s.%N)
  "$@" "a red ball left of a green cone" -s 3 -q -o "$scratch/x.png" --overwrite >/dev/null
  end=$(date +%s.%N)
  awk "BEGIN { printf \"%.3f\n\", $end - $begin }"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

compare() {  # LABEL, then A= and B= commands in the arrays a and b
  local i
  : >"$scratch/a"; : >"$scratch/b"
  for ((i = 0; i < pairs; ++i)); do
    seconds_of "${a[@]}" >>"$scratch/a"
    seconds_of "${b[@]}" >>"$scratch/b"
  done
  awk -v label="$1" -v a="$(median <"$scratch/a")" -v b="$(median <"$scratch/b")" \
    'BEGIN { printf "%-44s %8.3f %8.3f %7.2f\n", label, a, b, a / b }'
}

adaptive=(env -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT "$unclip")
passive=(env -u GOMP_SPINCOUNT OMP_WAIT_POLICY=PASSIVE "$unclip")

printf '%-44s %8s %8s %7s\n' '' 'first' 'second' 'ratio'
seconds_of "${adaptive[@]}" >/dev/null  # the files are in memory from here on
if [ -n "$before" ]; then
  a=("${adaptive[@]}") b=(env -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT "$before")
  compare 'idle: unclip, the earlier build'
fi
for busy in 0 1 2; do
  for ((i = 0; i < busy; ++i)); do
    (while :; do :; done) &
    loops+=($!)
  done
  a=("${adaptive[@]}") b=("${passive[@]}")
  compare "$busy busy programs: unclip, PASSIVE"
  stop_loops
done
