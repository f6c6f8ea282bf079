#!/usr/bin/python3
"""Writes atlas.png next to this file: the objects of objects.tsv as the Noto Color Emoji font draws them.

    apt-get install fonts-noto-color-emoji python3-fonttools python3-pil
    world/picturebook/make_atlas.py

The font's bitmaps change with its releases, so that the atlas is committed; it was made from
fonts-noto-color-emoji 2.042-0+deb12u1. Cells of 136 x 128 pixels, 13 a row, in the order of objects.tsv.
"""

import io
import pathlib

from fontTools.ttLib import TTFont
from PIL import Image

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
CELL = (136, 128)
COLUMNS = 13

here = pathlib.Path(__file__).parent


def objects():
    lines = (here / "objects.tsv").read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def glyphs():
    font = TTFont(FONT)
    names = font.getBestCmap()
    bitmaps = font["CBDT"].strikeData[0]
    for code, *_ in objects():
        png = bitmaps[names[int(code, 16)]].imageData
        yield Image.open(io.BytesIO(png)).convert("RGBA")


def main():
    images = list(glyphs())
    rows = -(-len(images) // COLUMNS)
    atlas = Image.new("RGBA", (COLUMNS * CELL[0], rows * CELL[1]))
    for i, image in enumerate(images):
        assert image.size == CELL, image.size
        atlas.paste(image, (i % COLUMNS * CELL[0], i // COLUMNS * CELL[1]))
    atlas.save(here / "atlas.png", optimize=True)


if __name__ == "__main__":
    main()
