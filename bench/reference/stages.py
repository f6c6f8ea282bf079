"""What `unclip bench --json` measures, of diffusers' networks and scheduler, with numbers of its own.

    python stages.py -m DIR --stages prior,decoder [--steps 5] [--dtype bfloat16] [--threads 2] [--device cuda] [--compile]

Each stage's loop is that of diffusers' UnCLIPPipeline, or of its Kandinsky 2.2 pipelines: the network on the batch that guidance asks for, the
guidance, the scheduler's step. Prints one JSON object.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "golden"))
from reference import load_part, quiet  # noqa: E402

UNTIMED = 2  # steps before those that are timed, as in unclip


def peak_bytes(device):
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024


def network(a, part, dtype):
    model = load_part(a.model, part, dtype).to(a.device)
    if a.compile:
        model.forward = torch.compile(model.forward)
    return model


class Text:
    def __init__(self, a, dtype):
        self.model, self.dtype, self.device = network(a, "text_encoder", dtype), dtype, a.device
        self.tokenizer = load_part(a.model, "tokenizer", dtype)

    def begin(self, steps):
        return range(steps), None

    def step(self, t, state):
        ids = self.tokenizer(["", "a red ball"], padding="max_length", truncation=True,
                             max_length=self.tokenizer.model_max_length, return_tensors="pt")
        # The pipeline encodes the prompt, then the empty text.
        for row in (1, 0):
            self.model(ids.input_ids[row:row + 1].to(self.device))


class Stage:
    def __init__(self, a, part, dtype):
        self.a, self.dtype = a, dtype
        self.scheduler = load_part(a.model, part, dtype)

    def guided(self, prediction, scale):
        without, with_text = prediction.chunk(2)
        return without + scale * (with_text - without)

    def after(self, timesteps, i):
        return timesteps[i + 1] if i + 1 < len(timesteps) else None


def text_rows(a, width, tokens, dtype):
    """Rows without and with a prompt of five tokens: embedding, hidden states, mask."""
    mask = torch.zeros(2, tokens)
    mask[0, :2], mask[1, :5] = 1, 1
    return torch.randn(2, width, dtype=dtype), torch.randn(2, tokens, width, dtype=dtype), mask.bool()


class Prior(Stage):
    def __init__(self, a, dtype):
        super().__init__(a, "prior_scheduler", dtype)
        self.model = network(a, "prior", dtype)
        c = self.model.config
        self.embedding, self.hidden, self.mask = text_rows(a, c.embedding_dim, c.num_embeddings, dtype)

    def begin(self, steps):
        self.scheduler.set_timesteps(steps, device=self.a.device)
        return self.scheduler.timesteps, torch.randn(1, self.model.config.embedding_dim, dtype=self.dtype)

    def step(self, i, latents):
        t = self.scheduler.timesteps
        out = self.model(torch.cat([latents] * 2), timestep=t[i], proj_embedding=self.embedding,
                         encoder_hidden_states=self.hidden, attention_mask=self.mask).predicted_image_embedding
        return self.scheduler.step(self.guided(out, 4.0), timestep=t[i], sample=latents,
                                   prev_timestep=self.after(t, i)).prev_sample


class KandinskyPrior(Prior):
    """Of the folder next to the decoder's."""

    def __init__(self, a, dtype):
        from diffusers import PriorTransformer
        from diffusers.schedulers.scheduling_unclip import UnCLIPScheduler

        home = a.model.parent / "kandinsky-2-2-prior"
        self.a, self.dtype = a, dtype
        self.scheduler = UnCLIPScheduler.from_pretrained(home / "scheduler")
        self.model = PriorTransformer.from_pretrained(home / "prior", torch_dtype=dtype).eval().to(a.device)
        c = self.model.config
        self.embedding, self.hidden, self.mask = text_rows(a, c.embedding_dim, c.num_embeddings, dtype)


class KandinskyDecoder(Stage):
    def __init__(self, a, dtype):
        from diffusers import DDPMScheduler, UNet2DConditionModel

        self.a, self.dtype = a, dtype
        self.scheduler = DDPMScheduler.from_pretrained(a.model / "scheduler")
        self.model = UNet2DConditionModel.from_pretrained(a.model / "unet", torch_dtype=dtype).eval().to(a.device)
        self.condition = {"image_embeds": torch.randn(2, self.model.config.encoder_hid_dim, dtype=dtype)}

    def begin(self, steps):
        self.scheduler.set_timesteps(steps, device=self.a.device)
        side = self.model.config.sample_size
        return self.scheduler.timesteps, torch.randn(1, self.model.config.in_channels, side, side, dtype=self.dtype)

    def step(self, i, latents):
        t = self.scheduler.timesteps
        out = self.model(torch.cat([latents] * 2), timestep=t[i], encoder_hidden_states=None,
                         added_cond_kwargs=self.condition).sample
        out, _ = out.split(latents.shape[1], dim=1)
        return self.scheduler.step(self.guided(out, 4.0), t[i], latents).prev_sample


class Decoder(Stage):
    def __init__(self, a, dtype):
        super().__init__(a, "decoder_scheduler", dtype)
        self.model, projection = network(a, "decoder", dtype), load_part(a.model, "text_proj", dtype).to(a.device)
        c = projection.config
        tokens = load_part(a.model, "tokenizer", dtype).model_max_length
        embedding, hidden, mask = text_rows(a, c.clip_embeddings_dim, tokens, dtype)
        hidden = torch.randn(2, tokens, projection.encoder_hidden_states_proj.in_features, dtype=dtype)
        self.context, self.time_add = projection(
            image_embeddings=torch.randn(1, c.clip_embeddings_dim, dtype=dtype), prompt_embeds=embedding,
            text_encoder_hidden_states=hidden, do_classifier_free_guidance=True)
        extra = c.clip_extra_context_tokens
        self.mask = torch.nn.functional.pad(mask, (extra, 0), value=True)

    def begin(self, steps):
        self.scheduler.set_timesteps(steps, device=self.a.device)
        side = self.model.config.sample_size
        return self.scheduler.timesteps, torch.randn(1, 3, side, side, dtype=self.dtype)

    def step(self, i, latents):
        t = self.scheduler.timesteps
        out = self.model(torch.cat([latents] * 2), timestep=t[i], encoder_hidden_states=self.context,
                         class_labels=self.time_add, attention_mask=self.mask).sample
        without, with_text = out.chunk(2)
        without, _ = without.split(latents.shape[1], dim=1)
        with_text, variance = with_text.split(latents.shape[1], dim=1)
        out = torch.cat([without + 8.0 * (with_text - without), variance], dim=1)
        return self.scheduler.step(out, t[i], latents, prev_timestep=self.after(t, i)).prev_sample


class SuperResolution(Stage):
    def __init__(self, a, dtype):
        super().__init__(a, "super_res_scheduler", dtype)
        self.model, self.last = network(a, "super_res_first", dtype), network(a, "super_res_last", dtype)

    def begin(self, steps):
        self.scheduler.set_timesteps(steps, device=self.a.device)
        side = self.model.config.sample_size
        self.upscaled = torch.randn(1, 3, side, side, dtype=self.dtype)
        return self.scheduler.timesteps, torch.randn(1, 3, side, side, dtype=self.dtype)

    def step(self, i, latents):
        t = self.scheduler.timesteps
        model = self.last if i == len(t) - 1 else self.model
        out = model(sample=torch.cat([latents, self.upscaled], dim=1), timestep=t[i]).sample
        return self.scheduler.step(out, t[i], latents, prev_timestep=self.after(t, i)).prev_sample


STAGES = {"text": Text, "prior": Prior, "decoder": Decoder, "super-res": SuperResolution}
KANDINSKY_STAGES = {"prior": KandinskyPrior, "decoder": KandinskyDecoder}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--model", type=Path, required=True)
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", type=torch.device, default=torch.device("cpu"))
    parser.add_argument("--compile", action="store_true", help="torch.compile the networks")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_default_device(a.device)
    # As unclip has them: float32 is float32, convolutions' algorithms are tried out.
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    quiet()

    result = {"dtype": a.dtype, "threads": a.threads, "stages": {}}
    for name in a.stages.split(","):
        begin = time.perf_counter()
        stages = KANDINSKY_STAGES if (a.model / "unet").exists() else STAGES
        stage = stages[name](a, getattr(torch, a.dtype))
        load = time.perf_counter() - begin
        seconds = []
        timesteps, x = stage.begin(a.steps + UNTIMED)
        for i in range(len(timesteps)):
            begin = time.perf_counter()
            x = stage.step(i, x)
            if a.device.type == "cuda":
                torch.cuda.synchronize(a.device)
            seconds.append(time.perf_counter() - begin)
        result["stages"][name] = {"load_seconds": load, "first_seconds": seconds[0], "steps": seconds[UNTIMED:],
                                  "peak_bytes": peak_bytes(a.device)}
        del stage
    print(json.dumps(result))


if __name__ == "__main__":
    main()
