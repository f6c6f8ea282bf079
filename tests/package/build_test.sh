#!/bin/sh
# Test of cmake/build.sh, with a small build.ninja instead of unclip's: the lines of progress in a log and
# on a terminal, a build that fails, and one that is stopped and goes on.
#
#   build_test.sh SOURCE_DIR SCRATCH_DIR [BUILD_DIR]
#
# BUILD_DIR is a build of unclip itself.
set -eu

source=$1 scratch=$2 unclip_build=${3:-}
rm -rf "$scratch"
mkdir -p "$scratch/build/release"
ln -s "$source/cmake" "$scratch/cmake"
cd "$scratch"
touch -d '1 hour ago' CMakePresets.json

fail() { echo "build_test: $*" >&2; exit 1; }
expect_line() {  # PATTERN FILE
  grep -q -- "$1" "$2" || fail "$2: expected a line like '$1', found:
$(cat "$2")"
}
expect_no_line() {  # PATTERN FILE
  ! grep -q -- "$1" "$2" || fail "$2: expected no line like '$1', found:
$(cat "$2")"
}

# The plan is what `ninja -n` prints; with globbed folders it would always be to configure again.
if [ -e "$unclip_build/build.ninja" ] && grep -q VERIFY_GLOBS "$unclip_build/build.ninja"; then
  fail "$unclip_build/build.ninja checks globbed folders (CONFIGURE_DEPENDS of a file(GLOB)), so ./paint finds no plan"
fi

# Five sources that compile for SECONDS each and one program; a source's name is its compiler's message.
write_build() {  # SECONDS
  cat >build/release/build.ninja <<END
rule configure
  command = touch build.ninja
  generator = 1
rule compile
  command = echo \$out >>compiled; sleep $1; if [ \$out = \$broken ]; then echo 'one.cpp:7: error: expected a semicolon'; exit 1; fi; if [ \$out = 2.o ]; then echo 'two.cpp:3: warning: unused'; fi; touch \$out
  description = Building CXX object \$out
rule link
  command = touch \$out
  description = Linking \$out
broken = $2
build build.ninja: configure | configured
build 1.o: compile
build 2.o: compile
build 3.o: compile
build 4.o: compile
build 5.o: compile
build program: link 1.o 2.o 3.o 4.o 5.o
END
  touch build/release/configured build/release/build.ninja
}

# What ./paint does; the interval of a log's lines and the number of compilers are fixed.
cat >call.sh <<'END'
set -eu
. cmake/build.sh
seconds_between_lines=1
choose_jobs() { nproc; }
nproc() { echo 1; }
build release program
END

# --- Into a log ---

write_build 0.7 none
sh call.sh 2>log || fail "the build failed: $(cat log)"
[ -e build/release/program ] || fail 'the program was not built'
expect_line '^unclip: building build/release' log
expect_line '^unclip: building [1-5]/6 steps  0:[0-9][0-9] left$' log
expect_line '^two.cpp:3: warning: unused$' log
expect_line '^unclip: built in [0-9]* s$' log
expect_no_line "$(printf '[\r\033]')" log
expect_no_line 'Building CXX object\|^@' log
left=$(sed -n 's/^unclip: building [1-5].* 0:\([0-9]*\) left$/\1/p' log)
sorted=$(echo "$left" | sort -rn)
[ "$left" = "$sorted" ] || fail "expected less and less time left, found: $left"

sh call.sh 2>log || fail 'the second build failed'
[ ! -s log ] || fail "expected no message if all is built, found: $(cat log)"

# --- A compiler fails ---

rm -r build/release
mkdir build/release
write_build 0.1 1.o
if sh call.sh 2>log; then fail 'a build whose compiler fails succeeded'; fi
expect_line '^FAILED: 1.o' log
expect_line '^one.cpp:7: error: expected a semicolon$' log
expect_no_line '^@\|^unclip: built' log
write_build 0.1 none
sh call.sh 2>log || fail 'the repaired build failed'
expect_no_line 'was stopped' log

# --- Stopped, as by Ctrl-C and by kill ---

for signal in INT TERM; do
  rm -r build/release
  mkdir build/release
  write_build 0.3 none
  # A shell's background commands ignore SIGINT; env gives it back its effect.
  env --default-signal=INT sh call.sh 2>log &
  call=$!
  until [ -e build/release/2.o ]; do sleep 0.1; done
  kill -s "$signal" "$call"
  status=0
  wait "$call" || status=$?
  case $signal in INT) expected=130 ;; *) expected=143 ;; esac
  [ "$status" = "$expected" ] || fail "$signal: expected exit status $expected, found $status"
  expect_line '^unclip: stopped at [2-4]/6 steps; the next call goes on from there$' log
  [ ! -e build/release/program ] || fail "$signal: the build was not stopped"
  sh call.sh 2>log || fail "$signal: the next build failed: $(cat log)"
  expect_line '^unclip: going on with the build of build/release that was stopped$' log
  [ "$(grep -c '^[12].o$' build/release/compiled)" = 2 ] ||
    fail "$signal: expected 1.o and 2.o to be compiled once, found: $(cat build/release/compiled)"
  [ -e build/release/program ] || fail "$signal: the next build made no program"
done

# --- On a terminal ---

if command -v script >/dev/null; then
  rm -r build/release
  mkdir build/release
  write_build 0.5 none
  TERM=xterm script -qec 'sh call.sh' terminal >/dev/null </dev/null || fail 'the build on a terminal failed'
  expect_line "$(printf '\runclip: building [1-5]/6 steps  0:0[0-9] left\033')" terminal
  lines=$(tr -d '\r' <terminal | grep -c 'steps  0:')
  [ "$lines" = 1 ] || fail "expected one line of progress on a terminal, found $lines"

  # Ctrl-C reaches ninja and its compilers, too. A shell that was started with SIGINT ignored, as in the
  # background of a script, cannot trap it.
  for before in : 'trap "" INT'; do
    rm -r build/release
    mkdir build/release
    write_build 0.4 none
    { until [ -e build/release/2.o ]; do sleep 0.1; done; printf '\003'; sleep 1; } |
      TERM=xterm setsid script -qec "$before; sh call.sh; echo \"status \$?\"" terminal >/dev/null || true
    expect_line '^.*unclip: stopped at [2-4]/6 steps; the next call goes on from there' terminal
    if [ "$before" != : ]; then expect_line '^status 130' terminal; fi
    [ ! -e build/release/program ] || fail 'Ctrl-C did not stop the build'
  done
else
  echo 'build_test: no script(1), so no terminal was tried' >&2
fi

# --- Too little memory or disk: nothing is started ---

rm -r build/release
mkdir build/release
write_build 0.1 none
mkdir proc bin
echo 'MemAvailable: 400000 kB' >proc/meminfo
sed 's/^seconds_between_lines=1/proc=proc cgroups=none/' call.sh >poor.sh
if sh poor.sh 2>log; then fail 'expected a build without memory to fail'; fi
expect_line '^unclip: .*expected 1.0 GB of free memory for a compiler, found 0.4 GB$' log
[ ! -e build/release/compiled ] || fail 'a build without memory was started'
