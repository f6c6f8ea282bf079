# For ./paint and ./check: builds targets of a preset, and shows how far it is.
#   . cmake/build.sh; build PRESET TARGET...      in the repository's root
#
# In build/ it keeps, for each preset, PRESET.plan and PRESET.log: what ninja has to do and has done. The
# file PRESET/unfinished is there while it builds.
# shellcheck shell=sh disable=SC3013  # -nt: dash and every other sh has it

# shellcheck source=cmake/machine.sh
. cmake/machine.sh

# Begins a line of ninja about a step, in the plan and in the log: @31/63
step_format='@%f/%t '
seconds_between_lines=30

needs_configuring() {  # PRESET
  [ ! -e "build/$1/build.ninja" ] || [ CMakePresets.json -nt "build/$1/build.ninja" ]
}

is_built() {  # PRESET TARGET...
  needs_configuring "$1" && return 1
  preset=$1
  shift
  [ "$(ninja -C "build/$preset" -n "$@" | tail -n 1)" = 'ninja: no work to do.' ]
}

# Configures, so that ninja's plan is what it will do.
configure() {  # PRESET
  if needs_configuring "$1"; then
    cmake --preset "$1"
  else
    ninja -C "build/$1" build.ninja
  fi >"build/$1.configure.log" 2>&1 8>&- ||
    { cat "build/$1.configure.log" >&2; return 1; }
}

# A source takes as long as its headers and its number of lines: one of several sources (unity) longest.
# The costs are seconds on one core of 2023, and only the first guess; later the clock decides.
describe_progress() {  # PLAN LOG SECONDS JOBS -> "31/63 steps  1:15 left"
  awk -v seconds="$3" -v jobs="$4" '
    function cost(line) {
      if (line !~ /\.o$/) return 0.1
      return line ~ /\/Unity\// ? 12 : 3
    }
    !/^@[0-9]+\/[0-9]+ / { next }
    FILENAME == ARGV[1] { steps++; total += cost($0); next }
    { split(substr($1, 2), counts, "/"); finished = counts[1]; steps = counts[2]; done += cost($0) }
    END {
      guess = 30  # seconds for which the first guess counts
      left = (total - done) * (seconds + guess) / (done + guess * jobs)
      if (left < 0 || finished == steps) left = 0
      left = int(left + 0.999)
      printf "%d/%d steps  ", finished, steps
      if (left >= 3600) printf "%d:%02d:%02d left\n", left / 3600, left / 60 % 60, left % 60
      else printf "%d:%02d left\n", left / 60, left % 60
    }' "$1" "$2"
}

# On a terminal the line replaces the one before; a log gets a line now and then.
show_progress() {  # SECONDS
  if [ -n "$terminal" ]; then
    printf '\runclip: building %s\033[K' "$(describe_progress "$plan" "$log" "$1" "$jobs")" >&2
  elif [ "$1" -ge "$next_line" ]; then
    echo "unclip: building $(describe_progress "$plan" "$log" "$1" "$jobs")" >&2
    next_line=$(($1 + seconds_between_lines))
  fi
}

end_progress() { if [ -n "$terminal" ]; then printf '\r\033[K' >&2; fi; }

# Ninja removes what the stopped compilers have written, and keeps the rest.
stop_build() {  # STATUS
  trap '' INT TERM HUP
  kill -INT "$ninja" 2>/dev/null || true
  wait "$ninja" || true
  end_progress
  echo "unclip: stopped at $(describe_progress "$plan" "$log" 0 1 | sed 's/ steps .*//') steps; the next call goes on from there" >&2
  exit "$1"
}

# What compilers and ninja have to say, without the lines about steps.
print_messages() { sed -e '/^@[0-9]*\/[0-9]* /d' -e '/^ninja: Entering directory/d' "$log" >&2; }

run_ninja() {  # FOLDER TARGET...
  folder=$1
  shift
  NINJA_STATUS=$step_format ninja -C "$folder" -n "$@" >"$plan" 8>&- || { cat "$plan" >&2; return 1; }
  terminal='' next_line=$seconds_between_lines status=0
  if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then terminal=1; fi
  : >"$log"
  NINJA_STATUS=$step_format ninja -C "$folder" -j "$jobs" "$@" >"$log" 2>&1 8>&- &
  ninja=$!
  trap 'stop_build 130' INT
  trap 'stop_build 143' TERM
  trap 'stop_build 129' HUP
  while kill -0 "$ninja" 2>/dev/null; do
    show_progress $(($(date +%s) - begin))
    sleep 0.5
  done
  wait "$ninja" || status=$?
  # A shell that was started with SIGINT ignored cannot trap it; ninja can.
  if [ "$(tail -n 1 "$log")" = 'ninja: build stopped: interrupted by user.' ]; then stop_build 130; fi
  trap - INT TERM HUP
  end_progress
  print_messages
  return "$status"
}

build() {  # PRESET TARGET...
  if is_built "$@"; then return 0; fi
  preset=$1 plan=build/$1.plan log=build/$1.log unfinished=build/$1/unfinished
  shift
  expect_room_to_build "$preset" "$PWD/build"
  report_missing || return 1
  mkdir -p build
  # Two at once in one folder would hurt each other. The lock is not for ccache's or CMake's children.
  exec 8>"build/$preset.lock"
  flock -n 8 || { echo "unclip: waiting for another call that builds build/$preset" >&2; flock 8; }
  begin=$(date +%s)
  if [ -e "$unfinished" ]; then
    echo "unclip: going on with the build of build/$preset that was stopped" >&2
  else
    echo "unclip: building build/$preset (the first time takes some minutes)" >&2
  fi
  jobs=$(choose_jobs)
  if [ "$jobs" -lt "$(nproc)" ]; then
    echo "unclip: $jobs of $(nproc) processors compile: $(gigabytes "$(free_memory)") of memory is free" >&2
  fi
  configure "$preset" || return 1
  touch "$unfinished"
  run_ninja "build/$preset" "$@" || { rm "$unfinished"; return 1; }
  rm "$unfinished"
  exec 8>&-
  echo "unclip: built in $(($(date +%s) - begin)) s" >&2
}
