"""A full-size Karlo of random bfloat16 weights through both programs: does it run, and in how much memory?

    python karlo_full_size.py --unclip build/release/cli/unclip [--out DIR] [--keep] [--skip-reference]

Makes the folder (7 GB; --out: where there is room for it, default a temporary folder), paints with two
steps of each stage in bfloat16, prints wall time and peak resident memory of each program. The pictures
are not compared: in bfloat16 two programs do not draw the same noise.
Exit code: 0 when unclip paints finite pictures in less memory than diffusers, else 1.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

from against_diffusers import measure

GOLDEN = ROOT / "tests" / "golden"
STEPS = ["--prior-steps", 2, "--decoder-steps", 2, "--super-res-steps", 2]


def tensors_are_finite(path):
    import torch
    from safetensors.torch import load_file

    tensors = load_file(path)
    for name, tensor in tensors.items():
        print(f"  {name:16} {str(list(tensor.shape)):18} {'finite' if torch.isfinite(tensor.double()).all() else 'NOT FINITE'}")
    return all(torch.isfinite(t.double()).all() for t in tensors.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unclip", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="the folder in which `karlo` is made, or lies")
    parser.add_argument("--keep", action="store_true", help="do not delete it")
    parser.add_argument("--skip-reference", action="store_true", help="unclip alone")
    parser.add_argument("--threads", type=int, default=2)
    a = parser.parse_args()

    scratch = Path(tempfile.mkdtemp())
    out = a.out or scratch
    folder = out / "karlo"
    try:
        if not (folder / "model_index.json").exists():
            print(f"making {folder}", flush=True)
            subprocess.run([sys.executable, GOLDEN / "make_models.py", "--out", out, "--karlo"], check=True)
        walk = ["-m", folder, "-s", 0, "--dtype", "bfloat16", "--threads", a.threads, *STEPS]
        tensors = scratch / "ours.safetensors"
        seconds, ours = measure([
            a.unclip, "generate", "a red fox in the snow", *walk, "--low-memory", "-q", "--overwrite",
            "--save-tensors", tensors, "-o", scratch / "ours.png"])
        print(f"unclip    {seconds:7.1f} s {ours:7.0f} MB")
        passed = tensors_are_finite(tensors)
        if not a.skip_reference:
            seconds, theirs = measure([
                sys.executable, GOLDEN / "reference.py", "--prompt", "a red fox in the snow", *walk, "-o", scratch / "theirs"])
            print(f"diffusers {seconds:7.1f} s {theirs:7.0f} MB")
            passed = passed and ours < theirs
        print("PASS" if passed else "FAIL")
        return 0 if passed else 1
    finally:
        shutil.rmtree(scratch)
        if a.out and not a.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
