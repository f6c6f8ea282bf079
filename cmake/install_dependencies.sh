#!/bin/sh
# Installs what unclip needs and this machine lacks, and only that: Debian packages, and libtorch from
# PyPI's torch wheel. Quick when all is there; two at once wait for each other.
#
#   cmake/install_dependencies.sh [--plots] [--package] [--tests] [--parity] [--cuda]
#
#   --plots    also gnuplot, for `unclip schedule ... --plot`
#   --package  also what makes the Debian package: `cmake --build --preset release --target package`
#   --tests    also what ./check needs
#   --parity   also what ./check --parity needs
#   --cuda     also libtorch's CUDA libraries and the compiler of unclip's own kernels (2.9 GB); without
#              it where there is an NVIDIA GPU
#
# libtorch goes to $UNCLIP_TORCH_DIR if that is set, else to ${XDG_CACHE_HOME:-~/.cache}/unclip.
# All messages go to standard error.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/^set(UNCLIP_TORCH_VERSION \(.*\))$/\1/p' "$here/libtorch.cmake")
# Services and containers run without HOME; the user database knows it.
home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cache=${XDG_CACHE_HOME:-$home/.cache}/unclip
torch=${UNCLIP_TORCH_DIR:-$cache/torch-$version}
torch=${torch%/}
# libtorch_cpu needs these two CUDA libraries on every machine.
runtime='nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85'
nvcc='nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-cccl==13.0.85'

# shellcheck source=cmake/machine.sh
. "$here/machine.sh"

say() { echo "unclip: $*" >&2; }
give_up() { say "$*"; exit 1; }

plots='' package='' tests='' parity='' cuda=''
for argument in "$@"; do
  case $argument in
    --plots) plots=1 ;;
    --package) package=1 ;;
    --tests) tests=1 plots=1 package=1 ;;
    --parity) parity=1 ;;
    --cuda) cuda=1 ;;
    *) give_up "expected --plots, --package, --tests, --parity or --cuda, got $argument" ;;
  esac
done

# --- Debian packages ---

packages=''
# Some headers differ between Debian's architectures.
multiarch=$(dpkg-architecture -q DEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
tool() {  # COMMAND PACKAGE
  command -v "$1" >/dev/null || packages="$packages $2"
}
header() {  # FILE PACKAGE
  for folder in /usr/include "/usr/include/$multiarch" /usr/local/include; do
    if [ -e "$folder/$1" ]; then return 0; fi
  done
  packages="$packages $2"
}
font() {  # FILE PACKAGE
  [ -e "/usr/share/fonts/truetype/dejavu/$1" ] || packages="$packages $2"
}

find_packages() {
  packages=''
  tool cmake cmake
  tool ninja ninja-build
  tool c++ g++
  tool pkg-config pkg-config
  header cxxopts.hpp libcxxopts-dev
  header nlohmann/json.hpp nlohmann-json3-dev
  header stb/stb_image_write.h libstb-dev
  header png.h libpng-dev
  header jpeglib.h libjpeg-dev
  header gif_lib.h libgif-dev
  header tiffio.h libtiff-dev
  header webp/mux.h libwebp-dev
  header libheif/heif.h libheif-dev
  header freetype2/ft2build.h libfreetype-dev
  header fontconfig/fontconfig.h libfontconfig-dev
  font DejaVuSans.ttf fonts-dejavu-core
  header unicode/uchar.h libicu-dev
  header sentencepiece_processor.h libsentencepiece-dev
  header curl/curl.h libcurl4-openssl-dev
  header hnswlib/hnswlib.h libhnswlib-dev
  if [ -n "$tests" ]; then
    header gtest/gtest.h libgtest-dev
    tool clang-format clang-format
    # A second build is quicker with these.
    tool ccache ccache
    tool mold mold
  fi
  if [ -n "$package" ]; then tool dpkg-shlibdeps dpkg-dev; fi
  if [ -n "$plots" ]; then tool gnuplot gnuplot-nox; fi
  # The wheel is fetched, and parity is compared, by Python; nothing runs in it when unclip paints.
  if ! torch_is_there || ! cuda_is_there; then find_pip || packages="$packages python3-pip"; fi
  if [ -n "$parity" ]; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3-venv"
  fi
}

install_packages() {
  [ -n "$packages" ] || return 0
  command -v apt-get >/dev/null ||
    give_up "this machine lacks, in Debian's names:$packages; install them and start again"
  root='env'
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      give_up "Debian packages are missing; as root, run: apt-get install$packages"
    root='sudo env'
  fi
  say "installing Debian packages:$packages"
  log=$(mktemp)
  # A list that cannot be refreshed may still do: apt-get install says what it cannot find.
  $root apt-get -qq -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 || true
  # shellcheck disable=SC2086  # a list of words
  $root DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends $packages >>"$log" 2>&1 ||
    { cat "$log" >&2; rm "$log"; give_up "apt-get could not install$packages"; }
  rm "$log"
}

# --- libtorch ---

torch_is_there() { [ -e "$torch/torch/lib/libtorch_cpu.so" ]; }

cuda_is_there() {
  if [ -z "$cuda" ] && ! has_gpu; then return 0; fi
  [ -e "$torch/cuda-is-complete" ] && [ -x "$torch/nvidia/cu13/bin/nvcc" ]
}

has_gpu() {
  [ -e /proc/driver/nvidia/version ] ||
    { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }
}

# Says what this machine lacks, before the first minute is lost. The build needs memory afterwards.
expect_machine() {
  if [ -n "$packages" ]; then expect_debian "for the Debian packages$packages"; fi
  if ! torch_is_there || ! cuda_is_there; then
    kilobytes=0
    # With the wheels, which are removed.
    torch_is_there || kilobytes=2300000
    cuda_is_there || kilobytes=$((kilobytes + 6000000))
    expect_disk "$kilobytes" "$(dirname "$torch")" "for libtorch $version"
    if find_pip; then expect_python_index "$python" torch "for libtorch $version"; fi
  fi
  expect_memory
  report_missing || exit 1
}

find_pip() {
  for python in python3 /usr/bin/python3; do
    if "$python" -m pip --version >/dev/null 2>&1; then return 0; fi
  done
  return 1
}

# Unpacks wheels into a new folder. The interpreter's own version is beside the point: the libraries
# are the same in every version's wheel.
unpack() {  # FOLDER REQUIREMENT...
  folder=$1
  shift
  find_pip || give_up "python3 has no pip"
  # Wheels are unpacked beside FOLDER: /tmp may be small.
  rm -rf "$folder" "$folder.tmp"
  mkdir -p "$folder" "$folder.tmp"
  quiet=--quiet
  if [ -t 2 ]; then quiet=''; fi
  # shellcheck disable=SC2086  # empty or one word
  TMPDIR=$folder.tmp PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_ROOT_USER_ACTION=ignore "$python" -m pip install $quiet --disable-pip-version-check \
    --no-compile --only-binary=:all: --python-version 3.11 --implementation cp \
    --target "$folder" "$@" >&2 || give_up "pip could not install $*"
  rm -rf "$folder.tmp"
}

install_torch() {
  if torch_is_there; then return 0; fi
  say "installing libtorch $version into $torch (1.2 GB)"
  # All at once: pip leaves out what shares a folder with an earlier installation.
  # shellcheck disable=SC2086  # a list of words
  unpack "$torch.partial" --no-deps "torch==$version" $runtime
  # Python's part of the wheel is not needed.
  (cd "$torch.partial" && rm -rf bin functorch torchgen torch/bin torch/lib/libtorch_python.so)
  # What is there is whole: it gets its name last.
  mv -T "$torch.partial" "$torch" || give_up "$torch is in the way; it holds no libtorch $version"
}

install_cuda() {
  if cuda_is_there; then return 0; fi
  say "installing libtorch's CUDA libraries and nvcc into $torch (2.9 GB)"
  wanted=$(sed -n 's/^Requires-Dist: \(\(cuda-toolkit\|nvidia-\)[^;]*\);.*/\1/p' \
    "$torch/torch-$version.dist-info/METADATA")
  if [ -e "$torch/cuda-is-complete" ]; then wanted=''; fi  # nvcc alone is missing
  # shellcheck disable=SC2086  # a list of words
  unpack "$torch.cuda-partial" $wanted $nvcc
  cp -alf "$torch.cuda-partial/." "$torch/"
  touch "$torch/cuda-is-complete"
  rm -rf "$torch.cuda-partial"
}

finish_if_all_is_there() {
  find_packages
  if [ -z "$packages" ] && torch_is_there && cuda_is_there; then exit 0; fi
}

finish_if_all_is_there
begin=$(date +%s)
mkdir -p "$(dirname "$torch")"
exec 9>"$torch.lock"
flock 9
finish_if_all_is_there
expect_machine
install_packages
install_torch
install_cuda
say "installed what was missing in $(($(date +%s) - begin)) s"
