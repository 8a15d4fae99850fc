"""How does a long conversation stay short? What leaves the window is folded into a bounded summary of quoted lines.

Extractive and deterministic: the summary holds what was said, dated, word for word, so it can be checked against the
messages whose ids stand in the conversation's notes under "summary". No model is called.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import bindparam, select, update

from memory.models import Conversation, Message
from memory.prepared import Prepared
from memory.repositories.base import table_of
from memory.repositories.conversations import Line
from memory.work import Work

WINDOW = 20  # messages a turn loads word for word
SLACK = 10  # so many more may wait, so that one turn in ten pays for folding
LONGEST = 1_200  # characters of a summary
LINE = 160  # characters of one quoted line
TOLD = 50  # the weight of a line that somebody wrote for the summary
AT_ONCE = 200  # messages folded in one go: an imported history takes several turns

_M, _C = table_of(Message), table_of(Conversation)
_AFTER = _M.c.conversation_id == bindparam("which"), _M.c.id > bindparam("upto")
_FAR = Prepared(select(_M.c.id).where(*_AFTER).order_by(_M.c.id).offset(bindparam("far")).limit(1))
_LATER = Prepared(
    select(_M.c.id, _M.c.author, _M.c.text, _M.c.created_at).where(*_AFTER).order_by(_M.c.id).limit(bindparam("most"))
)
_THIS = _C.c.workspace == bindparam("mine"), _C.c.id == bindparam("which")
_STATE = select(_C.c.summary, _C.c.summary_upto, _C.c.notes).where(*_THIS)
_SO_FAR, _SO_FAR_HELD = Prepared(_STATE), Prepared(_STATE.with_for_update(key_share=True))
_KEEP = Prepared(
    update(_C).where(*_THIS).values(summary=bindparam("text"), summary_upto=bindparam("upto"), notes=bindparam("noted"))
)


# How many facts a fan told in each of these messages; of messages without any nothing is said (`Facts.told_in`).
ToldIn: TypeAlias = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class Quote:
    """One quoted line of a summary, and how much it tells."""

    message_id: str
    text: str
    weight: int


async def roll_up(work: Work, conversation: Conversation, told_in: ToldIn) -> bool:
    """Fold what lies beyond the window into the summary, when enough waits there; whether anything changed.

    On an ordinary turn this is one look into the index at WINDOW + SLACK messages after the summary's end.
    """
    if not await _waiting(work, conversation):
        return False
    this = {"mine": conversation.workspace, "which": conversation.id}
    found = await _SO_FAR.first(work.session, this)  # as it is in this transaction
    assert found is not None
    text, upto, notes = found
    later = await _LATER.run(work.session, {**this, "upto": upto or "", "most": WINDOW + AT_ONCE})
    folded = [Line(*row) for row in later[:-WINDOW]]
    told = await told_in([line.id for line in folded])
    kept = _fit(_kept(text, notes) + [quote for line in folded if (quote := _quote(line, told.get(line.id, 0)))])
    # The caller's copy follows, so that it can be rolled up again.
    conversation.summary = "\n".join(quote.text for quote in kept)
    conversation.summary_upto = folded[-1].id
    conversation.notes = {**notes, "summary": [[quote.message_id, quote.weight] for quote in kept]}
    new = {"text": conversation.summary, "upto": conversation.summary_upto, "noted": conversation.notes}
    await _KEEP.run(work.session, {**this, **new})
    return True


async def add_line(work: Work, conversation_id: str, message_id: str, text: str) -> None:
    """Put a line into the summary that stands for what was said up to that message, and weighs more than any quote."""
    this = {"mine": work.principal.workspace, "which": conversation_id}
    found = await _SO_FAR.first(work.session, this)
    assert found is not None
    before, upto, notes = found
    kept = _fit([*_kept(before, notes), Quote(message_id, " ".join(text.split())[: LONGEST // 3], TOLD)])
    noted = {**notes, "summary": [[quote.message_id, quote.weight] for quote in kept]}
    new = {"text": "\n".join(quote.text for quote in kept), "upto": upto, "noted": noted}
    await _KEEP.run(work.session, {**this, **new})


async def forget_line(work: Work, conversation_id: str, message_id: str) -> None:
    """Take out what the summary quotes of that message: its author changed it or took it back."""
    await _drop(work, conversation_id, lambda quote: quote.message_id == message_id)


async def forget_lines(work: Work, conversation_id: str, naming: re.Pattern[str]) -> None:
    """Take out every line of the summary in which something stands that was forgotten."""
    await _drop(work, conversation_id, lambda quote: bool(naming.search(quote.text)))


async def _drop(work: Work, conversation_id: str, goes: Callable[[Quote], bool]) -> None:
    this = {"mine": work.principal.workspace, "which": conversation_id}
    found = await _SO_FAR.first(work.session, this)
    assert found is not None
    if not any(map(goes, _kept(found[0], found[2]))):
        return
    found = await _SO_FAR_HELD.first(work.session, this)  # or what somebody else notes just now would be written over
    assert found is not None
    before, upto, notes = found
    kept = [quote for quote in _kept(before, notes) if not goes(quote)]
    noted = {**notes, "summary": [[quote.message_id, quote.weight] for quote in kept]}
    new = {"text": "\n".join(quote.text for quote in kept), "upto": upto, "noted": noted}
    await _KEEP.run(work.session, {**this, **new})


async def _waiting(work: Work, conversation: Conversation) -> bool:
    values = {"which": conversation.id, "upto": conversation.summary_upto or "", "far": WINDOW + SLACK}
    return bool(await _FAR.run(work.session, values))


def _kept(text: str, notes: dict[str, Any]) -> list[Quote]:
    """The summary as it stands, line by line, with the messages it was taken from."""
    lines = text.split("\n") if text else []
    return [Quote(id, line, weight) for (id, weight), line in zip(notes.get("summary", []), lines, strict=True)]


def _quote(line: Line, facts: int) -> Quote | None:
    """The message as a dated line; None for what tells nothing and for what code sent."""
    words = " ".join(line.text.split())
    weight = _weight(line.author, words, facts)
    if weight <= 0 or line.author not in ("fan", "persona", "operator"):
        return None
    shown = words if len(words) <= LINE else words[: LINE - 1].rsplit(" ", 1)[0] + "…"
    return Quote(line.id, f"{line.at:%Y-%m-%d} {line.author}: “{shown}”", weight)


def _weight(author: str, words: str, facts: int) -> int:
    """How much a line tells: facts of the fan's own above all, then names, numbers and length; small talk nothing."""
    names = len(re.findall(r"(?<=[\w,;] )[A-Z]\w+", words))
    numbers = len(re.findall(r"\d+", words))
    length = min(3, len(words.split()) // 6)
    return 5 * facts + min(3, names) + min(2, numbers) + length + (1 if author == "fan" and length else 0)


def _fit(lines: list[Quote]) -> list[Quote]:
    """Drop what tells least, the oldest first among equals, until the rest fits."""
    size = sum(len(line.text) + 1 for line in lines)
    for line in sorted(lines, key=lambda line: (line.weight, line.message_id)):
        if size <= LONGEST:
            break
        size -= len(line.text) + 1
        lines = [one for one in lines if one is not line]
    return lines
