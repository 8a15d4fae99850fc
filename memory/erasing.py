"""How is something forgotten for good, and proved? Rows in one transaction, then files, logs of the database, and the journal.

`erase` is the transaction's part, for doors that answer in the same one; `Eraser.forget` is all of it. A receipt says
that it was done, and the row of it (`memory.erasures`) has a restored backup forget the same again. What a part of a
conversation was made into goes with it: facts, vectors, lines of summaries and episodes, quotes in operators' chats.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.errors import GatorError, NotFound
from gator.ids import new_id
from gator.principal import Kind, Principal, service
from gator.settings import Settings
from memory import erasing_disk, erasing_files, erasing_talk, erasures, receipts
from memory.blobs import Blobs
from memory.erasing_talk import Gone
from memory.erasures import Entry
from memory.linking import one_person
from memory.media_threads import in_media_thread
from memory.models import Consent, Conversation, Fan, Persona
from memory.receipts import Receipt
from memory.repositories.consents import TAKEN_BACK
from memory.store import READS, Store
from memory.summaries import forget_lines
from memory.vault import VaultKey, open_vault
from memory.vault.choices import CHOICES, OFF
from memory.vault.forgetting import FactGone, naming
from memory.vault.owners import owner_of
from memory.vault.shelves import shelves_of
from memory.work import Work

log = structlog.get_logger()

# exchange: a message with all that was said and answered together with it; an episode goes with the messages it spans.
Scope: TypeAlias = Literal["everything", "message", "exchange", "fact", "episode"]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was forgotten, and what `Eraser.finish` has yet to do."""

    key: VaultKey
    scope: Scope
    at: datetime
    counts: dict[str, int]
    receipt: str
    gone: Gone
    entries: list[Entry]  # for the journal


async def erase(work: Work, secret_key: str, key: VaultKey, scope: Scope, subject: str = "") -> Erased:
    """Forget, in that transaction. `subject` is the id of what is to be forgotten, "" for everything.

    Everything is all that this persona knows of the person, on every channel of theirs. Raises NotFound for what is not
    in this vault.
    """
    id, at, gone = new_id(), now(), Gone()
    # Nobody writes an episode, or a reply, of what is to be forgotten before this transaction ends.
    fans = await _fans(work, key) if scope == "everything" else [key.fan]
    await erasing_talk.hold(work, key, fans)
    parts: list[tuple[str, str]] = []
    if scope == "everything":
        await _everything(work, key, fans, gone)
    else:
        parts = await _part(work, key, scope, subject, gone)
    counts = {name: many for name, many in sorted(gone.counts.items()) if many}
    receipt = receipts.issue(secret_key, Receipt(id, at, key.persona, key.fan, scope, counts))
    by = _by(work.principal)
    kept = "message" if scope == "exchange" else scope
    entries = [Entry(id, at, key.workspace, key.persona, key.fan, kept, subject, by, counts, receipt)]
    entries += [_also(entries[0], fan=fan) for fan in fans if fan != key.fan]
    entries += [_also(entries[0], scope=part, subject=one) for part, one in parts if one != subject]
    work.session.add_all([one.row() for one in entries])
    await work.session.flush()
    if work.principal.kind in (Kind.operator, Kind.admin):
        await work.audit.note("memory.forget", key.fan, persona=key.persona, scope=scope, erasure=id)
    return Erased(key, scope, at, counts, receipt, gone, entries)


async def forget_again(work: Work, entry: Entry, gone: Gone) -> None:
    """Do to these rows, which a backup brought back, what was done before. What is not there is forgotten already."""
    key = VaultKey(entry.workspace, entry.persona_id, entry.fan_id)
    if entry.scope in CHOICES:
        await _choose_again(work, key, entry)
    elif entry.scope == "everything":
        await _everything(work, key, [entry.fan_id], gone)
    elif entry.scope == TAKEN_BACK:
        await _taken_back_again(work, entry)
    else:
        await _part_again(work, entry, gone)


async def _part_again(work: Work, entry: Entry, gone: Gone) -> None:
    """Under the key of whose it is in these rows: whoever it was forgotten for may not have been linked then."""
    key = await owner_of(work, entry.scope, entry.subject_id)
    try:
        if key is None or key.persona != entry.persona_id:
            raise NotFound(f"There is no memory {entry.subject_id} here.")
        if entry.scope == "own":
            await open_vault(work, key, model="").forget.own_word(entry.subject_id)
        elif entry.scope == "words":
            await _words(work, key, [entry.subject_id], gone, facts=False)
        else:
            scope: Scope = "fact" if entry.scope == "fact" else "episode" if entry.scope == "episode" else "message"
            await _part(work, key, scope, entry.subject_id, gone)
    except NotFound:
        log.info("erasure_was_not_there", erasure=entry.id, scope=entry.scope)


async def _taken_back_again(work: Work, entry: Entry) -> None:
    """A consent, with what was made by it; its cloned voices are deleted at their providers when Gator runs."""
    found = await work.session.get(Consent, entry.subject_id)
    if found and found.revoked_at is None:
        await work.consents.revoked(found, entry.created_at, entry.asked_by)
        await work.assets.hide_made_by(found.id)


async def _choose_again(work: Work, key: VaultKey, entry: Entry) -> None:
    """Whether the fan is remembered, as they decided then; a backup may be of before they met."""
    fan, persona = await work.session.get(Fan, key.fan), await work.session.get(Persona, key.persona)
    if fan and persona:
        await open_vault(work, key, model="").choice.again(entry.created_at if entry.scope == OFF else None)


class Eraser:
    """Forgets for good: what `erase` does, and all that is to be done after the commit.

    `forget_turn` drops what a turn still waits with (LangGraph's checkpoints, which this room does not know).
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        blobs: Blobs,
        forget_turn: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._blobs = blobs
        self._forget_turn = forget_turn
        self._tasks: set[asyncio.Task[None]] = set()

    async def forget(self, principal: Principal, key: VaultKey, scope: Scope, subject: str = "") -> Erased:
        """All of it, on behalf of that principal. Raises NotFound, and Forbidden for a vault that is not theirs."""
        async with self._store.open_work(principal) as work:
            open_vault(work, key, model="")  # whether they may
            erased = await erase(work, self._settings.secret, key, scope, subject)
        await self.finish(erased)
        return erased

    def finish_soon(self, erased: Erased) -> None:
        """As `finish`, beside whatever the caller does next."""
        task = asyncio.create_task(self.finish(erased), name="erasing")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Until nothing is being finished."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def finish(self, erased: Erased) -> None:
        """Files, memory, checkpoints, the journal and the database's log. What fails here, the next sweep does."""
        try:
            self.drop_from_memory(erased.key)  # once more: a turn may have read it while the transaction was open
            for turn in erased.gone.turns if self._forget_turn else []:
                await self._forget_turn(turn)  # type: ignore[misc]
            await asyncio.to_thread(erasures.append, self._settings.home / erasures.NAME, erased.entries)
            await self._scrub()
            await self.delete_files(erased.gone.freed)  # last: they may lie in a bucket that does not answer
        except (OSError, GatorError):
            log.exception("erasure_unfinished", scope=erased.scope)
        log.info("memory_erased", scope=erased.scope, persona=erased.key.persona, **erased.counts)

    async def sweep(self, workspaces: Sequence[str]) -> int:
        """Bring what was left unfinished to its end, and remove files that nobody can see; how many those were."""
        freed = [one for name in workspaces for one in await erasing_files.remove_unsent(self._store, name)]
        freed += [one for name in workspaces for one in await erasing_files.sweep_previews(self._store, name)]
        await self.delete_files(freed)
        removed = await erasing_files.sweep_files(self._store, self._blobs)
        if self._store.engine.dialect.name == "sqlite":
            await self._scrub()
        return len(freed) + removed

    async def tend_home(self) -> None:
        """What each process does for its own home: the journal has every row, and nothing lies there that it should not."""
        await asyncio.to_thread(erasing_files.remove_left, self._settings.home)
        await erasures.sync(self._store, self._settings.home)
        await erasing_files.sweep_copies(self._store, self._blobs)

    def drop_from_memory(self, key: VaultKey) -> None:
        """Have this process keep nothing of that vault between turns."""
        shelves_of(AsyncSession(self._store.engine)).drop(key)

    async def delete_files(self, hashes: Sequence[str]) -> None:
        """Remove these files, each unless a row names it."""
        async with AsyncSession(self._store.engine) as session:
            await session.connection(execution_options=READS)
            lost = await erasing_files.unnamed(session, set(hashes))
        for sha256 in lost:
            await in_media_thread(self._blobs.delete, sha256)

    async def _scrub(self) -> None:
        await erasing_disk.scrub(self._store, [self._settings.home / "waiting.db"])


async def _fans(work: Work, key: VaultKey) -> list[str]:
    """The person as every channel of theirs knows them."""
    return [fan.id for fan in await one_person(work, key.fan)]


async def _everything(work: Work, key: VaultKey, fans: Sequence[str], gone: Gone) -> None:
    rooms = await erasing_talk.rooms_of(work, key, fans)
    ours = Work(work.session, service(key.workspace, "memory"))  # to the vault, who is linked is somebody else
    for fan in fans:
        found = await open_vault(ours, VaultKey(key.workspace, key.persona, fan), model="").forget.everything()
        for name, many in found.items():
            gone.count(name, many)
    for owner in await _other_owners(work, fans, rooms):
        await open_vault(ours, VaultKey(key.workspace, key.persona, owner), model="").forget.sittings(rooms)
    await erasing_talk.erase_all(work, key, fans, rooms, gone)


async def _other_owners(work: Work, fans: Sequence[str], rooms: Sequence[str]) -> list[str]:
    """Whose vaults hold what was told in these conversations: in a backup of when they were linked, somebody else's."""
    query = select(Conversation.fan_id).where(Conversation.id.in_(rooms), Conversation.fan_id.not_in(fans)).distinct()
    return [str(one) for one in await work.session.scalars(query)]


async def _part(work: Work, key: VaultKey, scope: Scope, subject: str, gone: Gone) -> list[tuple[str, str]]:
    """Forget a part; gives what all went, each with its scope: of a fact's message the other facts stay."""
    forget = open_vault(work, key, model="").forget
    fact: FactGone | None = None
    if scope == "episode":
        sat = await forget.episode(subject)
        gone.count("episodes", 1)
        ids = await erasing_talk.between(work, sat.conversation, sat.first, sat.last)
    elif scope == "fact":
        fact = await forget.fact(subject)
        gone.count("facts", 1)
        ids = [id for one in fact.messages for id in await erasing_talk.exchange_of(work, key, one, whole=False)]
    else:
        ids = await erasing_talk.exchange_of(work, key, subject, whole=scope == "exchange")
    ids = list(dict.fromkeys(ids))
    await _words(work, key, ids, gone, facts=fact is None)
    if fact is None:
        return [("message", id) for id in ids]
    own = await forget.own_words(fact.value)
    gone.count("own_words", len(own))
    await _forget_value(work, key, fact.value)
    went = {"fact": fact.ids, "words": ids, "own": own}
    return [(part, id) for part, of_it in went.items() for id in of_it]


async def _forget_value(work: Work, key: VaultKey, value: str) -> None:
    """No summary names it any more, whichever message the line was taken from."""
    if meant := naming(value):
        for room in await work.session.scalars(key.conversations()):
            await forget_lines(work, room, meant)


async def _words(work: Work, key: VaultKey, ids: Sequence[str], gone: Gone, *, facts: bool) -> None:
    """Empty these messages, and what was made of them."""
    await erasing_talk.rooms_of(work, key, [key.fan])  # no reply that is being made with them is said any more
    await erasing_talk.erase_messages(work, ids, gone)
    forget = open_vault(work, key, model="").forget
    for id in ids:
        if facts:
            gone.count("facts", await forget.message(id))
        else:
            await forget.words(id)
    await erasing_talk.forget_what_was_told(work, key, gone)


def _also(entry: Entry, *, fan: str = "", scope: str = "", subject: str = "") -> Entry:
    """A line of the journal that belongs to another: of a linked fan, or of a message that went with it."""
    return Entry(
        new_id(), entry.created_at, entry.workspace, entry.persona_id, fan or entry.fan_id,
        scope or entry.scope, subject or entry.subject_id, entry.asked_by, {}, "",
    )  # fmt: skip


def _by(who: Principal) -> str:
    return str(who) if who.kind in (Kind.operator, Kind.admin) else "fan"
