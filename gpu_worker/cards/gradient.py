"""The gradient card: colours running into one another like coloured light, white type in the middle."""

import numpy as np
from PIL import Image

from gpu_worker.cards.palettes import LEGIBLE, luminance
from gpu_worker.cards.sheet import Box, Sheet, two_styles
from gpu_worker.cards.typeset import Block, Style

_DISPLAY = Style(weight=760, leading=1.1)
_HEADING = Style(weight=780, leading=1.06)
_BODY = Style(weight=500, leading=1.42)
_NAME = Style(weight=600, leading=1.2)
_MOST_CENTRED = 9
_AIM = 5.2  # a little above what is asked, since the grain below moves single pixels


def draw(sheet: Sheet) -> None:
    sheet.margin = 110
    _light(sheet)
    frame, ink = sheet.frame, sheet.palette.ink
    name = None
    if sheet.attribution:
        narrow = Box(0, 0, frame.width * 0.8, sheet.px(100))
        name = sheet.set(sheet.attribution, _NAME, narrow, largest=34, lines=2)
    below = name.height_px + sheet.px(56 + 44) if name else 0
    blocks = _copy(sheet, frame._replace(bottom=frame.bottom - below))
    gap = sheet.gap_after(blocks[0])
    total = sum(block.height_px for block in blocks) + gap * (len(blocks) - 1)
    top = frame.top + (frame.height - below - total) / 2
    for block in blocks:
        # Many centred lines are hard to read: the eye does not find where the next one begins.
        sheet.put(block, frame._replace(top=top), ink, align="centre" if len(block.lines) <= _MOST_CENTRED else "start")
        top += block.height_px + gap
    if name:
        _pill(sheet, name)


def _copy(sheet: Sheet, room: Box) -> list[Block]:
    if not (sheet.headline and sheet.text):
        return [two_styles(sheet, sheet.text or sheet.headline, _DISPLAY, _BODY, room, largest=140, turns=54)]
    heading = sheet.set(
        sheet.headline, _HEADING, room._replace(bottom=room.top + room.height * sheet.heading_share), largest=124
    )
    rest = room._replace(top=room.top + heading.height_px + sheet.gap_after(heading))
    return [heading, sheet.set(sheet.text, _BODY, rest, largest=min(50, heading.size_px / sheet.unit * 0.58))]


def _light(sheet: Sheet) -> None:
    """Blobs of the palette's tones over its ground, darkened where white type would not be read on them."""
    wide, high = sheet.width, sheet.height
    chance = sheet.chance("light")
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    side = float(max(wide, high))
    field = np.ones((high, wide, 3), np.float32) * np.array(sheet.palette.ground, np.float32)
    places = [(0.08, 0.08), (0.95, 0.2), (0.15, 0.95), (0.9, 0.92)]
    chance.shuffle(places)
    for (across, down), tone in zip(places, sheet.palette.tones, strict=False):
        centre_x = (across + chance.uniform(-0.08, 0.08)) * wide
        centre_y = (down + chance.uniform(-0.08, 0.08)) * high
        reach = side * chance.uniform(0.36, 0.5)
        weight = np.exp(-((x - centre_x) ** 2 + (y - centre_y) ** 2) / (2 * reach**2))[..., None]
        field = field * (1 - weight) + np.array(tone, np.float32) * weight
    field *= _dimming(sheet, field)
    # Without grain the slow changes of colour show as bands on a screen of 8 bits.
    grain = np.random.default_rng(sheet.seed).integers(0, 2, (high, wide, 1), dtype=np.int8)
    sheet.picture.paste(Image.fromarray(np.clip(np.rint(field) + grain, 0, 255).astype(np.uint8)))


def _dimming(sheet: Sheet, field: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> float:
    """The factor that brings the brightest colour of the field down to a legible ground for the ink."""
    small = field[::20, ::20].reshape(-1, 3)
    factor = 1.0
    while factor > 0.3:
        brightest = max(luminance((int(red), int(green), int(blue))) for red, green, blue in small * factor)
        if (luminance(sheet.palette.ink) + 0.05) / (brightest + 0.05) >= max(LEGIBLE, _AIM):
            break
        factor -= 0.03
    return factor


def _pill(sheet: Sheet, name: Block) -> None:
    frame, ink = sheet.frame, sheet.palette.ink
    pad_x, pad_y = sheet.px(38), sheet.px(24)
    wide, high = name.width_px + 2 * pad_x, name.height_px + 2 * pad_y
    left, top = (sheet.width - wide) / 2, frame.bottom - high
    radius = min(high / 2, sheet.px(50))

    sheet.shape(
        (0, 0, 0),
        lambda pen, much: pen.rounded_rectangle(
            [edge * much for edge in (left, top, left + wide, top + high)], radius * much, fill=255
        ),
        opacity=0.22,
    )
    sheet.put(name, Box(left + pad_x, top + pad_y, left + wide - pad_x, top + high), ink, align="centre")
