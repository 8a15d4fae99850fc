"""Do all memories get vectors of another model, while the old ones answer, wherever it is broken off?"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from gator import clock
from gator.errors import Unavailable
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import embedding, reembedding
from memory.embedding import embedder, hashing_embedder, serve
from memory.embedding_batches import LocalEmbedder
from memory.models import EmbeddedBy, Episode, Message, Recollection
from memory.packing import packed
from memory.reembedding import GRACE, progress, reembed_some, settle
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.memory.people import acquaint, as_fan, say
from tools.overview import examine

OLD = hashing_embedder()
SAID = ["My dog Luna ate my shoes", "I have an exam on Friday", "My sister lives in Porto", "I love thunderstorms"]


class Counting:
    """Embeds by hashing, turned round, so that no vector of it resembles one of OLD; fails when told to."""

    def __init__(self, dim: int = 384) -> None:
        self.texts: Counter[str] = Counter()
        self.away = False
        self.meanwhile: Callable[[], None] = lambda: None  # what happens while vectors are made
        self.dim = dim

    def embed(self, texts: list[str]) -> Any:
        if self.away:
            raise Unavailable("The embedder is away.")
        self.meanwhile()
        self.texts.update(texts)
        return -OLD.embed_now(texts)[:, : self.dim]


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def new(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> LocalEmbedder:
    """What is configured now; it was hashing before."""
    made = LocalEmbedder("new-model", lambda: counting.embed)
    monkeypatch.setattr(embedding._Ours, "serving", made)
    monkeypatch.setattr(embedding._Ours, "wanted", made)
    return made


async def tell(store: Store, who: Principal, key: VaultKey, *texts: str) -> list[str]:
    async with store.open_work(who) as work:
        vault, ids = open_vault(work, key, embedder().name), []
        for text in texts:
            message = await say(work, key, text)
            await vault.said.keep(message.id, (await embedder().embed([text]))[0])
            ids.append(message.id)
    return ids


@pytest.fixture
async def keys(store: Store, operator: Principal, new: LocalEmbedder) -> list[VaultKey]:
    """Two fans, whose memories were made by the old embedder."""
    async with store.open_work(operator) as work:
        made = [await acquaint(work, "nova", fan) for fan in ("ada", "bob")]
    serve(OLD)
    for key in made:
        await tell(store, operator, key, *SAID)
    serve(new)
    return made


async def all_of_it(store: Store, who: Principal, limit: int = 3) -> int:
    steps = 0
    while await reembed_some(store, who, limit):
        steps += 1
        assert steps < 200
    return steps


async def models(store: Store, who: Principal) -> Counter[str]:
    async with store.open_work(who, reads=True) as work:
        return Counter(await work.session.scalars(select(Recollection.model)))


async def recalled(store: Store, key: VaultKey, question: str) -> str:
    async with store.open_work(as_fan(key), reads=True) as work:
        vector = (await embedder().embed([question]))[0]
        found = await open_vault(work, key, embedder().name).said.recall(question, vector)
    return found[0].text if found else ""


async def test_the_old_vectors_answer_until_all_new_ones_are_made_and_then_go(
    store: Store, operator: Principal, settings: Settings, keys: list[VaultKey], new: LocalEmbedder, counting: Counting
) -> None:
    await settle(store, settings)
    assert embedder() is OLD
    for _ in range(2):
        await reembed_some(store, operator, 3)
    await settle(store, settings)
    assert embedder() is OLD
    assert (await models(store, operator))["new-model"] == 6
    assert await recalled(store, keys[0], "what did my dog eat?") == SAID[0]
    (now,) = await progress(store)
    assert (now.old, now.new, now.done, now.total) == (OLD.name, "new-model", 6, 8)
    parts = {part.name: part for part in await examine(settings, store)}
    assert "6 of 8 memories embedded anew by new-model" in parts["vectors"].detail

    late = await tell(store, operator, keys[1], "I bought a kayak")
    await all_of_it(store, operator)
    await settle(store, settings)
    assert embedder() is new
    assert await progress(store) == []
    assert counting.texts == {**dict.fromkeys(SAID, 2), "I bought a kayak": 1}
    assert await recalled(store, keys[0], "what did my dog eat?") == SAID[0]
    assert await models(store, operator) == {OLD.name: 9, "new-model": 9}

    with clock.set_to(lambda: datetime.now(UTC) + GRACE):
        await all_of_it(store, operator)
    assert await models(store, operator) == {"new-model": 9}
    assert await recalled(store, keys[1], "the kayak") == "I bought a kayak"
    assert len(late) == 1
    assert await reembed_some(store, operator) == 0


async def test_a_process_that_died_goes_on_where_it_was(
    store: Store, operator: Principal, settings: Settings, keys: list[VaultKey], new: LocalEmbedder, counting: Counting
) -> None:
    assert len(keys) == 2
    await reembed_some(store, operator, 3)
    serve(new)  # as a process that has just begun
    await settle(store, settings)
    assert embedder() is OLD
    await all_of_it(store, operator)
    assert counting.texts.total() == 8


async def test_an_embedder_that_is_away_changes_nothing(
    store: Store, operator: Principal, settings: Settings, keys: list[VaultKey], counting: Counting
) -> None:
    await settle(store, settings)
    counting.away = True
    with pytest.raises(Unavailable):
        await all_of_it(store, operator)
    await settle(store, settings)
    assert embedder() is OLD
    assert await recalled(store, keys[0], "my sister?") == SAID[2]
    counting.away = False
    await all_of_it(store, operator)
    await settle(store, settings)
    assert embedder().name == "new-model"


async def test_where_the_old_embedder_is_gone_words_decide_meanwhile(
    store: Store, operator: Principal, settings: Settings, keys: list[VaultKey], new: LocalEmbedder
) -> None:
    async with store.open_work(operator) as work:
        await work.session.execute(update(Recollection).values(model="nobody-has-it"))
    await settle(store, settings)
    assert embedder() is new
    assert await recalled(store, keys[0], "who has an exam on Friday?") == SAID[1]
    await all_of_it(store, operator)
    assert (await models(store, operator))["new-model"] == 8


async def test_doubt_stays_and_what_is_forgotten_meanwhile_does_not_come_back(
    store: Store, operator: Principal, keys: list[VaultKey], new: LocalEmbedder, counting: Counting
) -> None:
    async with store.open_work(operator, reads=True) as work:
        ids = list(await work.session.scalars(select(Recollection.message_id).order_by(Recollection.id)))
    async with store.open_work(operator) as work:
        first = Recollection.message_id == ids[0]
        await work.session.execute(update(Recollection).where(first).values(doubt="order"))

    async def forget() -> None:
        async with store.open_work(operator) as work:
            await work.session.execute(delete(Recollection).where(Recollection.message_id == ids[1]))
            await work.session.execute(delete(Message).where(Message.id == ids[2]))

    loop = asyncio.get_running_loop()
    counting.meanwhile = lambda: asyncio.run_coroutine_threadsafe(forget(), loop).result(30)
    await all_of_it(store, operator, 10)

    async with store.open_work(operator, reads=True) as work:
        made = select(Recollection.message_id, Recollection.doubt).where(Recollection.model == new.name)
        rows = {id: doubt for id, doubt in await work.session.execute(made)}  # noqa: C416
    assert set(rows) == set(ids) - {ids[1], ids[2]}
    assert {id: doubt for id, doubt in rows.items() if doubt} == {ids[0]: "order"}
    assert keys


async def test_what_another_process_kept_by_the_old_embedder_is_made_before_the_old_ones_go(
    store: Store, operator: Principal, keys: list[VaultKey], new: LocalEmbedder
) -> None:
    await all_of_it(store, operator)
    serve(OLD)
    await tell(store, operator, keys[0], "I bought a kayak")
    serve(new)
    with clock.set_to(lambda: datetime.now(UTC) + GRACE):
        await all_of_it(store, operator)
    assert await models(store, operator) == {"new-model": 9}
    assert await recalled(store, keys[0], "a boat, a kayak") == "I bought a kayak"


async def test_changed_back_before_it_was_done_the_half_made_ones_go(
    store: Store, operator: Principal, settings: Settings, keys: list[VaultKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    await reembed_some(store, operator, 3)
    monkeypatch.setattr(embedding._Ours, "wanted", OLD)
    await settle(store, settings)
    assert embedder() is OLD
    with clock.set_to(lambda: datetime.now(UTC) + GRACE):
        await all_of_it(store, operator)
    assert await models(store, operator) == {OLD.name: 8}
    assert keys


async def test_episodes_are_made_anew_too(
    store: Store, operator: Principal, keys: list[VaultKey], new: LocalEmbedder
) -> None:
    async with store.open_work(operator) as work:
        (conversation, *_) = await work.conversations.of(fan_id=keys[0].fan)
        at = clock.now() - timedelta(days=1)
        kept = packed(OLD.embed_now(["a trip"])[0])
        row = Episode(
            **keys[0].columns, conversation_id=conversation.id, first_id=new_id(), last_id=new_id(), began_at=at,
            ended_at=at, lines=[{"text": "a trip", "from": []}], importance=0.5, made_by="rules", model=OLD.name,
            vector=kept,
        )  # fmt: skip
        work.session.add(row)
    await all_of_it(store, operator)
    async with store.open_work(operator, reads=True) as work:
        (model, vector) = (await work.session.execute(select(Episode.model, Episode.vector))).one()
    assert model == "new-model"
    assert vector == packed(new.embed_now(["a trip"])[0])


async def test_a_new_workspace_has_nothing_to_do(store: Store, operator: Principal, new: LocalEmbedder) -> None:
    assert await reembed_some(store, operator) == 0
    async with store.open_work(operator, reads=True) as work:
        (state,) = await work.session.scalars(select(EmbeddedBy))
        assert (state.model, state.becoming, state.swept) == (new.name, "", True)


async def test_the_loop_gives_way_and_ends_with_everything_made(
    store: Store, operator: Principal, settings: Settings, keys: list[VaultKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    monkeypatch.setattr(reembedding, "GIVES_WAY", 1)
    asked = 0

    def busy() -> bool:
        nonlocal asked
        asked += 1
        return asked < 3

    task = asyncio.create_task(reembedding.keep_reembedding(store, settings, busy))
    async with asyncio.timeout(20):
        while embedder().name != "new-model" or (await models(store, operator))["new-model"] < 8:
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert asked >= 1
    assert keys
