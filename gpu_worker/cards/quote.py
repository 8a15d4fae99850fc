"""The quote card: somebody's words in a serif, a great quotation mark before them and the name after a short rule."""

from gpu_worker.cards.faces import design_face, open_font
from gpu_worker.cards.sheet import Box, Sheet
from gpu_worker.cards.typeset import Block, Style

_WORDS = Style("serif", weight=500, leading=1.2)
_LONG = Style("serif", weight=430, leading=1.38)
_NAME = Style(weight=650, leading=1.2)
_KICKER = Style(weight=600, leading=1.2, tracking=0.04)
_MARKS = "\"'“”„«»‘’‚‹›「」『』"


def draw(sheet: Sheet) -> None:
    sheet.margin = 104
    frame, palette = sheet.frame, sheet.palette
    _ground(sheet)
    words_text = _unquoted(sheet.text or sheet.headline)
    kicker_text = sheet.headline if sheet.text else ""
    kicker = _small(sheet, kicker_text, _KICKER, 32)
    name = _small(sheet, sheet.attribution, _NAME, 40)
    mark_px, gap = (sheet.px(150), sheet.px(28)) if sheet.dense else (sheet.px(300), sheet.px(58))
    mark_high = round(mark_px * 0.34)
    below = gap + sheet.px(8) + sheet.px(30) + name.height_px if name else 0
    above = (kicker.height_px + gap if kicker else 0) + mark_high + gap
    words = _words(sheet, words_text, Box(frame.left, frame.top + above, frame.right, frame.bottom - below))
    top = frame.top + (frame.height - above - words.height_px - below) / 2
    if kicker:
        sheet.put(kicker, Box(frame.left, top, frame.right, frame.bottom), palette.soft)
        top += kicker.height_px + gap
    _mark(sheet, top, mark_px)
    top += mark_high + gap
    sheet.put(words, Box(frame.left, top, frame.right, frame.bottom), palette.ink)
    top += words.height_px + gap
    if name:
        side = frame.right - sheet.px(96) if sheet.mirrored else frame.left
        sheet.bar(Box(side, top, side + sheet.px(96), top + sheet.px(8)), palette.accent)
        sheet.put(name, Box(frame.left, top + sheet.px(38), frame.right, frame.bottom), palette.ink)


def _unquoted(text: str) -> str:
    """Without the quotation marks around it: the card draws its own. Marks inside stay."""
    stripped = text.strip()
    inner = stripped[1:-1]
    whole = len(stripped) > 2 and stripped[0] in _MARKS and stripped[-1] in _MARKS
    return (
        inner.strip() if whole and not any(mark in inner for mark in _MARKS.replace("'", "").replace("’", "")) else text
    )


def _small(sheet: Sheet, text: str, style: Style, largest: float) -> Block | None:
    box = Box(sheet.frame.left, 0, sheet.frame.right, sheet.px(120))
    return sheet.set(text, style, box, largest=largest, lines=2) if text else None


def _words(sheet: Sheet, text: str, box: Box) -> Block:
    block = sheet.set(text, _WORDS, box, largest=112 if len(text) > 60 else 150) if len(text) < 500 else None
    return block if block and block.size_px >= sheet.px(50) else sheet.set(text, _LONG, box, largest=50)


def _mark(sheet: Sheet, top: float, size_px: int) -> None:
    """The mark's ink begins exactly at the margin and at `top`."""
    face = design_face("serif", italic=False)
    if face is None:
        return
    font = open_font(face, size_px, 900)
    letter = "”" if sheet.mirrored else "“"
    left, high, right, _ = font.getbbox(letter)
    x = sheet.frame.right - right if sheet.mirrored else sheet.frame.left - left
    font.draw(sheet.picture, (x, top - high), letter, sheet.palette.accent)


def _ground(sheet: Sheet) -> None:
    tone, unit = sheet.palette.tones[0], sheet.unit
    match sheet.chance("quote").choice(("panel", "moon", "border")):
        case "panel":
            edge = 40 * unit
            sheet.bar(Box(edge, edge, sheet.width - edge, sheet.height - edge), tone)
        case "moon":
            sheet.disc(sheet.width * 0.94, sheet.height * 0.94, 430 * unit, tone)
        case _:
            edge, line = round(40 * unit), max(round(3 * unit), 2)
            sheet.bar(Box(edge, edge, sheet.width - edge, sheet.height - edge), sheet.palette.accent)
            inner = edge + line
            sheet.bar(Box(inner, inner, sheet.width - inner, sheet.height - inner), sheet.palette.ground)
