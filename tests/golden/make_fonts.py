"""Writes fonts/: a font with one Han character, and one with an emoji in layers of colours, for tests that must not
depend on the fonts of the system. Their glyphs are plain rectangles.

    python make_fonts.py [--out DIR]        needs fonttools
"""

import argparse
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

EM = 1000
HAN, EMOJI = 0x718A, 0x1F98A  # a bear, a fox's face


def rectangle(*sides):
    """sides: left, bottom, right, top"""
    pen = TTGlyphPen(None)
    left, bottom, right, top = sides
    pen.moveTo((left, bottom))
    for point in (left, top), (right, top), (right, bottom):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def font(family, character, glyphs):
    """glyphs: name -> sides; the first is the character's."""
    names = [".notdef", *glyphs]
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({character: names[1]})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph()} | {name: rectangle(*sides) for name, sides in glyphs.items()})
    builder.setupHorizontalMetrics({name: (EM, 0) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"}, mac=False)
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.setupHead(unitsPerEm=EM, created=0, modified=0)
    return builder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "fonts")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    font("Unclip Test Han", HAN, {"bear": (100, 0, 900, 700)}).save(out / "han.ttf")
    emoji = font("Unclip Test Emoji", EMOJI, {"fox": (100, 0, 900, 800), "face": (100, 0, 900, 800),
                                              "nose": (400, 300, 600, 500)})
    emoji.setupCPAL([[(1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)]])
    emoji.setupCOLR({"fox": [("face", 0), ("nose", 1)]}, version=0)
    emoji.save(out / "emoji.ttf")


if __name__ == "__main__":
    main()
