#!/usr/bin/python3
"""Writes templates.png and names.tsv next to this file: what the judge of the picture book compares images with.

    apt-get install fonts-noto-color-emoji python3-fonttools python3-numpy python3-pil
    judge/picturebook/make_templates.py

A template is a square of 26 x 26 cells around an object, 2.6 times as wide as its longer side is half long, with the
shadow as black. The objects are the font's bitmaps; the six solids are drawn here from their description, as how light
(red), how glossy (green) and how opaque they are, since a colour is added by the judge. The committed files were made
from fonts-noto-color-emoji 2.042-0+deb12u1.
"""

import io
import pathlib

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
CELLS = 26
EXTENT = 1.3  # half of a template's side, in radii
FINE = 8  # samples across a cell
COLUMNS = 12

here = pathlib.Path(__file__).parent
objects_tsv = here.parent.parent / "world" / "picturebook" / "objects.tsv"

side = CELLS * FINE
axis = (np.arange(side) + 0.5) / side * 2 * EXTENT - EXTENT
U, V = np.meshgrid(axis, axis)


def objects():
    lines = objects_tsv.read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def shadow(foot, width, height, strength):
    q = (U / width) ** 2 + ((V - foot) / height) ** 2
    return strength * np.maximum(0, 1 - q) ** 2


def over(rgb, alpha, shadow_alpha):
    """An image of colours `rgb` and opacity `alpha` over a black shadow, averaged to cells. -> straight RGBA bytes"""
    whole = alpha + (1 - alpha) * shadow_alpha
    coloured = np.dstack([rgb * alpha[..., None], whole])
    cells = coloured.reshape(CELLS, FINE, CELLS, FINE, 4).mean((1, 3))
    cells[..., :3] /= np.maximum(cells[..., 3:], 1e-6)
    return np.rint(np.clip(cells, 0, 1) * 255).astype(np.uint8)


def object_template(bitmap, flies):
    alpha = np.asarray(bitmap)[..., 3]
    ys, xs = np.nonzero(alpha >= 8)
    cut = bitmap.crop((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    longer = max(cut.size)
    half_width, half_height = cut.size[0] / longer, cut.size[1] / longer
    radius = side / 2 / EXTENT
    size = (round(2 * radius * half_width), round(2 * radius * half_height))
    canvas = Image.new("RGBA", (side, side))
    resized = cut.convert("RGBa").resize(size, Image.Resampling.BICUBIC).convert("RGBA")
    canvas.paste(resized, ((side - size[0]) // 2, (side - size[1]) // 2))
    values = np.asarray(canvas).astype(float) / 255
    under = np.zeros((side, side))
    if not flies:
        under = shadow(0.97 * half_height, 1.1 * half_width, 0.09 + 0.14 * half_width, 0.42)
    return over(values[..., :3], values[..., 3], under)


def lit(nu, nv):
    """Light from the upper left on a surface with the normal (nu, nv, nz)."""
    nz = np.sqrt(np.maximum(0, 1 - nu**2 - nv**2))
    light = np.maximum(0, -0.48 * nu - 0.60 * nv + 0.64 * nz)
    away = (nu + 0.265) ** 2 + (nv + 0.331) ** 2
    return 0.6 + 0.5 * light, 0.75 * np.maximum(0, 1 - 5 * away) ** 4


def upright(across):
    across = np.clip(across, -1, 1)
    light = np.maximum(0, 0.8 * np.sqrt(1 - across**2) - 0.6 * across)
    return 0.58 + 0.52 * light, 0.45 * np.maximum(0, 1 - ((across + 0.35) / 0.3) ** 2) ** 2


def ball():
    return (np.hypot(U, V) <= 1, *lit(U, V), (0.95, 1.05, 0.34))


def cube():
    inside = (np.abs(U) <= 0.866) & (np.abs(V) <= 1 - 0.5 * np.abs(U) / 0.866)
    top = V < -0.5 * np.abs(U) / 0.866
    shade = np.where(top, 1.08, np.where(U > 0, 0.64, 0.92))
    return inside, shade, 0.32 * top, (0.75, 1.25, 0.50)


def ellipse(v, a, b):
    return (U / a) ** 2 + (v / b) ** 2 <= 1


def cylinder():
    lid = ellipse(V + 0.7, 0.75, 0.25)
    inside = ((np.abs(U) <= 0.75) & (np.abs(V) <= 0.7)) | lid | ellipse(V - 0.7, 0.75, 0.25)
    shade, gloss = upright(U / 0.75)
    return inside, np.where(lid, 1.05, shade), np.where(lid, 0.48, gloss), (0.80, 1.15, 0.42)


def cone():
    half = 0.8907625 / (0.75 - 0.0625 / 1.75 + 1) * (V + 1)
    inside = ((np.abs(U) <= half) & (V <= 0.714)) | (ellipse(V - 0.75, 0.9, 0.25) & (V > 0.714))
    return (inside, *upright(U / np.maximum(half, 0.05)), (0.82, 1.30, 0.42))


def ring():
    r = np.hypot(U, V)
    across = np.clip((r - 0.7) / 0.3, -1, 1) / np.maximum(r, 1e-3)
    return ((r <= 1) & (r >= 0.4), *lit(across * U, across * V), (0.95, 1.05, 0.34))


def star():
    angle = np.arctan2(U, -V) % (2 * np.pi / 5)
    angle = np.minimum(angle, 2 * np.pi / 5 - angle)
    r = np.hypot(U, V)
    x, y = r * np.sin(angle), r * np.cos(angle)
    corner = 0.42 * np.sin(np.pi / 5), 0.42 * np.cos(np.pi / 5)
    inside = x * (1 - corner[1]) + (y - 1) * corner[0] <= 0
    return inside, 1.04 - 0.11 * (V + 1), 0 * U, (0.84, 1.05, 0.30)


def solid_template(inside, shade, gloss, patch):
    foot, width, height = patch
    rgb = np.dstack([shade / 1.25, gloss, 0 * U])
    return over(rgb, inside.astype(float), shadow(foot, width, height, 0.45))


def main():
    font = TTFont(FONT)
    glyphs, bitmaps = font.getBestCmap(), font["CBDT"].strikeData[0]
    templates, names = [], []
    for code, one, many, others, flags in objects():
        bitmap = Image.open(io.BytesIO(bitmaps[glyphs[int(code, 16)]].imageData)).convert("RGBA")
        templates.append(object_template(bitmap, "flies" in flags))
        forms = [[one, many]] + [name.split("/") for name in others.split(",") if name]
        names.append("\t".join(",".join(name for name in column if name) for column in zip(*forms)))
    templates += [solid_template(*draw()) for draw in (ball, cube, cylinder, cone, ring, star)]
    rows = -(-len(templates) // COLUMNS)
    sheet = np.zeros((rows * CELLS, COLUMNS * CELLS, 4), np.uint8)
    for i, cells in enumerate(templates):
        y, x = i // COLUMNS * CELLS, i % COLUMNS * CELLS
        sheet[y : y + CELLS, x : x + CELLS] = cells
    Image.fromarray(sheet).save(here / "templates.png", optimize=True)
    (here / "names.tsv").write_text("\n".join(names) + "\n")


if __name__ == "__main__":
    main()
