"""Writes pictures/: small PNG and JPEG files of every kind, pictures.safetensors with the RGB that Pillow
reads from them, upright and over white, and resized.safetensors with pictures that Pillow has resized.

    python make_pictures.py [--out DIR]        needs Pillow, numpy, safetensors
"""

import argparse
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps
from safetensors.numpy import save_file

SEED = 20220413
H, W = 17, 23
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# First column, first row, columns apart, rows apart, of each of Adam7's passes.
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
# Of resize_8bit_test.cpp, which has `formula` too. Height, width, new height, new width.
RESIZED = [(37, 29, 37, 29), (37, 29, 61, 47), (37, 29, 12, 9), (37, 29, 7, 50), (37, 29, 37, 11), (37, 29, 5, 29),
           (37, 29, 36, 28), (37, 29, 1, 1), (37, 29, 90, 3), (1, 1, 5, 7), (2, 60, 9, 4), (100, 1, 13, 2),
           (1, 300, 3, 5), (480, 640, 24, 32), (427, 640, 33, 50)]
# The same with a box (left, top, right, bottom) or none, and a reducing gap or none.
PARTS = [(37, 29, 61, 47, None, None), (37, 29, 12, 9, None, None), (90, 40, 20, 38, None, None), (37, 29, 12, 9, None, 1.0),
         (100, 90, 24, 40, None, 1.0), (101, 93, 24, 40, None, 2.5), (60, 80, 16, 16, (3.25, 7.5, 70.125, 50.75), None),
         (120, 90, 16, 16, (3.5, 7.0, 70.25, 111.5), 1.0), (37, 29, 20, 11, (5, 6, 16, 26), None),
         (37, 29, 60, 11, (5, 6, 16, 26), 1.0), (37, 29, 37, 11, (3, 0, 14, 37), None), (203, 77, 32, 64, None, 1.0)]
REDUCED = [(37, 29, 1, 1), (37, 29, 2, 2), (37, 29, 3, 1), (37, 29, 5, 7), (30, 28, 3, 4), (37, 29, 50, 40), (64, 64, 6, 6)]

random = np.random.default_rng(SEED)


# --- PNG, by hand: Pillow writes neither every depth nor interlaced files ---


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_rows(samples, depth):
    """samples (H, W, C) -> filter byte 0 and packed samples, row by row."""
    bits = (samples[..., None].astype(np.uint32) >> np.arange(depth - 1, -1, -1)) & 1
    rows = np.packbits(bits.reshape(len(samples), -1).astype(np.uint8), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in rows)


def png(color, depth, samples, before=(), after=(), interlaced=False):
    """`before` and `after`: chunks around the picture's data."""
    height, width, _ = samples.shape
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    data = b"".join(packed_rows(part, depth) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    return b"".join([b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *before, chunk(b"IDAT", zlib.compress(data, 9)),
                     *after, chunk(b"IEND", b"")])


def noise(color, depth, height=H, width=W):
    return random.integers(0, 2**depth, (height, width, SAMPLES[color]))


def palette(depth):
    return chunk(b"PLTE", random.integers(0, 256, 3 * 2**depth, dtype=np.uint8).tobytes())


def orientation(value, order="<"):
    """A block of EXIF: TIFF's header, one directory of one entry."""
    return {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HIHHHIHHI", 42, 8, 1, 0x0112, 3, 1, value, 0, 0)


def pngs():
    for depth in (1, 2, 4, 8, 16):
        yield f"grey{depth}", png(GREY, depth, noise(GREY, depth))
    for depth in (1, 2, 4, 8):
        yield f"palette{depth}", png(PALETTE, depth, noise(PALETTE, depth), [palette(depth)])
    for depth in (8, 16):
        for name, color in (("rgb", RGB), ("grey_alpha", GREY_ALPHA), ("rgba", RGBA)):
            yield f"{name}{depth}", png(color, depth, noise(color, depth))

    alpha = chunk(b"tRNS", bytes([0, 255, 100, 7, 250]))  # of the first colours
    yield "palette4_alpha", png(PALETTE, 4, noise(PALETTE, 4), [palette(4), alpha])
    yield "grey8_absent", png(GREY, 8, noise(GREY, 8) // 64 * 64, [chunk(b"tRNS", struct.pack(">H", 128))])
    yield "rgb8_absent", png(RGB, 8, noise(RGB, 8) // 128 * 128, [chunk(b"tRNS", struct.pack(">HHH", 128, 0, 128))])

    yield "grey1_interlaced", png(GREY, 1, noise(GREY, 1), interlaced=True)
    yield "palette4_interlaced", png(PALETTE, 4, noise(PALETTE, 4), [palette(4)], interlaced=True)
    yield "rgb8_interlaced", png(RGB, 8, noise(RGB, 8), interlaced=True)
    yield "rgba16_interlaced", png(RGBA, 16, noise(RGBA, 16), interlaced=True)
    yield "rgb8_interlaced_1x1", png(RGB, 8, noise(RGB, 8, 1, 1), interlaced=True)
    yield "rgba8_1x1", png(RGBA, 8, noise(RGBA, 8, 1, 1))

    yield "turned6", png(RGB, 8, noise(RGB, 8, 5, 3), [chunk(b"eXIf", orientation(6))])
    yield "turned8_at_end", png(RGB, 8, noise(RGB, 8, 5, 3), after=[chunk(b"eXIf", orientation(8, ">"))])


# --- JPEG ---


def scene(channels, height=H, width=W):
    """Slopes with some noise: a photograph's kind of picture."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    slopes = 128 + 90 * np.sin(x / (4 + c) + c) + 40 * np.cos(y / (3 + 2 * c))
    return np.clip(slopes + random.normal(0, 12, slopes.shape), 0, 255).astype(np.uint8)


def jpeg(samples, **options):
    bands = [Image.fromarray(np.ascontiguousarray(samples[..., c])) for c in range(samples.shape[2])]
    image = Image.merge({1: "L", 3: "RGB", 4: "CMYK"}[len(bands)], bands)
    file = io.BytesIO()
    image.save(file, "JPEG", **({"quality": 90} | options))
    return file.getvalue()


def without_adobe(file):
    begin = file.index(b"\xff\xee\x00\x0eAdobe")
    return file[:begin] + file[begin + 16:]


def as_ycck(file):
    """The same numbers, said to be YCCK."""
    last = file.index(b"\xff\xee\x00\x0eAdobe") + 15
    return file[:last] + b"\2" + file[last + 1:]


def jpegs():
    yield "grey", jpeg(scene(1))
    yield "grey_progressive", jpeg(scene(1), progressive=True)
    for name in ("4:4:4", "4:2:2", "4:2:0"):
        yield "ycc" + name.replace(":", ""), jpeg(scene(3), subsampling=name)
    yield "ycc420_wide", jpeg(scene(3, 37, 70), subsampling="4:2:0", quality=60)
    yield "ycc420_progressive", jpeg(scene(3), subsampling="4:2:0", progressive=True)
    yield "ycc444_progressive", jpeg(scene(3), subsampling="4:4:4", progressive=True)
    yield "ycc_restarts", jpeg(scene(3), restart_marker_blocks=1)
    yield "ycc_1x1", jpeg(scene(3, 1, 1))
    yield "grey_1x1", jpeg(scene(1, 1, 1))
    yield "rgb", jpeg(scene(3), keep_rgb=True)
    yield "cmyk", jpeg(scene(4))
    yield "cmyk_progressive", jpeg(scene(4), progressive=True)
    yield "cmyk_plain", without_adobe(jpeg(scene(4)))
    yield "ycck", as_ycck(jpeg(scene(4), subsampling="4:2:0"))
    for value in range(1, 9):
        block = b"Exif\0\0" + orientation(value, "<>"[value % 2])
        yield f"turned{value}", jpeg(scene(3, 9, 14), exif=block)


# --- What Pillow makes of them ---


def over_white(image):
    rgba = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def expected(file):
    image = Image.open(io.BytesIO(file))
    image.load()
    if image.mode == "I;16":
        # Pillow's convert makes all above 255 white; the upper bits are what it keeps of deep colours.
        image = Image.fromarray((np.array(image) >> 8).astype(np.uint8))
    image = ImageOps.exif_transpose(image)
    return planes(over_white(image) if image.has_transparency_data else image.convert("RGB"))


def planes(image):
    return np.ascontiguousarray(np.array(image).transpose(2, 0, 1))


def formula(height, width):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((7 * x * x + 3 * x * y + 13 * y + 31 * c) % 256).astype(np.uint8)


def resized(height, width, new_height, new_width):
    image = Image.fromarray(formula(height, width))
    return planes(image.resize((new_width, new_height), Image.Resampling.BICUBIC))


def resized_parts():
    """name -> picture: by other filters, of boxes, after a reduction, and reductions."""
    pictures = {}
    for filter in Image.Resampling.BICUBIC, Image.Resampling.LANCZOS:
        for height, width, new_height, new_width, box, gap in PARTS:
            name = f"{filter.name.lower()}.{height}x{width}.{new_height}x{new_width}"
            name += "".join(f".{side}" for side in box or ()) + (f".gap{gap}" if gap else "")
            image = Image.fromarray(formula(height, width))
            pictures[name] = planes(image.resize((new_width, new_height), filter, box, gap))
    for height, width, rows, columns in REDUCED:
        image = Image.fromarray(formula(height, width))
        pictures[f"reduced.{height}x{width}.{rows}x{columns}"] = planes(image.reduce((columns, rows)))
    return pictures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "pictures")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    metadata = {"script": "tests/golden/make_pictures.py", "command": "python make_pictures.py", "seed": str(SEED),
                "pillow": PIL.__version__, "numpy": np.__version__}

    files = {f"{name}.png": file for name, file in pngs()} | {f"{name}.jpg": file for name, file in jpegs()}
    for name, file in files.items():
        (out / name).write_bytes(file)
    save_file({name: expected(file) for name, file in files.items()}, out / "pictures.safetensors", metadata)

    sizes = {"{}x{}.{}x{}".format(*size): resized(*size) for size in RESIZED} | resized_parts()
    save_file(sizes, out / "resized.safetensors", metadata)
    print(f"{len(files)} pictures, {len(sizes)} resized ones, by Pillow {PIL.__version__}, in {out}")


if __name__ == "__main__":
    main()
