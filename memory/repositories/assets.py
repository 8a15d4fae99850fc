"""Assets: rows about media; the bytes lie in `memory.blobs`."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, String, and_, bindparam, case, cast, false, func, or_, select, true, update

from gator.errors import NotFound
from memory.looks import alike, parsed
from memory.models import Asset, Conversation, Job, Message
from memory.prepared import Prepared
from memory.repositories.base import Repository, copy_of, table_of
from memory.repositories.consents import consents_of

PREVIEW = "preview"  # the origin of what is made to be looked at while a video is edited
_NOT_LISTED = ("fan", PREVIEW)
THERE = ("ready", "pending")
_TAIL = 4  # characters of an id's end that name something
_COMPARED = 5_000  # rows that are looked at for copies: some 10 ms
_A = table_of(Asset)
_THIS = (_A.c.workspace == bindparam("mine"), _A.c.id == bindparam("which"))
_MADE = Prepared(select(_A).where(*_THIS))
# What is known of an asset when its job is done.
_KNOWN = (
    *("sha256", "size_bytes", "mime", "width_px", "height_px", "duration_s"),
    *("alt_text", "provenance", "looks", "likeness", "rating"),
)
_KEEP_MADE = Prepared(
    update(_A).where(*_THIS).values({name: bindparam(f"v_{name}", type_=_A.c[name].type) for name in _KNOWN})
)


def strictest(ratings: Collection[str]) -> str:
    """Whom something is fit for that is made of media of these ratings: those whom all of them are fit for."""
    return next((one for one in ("unknown", "mature") if one in ratings), "general")


def _has(word: str) -> ColumnElement[bool]:
    """Whether a title has that word, or one that has it in it; SQLite folds only the letters of ASCII."""
    return or_(*(Asset.title.icontains(one, autoescape=True) for one in {word, word.capitalize()}))


class Assets(Repository):
    async def get(self, id: str) -> Asset:
        return await self._get(Asset, id, "asset")

    async def by_ids(self, ids: Collection[str]) -> dict[str, Asset]:
        """Those of the assets that there are."""
        if not ids:
            return {}
        return {one.id: one for one in await self._session.scalars(self._mine(Asset).where(Asset.id.in_(ids)))}

    async def recent(
        self,
        *,
        kind: str | Collection[str] | None = None,
        persona_id: str | None = None,
        state: str | Collection[str] | None = None,
        origin: str | None = None,
        limit: int = 50,
        before: str | None = None,
        of_fans: bool = True,
    ) -> list[Asset]:
        """Newest first. What fans sent is private to their conversations, and previews are nobody's media: they are listed only
        when that origin is asked for.
        """
        query = self._mine(Asset).where(Asset.origin == origin if origin else Asset.origin.not_in(_NOT_LISTED))
        query = query.where(Asset.kind.in_([kind] if isinstance(kind, str) else kind)) if kind else query
        query = query.where(Asset.persona_id == persona_id) if persona_id else query
        states = [state] if isinstance(state, str) else state
        query = query.where(Asset.state.in_(states) if states else Asset.state != "removed")
        query = query.where(Asset.id < before) if before else query
        query = query if of_fans else query.where(Asset.fan_id.is_(None))  # nor what they were given, such as exports
        return [*await self._session.scalars(query.order_by(Asset.id.desc()).limit(limit))]

    async def called(self, words: Mapping[str, int], *, kind: Collection[str], least: int, limit: int) -> list[Asset]:
        """Media, made or in the making, whose titles have words that weigh `least` together; newest first, nothing of fans.

        Of more than `limit` those with the weightiest words.
        """
        if not words:
            return []
        query = self._mine(Asset).where(Asset.kind.in_(kind), Asset.origin.not_in(_NOT_LISTED), Asset.fan_id.is_(None))
        weight = reduce(add, (case((_has(word), weighs), else_=0) for word, weighs in words.items()))
        query = query.where(Asset.state.in_(THERE), weight >= least)
        found = await self._session.scalars(query.order_by(weight.desc(), Asset.id.desc()).limit(limit))
        return sorted(found, key=lambda one: one.id, reverse=True)

    async def why_not(self, assets: Collection[Asset]) -> dict[str, tuple[str, str]]:
        """Of those that were not made whether that "failed" or was "cancelled", and why; of those whose job is there still."""
        stopped = [one.id for one in assets if one.state == "failed"]
        if not stopped:
            return {}
        jobs = await self._session.scalars(self._mine(Job).where(Job.asset_id.in_(stopped)))
        return {job.asset_id: (job.state, job.error) for job in jobs if job.asset_id}

    async def meant(self, told: str) -> str:
        """The id that was told whole, by its last characters, or as "last", which mean no removed media. Raises NotFound."""
        if told == "last":
            newest = await self.recent(limit=1)
            found = [one.id for one in newest]
        else:
            ends = and_(
                Asset.id.endswith(told, autoescape=True),
                Asset.state != "removed",
                true() if len(told) >= _TAIL else false(),
            )
            there = self._mine(Asset).where(or_(Asset.id == told, ends))
            found = [*await self._session.scalars(there.with_only_columns(Asset.id).limit(2))]
        if len(found) != 1:
            what = "no media yet" if told == "last" else f"no one asset that ends with “{told}”"
            raise NotFound(f"There is {what}.", remedy="`gator media list` shows the ids there are.")
        return found[0]

    async def repeats(self, assets: Collection[Asset]) -> dict[str, list[Asset]]:
        """Other media that look like each of these, newest first, among the newest _COMPARED; not what fans sent."""
        seen = [asset for asset in assets if asset.looks]
        if not seen:
            return {}
        query = select(Asset.id, Asset.kind, Asset.looks).where(
            Asset.workspace == self._workspace, Asset.state == "ready"
        )
        query = query.where(Asset.origin.not_in(_NOT_LISTED), Asset.kind.in_({asset.kind for asset in seen}))
        rows = await self._session.execute(query.order_by(Asset.id.desc()).limit(_COMPARED))
        others = [(id, kind, parsed(looks)) for id, kind, looks in rows if looks]
        ids = {
            asset.id: [
                id
                for id, kind, looks in others
                if id != asset.id and kind == asset.kind and alike(parsed(asset.looks), looks)
            ]
            for asset in seen
        }
        there = await self.by_ids({id for found in ids.values() for id in found})
        return {id: [there[one] for one in found] for id, found in ids.items() if found}

    async def find(self, id: str) -> Asset | None:
        return (await self.by_ids([id])).get(id)

    async def made(self, id: str) -> Asset | None:
        """What a job makes, as a copy: `keep_made` writes down what is known of it now. None when it was removed."""
        row = await _MADE.first(self._session, {"mine": self._workspace, "which": id})
        return copy_of(Asset, dict(zip(_A.c.keys(), row, strict=True))) if row else None

    async def keep_made(self, made: Asset) -> None:
        values = {f"v_{name}": getattr(made, name) for name in _KNOWN}
        await _KEEP_MADE.run(self._session, {"mine": self._workspace, "which": made.id, **values})

    async def take(self, id: str, **values: Any) -> bool:
        """Keep something that was sent, ready at once; False when that id is there already."""
        return await self._insert_once(Asset, id=id, state="ready", **values)

    async def hide_made_by(self, consent: str) -> int:
        """Show nobody any more what was made by that consent: how many. Each is there until somebody removes it."""
        query = self._mine(Asset).where(cast(Asset.provenance, String).contains(consent))
        made = [one for one in await self._session.scalars(query) if consent in consents_of(one.provenance)]
        for asset in made:
            asset.rating = "unknown"
        await self._session.flush()
        return len(made)

    async def made_of(self, id: str) -> list[Asset]:
        """What was made of that asset."""
        query = self._mine(Asset).where(cast(Asset.provenance, String).contains(id))
        made = await self._session.scalars(query)
        return [one for one in made if id in (one.provenance.get("parents") or ())]

    async def describe(self, id: str, alt_text: str) -> None:
        """Keep what is seen or heard in it."""
        row = await self.get(id)
        row.alt_text = alt_text
        await self._session.flush()

    async def retire(self, ids: Collection[str], sent_in: str) -> list[str]:
        """Empty what a fan sent in that message and has taken back; the hashes of bytes that no row names any more.

        What was sent in another message of theirs too stays.
        """
        freed = []
        for asset in (await self.by_ids(ids)).values():
            if asset.origin == "fan" and asset.fan_id and not await self._sent_elsewhere(asset, sent_in):
                freed.append(asset.sha256)
                asset.state, asset.sha256, asset.alt_text, asset.title = "removed", "", "", ""
                asset.provenance, asset.looks = {"origin": "fan"}, []
        await self._session.flush()
        return [one for one in dict.fromkeys(freed) if one and not await self._named(one)]

    async def _sent_elsewhere(self, asset: Asset, message_id: str) -> bool:
        query = self._mine(Message).join(Conversation, Conversation.id == Message.conversation_id)
        query = query.where(Conversation.fan_id == asset.fan_id, Message.id != message_id)
        query = query.where(cast(Message.assets, String).contains(asset.id))  # a list of ids, in JSON
        return await self._session.scalar(query.limit(1)) is not None

    async def _named(self, sha256: str) -> bool:
        """Whether any row names these bytes: files are shared by all workspaces."""
        return await self._session.scalar(select(Asset.id).where(Asset.sha256 == sha256).limit(1)) is not None

    async def sent_with(self, messages: Collection[str]) -> list[Asset]:
        """What came with these messages, in their order."""
        query = self._mine(Message).where(Message.id.in_(messages)).order_by(Message.id)
        ids = [id for message in await self._session.scalars(query) for id in message.assets] if messages else []
        there = await self.by_ids(ids)
        return [there[id] for id in dict.fromkeys(ids) if id in there]

    async def taken_since(self, fan_id: str, since: datetime) -> tuple[int, int]:
        """How many files a fan has sent since then, and their bytes together."""
        query = self._mine(Asset).where(Asset.fan_id == fan_id, Asset.created_at > since)
        counted = query.with_only_columns(func.count(), func.coalesce(func.sum(Asset.size_bytes), 0))
        count, size_bytes = (await self._session.execute(counted)).one()
        return int(count), int(size_bytes)
