#!/bin/sh
# Test of cmake/machine.sh, with what the kernel, df, apt and pip say replaced by files and commands in
# SCRATCH_DIR.
#
#   machine_test.sh SOURCE_DIR SCRATCH_DIR
# shellcheck disable=SC2016  # scripts of commands
set -eu

scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch/bin" "$scratch/proc/self" "$scratch/cgroups/service/inner"
. "$1/cmake/machine.sh"
cd "$scratch"
proc=proc cgroups=cgroups
PATH=$scratch/bin:$PATH

fail() { echo "machine_test: $*" >&2; exit 1; }
expect() {  # EXPECTED FOUND
  [ "$1" = "$2" ] || fail "expected '$1', found '$2'"
}
command_that() {  # NAME SCRIPT
  printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
  chmod +x "bin/$1"
}
write_memory() {  # MEMORY SWAP
  printf 'MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable: %s kB\nSwapFree: %s kB\n' "$1" "$2" >proc/meminfo
}

# --- Disk ---

command_that df 'for last; do :; done
echo "$last" >>df.calls
printf "%s\n" "Filesystem 1024-blocks Used Available Capacity Mounted on" "/dev/x 9000000 8000000 1100000 88% /"'
expect 1100000 "$(free_disk "$scratch/not/there yet")"
expect "$scratch" "$(cat df.calls)"
expect_disk 1000000 "$scratch" 'to build'
expect '' "$missing"
expect_disk 2300000 "$scratch" 'for libtorch'
expect "expected 2.3 GB of free disk in $scratch for libtorch, found 1.1 GB" "$missing"
missing=''
rm bin/df
# The real df: a disk with anything free, and one that cannot be.
expect_disk 1 "$scratch" 'to build'
expect '' "$missing"
expect_disk 999999999999999 "$scratch" 'to build'
case $missing in 'expected 999999999.9'*|'expected 1000000000.0'*) ;; *) fail "found '$missing'" ;; esac

# --- Memory, and compilers at a time ---

missing=''
command_that nproc 'echo 8'
write_memory 20000000 0
expect 8 "$(choose_jobs)"
write_memory 2000000 8000000
expect 2 "$(choose_jobs)"  # swap is no place for compilers
expect_memory
write_memory 500000 600000
expect 1 "$(choose_jobs)"
expect_memory
expect '' "$missing"
write_memory 500000 100000
expect_memory
expect 'expected 1.0 GB of free memory for a compiler, found 0.6 GB' "$missing"

# A container's or a service's limit, of any level; cached files count as free.
missing=''
write_memory 20000000 0
echo 0::/service/inner >proc/self/cgroup
echo max >cgroups/service/inner/memory.max
echo 2147483648 >cgroups/service/memory.max
echo 1073741824 >cgroups/service/memory.current
printf 'anon 900\nactive_file 536870912\ninactive_file 268435456\n' >cgroups/service/memory.stat
expect 1835008 "$(free_memory)"
expect 1 "$(choose_jobs)"
echo 2147483648 >cgroups/service/memory.current
expect_memory
expect 'expected 1.0 GB of free memory for a compiler, found 0.8 GB' "$missing"
echo 0::/ >proc/self/cgroup
expect 20000000 "$(free_memory)"
rm proc/self/cgroup
expect 20000000 "$(free_memory)"

# --- Network ---

missing=''
command_that apt-get 'printf "%s\n" mirror:/one mirror:/two'
apt_helper=$scratch/bin/helper
command_that helper 'for argument; do case $argument in mirror:/two) exit 0 ;; esac; done; exit 100'
expect_debian 'for the Debian packages cmake'
expect '' "$missing"
command_that helper 'exit 100'
expect_debian 'for the Debian packages cmake'
expect "expected a network for the Debian packages cmake, found no answer from apt's mirrors" "$missing"

missing=''
command_that python 'echo "ERROR: unknown command \"index\"" >&2; exit 1'
expect_python_index python torch 'for libtorch'
command_that python '[ "$*" != "${*#-m pip index versions torch}" ]'
expect_python_index python torch 'for libtorch'
expect '' "$missing"
command_that python 'echo "ERROR: No matching distribution found for torch" >&2; exit 1'
expect_python_index python torch 'for libtorch'
expect "expected a network for libtorch, found no answer from pip's index" "$missing"

# --- One line for all that is missing ---

write_memory 500000 0
expect_memory
if report_missing 2>log; then fail 'report_missing: expected failure'; fi
expect "unclip: this machine lacks what the build needs: expected a network for libtorch, found no answer from pip's index; expected 1.0 GB of free memory for a compiler, found 0.5 GB" "$(cat log)"
missing=''
report_missing 2>log || fail 'report_missing: expected success if nothing is missing'
[ ! -s log ] || fail "expected no line, found: $(cat log)"
