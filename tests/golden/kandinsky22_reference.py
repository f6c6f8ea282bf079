"""Paints with diffusers' Kandinsky 2.2 pipelines what `unclip generate` paints, image by image, each with one
generator that goes from the prior on to the decoder."""

import numpy as np
import torch

import reference

# tensor name -> largest difference relative to the reference's largest value
TOLERANCES = {"image_embedding": 1e-4, "image_small": 1e-3, "image": 1e-3}


def load(decoder, dtype=torch.float32):
    """(prior pipeline, decoder pipeline) of the folder and the prior's next to it."""
    import diffusers
    import transformers
    from diffusers.schedulers.scheduling_unclip import UnCLIPScheduler

    home = decoder.parent / "kandinsky-2-2-prior"
    prior = diffusers.KandinskyV22PriorPipeline(
        prior=diffusers.PriorTransformer.from_pretrained(home / "prior", torch_dtype=dtype).eval(),
        image_encoder=transformers.CLIPVisionModelWithProjection.from_pretrained(home / "image_encoder", dtype=dtype).eval(),
        text_encoder=transformers.CLIPTextModelWithProjection.from_pretrained(home / "text_encoder", dtype=dtype).eval(),
        tokenizer=transformers.CLIPTokenizer.from_pretrained(home / "tokenizer"),
        scheduler=UnCLIPScheduler.from_pretrained(home / "scheduler"), image_processor=None)
    pipeline = diffusers.KandinskyV22Pipeline(
        unet=diffusers.UNet2DConditionModel.from_pretrained(decoder / "unet", torch_dtype=dtype).eval(),
        movq=diffusers.VQModel.from_pretrained(decoder / "movq", torch_dtype=dtype).eval(),
        scheduler=diffusers.DDPMScheduler.from_pretrained(decoder / "scheduler"))
    for each in (prior, pipeline):
        each.set_progress_bar_config(disable=True)
    return prior, pipeline


def noise_in_float32():
    """float64 pipelines draw float64 noise, other numbers: this lets them draw float32. Returns what undoes it."""
    import diffusers.pipelines.kandinsky2_2.pipeline_kandinsky2_2 as decoder
    import diffusers.pipelines.kandinsky2_2.pipeline_kandinsky2_2_prior as prior
    import diffusers.schedulers.scheduling_ddpm as ddpm
    import diffusers.schedulers.scheduling_unclip as unclip

    modules = (decoder, prior, ddpm, unclip)
    old = [m.randn_tensor for m in modules]
    for module, draw in zip(modules, old):
        module.randn_tensor = lambda *a, dtype=None, draw=draw, **k: draw(*a, dtype=torch.float32, **k).to(dtype or torch.float32)

    def undo():
        for module, draw in zip(modules, old):
            module.randn_tensor = draw
    return undo


def generate(pipelines, prompts, seed, steps, guidance, size=None, negative=None, dtype=torch.float32):
    """dict of tensors (images, ...): what --save-tensors holds, and negative_image_embedding. `size`: height, width."""
    prior, pipeline = pipelines
    scale = pipeline.movq_scale_factor
    side = scale * pipeline.unet.config.sample_size
    height, width = size or (side, side)
    rows = []
    undo = noise_in_float32()
    try:
        for i, prompt in enumerate(prompts):
            generator = torch.Generator().manual_seed(seed + i)
            z = prior(prompt, negative_prompt=negative, num_inference_steps=steps[0], guidance_scale=guidance[0], generator=generator)
            latents = pipeline(
                image_embeds=z.image_embeds, negative_image_embeds=z.negative_image_embeds, height=height, width=width,
                num_inference_steps=steps[1], guidance_scale=guidance[1], generator=generator, output_type="latent").images
            image = pipeline.movq.decode(latents, force_not_quantize=True).sample
            rows.append(dict(
                image_embedding=z.image_embeds, negative_image_embedding=z.negative_image_embeds, image_small=latents,
                image=(image * 0.5 + 0.5).clamp(0, 1)))
    finally:
        undo()
    return {k: torch.cat([row[k] for row in rows]).to(dtype) for k in rows[0]}
