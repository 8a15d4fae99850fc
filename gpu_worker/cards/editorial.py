"""The editorial card: a page of a magazine. Rules, a serif headline, a column of text, and tiles where room is left."""

from PIL import ImageDraw

from gpu_worker.cards.palettes import Colour
from gpu_worker.cards.sheet import Box, Sheet
from gpu_worker.cards.typeset import Block, Style

_HEADLINE = Style("serif", weight=720, leading=1.04)
_LONG = Style("serif", weight=420, leading=1.4)
_BODY = Style(weight=420, leading=1.46)
_KICKER = Style(weight=680, leading=1.2, tracking=0.03)


def draw(sheet: Sheet) -> None:
    frame, palette = sheet.frame, sheet.palette
    top = frame.top
    sheet.bar(Box(frame.left, top, frame.right, top + sheet.px(14)), palette.ink)
    top += sheet.px(14 + 30)
    if sheet.attribution:
        kicker = sheet.set(
            sheet.attribution, _KICKER, Box(frame.left, 0, frame.right, sheet.px(90)), largest=34, lines=2
        )
        sheet.put(kicker, Box(frame.left, top, frame.right, frame.bottom), palette.accent_ink)
        top += kicker.height_px + sheet.px(26)
        sheet.bar(Box(frame.left, top, frame.right, top + max(sheet.px(2), 1)), palette.ink)
        top += sheet.px(44)
    heading, body = _copy(sheet, Box(frame.left, top, frame.right, frame.bottom))
    for block, colour, gap in (
        (heading, palette.ink, sheet.gap_after(heading)),
        (body, palette.soft, sheet.px(50)),
    ):
        if block:
            sheet.put(block, Box(frame.left, top, frame.right, frame.bottom), colour)
            top += block.height_px + gap
    _fill(sheet, Box(frame.left, top + sheet.px(8), frame.right, sheet.height - (sheet.width - frame.right)))


def _copy(sheet: Sheet, room: Box) -> tuple[Block | None, Block | None]:
    alone = sheet.headline if not sheet.text else "" if sheet.headline else sheet.text
    if alone:
        block = sheet.set(alone, _HEADLINE, room, largest=132) if len(alone) < 400 else None
        return (block if block and block.size_px >= sheet.px(54) else sheet.set(alone, _LONG, room, largest=54)), None
    heading = sheet.set(
        sheet.headline, _HEADLINE, room._replace(bottom=room.top + room.height * sheet.heading_share), largest=112
    )
    rest = room._replace(top=room.top + heading.height_px + sheet.gap_after(heading))
    return heading, sheet.set(sheet.text, _BODY, rest, largest=min(46, heading.size_px / sheet.unit * 0.55))


def _fill(sheet: Sheet, box: Box) -> None:
    """Tiles of quarter circles where the page would be empty; a closing rule where there is too little room for them."""
    least = sheet.px(120)
    if box.height < least:
        sheet.bar(Box(box.left, box.bottom - sheet.px(4), box.right, box.bottom), sheet.palette.ink)
        return
    rows = max(1, round(box.height / sheet.px(190)))
    side = min(box.height / rows, sheet.px(230))
    columns = max(2, round(box.width / side))
    wide = box.width / columns
    top = box.bottom - min(side, wide) * rows
    chance = sheet.chance("tiles")
    for row in range(rows):
        for column in range(columns):
            high = (box.bottom - top) / rows
            left = box.left + column * wide
            cell = Box(left, top + row * high, left + wide, top + (row + 1) * high)
            ground, figure = chance.sample(sheet.palette.tones, 2)
            _tile(sheet, cell, ground, figure, chance.randrange(5))


def _tile(sheet: Sheet, cell: Box, ground: Colour, figure: Colour, kind: int) -> None:
    whole = Box(round(cell.left), round(cell.top), round(cell.right), round(cell.bottom))
    tile = Sheet(sheet.picture.crop(whole), sheet.palette, sheet.seed, "")
    tile.bar(Box(0, 0, tile.width, tile.height), ground)
    corner = ((0, 0), (1, 0), (1, 1), (0, 1))[kind % 4]
    x, y = corner[0] * tile.width, corner[1] * tile.height

    def quarter(pen: ImageDraw.ImageDraw, much: int) -> None:
        wide, high = tile.width, tile.height
        pen.ellipse([edge * much for edge in (x - wide, y - high, x + wide, y + high)], fill=255)

    if kind == 4:
        tile.disc(tile.width / 2, tile.height / 2, min(tile.width, tile.height) * 0.32, figure)
    else:
        tile.shape(figure, quarter)
    sheet.picture.paste(tile.picture, (int(whole.left), int(whole.top)))
