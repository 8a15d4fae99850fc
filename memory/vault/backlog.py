"""Which vaults have something to be done when nobody talks? Ids only: what is in a vault is read through its own key.

Asked every few seconds over all conversations, so each question is an indexed one and gives a bounded number.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select

from memory.episodes import text_of
from memory.models import Conversation, Episode, MemoryChoice, Message, Recollection
from memory.sittings import MOST
from memory.vault.key import VaultKey
from memory.work import Work

LOOKED_AT = 50  # conversations that one question looks at: some seven milliseconds of 10,000 conversations in 1.5 s


@dataclass(frozen=True, slots=True)
class Unclosed:
    """A conversation with messages that no episode spans. `off_at`: since when its fan has memory off."""

    key: VaultKey
    conversation: str
    last_at: datetime
    off_at: datetime | None


@dataclass(frozen=True, slots=True)
class Plain:
    """Something without a vector: the id of a message, or of an episode. `author` is the message's."""

    key: VaultKey
    id: str
    text: str
    author: str = ""


Place: TypeAlias = tuple[datetime, str]  # of a conversation, in the order in which they were last spoken in


async def unclosed(
    work: Work, after: Place, until: datetime, *, long: bool = False
) -> tuple[list[Unclosed], Place | None]:
    """Of the next conversations that were last spoken in by `until` those with something to close, and the last one's place.

    None in place of the place: there are no more. With `long` only those in which more waits than makes one sitting:
    they need not fall silent.
    """
    upto = (
        select(func.max(Episode.last_id)).where(Episode.conversation_id == Conversation.id).correlate(Conversation)
    ).scalar_subquery()
    later = select(Message.id).where(Message.conversation_id == Conversation.id, Message.id > func.coalesce(upto, ""))
    further = later.order_by(Message.id).offset(MOST if long else 0).limit(1).correlate(Conversation).scalar_subquery()
    choice = and_(
        MemoryChoice.persona_id == Conversation.persona_id,
        MemoryChoice.fan_id == Conversation.fan_id,
        MemoryChoice.workspace == Conversation.workspace,
    )
    since = or_(Conversation.last_at > after[0], and_(Conversation.last_at == after[0], Conversation.id > after[1]))
    found = await work.session.execute(
        select(
            Conversation.persona_id, Conversation.fan_id, Conversation.id, Conversation.last_at, MemoryChoice.off_at,
            further.label("further"),
        )
        .outerjoin(MemoryChoice, choice)
        .where(Conversation.workspace == work.principal.workspace, since)
        .where(Conversation.last_at >= after[0], Conversation.last_at <= until)  # the range that the index is read in
        .where(Conversation.persona_id.is_not(None), Conversation.fan_id.is_not(None))
        .order_by(Conversation.last_at, Conversation.id)
        .limit(LOOKED_AT)
    )  # fmt: skip
    workspace, rows = work.principal.workspace, list(found)
    wanted = [
        Unclosed(VaultKey(workspace, str(persona), str(fan)), id, at, off)
        for persona, fan, id, at, off, further_id in rows
        if further_id
    ]
    return wanted, (rows[-1][3], rows[-1][2]) if len(rows) == LOOKED_AT else None


# Written out, not bound: only so does SQLite see that the partial indexes hold exactly these rows.
_NO_MODEL: ColumnElement[str] = literal_column("''")


async def plain_messages(work: Work, limit: int) -> list[Plain]:
    """Messages that can be recalled by their words only, because nobody has embedded them yet."""
    found = await work.session.execute(
        select(Recollection.persona_id, Recollection.fan_id, Recollection.message_id, Message.text, Message.author)
        .join(Message, Message.id == Recollection.message_id)
        .where(Recollection.model == _NO_MODEL, Recollection.workspace == work.principal.workspace)
        .order_by(Recollection.id)
        .limit(limit)
    )
    workspace = work.principal.workspace
    return [Plain(VaultKey(workspace, persona, fan), id, text, author) for persona, fan, id, text, author in found]


async def plain_episodes(work: Work, limit: int) -> list[Plain]:
    """Episodes without a vector."""
    found = await work.session.execute(
        select(Episode.persona_id, Episode.fan_id, Episode.id, Episode.lines)
        .where(Episode.model == _NO_MODEL, Episode.workspace == work.principal.workspace)
        .order_by(Episode.id)
        .limit(limit)
    )
    workspace = work.principal.workspace
    return [Plain(VaultKey(workspace, persona, fan), id, text_of(lines)) for persona, fan, id, lines in found]
