"""Is what was forgotten gone from every table, and nothing else; and does the journal know it for backups?"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from gator.clock import now
from gator.errors import Forbidden, NotFound
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import erasures, linking, receipts
from memory.blobs import Blobs
from memory.erasing import Eraser, Scope
from memory.facts import extract
from memory.models import (
    Asset,
    Audit,
    Base,
    Episode,
    Erasure,
    Handoff,
    Inbound,
    Message,
    OwnWord,
    Recollection,
    Spend,
    TurnRow,
)
from memory.sharing import LINK
from memory.store import Store
from memory.vault import VaultKey, open_vault
from memory.work import Work
from tests.memory.people import acquaint, as_fan

SECRET = "a key for tests only"


class Talk:
    """A conversation with all that comes of one, every piece of it marked."""

    def __init__(self, key: VaultKey, mark: str) -> None:
        self.key, self.mark = key, mark
        self.ids: list[str] = []
        self.room = ""

    async def turn(self, work: Work, said: str, reply: str) -> str:
        """One exchange, with its rows."""
        (room, *_) = await work.conversations.of(fan_id=self.key.fan, persona_id=self.key.persona)
        self.room, id = room.id, new_id()
        base: dict[str, Any] = {"workspace": self.key.workspace, "conversation_id": room.id}
        work.session.add(TurnRow(id=id, **base, principal={}, state="closed", trace={"draft": self.mark}))
        await work.session.flush()
        await work.journal.take_in(
            room.channel, "", id, conversation_id=room.id, principal={}, text=said, state="answered"
        )
        row = await work.session.scalar(select(Inbound).where(Inbound.platform_id == id))
        assert row is not None
        row.turn_id = id
        await work.conversations.say(room.id, "fan", said, id=row.id)
        answer = await work.conversations.say(room.id, "persona", reply, turn_id=id, meta={"answers": [row.id]})
        await work.outbox.put(room, answer, f"{id}:reply", piece={"text": reply})
        vault = open_vault(work, self.key, "test")
        await vault.facts.learn(extract(said), row.id)
        for one in (row.id, answer.id):
            work.session.add(Recollection(**self.key.columns, message_id=one, model="test", vector=b"1234"))
        work.session.add(OwnWord(**self.key.columns, kind="likes", value=reply, quote=reply, message_id=answer.id))
        await work.session.flush()
        self.ids += [row.id, answer.id]
        return row.id

    async def settle_down(self, work: Work, blobs: Blobs) -> None:
        """What comes of a conversation later: an episode, a summary, notes, files, a job, spending."""
        mark, base = self.mark, {"workspace": self.key.workspace, "conversation_id": self.room}
        line = {"text": f"They spoke of {mark}.", "from": self.ids[:2]}
        other = {"text": "They said goodbye.", "from": self.ids[-1:]}
        work.session.add(
            Episode(
                **self.key.columns, conversation_id=self.room, first_id=self.ids[0], last_id=self.ids[-1],
                began_at=now(), ended_at=now(), lines=[line, other], importance=0.5, made_by="a model",
            )
        )  # fmt: skip
        room = await work.conversations.get(self.room)
        room.summary, room.summary_upto = f"“{mark}”\nbye", self.ids[-1]
        room.notes = {"summary": [[self.ids[0], 5], [self.ids[-1], 1]], "listed": mark}
        work.session.add(Handoff(**base, kind="note", by="x", text=f"says {mark}"))
        blob = blobs.put(f"file {mark}".encode())
        sent: list[dict[str, Any]] = [
            {"fan_id": self.key.fan, "origin": "fan"},
            {"provenance": {"conversation": self.room}},
        ]
        about = {"kind": "document", "persona_id": self.key.persona, "sha256": blob.sha256, "alt_text": mark}
        for n, more in enumerate(sent):
            await work.assets.take(new_id(), title=f"{n} {mark}", **about, **more)
        job = await work.jobs.queue("picture.draw", {"text": mark}, key=new_id(), makes="picture", title=mark,
                                    conversation_id=self.room)  # fmt: skip
        assert job.asset_id
        work.session.add(Spend(workspace=self.key.workspace, what="model", reserved_microusd=1, fan_id=self.key.fan,
                               persona_id=self.key.persona, turn_id=self.ids[0]))  # fmt: skip
        await work.session.flush()
        pages = open_vault(work, self.key, "test").pages
        draft = await pages.draft(now() + timedelta(seconds=1))
        assert draft is not None
        assert await pages.write(draft)


async def hits(store: Store, mark: str) -> list[str]:
    """Every table and column in which the mark stands."""
    found = []
    async with store.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = await connection.execute(text(f'SELECT * FROM "{table.name}"'))
            for row in rows.mappings():
                found += [f"{table.name}.{name}" for name, value in row.items() if mark in str(value)]
    return found


@pytest.fixture
def eraser(store: Store, settings: Settings, blobs: Blobs) -> Eraser:
    return Eraser(store, settings, blobs)


async def two_talks(store: Store, operator: Principal, key: VaultKey, blobs: Blobs) -> tuple[Talk, Talk]:
    """Ada's, marked with heron, and Ben's with the same persona, marked with badger."""
    async with store.open_work(operator) as work:
        ben = await acquaint(work, "nova", "ben")
        talks = Talk(key, "heron"), Talk(ben, "badger")
        for talk in talks:
            (await work.people.fan(talk.key.fan)).display_name = f"{talk.mark} fan"
            await talk.turn(work, f"I have a dog called {talk.mark.title()}", f"{talk.mark}! lovely")
            await talk.turn(work, "I live in Porto.", "Nice.")
            await talk.settle_down(work, blobs)
    return talks


def files(blobs: Blobs, mark: str) -> list[Path]:
    return [one for one in blobs.folder.rglob("*") if one.is_file() and mark.encode() in one.read_bytes()]


async def test_after_everything_no_table_and_no_file_has_a_word_of_it_and_all_of_the_others(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs
) -> None:
    await two_talks(store, operator, key, blobs)
    before = await hits(store, "badger")
    assert await hits(store, "heron")
    assert files(blobs, "heron")

    erased = await eraser.forget(as_fan(key), key, "everything")

    assert await hits(store, "heron") == await hits(store, "Heron") == []
    assert files(blobs, "heron") == []
    assert await hits(store, "badger") == before
    assert files(blobs, "badger")
    assert erased.counts["messages"] == 4
    assert erased.counts["files"] == 3
    assert receipts.verify(SECRET, erased.receipt).counts == erased.counts


async def test_after_everything_no_small_picture_and_no_link_of_theirs_is_left(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs
) -> None:
    await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:
        rows = list(await work.session.scalars(select(Asset).where(Asset.sha256 != "")))
        kept = {mark: next(one for one in rows if mark in one.title) for mark in ("heron", "badger")}
        for mark, asset in kept.items():
            assert blobs.put_small(asset.sha256, f"small {mark}".encode())
            await work.people.add_token(LINK, mark, asset.id)
    await eraser.forget(as_fan(key), key, "everything")
    assert files(blobs, "heron") == []
    assert list(blobs.smalls()) == [kept["badger"].sha256]
    async with store.open_work(operator, reads=True) as work:
        assert await work.people.tokens(kept["heron"].id) == []
        assert len(await work.people.tokens(kept["badger"].id)) == 1


async def test_the_fan_may_not_forget_for_others_and_operators_do_it_on_the_record(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs
) -> None:
    _, ben = await two_talks(store, operator, key, blobs)
    with pytest.raises(Forbidden):
        await eraser.forget(as_fan(key), ben.key, "everything")
    await eraser.forget(operator, key, "everything")
    async with store.open_work(operator, reads=True) as work:
        (row,) = await work.session.scalars(select(Erasure))
        (entry,) = await work.session.scalars(select(Audit).where(Audit.action == "memory.forget"))
        assert row.asked_by == str(operator)
        assert (entry.subject, entry.detail["scope"]) == (key.fan, "everything")
        assert await work.audit.first_broken() is None


async def test_all_channels_of_a_linked_person_are_forgotten(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs
) -> None:
    _, ben = await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:
        assert await linking.link(work, ben.key.fan, key.fan)
    await eraser.forget(operator, key, "everything")
    assert await hits(store, "heron") == await hits(store, "badger") == []
    async with store.open_work(operator, reads=True) as work:
        assert set(await work.session.scalars(select(Erasure.fan_id))) == {key.fan, ben.key.fan}


async def test_another_personas_memory_of_the_fan_stays_and_so_does_the_name(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs
) -> None:
    await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:
        second = await acquaint(work, "orion", "ada")
        await Talk(second, "otter").turn(work, "I have a cat called Otter", "otter!")
    await eraser.forget(operator, key, "everything")
    assert set(await hits(store, "heron")) == {"fan.display_name"}
    assert "message.text" in await hits(store, "otter")


async def test_what_was_being_answered_is_not_said_any_more_and_nothing_waits(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs
) -> None:
    talk, _ = await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:
        row = await work.journal.get(talk.ids[0])
        row.state = "open"
        fence = (await work.conversations.get(talk.room)).fence
    await eraser.forget(operator, key, "everything")
    async with store.open_work(operator) as work:
        assert not await work.turns.let_go(talk.room, fence)
        assert await work.turns.waiting(talk.room) == []


@pytest.mark.parametrize("scope", ["message", "exchange"])
async def test_a_forgotten_message_takes_along_what_was_made_of_it(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs, scope: Scope
) -> None:
    talk, _ = await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:  # of what no single message is the source
        for table in (Handoff, Spend):
            for row in await work.session.scalars(select(table)):
                await work.session.delete(row)
        await work.conversations.note(talk.room, listed="")
    erased = await eraser.forget(as_fan(key), key, scope, talk.ids[0])
    left = {"turn.trace", "asset.alt_text", "asset.title", "job.payload", "fan.display_name"}
    assert set(await hits(store, "heron")) | set(await hits(store, "Heron")) == left
    assert erased.counts == {"facts": 1, "messages": 2}
    assert erased.gone.messages == [(talk.room, id) for id in talk.ids[:2]]
    async with store.open_work(operator, reads=True) as work:
        assert [fact.value for fact in await open_vault(work, key, "").facts.held()] == ["Porto"]
        (episode,) = await open_vault(work, key, "").telling.episodes()
        assert episode.text == "They said goodbye."
        assert (await work.conversations.get(talk.room)).summary == "bye"


async def test_a_forgotten_fact_goes_with_its_words_and_the_other_facts_of_the_message_stay(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser
) -> None:
    async with store.open_work(operator) as work:
        talk = Talk(key, "heron")
        await talk.turn(work, "I live in Porto and I have a dog called Luna", "Porto is lovely")
        await talk.turn(work, "I live in porto.", "You said so.")
        home = next(one for one in await open_vault(work, key, "").facts.held() if one.kind == "home")
    await eraser.forget(as_fan(key), key, "fact", home.id)
    assert await hits(store, "Porto") == []
    async with store.open_work(operator, reads=True) as work:
        (luna,) = await open_vault(work, key, "").facts.held()
        assert (luna.value, luna.quote) == ("Luna", "Luna")
        (row, *_) = await work.session.scalars(select(Message).where(Message.id == talk.ids[0]))
        assert row.meta["deleted"]


async def test_a_forgotten_fact_is_in_no_summary_and_in_nothing_that_she_said_of_herself_since(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser
) -> None:
    talk = Talk(key, "")
    async with store.open_work(operator) as work:
        await talk.turn(work, "I live in Porto.", "Nice.")
        later = await talk.turn(work, "What will you do?", "I love Porto, and I love portowine")
        await talk.turn(work, "And then?", "I like trains")
        room = await work.conversations.get(talk.room)
        room.summary = "2026-11-20 persona: “I love Porto”\n2026-11-20 persona: “I like trains”"
        room.notes = {"summary": [[talk.ids[3], 5], [talk.ids[5], 5]]}
        (home,) = await open_vault(work, key, "").facts.held()
    erased = await eraser.forget(as_fan(key), key, "fact", home.id)
    assert erased.counts["own_words"] == 1
    async with store.open_work(operator, reads=True) as work:
        assert "“I like trains”" in (await work.conversations.get(talk.room)).summary
        kept = set(await work.session.scalars(select(OwnWord.quote)))
        assert (await work.conversations.message(later)).text == "What will you do?"
    assert kept == {"I like trains"}
    # What was said in passing stays: forgetting a fact takes the messages that told it.
    assert set(await hits(store, "Porto")) == {"message.text", "outbound.piece"}


async def test_a_forgotten_episode_goes_with_the_messages_that_it_spans(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs
) -> None:
    talk, _ = await two_talks(store, operator, key, blobs)
    async with store.open_work(operator, reads=True) as work:
        (episode,) = await open_vault(work, key, "").telling.episodes()
    await eraser.forget(operator, key, "episode", episode.id)
    async with store.open_work(operator, reads=True) as work:
        said = await work.session.scalars(select(Message.text).where(Message.conversation_id == talk.room))
        assert set(said) == {""}
        assert await open_vault(work, key, "").facts.all() == []
    with pytest.raises(NotFound):
        await eraser.forget(operator, key, "episode", episode.id)


async def test_nothing_of_another_vault_can_be_named(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs
) -> None:
    _, ben = await two_talks(store, operator, key, blobs)
    before = await hits(store, "badger")
    async with store.open_work(operator, reads=True) as work:
        (fact, *_) = await open_vault(work, ben.key, "").facts.held()
        (episode,) = await open_vault(work, ben.key, "").telling.episodes()
    for scope, id in (("message", ben.ids[0]), ("exchange", ben.ids[0]), ("fact", fact.id), ("episode", episode.id)):
        with pytest.raises(NotFound):
            await eraser.forget(as_fan(key), key, scope, id)  # type: ignore[arg-type]
    assert await hits(store, "badger") == before


async def test_the_journal_has_a_line_for_each_row_and_mends_itself(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, blobs: Blobs, settings: Settings
) -> None:
    talk, ben = await two_talks(store, operator, key, blobs)
    await eraser.forget(operator, key, "message", talk.ids[0])
    path = settings.home / erasures.NAME
    whole = path.read_bytes()
    assert "heron" not in whole.decode()
    path.write_bytes(whole[:-20])  # a process died while it wrote
    await eraser.forget(operator, ben.key, "everything")
    assert (
        len(erasures.read(path)) == 2
    )  # an erasure adds its own lines; the whole is looked at on each start and hourly
    await eraser.tend_home()
    there = erasures.read(path)
    assert set(there) == {one.id for one in await erasures.rows(store)}
    scopes: Sequence[str] = [one.scope for one in await erasures.rows(store)]
    assert sorted(scopes) == ["everything", "message", "message"]
