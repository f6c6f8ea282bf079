"""Writes torch/: files of torch.save and torch.jit.save, and beside each, as safetensors, what torch.load reads from it.

    python make_torch_files.py        needs torch
"""

import io
import json
import struct
from pathlib import Path

import torch

FOLDER = Path(__file__).parent / "torch"
NAMES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
         torch.uint16: "U16", torch.float8_e4m3fn: "F8_E4M3"}


def write_expected(name, tensors, seed_of="make_torch_files.py"):
    header, data = {"__metadata__": {"script": seed_of, "torch": torch.__version__}}, b""
    for key, tensor in tensors.items():
        values = tensor.detach().contiguous()
        packed = bytes(values.view(torch.uint8).flatten().tolist()) if values.dim() else bytes(
            values.reshape(1).view(torch.uint8).tolist())
        header[key] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape),
                       "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (FOLDER / f"{name}.expected").write_bytes(struct.pack("<Q", len(text)) + text + data)


def types():
    numbers = torch.tensor([[1.5, -2.0, 0.25], [3.0, 100.0, -0.125]])
    return {"f64": numbers.double(), "f32": numbers, "f16": numbers.half(), "bf16": numbers.bfloat16(),
            "i64": torch.tensor([-(2**40), 7]), "i32": torch.tensor([-70000, 7], dtype=torch.int32),
            "i16": torch.tensor([-300, 7], dtype=torch.int16), "i8": torch.tensor([-100, 7], dtype=torch.int8),
            "u8": torch.tensor([200, 7], dtype=torch.uint8), "bool": torch.tensor([True, False, True]),
            "scalar": torch.tensor(2.5), "empty": torch.empty(0, 3), "empty_first": torch.empty(2, 0)}


def views():
    base = torch.arange(24.0).reshape(4, 6)
    return {"whole": base, "rows": base[1:3], "columns": base[:, 2:4], "turned": base.t(), "one": base[2, 3],
            "again": base, "repeated": base[0].expand(3, 6), "steps": base[::2, ::3], "tail": base.flatten()[20:]}


def parameters():
    marked = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    marked.mark = "x"  # _rebuild_parameter_with_state
    noted = torch.tensor([3.0, 4.0])
    noted.note = 5  # _rebuild_from_type_v2
    return {"plain": torch.nn.Parameter(torch.tensor([0.5])), "marked": marked, "noted": noted}


class Inner(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]]).half())
        self.register_buffer("steps", torch.tensor(7))

    def forward(self, x):
        return x @ self.weight.float()


class Outer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor(0.5))
        self.blocks = torch.nn.Sequential(Inner(), Inner())
        self.tied = self.blocks[0].weight
        self.sizes = [1, 2, 3]

    def forward(self, x):
        return self.blocks(x) * self.scale + torch.tensor([1.0, 2.0])


def training():
    return {"state_dict": {"x.weight": torch.ones(2, 3), "x.steps": 7, "none": None},
            "epoch": 3, "lr": 0.1, "optimizer": {"state": {0: {"exp_avg": torch.zeros(6)}}, "groups": [{"lr": 1e-4}]},
            "when": __import__("datetime").date(2022, 12, 20), "path": Path("a/b"), 5: "five", "set": {1, 2},
            "large": 2**80, "dtype": torch.float16}


def save(name, value, expected, **options):
    torch.save(value, FOLDER / name, **options)
    write_expected(name, expected(torch.load(FOLDER / name, weights_only=False)))


def flat(value):
    return value


FOLDER.mkdir(exist_ok=True)
save("types.pt", types(), flat)
save("types_old.pt", types(), flat, _use_new_zipfile_serialization=False)
save("views.bin", views(), flat)
save("views_old.bin", views(), flat, _use_new_zipfile_serialization=False)
save("parameters.pth", parameters(), flat)
for protocol in (3, 4, 5):
    save(f"protocol{protocol}.pt", types(), flat, pickle_protocol=protocol)
save("training.ckpt", training(), lambda value: {"x.weight": value["state_dict"]["x.weight"]})
save("statistics.th", (torch.arange(4.0), torch.ones(4)), lambda value: {str(i): x for i, x in enumerate(value)})
numbers = torch.arange(1001.0)
save("many.bin", {f"key.{i}": numbers[i] for i in range(1001)}, flat)
save("narrow.pt", {"f8": torch.tensor([1.0, -2.0]).to(torch.float8_e4m3fn), "u16": torch.tensor([1, 2], dtype=torch.uint16),
                   "f32": torch.tensor([3.0])}, lambda value: {"f32": value["f32"]})
stream = io.BytesIO()
torch.save(views(), stream)
(FOLDER / "stream.ckpt").write_bytes(stream.getvalue())
write_expected("stream.ckpt", views())
script = torch.jit.script(Outer())
torch.jit.save(script, FOLDER / "script.pt")
write_expected("script.pt", torch.jit.load(FOLDER / "script.pt").state_dict())
torch.save(Outer(), FOLDER / "module.pt")
print(f"{sum(file.stat().st_size for file in FOLDER.iterdir())} bytes, in {FOLDER}")
