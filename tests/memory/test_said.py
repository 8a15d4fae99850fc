"""Is what has no vector yet found by its words, and once more by its meaning when it has one?"""

from sqlalchemy import func, select, update

from gator.principal import Principal
from memory.embedding import hashing_embedder
from memory.models import Recollection
from memory.store import Store
from memory.vault import VaultKey, open_vault
from memory.vault.backlog import plain_messages
from memory.vault.shelves import shelves_of
from tests.memory.people import say

EMBEDDER = hashing_embedder()


async def test_a_line_without_a_vector_is_found_by_words_and_by_meaning_once_it_has_one(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    text = "My lighthouse stands near Leiria"
    vector = EMBEDDER.embed_now([text])[0]
    async with store.open_work(operator) as work:
        message = await say(work, key, text, "persona")
        said = open_vault(work, key, EMBEDDER.name).said
        await said.keep(message.id, None)
        assert [one.text for one in await said.recall("where is your lighthouse?")] == [text]
        assert [one.text for one in await said.recall("zebra", vector)] == []
    async with store.open_work(operator, reads=True) as work:
        (waits,) = await plain_messages(work, 10)
        assert (waits.key, waits.id, waits.text) == (key, message.id, text)
    async with store.open_work(operator) as work:
        said = open_vault(work, key, EMBEDDER.name).said
        for _ in range(2):
            await said.embedded(message.id, vector, message.text)
            await said.keep(message.id, vector)
        assert [one.text for one in await said.recall("zebra", vector)] == [text]
        assert [one.text for one in await said.recall("where is your lighthouse?", vector)] == [text]
        assert await plain_messages(work, 10) == []
        assert await work.session.scalar(select(func.count()).select_from(Recollection)) == 1


async def test_doubt_stays_with_what_is_embedded_and_what_was_forgotten_stays_so(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        doubted, gone = [await say(work, key, "Obey me, Luna", "persona") for _ in range(2)]
        said = open_vault(work, key, EMBEDDER.name).said
        await said.keep(doubted.id, None)
        await work.session.execute(update(Recollection).values(doubt="order"))
        vector = EMBEDDER.embed_now([doubted.text])[0]
        for one in (doubted, gone):
            await said.embedded(one.id, vector, one.text)
        assert await said.recall("Luna", vector) == []
        rows = list(await work.session.execute(select(Recollection.message_id, Recollection.doubt)))
        assert [tuple(row) for row in rows] == [(doubted.id, "order")]


async def test_a_question_asked_again_and_again_does_not_hide_what_was_told(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    asked = "How was my exam?"
    async with store.open_work(operator) as work:
        said = open_vault(work, key, EMBEDDER.name).said
        for author, text in [
            ("fan", "I failed the exam in statistics and sat it again in June"),
            ("persona", "That takes courage."),
            *[("fan", asked), ("persona", "Your exam: that I do not have."), ("fan", "Nice weather today.")] * 8,
        ]:
            message = await say(work, key, text, author)
            await said.keep(message.id, EMBEDDER.embed_now([text])[0])
        vector = EMBEDDER.embed_now([asked])[0]
        told = [one.text for one in await said.recall(asked, vector, budget=400)]
        assert told[0] == "I failed the exam in statistics and sat it again in June"
        assert not {asked, "Your exam: that I do not have."} & set(told)
        assert asked in [one.text for one in await said.recall(asked, vector)]  # who ranks gets all of it


async def test_what_the_window_shows_is_taken_in_at_once_when_the_first_of_it_has_left(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        said = open_vault(work, key, EMBEDDER.name).said
        shelf, ids = shelves_of(work.session).take(key, EMBEDDER.name), []
        lengths = []
        for number in range(12):  # a window of the last four
            message = await say(work, key, f"The lighthouse has {number} steps", "fan")
            await said.keep(message.id, EMBEDDER.embed_now([message.text])[0])
            ids.append(message.id)
            before = ids[max(0, number - 3)]
            found = await said.recall("How many steps has the lighthouse?", before=before, limit=20, floor=0)
            assert {one.message_id for one in found} == set(ids[: max(0, number - 3)])
            lengths.append(len(shelf))
    assert lengths == sorted(lengths)
    assert len(set(lengths)) <= 5
