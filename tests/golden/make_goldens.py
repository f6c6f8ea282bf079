"""Writes the golden tensors beside this script: what diffusers and transformers compute from weights
that are a formula (seeded_weights.py), so that a file holds only inputs, outputs and, in its metadata,
the parts' configs and seeds. tokenizer/ has the vocabulary of the tiny models.

    python make_goldens.py [NAME ...] [--out DIR]     NAME: a file's name without .safetensors; none: all
"""

import argparse
import tempfile
from fractions import Fraction
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

import kandinsky22_models
import kandinsky22_reference
import make_models
import reference

TIMES = (999, 417, 0)
PROMPTS = ["a red ball left of the green cone", "", "The fox!!  in 7 snow's <|endoftext|> dé " + "blue " * 60]


def random(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def tokenize(name, folder):
    """ids, mask (len(PROMPTS), T) under the configuration's tokenizer, which is written to `folder`."""
    c = make_models.configuration(name)
    make_models.write_tokenizer(folder / name, c["pad"], c["tokens"])
    tokenizer = transformers.CLIPTokenizer.from_pretrained(folder / name)
    rows = tokenizer(PROMPTS, padding="max_length", max_length=c["tokens"], truncation=True, return_tensors="pt")
    return rows.input_ids, rows.attention_mask


def text_encoder(name, scratch):
    module = make_models.make_part(name, "text_encoder")
    ids, mask = tokenize(name, scratch)
    vocab = module.config.vocab_size
    # Rows that no tokenizer makes: no end token at all; the largest id twice; an end token in the middle.
    odd = (torch.arange(3 * ids.shape[1]).reshape(3, -1) * 37 + 5) % (vocab - 2)
    odd[1, 3] = odd[1, 7] = vocab - 1
    odd[2, 5] = vocab - 1
    ids = torch.cat([ids, odd])
    out = module(ids)
    return {"token_ids": ids, "text_embedding": out.text_embeds, "text_hidden": out.last_hidden_state}, module


def image_encoder(name, _):
    module = make_models.make_part(name, "image_encoder")
    side = module.config.image_size
    pixels = random(2, 3, side, side, seed=1)
    return {"pixels": pixels, "image_embedding": module(pixels).image_embeds}, module


def text_rows(c, rows):
    """Random stand-ins for a text encoder's output: embedding, hidden states, mask."""
    mask = torch.zeros(rows, c["tokens"], dtype=torch.bool)
    for i in range(rows):
        mask[i, :2 + 3 * i] = True
    return random(rows, c["dim"], seed=2), random(rows, c["tokens"], c["dim"], seed=3), mask


def prior(name, _):
    c = make_models.configuration(name)
    module = make_models.make_part(name, "prior")
    embedding, hidden, mask = text_rows(c, 3)
    x_t = random(3, c["dim"], seed=4)
    tensors = {"x_t": x_t, "text_embedding": embedding, "text_hidden": hidden, "text_mask": mask.long()}
    for t in TIMES:
        tensors[f"x_0.{t}"] = module(x_t, t, embedding, hidden, mask).predicted_image_embedding
    tensors["z"] = module.post_process_latents(x_t)
    return tensors, module


def text_proj(name, _):
    c = make_models.configuration(name)
    module = make_models.make_part(name, "text_proj")
    embedding, hidden, _ = text_rows(c, 4)
    z = random(2, c["dim"], seed=5)
    context, time_add = module(
        image_embeddings=z, prompt_embeds=embedding, text_encoder_hidden_states=hidden, do_classifier_free_guidance=True)
    # Rows 0, 1 are unconditional, rows 2, 3 have z.
    return {"z": z, "text_embedding": embedding, "text_hidden": hidden, "context": context, "time_add": time_add}, module


def decoder(name, _):
    c = make_models.configuration(name)
    module = make_models.make_part(name, "decoder")
    _, _, mask = text_rows(c, 2)
    mask = torch.cat([torch.ones(2, c["extra_tokens"], dtype=torch.bool), mask], 1)
    unit = 2 ** (len(c["decoder"]["widths"]) - 1)
    x_t = random(2, 3, 2 * unit, 3 * unit, seed=6)
    context = random(2, mask.shape[1], c["context"], seed=7)
    time_add = random(2, 4 * c["decoder"]["widths"][0], seed=8)
    tensors = {"x_t": x_t, "context": context, "context_mask": mask.long(), "time_add": time_add}
    for t in TIMES:
        tensors[f"output.{t}"] = module(x_t, t, context, class_labels=time_add, attention_mask=mask).sample
    return tensors, module


def super_res(name, _):
    module = make_models.make_part(name, "super_res_first")
    unit = 2 ** (len(module.config.block_out_channels) - 1)
    x = random(2, 6, 2 * unit, 3 * unit, seed=9)
    tensors = {"x": x}
    for t in TIMES:
        tensors[f"output.{t}"] = module(x, t).sample
    return tensors, module


def scheduler_schedule(_):
    """What depends on n and T alone."""
    from diffusers.schedulers.scheduling_unclip import UnCLIPScheduler

    scheduler = UnCLIPScheduler()
    tensors = {"betas": scheduler.betas, "alphas_cumprod": scheduler.alphas_cumprod}
    sums = []
    for n in range(2, 1001):
        scheduler.set_timesteps(n)
        sums.append((scheduler.timesteps * torch.arange(1, n + 1)).sum())
    tensors["weighted_sums"] = torch.stack(sums)  # [n - 2]: sum of (i + 1) times the walk's i-th timestep
    scheduler.set_timesteps(25)
    tensors["timesteps.25"] = scheduler.timesteps
    return tensors, reference.provenance()


def scheduler_walk(name, part):
    """Walks of 2, 5 and 25 steps over two images, whose generators are seeded 11 and 12: x.n[0] is their first draw."""
    scheduler = make_models.make_scheduler(name, part)
    learned = scheduler.config.variance_type == "learned_range"
    shape = (6,) if part == "prior_scheduler" else (3, 2, 3)
    tensors = {}
    for n in (2, 5, 25):
        scheduler.set_timesteps(n)
        generators = [torch.Generator().manual_seed(11 + i) for i in range(2)]
        x = torch.cat([torch.randn((1, *shape), generator=g) for g in generators])
        outputs = random(n, 2, *(6, 2, 3) if learned else shape, seed=n)
        walk = [x]
        for i, t in enumerate(scheduler.timesteps):
            following = scheduler.timesteps[i + 1] if i + 1 < n else None
            walk.append(scheduler.step(outputs[i], t, walk[-1], prev_timestep=following, generator=generators).prev_sample)
        tensors |= {f"timesteps.{n}": scheduler.timesteps, f"model_output.{n}": outputs, f"x.{n}": torch.stack(walk)}
    return tensors, reference.provenance(config=make_models.part_config(scheduler), seed=11)


DDIM = {
    "scheduler_ddim_epsilon": dict(),
    "scheduler_ddim_sample": dict(
        prediction_type="sample", beta_schedule="squaredcos_cap_v2", timestep_spacing="trailing", clip_sample_range=0.7),
    "scheduler_ddim_v_prediction": dict(
        prediction_type="v_prediction", beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012,
        timestep_spacing="trailing", clip_sample=False),
    "scheduler_ddim_offset": dict(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, steps_offset=1, set_alpha_to_one=False,
        clip_sample=False),
}


def scheduler_ddim_schedule(_):
    """What depends on n and T alone."""
    from diffusers import DDIMScheduler

    tensors = {}
    for spacing in ("linspace", "leading", "trailing"):
        scheduler = DDIMScheduler(timestep_spacing=spacing)
        sums = []
        for n in range(1, 1001):
            scheduler.set_timesteps(n)
            right = is_right(scheduler.timesteps, spacing, n)
            sums.append((scheduler.timesteps * torch.arange(1, n + 1)).sum() if right else torch.tensor(-1))
        tensors[f"{spacing}.weighted_sums"] = torch.stack(sums)  # [n - 1]
    return tensors, reference.provenance()


def is_right(timesteps, spacing, n):
    """Whether the walk has n steps, begins in noise, and rounds no half by the error of a float."""
    if spacing == "linspace":
        return n > 1  # of one step it is [0]
    exact = [Fraction((i + 1) * 1000, n) for i in reversed(range(n))]
    return spacing == "leading" or timesteps.tolist() == [round(x) - 1 for x in exact]


def scheduler_ddim_walk(arguments):
    """Walks as those of scheduler_walk, of as many steps as divide T: for others the reference steps to timesteps that
    it does not visit. `x.n` has eta 0, `x.n.noisy` eta 0.7, `x.n.inverse` goes back from the start of `x.n`.
    """
    from diffusers import DDIMInverseScheduler, DDIMScheduler

    scheduler = DDIMScheduler(**arguments)
    inverse = DDIMInverseScheduler(**arguments)
    tensors = {}
    for n in (2, 5, 25):
        scheduler.set_timesteps(n)
        inverse.set_timesteps(n)
        outputs = random(n, 2, 3, 2, 3, seed=n)
        tensors |= {f"timesteps.{n}": scheduler.timesteps, f"model_output.{n}": outputs}
        for suffix, eta in (("", 0.0), (".noisy", 0.7)):
            generators = [torch.Generator().manual_seed(11 + i) for i in range(2)]
            walk = [torch.cat([torch.randn((1, 3, 2, 3), generator=g) for g in generators])]
            for output, t in zip(outputs, scheduler.timesteps):
                walk.append(scheduler.step(
                    output, t, walk[-1], eta=eta, use_clipped_model_output=True, generator=generators).prev_sample)
            tensors[f"x.{n}{suffix}"] = torch.stack(walk)
        # Only for eps is the reference's step back the mirror of its step.
        if scheduler.config.prediction_type == "epsilon" and not scheduler.config.clip_sample:
            walk = [tensors[f"x.{n}"][0]]
            for output, t in zip(outputs, inverse.timesteps):
                walk.append(inverse.step(output, t, walk[-1]).prev_sample)
            tensors[f"x.{n}.inverse"] = torch.stack(walk)
    return tensors, reference.provenance(config=make_models.part_config(scheduler), seed=11, eta=0.7)


COSINE = dict(beta_schedule="squaredcos_cap_v2")
SCALED = dict(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012)
# name -> the class, its arguments, steps. Spacings are those of whole timesteps.
SAMPLERS = {
    "ddpm_fixed_small": ("DDPMScheduler", dict(clip_sample=False), 10),
    "ddpm_fixed_large": ("DDPMScheduler", dict(variance_type="fixed_large", **SCALED), 10),
    "ddpm_learned_range": ("DDPMScheduler", dict(variance_type="learned_range", prediction_type="sample", **COSINE), 10),
    "ddim_rescaled": ("DDIMScheduler", dict(
        rescale_betas_zero_snr=True, timestep_spacing="trailing", prediction_type="v_prediction", clip_sample=False), 10),
    "ddim_thresholded": ("DDIMScheduler", dict(
        thresholding=True, sample_max_value=1.5, dynamic_thresholding_ratio=0.9, prediction_type="sample", **COSINE), 10),
    "euler": ("EulerDiscreteScheduler", dict(timestep_spacing="trailing"), 10),
    "euler_v": ("EulerDiscreteScheduler", dict(timestep_spacing="leading", steps_offset=1, prediction_type="v_prediction", **SCALED), 10),
    "euler_ancestral": ("EulerAncestralDiscreteScheduler", dict(timestep_spacing="trailing"), 10),
    "heun": ("HeunDiscreteScheduler", dict(timestep_spacing="trailing"), 5),
    "lms": ("LMSDiscreteScheduler", dict(timestep_spacing="trailing", **SCALED), 10),
    "pndm": ("PNDMScheduler", dict(skip_prk_steps=True, **SCALED), 10),
    "dpmpp_1s": ("DPMSolverSinglestepScheduler", dict(solver_order=1, prediction_type="sample", **COSINE), 8),
    "dpmpp_2s": ("DPMSolverSinglestepScheduler", dict(prediction_type="sample", **COSINE), 8),
    "dpmpp_2s_odd": ("DPMSolverSinglestepScheduler", dict(solver_type="heun"), 7),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", dict(prediction_type="sample", **COSINE), 10),
    "dpmpp_2m_heun": ("DPMSolverMultistepScheduler", dict(solver_type="heun", prediction_type="v_prediction"), 20),
    "dpmpp_2m_sigma_min": ("DPMSolverMultistepScheduler", dict(final_sigmas_type="sigma_min", **SCALED), 20),
    "dpmpp_2m_sde": ("DPMSolverMultistepScheduler", dict(algorithm_type="sde-dpmsolver++", **SCALED), 10),
    "unipc_bh1": ("UniPCMultistepScheduler", dict(solver_type="bh1", final_sigmas_type="sigma_min"), 10),
    "unipc_bh2": ("UniPCMultistepScheduler", dict(prediction_type="sample", **COSINE), 10),
    "unipc_third": ("UniPCMultistepScheduler", dict(solver_order=3, **SCALED), 10),
    "deis": ("DEISMultistepScheduler", dict(**SCALED), 10),
    "deis_third": ("DEISMultistepScheduler", dict(solver_order=3), 20),
    "lcm": ("LCMScheduler", dict(), 4),
    "pndm_warmed_up": ("PNDMScheduler", dict(**SCALED), 10),
    "sa_solver": ("SASolverScheduler", dict(prediction_type="sample", **COSINE), 10),
    "sa_solver_third": ("SASolverScheduler", dict(predictor_order=3, corrector_order=4, **SCALED), 12),
}


def sampler_walk(name):
    """A walk over two images, whose generators are seeded 11 and 12, in the variables x_t = sqrt(a) x_0 + sqrt(1 - a) eps:
    classes that walk over x_t / sqrt(a) are scaled back. x[0] is the generators' first draw."""
    import diffusers

    class_name, arguments, n = SAMPLERS[name]
    scheduler = getattr(diffusers, class_name)(**arguments)
    scheduler.set_timesteps(n)
    scaled = class_name.startswith(("Euler", "Heun", "LMS"))
    timesteps = scheduler.timesteps
    shape = (3, 2, 3)
    channels = 6 if arguments.get("variance_type") == "learned_range" else 3
    outputs = random(len(timesteps), 2, channels, 2, 3, seed=n)
    generators = [torch.Generator().manual_seed(11 + i) for i in range(2)]
    x = torch.cat([torch.randn((1, *shape), generator=g) for g in generators])
    root = lambda i: (1 + scheduler.sigmas[i].double() ** 2).sqrt() if scaled else 1
    noisy = dict(generator=generators) if name in (
        "ddpm_fixed_small", "ddpm_fixed_large", "ddpm_learned_range", "euler_ancestral", "dpmpp_2m_sde", "lcm", "sa_solver",
        "sa_solver_third") else {}
    if class_name == "DDIMScheduler":
        noisy = dict(use_clipped_model_output=True)
    walk = [x]
    sample = (x * root(0)).float()
    for i, t in enumerate(timesteps):
        if scaled:
            scheduler.scale_model_input(sample, t)
        sample = scheduler.step(outputs[i], t, sample, **noisy).prev_sample
        walk.append((sample / root(i + 1)).float())
    return ({"timesteps": timesteps.to(torch.int64), "model_output": outputs, "x": torch.stack(walk)},
            reference.provenance(config=make_models.part_config(scheduler), seed=11))


def sampler_schedules(_):
    """Schedules and spacings of the reference where it agrees with their papers."""
    import diffusers

    def bars(**arguments):
        return diffusers.DDPMScheduler(**arguments).alphas_cumprod

    tensors = {
        "sigmoid": bars(beta_schedule="sigmoid"),
        "rescaled": diffusers.DDIMScheduler(rescale_betas_zero_snr=True).alphas_cumprod,
        "laplace.root": bars(beta_schedule="laplace"),  # of its square root: see docs/SCHEDULERS.md
    }
    from diffusers.schedulers.scheduling_ddim import betas_for_alpha_bar
    tensors["exp"] = torch.cumprod(1 - betas_for_alpha_bar(1000, alpha_transform_type="exp"), 0)
    for spacing in ("karras", "exponential"):
        for n in (5, 25):
            scheduler = diffusers.DPMSolverMultistepScheduler(**{f"use_{spacing}_sigmas": True})
            scheduler.set_timesteps(n)
            tensors[f"{spacing}.{n}"] = scheduler.sigmas[:-1].float()
    return tensors, reference.provenance()


def pipeline(name, scratch, seed, steps, guidance, prompts=PROMPTS[:2]):
    """A whole walk. The metadata holds every part's config and seed."""
    folder = scratch / name
    make_models.make_model(name, folder)
    tensors = reference.generate(reference.load_pipeline(folder), prompts, seed, steps=steps, guidance=guidance)
    exact = reference.generate(
        reference.load_pipeline(folder, torch.float64), prompts, seed, steps=steps, guidance=guidance, dtype=torch.float64)
    worst = {k: ((v - exact[k]).abs().max() / exact[k].abs().max()).item() for k, v in tensors.items() if v.is_floating_point()}
    for key, difference in worst.items():
        if difference > reference.TOLERANCES.get(key, 1) / 5:
            raise SystemExit(f"pipeline_{name}: seed {seed} is ill-conditioned: float32 and float64 differ by {difference:.1e} in {key}")
    configs = {part: make_models.part_config(make_models.make_part(name, part)) for part in make_models.PARTS}
    configs |= {part: make_models.part_config(make_models.make_scheduler(name, part)) for part in make_models.SCHEDULERS}
    seeds = {part: make_models.part_seed(name, part) for part in make_models.PARTS}
    c = make_models.configuration(name)
    return tensors, reference.provenance(
        configs=configs, seeds=seeds, prompts=prompts, seed=seed, steps=steps, guidance=guidance, pad=c["pad"], float64=worst)


def movq(name, _):
    module = kandinsky22_models.make_part(name, "movq")
    scale = 2 ** (len(module.config.block_out_channels) - 1)
    image = random(1, 3, 4 * scale, 6 * scale, seed=13).clamp(-1, 1)
    z = random(1, module.config.vq_embed_dim, 3, 5, seed=14)
    decoded = module.decode(z, force_not_quantize=True).sample
    return {"image": image, "latent": module.encode(image).latents, "z": z, "decoded": decoded}, module


def movq_golden(name):
    def run(scratch):
        tensors, module = movq(name, scratch)
        return tensors, reference.provenance(
            config=make_models.part_config(module), seed=str(kandinsky22_models.part_seed(name, "movq")), configuration=name)
    return run


def kandinsky22(name, scratch, seed, steps, guidance, **more):
    """A whole walk. The metadata holds every part's config and seed."""
    folder = kandinsky22_models.make_model(name, scratch / name)
    single, double = (
        kandinsky22_reference.generate(
            kandinsky22_reference.load(folder, d), PROMPTS[:2], seed, steps, guidance, dtype=d, **more)
        for d in (torch.float32, torch.float64))
    for key, tolerance in kandinsky22_reference.TOLERANCES.items():
        difference = ((single[key] - double[key]).abs().max() / double[key].abs().max()).item()
        if difference > tolerance / 5:
            raise SystemExit(f"kandinsky22_{name}: seed {seed} is ill-conditioned: {key} differs by {difference:.1e}")
    parts = {part: kandinsky22_models.make_part(name, part) for part in kandinsky22_models.PARTS}
    configs = {part: make_models.part_config(module) for part, module in parts.items()}
    for part in ("prior_scheduler", "decoder_scheduler"):
        configs[part] = make_models.part_config(kandinsky22_models.make_scheduler(name, part))
    seeds = {part: kandinsky22_models.part_seed(name, part) for part in parts}
    return single, reference.provenance(
        configs=configs, seeds=seeds, prompts=PROMPTS[:2], seed=seed, steps=steps, guidance=guidance, **more)


def timestep_embedding(_):
    from diffusers.models.embeddings import get_timestep_embedding

    t = torch.tensor([0, 1, 417, 958, 999])
    tensors = {"t": t}
    for width in (8, 320):
        for flip in (True, False):
            for shift in (0, 1):
                tensors[f"width{width}.{'cos' if flip else 'sin'}_first.shift{shift}"] = get_timestep_embedding(
                    t, width, flip_sin_to_cos=flip, downscale_freq_shift=shift)
    return tensors, reference.provenance()


def module_golden(make, part, name):
    def run(scratch):
        tensors, module = make(name, scratch)
        return tensors, reference.provenance(
            config=make_models.part_config(module), seed=str(make_models.part_seed(name, part)), configuration=name)
    return run


def table():
    goldens = {"scheduler_schedule": scheduler_schedule, "timestep_embedding": timestep_embedding}
    for make, part, names in (
            (text_encoder, "text_encoder", ["plain", "karlo_shape", "attention_first"]),
            (image_encoder, "image_encoder", ["plain", "attention_first"]),
            (prior, "prior", ["plain", "attention_first", "one_level"]),
            (text_proj, "text_proj", ["plain", "attention_first"]),
            (decoder, "decoder", ["plain", "karlo_shape", "attention_first", "unmatched_blocks", "other_sinusoids"]),
            (super_res, "super_res_first", ["plain", "karlo_shape", "attention_first", "learned_range_super_res"])):
        for name in names:
            goldens[f"{make.__name__}_{name}"] = module_golden(make, part, name)
    for name, part, which in (
            ("prior", "prior_scheduler", "plain"), ("decoder", "decoder_scheduler", "plain"),
            ("super_res", "super_res_scheduler", "plain"), ("decoder_sample", "decoder_scheduler", "other_schedules"),
            ("prior_epsilon", "prior_scheduler", "no_attention_but_the_middle"), ("prior_unclipped", "prior_scheduler", "other_schedules"),
            ("super_res_learned_range", "super_res_scheduler", "learned_range_super_res")):
        goldens[f"scheduler_{name}"] = lambda _, a=which, b=part: scheduler_walk(a, b)
    for name in kandinsky22_models.CONFIGURATIONS:
        goldens[f"movq_{name}"] = movq_golden(name)
    goldens["kandinsky22_plain"] = lambda s: kandinsky22("plain", s, 3, (3, 4), (4.0, 4.0))
    goldens["kandinsky22_negative"] = lambda s: kandinsky22(
        "plain", s, 4, (3, 4), (3.0, 2.0), size=(20, 24), negative="blue snow")
    goldens["scheduler_ddim_schedule"] = scheduler_ddim_schedule
    for name, arguments in DDIM.items():
        goldens[name] = lambda _, a=arguments: scheduler_ddim_walk(a)
    goldens["scheduler_schedules"] = sampler_schedules
    for name in SAMPLERS:
        goldens[f"sampler_{name}"] = lambda _, a=name: sampler_walk(a)
    goldens["pipeline_plain"] = lambda s: pipeline("plain", s, 3, (4, 3, 2), (4.0, 8.0))
    goldens["pipeline_unguided"] = lambda s: pipeline("attention_first", s, 5, (2, 4, 3), (1.0, 1.0))
    goldens["pipeline_half_guided"] = lambda s: pipeline("unmatched_blocks", s, 7, (3, 2, 4), (1.0, 3.0), PROMPTS)
    return goldens


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    a = parser.parse_args()
    reference.quiet()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
        goldens = table()
        make_models.write_vocabulary(a.out / "tokenizer")
        for name in a.names or goldens:
            tensors, metadata = goldens[name](Path(scratch))
            tensors = {k: v.contiguous().clone() for k, v in tensors.items()}
            save_file(tensors, a.out / f"{name}.safetensors", metadata=metadata)
            print(f"{(a.out / f'{name}.safetensors').stat().st_size:8d} {name}")


if __name__ == "__main__":
    main()
