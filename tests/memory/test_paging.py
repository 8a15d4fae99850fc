"""Does a fan's past answer from pages as from its rows, and is nothing in them that was forgotten?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from gator.clock import now
from gator.principal import Principal
from memory import linking
from memory.embedding import hashing_embedder
from memory.models import Message, RecallPage
from memory.paging import page, page_idle
from memory.recall.entries import FORM, Entries, from_bytes
from memory.recall.lexicon import marks_of
from memory.store import Store
from memory.vault import Memory, VaultKey, open_vault
from memory.vault import reembedding as rows
from memory.vault.pages import PAGE
from memory.vault.shelves import shelves_of
from tests.memory.people import acquaint, say

EMBEDDER = hashing_embedder()
QUESTIONS = ("Where is my kite 7?", "What did I tell you of kite 131?", "zebra")


@dataclass
class World:
    store: Store
    operator: Principal
    key: VaultKey

    async def said(self, texts: Sequence[str]) -> list[str]:
        vectors = EMBEDDER.embed_now(list(texts))
        async with self.store.open_work(self.operator) as work:
            said = open_vault(work, self.key, EMBEDDER.name).said
            ids = [(await say(work, self.key, text)).id for text in texts]
            for id, vector in zip(ids, vectors, strict=True):
                await said.keep(id, vector)
        return ids

    async def recall(self) -> list[list[Memory]]:
        vectors = EMBEDDER.embed_now(list(QUESTIONS))
        async with self.store.open_work(self.operator, reads=True) as work:
            said = open_vault(work, self.key, EMBEDDER.name).said
            return [await said.recall(one, vector) for one, vector in zip(QUESTIONS, vectors, strict=True)]

    async def anew(self) -> list[list[Memory]]:
        """As a process recalls that has nothing of the fan in memory."""
        async with self.store.open_work(self.operator, reads=True) as work:
            shelves_of(work.session).drop(self.key)
        return await self.recall()

    async def loose(self) -> int:
        """How many rows the last recall read one by one."""
        async with self.store.open_work(self.operator, reads=True) as work:
            return shelves_of(work.session).take(self.key, EMBEDDER.name).loose

    async def page(self) -> int:
        return await page(self.store, self.key, EMBEDDER.name, now() + timedelta(seconds=1))

    async def pages(self) -> list[Entries]:
        async with self.store.open_work(self.operator, reads=True) as work:
            found = await work.session.scalars(select(RecallPage.entries).order_by(RecallPage.upto))
            return [entries for one in found if (entries := from_bytes(one))]


@pytest.fixture
async def world(store: Store, operator: Principal) -> World:
    async with store.open_work(operator) as work:
        return World(store, operator, await acquaint(work, "nova", "ada"))


def kites(first: int, count: int) -> list[str]:
    return [f"My kite {n} hangs in the tree {n % 9}" for n in range(first, first + count)]


async def test_pages_answer_as_rows_do_and_no_text_is_read_for_them(world: World) -> None:
    await world.said(kites(0, PAGE + 10))
    from_rows = await world.recall()
    assert await world.page() == 2
    assert await world.page() == 0
    assert await world.anew() == from_rows
    assert await world.loose() == 0

    await world.said(kites(PAGE + 10, 3))
    from_both = await world.recall()
    assert await world.anew() == from_both != from_rows
    assert await world.loose() == 3
    assert await world.page() == 1  # the one that was not full
    assert await world.anew() == from_both
    assert [len(one) for one in await world.pages()] == [PAGE, 13]


async def test_what_is_forgotten_takes_its_page_and_those_after_it_along(world: World) -> None:
    first, *_ = await world.said(["I collect xylophones", *kites(0, PAGE)])
    late = (await world.said(["I lost a zither"]))[0]
    await world.page()
    mark = marks_of(["xylophon"], world.key.salt)[0]
    assert [mark in one.marks for one in await world.pages()] == [True, False]
    for gone, left in ((late, 1), (first, 0)):
        async with world.store.open_work(world.operator) as work:
            await open_vault(work, world.key, EMBEDDER.name).forget.message(gone)
        assert len(await world.pages()) == left
    await world.page()
    assert not any(mark in one.marks or first.encode() in one.ids.tolist() for one in await world.pages())
    async with world.store.open_work(world.operator) as work:
        await open_vault(work, world.key, EMBEDDER.name).forget.everything()
    assert await world.pages() == []


async def test_a_page_is_not_written_of_rows_that_have_changed(world: World) -> None:
    ids = await world.said(kites(0, 5))
    key, until = world.key, now() + timedelta(seconds=1)
    async with world.store.open_work(world.operator) as work:
        vault = open_vault(work, key, EMBEDDER.name)
        draft = await vault.pages.draft(until)
        assert draft is not None
        await vault.forget.message(ids[2])
        assert not await vault.pages.write(draft)
        draft = await vault.pages.draft(until)
        assert draft is not None
        assert await vault.pages.write(draft)
        assert await vault.pages.draft(until) is None
        assert await vault.pages.draft(now() - timedelta(days=1)) is None
    assert [len(one) for one in await world.pages()] == [4]


async def test_a_vector_that_comes_after_the_page_counts(world: World) -> None:
    text = QUESTIONS[2] + " crossing"
    async with world.store.open_work(world.operator) as work:
        message: Message = await say(work, world.key, text, "persona")
        await open_vault(work, world.key, EMBEDDER.name).said.keep(message.id, None)
    await world.said(kites(0, 3))
    await world.page()
    async with world.store.open_work(world.operator) as work:
        said = open_vault(work, world.key, EMBEDDER.name).said
        await said.embedded(message.id, EMBEDDER.embed_now([text])[0], text)
    from_both = await world.anew()
    assert [one.text for one in from_both[2]][:1] == [text]
    assert await world.page() == 1
    assert await world.anew() == from_both
    async with world.store.open_work(world.operator) as work:
        await open_vault(work, world.key, EMBEDDER.name).forget.message(message.id)
    assert await world.pages() == []


async def test_a_page_of_another_form_or_embedder_is_none_and_goes(world: World) -> None:
    await world.said(kites(0, 5))
    expected = await world.recall()
    for column, other in ((RecallPage.form, FORM + 1), (RecallPage.model, "another"), (RecallPage.entries, b"spoiled")):
        await world.page()
        async with world.store.open_work(world.operator) as work:
            await work.session.execute(update(RecallPage).values({column: other}))
        assert await world.anew() == expected
        assert await world.loose() == 5
    async with world.store.open_work(world.operator) as work:
        assert await rows.sweep(work, "z", "another", 10) == ""
    assert await world.pages() == []


async def test_what_is_handed_over_lies_in_no_page_of_either(world: World) -> None:
    await world.said(kites(5, 5))
    before = await world.recall()
    await world.page()
    async with world.store.open_work(world.operator) as work:
        other = await work.people.meet_fan("telegram", "ada")
        assert await linking.link(work, world.key.fan, other.id)
    assert await world.pages() == []
    world.key = VaultKey(world.key.workspace, world.key.persona, other.id)
    assert await world.recall() == before


async def test_only_who_fell_silent_is_put_in_pages(world: World) -> None:
    soon = now() + timedelta(seconds=5)
    await world.said(kites(0, 5))
    assert await page_idle(world.store, idle_s=0, until=soon) == 0  # nobody asked: nothing is in memory
    await world.recall()
    assert await page_idle(world.store, idle_s=60, until=soon) == 0
    assert await page_idle(world.store, idle_s=0, until=soon) == 1
    assert await page_idle(world.store, idle_s=0, until=soon) == 0
    assert await world.loose() == 0
    await world.said(kites(5, 2))
    await world.recall()
    assert await page_idle(world.store, idle_s=0, until=soon) == 0  # not worth it yet
