"""Compares tokenizer_dump --xlm-roberta with transformers' XLMRobertaTokenizer on random texts, live.

    python xlmr_parity.py [--dump build/dev/tests/clip/tokenizer_dump] [--texts 10000] [--seed 0] [--sweep]

The models are trained here: with the character map that XLM-RoBERTa has (nmt_nfkc), with others, as
tokenizer.json, and with tokens of their own. --sweep adds every code point of Unicode, in clusters with
characters that the map replaces. Exits 1 if any ids, masks or lengths differ.
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
sys.path.insert(0, str(ROOT / "tests/parity"))

import make_xlm_roberta_golden as golden  # noqa: E402
import tokenizer_parity as clip  # noqa: E402

SPECIALS = ["<s>", "</s>", "<pad>", "<unk>", "<mask>", "＜ｍａｓｋ＞", "＜ｓ＞", "<MASK>", "▁", "▁▁", "zebra", "<img>", "ｚｅｂｒａ"]
# What the map replaces, what joins clusters, and what does both.
CLUSTERS = [*"½¼™ﬁﬀ①Ⅷ㎏ｶﾞ\u0344\u0958\u0f73\u2126\u212b\u0340\x01\x7f\xad\u200b\u200c\u200d\ufe0f\u0300\u0301\u0323\u034f\u0897\u093c\u094d\u0e33\u0eb3\u1160\u11a8©®🇩👩🏽\r\n\t", "e\u0301", "n\u0303", "\u0915\u094d", "\uac00", "\u1100"]


def random_text(rng, words):
    parts = []
    for _ in range(rng.choice([1, 2, 3, 5, 8, 13, 21, 34, 120])):
        kind = rng.random()
        if kind < 0.3:
            word = rng.choice(words)
            parts.append(rng.choice([word, word + " ", " " + word, word.title(), word[: rng.randint(0, len(word))]]))
        elif kind < 0.42:
            parts.append(rng.choice(clip.SPACES) * rng.choice([1, 1, 1, 2]))
        elif kind < 0.47:
            parts.append(rng.choice(SPECIALS))
        elif kind < 0.55:
            parts.append(chr(rng.randint(0x20, 0x7E)) * rng.choice([1, 1, 2, 3, 9, 30]))
        elif kind < 0.6:
            parts.append(rng.choice(words)[:2] * rng.choice([2, 3, 11]))
        elif kind < 0.8:
            parts.append(rng.choice(CLUSTERS))
        else:
            parts.append(clip.random_char(rng))
    return "".join(parts)


def sweep():
    for c in range(1, 0x110000):
        if not 0xD800 <= c < 0xE000:
            x = chr(c)
            yield f"a{x} {x}b ½{x} ﬁ{x} {x}½ {x}\u0301 e{x}\u0301 \u0915\u094d{x} \u0915{x}\u0937\u0301 ©\u200d{x} \x01{x} {x}{x} 1{x}2<mask>{x}"


def folders(scratch):
    """Names and folders of tokenizers."""
    config = json.dumps(golden.CONFIG)

    def make(name, text=config, files=(), **options):
        folder = scratch / name
        folder.mkdir()
        golden.train(folder / golden.MODEL, **options)
        if text:
            (folder / "tokenizer_config.json").write_text(text)
        for file, content in files:
            (folder / file).write_text(json.dumps(content))
        return name, folder

    usual = {"normalization_rule_name": "nmt_nfkc", "vocab_size": 1500, "character_coverage": 0.995}
    first = make("nmt_nfkc", **usual)
    yield first
    as_json = scratch / "as_json"
    golden.write_json_form(first[1], as_json)
    yield "as_json", as_json
    parts = json.loads((as_json / "tokenizer.json").read_text())
    parts["normalizer"] = {"type": "Sequence", "normalizers": [parts["normalizer"], {"type": "Lowercase"}]}
    in_sequence = scratch / "in_sequence"
    in_sequence.mkdir()
    (in_sequence / "tokenizer.json").write_text(json.dumps(parts))
    yield "in_sequence", in_sequence
    yield make("no_config", text=None, **usual)
    yield make("identity", normalization_rule_name="identity", character_coverage=1.0)
    yield make("lower_case", normalization_rule_name="nmt_nfkc_cf", vocab_size=300)
    yield make("own_symbols", user_defined_symbols=["zebra", "<img>", "ab"], control_symbols=["<ctl>"], **usual)
    tokens = {"mask_token": {"content": "<mask>", "lstrip": False, "rstrip": True, "normalized": False, "single_word": False}, "additional_special_tokens": ["zebra", "<img>"]}
    yield make("special_tokens_map", files=[("special_tokens_map.json", tokens)], **usual)
    decoder = {"added_tokens_decoder": {"3": {"content": "<unk>", "lstrip": True, "rstrip": True, "normalized": True, "single_word": False, "special": True}}, "tokenizer_class": "XLMRobertaTokenizerFast"}
    yield make("decoder", text=json.dumps(decoder), **usual)


def run(dump, folder, texts, *more):
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run([dump, "--xlm-roberta", str(folder), *more], input=lines, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{folder.name}: {done.stderr.strip()}")
    found = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    assert len(found) == len(texts)
    return found


def mismatches(name, folder, dump, texts):
    import transformers

    reference = transformers.XLMRobertaTokenizer.from_pretrained(folder)
    wanted = reference(texts, add_special_tokens=False).input_ids
    wrong = [(t, f, w) for t, f, w in zip(texts, run(dump, folder, texts), wanted) if f != w]
    # As Kandinsky 2.1's pipeline calls it.
    cut = reference(texts, padding="max_length", truncation=True, max_length=77, return_attention_mask=True)
    for text, f, ids, mask in zip(texts, run(dump, folder, texts, "77"), cut.input_ids, cut.attention_mask):
        if (f["ids"], f["mask"]) != (ids, mask):
            wrong.append((text, f["ids"], ids))
    longest = sum(len(ids) > 75 for ids in wanted)
    print(f"{name}: {len(texts)} texts, {longest} of more than 75 tokens, {len(wrong)} mismatches", flush=True)
    for text, f, w in wrong[:5]:
        print(f"  {text!r}\n    ours      {f}\n    reference {w}")
    return len(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dump", default=str(ROOT / "build/dev/tests/clip/tokenizer_dump"))
    parser.add_argument("--texts", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sweep", action="store_true")
    args = parser.parse_args()

    rng = random.Random(args.seed)
    words = golden.clip.CORPUS.split()
    total = 0
    with tempfile.TemporaryDirectory() as scratch:
        made = list(folders(Path(scratch)))
        for i, (name, folder) in enumerate(made):
            share = args.texts if i == 0 else args.texts // 5
            texts = golden.texts() + [random_text(rng, words) for _ in range(share)]
            total += mismatches(name, folder, args.dump, texts)
        if args.sweep:
            total += mismatches("every code point", made[0][1], args.dump, list(sweep()))
    print(f"{total} mismatches")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
