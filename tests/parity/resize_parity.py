"""Compares resize_dump with Pillow on random images, live: every byte is to be equal.

    python resize_parity.py [--dump build/dev/tests/image/resize_dump] [--images 2000] [--seed 0]

Bicubic and Lanczos, of one channel and of three, whole images and boxes with sides within pixels, with and
without a reducing gap. Exits 1 where any image differs.
"""

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def request(rng):
    """A picture of noise or of hard edges, and how it is to be resized."""
    most = rng.choice([12, 60, 200, 400])
    height, width, new_height, new_width = (rng.randint(1, most) for _ in range(4))
    if rng.random() < 0.15:
        new_height = height
    if rng.random() < 0.15:
        new_width = width
    channels = rng.choice([1, 3])
    noise = np.random.default_rng(rng.getrandbits(32)).integers(0, 256, (height, width, channels), dtype=np.uint8)
    box = None
    if rng.random() < 0.4:
        left, right = sorted(rng.uniform(0, width) for _ in range(2))
        top, bottom = sorted(rng.uniform(0, height) for _ in range(2))
        if rng.random() < 0.3:
            left, top, right, bottom = int(left), int(top), int(right) + 1, int(bottom) + 1
        box = [left, top, max(right, min(left + 0.5, width)), max(bottom, min(top + 0.5, height))]
        box = box if box[0] < box[2] and box[1] < box[3] else None
    return {"noise": noise if rng.random() < 0.5 else noise // 128 * 255, "size": [new_height, new_width],
            "lanczos": rng.random() < 0.5, "box": box, "gap": rng.choice([0, 0, 1, 1, 1.5, 3])}


def by_pillow(r):
    noise = r["noise"]
    image = Image.fromarray(noise[..., 0] if noise.shape[2] == 1 else noise)
    filter = Image.Resampling.LANCZOS if r["lanczos"] else Image.Resampling.BICUBIC
    resized = image.resize(r["size"][::-1], filter, r["box"] and tuple(r["box"]), r["gap"] or None)
    return np.asarray(resized).reshape(*r["size"], -1).transpose(2, 0, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dump", default=str(ROOT / "build/dev/tests/image/resize_dump"))
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    rng = random.Random(args.seed)
    requests = [request(rng) for _ in range(args.images)]
    stream = b""
    for r in requests:
        planes = np.ascontiguousarray(r["noise"].transpose(2, 0, 1))
        header = {"picture": list(planes.shape)} | {key: r[key] for key in ("size", "lanczos", "box", "gap")}
        stream += json.dumps(header).encode() + b"\n" + planes.tobytes()
    done = subprocess.run([args.dump], input=stream, capture_output=True)
    if done.returncode:
        sys.exit(f"resize_dump: {done.stderr.decode().strip()}")

    found, at, wrong = np.frombuffer(done.stdout, np.uint8), 0, 0
    for r in requests:
        expected = by_pillow(r)
        ours = found[at : at + expected.size].reshape(expected.shape)
        at += expected.size
        differing = int((ours != expected).sum())
        wrong += differing > 0
        if differing and wrong <= 5:
            print(f"  {r['noise'].shape} to {r['size']}, lanczos {r['lanczos']}, box {r['box']}, gap {r['gap']}: "
                  f"{differing} of {expected.size} bytes, by up to {np.abs(ours.astype(int) - expected).max()}")
    assert at == len(found)
    print(f"resizing: {len(requests)} images, {wrong} differ from Pillow {PIL.__version__}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
