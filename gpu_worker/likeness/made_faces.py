"""Faces made in code, each from its seed: what an encoder's threshold is measured on, and what tests compare.

They are drawings: they tell one encoder's scale from another's, not how it sees photographs.
"""

import io
import math
from random import Random

from PIL import Image, ImageDraw, ImageEnhance

SIDE_PX = 256
_SKINS = ("#f4d3c0", "#e0ac8a", "#c68642", "#8d5524", "#5c3a21")
_HAIRS = ("#1c1410", "#5a3217", "#a5522a", "#d9b36c", "#b8b8b8", "#7a1f2b", "#2d4a7c")
_EYES = ("#2e5f8a", "#3f6b3a", "#4a2c17", "#777777")
_GROUNDS = ("#dfe7ec", "#f3e2c7", "#cfe3cf", "#e2cfe0", "#3b4252", "#22333b")


def face(seed: int) -> Image.Image:
    """The same face for the same seed."""
    dice, side = Random(seed), SIDE_PX  # noqa: S311  (nothing is kept secret by it)
    made = Image.new("RGB", (side, side), dice.choice(_GROUNDS))
    draw = ImageDraw.Draw(made)
    skin, hair, eye = dice.choice(_SKINS), dice.choice(_HAIRS), dice.choice(_EYES)
    wide, high = side * dice.uniform(0.24, 0.36), side * dice.uniform(0.33, 0.42)
    x, y = side / 2, side * 0.53
    long = dice.random() < 0.5
    draw.ellipse((x - wide * 1.25, y - high * 1.3, x + wide * 1.25, y + high * (1.3 if long else 0.1)), fill=hair)
    draw.ellipse((x - wide, y - high, x + wide, y + high), fill=skin)
    fringe = dice.uniform(0.45, 0.8)
    draw.pieslice((x - wide, y - high, x + wide, y + high * (1 - fringe)), 180, 360, fill=hair)
    gap, size = wide * dice.uniform(0.35, 0.55), side * dice.uniform(0.025, 0.05)
    for left in (-1, 1):
        draw.ellipse((x + left * gap - size * 1.4, y - size, x + left * gap + size * 1.4, y + size), fill="white")
        draw.ellipse(
            (x + left * gap - size * 0.8, y - size * 0.8, x + left * gap + size * 0.8, y + size * 0.8), fill=eye
        )
        lift = size * dice.uniform(1.6, 2.4)
        draw.line((x + left * gap - size * 1.5, y - lift, x + left * gap + size * 1.5, y - lift), fill=hair, width=4)
    nose = high * dice.uniform(0.2, 0.4)
    draw.line((x, y, x - size * 0.6, y + nose, x + size * 0.6, y + nose), fill="#00000055", width=3)
    mouth, lips = wide * dice.uniform(0.3, 0.6), dice.choice(("#a33c3c", "#c0616b", "#7d2e2e"))
    draw.arc((x - mouth, y + high * 0.3, x + mouth, y + high * dice.uniform(0.6, 0.8)), 15, 165, fill=lips, width=6)
    if dice.random() < 0.4:
        for left in (-1, 1):
            draw.ellipse(
                (x + left * gap - size * 2, y - size * 2, x + left * gap + size * 2, y + size * 2),
                outline="black",
                width=3,
            )
    return made


def another_take(picture: Image.Image, number: int) -> Image.Image:
    """The same face as another picture of it might show it: turned, moved, lit and compressed a little differently."""
    dice = Random(number)  # noqa: S311
    turned = picture.rotate(dice.uniform(-6, 6), Image.Resampling.BICUBIC, fillcolor=picture.getpixel((2, 2)))
    cut = math.ceil(picture.width * dice.uniform(0.01, 0.05))
    moved = turned.crop((cut, dice.randint(0, cut), picture.width, picture.height - dice.randint(0, cut)))
    lit = ImageEnhance.Brightness(moved.resize(picture.size)).enhance(dice.uniform(0.9, 1.1))
    file = io.BytesIO()
    lit.save(file, "JPEG", quality=60)
    return Image.open(file).convert("RGB")
