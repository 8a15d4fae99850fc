"""How large is text set in a box? As large as it fits, and so that words stay whole where they can."""

from gator.errors import Refused
from gpu_worker.cards.typeset import CAPITAL_EM, Block, Copy, Style, prepare

_SPLIT_GAIN = 1.8  # a long word is broken only where that makes all of the text this much larger


def fit(
    text: str,
    style: Style,
    width_px: float,
    height_px: float,
    *,
    largest_px: int,
    smallest_px: int,
    most_lines: int = 10_000,
) -> Block:
    """The text set as large as the box admits. Raises Refused when it does not fit at the smallest size either."""
    copy = prepare(text, style)
    whole = _largest(copy, width_px, height_px, largest_px, smallest_px, most_lines, split=False)
    broken = _largest(copy, width_px, height_px, largest_px, smallest_px, most_lines, split=True)
    best = whole if whole and broken and broken.size_px < whole.size_px * _SPLIT_GAIN else broken or whole
    if best is None:
        raise Refused(
            f"The text is too long for this picture: {len(copy.text):,} characters do not fit legibly.",
            remedy="Shorten it, or choose a taller format.",
        )
    return best


def _largest(
    copy: Copy, width_px: float, height_px: float, largest_px: int, smallest_px: int, most_lines: int, *, split: bool
) -> Block | None:
    low, high, best = smallest_px, largest_px, None
    while low <= high:
        size = (low + high) // 2
        block = _set(copy, size, width_px, height_px, most_lines) if split or copy.widest * size <= width_px else None
        if block:
            best, low = block, size + 1
        else:
            high = size - 1
    return best


def _set(copy: Copy, size_px: int, width_px: float, height_px: float, most_lines: int) -> Block | None:
    """The block at that size, or None when it is too wide, too high or has too many lines."""
    column = width_px / size_px
    for _ in range(3):
        lines = copy.lines(column)
        if len(lines) > most_lines or len(lines) * size_px * CAPITAL_EM > height_px:
            return None
        block = Block(tuple(copy.lines(column, balanced=True)), copy.style, size_px, copy.right_to_left)
        if block.width_px <= width_px * 1.005:
            return block if block.height_px <= height_px else None
        # Faces with optical sizes are wider in small type than where they were measured: a narrower column then.
        column *= width_px / block.width_px * 0.998
    return None
