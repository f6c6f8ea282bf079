# For ./paint and ./check: builds targets of a preset, and says so where there is something to do.
#   . cmake/build.sh; build PRESET TARGET...      in the repository's root
# shellcheck shell=sh disable=SC3013  # -nt: dash and every other sh has it

needs_configuring() {  # PRESET
  [ ! -e "build/$1/build.ninja" ] || [ CMakePresets.json -nt "build/$1/build.ninja" ]
}

is_built() {  # PRESET TARGET...
  needs_configuring "$1" && return 1
  preset=$1
  shift
  [ "$(ninja -C "build/$preset" -n "$@" | tail -n 1)" = 'ninja: no work to do.' ]
}

build() {  # PRESET TARGET...
  if is_built "$@"; then return 0; fi
  preset=$1
  shift
  begin=$(date +%s)
  mkdir -p build
  echo "unclip: building build/$preset (the first time takes some minutes)" >&2
  # Two at once in one folder would hurt each other. The lock is not for ccache's or CMake's children.
  exec 8>"build/$preset.lock"
  flock 8
  if needs_configuring "$preset"; then
    cmake --preset "$preset" >"build/$preset.configure.log" 2>&1 8>&- ||
      { cat "build/$preset.configure.log" >&2; return 1; }
  fi
  quiet=--quiet
  if [ -t 2 ]; then quiet=''; fi  # a terminal gets ninja's one line of progress
  # shellcheck disable=SC2086  # empty or one word
  ninja -C "build/$preset" $quiet "$@" >&2 8>&- || return 1
  exec 8>&-
  echo "unclip: built in $(($(date +%s) - begin)) s" >&2
}
