"""The minimal card: much air, quiet type, one small mark of colour."""

from gpu_worker.cards.sheet import Box, Sheet
from gpu_worker.cards.typeset import Block, Style

_TEXT = Style(weight=520, leading=1.2)
_LONG = Style(weight=420, leading=1.46)
_HEADING = Style(weight=680, leading=1.14)
_NAME = Style(weight=520, leading=1.2)


def draw(sheet: Sheet) -> None:
    sheet.margin = 120
    frame, palette = sheet.frame, sheet.palette
    radius = sheet.px(20)
    name = None
    if sheet.attribution:
        name = sheet.set(sheet.attribution, _NAME, Box(0, 0, frame.width * 0.8, sheet.px(90)), largest=34, lines=2)
    head = max(2 * radius, name.height_px if name else 0)
    heading, body = _copy(sheet, frame._replace(top=frame.top + head + sheet.px(72)))
    _mark(sheet, name, radius)
    gap = sheet.gap_after(heading) if body else 0
    top = frame.bottom - sum(block.height_px for block in (heading, body) if block) - gap
    for block, colour in ((heading, palette.ink), (body, palette.soft if heading else palette.ink)):
        if block:
            sheet.put(block, frame._replace(top=top), colour)
            top += block.height_px + gap


def _copy(sheet: Sheet, room: Box) -> tuple[Block | None, Block | None]:
    if not sheet.text:
        return sheet.set(sheet.headline, _HEADING, room, largest=92), None
    if not sheet.headline:
        block = sheet.set(sheet.text, _TEXT, room, largest=84) if len(sheet.text) < 400 else None
        good = block and block.size_px >= sheet.px(48)
        return None, block if good else sheet.set(sheet.text, _LONG, room, largest=48)
    heading = sheet.set(
        sheet.headline, _HEADING, room._replace(bottom=room.top + room.height * sheet.heading_share), largest=84
    )
    rest = room._replace(top=room.top + heading.height_px + sheet.gap_after(heading))
    return heading, sheet.set(sheet.text, _LONG, rest, largest=min(44, heading.size_px / sheet.unit * 0.62))


def _mark(sheet: Sheet, name: Block | None, radius: int) -> None:
    """The dot, and the name beside it: centred on one another."""
    frame = sheet.frame
    middle = frame.top + (name.rise_px / 2 if name else radius)
    x = frame.right - radius if sheet.mirrored else frame.left + radius
    sheet.disc(x, middle, radius, sheet.palette.accent)
    if name:
        shift = 2 * radius + sheet.px(24)
        left = frame.right - shift - name.width_px if sheet.mirrored else frame.left + shift
        box = Box(left, frame.top, left + name.width_px, frame.bottom)
        sheet.put(name, box, sheet.palette.soft)
