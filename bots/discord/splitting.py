"""How does a long text become messages of at most 2,000 characters, each with its code and emphasis closed properly?"""

import re

MOST = 2_000  # https://discord.com/developers/docs/resources/message#create-message
_FENCE = re.compile(r"^(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n]*$")
_MARKS = ("**", "__", "~~", "||", "*", "`")  # the longer ones first: ** is not two *
_LONGEST_LANGUAGE = 20
_BREAKS = ("\n\n", "\n", ". ", "! ", "? ", "; ", ", ", " ")


def parts(text: str, most: int = MOST) -> list[str]:
    """The text in order, in parts that each read well alone; [] for an empty one. Nothing but white space is lost."""
    rest, found = text.strip(), []
    while len(rest) > most:
        head, rest = _cut(rest, most)
        found.append(head)
    return [part for part in [*found, rest] if part]


def _cut(text: str, most: int) -> tuple[str, str]:
    """The longest good beginning, and what follows it, with what was open in between closed and opened again."""
    room = most - _LONGEST_LANGUAGE - 2 * len("```\n")
    at = _place(text, room)
    head, rest = text[:at].rstrip(), text[at:]
    fence = _open_fence(head)
    if fence is not None:
        return f"{head}\n```", f"```{fence[:_LONGEST_LANGUAGE]}\n{rest.lstrip(chr(10))}"
    marks = _open_marks(head)
    return head + "".join(reversed(marks)), "".join(marks) + rest.lstrip()


def _place(text: str, room: int) -> int:
    """Where to cut: before a code block that would be torn, else at the best break in the last two thirds."""
    window = text[:room]
    opened = [found.start() for found in re.finditer(r"^(?:`{3,}|~{3,})", window, re.M)]
    if _open_fence(window) is not None and opened and opened[-1] > room // 3:
        return opened[-1]
    for mark in _BREAKS:
        found = window.rfind(mark)
        if found > room // 3:
            return found + len(mark)
    return _not_inside_a_character(text, room)


def _not_inside_a_character(text: str, at: int) -> int:
    """The place, or a little before it: an emoji of several code points is not torn."""
    for back in range(at, max(at - 16, 1), -1):
        joined = (
            text[back] in "\u200d\ufe0f\u20e3"
            or text[back - 1] == "\u200d"
            or "\U0001f3fb" <= text[back] <= "\U0001f3ff"
        )
        if not joined:
            return back
    return at


def _open_fence(text: str) -> str | None:
    """The language of the code block that is open at the end; None when none is."""
    language: str | None = None
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found:
            language = found[2] if language is None else None
    return language


def _open_marks(text: str) -> list[str]:
    """The marks of emphasis that are open at the end, outermost first."""
    paragraph = re.sub(r"```.*?```", "", text, flags=re.S).split("\n\n")[-1]
    opened: list[str] = []
    at = 0
    while at < len(paragraph):
        mark = next((one for one in _MARKS if paragraph.startswith(one, at)), "")
        if mark and _counts(paragraph, at, mark, opened):
            if mark in opened:
                del opened[opened.index(mark) :]
            else:
                opened.append(mark)
        at += len(mark) or (2 if paragraph[at] == "\\" else 1)
    return opened


def _counts(text: str, at: int, mark: str, opened: list[str]) -> bool:
    """Whether the mark opens or closes something there: not a list's star, nor anything but its end inside of code."""
    if "`" in opened:
        return mark == "`"
    after = text[at + len(mark) : at + len(mark) + 1]
    before = text[at - 1 : at] if at else ""
    return not before.isspace() and bool(before) if mark in opened else bool(after) and not after.isspace()
