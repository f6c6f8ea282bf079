"""Token ids of transformers' CLIPTokenizer, over texts that are hard to cut.

    python make_tokenizer_golden.py        (transformers 5.23.0; no seed: nothing here is random)

Writes tokenizer.golden.json beside itself. The vocabulary in tokenizer/ is learned from CORPUS below
where it is absent, and other each time: the learner breaks ties by chance. A *recipe* makes a
tokenizer's folder out of a vocabulary: which form its files have and what the small files beside them
say. The golden file has the recipes, the texts and, for each recipe, the ids; null where they are those
of the first recipe that has the same vocabulary.
"""

import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TOYBOX = "weights/toybox/tokenizer"
SMALL = "tests/golden/clip/tokenizer"
START, END = "<|startoftext|>", "<|endoftext|>"
MERGES = 700

CORPUS = """
A fox in the snow looks at the light of the moon; it doesn't move. They're sure we've seen it, I'm not, he'll say he'd gone.
The lighthouse stands on the rocks and the water is higher than the lower stones, whiter than the white house and the whitest wall.
Painting pictures of paintings: a painter paints, the painted picture has been repainted. Three hundred and thirty three.
The artist's model is standing nearer to the windows than the others are, reading something interesting and thinking.
Photographs, photographers and photography; the photographer's photograph was photographed again and again and again.
In the beginning was the word, and then the sentence, and then the long, long, longer and longest story that never ended.
In 1984, 2001 and 2049 there were 365 days; 12:30, 3.14159, 1,000,000 and 50% of 100... what?! No -- yes!!! (perhaps) [really] {so}
Der Fuchs schläft über Nacht im Schnee, die Bäume stehen still, und größere Flüsse fließen schließlich weiter durch süße Träume.
Le garçon mange une crème brûlée à la fenêtre, où l'été s'achève déjà; les élèves préfèrent être à l'école près du château.
El niño pequeño pintó una montaña pequeña en la mañana; ¿por qué no pintó también el corazón del león? ¡Porque no quería!
Žluťoučký kůň pěl ďábelské ódy, příliš žluťoučký a příliš úpěl, ještě že přišel včera večer.
Красная лиса спит в снегу, красный дом стоит на красной площади, и красивые картины висят на красных стенах.
Η κόκκινη αλεπού κοιμάται στο χιόνι και ο ουρανός είναι γαλάζιος πάνω από τη θάλασσα.
שועל אדום ישן בשלג והשמים כחולים מעל הים הכחול הגדול
الثعلب الأحمر ينام في الثلج والسماء زرقاء فوق البحر الأزرق الكبير
लाल लोमड़ी बर्फ में सोती है और नीला आकाश समुद्र के ऊपर है
赤い狐が雪の中で眠っている。青い空が海の上にある。赤い家と青い家と白い家がある。
红色的狐狸在雪中睡觉，蓝色的天空在大海之上。红色的房子和蓝色的房子。
붉은 여우가 눈 속에서 잠을 잔다. 푸른 하늘이 바다 위에 있다. 붉은 집과 푸른 집.
Kızıl tilki karda uyuyor, İstanbul'da ışıklar ılık ılık yanıyor, çocuklar şarkı söylüyor.
Con cáo đỏ ngủ trong tuyết và bầu trời xanh trên biển, những ngôi nhà màu đỏ.
🦊🦊 ❄️❄️ 👩‍🚀👩‍🚀 👨‍👩‍👧‍👦 🇩🇪🇫🇷 ✨✨✨ :-) ;-) <3 --> == != <= >= ... ??? !!! ### *** ___ +++
"""


def texts():
    """Hard texts, each once."""
    spaces = [chr(c) for c in (9, 10, 11, 12, 13, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x85, 0xA0, 0x1680, 0x180E, *range(0x2000, 0x2010))]
    spaces += [chr(c) for c in (0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF)]
    words = ["a red ball left of a blue cube", "A  Red\tBALL\n\non top of  a GREEN cone ", "", " ", "   ", "\t\n", "x", "!", "!!!", "a!b", "! a ! b !"]
    words += ["wow! it's great!!", "!important", "what?!", "a ! b", "hello!world", "!" * 40, "!?!?!?"]
    words += [f"a{s}b{s}{s} c{s}" for s in spaces] + [f"it{s}'s" for s in " \u00a0\u200b\u0301"]
    words += [f"{w}'{e}" for w in ("it", "I", "we", "THEY", "5", "!", "'", "é") for e in ("s", "t", "re", "ve", "m", "ll", "d", "S", "Re", "x", "")]
    words += ["''s", "'''", "rock'n'roll", "'s's's", "it’s", "o'clock o'", "'tis the dogs' bone", "can't've", "'sup", "'llama", "'dress", "' s"]
    words += ["0", "42", "2049 1,000.5", "３４５", "٣٤٥", "१२३", "Ⅷ ⅷ", "½ ¾ ⅓", "x² H₂O", "一二三", "𝟘𝟙𝟚", "𐒠𐒡", "①②③", "a1b2c3"]
    # Composition, and what stays as it is.
    words += ["café", "cafe\u0301", "CAFE\u0301", "e\u0301\u0323", "e\u0323\u0301", "\u0301a", "a\u0301\u0301\u0301", "A\u030A Å Å", "q\u0307\u0323 q\u0323\u0307", "ﬁ ﬂ ﬃ"]
    words += ["\u1112\u1161\u11AB", "한국어", "ᄒ\u1161", "\u1100\u1161\u11A8\u11A8", "각\u11A8", "가\u11A8", "が か\u3099", "ｶﾞ", "Ω Ω Ω", "K K", "\u0344 \u0958 \u2126 \u212B", "豈 \uf900 \U0002f800"]
    words += ["\u0340\u0341\u0343", "\u0374\u037e\u0387", "\u09c7\u09be", "\u0b47\u0b56", "\u1b05\u1b35", "\U00011099\U000110ba", "\u05d0\u05bc \ufb2a", "\u0f71\u0f72\u0f74", "\U0001d157\U0001d165"]
    # The reference composes and orders by an older Unicode than it classifies by.
    words += ["a\u0315\u1df6", "a\u0315\u08d3", "a\u0334\u1ac0\u0315", "\U000105d2\u0307", "\U00011382\U000113c9", "a\u0315\U0001e2ec", "\u1715\u0334", "\u0c3c\u0315\u0334"]
    # Case, code point by code point.
    words += ["İstanbul", "ISTANBUL ıi", "I\u0307", "i\u0307", "ΣΊΣΥΦΟΣ", "ὈΔΥΣΣΕΎΣ", "ΑΣ ΑΣ. Σ", "GROẞE STRASSE straße", "ǅ ǆ Ǆ", "ŐŰ ÇŞĞ", "ЁЖИК", "ԱՐԵՎ", "Ა ა Ⴀ ⴀ", "ꭰ Ꭰ", "𐐀𐐨", "Ⓐ ⓐ", "Ａａ", "ϴ Ω"]
    words += ["\ua7cb\ua7cc\ua7da\ua7dc", "\u1c89\u1c8a", "\U00010d50\U00010d70", "\U00016ea0\U00016ebb", "\ua7ce\ua7d2\ua7d4"]
    # Marks are no letters; some letters do not look like it.
    words += ["नमस्ते दुनिया", "สวัสดีชาวโลก", "שָׁלוֹם", "العَرَبِيَّة", "ಕನ್ನಡ", "ကမ္ဘာ", "ሰላም", "你好世界", "こんにちは、世界！", "ʰʷˀ ªº", "a_b-c", "a\u203fb", "ﷺ ﷽", "𓀀𓂀", "𝒜𝓑𝔸", "〆〇々", "꙳ꙴ"]
    words += ["\U00011f02\U0001e4d0", "\U00010d4a\U00010d40", "\U0002ebf0\U0002ee5d", "\U00031350", "\U000116d0x", "\U0001e5f0\U0001e5f1"]
    # Signs.
    words += ["👩‍🚀 astronaut", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "👍🏽", "#️⃣", "❤️", "🫨🪿", "©®™", "$€£¥₿", "±×÷≠≤∞", "→⇒↦", "«quote» “quote” ‘quote’ „quote“", "…", "—–-", "^_^ ¯\\_(ツ)_/¯", "<b>bold</b> &amp; &#33;", "`~@#$%^&*()_+-=[]{}\\|;:\",./<>?", "http://example.org/a?b=c&d=e#f", "C++20, C#", "a/b\\c"]
    words += ["\x00", "a\x00b", "\x00 \x00", "\x01\x02\x07\x08", "\x1b[31mred\x1b[0m", "\x7f", "\x80\x9f", "a\u00adb", "\u200d\u200c", "\u200ea\u202eb\u202c", "\ufffd", "\ufffe\uffff", "\U0001fffe\U0010ffff", "\ue000\U000f0000\U00100000", "\ufe0f", "\ufeffbom", "\u2063\u2064"]
    # Special tokens, whole, in pieces and in any case.
    for special in (START, END):
        words += [special, special.upper(), special.title(), f"a{special}b", f" {special} ", f"a {special.upper()} b", f"!{special}!", f"!{special.upper()}!", special * 2, special.upper() + "'s", special[:-1], special[1:], f"{special[:7]} {special[7:]}"]
    words += [f"{START}a dog{END} a cat", "<|startoftext|", "|>", "<||>", "<|", "<|endoftext|>\u0301", "<\u0338|endoftext|>", "</w>", "the</w>", "Ġthe", "<mask> <MASK> x<mask>y", "[PAD]", "<pad>", "Zebra zebra ZEBRA a zebra-crossing", "xzebra zebra2 zebra!", "  <strip>  x\u3000<strip>\u3000<strip>y", "new  token NEW\u00a0TOKEN newtoken", "STRASSE\u0301 cafe\u0301x"]
    # Long ones.
    words += ["supercalifragilisticexpialidocious", "a" * 300, "ab" * 150, "photographers' " * 12, "lighthouse" * 20, "9" * 50, "'" * 30, "é" * 60, "e\u0301" * 60, "狐" * 40, "🦊" * 20, "a " * 90]
    words += ["The photographer's photographs of the whitest lighthouse weren't interesting", "Größere Flüsse fließen", "l'été s'achève", "красивые картины", "赤い狐が雪の中で眠っている", "붉은 여우가", "¿por qué? ¡porque sí!", "Žluťoučký kůň", "higher lower longest longer", "paintings repainted", "thththth ererer ininin", "ththe tthe thee"]
    return list(dict.fromkeys(words))


def token(content, **flags):
    return {"content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False} | flags


def recipes():
    """name -> vocabulary, form (txt; json: tokenizer.json, merges as strings; pairs: as pairs), files."""
    size = 512 + MERGES + 2
    named = {"bos_token": START, "eos_token": END, "unk_token": END}
    as_clip = {role: token(content, normalized=True) for role, content in named.items()}
    added = [token(START, id=size - 2, special=True), token(END, id=size - 1, special=True)]
    bang = token("!", id=0, special=True)
    return {
        "small": {"vocabulary": SMALL, "form": "txt", "files": {}},
        "toybox": {"vocabulary": TOYBOX, "form": "txt", "files": "its own"},
        "clip": {"vocabulary": SMALL, "form": "txt", "files": {"special_tokens_map.json": as_clip | {"pad_token": END}}},
        "karlo": {"vocabulary": SMALL, "form": "txt", "files": {
            "special_tokens_map.json": as_clip | {"pad_token": "!"},
            "tokenizer_config.json": {"model_max_length": 77, "pad_token": END, "do_lower_case": True, "tokenizer_class": "CLIPTokenizer"}}},
        "karlo, pad normalized": {"vocabulary": SMALL, "form": "txt", "files": {"special_tokens_map.json": as_clip | {"pad_token": token("!", normalized=True)}}},
        "as old configs": {"vocabulary": SMALL, "form": "txt", "files": {"tokenizer_config.json": {
            "pad_token": "!", **{role: {"__type": "AddedToken"} | value for role, value in as_clip.items()}, "model_max_length": 1e30}}},
        "tokenizer.json": {"vocabulary": SMALL, "form": "json", "files": {"tokenizer.json": {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added}}},
        "tokenizer.json, karlo": {"vocabulary": SMALL, "form": "pairs", "files": {
            "tokenizer.json": {"version": "1.0", "added_tokens": [bang, added[0], added[1] | {"normalized": True}]},
            "tokenizer_config.json": {"pad_token": "!", "tokenizer_class": "CLIPTokenizer"}}},
        "decoder": {"vocabulary": SMALL, "form": "txt", "files": {
            "special_tokens_map.json": {"pad_token": "zebra"},  # overruled by what follows
            "tokenizer_config.json": {"pad_token": "!", "added_tokens_decoder": {
                str(t["id"]): {k: v for k, v in t.items() if k != "id"} for t in (bang | {"rstrip": True}, *added)}}}},
        "added_tokens.json": {"vocabulary": SMALL, "form": "txt", "files": {
            "added_tokens.json": {"New Token": size, "<mask>": size + 1, "zebra": size + 2, "cafe\u0301X": size + 3},
            "special_tokens_map.json": {"mask_token": "<mask>", "pad_token": "!"}}},
        "flags": {"vocabulary": SMALL, "form": "txt", "files": {"tokenizer_config.json": {"added_tokens_decoder": {
            str(size - 2): token(START, special=True), str(size - 1): token(END, special=True),
            str(size): token("Zebra", single_word=True), str(size + 1): token("<strip>", lstrip=True, rstrip=True, normalized=True),
            str(size + 2): token("zeb", lstrip=True), str(size + 3): token("new  token", normalized=True),
            str(size + 4): token("e\u0301", single_word=True)}}}},
        "extra": {"vocabulary": SMALL, "form": "txt", "files": {"special_tokens_map.json": {
            "pad_token": "[PAD]", "extra_special_tokens": ["<mask>", token("Zebra", normalized=True)], "cls_token": "c++"},
            "added_tokens.json": {"[PAD]": size + 1, "<mask>": size}}},
        # transformers 4.46 to 4.57 write an object; others write a list, or leave it out.
        "saved by 4.57": {"vocabulary": SMALL, "form": "txt", "files": {
            "special_tokens_map.json": as_clip | {"pad_token": "!"},
            "tokenizer_config.json": {"pad_token": "!", "extra_special_tokens": {}, "clean_up_tokenization_spaces": False, "tokenizer_class": "CLIPTokenizer", "added_tokens_decoder": {
                str(t["id"]): {k: v for k, v in t.items() if k != "id"} for t in (bang, added[0] | {"normalized": True}, added[1] | {"normalized": True})}}}},
        "saved by 4.57, tokenizer.json": {"vocabulary": SMALL, "form": "pairs", "files": {
            "tokenizer.json": {"version": "1.0", "added_tokens": added}, "tokenizer_config.json": {"extra_special_tokens": {}}}},
        "no extra tokens": {"vocabulary": SMALL, "form": "txt", "files": {"tokenizer_config.json": {"pad_token": "!", "extra_special_tokens": [], "additional_special_tokens": []}}},
        "named extra tokens": {"vocabulary": SMALL, "form": "txt", "files": {
            "special_tokens_map.json": {"pad_token": END, "additional_special_tokens": ["zebra"]},
            "tokenizer_config.json": {"extra_special_tokens": {"mask": "<mask>", "pad_token": "!", "strip_token": {"__type": "AddedToken"} | token("<strip>", lstrip=True)}}}},
        "lists of both names": {"vocabulary": SMALL, "form": "txt", "files": {"tokenizer_config.json": {"additional_special_tokens": ["zebra"], "extra_special_tokens": ["<mask>"]}}},
        "merges reversed": {"vocabulary": SMALL, "form": "txt", "reverse_merges": True, "files": {}},
    }


def make_folder(recipe, folder):
    """Makes the recipe's folder of files."""
    base = ROOT / recipe["vocabulary"]
    folder = Path(folder)
    if recipe["files"] == "its own":
        shutil.copytree(base, folder)
        return
    folder.mkdir(parents=True)
    files = dict(recipe["files"])
    version, *merges = (base / "merges.txt").read_text().splitlines()
    if recipe.get("reverse_merges"):
        merges.reverse()
    if recipe["form"] == "txt":
        shutil.copy(base / "vocab.json", folder)
        (folder / "merges.txt").write_text("\n".join([version, *merges]) + "\n")
    else:
        pairs = recipe["form"] == "pairs"
        model = {"type": "BPE", "dropout": None, "unk_token": END, "continuing_subword_prefix": "", "end_of_word_suffix": "</w>", "fuse_unk": False,
                 "vocab": json.loads((base / "vocab.json").read_text()), "merges": [m.split(" ") for m in merges] if pairs else merges}
        files["tokenizer.json"] = files["tokenizer.json"] | {"model": model}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=1))


def learn_vocabulary(folder):
    """CLIP's byte symbols, merges learned from CORPUS, the two specials."""
    from tokenizers import Tokenizer, models, trainers
    from transformers import CLIPTokenizer

    toybox = CLIPTokenizer.from_pretrained(ROOT / TOYBOX).backend_tokenizer
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.normalizer = toybox.normalizer
    tokenizer.pre_tokenizer = toybox.pre_tokenizer
    tokenizer.train_from_iterator(CORPUS.splitlines(), trainers.BpeTrainer(vocab_size=3000, end_of_word_suffix="</w>", show_progress=False))
    merges = [tuple(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]][:MERGES]
    assert len(merges) == MERGES

    symbols = [s for s, _ in sorted(toybox.get_vocab().items(), key=lambda item: item[1])][:512]
    vocab = {s: i for i, s in enumerate([*symbols, *(a + b for a, b in merges), START, END])}
    assert len(vocab) == 512 + MERGES + 2
    folder.mkdir(exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False, indent=0) + "\n")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))


def main():
    import tempfile

    import tokenizers
    import transformers

    if not (ROOT / SMALL / "vocab.json").exists():
        learn_vocabulary(ROOT / SMALL)
    all_texts = texts()
    first = {}  # vocabulary -> ids
    entries = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, recipe in recipes().items():
            make_folder(recipe, Path(scratch) / name)
            tokenizer = transformers.CLIPTokenizer.from_pretrained(Path(scratch) / name)
            ids = [tokenizer(t, add_special_tokens=False).input_ids for t in all_texts]
            same = first.setdefault(recipe["vocabulary"], ids)
            entries.append({
                "name": name, **recipe,
                "start_id": tokenizer.bos_token_id, "end_id": tokenizer.eos_token_id, "pad_id": tokenizer.pad_token_id, "size": len(tokenizer),
                "ids": [None if same is not ids and i == s else i for i, s in zip(ids, same)],
                "in_12": tokenizer(all_texts[::16], padding="max_length", truncation=True, max_length=12).input_ids,
                "mask_12": tokenizer(all_texts[::16], padding="max_length", truncation=True, max_length=12).attention_mask,
            })
    golden = {
        "metadata": {"script": "tests/golden/clip/make_tokenizer_golden.py", "command": "python make_tokenizer_golden.py", "seed": "none",
                     "transformers": transformers.__version__, "tokenizers": tokenizers.__version__, "python": sys.version.split()[0]},
        "texts": all_texts, "tokenizers": entries,
    }
    path = HERE / "tokenizer.golden.json"
    path.write_text(json.dumps(golden, separators=(",", ":"), ensure_ascii=True).replace('],[', '],\n[').replace('"tokenizers":[', '"tokenizers":[\n') + "\n")
    print(path.name, path.stat().st_size, "bytes,", len(all_texts), "texts")


if __name__ == "__main__":
    main()
