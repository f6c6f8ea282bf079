"""Makes every golden file anew, in a copy, and compares it with the committed one.

    python golden_parity.py

Names, shapes, whole numbers and metadata are the same; real numbers differ by no more than 1e-4 of the
tensor's largest value, and by what reference.py allows where it names the tensor: another processor
rounds otherwise. Exit code: 0 all agree, 1 not.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))

import reference

TOLERANCE = 1e-4
# What a run tells of itself: how it was called, and how far its float32 was from float64.
OF_THE_RUN = {"command", "float64", "python"}


def contents(path):
    """The tensors of a golden file, and what its metadata says of them."""
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, lasting(file.metadata() or {})


def lasting(metadata):
    return {key: value for key, value in metadata.items() if key not in OF_THE_RUN}


def differences_of_tensors(committed, anew):
    (old, old_metadata), (new, new_metadata) = contents(committed), contents(anew)
    if old_metadata != new_metadata:
        keys = [k for k in old_metadata.keys() | new_metadata.keys() if old_metadata.get(k) != new_metadata.get(k)]
        yield f"metadata: {', '.join(sorted(keys))}"
    if old.keys() != new.keys():
        yield f"tensors: {', '.join(sorted(old.keys() ^ new.keys()))}"
    for name in old.keys() & new.keys():
        a, b = old[name], new[name]
        if a.shape != b.shape or a.dtype != b.dtype:
            yield f"{name}: {b.dtype} {list(b.shape)}, was {a.dtype} {list(a.shape)}"
        elif not a.is_floating_point():
            if not torch.equal(a, b):
                yield f"{name}: {int((a != b).sum())} of {a.numel()} numbers"
        else:
            worst = ((a.double() - b.double()).abs().max() / a.double().abs().max().clamp(min=1e-30)).item()
            if not worst <= reference.TOLERANCES.get(name, TOLERANCE):
                yield f"{name}: {worst:.1e}"


def differences_of_ids(committed, anew):
    old, new = json.loads(committed.read_text()), json.loads(anew.read_text())
    if lasting(old.pop("metadata")) != lasting(new.pop("metadata")):
        yield "metadata"
    if old != new:
        yield "texts or ids"


def differences_of_walks(committed, anew):
    def numbers(file):
        records = json.loads(file.read_text())["records"]
        return {(r["name"], r["steps"]): torch.tensor([n for row in [r["timesteps"], *r["x"]] for n in row]) for r in records}

    old, new = numbers(committed), numbers(anew)
    for key in old.keys() | new.keys():
        a, b = old.get(key, torch.zeros(1)), new.get(key, torch.zeros(0))
        if a.shape != b.shape or not torch.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE):
            yield f"{key[0]}, {key[1]} steps"


def differences(committed, anew):
    if not anew.exists():
        return ["the script does not make it"]
    if committed.name == "published_schedulers.json":
        return list(differences_of_walks(committed, anew))
    if committed.suffix == ".safetensors":
        return list(differences_of_tensors(committed, anew))
    return list(differences_of_ids(committed, anew))


def main():
    golden = ROOT / "tests" / "golden"
    made = [*golden.glob("*.safetensors"), *golden.glob("pictures/*.safetensors"), golden / "clip" / "tokenizer.golden.json",
            golden / "clip" / "xlm_roberta.golden.json", golden / "published_schedulers.json"]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        # The scripts write beside themselves.
        copy = Path(scratch)
        shutil.copytree(golden, copy / "tests" / "golden")
        shutil.copytree(ROOT / "weights" / "toybox" / "tokenizer", copy / "weights" / "toybox" / "tokenizer")
        for path in made:
            (copy / path.relative_to(ROOT)).unlink()
        for script in ("make_goldens.py", "make_pictures.py", "make_published_schedulers.py", "clip/make_tokenizer_golden.py", "clip/make_xlm_roberta_golden.py"):
            subprocess.run([sys.executable, copy / "tests" / "golden" / script], check=True, stdout=subprocess.DEVNULL)
        for path in sorted(made):
            found = differences(path, copy / path.relative_to(ROOT))
            failed += bool(found)
            if found:
                print(f"{path.relative_to(ROOT)} FAIL  {'; '.join(found)}")
        # images/ is committed and not made anew: its script needs encoders that the environment lacks.
        committed = {p.relative_to(ROOT) for p in golden.rglob("*.safetensors")}
        unread = {p.relative_to(copy) for p in (copy / "tests" / "golden").rglob("*.safetensors")} - committed
        for path in sorted(unread):
            failed += 1
            print(f"{path} FAIL  the script makes it, and it is not committed")
    print(f"golden files: {len(made)} made anew, {failed} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
