# What the installation and the build need of this machine: free disk, free memory, a network.
#
#   . cmake/machine.sh
#   expect_disk 2000000 ~/.cache 'for libtorch'; expect_memory; report_missing
#
# Each expect_ function adds what it expected and found to $missing, if the machine has too little.
# shellcheck shell=sh

# The largest compilation of the program takes 0.95 GB, that of unclip-train 1.04 GB.
kilobytes_of_compiler=1000000
# Where Linux reports memory. The tests replace it.
proc=/proc cgroups=/sys/fs/cgroup

missing=''

add_missing() { missing="${missing:+$missing; }$*"; }

gigabytes() {  # KILOBYTES -> "1.2 GB"
  awk -v kilobytes="$1" 'BEGIN { printf "%.1f GB", kilobytes / 1e6 }'
}

# --- Disk ---

find_existing_folder() {  # FOLDER -> it, or the nearest one above it that exists
  folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  echo "$folder"
}

free_disk() {  # FOLDER -> kilobytes
  df -Pk "$(find_existing_folder "$1")" | awk 'NR == 2 { print $4 }'
}

expect_disk() {  # KILOBYTES FOLDER PURPOSE
  found=$(free_disk "$2")
  if [ "${found:-0}" -ge "$1" ]; then return 0; fi
  add_missing "expected $(gigabytes "$1") of free disk in $2 $3, found $(gigabytes "${found:-0}")"
}

# --- Memory ---

# The memory that a container or a service may still take; nothing if it has no limit.
free_memory_of_cgroup() {  # -> kilobytes
  group=$(sed -n 's/^0:://p' "$proc/self/cgroup" 2>/dev/null || true)
  least=''
  while :; do
    limit=$(cat "$cgroups$group/memory.max" 2>/dev/null || echo max)
    if [ "$limit" != max ]; then
      used=$(cat "$cgroups$group/memory.current")
      # The kernel drops cached files when memory is short.
      cached=$(awk '$1 ~ /^(in)?active_file$/ { sum += $2 } END { print sum + 0 }' "$cgroups$group/memory.stat")
      room=$(((limit - used + cached) / 1024))
      if [ -z "$least" ] || [ "$room" -lt "$least" ]; then least=$room; fi
    fi
    case $group in
      '' | /) break ;;
      *) group=${group%/*} ;;
    esac
  done
  echo "$least"
}

# Memory and, with `swap`, the swap space that a new program can have.
free_memory() {  # [swap] -> kilobytes
  found=$(awk -v swap="${1:-}" '
    $1 == "MemAvailable:" || (swap != "" && $1 == "SwapFree:") { sum += $2 }
    END { print sum + 0 }' "$proc/meminfo")
  limit=$(free_memory_of_cgroup)
  if [ -n "$limit" ] && [ "$limit" -lt "$found" ]; then found=$limit; fi
  echo "$found"
}

expect_memory() {
  found=$(free_memory swap)
  if [ "$found" -ge "$kilobytes_of_compiler" ]; then return 0; fi
  add_missing "expected $(gigabytes "$kilobytes_of_compiler") of free memory for a compiler, found $(gigabytes "$found")"
}

# One compiler for each processor, but no more than there is memory for.
choose_jobs() {  # -> number
  jobs=$(nproc)
  fitting=$(($(free_memory) / kilobytes_of_compiler))
  if [ "$fitting" -lt "$jobs" ]; then jobs=$fitting; fi
  if [ "$jobs" -lt 1 ]; then jobs=1; fi
  echo "$jobs"
}

# --- Network ---

# Asks the mirrors that apt is set up with, until one answers.
reaches_debian() {
  command -v apt-get >/dev/null || return 0  # apt-get is reported as missing elsewhere
  helper=${apt_helper:-/usr/lib/apt/apt-helper}
  [ -x "$helper" ] || return 0
  answer=$(mktemp)
  # shellcheck disable=SC2016  # apt-get's own fields
  reached=1 mirrors=$(apt-get indextargets --format '$(REPO_URI)dists/$(RELEASE)/InRelease' \
    'Created-By: Packages' 2>/dev/null | sort -u | head -n 3)
  # Without a list of mirrors apt-get has the word.
  [ -n "$mirrors" ] || reached=0
  for mirror in $mirrors; do
    if "$helper" -o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 \
      download-file "$mirror" "$answer" >/dev/null 2>&1; then reached=0; break; fi
  done
  rm -f "$answer"
  return "$reached"
}

# Asks the index that pip is set up with. A pip that cannot ask is given the benefit of the doubt.
reaches_python_index() {  # PYTHON PACKAGE
  answer=$("$1" -m pip index versions "$2" --disable-pip-version-check --timeout 10 --retries 0 2>&1) &&
    return 0
  case $answer in
    *'unknown command'*) return 0 ;;
    *) return 1 ;;
  esac
}

expect_debian() {  # PURPOSE
  reaches_debian || add_missing "expected a network $*, found no answer from apt's mirrors"
}

expect_python_index() {  # PYTHON PACKAGE PURPOSE
  reaches_python_index "$1" "$2" || add_missing "expected a network $3, found no answer from pip's index"
}

# --- All of it ---

# A build of the program takes 40 MB, one with tests 1.3 GB.
expect_room_to_build() {  # PRESET FOLDER
  case $1 in
    release) expect_disk 100000 "$2" 'to build' ;;
    *) expect_disk 1500000 "$2" 'to build with tests' ;;
  esac
  expect_memory
}

report_missing() {
  [ -n "$missing" ] || return 0
  echo "unclip: this machine lacks what the build needs: $missing" >&2
  return 1
}
