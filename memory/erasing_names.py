"""What a channel calls a fan: how does it go, also from what Gator said to operators?

Lists of conversations name fans, and so does what was said of them; no id stands there, so the name is looked for itself.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, cast, or_, select, update

from memory import erasing_waiting
from memory.models import Conversation, Fan, Message, Outbound, Persona, User
from memory.work import Work

NOBODY = "a fan"  # as lists call whoever has no name
_UNSENT = ("pending", "sending", "unconfirmed")
_SHORTEST = 3  # letters from which a name is looked for in any sentence
_JOINERS = "[\u200c\u200d]*"  # lists leave out those that join nothing


async def forget_names(work: Work, fans: Sequence[str], rooms: Sequence[str]) -> tuple[list[Message], list[str]]:
    """Forget them, unless another persona still talks with these fans.

    Gives Gator's messages that read otherwise now, and the operators' turns that waited with a name and are given up.
    """
    theirs = or_(Conversation.fan_id.in_(fans), Conversation.met_as.in_(fans))
    if await work.session.scalar(select(Conversation.id).where(theirs, Conversation.id.not_in(rooms)).limit(1)):
        return [], []
    names = set(await work.session.scalars(select(Fan.display_name).where(Fan.id.in_(fans))))
    await work.session.execute(update(Fan).where(Fan.id.in_(fans)).values(display_name=""))
    found: dict[str, Message] = {}
    given_up: list[str] = []
    for name in sorted(names):
        changed, turns = await _reword(work, name)
        found |= {one.id: one for one in changed}
        given_up += turns
    return list(found.values()), given_up


async def _reword(work: Work, name: str) -> tuple[list[Message], list[str]]:
    """Take the name out of what Gator said to operators, of what tools told it for that, of what waits to be sent or for a
    yes."""
    words = _words(name)
    if not words:
        return [], []
    meant = _meaning(words, await _is_anothers(work, words))
    longest = max(words, key=len)
    changed = [one for one in await _naming(work, longest) if _without(one, meant)]
    turns, told = await erasing_waiting.withdraw(work, longest, meant, NOBODY, changed)
    changed = list({one.id: one for one in (*changed, *told)}.values())
    pieces = select(Outbound).where(Outbound.message_id.in_([one.id for one in changed]))
    for row in await work.session.scalars(pieces):  # a piece may end within the name: of those sent, none is needed
        text = meant.sub(NOBODY, row.piece.get("text", "")) if row.state in _UNSENT else ""
        row.piece = {**row.piece, "text": text}
    await work.session.flush()
    return changed, turns


def _words(name: str) -> list[str]:
    """As it is shown: without signs that nobody sees."""
    return "".join(" " if char.isspace() else char for char in name if char.isspace() or _seen(char)).split()


def _seen(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _meaning(words: Sequence[str], anothers: bool) -> re.Pattern[str]:
    """What finds the name: in any sentence, or where it could be somebody else or no name at all, in a list's line only."""
    name = r"\s+".join(_JOINERS.join(map(re.escape, word)) for word in words)
    if anothers or sum(map(len, words)) < _SHORTEST:
        return re.compile(rf"(?<=- ){name}(?= with )")
    return re.compile(rf"(?<!\w){name}(?!\w)")


async def _is_anothers(work: Work, words: Sequence[str]) -> bool:
    """Whether a persona, or who works here, is called so, too."""
    called = " ".join(words).casefold()
    for table in (Persona, User):
        query = select(table.name).where(table.workspace == work.principal.workspace)
        for name in await work.session.scalars(query):
            if called == name.casefold() or called in name.casefold().split():
                return True
    return False


async def _naming(work: Work, word: str) -> list[Message]:
    of_operators = select(Conversation.id).where(
        Conversation.workspace == work.principal.workspace, Conversation.user_id.is_not(None)
    )
    meta: Any = cast(Message.meta, String)
    parts = erasing_waiting.spellings(word)
    query = select(Message).where(
        Message.conversation_id.in_(of_operators), Message.author.in_(("gator", "notice")),
        or_(*(one.contains(part, autoescape=True) for one in (Message.text, meta) for part in parts)),
    )  # fmt: skip
    return list(await work.session.scalars(query.order_by(Message.id)))


def _without(message: Message, meant: re.Pattern[str]) -> bool:
    """Whether the name stood in it."""
    before = message.text, message.meta
    message.text = meant.sub(NOBODY, message.text)
    steps = message.meta.get("steps", [])
    if steps:
        told = [{**step, "said": meant.sub(NOBODY, step["said"])} if step.get("said") else step for step in steps]
        message.meta = {**message.meta, "steps": told}
    return before != (message.text, message.meta)
