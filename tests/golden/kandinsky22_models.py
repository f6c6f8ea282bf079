"""Makes tiny models in the two folders of Kandinsky 2.2, from a table of configurations.

    python kandinsky22_models.py --out DIR [--only NAME ...]   the tiny ones
    python kandinsky22_models.py --out DIR --full              9.8 GB of random bfloat16 weights at full size

DIR/NAME/kandinsky-2-2-prior and DIR/NAME/kandinsky-2-2-decoder (DIR/kandinsky-2-2-... at full size). The
tiny models' weights are the formula of seeded_weights.py.
"""

import argparse
import json
import shutil
from pathlib import Path

import make_models
import seeded_weights

PRIOR_PARTS = ["text_encoder", "image_encoder", "prior"]
DECODER_PARTS = ["unet", "movq"]
PARTS = PRIOR_PARTS + DECODER_PARTS
RESNET, ATTENTION = make_models.RESNET, make_models.ATTENTION

DEFAULTS = {
    "seed": 1,
    "dim": 32,
    "tokens": 16,
    "text": dict(num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, hidden_act="gelu"),
    "image": dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=32, patch_size=8, hidden_act="gelu"),
    "prior": dict(num_attention_heads=4, attention_head_dim=8, num_layers=2),
    "unet": dict(
        widths=[16, 32], layers=1, down=[RESNET, ATTENTION], size=8, norm_num_groups=4, attention_head_dim=8,
        resnet_time_scale_shift="scale_shift"),
    "context": 24,
    "channels": 4,
    "movq": dict(widths=[32, 64], layers=1, groups=8, attention=[False, True], codes=6),
    "prior_scheduler": dict(prediction_type="sample", variance_type="fixed_small_log", clip_sample_range=10.0),
    "decoder_scheduler": dict(
        beta_schedule="linear", beta_start=0.00085, beta_end=0.012, clip_sample=True, steps_offset=1,
        timestep_spacing="leading", variance_type="fixed_small"),
    "odd_configs": False,  # repeated keys, as in the published files
}

CONFIGURATIONS = {
    "plain": {},
    "published_shape": dict(
        seed=2, tokens=24, odd_configs=True,
        unet=dict(
            widths=[8, 16, 24, 32], layers=3, down=[RESNET, ATTENTION, ATTENTION, ATTENTION], size=8, norm_num_groups=8,
            attention_head_dim=8, resnet_time_scale_shift="scale_shift"),
        movq=dict(widths=[32, 32, 64, 64], layers=2, groups=16, attention=[False, False, False, True], codes=8)),
    "unclipped": dict(
        seed=3, dim=48, context=16,
        decoder_scheduler=dict(
            beta_schedule="linear", beta_start=0.00085, beta_end=0.012, clip_sample=False, steps_offset=1,
            timestep_spacing="leading", variance_type="fixed_small"),
        movq=dict(widths=[32, 32], layers=1, groups=8, attention=[True, False], codes=5)),
    "other": dict(
        seed=4, dim=40, tokens=17,
        unet=dict(
            widths=[12, 24, 12], layers=2, down=[ATTENTION, RESNET, ATTENTION], size=12, norm_num_groups=3, attention_head_dim=4,
            resnet_time_scale_shift="default", norm_eps=1e-4),
        movq=dict(widths=[32], layers=1, groups=2, attention=[True], codes=4),
        prior_scheduler=dict(prediction_type="epsilon", variance_type="fixed_small_log", clip_sample_range=2.0)),
    "group_norm": dict(seed=5, movq=dict(widths=[8, 16], layers=1, groups=4, attention=[False, False], codes=3, norm_type="group")),
}


def configuration(name):
    return {**DEFAULTS, **CONFIGURATIONS[name]}


def part_seed(name, part):
    """The seed of seeded_weights.py for one part of one configuration."""
    return 10_000 + 100 * configuration(name)["seed"] + PARTS.index(part)


def movq_arguments(c):
    k = dict(c["movq"])
    widths, attention = k.pop("widths"), k.pop("attention")
    return dict(
        block_out_channels=tuple(widths), layers_per_block=k.pop("layers"), norm_num_groups=k.pop("groups"),
        num_vq_embeddings=k.pop("codes"), latent_channels=c["channels"], vq_embed_dim=c["channels"],
        down_block_types=tuple("AttnDownEncoderBlock2D" if a else "DownEncoderBlock2D" for a in attention),
        up_block_types=tuple("AttnUpDecoderBlock2D" if a else "UpDecoderBlock2D" for a in attention[::-1]),
        norm_type=k.pop("norm_type", "spatial"), **k)


def make_part(name, part):
    """The module of one part, with its seeded weights."""
    from diffusers import PriorTransformer, UNet2DConditionModel, VQModel
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPVisionConfig, CLIPVisionModelWithProjection

    c = configuration(name)
    if part == "text_encoder":
        size = len(make_models.vocabulary()[0])
        module = CLIPTextModelWithProjection(CLIPTextConfig(
            vocab_size=size, hidden_size=c["dim"], projection_dim=c["dim"], max_position_embeddings=c["tokens"],
            bos_token_id=size - 2, eos_token_id=2, **c["text"]))
    elif part == "image_encoder":
        module = CLIPVisionModelWithProjection(CLIPVisionConfig(projection_dim=c["dim"], **c["image"]))
    elif part == "prior":
        module = PriorTransformer(embedding_dim=c["dim"], num_embeddings=c["tokens"], **c["prior"])
    elif part == "unet":
        module = UNet2DConditionModel(**make_models.unet_arguments(
            c["unet"], in_channels=c["channels"], out_channels=2 * c["channels"], cross_attention_dim=c["context"],
            mid_block_type="UNetMidBlock2DSimpleCrossAttn", encoder_hid_dim=c["dim"], encoder_hid_dim_type="image_proj",
            addition_embed_type="image"))
    else:
        module = VQModel(**movq_arguments(c))
    return seeded_weights.fill(module, part_seed(name, part))


def make_scheduler(name, part):
    from diffusers import DDPMScheduler
    from diffusers.schedulers.scheduling_unclip import UnCLIPScheduler

    return (UnCLIPScheduler if part == "prior_scheduler" else DDPMScheduler)(**configuration(name)[part])


def write_index(folder, class_name, parts):
    (folder / "model_index.json").write_text(
        json.dumps({"_class_name": class_name, "_diffusers_version": "0.42.1", **parts}, indent=2) + "\n")


def repeat_keys(path):
    """Writes keys twice, the first time with another value, as the published file has them."""
    text = path.read_text()
    path.write_text(text.replace("{", '{\n  "hidden_size": 1,\n  "architectures": ["Other"],', 1))


def make_model(name, folder):
    """One configuration: the decoder's folder, and the prior's next to it."""
    c = configuration(name)
    shutil.rmtree(folder, ignore_errors=True)
    prior, decoder = folder / "kandinsky-2-2-prior", folder / "kandinsky-2-2-decoder"
    make_models.write_tokenizer(prior / "tokenizer", "<|endoftext|>", c["tokens"])
    for part in PARTS:
        make_part(name, part).save_pretrained((prior if part in PRIOR_PARTS else decoder) / part)
    make_scheduler(name, "prior_scheduler").save_pretrained(prior / "scheduler")
    make_scheduler(name, "decoder_scheduler").save_pretrained(decoder / "scheduler")
    side = c["image"]["image_size"]
    (prior / "image_processor").mkdir()
    (prior / "image_processor" / "preprocessor_config.json").write_text(json.dumps(dict(
        crop_size=side, do_center_crop=True, do_normalize=True, do_resize=True, feature_extractor_type="CLIPFeatureExtractor",
        image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711], resample=3,
        size=side), indent=2) + "\n")
    if c["odd_configs"]:
        for part in ("text_encoder", "image_encoder"):
            repeat_keys(prior / part / "config.json")
    write_indexes(prior, decoder)
    return decoder


def write_indexes(prior, decoder):
    write_index(prior, "KandinskyV22PriorPipeline", dict(
        image_encoder=["transformers", "CLIPVisionModelWithProjection"], image_processor=["transformers", "CLIPImageProcessor"],
        prior=["diffusers", "PriorTransformer"], scheduler=["diffusers", "UnCLIPScheduler"],
        text_encoder=["transformers", "CLIPTextModelWithProjection"], tokenizer=["transformers", "CLIPTokenizer"]))
    write_index(decoder, "KandinskyV22Pipeline", dict(
        movq=["diffusers", "VQModel"], scheduler=["diffusers", "DDPMScheduler"], unet=["diffusers", "UNet2DConditionModel"]))


def make_full(folder):
    """Both folders at full size, of the configs and tensor names beside this script."""
    source = Path(__file__).resolve().parent / "kandinsky22"
    prior, decoder = folder / "kandinsky-2-2-prior", folder / "kandinsky-2-2-decoder"
    for each in (prior, decoder):
        shutil.rmtree(each, ignore_errors=True)
    make_models.write_tokenizer(prior / "tokenizer", "<|endoftext|>", 77, size=49408)
    for i, part in enumerate(PARTS):
        home = (prior if part in PRIOR_PARTS else decoder) / part
        home.mkdir(parents=True)
        shutil.copyfile(source / f"{part}.config.json", home / "config.json")
        lines = (source / f"{part}.keys.txt").read_text().splitlines()
        shapes = [(key, json.loads(shape)) for key, shape in (line.split(" ", 1) for line in lines)]
        stem = "model" if part.endswith("encoder") else "diffusion_pytorch_model"
        make_models.write_bfloat16(home / f"{stem}.safetensors", shapes, seed=i)
    for home, name, config in (
            (prior, "scheduler", "prior_scheduler"), (decoder, "scheduler", "scheduler"), (prior, "image_processor", "image_processor")):
        (home / name).mkdir()
        file = "preprocessor_config.json" if name == "image_processor" else "scheduler_config.json"
        shutil.copyfile(source / f"{config}.config.json", home / name / file)
    write_indexes(prior, decoder)
    return decoder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=CONFIGURATIONS, metavar="NAME", help=", ".join(CONFIGURATIONS))
    parser.add_argument("--full", action="store_true", help="the published sizes instead")
    arguments = parser.parse_args()
    if arguments.full:
        print(make_full(arguments.out))
        return
    for name in arguments.only or CONFIGURATIONS:
        print(make_model(name, arguments.out / name))


if __name__ == "__main__":
    main()
