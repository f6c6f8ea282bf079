"""Paints with diffusers' UnCLIPPipeline what `unclip generate` paints, and keeps every stage's result.

    python reference.py -m DIR --prompt TEXT ... [options]       (the flags are those of `unclip generate`)

The parts are loaded one by one, because diffusers refuses both published spellings of text_proj.
--save-tensors holds token_ids, text_embedding, image_embedding, image_small and image as `unclip`
writes them, and beside them text_mask and text_hidden. --dtype float64 draws the float32 noise: what
a float32 run differs from it is that run's own rounding.
"""

import argparse
import json
import shlex
import sys
import warnings
from pathlib import Path

import numpy as np
import torch

warnings.filterwarnings("ignore")

# tensor name -> largest difference relative to the reference's largest value
TOLERANCES = {"token_ids": 0, "text_embedding": 1e-5, "image_embedding": 1e-4, "image_small": 1e-3, "image": 1e-3}


def quiet():
    import diffusers
    import transformers

    diffusers.utils.logging.set_verbosity_error()
    transformers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()


def load_part(folder, part, dtype):
    """One part of the hub folder, its weights widened or narrowed to dtype, ready to run."""
    import diffusers
    import transformers
    from diffusers.pipelines.deprecated.unclip.text_proj import UnCLIPTextProjModel
    from diffusers.schedulers.scheduling_unclip import UnCLIPScheduler

    folder = Path(folder) / part
    if part == "tokenizer":
        return transformers.CLIPTokenizer.from_pretrained(folder)
    if part.endswith("_scheduler"):
        return UnCLIPScheduler.from_pretrained(folder)
    of = {
        "text_encoder": transformers.CLIPTextModelWithProjection,
        "image_encoder": transformers.CLIPVisionModelWithProjection,
        "prior": diffusers.PriorTransformer,
        "text_proj": UnCLIPTextProjModel,
        "decoder": diffusers.UNet2DConditionModel,
        "super_res_first": diffusers.UNet2DModel,
        "super_res_last": diffusers.UNet2DModel,
    }[part]
    plain = any(folder.glob("*model.safetensors*")) or any(folder.glob("*model-00001*"))
    variant = {} if plain else {"variant": "fp16"}
    word = "dtype" if of.__module__.startswith("transformers.") else "torch_dtype"
    return of.from_pretrained(folder, **{word: dtype}, **variant).eval()


def load_pipeline(folder, dtype=torch.float32):
    from diffusers.pipelines.deprecated.unclip.pipeline_unclip import UnCLIPPipeline

    parts = ["prior", "decoder", "text_encoder", "tokenizer", "text_proj", "super_res_first", "super_res_last",
             "prior_scheduler", "decoder_scheduler", "super_res_scheduler"]
    pipeline = UnCLIPPipeline(**{part: load_part(folder, part, dtype) for part in parts})
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


class Tap:
    """Wraps functions of a pipeline for the time of a `with`, to see what flows through them."""

    def __init__(self, pipeline, dtype):
        import diffusers.pipelines.deprecated.unclip.pipeline_unclip as module
        import diffusers.schedulers.scheduling_unclip as scheduler_module

        self.seen = {}
        self.undo = []
        self._wrap(pipeline.text_encoder, "forward", lambda f, ids, **k: self._first("token_ids", ids, f(ids, **k)))
        self._wrap(pipeline.text_proj, "forward", self._text_proj)
        self._wrap(pipeline.decoder, "forward", self._decoder)
        self._wrap(pipeline.decoder_scheduler, "step", self._decoder_step)
        if dtype in (torch.bfloat16, torch.float16):  # torch has no antialiased bicubic in half on the CPU
            self._wrap(torch.nn.functional, "interpolate", self._resize)
        if dtype == torch.float64:
            for m in (module, scheduler_module):
                self._wrap(m, "randn_tensor", lambda f, *a, dtype=None, **k: f(*a, dtype=torch.float32, **k).double())

    def __enter__(self):
        return self.seen

    def __exit__(self, *_):
        for where, name, old in self.undo:
            setattr(where, name, old)

    def _wrap(self, where, name, wrapper):
        old = getattr(where, name)
        self.undo.append((where, name, old))
        setattr(where, name, lambda *a, **k: wrapper(old, *a, **k))

    def _resize(self, f, x, *a, mode="nearest", **k):
        return f(x.float(), *a, mode=mode, **k).to(x.dtype) if mode == "bicubic" else f(x, *a, mode=mode, **k)

    def _first(self, name, value, result):
        self.seen.setdefault(name, value.clone())  # the conditional rows; the unconditional call comes second
        return result

    def _text_proj(self, f, **k):
        rows = k["image_embeddings"].shape[0]
        self.seen["image_embedding"] = k["image_embeddings"].clone()
        self.seen["text_embedding"] = k["prompt_embeds"][-rows:].clone()
        self.seen["text_hidden"] = k["text_encoder_hidden_states"][-rows:].clone()
        return f(**k)

    def _decoder(self, f, **k):
        rows = self.seen["image_embedding"].shape[0]
        extra = k["attention_mask"].shape[1] - self.seen["text_hidden"].shape[1]
        self.seen["text_mask"] = k["attention_mask"][-rows:, extra:].clone()
        return f(**k)

    def _decoder_step(self, f, *a, **k):
        result = f(*a, **k)
        self.seen["image_small"] = result.prev_sample.clamp(-1, 1)  # the last one stays
        return result


def generate(pipeline, prompts, seed=0, count=1, steps=(25, 25, 7), guidance=(4.0, 8.0), dtype=torch.float32, batch=None):
    """dict of tensors (images, ...): what --save-tensors holds, and text_hidden, text_mask. Floats are float32
    (float64 where dtype is)."""
    images = [p for p in prompts for _ in range(count)]
    batches = []
    for begin in range(0, len(images), batch or len(images)):
        part = images[begin:begin + (batch or len(images))]
        generators = [torch.Generator().manual_seed(seed + begin + i) for i in range(len(part))]
        with Tap(pipeline, dtype) as seen:
            image = pipeline(
                part, prior_num_inference_steps=steps[0], decoder_num_inference_steps=steps[1],
                super_res_num_inference_steps=steps[2], generator=generators, prior_guidance_scale=guidance[0],
                decoder_guidance_scale=guidance[1], output_type="np", return_dict=False)[0]
        seen["image"] = torch.from_numpy(np.ascontiguousarray(image.transpose(0, 3, 1, 2)))
        batches.append(seen)
    tensors = {name: torch.cat([b[name] for b in batches]) for name in batches[0]}
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    return {k: (v.to(wide) if v.is_floating_point() else v.to(torch.int64)).contiguous() for k, v in tensors.items()}


def provenance(**more):
    """A golden file's metadata: what made it, and with what."""
    import diffusers
    import transformers

    return {
        "script": Path(sys.argv[0]).name, "command": shlex.join(["python", Path(sys.argv[0]).name, *sys.argv[1:]]),
        "torch": torch.__version__.split("+")[0], "diffusers": diffusers.__version__, "transformers": transformers.__version__,
        **{k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in more.items()}}


def add_flags(parser):
    parser.add_argument("-m", "--model", type=Path, required=True)
    parser.add_argument("--prompt", nargs="+", default=[])
    parser.add_argument("--prompts", type=Path, help="a file with one prompt per line")
    parser.add_argument("-s", "--seed", type=int, default=0)
    parser.add_argument("-n", "--count", type=int, default=1)
    for name, steps in (("prior", 25), ("decoder", 25), ("super-res", 7)):
        parser.add_argument(f"--{name}-steps", type=int, default=steps)
    parser.add_argument("--prior-guidance", type=float, default=4.0)
    parser.add_argument("--decoder-guidance", type=float, default=8.0)
    parser.add_argument("--dtype", choices=["float32", "float64", "bfloat16", "float16"], default="float32")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--save-tensors", type=Path, metavar="FILE")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="write FOLDER/0.png, FOLDER/1.png, ...")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_flags(parser)
    a = parser.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    quiet()
    dtype = getattr(torch, a.dtype)
    prompts = a.prompt + (a.prompts.read_text(encoding="utf-8").split("\n")[:-1] if a.prompts else [])
    steps = (a.prior_steps, a.decoder_steps, a.super_res_steps)
    guidance = (a.prior_guidance, a.decoder_guidance)
    tensors = generate(load_pipeline(a.model, dtype), prompts, a.seed, a.count, steps, guidance, dtype, a.batch_size)
    if a.save_tensors:
        from safetensors.torch import save_file

        save_file(tensors, a.save_tensors, metadata=provenance(prompts=prompts, seed=a.seed, steps=steps, guidance=guidance))
    if a.output:
        from PIL import Image

        a.output.mkdir(parents=True, exist_ok=True)
        for i, image in enumerate(tensors["image"]):
            Image.fromarray((image.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)).save(a.output / f"{i}.png")


if __name__ == "__main__":
    main()
