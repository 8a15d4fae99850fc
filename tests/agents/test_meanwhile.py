"""What is kept of what was read before a model thought, or an embedder computed? Only what still stands when it is written."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from agents.consolidation import Consolidator
from agents.models import Mind
from gator import clock
from gator.principal import Principal
from gator.settings import Settings
from memory import embedding, rights
from memory.embedding import hashing_embedder
from memory.embedding_batches import Embedder
from memory.models import Conversation, Fact, OwnWord, Recollection
from memory.packing import packed
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.memory.people import say
from tests.memory.sat_together import evening, talk
from tests.servers.models import ModelServer, Say
from tests.servers.running import serving

DAY = timedelta(days=1)
Act = Callable[[], Awaitable[None]]


class Meanwhile(Embedder):
    """Computes by hashes, while something else is done."""

    def __init__(self, act: Act) -> None:
        super().__init__("meanwhile", 256)
        self._act = act
        self._inner = hashing_embedder()

    async def _embed(self, texts: list[str]) -> Any:
        await self._act()
        return self._inner.embed_now(texts)


@pytest.fixture
def serve() -> Iterator[Callable[[Embedder], None]]:
    before = embedding.embedder()
    yield embedding.serve
    embedding.serve(before)


async def hers(store: Store, operator: Principal, key: VaultKey) -> str:
    async with store.open_work(operator) as work:
        await say(work, key, "where do you live?")
        said = await say(work, key, "I live in Heronville.", "persona")
        await open_vault(work, key).said.keep(said.id, None)
    return said.id


async def test_a_line_that_is_forgotten_while_it_is_embedded_teaches_nothing(
    settings: Settings, store: Store, operator: Principal, key: VaultKey, serve: Callable[[Embedder], None]
) -> None:
    id = await hers(store, operator, key)

    async def forget() -> None:
        async with store.open_work(operator) as work:
            await work.conversations.rewrite(id, "")
            await open_vault(work, key).forget.message(id)

    serve(Meanwhile(forget))
    await Consolidator(settings, store, Mind(settings)).round()
    async with store.open_work(operator, reads=True) as work:
        assert list(await work.session.scalars(select(OwnWord))) == []
        assert list(await work.session.scalars(select(Recollection))) == []


async def test_a_line_that_changes_while_it_is_embedded_is_read_again(
    settings: Settings, store: Store, operator: Principal, key: VaultKey, serve: Callable[[Embedder], None]
) -> None:
    id = await hers(store, operator, key)
    changed: list[bool] = []

    async def change() -> None:
        if not changed:
            changed.append(True)
            async with store.open_work(operator) as work:
                await work.conversations.rewrite(id, "I live in Crane Hill.")

    serve(Meanwhile(change))
    await Consolidator(settings, store, Mind(settings)).round()
    async with store.open_work(operator, reads=True) as work:
        assert [one.quote for one in await work.session.scalars(select(OwnWord))] == ["I live in Crane Hill."]
        (row,) = await work.session.scalars(select(Recollection))
    vector = hashing_embedder().embed_now(["I live in Crane Hill."])[0]
    assert row.vector == packed(vector)


async def test_a_vector_keeps_the_name_of_the_embedder_that_made_it(
    settings: Settings, store: Store, operator: Principal, key: VaultKey, serve: Callable[[Embedder], None]
) -> None:
    await hers(store, operator, key)

    async def take_over() -> None:
        serve(hashing_embedder())

    serve(Meanwhile(take_over))
    await Consolidator(settings, store, Mind(settings)).round()
    async with store.open_work(operator, reads=True) as work:
        assert [row.model for row in await work.session.scalars(select(Recollection))] == ["meanwhile"]


async def test_nothing_is_learned_of_a_sitting_when_memory_is_switched_off_meanwhile(
    settings: Settings, store: Store, operator: Principal, key: VaultKey, serve: Callable[[Embedder], None]
) -> None:
    _, end = await talk(store, operator, key, evening("Hello", "Hi", "I live in Heronville.", "Nice!"))
    async with store.open_work(operator) as work:
        await work.session.execute(update(Conversation).values(last_at=end))

    async def switch_off() -> None:
        async with store.open_work(operator) as work:
            await rights.remember(work, key, on=False)

    serve(Meanwhile(switch_off))
    home = '{"kind": "home", "value": "Heronville", "quote": "I live in Heronville.", "from": 3, "confidence": 0.9}'
    note = '{"lines": [{"text": "They live in Heronville.", "from": [3]}], "importance": 0.7, "facts": [' + home + "]}"
    server = ModelServer([Say(note), Say(note)])
    async with serving(server.app) as url:
        values = {"model": "openai:gpt-4o-mini", "openai_base_url": f"{url}/v1", "model_timeout_s": 5.0}
        there = Settings.model_validate(settings.model_copy(update=values).model_dump())
        with clock.set_to(lambda: end + DAY):
            await Consolidator(there, store, Mind(there)).round()
            async with store.open_work(operator, reads=True) as work:
                assert list(await work.session.scalars(select(Fact))) == []
                assert await open_vault(work, key).episodes.all() == []
        with clock.set_to(lambda: end + 2 * DAY):  # off all along: told by rules, and no model reads it
            await Consolidator(there, store, Mind(there)).round()
    assert len(server.asked) == 1
    async with store.open_work(operator, reads=True) as work:
        assert list(await work.session.scalars(select(Fact))) == []
        assert [one.made_by for one in await open_vault(work, key).episodes.all()] == ["rules"]
