"""The bold card: a poster. One strong colour, very large type standing on the bottom margin, one great shape behind it."""

from gpu_worker.cards.sheet import Box, Sheet, two_styles
from gpu_worker.cards.typeset import Block, Style

_DISPLAY = Style(weight=850, leading=1.04)
_HEADING = Style(weight=850, leading=1.02)
_BODY = Style(weight=560, leading=1.32)
_NAME = Style(weight=650, leading=1.2)


def draw(sheet: Sheet) -> None:
    frame, palette = sheet.frame, sheet.palette
    _shapes(sheet)
    name = _name(sheet)
    gap, bar = sheet.px(52), sheet.px(16)
    floor = frame.bottom - (name.height_px + sheet.px(64) if name else 0)
    room = Box(frame.left, frame.top, frame.right, floor - gap - bar)
    heading, body = _copy(sheet, room)
    between = sheet.gap_after(heading) if body else 0
    top = floor - sum(block.height_px for block in (heading, body) if block) - between
    side = frame.right - sheet.px(120) if sheet.mirrored else frame.left
    sheet.bar(Box(side, top - gap - bar, side + sheet.px(120), top - gap), palette.accent)
    for block in (heading, body):
        if block:
            sheet.put(block, Box(frame.left, top, frame.right, floor), palette.ink)
            top += block.height_px + between
    if name:
        sheet.put(name, Box(frame.left, frame.bottom - name.height_px, frame.right, frame.bottom), palette.ink)


def _name(sheet: Sheet) -> Block | None:
    if not sheet.attribution:
        return None
    box = Box(sheet.frame.left, 0, sheet.frame.right, sheet.px(110))
    return sheet.set(sheet.attribution, _NAME, box, largest=38, lines=2)


def _copy(sheet: Sheet, room: Box) -> tuple[Block | None, Block | None]:
    """The heading and the body; one text alone is a heading when it is short."""
    if not sheet.headline:
        return None, two_styles(sheet, sheet.text, _DISPLAY, _BODY, room, largest=196, turns=58)
    if not sheet.text:
        return sheet.set(sheet.headline, _HEADING, room, largest=196), None
    upper = Box(room.left, room.top, room.right, room.top + room.height * sheet.heading_share)
    heading = sheet.set(sheet.headline, _HEADING, upper, largest=150)
    rest = Box(room.left, room.top + heading.height_px + sheet.gap_after(heading), room.right, room.bottom)
    return heading, sheet.set(sheet.text, _BODY, rest, largest=min(58, heading.size_px / sheet.unit * 0.6))


def _shapes(sheet: Sheet) -> None:
    """One shape in a neighbour of the ground's colour, bleeding off the sheet."""
    chance, tones = sheet.chance("bold"), sheet.palette.tones
    side = max(sheet.width, sheet.height)
    match chance.choice(("sun", "rings", "steps")):
        case "sun":
            sheet.disc(sheet.width * chance.uniform(0.7, 1.0), side * 0.12, side * 0.46, tones[0])
            sheet.disc(sheet.width * 0.02, sheet.height * 0.98, side * 0.2, tones[-1])
        case "rings":
            for place in range(5):
                radius = side * (0.2 + 0.17 * place)
                sheet.ring(sheet.width, 0, radius, side * 0.075, tones[place % 2])
        case _:
            columns = 6
            for place in range(columns):
                depth = sheet.height * (0.10 + 0.115 * place)
                left = sheet.width * place / columns
                sheet.bar(Box(left, 0, left + sheet.width / columns + 1, depth), tones[place % 2])
