"""Writes images/: small WebP, GIF, BMP, TIFF, AVIF and HEIC files, PNG, JPEG, WebP and TIFF files that say in many
ways which way up they are, and images.safetensors with the RGB that Pillow reads from them, upright and over white.

    python make_images.py [--out DIR]        needs Pillow, pillow-heif, numpy, safetensors
"""

import argparse
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
import pillow_heif
from PIL import Image, ImageOps
from safetensors.numpy import save_file

SEED = 20220414
H, W = 19, 26

random = np.random.default_rng(SEED)
pillow_heif.register_heif_opener()


def scene(height=H, width=W, channels=3):
    """Slopes with some noise: a photograph's kind of image."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    slopes = 128 + 90 * np.sin(x / (4 + c) + c) + 40 * np.cos(y / (3 + 2 * c))
    return np.clip(slopes + random.normal(0, 6, slopes.shape), 0, 255).astype(np.uint8)


def rgb(height=H, width=W):
    return Image.fromarray(scene(height, width))


def rgba():
    return Image.fromarray(scene(channels=4))


def grey():
    return Image.fromarray(scene(channels=1)[..., 0])


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def webps():
    yield "lossy.webp", saved(rgb(), "WEBP", quality=80)
    yield "lossless.webp", saved(rgb(), "WEBP", lossless=True)
    yield "alpha.webp", saved(rgba(), "WEBP", lossless=True, exact=True)
    yield "animated.webp", saved(rgb(), "WEBP", lossless=True, save_all=True, append_images=[rgb()], duration=100)


def gifs():
    palette = rgb().quantize(64)
    yield "palette.gif", saved(palette, "GIF", interlace=0)
    yield "interlaced.gif", saved(palette, "GIF", interlace=1)
    yield "grey.gif", saved(grey(), "GIF")
    yield "transparent.gif", saved(palette, "GIF", transparency=5)
    yield "animated.gif", saved(palette, "GIF", save_all=True, append_images=[rgb().quantize(8)], duration=100)


def bmps():
    yield "one_bit.bmp", saved(grey().convert("1"), "BMP")
    yield "palette.bmp", saved(rgb().quantize(200), "BMP")
    yield "grey.bmp", saved(grey(), "BMP")
    yield "rgb.bmp", saved(rgb(), "BMP")
    yield "rgba.bmp", saved(rgba(), "BMP")
    # Rows from the top: the height is negative.
    data = saved(rgb(), "BMP")
    yield "top_down.bmp", data[:22] + struct.pack("<i", -H) + data[26:]


def tiffs():
    for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield f"rgb_{name.removeprefix('tiff_')}.tiff", saved(rgb(), "TIFF", compression=name)
    yield "jpeg.tiff", saved(rgb(), "TIFF", compression="jpeg", quality=90)
    yield "grey.tiff", saved(grey(), "TIFF")
    yield "fax.tiff", saved(grey().convert("1"), "TIFF", compression="group4")
    yield "palette.tiff", saved(rgb().quantize(100), "TIFF")
    yield "cmyk.tiff", saved(Image.fromarray(scene(channels=4), mode="CMYK"), "TIFF")
    yield "rgba.tiff", saved(rgba(), "TIFF")
    for value in range(2, 9):
        yield f"turned{value}.tiff", saved(rgb(9, 14), "TIFF", tiffinfo={0x0112: value})


def heifs():
    yield "lossless.avif", saved(rgb(), "AVIF", quality=100, subsampling="4:4:4")
    yield "lossy.avif", saved(rgb(), "AVIF", quality=70)
    yield "alpha.avif", saved(rgba(), "AVIF", quality=100, subsampling="4:4:4")
    yield "turned6.avif", saved(rgb(16, 24), "AVIF", quality=100, subsampling="4:4:4",
                                exif=b"Exif\0\0" + tiff_block((0x0112, 3, 1, 6)))
    image = Image.fromarray(scene(64, 64))
    yield "photo.heic", saved(image, "HEIF", quality=90)


# --- Which way up ---

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
CODES = {1: "B", 2: "B", 3: "H", 4: "L", 6: "b", 7: "B", 8: "h", 9: "l", 11: "f", 12: "d", 13: "L", 16: "Q"}


def tiff_block(*entries, order=">"):
    """EXIF of entries (tag, type, count, value or values); longer values follow the directory."""
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", len(entries))
    data, rows = b"", b""
    base = 8 + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        values = value if isinstance(value, tuple) else (value,)
        code = "L" if kind == 5 else "l" if kind == 10 else CODES.get(kind, "H")
        packed = struct.pack(f"{order}{len(values)}{code}", *values)
        if SIZES.get(kind, 2) * count > 4:
            rows += struct.pack(order + "HHLL", tag, kind, count, base + len(data))
            data += packed
        else:
            rows += struct.pack(order + "HHL", tag, kind, count) + packed.ljust(4, b"\0")
    return head + rows + bytes(4) + data


def xmp(value, element=False, name="tiff:Orientation"):
    inner = f"<{name}>{value}</{name}>" if element else ""
    attribute = "" if element else f' {name}="{value}"'
    return ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/"{attribute}>{inner}</rdf:Description>'
            "</rdf:RDF></x:xmpmeta>").encode()


def raw_profile(block, prefix=b"Exif\0\0"):
    data = prefix + block
    lines = "\n".join(data.hex()[i:i + 72] for i in range(0, 2 * len(data), 72))
    return f"\nexif\n{len(data):8}\n{lines}\n".encode()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*chunks, before_end=False):
    file = saved(rgb(5, 7), "PNG")
    at = len(file) - 12 if before_end else 33
    return file[:at] + b"".join(chunks) + file[at:]


def jpeg_with(*segments):
    file = saved(rgb(9, 14), "JPEG", quality=90)
    return file[:2] + b"".join(b"\xff\xe1" + struct.pack(">H", len(s) + 2) + s for s in segments) + file[2:]


EXIF, XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"


def text(keyword, value):
    return chunk(b"tEXt", keyword + b"\0" + value)


def compressed_text(keyword, value):
    return chunk(b"zTXt", keyword + b"\0\0" + zlib.compress(value))


def international_text(keyword, value, compress=False):
    return chunk(b"iTXt", keyword + bytes([0, compress, 0, 0, 0]) + (zlib.compress(value) if compress else value))


def turned():
    entry = {"short": (3, 6), "long": (4, 6), "rational": (5, (12, 2)), "signed_byte": (6, 6), "signed_short": (8, 6),
             "signed_long": (9, 6), "signed_rational": (10, (6, 1)), "float": (11, 6.0), "double": (12, 6.0),
             "ifd": (13, 6), "long8": (16, 6), "byte": (1, 6), "ascii": (2, ord("6")), "undefined": (7, 6),
             "nothing_rational": (5, (6, 0)), "fraction": (5, (13, 2)), "negative": (8, -6), "zero": (3, 0),
             "nine": (3, 9), "unknown_type": (99, 6)}
    for name, (kind, value) in entry.items():
        for order in "<>":
            block = tiff_block((0x0112, kind, 1, value), order=order)
            yield f"exif_{name}_{'little' if order == '<' else 'big'}.jpg", jpeg_with(EXIF + block)
    yield "exif_two_values.jpg", jpeg_with(EXIF + tiff_block((0x0112, 3, 2, (6, 8))))
    yield "exif_four_values.jpg", jpeg_with(EXIF + tiff_block((0x0112, 3, 4, (8, 6, 1, 1))))
    yield "exif_no_values.jpg", jpeg_with(EXIF + tiff_block((0x0112, 3, 0, 6)), XMP + xmp(3))
    yield "exif_twice.jpg", jpeg_with(EXIF + tiff_block((0x0112, 3, 1, 6), (0x0112, 3, 1, 8)))
    yield "exif_unknown_then_short.jpg", jpeg_with(EXIF + tiff_block((0x0112, 99, 1, 6), (0x0112, 3, 1, 8)))
    yield "exif_behind_others.jpg", jpeg_with(EXIF + tiff_block((0x010F, 2, 4, (77, 65, 75, 0)), (0x0112, 3, 1, 5)))
    yield "exif_double_prefix.jpg", jpeg_with(EXIF + EXIF + tiff_block((0x0112, 3, 1, 7)))
    block = tiff_block((0x0112, 3, 1, 6))
    yield "exif_in_two_segments.jpg", jpeg_with(EXIF + block[:15], EXIF + block[15:])
    yield "xmp_attribute.jpg", jpeg_with(XMP + xmp(6))
    yield "xmp_element.jpg", jpeg_with(XMP + xmp(8, element=True))
    yield "xmp_zero.jpg", jpeg_with(XMP + xmp(0))
    yield "xmp_other_name.jpg", jpeg_with(XMP + xmp(6, name="exif:Orientation"))
    yield "xmp_twice.jpg", jpeg_with(XMP + xmp(6), XMP + xmp(3))
    yield "exif_before_xmp.jpg", jpeg_with(XMP + xmp(6), EXIF + tiff_block((0x0112, 3, 1, 3)))
    yield "exif_upright_xmp_not.jpg", jpeg_with(XMP + xmp(6), EXIF + tiff_block((0x0112, 3, 1, 1)))
    yield "exif_without_then_xmp.jpg", jpeg_with(EXIF + tiff_block((0x010F, 2, 4, (77, 65, 75, 0))), XMP + xmp(6))
    yield "exif.png", png_with(chunk(b"eXIf", tiff_block((0x0112, 3, 1, 6))))
    yield "exif_at_end.png", png_with(chunk(b"eXIf", tiff_block((0x0112, 4, 1, 8))), before_end=True)
    yield "raw_profile_text.png", png_with(text(b"Raw profile type exif", raw_profile(block)))
    yield "raw_profile_compressed.png", png_with(compressed_text(b"Raw profile type exif", raw_profile(block)))
    yield "raw_profile_at_end.png", png_with(compressed_text(b"Raw profile type exif", raw_profile(block)),
                                             before_end=True)
    yield "raw_profile_no_prefix.png", png_with(text(b"Raw profile type exif", raw_profile(block, prefix=b"")))
    yield "raw_profile_of_app1.png", png_with(text(b"Raw profile type APP1", raw_profile(block)))
    yield "exif_before_raw_profile.png", png_with(chunk(b"eXIf", tiff_block((0x0112, 3, 1, 3))),
                                                  text(b"Raw profile type exif", raw_profile(block)))
    yield "xmp.png", png_with(international_text(b"XML:com.adobe.xmp", xmp(6)))
    yield "xmp_compressed.png", png_with(international_text(b"XML:com.adobe.xmp", xmp(8, element=True), compress=True))
    yield "xmp_in_plain_text.png", png_with(text(b"XML:com.adobe.xmp", xmp(6)))
    yield "exif.webp", saved(rgb(9, 14), "WEBP", lossless=True, exif=EXIF + block)
    yield "xmp.webp", saved(rgb(9, 14), "WEBP", lossless=True, xmp=xmp(8))
    yield "long.tiff", saved(rgb(9, 14), "TIFF", tiffinfo={0x0112: 6}).replace(
        struct.pack("<HHLL", 0x0112, 3, 1, 6), struct.pack("<HHLL", 0x0112, 4, 1, 6))
    yield "xmp.tiff", saved(rgb(9, 14), "TIFF", tiffinfo={700: xmp(6)})


# --- BMP by run lengths, which Pillow reads and does not write ---


def runs(row, bits):
    """One row's codes: pixels as they are while none repeats, else runs."""
    codes, at = b"", 0

    def end_of_run(begin):
        end = begin + 1
        while end < len(row) and row[end] == row[begin] and end - begin < 255:
            end += 1
        return end

    def packed(pixels):
        if bits == 8:
            return bytes(pixels)
        pixels = [*pixels, 0] if len(pixels) % 2 else pixels
        return bytes(high << 4 | low for high, low in zip(pixels[::2], pixels[1::2]))

    while at < len(row):
        end = at
        while end < len(row) and end_of_run(end) - end < 3 and end - at < 255:
            end += 1
        if end - at >= 3:
            data = packed(list(row[at:end]))
            codes += bytes([0, end - at]) + data + bytes(len(data) % 2)
        else:
            end = end_of_run(at)
            codes += bytes([end - at, row[at] if bits == 8 else row[at] << 4 | row[at]])
        at = end
    return codes


def indexed_bmp(colours, height, width, bits, compression, data):
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 0, 0, len(colours), 0)
    table = b"".join(bytes([blue, green, red, 0]) for red, green, blue in colours)
    first = 14 + len(header) + len(table)
    return b"BM" + struct.pack("<IHHI", first + len(data), 0, 0, first) + header + table + data


def indexed_bmps():
    for bits, name in ((8, "rle8.bmp"), (4, "rle4.bmp")):
        image = rgb(H, W + 1).quantize(200 if bits == 8 else 11)
        colours = np.array(image.getpalette()).reshape(-1, 3)[:200 if bits == 8 else 11].tolist()
        pixels = np.array(image)
        pixels[3:7, 5:] = 7  # long runs
        rows = [runs(row, bits) for row in pixels[::-1]]
        data = b"\0\0".join(rows) + b"\0\1"
        yield name, indexed_bmp(colours, H, W + 1, bits, {8: 1, 4: 2}[bits], data)
    colours = [(250, 240, 9), (255, 0, 0), (0, 200, 90)]
    # Runs that skip pixels: 3 to the right and 2 up, then 1 up. What is skipped has the first colour.
    data = bytes([4, 1, 0, 2, 3, 2, 2, 2, 0, 0, 12, 1, 0, 0, 0, 3, 1, 2, 1, 0, 0, 2, 2, 1, 6, 2, 0, 0, 0, 1])
    yield "rle8_delta.bmp", indexed_bmp(colours, 6, 12, 8, 1, data)
    # OS/2's header, whose colours have 3 bytes.
    for bits in (4, 8):
        image = rgb().quantize(1 << bits)
        table = np.array(image.getpalette(), np.uint8)
        table = np.concatenate([table, np.zeros((3 << bits) - len(table), np.uint8)]).reshape(-1, 3)[:, ::-1].tobytes()
        pixels = np.array(image)[::-1]
        if bits == 4:
            pixels = pixels[:, ::2] << 4 | pixels[:, 1::2]
        rows = b"".join(row.tobytes() + bytes(-len(row) % 4) for row in pixels)
        first = 26 + len(table)
        yield f"os2_{bits}.bmp", (b"BM" + struct.pack("<IHHI", first + len(rows), 0, 0, first)
                                  + struct.pack("<IHHHH", 12, W, H, 1, bits) + table + rows)


def over_white(image):
    rgba = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def expected(file):
    image = Image.open(io.BytesIO(file))
    image.load()
    image = ImageOps.exif_transpose(image)
    image = over_white(image) if image.has_transparency_data else image.convert("RGB")
    return np.ascontiguousarray(np.array(image).transpose(2, 0, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    metadata = {"script": "tests/golden/make_images.py", "command": "python make_images.py", "seed": str(SEED),
                "pillow": PIL.__version__, "pillow_heif": pillow_heif.__version__, "numpy": np.__version__}
    files = {}
    for source in (webps, gifs, bmps, tiffs, heifs, turned, indexed_bmps):
        files |= dict(source())
    for name, file in files.items():
        (out / name).write_bytes(file)
    save_file({name: expected(file) for name, file in files.items()}, out / "images.safetensors", metadata)
    print(f"{len(files)} images by Pillow {PIL.__version__}, in {out}")


if __name__ == "__main__":
    main()
