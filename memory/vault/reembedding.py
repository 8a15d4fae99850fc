"""Which vectors of another model than that are there? Page by page over all vaults; each row goes back under its own key.

The old row stays beside the new one until a workspace has all of the new ones: rows are unique by message and model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import aliased

from memory.episodes import text_of
from memory.models import Episode, Message, Recollection
from memory.packing import packed
from memory.repositories.base import insertion_once, row_of
from memory.vault.key import VaultKey
from memory.vault.pages import drop_others
from memory.work import Work

if TYPE_CHECKING:
    from memory.minilm import Floats


@dataclass(frozen=True, slots=True)
class Old:
    """A row with a vector of another model. `id` is the row's, `of` the message's."""

    id: str
    key: VaultKey
    of: str
    text: str


async def page(work: Work, after: str, model: str, limit: int) -> tuple[list[Old], str]:
    """Of the next `limit` rows those that lack a vector of `model`, and the last row's id; "" when there are no more."""
    twin = aliased(Recollection)
    has = exists().where(twin.message_id == Recollection.message_id, twin.model == model)
    found = await work.session.execute(
        select(Recollection.id, Recollection.persona_id, Recollection.fan_id, Recollection.message_id, Message.text)
        .add_columns((Recollection.model.in_((model, ""))) | has)
        .join(Message, Message.id == Recollection.message_id)
        .where(Recollection.workspace == work.principal.workspace, Recollection.id > after)
        .order_by(Recollection.id)
        .limit(limit)
    )
    rows = list(found)
    workspace = work.principal.workspace
    lacking = [
        Old(id, VaultKey(workspace, persona, fan), message, text)
        for id, persona, fan, message, text, made in rows
        if not made
    ]
    return lacking, rows[-1][0] if rows else ""


async def put(work: Work, rows: Sequence[Old], vectors: "Floats", model: str) -> None:
    """Keep the new vectors beside the old ones; what was forgotten meanwhile stays forgotten, what is in doubt in doubt."""
    if not rows:
        return
    # The message first, as those who forget it do: of two that lock in different orders one would fail.
    said = select(Message.id).where(Message.id.in_([row.of for row in rows])).order_by(Message.id)
    await work.session.execute(said.with_for_update(read=True, key_share=True))
    ids = [row.id for row in rows]
    there = select(Recollection.id, Recollection.doubt).where(Recollection.id.in_(ids)).with_for_update()
    doubts: dict[str, str] = {id: doubt for id, doubt in await work.session.execute(there)}  # noqa: C416  # rows are no pairs to mypy
    insertion = insertion_once(Recollection, work.session.get_bind().dialect.name)
    for row, vector in zip(rows, vectors, strict=True):
        if row.id in doubts:
            values = {
                **row.key.columns,
                "message_id": row.of,
                "model": model,
                "vector": packed(vector),
                "doubt": doubts[row.id],
            }
            await insertion.run(work.session, row_of(Recollection, **values))


async def sweep(work: Work, after: str, model: str, limit: int) -> str:
    """Of the next `limit` rows remove those of other models that have one of `model` beside them; the last row's id."""
    twin = aliased(Recollection)
    has = exists().where(twin.message_id == Recollection.message_id, twin.model == model)
    found = await work.session.execute(
        select(Recollection.id, (Recollection.model.not_in((model, ""))) & has)
        .where(Recollection.workspace == work.principal.workspace, Recollection.id > after)
        .order_by(Recollection.id)
        .limit(limit)
    )
    rows = list(found)
    old = [id for id, is_old in rows if is_old]
    if old:
        await work.session.execute(delete(Recollection).where(Recollection.id.in_(old)))
    if not rows:
        await drop_others(work, model)
    return rows[-1][0] if rows else ""


async def old_episodes(work: Work, model: str, limit: int) -> list[Old]:
    """Some episodes with a vector of another model."""
    found = await work.session.execute(
        select(Episode.id, Episode.persona_id, Episode.fan_id, Episode.lines)
        .where(Episode.workspace == work.principal.workspace, Episode.model.not_in((model, "")), Episode.vector != b"")
        .limit(limit)
    )
    workspace = work.principal.workspace
    return [Old(id, VaultKey(workspace, persona, fan), id, text_of(lines)) for id, persona, fan, lines in found]


async def count(work: Work) -> int:
    """How many rows there are to look at."""
    query = select(func.count()).select_from(Recollection).where(Recollection.workspace == work.principal.workspace)
    return (await work.session.scalar(query)) or 0


async def newest_model(work: Work) -> str:
    """Which embedder made the newest vector; "" when there is none."""
    query = select(Recollection.model).where(
        Recollection.workspace == work.principal.workspace, Recollection.model != ""
    )
    return (await work.session.scalar(query.order_by(Recollection.id.desc()).limit(1))) or ""
