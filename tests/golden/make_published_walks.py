#!/usr/bin/env python3
"""Writes published_walks.json: where diffusers' scheduler classes step for configs that differ in one key or a few.

    $(tests/parity/make_environment.sh) tests/golden/make_published_walks.py

Each record has a config, the number of steps, and either `error` (diffusers refuses it) or
  timesteps  what the model is asked about
  sigmas     sqrt((1 - alpha_bar) / alpha_bar) of each, and of the end
  end        the sample at the end, of the model below, unless the class draws noise
  same       whether all that equals the record of the class's own defaults
"""
import json
import math
import pathlib
import sys
import warnings

import diffusers
import numpy as np
import torch

warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()

CLASSES = {  # whether the class draws noise, in whatever sigmas it is written
    "UnCLIPScheduler": True, "DDPMScheduler": True, "DDIMScheduler": False,
    "EulerDiscreteScheduler": False, "EulerAncestralDiscreteScheduler": True,
    "HeunDiscreteScheduler": False, "LMSDiscreteScheduler": False, "PNDMScheduler": False,
    "DPMSolverMultistepScheduler": False, "DPMSolverSinglestepScheduler": False,
    "UniPCMultistepScheduler": False, "DEISMultistepScheduler": False,
    "SASolverScheduler": True, "LCMScheduler": True,
}
SCALED = {"EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler", "HeunDiscreteScheduler", "LMSDiscreteScheduler"}

LEADING = {"timestep_spacing": "leading", "steps_offset": 1}
V = {"prediction_type": "v_prediction"}
THRESHOLD = {"thresholding": True, "sample_max_value": 1.5}
MIN = {"final_sigmas_type": "sigma_min"}
BETAS = [0.01, 0.02, 0.04, 0.08, 0.1, 0.12, 0.16, 0.2, 0.24, 0.3]
ALTERED = [
    {"num_train_timesteps": 500}, {"beta_start": 0.0005}, {"beta_end": 0.015}, {"beta_schedule": "scaled_linear"},
    {"beta_schedule": "squaredcos_cap_v2"}, {"trained_betas": BETAS, "num_train_timesteps": len(BETAS)},
    {"timestep_spacing": "linspace"}, {"timestep_spacing": "leading"}, {"timestep_spacing": "trailing"}, LEADING,
    {"steps_offset": 1}, {"set_alpha_to_one": True}, {"set_alpha_to_one": False}, {"rescale_betas_zero_snr": True},
    {"prediction_type": "sample"}, V, {"prediction_type": "flow_prediction"},
    {"clip_sample": True}, {"clip_sample": False}, {"clip_sample": True, "clip_sample_range": 0.5},
    {"thresholding": True}, THRESHOLD, {**THRESHOLD, "dynamic_thresholding_ratio": 0.7},
    {**THRESHOLD, "dynamic_thresholding_ratio": 0.7, "sample_max_value": None},
    {"dynamic_thresholding_ratio": 0.7}, {"sample_max_value": 1.5},
    {"use_karras_sigmas": True}, {"use_exponential_sigmas": True}, {"use_beta_sigmas": True}, {"use_lu_lambdas": True},
    {"use_karras_sigmas": True, "use_beta_sigmas": True},
    {"use_karras_sigmas": True, "beta_schedule": "squaredcos_cap_v2"},
    {"use_lu_lambdas": True, "beta_schedule": "squaredcos_cap_v2"},
    {"use_karras_sigmas": True, **LEADING}, {"use_exponential_sigmas": True, **LEADING},
    {"use_karras_sigmas": True, "timestep_spacing": "trailing"},
    {"sigma_min": 0.05, "sigma_max": 10.0}, {"use_karras_sigmas": True, "sigma_min": 0.05, "sigma_max": 10.0},
    {"use_exponential_sigmas": True, "sigma_max": 10.0}, {"use_beta_sigmas": True, "sigma_min": 0.05},
    MIN, {"use_karras_sigmas": True, **MIN}, {"use_exponential_sigmas": True, **MIN},
    {"interpolation_type": "log_linear"}, {"interpolation_type": "log_linear", "use_karras_sigmas": True, **LEADING},
    {"interpolation_type": "log_linear", "timestep_spacing": "trailing"},
    {"timestep_type": "continuous"}, {"timestep_type": "continuous", **V},
    {"skip_prk_steps": True}, {"skip_prk_steps": False},
    {"solver_order": 1}, {"solver_order": 3}, {"solver_type": "midpoint"}, {"solver_type": "heun"},
    {"solver_type": "bh1"}, {"solver_type": "bh2"}, {"solver_type": "logrho"},
    {"algorithm_type": "dpmsolver++"}, {"algorithm_type": "deis"}, {"algorithm_type": "dpmsolver", **MIN},
    {"algorithm_type": "noise_prediction"}, {"lower_order_final": False}, {"lower_order_final": False, **MIN},
    {"lower_order_final": True, **MIN}, {"euler_at_final": True}, {"euler_at_final": True, **MIN},
    {"use_flow_sigmas": True}, {"flow_shift": 3.0}, {"use_dynamic_shifting": True}, {"time_shift_type": "linear"},
    {"lambda_min_clipped": -1.5}, {"lambda_min_clipped": -1.5, "timestep_spacing": "leading"},
    {"lambda_min_clipped": -1.5, "use_karras_sigmas": True}, {"predict_x0": False}, {"disable_corrector": [1]},
    {"predictor_order": 3}, {"corrector_order": 3}, {"original_inference_steps": 25}, {"timestep_scaling": 5.0},
    {"shift_terminal": 0.1}, {"variance_type": "fixed_small"}, {"variance_type": "fixed_large"},
]


def model(x, t):
    """The prediction for the unit-variance sample x (1, 3, 2, 2)."""
    k = torch.arange(12, dtype=torch.float32).reshape(1, 3, 2, 2)
    return 0.5 * x + 0.3 * torch.cos(0.01 * float(t) + k)


def levels(name, scheduler):
    """The sigma of each evaluation, and that of the end."""
    if hasattr(scheduler, "sigmas") and hasattr(scheduler, "_step_index"):
        sigmas = scheduler.sigmas
        if len(sigmas) > len(scheduler.timesteps) + 1:
            sigmas = sigmas[: len(scheduler.timesteps) + 1]
        return [float(s) for s in sigmas]
    a = scheduler.alphas_cumprod.double()
    result = [math.sqrt((1 - a[int(t)]) / a[int(t)]) if a[int(t)] > 0 else math.inf for t in scheduler.timesteps]
    end = float(getattr(scheduler, "final_alpha_cumprod", torch.tensor(1.0)))
    return result + [math.sqrt((1 - end) / end)]


def walk(name, keys, steps):
    scheduler = getattr(diffusers, name).from_config({"_class_name": name, **keys})
    scheduler.set_timesteps(steps)
    sigmas = levels(name, scheduler)
    record = {"timesteps": [float(t) for t in scheduler.timesteps], "sigmas": sigmas}
    x = torch.linspace(-1.5, 1.5, 12).reshape(1, 3, 2, 2)
    draws = CLASSES[name]
    if draws:
        return record
    scale = math.sqrt(1 + sigmas[0] ** 2) if name in SCALED else 1
    x = x * scale
    for t in scheduler.timesteps:
        # As ours: a clipped x_0 changes eps.
        clips = {"use_clipped_model_output": True} if name == "DDIMScheduler" else {}
        x = scheduler.step(model(scheduler.scale_model_input(x, t), t), t, x, **clips).prev_sample
    if name in SCALED:
        x = x / math.sqrt(1 + sigmas[-1] ** 2)
    record["end"] = x.flatten()[::4].tolist()  # three of twelve
    return record


def shortened(value):
    if isinstance(value, dict):
        return {key: shortened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shortened(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.5g}") if math.isfinite(value) else None
    return value


def main():
    records = []
    for name in CLASSES:
        for steps in (6, 16):
            base = walk(name, {}, steps)
            records.append({"config": {"_class_name": name}, "steps": steps, **shortened(base), "same": True})
            for keys in ALTERED:
                # The tail of a walk differs below 15 steps; all else is seen in six.
                if steps == 16 and not {"lower_order_final", "solver_order"} & set(keys):
                    continue
                record = {"config": {"_class_name": name, **keys}, "steps": steps}
                try:
                    found = walk(name, keys, steps)
                    if shortened(found) == shortened(base):
                        record["same"] = True  # as the record above it
                    else:
                        record.update(shortened(found), same=False)
                except Exception as error:  # whatever the class raises is its refusal
                    record["error"] = type(error).__name__
                records.append(record)
    path = pathlib.Path(__file__).parent / "published_walks.json"
    about = {"script": "tests/golden/make_published_walks.py", "diffusers": diffusers.__version__,
             "torch": torch.__version__.split("+")[0]}
    lines = ",\n".join(json.dumps(record, separators=(",", ":")) for record in records)
    path.write_text('{"about":' + json.dumps(about) + ',\n"records":[\n' + lines + "\n]}\n")
    print(path, path.stat().st_size, len(records), file=sys.stderr)


if __name__ == "__main__":
    main()
