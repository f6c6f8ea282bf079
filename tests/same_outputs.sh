#!/bin/bash
# Runs some 40 commands with two builds of unclip, and compares what they write, byte by byte: images with
# their metadata, embedding files, tables. For changes that must not change what is painted.
#
#   tests/same_outputs.sh BEFORE AFTER [MODEL...]
#
#   BEFORE, AFTER   the two programs
#   MODEL           model folders (default: weights/toybox); the tiny ones of
#                   tests/golden/make_models.py test other shapes
#
# Prints the SHA-256 of each output that is the same, and both of one that differs.
# Exit code: 0 all are the same, 1 not, 2 wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -ge 2 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
programs=("$(realpath "$1")" "$(realpath "$2")")
shift 2
models=("${@:-weights/toybox}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=PASSIVE NO_COLOR=1

number=0
# Each command writes its outputs into the working folder, which is the same for both programs.
commands() {  # PROGRAM
  local u=$1 p='a red ball left of a green cone' q='a blue cube'
  number=0
  run() {
    number=$((number + 1))
    "$@" >"$number.out" 2>"$number.err" && return
    echo "same_outputs.sh: exit code $? of: $*" >&2
    sed 's/^/  /' "$number.err" >&2
    exit 1
  }
  run "$u" "$p" -s 1 -o 1.png
  run "$u" "$p" "$q" -s 2 -n 3 --batch-size 4 -o '{i}-2.png'
  run "$u" "$p" -s 3 --preset fast -o 3.png
  run "$u" "$p" -s 3 --preset balanced -o 4.png
  run "$u" "$p" -s 4 --negative-prompt "$q" -o 5.png
  run "$u" "$p" -s 5 --prior-steps 3 --decoder-steps 4 --super-res-steps 2 -o 6.png
  run "$u" "$p" -s 6 --prior-guidance 2 --decoder-guidance 3 -o 7.png
  run "$u" "$p" -s 7 --low-memory -o 8.png
  run "$u" "$p" -s 8 --dtype bfloat16 --steps 3 -o 9.png
  run "$u" "$p" -s 9 --best-of 3 --steps 3 -o 10.png
  run "$u" "$p" -s 10 -n 4 --steps 3 --contact-sheet 11-sheet.png -o '{i}-11.png'
  run "$u" "$p" -s 11 --steps 3 --quality 80 -o 12.jpg
  run "$u" "$p" -s 12 --steps 3 -o 13.webp
  for sampler in ddim euler_ancestral dpmpp_2m heun unipc lms; do
    run "$u" "$p" -s 13 --steps 5 --decoder-scheduler "$sampler" -o "14-$sampler.png"
  done
  run "$u" "$p" -s 14 --steps 5 --decoder-scheduler ddim:eta=0.5,spacing=karras -o 20.png
  run "$u" prior "$p" "$q" -s 15 -n 2 -o 21.safetensors
  run "$u" decode 21.safetensors -s 16 --steps 4 -o '{i}-22.png'
  run "$u" encode 1.png 3.png -o 23.safetensors
  run "$u" encode --text "$p" "$q" -o 24.npy
  run "$u" encode 1.png 3.png -o 25.npy
  run "$u" vary 1.png -s 17 --steps 4 -n 2 -o '{i}-26.png'
  run "$u" mix 1.png 3.png --frames 3 -s 18 --steps 4 -o '{i}-27.png'
  run "$u" mix 1.png "$q" --weights 0.3,0.7 -s 19 --steps 4 -o 28.png
  run "$u" diff 1.png --from "$p" --to "$q" -s 19 --steps 4 -o 29.png
  run "$u" invert 1.png --decoder-steps 6 -o 30.safetensors
  run "$u" replay 1.png -o 31.png
  run "$u" rank 1.png 3.png --text "$p" "$q" --csv
  run "$u" index . -o index.safetensors
  run "$u" search . "$q" --index index.safetensors -n 3 --csv
  run "$u" sweep "$p" -s 20 --decoder-steps 2,3 --prior-guidance 1,4 -o sweep
  run "$u" schedule show cosine --csv
  run "$u" schedule show linear --steps 9 --json
  run "$u" schedule list
  run "$u" "$p" -s 21 --steps 3 --watch watched -o 38.png
  run "$u" info
  run "$u" generate --help
  # An index has the files' times, a sweep's table has seconds.
  rm index.safetensors sweep/sweep.csv
}

failed=0
for model in "${models[@]}"; do
  UNCLIP_MODEL=$(realpath "$model")
  export UNCLIP_MODEL
  for k in 0 1; do
    rm -rf "$scratch/work"
    mkdir "$scratch/work"
    (cd "$scratch/work" && commands "${programs[k]}")
    (cd "$scratch/work" && find . -type f ! -name '*.err' -exec sha256sum {} + | sort -k2) >"$scratch/hashes.$k"
  done
  echo "$model: $(wc -l <"$scratch/hashes.0") outputs"
  if diff "$scratch/hashes.0" "$scratch/hashes.1" >"$scratch/differences"; then
    cat "$scratch/hashes.0"
  else
    grep '^[<>]' "$scratch/differences" | sed 's/^</before/; s/^>/after /'
    failed=1
  fi
done
exit $failed
