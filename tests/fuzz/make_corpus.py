"""Writes corpus/TARGET/: small files that the fuzz targets begin from, besides those of tests/golden/.

    python make_corpus.py        needs nothing but Python
"""

import base64
import json
import struct
import zipfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
GOLDEN = Path(__file__).parents[1] / "golden"
FLOAT = struct.Struct("<f")


def safetensors(tensors, metadata=None):
    """tensors: name -> (dtype, shape, struct format, values)"""
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (dtype, shape, code, values) in tensors.items():
        packed = struct.pack(f"<{len(values)}{code}", *values)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def npy(dtype, shape, code, values, order="False", version=1):
    text = f"{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    head = 10 if version == 1 else 12
    text += b" " * (-(head + len(text) + 1) % 64) + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + struct.pack(f"<{len(values)}{code}", *values)


def exif(order, entries, data=b""):
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HIH", 42, 8, len(entries))
    return head + b"".join(struct.pack(order + "HHLL", *entry) for entry in entries) + bytes(4) + data


def comment(text):
    data = b"UNICODE\0" + text.encode("utf-16-be")
    # The first directory leads to EXIF's own, which holds the UserComment.
    inner = struct.pack(">HHHLLL", 1, 0x9286, 7, len(data), 26 + 18, 0)
    return exif(">", [(0x8769, 4, 1, 26)], inner + data)


def field(number, value):
    """A field of a protobuf message: an integer, a float or bytes."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    if isinstance(value, float):
        return bytes([number << 3 | 5]) + FLOAT.pack(value)
    size = bytes([len(value)]) if len(value) < 128 else bytes([len(value) & 127 | 128, len(value) >> 7])
    return bytes([number << 3 | 2]) + size + value


def sentencepiece_model():
    """A unigram model with a character map of one key, a -> x."""
    kinds = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3), ("\u2581", -2.0, 1), ("a", -3.0, 1), ("\u2581ab", -1.5, 1), ("ab", -2.5, 4)]
    pieces = b"".join(field(1, field(1, text.encode()) + field(2, score) + field(3, kind)) for text, score, kind in kinds)
    units = [0] * 256
    units[ord("a")] = 1 << 10 | 1 << 8 | ord("a")
    units[ord("a") ^ 1] = 1 << 31
    table = struct.pack("<257I", 1024, *units) + b"x\0"
    samples = field(4, field(1, field(1, b"ab") + field(2, "\u2581 ab".encode())))
    return pieces + field(2, field(3, 1)) + field(3, field(1, b"own") + field(2, table)) + samples


XMP_TEXTS = ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><unclip:texts><unclip:text unclip:keyword="unclip">{&quot;a&quot;: 1}'
             '</unclip:text><unclip:text unclip:keyword="k">&lt;&amp;&#13;</unclip:text></unclip:texts></x:xmpmeta>')
XMP_TURNED = '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
XMP_ELEMENT = "<tiff:Orientation>8</tiff:Orientation>"


def segments(*parts):
    return b"".join(struct.pack(">H", len(part)) + part for part in parts)


def extended(text, offset, total):
    return b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">LL", total, offset) + text


IMAGE = ("F32", [3, 2], "f", [1, 0, 0.5, -1, 2, 2])
ROWS = [{"path": "a.png", "prompt": "a ball", "seed": 7, "draws": 2}, {"path": "b/c.jpg"}, {"path": "d.webp"}]
FILES = [{"path": "e.png", "size": 3, "mtime": 5}]
PARAMETERS = ("a red ball,\nshiny\nNegative prompt: a cone\nSteps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 4141, "
              'Size: 512x768, Model hash: 6ce0161689, Model: "v1, 5", Version: v1.6.0')
RECIPE = {"verb": "generate", "prompt": "a ball", "seed": 7, "prior_steps": 25, "decoder_steps": 5, "super_res_steps": 7,
          "prior_guidance": 4.0, "decoder_guidance": 8.0, "decoder_scheduler": "ddim:eta=0.5", "dtype": "float32",
          "decoder_guidance_interval": [0.1, 2], "model": {"name": "tiny", "hash": "0123456789"}, "quality": 90}
NUMBERS = base64.b64encode(struct.pack("<2f", 0.5, -1)).decode()
MIXED = {key: value for key, value in RECIPE.items() if not key.startswith("prior")} | {
    "verb": "mix", "draws": 2, "image_embedding": NUMBERS, "x_T": NUMBERS}
BENCH = {"model": "tiny", "device": "cpu", "dtype": "float32", "threads": 2, "batch": 1, "stages": {
    "prior": {"load_seconds": 0.5, "first_seconds": 1.5, "steps": [0.25, 0.5], "evaluations": 50,
              "operations_per_step": 1e9, "peak_bytes": 1000000}}}
INDEX = {"_class_name": "UnCLIPPipeline", "prior": ["diffusers", "PriorTransformer"],
         "decoder_scheduler": ["diffusers", "UnCLIPScheduler"]}
DEFAULTS = {"name": "tiny", "prior_steps": 3, "decoder_guidance": 2.5, "known_words": ["a", "ball"]}
VOCABULARY = {"a": 0, "b": 1, "b</w>": 2, "ab</w>": 3, "<|startoftext|>": 4, "<|endoftext|>": 5}
TOKENIZER = {"version": "1.0", "added_tokens": [
    {"id": id, "content": f"<|{name}oftext|>", "single_word": False, "lstrip": False, "rstrip": False,
     "normalized": True, "special": True} for id, name in ((4, "start"), (5, "end"))],
    "model": {"type": "BPE", "vocab": VOCABULARY, "merges": ["a b</w>"]}}


TREE = [{"type": "directory", "oid": "d" * 40, "size": 0, "path": "unet"},
        {"type": "file", "oid": "a" * 40, "size": 3, "path": "model_index.json"},
        {"type": "file", "oid": "b" * 40, "size": 5, "path": "unet/x.safetensors",
         "lfs": {"oid": "c" * 64, "size": 5, "pointerSize": 134}, "xetHash": "e" * 64}]


def corpus():
    yield "safetensors", "types", safetensors({
        "half": ("F16", [2], "e", [1, 2]), "whole": ("I64", [1], "q", [-3]), "flag": ("BOOL", [2], "B", [0, 1]),
        "empty": ("F32", [0, 4], "f", []), "number": ("F64", [], "d", [0.5])}, {"format": "pt"})
    yield "npy", "matrix", npy("<f4", "(2, 3)", "f", [1, 2, 3, 4, 5, 6])
    yield "npy", "vector", npy("<f8", "(2,)", "d", [1, 2], version=2)
    yield "npy", "columns", npy("<f2", "(2, 2)", "e", [1, 2, 3, 4], order="True")
    yield "embeddings", "images", safetensors({"image_embedding": IMAGE}, {
        "rows": json.dumps(ROWS), "model_name": "tiny", "model_hash": "0123", "version": "0.1.0"})
    yield "embeddings", "inverted", safetensors({
        "image_embedding": ("F32", [1, 2], "f", [1, 2]), "text_embedding": ("F16", [1, 2], "e", [3, 4]),
        "x_T": ("F32", [1, 1, 1, 2], "f", [0, 1])}, {"walk": '{"sampler": "ddim", "steps": 5, "clip": false}'})
    yield "embeddings", "npy", npy("<f4", "(2, 2)", "f", [1, 2, 3, 4])
    index = {"image_embedding": IMAGE, "picture_size": ("I64", [3], "q", [1, 2, 3]),
             "picture_mtime": ("I64", [3], "q", [4, 5, 6])}
    metadata = {"rows": json.dumps(ROWS), "unreadable": json.dumps(FILES), "removed": "[]"}
    yield "picture_index", "old", safetensors(index, metadata)
    provenance = json.dumps([{"prompt": "a ball", "seed": 7, "model": "tiny"}, {}, {}]).encode()
    graph = {"copy_of": ("I32", [3], "i", [0, 1, 0]), "provenance": ("U8", [len(provenance)], "B", list(provenance)),
             "graph_levels": ("I32", [2], "i", [1, 0]), "graph_links": ("I32", [2, 4], "i", [1, -1, -1, -1, 0, -1, -1, -1]),
             "graph_upper": ("I32", [1, 2], "i", [-1, -1]), "graph_entry": ("I32", [1], "i", [0])}
    yield "picture_index", "graph", safetensors(index | graph, metadata | {
        "graph_options": '{"m":2,"ef_construction":100,"from":2}'})

    yield "exif", "turned_little", exif("<", [(0x010F, 2, 4, 77), (0x0112, 3, 1, 6)])
    yield "exif", "turned_big", exif(">", [(0x0112, 3, 1, 6 << 16)])
    yield "exif", "comment", comment("a ball\nSteps: 2")
    yield "xmp", "texts", XMP_TEXTS
    yield "xmp", "attribute", XMP_TURNED
    yield "xmp", "element", XMP_ELEMENT
    yield "jpeg_segments", "both", segments(b"Exif\0\0" + comment("a"), b"http://ns.adobe.com/xap/1.0/\0" + XMP_TEXTS.encode())
    yield "jpeg_segments", "extended", segments(
        b"http://ns.adobe.com/xap/1.0/\0<xmpNote:HasExtendedXMP>" + b"0" * 32, extended(b"bc", 1, 3), extended(b"a", 0, 3))

    yield "csv", "quoted", 'a,"b,""c""\nd",e\r\n1,,2\n'
    yield "csv", "plain", "step,value\n0,0.5\n1,0.25\n"
    yield "schedule_csv", "alphas", "step,alphas_cumprod,beta\r\n0,0.9,0.1\r\n1,4.5e-1,0.5\r\n2,0,1\n"
    yield "schedule_csv", "sigmas", "sigma\n14.6\n7\n0.03\n"
    yield "schedule_json", "alphas", '{"alpha_bar": [0.9, 0.45, 0], "beta": [1, null, "x"]}'
    yield "schedule_json", "betas", "[0.1, 0.2, 0.9]"
    yield "training_log", "log", "0,loss,0.5,rate,1e-4\n10,loss,0.25\n"
    for i, text in enumerate(("unipc:spacing=beta,timesteps=999/0.5,sigma_max=80,clip=no,order=3,solver=bh1",
                              "euler:sigmas=14.6/7.1/0.03/0", "heun:schedule=alpha_bar/0.9/0.45/0", "ddim:threshold=0.995")):
        yield "walk_text", str(i), text

    yield "provenance", "parameters", PARAMETERS
    yield "provenance", "recipe", json.dumps(RECIPE)
    yield "parameters_text", "parameters", PARAMETERS
    yield "parameters_text", "unclip", "a ball\nSteps: 5, Sampler: ddim:eta=0.5, CFG scale: 8, Seed: 7, Size: 64x64, Version: unclip 0.1.0"
    yield "recipe", "generate", json.dumps(RECIPE)
    yield "recipe", "mix", json.dumps(MIXED)
    yield "bench_json", "bench", json.dumps(BENCH)
    yield "model_folder", "model", json.dumps(INDEX) + "\0" + json.dumps(DEFAULTS)
    yield "weights_index", "index", json.dumps({"metadata": {"total_size": 4}, "weight_map": {"x": "a.safetensors"}})
    yield "hub_tree", "page", '<https://h/a?cursor=b>; rel="next"\n' + json.dumps(TREE)
    yield "hub_shards", "index", json.dumps({"weight_map": {"x": "a-00001-of-00002.safetensors", "y": "b.bin"}})
    yield "front_matter", "list", "---\nlicense: x\nprior:\n- a/b\n  - 'c/d'  # e\n---\ntext"
    yield "front_matter", "inline", '---\r\nprior: [a/b, "c/d"]\r\n---\r\n'
    yield "sentencepiece_model", "unigram", sentencepiece_model()
    yield "tokenizer_files", "vocab_and_merges", json.dumps(VOCABULARY) + "\0#version: 0.2\na b</w>\n"
    yield "tokenizer_files", "tokenizer_json", json.dumps(TOKENIZER)
    yield "tokenizer_text", "text", "A red ball's, <|endoftext|> 12 \u00e4\u0301\u212b \U0001f600 \u4e16"
    yield "prompts", "list", "a red ball\r\n# no\n\n  a blu  cone's\nein B\u00e4r\n"
    yield "terminal_answer", "kitty", "\x1b_Gi=31;OK\x1b\\\x1b[?62;c"
    yield "terminal_answer", "sixel", "\x1b[?62;4;22c"
    yield "config", "kinds", '{"a": 1, "b": [0.5, -Infinity], "c": {"d": [[]]}, "e": null, "f": "\\u00e4", "g": true}'
    # The programs of torch.save and torch.jit.save.
    for file in ("types.pt", "views.bin", "parameters.pth", "protocol5.pt", "training.ckpt", "statistics.th"):
        with zipfile.ZipFile(GOLDEN / "torch" / file) as archive:
            yield "pickle", file.replace(".", "_"), archive.read(next(n for n in archive.namelist() if n.endswith("/data.pkl")))


for target, name, content in corpus():
    file = CORPUS / target / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
print(f"{sum(1 for _ in CORPUS.glob('*/*'))} files, in {CORPUS}")
