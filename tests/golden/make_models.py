"""Makes tiny models in Karlo's layout, from a table of configurations, and Karlo itself at full size.

    python make_models.py --out DIR [--only NAME ...]   the tiny ones, each a folder DIR/NAME
    python make_models.py --out DIR --karlo             DIR/karlo: 7 GB of random bfloat16 weights

The tiny models' weights are the formula of seeded_weights.py: the same on every machine.
"""

import argparse
import inspect
import json
import math
import shutil
from pathlib import Path

import seeded_weights

PARTS = ["text_encoder", "image_encoder", "prior", "text_proj", "decoder", "super_res_first", "super_res_last"]
SCHEDULERS = ["prior_scheduler", "decoder_scheduler", "super_res_scheduler"]

RESNET, ATTENTION = "Resnet", "SimpleCrossAttn"

# What a configuration leaves out. `dim` is the width that CLIP, prior and text_proj share.
DEFAULTS = {
    "seed": 1,
    "dim": 32,
    "tokens": 16,
    "pad": "<|endoftext|>",
    "old_eos": False,  # configs once said eos_token_id 2 and meant the largest id
    "text": dict(num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, hidden_act="quick_gelu"),
    "image": dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=32, patch_size=8),
    "prior": dict(num_attention_heads=4, attention_head_dim=8, num_layers=2),
    "extra_tokens": 4,
    "context": 24,
    "decoder": dict(
        widths=[16, 32], layers=1, down=[RESNET, ATTENTION], size=16, norm_num_groups=4, attention_head_dim=8,
        resnet_time_scale_shift="scale_shift"),
    "super_res": dict(widths=[8, 16], layers=1, size=32, norm_num_groups=4, resnet_time_scale_shift="default"),
    "super_res_last": {},
    "prior_scheduler": dict(prediction_type="sample", variance_type="fixed_small_log", clip_sample_range=5.0),
    "decoder_scheduler": dict(prediction_type="epsilon", variance_type="learned_range"),
    "super_res_scheduler": dict(prediction_type="epsilon", variance_type="fixed_small_log"),
    "save": "plain",  # plain, sharded, fp16, float16 (in the plain file), old (sparse configs)
    "text_proj_library": "unclip",
}

CONFIGURATIONS = {
    "plain": {},
    "karlo_shape": dict(
        seed=2, pad="!", tokens=24,
        decoder=dict(
            widths=[8, 16, 24, 32], layers=3, down=[RESNET, ATTENTION, ATTENTION, ATTENTION], size=16, norm_num_groups=8,
            attention_head_dim=8, resnet_time_scale_shift="scale_shift"),
        super_res=dict(widths=[8, 8, 16, 16], layers=3, size=32, norm_num_groups=8, resnet_time_scale_shift="default"),
        text_proj_library="diffusers.pipelines.deprecated.unclip.text_proj"),
    "attention_first": dict(
        seed=3, dim=40, tokens=17, extra_tokens=3, context=20, old_eos=True,
        text=dict(num_hidden_layers=1, num_attention_heads=5, intermediate_size=64, hidden_act="gelu", layer_norm_eps=1e-6),
        image=dict(hidden_size=32, num_hidden_layers=1, num_attention_heads=8, intermediate_size=32, image_size=30, patch_size=6, hidden_act="gelu", layer_norm_eps=1e-3),
        prior=dict(num_attention_heads=3, attention_head_dim=16, num_layers=3),
        decoder=dict(
            widths=[12, 24, 12], layers=2, down=[ATTENTION, RESNET, ATTENTION], size=12, norm_num_groups=3, attention_head_dim=4,
            resnet_time_scale_shift="default", norm_eps=1e-4),
        super_res=dict(widths=[6, 12, 18], layers=2, size=40, norm_num_groups=6, resnet_time_scale_shift="scale_shift", norm_eps=1e-6),
        decoder_scheduler=dict(prediction_type="sample", variance_type="learned_range")),
    "unmatched_blocks": dict(
        seed=4, pad="!", old_eos=True, extra_tokens=1, context=8,
        prior=dict(num_attention_heads=1, attention_head_dim=16, num_layers=1),
        decoder=dict(
            widths=[16, 8, 16], layers=1, down=[ATTENTION, RESNET, RESNET], up=[ATTENTION, RESNET, ATTENTION], size=8,
            norm_num_groups=1, attention_head_dim=2, resnet_time_scale_shift="scale_shift"),
        super_res=dict(widths=[4, 8], layers=2, size=24, norm_num_groups=2, resnet_time_scale_shift="default"),
        super_res_last=dict(widths=[8], layers=1, size=24, norm_num_groups=8, resnet_time_scale_shift="scale_shift"),
        text_proj_library="diffusers"),
    "no_attention_but_the_middle": dict(
        seed=5, tokens=20, extra_tokens=2,
        decoder=dict(
            widths=[8, 8], layers=2, down=[RESNET, RESNET], size=10, norm_num_groups=8, attention_head_dim=8,
            resnet_time_scale_shift="scale_shift"),
        super_res=dict(widths=[8], layers=3, size=20, norm_num_groups=4, resnet_time_scale_shift="default"),
        prior_scheduler=dict(prediction_type="epsilon", variance_type="fixed_small_log", clip_sample_range=2.0)),
    "one_level": dict(
        seed=6, dim=8, tokens=77,
        text=dict(num_hidden_layers=3, num_attention_heads=1, intermediate_size=8, hidden_act="quick_gelu"),
        prior=dict(num_attention_heads=2, attention_head_dim=4, num_layers=4),
        decoder=dict(
            widths=[16], layers=1, down=[ATTENTION], size=6, norm_num_groups=2, attention_head_dim=16,
            resnet_time_scale_shift="scale_shift"),
        super_res=dict(widths=[8], layers=1, size=12, norm_num_groups=1, resnet_time_scale_shift="default"),
        decoder_scheduler=dict(prediction_type="sample", variance_type="learned_range", clip_sample_range=1.5)),
    "other_sinusoids": dict(
        seed=7, pad="!",
        decoder=dict(
            widths=[16, 24], layers=1, down=[RESNET, ATTENTION], size=12, norm_num_groups=4, attention_head_dim=12,
            resnet_time_scale_shift="scale_shift", flip_sin_to_cos=False, freq_shift=1),
        super_res=dict(widths=[8, 16], layers=1, size=28, norm_num_groups=4, resnet_time_scale_shift="scale_shift", flip_sin_to_cos=False)),
    "other_schedules": dict(
        seed=8,
        prior_scheduler=dict(prediction_type="sample", variance_type="fixed_small_log", clip_sample=False, num_train_timesteps=100),
        decoder_scheduler=dict(prediction_type="sample", variance_type="learned_range", num_train_timesteps=50),
        super_res_scheduler=dict(prediction_type="sample", variance_type="fixed_small_log", clip_sample_range=0.5, num_train_timesteps=333)),
    "learned_range_super_res": dict(
        seed=9, pad="!",
        super_res=dict(widths=[8, 16], layers=1, size=32, norm_num_groups=4, resnet_time_scale_shift="default", out_channels=6),
        super_res_scheduler=dict(prediction_type="epsilon", variance_type="learned_range")),
    "sharded": dict(seed=10, save="sharded"),
    "half_variant": dict(seed=11, save="fp16"),
    "half": dict(seed=12, save="float16"),
    "old_configs": dict(seed=13, save="old", old_eos=True, pad="!"),
    "wide": dict(
        seed=14, dim=64, tokens=32,
        text=dict(num_hidden_layers=4, num_attention_heads=4, intermediate_size=256, hidden_act="quick_gelu"),
        prior=dict(num_attention_heads=8, attention_head_dim=16, num_layers=6),
        decoder=dict(
            widths=[32, 64, 96], layers=1, down=[RESNET, ATTENTION, ATTENTION], size=32, norm_num_groups=16, attention_head_dim=32,
            resnet_time_scale_shift="scale_shift"),
        super_res=dict(widths=[16, 32, 48], layers=2, size=64, norm_num_groups=8, resnet_time_scale_shift="default"),
        context=64),
}

# A few merges, so that the tiny tokenizer has something to merge.
WORDS = ["a", "red", "ball", "cone", "left", "of", "the", "green", "blue", "fox", "in", "snow"]


def configuration(name):
    return {**DEFAULTS, **CONFIGURATIONS[name]}


def part_seed(name, part):
    """The seed of seeded_weights.py for one part of one configuration."""
    return 100 * configuration(name)["seed"] + PARTS.index(part)


def byte_symbols():
    """The 256 characters that stand for bytes in CLIP's vocabulary, printable ones for themselves."""
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = iter(range(256, 512))
    symbols = {b: chr(b) for b in own}
    for b in range(256):
        symbols.setdefault(b, None)
        if symbols[b] is None:
            symbols[b] = chr(next(rest))
    return [symbols[b] for b in own] + [symbols[b] for b in range(256) if b not in own]


def vocabulary(size=None):
    """(vocab, merges): 512 symbols, the merges of WORDS or as many as fill `size`, the two specials."""
    symbols = byte_symbols()
    tokens = symbols + [s + "</w>" for s in symbols]
    merges = []
    if size is None:
        for word in WORDS:
            pieces = [*word[:-1], word[-1] + "</w>"]
            while len(pieces) > 1:
                if tuple(pieces[:2]) not in merges:
                    merges.append(tuple(pieces[:2]))
                    tokens.append("".join(pieces[:2]))
                pieces[:2] = ["".join(pieces[:2])]
    else:
        pairs = ((a, b) for a in symbols for b in symbols)
        while len(tokens) < size - 2:
            a, b = next(pairs)
            merges.append((a, b))
            tokens.append(a + b)
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return {token: i for i, token in enumerate(tokens)}, merges


def write_vocabulary(folder, size=None):
    folder.mkdir(parents=True, exist_ok=True)
    vocab, merges = vocabulary(size)
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")


def write_tokenizer(folder, pad, tokens, size=None):
    write_vocabulary(folder, size)
    specials = dict(bos_token="<|startoftext|>", eos_token="<|endoftext|>", pad_token=pad, unk_token="<|endoftext|>")
    (folder / "special_tokens_map.json").write_text(json.dumps(specials, indent=2) + "\n")
    rest = dict(model_max_length=tokens, tokenizer_class="CLIPTokenizer", **specials)
    (folder / "tokenizer_config.json").write_text(json.dumps(rest, indent=2) + "\n")


def unet_arguments(knobs, **more):
    """diffusers' arguments from a configuration's short form."""
    k = {**knobs}
    down = k.pop("down", [RESNET] * len(k["widths"]))
    up = k.pop("up", down[::-1])
    return dict(
        block_out_channels=tuple(k.pop("widths")), layers_per_block=k.pop("layers"), sample_size=k.pop("size"),
        down_block_types=tuple("ResnetDownsampleBlock2D" if d == RESNET else f"{d}DownBlock2D" for d in down),
        up_block_types=tuple("ResnetUpsampleBlock2D" if u == RESNET else f"{u}UpBlock2D" for u in up), **more, **k)


def make_part(name, part):
    """The module of one part, with its seeded weights."""
    from diffusers import PriorTransformer, UNet2DConditionModel, UNet2DModel
    from diffusers.pipelines.deprecated.unclip.text_proj import UnCLIPTextProjModel
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPVisionConfig, CLIPVisionModelWithProjection

    c = configuration(name)
    if part == "text_encoder":
        size = len(vocabulary()[0])
        module = CLIPTextModelWithProjection(CLIPTextConfig(
            vocab_size=size, hidden_size=c["dim"], projection_dim=c["dim"], max_position_embeddings=c["tokens"],
            bos_token_id=size - 2, eos_token_id=2 if c["old_eos"] else size - 1, **c["text"]))
    elif part == "image_encoder":
        module = CLIPVisionModelWithProjection(CLIPVisionConfig(projection_dim=c["dim"], **c["image"]))
    elif part == "prior":
        module = PriorTransformer(embedding_dim=c["dim"], num_embeddings=c["tokens"], **c["prior"])
    elif part == "text_proj":
        module = UnCLIPTextProjModel(
            clip_extra_context_tokens=c["extra_tokens"], clip_embeddings_dim=c["dim"],
            time_embed_dim=4 * c["decoder"]["widths"][0], cross_attention_dim=c["context"])
    elif part == "decoder":
        module = UNet2DConditionModel(**unet_arguments(
            c["decoder"], in_channels=3, out_channels=6, cross_attention_dim=c["context"],
            mid_block_type="UNetMidBlock2DSimpleCrossAttn", class_embed_type="identity"))
    else:
        knobs = {**c["super_res"], **(c["super_res_last"] if part == "super_res_last" else {})}
        knobs.setdefault("out_channels", 3)
        module = UNet2DModel(**unet_arguments(knobs, in_channels=6, add_attention=False))
    return seeded_weights.fill(module, part_seed(name, part))


def make_scheduler(name, part):
    from diffusers.schedulers.scheduling_unclip import UnCLIPScheduler

    return UnCLIPScheduler(**configuration(name)[part])


def part_config(module):
    """What config.json says of this part, as a dict."""
    c = module.config
    return json.loads(c.to_json_string() if hasattr(c, "to_json_string") else module.to_json_string())


def save_part(module, folder, how):
    options = {"plain": {}, "old": {}, "float16": {}, "sharded": dict(max_shard_size="24KB"), "fp16": dict(variant="fp16")}[how]
    if how in ("fp16", "float16"):
        module = module.half()
    module.save_pretrained(folder, **options)


def is_clip(module):
    return type(module).__module__.startswith("transformers.")


def make_old(folder, module):
    """As older versions wrote it: no key that has its default, and the position ids among the weights."""
    import torch
    from safetensors.torch import load_file, save_file

    path = folder / "config.json"
    config = json.loads(path.read_text())
    if is_clip(module):
        defaults = json.loads(type(module.config)().to_json_string(use_diff=False))
    else:
        defaults = {k: p.default for k, p in inspect.signature(type(module).__init__).parameters.items()}
    kept = {k: v for k, v in config.items() if k not in defaults or defaults[k] != v or k == "model_type"}
    kept.pop("transformers_version", None)
    path.write_text(json.dumps(kept, indent=2) + "\n")
    if is_clip(module):
        weights = next(folder.glob("*.safetensors"))
        tensors = load_file(weights)
        tower = "text_model" if "text_model" in next(iter(tensors)) else "vision_model"
        rows = tensors[f"{tower}.embeddings.position_embedding.weight"].shape[0]
        tensors[f"{tower}.embeddings.position_ids"] = torch.arange(rows)[None]
        save_file(tensors, weights, metadata={"format": "pt"})


def write_index(folder, text_proj_library, parts):
    classes = dict(
        text_encoder=["transformers", "CLIPTextModelWithProjection"],
        image_encoder=["transformers", "CLIPVisionModelWithProjection"],
        feature_extractor=["transformers", "CLIPImageProcessor"], tokenizer=["transformers", "CLIPTokenizer"],
        prior=["diffusers", "PriorTransformer"], text_proj=[text_proj_library, "UnCLIPTextProjModel"],
        decoder=["diffusers", "UNet2DConditionModel"], super_res_first=["diffusers", "UNet2DModel"],
        super_res_last=["diffusers", "UNet2DModel"], **{s: ["diffusers", "UnCLIPScheduler"] for s in SCHEDULERS})
    index = {"_class_name": "UnCLIPPipeline", "_diffusers_version": "0.42.1", **{p: classes[p] for p in parts}}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


def make_model(name, folder):
    """One configuration as a hub folder."""
    c = configuration(name)
    shutil.rmtree(folder, ignore_errors=True)
    write_tokenizer(folder / "tokenizer", c["pad"], c["tokens"])
    for part in PARTS:
        module = make_part(name, part)
        save_part(module, folder / part, c["save"])
        if c["save"] == "old":
            make_old(folder / part, module)
    for part in SCHEDULERS:
        make_scheduler(name, part).save_pretrained(folder / part)
    side = c["image"]["image_size"]
    (folder / "feature_extractor").mkdir()
    (folder / "feature_extractor" / "preprocessor_config.json").write_text(json.dumps(dict(
        image_processor_type="CLIPImageProcessor", crop_size=dict(height=side, width=side), do_center_crop=True,
        do_convert_rgb=True, do_normalize=True, do_rescale=True, do_resize=True,
        image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711], resample=3,
        rescale_factor=1 / 255, size=dict(shortest_edge=side)), indent=2) + "\n")
    write_index(folder, c["text_proj_library"], ["tokenizer", "feature_extractor", *PARTS, *SCHEDULERS])


def write_bfloat16(path, shapes, seed):
    """A safetensors file of random tensors, written one by one; the scales are seeded_weights.py's."""
    import torch

    header, end = {}, 0
    for key, shape in shapes:
        size = 2 * math.prod(shape)
        header[key] = dict(dtype="BF16", shape=shape, data_offsets=[end, end + size])
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    generator = torch.Generator().manual_seed(seed)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for key, shape in shapes:
            u = torch.empty(shape, dtype=torch.bfloat16).uniform_(-1, 1, generator=generator)
            if len(shape) == 1:
                u = 1 + u / 4 if key.endswith(".weight") else u / 4
            else:
                u *= 0.5 if len(shape) == 3 else math.sqrt(3 / math.prod(shape[1:]))
            u.view(torch.uint8).numpy().tofile(file)


def make_karlo(folder):
    """Karlo's folder for text to image, of its configs and tensor names beside this script."""
    source = Path(__file__).resolve().parent / "karlo"
    shutil.rmtree(folder, ignore_errors=True)
    write_tokenizer(folder / "tokenizer", "!", 77, size=49408)
    parts = [p for p in PARTS if p != "image_encoder"]
    for i, part in enumerate(parts):
        (folder / part).mkdir()
        shutil.copyfile(source / f"{part}.config.json", folder / part / "config.json")
        lines = (source / f"{part}.keys.txt").read_text().splitlines()
        shapes = [(key, json.loads(shape)) for key, shape in (line.split(" ", 1) for line in lines)]
        name = "model" if part == "text_encoder" else "diffusion_pytorch_model"
        write_bfloat16(folder / part / f"{name}.safetensors", shapes, seed=i)
    for part in SCHEDULERS:
        (folder / part).mkdir()
        shutil.copyfile(source / f"{part}.config.json", folder / part / "scheduler_config.json")
    write_index(folder, "unclip", ["tokenizer", *parts, *SCHEDULERS])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=CONFIGURATIONS, metavar="NAME", help=", ".join(CONFIGURATIONS))
    parser.add_argument("--karlo", action="store_true", help="Karlo at full size instead")
    arguments = parser.parse_args()
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    if arguments.karlo:
        make_karlo(arguments.out / "karlo")
        print(arguments.out / "karlo")
        return
    for name in arguments.only or CONFIGURATIONS:
        make_model(name, arguments.out / name)
        print(arguments.out / name)


if __name__ == "__main__":
    main()
