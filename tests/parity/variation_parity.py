"""Compares `unclip encode` and `unclip vary` with transformers and diffusers 0.42.1, live, on weights/toybox.

    python variation_parity.py --unclip build/release/unclip [-m weights/toybox]

Encodes the pictures of tests/golden/pictures that Pillow opens as RGB, and pictures that the model has
painted: preprocessing within 1/255 of CLIPImageProcessor's, seen through the embedding; embeddings of
CLIPVisionModelWithProjection 1e-4; variations of UnCLIPImageVariationPipeline 1e-3, from the same seeds.
Differences are relative to the reference's largest value.

Exit code: 0 all agree, 1 not.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file

import reference

SEED, STEPS, GUIDANCE = 3, (25, 7), 4.0


def run(program, model, *arguments):
    subprocess.run([program, *arguments, "-m", model, "-q", "--threads", "1"], check=True, stdout=subprocess.DEVNULL)


def worst(actual, expected):
    if actual.shape != expected.shape:
        return float("inf")
    return ((actual - expected).abs().max() / expected.abs().max()).item()


def load_pipeline(model):
    import transformers
    from diffusers.pipelines.deprecated.unclip.pipeline_unclip_image_variation import UnCLIPImageVariationPipeline

    parts = ["decoder", "text_encoder", "tokenizer", "text_proj", "image_encoder", "super_res_first", "super_res_last",
             "decoder_scheduler", "super_res_scheduler"]
    processor = transformers.CLIPImageProcessor.from_pretrained(model / "feature_extractor")
    pipeline = UnCLIPImageVariationPipeline(
        feature_extractor=processor, **{p: reference.load_part(model, p, torch.float32) for p in parts})
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def opened(path):
    """As CLIPImageProcessor is handed it: RGB, upright; none where it has transparency or 16 bits."""
    picture = Image.open(path)
    if picture.mode not in ("RGB", "L", "CMYK") or "transparency" in picture.info:
        return None
    return ImageOps.exif_transpose(picture).convert("RGB")


def tell(name, difference, tolerance):
    print(f"{name:45} {difference:8.1e}  {'PASS' if difference <= tolerance else 'FAIL'}")
    return difference <= tolerance


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unclip", type=Path, required=True)
    parser.add_argument("-m", "--model", type=Path, default=ROOT / "weights" / "toybox")
    arguments = parser.parse_args()
    reference.quiet()
    torch.set_num_threads(1)
    pipeline = load_pipeline(arguments.model)
    passed = True
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        painted = [scratch / f"{i}.png" for i in range(2)]
        run(arguments.unclip, arguments.model, "generate", "a red ball", "a blue cube left of a yellow star", "-s", "7",
            "-o", scratch / "{i}.png")
        files = [p for p in sorted((ROOT / "tests" / "golden" / "pictures").glob("*.[pj][np]g")) if opened(p)] + painted

        run(arguments.unclip, arguments.model, "encode", *files, "-o", scratch / "z.safetensors")
        ours = load_file(scratch / "z.safetensors")["image_embedding"]
        for path, z in zip(files, ours, strict=True):
            pixels = pipeline.feature_extractor(images=opened(path), return_tensors="pt").pixel_values
            passed &= tell(f"encode {path.name}", worst(z, pipeline.image_encoder(pixels).image_embeds[0]), 1e-4)

        run(arguments.unclip, arguments.model, "vary", *painted, "-s", str(SEED), "-o", scratch / "vary-{i}.png",
            "--decoder-guidance", str(GUIDANCE), "--save-tensors", scratch / "vary.safetensors")
        for i, picture in enumerate(load_file(scratch / "vary.safetensors")["image"]):
            theirs = pipeline(opened(painted[i]), generator=[torch.Generator().manual_seed(SEED + i)],
                              decoder_num_inference_steps=STEPS[0], super_res_num_inference_steps=STEPS[1],
                              decoder_guidance_scale=GUIDANCE, output_type="np", return_dict=False)[0][0]
            theirs = torch.from_numpy(np.ascontiguousarray(theirs.transpose(2, 0, 1)))
            passed &= tell(f"vary {painted[i].name}", worst(picture, theirs), 1e-3)
    print(f"variations: {'all agree' if passed else 'they differ'}")
    return 0 if passed else 1


sys.exit(main())
