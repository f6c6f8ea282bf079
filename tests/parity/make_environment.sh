#!/bin/sh
# Makes the scratch environment of the parity tests and prints its Python: diffusers and transformers at
# the versions that the engine is compared with. Quick when it is there. Nothing in it is linked or shipped.
#   tests/parity/make_environment.sh [DIR]      DIR: ${XDG_CACHE_HOME:-$HOME/.cache}/unclip/reference
set -eu

folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/unclip/reference}
torch='torch==2.11.0'
packages='diffusers==0.42.1 transformers==5.23.0 numpy pillow safetensors accelerate scipy sentencepiece==0.2.3 protobuf==7.36.2'
mark="$folder/made-of"

if [ "$(cat "$mark" 2>/dev/null)" != "$torch $packages" ]; then
  if ! "$folder/bin/python" -c "
import importlib.metadata as m
wanted = dict(p.split('==') for p in '$torch $packages'.split() if '==' in p)
assert all(m.version(name).split('+')[0] == version for name, version in wanted.items())
import accelerate, google.protobuf, numpy, PIL, safetensors, scipy, sentencepiece" 2>/dev/null; then
    echo "parity: installing $torch $packages into $folder" >&2
    mkdir -p "$(dirname "$folder")"
    python3 -m venv --clear "$folder" >&2
    # shellcheck disable=SC2086  # a list of words
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$torch" $packages >&2
  fi
  printf '%s' "$torch $packages" >"$mark"
fi
echo "$folder/bin/python"
