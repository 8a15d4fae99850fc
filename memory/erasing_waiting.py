"""What waits for an operator's yes with a fan in mind who is forgotten: how is it withdrawn, and what says why?

A turn that waits lies in a checkpoint with all that it read (`agents.checkpoints`), and its question beside it with what
would be done. Neither can be told without the fan, so it is given up; what was decided before only names nobody any more.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, cast, or_, select, update

from memory.models import Approval, Message, TurnRow
from memory.work import Work

WITHDRAWN = "Withdrawn: it was asked with a fan in mind who is forgotten. Ask for it again."
READ = 60  # messages before a turn that it may have read
NAMES_FANS = frozenset({"list_conversations"})  # tools whose answers do


async def close_turns(work: Work, turns: Sequence[str]) -> None:
    """Give up these turns of operators that wait; of their questions those that were open say why."""
    await work.session.execute(update(TurnRow).where(TurnRow.id.in_(turns)).values(state="failed", trace={}))
    theirs = update(Approval).where(Approval.turn_id.in_(turns))
    await work.session.execute(theirs.where(Approval.state != "pending").values(arguments={}, summary=""))
    closed = theirs.where(Approval.state == "pending").values(state="expired", arguments={}, summary=WITHDRAWN)
    await work.session.execute(closed)


async def withdraw(
    work: Work, word: str, named: re.Pattern[str], instead: str, reworded: Sequence[Message]
) -> tuple[list[str], list[Message]]:
    """Give up the turns that wait with that name, and take it out of questions that were decided.

    `word` is a word of the name, for the search; `reworded` are messages to operators that named it. Gives the turns, whose
    checkpoints are to go, and the messages that say so.
    """
    questions = await _questions(work, word, named)
    waiting = {one.turn_id for one in questions} | {str(one.turn_id) for one in reworded if one.turn_id}
    rows = await work.session.scalars(
        select(TurnRow).where(TurnRow.workspace == work.principal.workspace, TurnRow.state == "waiting")
    )
    turns = [row.id for row in rows if row.id in waiting or await _has_read(work, row, reworded)]
    for one in questions:
        if one.turn_id not in turns:
            one.summary, one.arguments = named.sub(instead, one.summary), _without(one.arguments, named, instead)
    await work.session.flush()
    told = await _tell(work, turns)
    await close_turns(work, turns)
    return turns, told


async def _questions(work: Work, word: str, named: re.Pattern[str]) -> list[Approval]:
    """The questions in which it stands."""
    arguments: Any = cast(Approval.arguments, String)
    query = select(Approval).where(
        Approval.workspace == work.principal.workspace,
        or_(
            *(one.contains(part, autoescape=True) for one in (Approval.summary, arguments) for part in spellings(word))
        ),
    )
    found = await work.session.scalars(query)
    return [one for one in found if named.search(one.summary) or _without(one.arguments, named, "") != one.arguments]


def spellings(word: str) -> set[str]:
    """As columns of JSON may have it: SQLite's are ASCII, PostgreSQL's have the letters themselves."""
    return {word, json.dumps(word)[1:-1]}


async def _has_read(work: Work, turn: TurnRow, reworded: Sequence[Message]) -> bool:
    """Whether one of the messages lay before it when it began, or it had fans listed."""
    here = select(Message).where(Message.conversation_id == turn.conversation_id)
    theirs = await work.session.scalars(here.where(Message.turn_id == turn.id))
    if any(step.get("tool") in NAMES_FANS for one in theirs for step in one.meta.get("steps", [])):
        return True
    before = here.with_only_columns(Message.id).where(Message.id <= turn.id).order_by(Message.id.desc())
    first = await work.session.scalar(before.offset(READ).limit(1)) or ""
    return any(one.conversation_id == turn.conversation_id and one.id >= first for one in reworded)


async def _tell(work: Work, turns: Sequence[str]) -> list[Message]:
    """The questions' messages say that they were withdrawn."""
    asking = select(Message).where(Message.turn_id.in_(turns), Message.author == "gator")
    told = [one for one in await work.session.scalars(asking) if one.meta.get("approvals")]
    for one in told:
        one.text = WITHDRAWN
        one.meta = {**one.meta, "approvals": []}
    await work.session.flush()
    return told


def _without(value: Any, named: re.Pattern[str], instead: str) -> Any:
    """The arguments, in no text of which it stands."""
    if isinstance(value, str):
        return named.sub(instead, value)
    if isinstance(value, list):
        return [_without(one, named, instead) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, named, instead) for name, one in value.items()}
    return value
