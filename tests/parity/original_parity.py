"""Requires the same images of a model in every form that unclip reads, written by PyTorch itself.

    python original_parity.py --unclip build/dev/unclip [-m weights/toybox]

Forms: .bin files of torch.save, of its form before 1.6, in shards and as fp16 variant; the files that Karlo's
authors published (dictionaries in .ckpt, statistics in .th, CLIP as TorchScript), by the inverse of the rules
that unclip follows; and what `unclip convert` writes of these, which diffusers and transformers then load, too.
Exit code: 0 all agree, 1 not.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))
NETWORKS = ("text_encoder", "image_encoder", "prior", "text_proj", "decoder", "super_res_first", "super_res_last")


def weights_of(model, part):
    return {key: value.float() for key, value in load_file(next((model / part).glob("*.safetensors"))).items()}


def with_bins(model, to, how):
    """A copy of the model whose weights are .bin files."""
    shutil.copytree(model, to)
    for file in sorted(to.glob("*/*.safetensors")):
        tensors = load_file(file)
        stem = "pytorch_model" if file.stem == "model" else file.stem
        if how == "zip":
            torch.save(tensors, file.parent / f"{stem}.bin")
        elif how == "old":
            torch.save(tensors, file.parent / f"{stem}.bin", _use_new_zipfile_serialization=False)
        elif how == "variant":
            torch.save(tensors, file.parent / f"{stem}.fp16.bin")
        else:
            names, where = sorted(tensors), {}
            for i in range(2):
                shard = f"{stem}-0000{i + 1}-of-00002.bin"
                torch.save({name: tensors[name] for name in names[i::2]}, file.parent / shard)
                where |= {name: shard for name in names[i::2]}
            (file.parent / f"{stem}.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))
        file.unlink()


def renamed(tensors, rules, prefix=""):
    result = {}
    for name, tensor in tensors.items():
        for pattern, new in rules:
            name = re.sub(pattern, new, name)
        result[prefix + name] = tensor
    return result


def fuse(tensors, names, fused, width, one=False):
    """Rows in blocks of `width`, cyclically; width 0: one tensor after another."""
    for name in [key for key in tensors if f".{names[0]}." in key]:
        before, ending = name.split(f"{names[0]}.")
        pieces = [tensors.pop(f"{before}{each}.{ending}") for each in names]
        if width:
            pieces = [piece.reshape(-1, width, *piece.shape[1:]) for piece in pieces]
            whole = torch.stack(pieces, 1).flatten(0, 2)
        else:
            whole = torch.cat(pieces)
        if one and whole.dim() == 2:
            whole = whole.unsqueeze(-1)
        tensors[f"{before}{fused}{ending}"] = whole


def original_prior(model):
    tensors = weights_of(model, "prior")
    mean, deviation = tensors.pop("clip_mean")[0], tensors.pop("clip_std")[0]
    fuse(tensors, ("to_q", "to_k", "to_v"), "c_qkv.", json.loads((model / "prior/config.json").read_text())["attention_head_dim"])
    rules = [(r"^time_embedding\.linear_(\d)", lambda m: f"time_embed.{2 * int(m[1]) - 2}"), (r"^proj_in", "clip_img_proj"),
             (r"^embedding_proj", "text_emb_proj"), (r"^encoder_hidden_states_proj", "text_enc_proj"),
             (r"^prd_embedding", "prd_emb"), (r"^norm_out", "final_ln"), (r"^proj_to_clip_embeddings", "out_proj"),
             (r"^transformer_blocks", "transformer.resblocks"), (r"attn1\.c_qkv", "attn.c_qkv"), (r"attn1\.to_out\.0", "attn.c_proj"),
             (r"ff\.net\.0\.proj", "mlp.c_fc"), (r"ff\.net\.2", "mlp.c_proj"), (r"norm1", "ln_1"), (r"norm3", "ln_2")]
    return renamed(tensors, rules, "model."), (mean, deviation)


def original_unet(model, part, prefix):
    tensors = weights_of(model, part)
    config = json.loads((model / part / "config.json").read_text())
    layers, width = config["layers_per_block"], config.get("attention_head_dim")
    fuse(tensors, ("to_q", "to_k", "to_v"), "qkv.", width, one=True)
    fuse(tensors, ("add_k_proj", "add_v_proj"), "encoder_kv.", width, one=True)
    attends = {name.rsplit(".attentions", 1)[0] for name in tensors if ".attentions." in name}
    result = {}
    for name, tensor in tensors.items():
        if name.endswith("to_out.0.weight"):
            tensor = tensor.unsqueeze(-1)
        if match := re.match(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.*)", name):
            side, level, kind, r, rest = match.groups()
            r = layers if kind.endswith("samplers") else int(r)
            number = (layers + 1) * int(level) + r + (side == "down")
            child = {"resnets": 0, "attentions": 1, "downsamplers": 0, "upsamplers": 1 + (f"up_blocks.{level}" in attends)}[kind]
            name = f"{'input' if side == 'down' else 'output'}_blocks.{number}.{child}.{rest}"
        result[name] = tensor
    rules = [(r"^time_embedding\.linear_(\d)", lambda m: f"time_embed.{2 * int(m[1]) - 2}"), (r"^conv_in", "input_blocks.0.0"),
             (r"^conv_norm_out", "out.0"), (r"^conv_out", "out.2"), (r"^mid_block\.resnets\.0", "middle_block.0"),
             (r"^mid_block\.attentions\.0", "middle_block.1"),
             (r"^mid_block\.resnets\.1", "middle_block.2" if "mid_block" in attends else "middle_block.1"),
             (r"\.norm1\.", ".in_layers.0."), (r"\.conv1\.", ".in_layers.2."), (r"\.time_emb_proj\.", ".emb_layers.1."),
             (r"\.norm2\.", ".out_layers.0."), (r"\.conv2\.", ".out_layers.3."), (r"\.conv_shortcut\.", ".skip_connection."),
             (r"\.group_norm\.", ".norm."), (r"\.to_out\.0\.", ".proj_out.")]
    return renamed(result, rules, prefix)


def original_clip(model):
    layers = [(r"self_attn\.in_proj\.", "attn.in_proj_"), (r"self_attn\.out_proj", "attn.out_proj"), (r"layer_norm", "ln_"),
              (r"mlp\.fc1", "mlp.c_fc"), (r"mlp\.fc2", "mlp.c_proj")]
    text, image = weights_of(model, "text_encoder"), weights_of(model, "image_encoder")
    for tensors in (text, image):
        tensors.pop("text_model.embeddings.position_ids", None)
        tensors.pop("vision_model.embeddings.position_ids", None)
        fuse(tensors, ("q_proj", "k_proj", "v_proj"), "in_proj.", 0)
    result = renamed(text, [(r"^text_model\.embeddings\.token_embedding", "token_embedding"),
                            (r"^text_model\.embeddings\.position_embedding\.weight", "positional_embedding"),
                            (r"^text_model\.final_layer_norm", "ln_final"), (r"^text_projection\.weight", "text_projection"),
                            (r"^text_model\.encoder\.layers", "transformer.resblocks")] + layers)
    result |= renamed(image, [(r"^vision_model\.embeddings\.class_embedding", "class_embedding"),
                              (r"^vision_model\.embeddings\.patch_embedding", "conv1"),
                              (r"^vision_model\.embeddings\.position_embedding\.weight", "positional_embedding"),
                              (r"^vision_model\.pre_layrnorm", "ln_pre"), (r"^vision_model\.post_layernorm", "ln_post"),
                              (r"^visual_projection\.weight", "proj"),
                              (r"^vision_model\.encoder\.layers", "transformer.resblocks")] + layers, "visual.")
    for name in ("text_projection", "visual.proj"):
        result[name] = result[name].t()
    return result


def as_script(tensors):
    """A TorchScript module whose attributes are the tensors, at the paths that their names say."""
    root = torch.nn.Module()
    for name, tensor in tensors.items():
        module, *path = root, *name.split(".")
        for step in path[:-1]:
            if not hasattr(module, step):
                module.add_module(step, torch.nn.Module())
            module = getattr(module, step)
        module.register_parameter(path[-1], torch.nn.Parameter(tensor.contiguous(), requires_grad=False))
    root.register_buffer("vocab_size", torch.tensor(7))
    return torch.jit.script(root)


def as_original(model, to):
    """The files of Karlo's authors, with the configs and the tokenizer that they lack."""
    shutil.copytree(model, to, ignore=shutil.ignore_patterns("*.safetensors", "model_index.json"))
    prior, statistics = original_prior(model)
    decoder = original_unet(model, "decoder", "model.") | renamed(weights_of(model, "text_proj"), [
        (r"^learned_classifier_free_guidance_embeddings", "cf_param"),
        (r"^clip_image_embeddings_project_to_time_embeddings", "clip_emb"), (r"^embedding_proj", "text_feat_proj"),
        (r"^clip_extra_context_tokens_proj", "clip_tok_proj"), (r"^encoder_hidden_states_proj", "text_seq_proj.0"),
        (r"^text_encoder_hidden_states_norm", "text_seq_proj.1")], "model.")
    super_resolution = original_unet(model, "super_res_first", "model_first_steps.") | original_unet(
        model, "super_res_last", "model_last_step.")
    trainer = {"epoch": 3, "global_step": 1000000, "hyper": Path("a/b")}
    torch.save({"state_dict": prior} | trainer, to / "prior-ckpt-step=01000000-of-01000000.ckpt")
    torch.save({"state_dict": decoder} | trainer, to / "decoder-ckpt-step=01000000-of-01000000.ckpt")
    torch.save({"state_dict": super_resolution} | trainer, to / "improved-sr-ckpt-step=1.2M.ckpt")
    torch.save(statistics, to / "ViT-L-14_stats.th")
    torch.jit.save(as_script(original_clip(model)), to / "ViT-L-14.pt")


def run(unclip, *words):
    subprocess.run([str(unclip), *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def painted(unclip, model, scratch):
    file = scratch / "image.png"
    run(unclip, "generate", "a red ball", "-m", model, "-s", 3, "--prior-steps", 3, "--decoder-steps", 3, "--super-res-steps", 2,
        "-q", "--overwrite", "-o", file)
    return np.asarray(Image.open(file))


def loads(folder):
    """Loads every network by its own library, which must miss no tensor and leave none."""
    import reference

    reference.quiet()
    for part in NETWORKS:
        network = reference.load_part(folder, part, torch.float32)
        wanted = {name for name in network.state_dict() if not name.endswith("position_ids")}
        stored = set()
        for file in (folder / part).glob("*.safetensors"):
            stored |= set(load_file(file))
        if wanted - stored or stored - set(network.state_dict()):
            raise SystemExit(f"{folder / part}: missing {wanted - stored}, unused {stored - wanted}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unclip", type=Path, required=True)
    parser.add_argument("-m", "--model", type=Path, default=ROOT / "weights" / "toybox")
    options = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        expected = painted(options.unclip, options.model, scratch)

        def check(form, model):
            difference = int(np.abs(painted(options.unclip, model, scratch).astype(int) - expected).max())
            print(f"{form:34} {'the same image' if difference == 0 else f'differs by {difference}'}")
            if difference:
                failed.append(form)

        for how in ("zip", "old", "variant", "shards"):
            with_bins(options.model, scratch / how, how)
            check(f".bin files, {how}", scratch / how)
        as_original(options.model, scratch / "original")
        check("the authors' files", scratch / "original")
        for source, more in (("original", ()), ("old", ("--shard-size", "1MB")), ("shards", ("--dtype", "float32"))):
            to = scratch / f"{source}-converted"
            run(options.unclip, "convert", "-q", scratch / source, to, *more)
            check(f"{source}, converted {' '.join(more)}", to)
            loads(to)
        print("diffusers and transformers load what was converted")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
