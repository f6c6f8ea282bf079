"""Token ids of transformers' XLMRobertaTokenizer, over texts that are hard to cut.

    python make_xlm_roberta_golden.py      (transformers 5.23.0, sentencepiece 0.2.3, protobuf; nothing here is random)

Writes xlm_roberta/, xlm_roberta_json/ and xlm_roberta.golden.json beside itself: a small SentencePiece
model in the two forms of hub folders, and the ids. Where it is absent the model is trained, on the corpus
of make_tokenizer_golden.py and with a character map of its own (the usual one has 240 KB).
"""

import io
import json
import sys
import tempfile
import unicodedata
from pathlib import Path

import make_tokenizer_golden as clip

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "xlm_roberta"
MODEL = "sentencepiece.bpe.model"
# As the folder of Kandinsky 2.1 has it.
CONFIG = {
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "mask_token": {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "normalized": True, "rstrip": False, "single_word": False},
    "model_max_length": 512,
    "pad_token": "<pad>",
    "sep_token": "</s>",
    "tokenizer_class": "XLMRobertaTokenizer",
    "unk_token": "<unk>",
}


def rules():
    """A part of nmt_nfkc, as sentencepiece's tables of rules are written."""
    pairs = {}
    blocks = [(0xA0, 0x180), (0x2000, 0x2070), (0x20A8, 0x20A9), (0x2100, 0x2190), (0x2460, 0x2474), (0x3000, 0x3001), (0xFB00, 0xFB07), (0xFF01, 0xFF5F), (0x1D400, 0x1D41A)]
    for begin, end in blocks:
        for c in map(chr, range(begin, end)):
            if unicodedata.normalize("NFKC", c) != c:
                pairs[c] = unicodedata.normalize("NFKC", c)
            if begin == 0xA0 and len(unicodedata.normalize("NFD", c)) == 2:
                pairs[unicodedata.normalize("NFD", c)] = c
    pairs |= {chr(c): "" for c in (*range(1, 9), 0xB, *range(0xE, 0x20), 0x7F, 0x200B, 0xFEFF)}
    pairs |= {c: " " for c in "\t\n\r\f\u2028\u2029"}
    line = lambda text: " ".join(f"{ord(c):X}" for c in text)  # noqa: E731
    return "".join(f"{line(source)}\t{line(target)}\n" for source, target in sorted(pairs.items()))


def train(path, **options):
    """A model of words of the corpus; options of the trainer."""
    import sentencepiece

    out = io.BytesIO()
    usual = {"vocab_size": 700, "model_type": "unigram", "character_coverage": 0.99, "hard_vocab_limit": False, "num_threads": 1, "minloglevel": 2}
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(clip.CORPUS.strip().splitlines() * 3), model_writer=out, **usual | options)
    path.write_bytes(out.getvalue())


def make_model(path):
    from sentencepiece import sentencepiece_model_pb2

    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "rules.tsv"
        table.write_text(rules())
        train(path, normalization_rule_tsv=str(table))
    model = sentencepiece_model_pb2.ModelProto.FromString(path.read_bytes())
    model.normalizer_spec.ClearField("normalization_rule_tsv")  # the name of the table
    path.write_bytes(model.SerializeToString())


def write_json_form(source, folder):
    """The same tokenizer with a tokenizer.json instead of the model file."""
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    transformers.XLMRobertaTokenizer.from_pretrained(source).backend_tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")


def texts():
    words = ["a<mask>b", "a <mask> b", "a   <mask>  b", "＜ｍａｓｋ＞", "x ＜ｍａｓｋ＞y", "<s>", "</s> <pad>", "a<unk>b", "<unk>", "＜ｓ＞", "＜ｕｎｋ＞ ＜ｐａｄ＞", "< mask >"]
    words += ["▁", "▁▁", "a▁b", "▁a ▁▁b", " ▁ ", "ﬁ ﬀ½¾ ™①⑩ Ⅷ", "Ａｂｃ　ｄｅｆ", "e\u0301 cafe\u0301 n\u0303 E\u0301\u0323", "½\u0301", "\u00bd\u0897 x", "ﬁ\u0301", "a\u0001b\u200bc\ufeff"]
    words += ["a" * 40, "!" * 33, "ha" * 30, "0123456789" * 4, " a" * 74, " a" * 75, " a" * 76, "A fox in the snow, " * 20, "the the the", "A RED FOX a red fox", "\r\n \r\u0301 \n", "क्षि क्\u200dष क्‌ष", "👨\u200d👩\u200d👧 ©\u200d® 🇩🇪🇫", "각 가\u11a8 ᄀᄀ", "中" * 5, "a中b中中c <unk>中"]
    return [t for t in dict.fromkeys(clip.texts() + words) if "\ud800" not in t]


def main():
    import tokenizers
    import transformers

    FOLDER.mkdir(exist_ok=True)
    if not (FOLDER / MODEL).exists():
        make_model(FOLDER / MODEL)
    (FOLDER / "tokenizer_config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    write_json_form(FOLDER, HERE / "xlm_roberta_json")
    all_texts = texts()
    reference = transformers.XLMRobertaTokenizer.from_pretrained(FOLDER)
    in_json = transformers.XLMRobertaTokenizer.from_pretrained(HERE / "xlm_roberta_json")
    ids = reference(all_texts, add_special_tokens=False).input_ids
    places = [i for i, row in enumerate(ids) if i % 16 == 0 or len(row) > 70]
    in_77 = reference([all_texts[i] for i in places], padding="max_length", truncation=True, max_length=77)
    golden = {
        "metadata": {
            "script": "tests/golden/clip/make_xlm_roberta_golden.py",
            "command": "python make_xlm_roberta_golden.py",
            "seed": "none",
            "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__,
            "python": sys.version.split()[0],
        },
        "size": len(reference),
        "texts": all_texts,
        "ids": ids,
        "ids_of_json": [None if a == b else a for a, b in zip(in_json(all_texts, add_special_tokens=False).input_ids, ids)],
        "places_77": places,
        "in_77": in_77.input_ids,
        "lengths_77": [sum(mask) for mask in in_77.attention_mask],
    }
    (HERE / "xlm_roberta.golden.json").write_text(json.dumps(golden, separators=(",", ":")).replace("],[", "],\n[") + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
