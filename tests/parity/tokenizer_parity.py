"""Compares tokenizer_dump with transformers' CLIPTokenizer on random texts, live.

    python tokenizer_parity.py [--dump build/dev/tests/clip/tokenizer_dump] [--texts 20000] [--seed 0] [--sweep]

For every recipe of tests/golden/clip/make_tokenizer_golden.py a share of the texts; --sweep adds
every code point of Unicode, among neighbours that show its category, its case and how it composes.
Exits 1 where any ids differ.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/golden/clip"))

import make_tokenizer_golden as golden  # noqa: E402

ENDINGS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'"]
SPACES = [*" \t\n\v\f\r\x1c\x1f\x85\xa0\u1680\u2000\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"]
SPECIALS = [golden.START, golden.END, golden.START.upper(), "<|EndOfText|>", "<mask>", "zebra", "Zebra", "<strip>", "zeb", "new  token", "NEW TOKEN", "[PAD]", "c++", "!", "e\u0301", "cafe\u0301X"]
# Blocks that compose, reorder, change case, join or are neither letter nor sign.
BLOCKS = [(0, 0x7F), (0x80, 0x24F), (0x250, 0x36F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x8A0, 0x963), (0x980, 0xDFF), (0xE00, 0xFFF), (0x1000, 0x139F),
          (0x1100, 0x11FF), (0x1A80, 0x1B7F), (0x1C80, 0x1DFF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20A0, 0x23FF), (0x2460, 0x24FF), (0x2C00, 0x2DFF), (0x3000, 0x30FF),
          (0x4E00, 0x9FFF), (0xA640, 0xA7FF), (0xAC00, 0xD7FF), (0xE000, 0xFAFF), (0xFB00, 0xFFFF), (0x10000, 0x10FFF), (0x11000, 0x11FFF), (0x12000, 0x16FFF),
          (0x1D100, 0x1D7FF), (0x1E000, 0x1E9FF), (0x1F100, 0x1FAFF), (0x20000, 0x323AF), (0xE0000, 0xE01EF), (0, 0x10FFFF)]


def random_char(rng):
    while True:
        c = rng.randint(*rng.choice(BLOCKS))
        if not 0xD800 <= c < 0xE000:
            return chr(c)


def random_text(rng, words):
    parts = []
    for _ in range(rng.choice([1, 2, 3, 5, 8, 13, 21, 34])):
        kind = rng.random()
        if kind < 0.25:
            word = rng.choice(words)
            parts.append(rng.choice([word, word.upper(), word.title(), word[: rng.randint(0, len(word))]]))
        elif kind < 0.45:
            parts.append(rng.choice(SPACES) * rng.choice([1, 1, 1, 2]))
        elif kind < 0.55:
            parts.append(rng.choice(ENDINGS))
        elif kind < 0.62:
            parts.append(rng.choice(SPECIALS))
        elif kind < 0.7:
            parts.append(chr(rng.randint(0x20, 0x7E)) * rng.choice([1, 1, 2, 3]))
        elif kind < 0.8:
            parts.append(chr(rng.randint(0x300, 0x36F)))
        else:
            parts.append(random_char(rng))
    return "".join(parts)


def sweep():
    for c in range(0x110000):
        if not 0xD800 <= c < 0xE000:
            x = chr(c)
            yield f"A{x}B {x}{x}1{x}'s {x}\u0315 a\u0315{x} {x}\u0334\u0301 e\u0301{x}\u0323 {x}\u1161{x}\u11a8"


def mismatches(name, folder, dump, texts):
    import transformers

    reference = transformers.CLIPTokenizer.from_pretrained(folder)
    lines = "".join(json.dumps(t) + "\n" for t in texts)
    done = subprocess.run([dump, str(folder)], input=lines, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{name}: {done.stderr.strip()}")
    found = done.stdout.splitlines()
    assert len(found) == len(texts)
    wanted = reference(texts, add_special_tokens=False).input_ids
    wrong = [(t, json.loads(f), w) for t, f, w in zip(texts, found, wanted) if json.loads(f) != w]
    print(f"{name}: {len(texts)} texts, {len(wrong)} mismatches", flush=True)
    for text, f, w in wrong[:5]:
        print(f"  {text!r}\n    ours      {f}\n    reference {w}")
    return len(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dump", default=str(ROOT / "build/dev/tests/clip/tokenizer_dump"))
    parser.add_argument("--texts", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sweep", action="store_true")
    args = parser.parse_args()

    rng = random.Random(args.seed)
    words = golden.CORPUS.split()
    recipes = golden.recipes()
    share = -(-args.texts // len(recipes))
    total = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, recipe in recipes.items():
            folder = Path(scratch) / name
            golden.make_folder(recipe, folder)
            texts = golden.texts() + [random_text(rng, words) for _ in range(share)]
            total += mismatches(name, folder, args.dump, texts)
        if args.sweep:
            total += mismatches("every code point", Path(scratch) / "karlo", args.dump, list(sweep()))
    print(f"{total} mismatches")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
