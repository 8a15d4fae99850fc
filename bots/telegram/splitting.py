"""Where may a long text be parted? Into pieces within Telegram's limits, each CommonMark that stands by itself.

At the ends of blocks where that does, else of list items, lines, sentences, words; never within a style or a character.
A cut is tried, not computed: both sides must look as the whole looked.
"""

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from bots.telegram.entities import Rendered, escaped, first_units, parser, render, units

MESSAGE = 4096  # UTF-16 units: https://core.telegram.org/bots/api#sendmessage
CAPTION = 1024
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])[\"'”’»)\]*_]*\s+|(?<=[。！？])"),
    re.compile(r"\s+"),
)
_AHEAD = 1000
_TRIES = 8  # cuts of one kind that are tried before a finer kind is


def fits(source: str, most: int) -> bool:
    """Whether it can be one message of so many units."""
    return render(source).length <= most


def split(source: str, most: int = MESSAGE) -> list[str]:
    """The text in parts of at most so many units when rendered, in order. Nothing for a blank text."""
    if not source.strip():
        return []
    if fits(source, most):
        return [source.strip()]
    parts: list[str] = []
    for block in _blocks(source):
        for part in [block] if fits(block, most) else _divide(block, most):
            if parts and (joined := _joined(parts[-1], part, most)):
                parts[-1] = joined
            else:
                parts.append(part)
    return [part for part in parts if render(part).text]


def _joined(one: str, other: str, most: int) -> str:
    """Both in one part; "" where that is too long, or says something else than they do apart (a fence left open)."""
    both = f"{one}\n\n{other}"
    page = render(both)
    return both if page.length <= most and _letters(both) == _letters(one) + _letters(other) else ""


def _letters(source: str) -> str:
    return "".join(sign for sign in render(source).text if sign.isalpha())


def _blocks(source: str) -> list[str]:
    """The blocks of the text: paragraphs, code, each item of a list."""
    lines = source.split("\n")
    starts = {0}
    for token in parser().parse(source):
        if token.map and (token.level == 0 or (token.level == 1 and token.type == "list_item_open")):
            starts.add(token.map[0])
    edges = [*sorted(starts), len(lines)]
    blocks = ["\n".join(lines[a:b]).strip("\n") for a, b in pairwise(edges)]
    return [block for block in blocks if block.strip()]


def _divide(block: str, most: int) -> list[str]:
    """A block that is too long for one message."""
    tokens = parser().parse(block)
    if len(tokens) == 1 and tokens[0].type == "fence" and tokens[0].content.strip():
        return _divide_code(tokens[0].content.rstrip("\n"), tokens[0].info, most)
    parts: list[str] = []
    rest = block
    while not fits(rest, most):
        cut = _best_cut(rest, most)
        if cut is None:  # one style over more than a message: it is given up, the words are not
            return [*parts, *_divide_plain(render(rest).text, most)]
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*parts, rest] if rest else parts


def _best_cut(source: str, most: int) -> int | None:
    """The last good place to cut so that what comes before it fits; None when there is none."""
    source = source[: most + _AHEAD]  # enough to see what a cut would tear; all of it takes seconds for a long text
    whole = render(source)
    for ends in _ENDS:
        for cut in islice(_ends_before(source, ends, most), _TRIES):
            if _is_clean(source, cut, whole, most):
                return cut
    return None


def _ends_before(source: str, ends: re.Pattern[str], most: int) -> Iterator[int]:
    """Where the pattern ends, the last first, as far as the source fits."""
    found = [match.end() for match in ends.finditer(source)]
    return (cut for cut in reversed(found) if 0 < cut < len(source) and units(source[:cut].strip()) <= most)


def _is_clean(source: str, cut: int, whole: Rendered, most: int) -> bool:
    """Whether both sides look as they did together."""
    left, right = render(source[:cut]), render(source[cut:])
    if not left.text or not right.text or left.length > most:
        return False
    shift = whole.length - right.length
    moved = [(one.type, one.offset + shift, one.length, one.url) for one in right.entities]
    both = [(one.type, one.offset, one.length, one.url) for one in left.entities] + moved
    same = whole.text.startswith(left.text) and whole.text.endswith(right.text)
    between = whole.text[len(left.text) : len(whole.text) - len(right.text)]
    return (
        same
        and not between.strip()
        and sorted(both) == sorted((e.type, e.offset, e.length, e.url) for e in whole.entities)
    )


def _divide_code(code: str, info: str, most: int) -> list[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
    language = "" if "`" in info else info  # behind tildes it may hold what ends a fence of ours before it begins
    return [f"{fence}{language}\n{part}\n{fence}" for part in _chunks(code, most, _ENDS[1:2])]


def _divide_plain(text: str, most: int) -> list[str]:
    return [escaped(part) for part in _chunks(text, most, _ENDS)]


def _chunks(text: str, most: int, kinds: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    """Plain text in parts that fit, cut at the last of the coarsest end there is."""
    while units(text) > most:
        head = first_units(text, most)
        cuts = (max((match.end() for match in kind.finditer(head)), default=0) for kind in kinds)
        cut = next((cut for cut in cuts if cut > len(head) // 4), len(head))
        yield text[:cut].strip("\n")
        text = text[cut:]
    if text.strip():
        yield text
