#!/usr/bin/env python3
"""Writes what diffusers computes from the scheduler_config.json of the published unCLIP models.

    $(tests/parity/make_environment.sh) tests/golden/make_published_schedulers.py

scheduler_exact_schedules.safetensors  betas and alphas_cumprod of the schedules that are to be equal bit for bit
published_schedulers.json              walks of the model below, of 16 numbers with the noise of seed 1. A record has
  name, config, steps, timesteps
  x    after each step, its first two numbers; after the last, all of them. In the variables of
       x_t = sqrt(a) x_0 + sqrt(1 - a) eps, also if the class has others.
"""
import json
import math
import pathlib
import warnings

import diffusers
import torch
from safetensors.torch import save_file

warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()
HERE = pathlib.Path(__file__).parent

LATENT = {"beta_schedule": "linear", "beta_start": 0.00085, "beta_end": 0.012}
K22 = {"_class_name": "DDPMScheduler", **LATENT, "clip_sample": True, "prediction_type": "epsilon", "set_alpha_to_one": False,
       "steps_offset": 1, "thresholding": False, "timestep_spacing": "leading", "trained_betas": None,
       "variance_type": "fixed_small"}
K21 = {"_class_name": "DDIMScheduler", **LATENT, "clip_sample": False, "prediction_type": "epsilon", "set_alpha_to_one": False,
       "steps_offset": 1, "thresholding": False, "trained_betas": None}
K21_DDPM = {"_class_name": "DDPMScheduler", **LATENT, "clip_sample": True, "clip_sample_range": 2.0,
            "dynamic_thresholding_ratio": 0.995, "prediction_type": "epsilon", "sample_max_value": None, "steps_offset": 0,
            "thresholding": True, "variance_type": "learned_range"}
PRIOR = {"_class_name": "UnCLIPScheduler", "clip_sample": True, "clip_sample_range": 10.0, "prediction_type": "sample",
         "variance_type": "fixed_small_log"}
DDPM_PRIOR = {"_class_name": "DDPMScheduler", "beta_schedule": "squaredcos_cap_v2", "clip_sample": True,
              "clip_sample_range": 5.0, "prediction_type": "sample", "steps_offset": 0, "variance_type": "fixed_small_log"}
STABLE = {"_class_name": "PNDMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012,
          "prediction_type": "v_prediction", "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1,
          "trained_betas": None}
OTHERS = {"clip_sample": False, "timestep_spacing": "leading"}  # as pipelines swap the class and keep the keys

CONFIGS = {
    "kandinsky-2-2-prior": PRIOR,
    "kandinsky-2-2-decoder": K22,
    "kandinsky-2-2-decoder-inpaint": {**K22, "clip_sample": False},
    "kandinsky-2-2-decoder of v": {**K22, "clip_sample": False, "prediction_type": "v_prediction"},
    "kandinsky-2-2-decoder fixed_large": {**K22, "variance_type": "fixed_large"},
    "kandinsky-2-2-decoder fixed_small_log": {**K22, "variance_type": "fixed_small_log"},
    "kandinsky-2-2-decoder learned_range": {**K22, "variance_type": "learned_range"},
    "kandinsky-2-2-decoder by DDIM": {**K22, "_class_name": "DDIMScheduler", "clip_sample": False},
    "kandinsky-2-1": K21,
    "kandinsky-2-1 of v": {**K21, "prediction_type": "v_prediction"},
    "kandinsky-2-1 ddpm_scheduler": K21_DDPM,
    "kandinsky-2-1 ddpm_scheduler to 1": {key: value for key, value in K21_DDPM.items() if key != "sample_max_value"},
    "kandinsky-2-1 ddpm_scheduler to 1.5": {**K21_DDPM, "sample_max_value": 1.5},
    "stable-diffusion-2-1-unclip": STABLE,
    "stable-diffusion-2-1-unclip of eps": {**STABLE, "prediction_type": "epsilon"},
    "stable-diffusion-2-1-unclip to 1": {**STABLE, "set_alpha_to_one": True, "steps_offset": 0},
    "stable-diffusion-2-1-unclip with prk": {**STABLE, "skip_prk_steps": False},
    "stable-diffusion-2-1-unclip of eps with prk": {**STABLE, "skip_prk_steps": False, "prediction_type": "epsilon"},
    "stable-diffusion-2-1-unclip by DDIM": {**STABLE, **OTHERS, "_class_name": "DDIMScheduler"},
    "stable-diffusion-2-1-unclip by DDPM": {**STABLE, **OTHERS, "_class_name": "DDPMScheduler"},
    "stable-diffusion-2-1-unclip by Euler": {**STABLE, **OTHERS, "_class_name": "EulerDiscreteScheduler"},
    "stable-unclip prior_scheduler": DDPM_PRIOR,
}
STEPS = (2, 5, 25, 100)


def model(x, t, learned):
    """The prediction for x (1, 4, 2, 2), and if `learned` that of the variance."""
    k = torch.arange(16, dtype=torch.float32).reshape(1, 4, 2, 2)
    prediction = 0.5 * x + 0.3 * torch.cos(0.01 * float(t) + k)
    return torch.cat([prediction, torch.sin(0.02 * float(t) + k)], 1) if learned else prediction


def walk(config, steps):
    scheduler = getattr(diffusers, config["_class_name"]).from_config(config)
    scheduler.set_timesteps(steps)
    ratios = scheduler.sigmas.double().tolist() if config["_class_name"] == "EulerDiscreteScheduler" else None
    learned = config.get("variance_type") == "learned_range"
    draws = {"generator": torch.Generator().manual_seed(1)}
    x = torch.randn((1, 4, 2, 2), **draws)
    if config["_class_name"] in ("DDIMScheduler", "PNDMScheduler", "EulerDiscreteScheduler"):
        draws = {}
    if ratios:
        x = x * math.sqrt(1 + ratios[0] ** 2)
    numbers = []
    for i, t in enumerate(scheduler.timesteps):
        last = i + 1 == len(scheduler.timesteps)
        if config["_class_name"] == "UnCLIPScheduler":
            draws["prev_timestep"] = None if last else scheduler.timesteps[i + 1]
        output = model(scheduler.scale_model_input(x, t), t, learned)
        x = scheduler.step(output, t, x, **draws).prev_sample
        unscaled = x.double() / math.sqrt(1 + ratios[i + 1] ** 2) if ratios else x
        numbers.append(unscaled.flatten().tolist()[: None if last else 2])
    return {"timesteps": [float(t) for t in scheduler.timesteps], "x": [[float(f"{n:.9g}") for n in row] for row in numbers]}


def exact_schedules():
    tensors = {}

    def add(name, **arguments):
        scheduler = diffusers.DDPMScheduler(**arguments)
        tensors[f"{name}.betas"] = scheduler.betas
        tensors[f"{name}.alphas_cumprod"] = scheduler.alphas_cumprod

    latent = {"beta_start": 0.00085, "beta_end": 0.012}
    add("linear")
    add("linear.kandinsky", **latent)
    add("scaled_linear", beta_schedule="scaled_linear")
    add("scaled_linear.latent", beta_schedule="scaled_linear", **latent)
    add("squaredcos_cap_v2", beta_schedule="squaredcos_cap_v2")
    for T in (1, 2, 9, 31, 501):
        for name in ("linear", "scaled_linear", "squaredcos_cap_v2"):
            add(f"{name}.{T}", beta_schedule=name, num_train_timesteps=T)
    add("trained_betas", trained_betas=[0.001 + 0.0001 * i * i / 300 for i in range(300)])
    return tensors


def main():
    about = {"script": "tests/golden/make_published_schedulers.py", "diffusers": diffusers.__version__,
             "torch": torch.__version__.split("+")[0]}
    save_file(exact_schedules(), HERE / "scheduler_exact_schedules.safetensors", metadata=about)
    records = [{"name": name, "config": config, "steps": steps, **walk(config, steps)}
               for name, config in CONFIGS.items() for steps in STEPS
               if steps > 4 or config.get("skip_prk_steps", True)]  # diffusers' PNDM fails below
    lines = ",\n".join(json.dumps(record, separators=(",", ":")) for record in records)
    path = HERE / "published_schedulers.json"
    path.write_text('{"about":' + json.dumps(about) + ',\n"records":[\n' + lines + "\n]}\n")
    print(path.stat().st_size, len(records))


if __name__ == "__main__":
    main()
