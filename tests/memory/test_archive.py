"""What a persona knows is found by meaning, through Chroma; without it words decide, and it comes back by itself."""

import shutil
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import embedding, knowledge_state
from memory import knowledge as knowledge_module
from memory.archive import Archive, by_words
from memory.embedding import embedder, hashing_embedder, local_embedder
from memory.holdings import lore_id
from memory.knowledge import Holding, Knowledge
from memory.models import Feed, Post, Story
from memory.store import Store
from memory.upkeep import Upkeep

POSTS = [
    "My sourdough starter is called Bruno and he is very demanding.",
    "Night dive today: we counted eleven octopuses under the pier.",
    "New strings on the guitar, old songs in my head.",
    "The neighbours painted their door green. I approve.",
    "Coffee number three. Send help.",
]
HEADLINES = [
    ("Volcano wakes under the ice", "Iceland's Katla smokes again"),
    ("Rare heron nests in the city", "Birdwatchers gather at the canal"),
    ("Bakers argue over rye", "A guild splits on old dough"),
    ("Night trains come back", "Lisbon to Madrid by spring"),
    ("Tax forms get shorter", "Two pages only"),
    ("Chess champion resigns", "A quiet end in game nine"),
    ("New moon of Saturn seen", "Telescope finds a small one"),
    ("Museum opens at night", "Free entry for the under thirties"),
    ("Lighthouse for sale", "The keeper retires after forty years"),
    ("Cycling lanes doubled", "The council counts bikes"),
]


async def posted(store: Store, who: Principal, count: int, slug: str = "nova", **character: Any) -> str:
    async with store.open_work(who) as work:
        whole = {"name": slug.title(), "age": 27, **character}
        persona = await work.personas.create(slug, slug.title(), whole, author="tests")
        for n, text in enumerate(POSTS[:count]):
            at = now() - timedelta(days=30 - n)
            await work.posts.plan(
                Post(persona_id=persona.id, text=text, due_at=at, published_at=at, state="published", key=f"{slug}{n}")
            )
    return persona.id


async def read(store: Store, who: Principal, persona: str | None, count: int, name: str = "The Daily") -> None:
    async with store.open_work(who) as work:
        feed = await work.feeds.add(f"https://{new_id()}.example/feed", name, persona)
        await keep(work, feed, HEADLINES[:count])


async def keep(work: Any, feed: Feed, headlines: list[tuple[str, str]]) -> None:
    stories = [
        Story(
            workspace=feed.workspace, feed_id=feed.id, guid=title, title=title, summary=summary,
            published_at=now() - timedelta(days=n),
        )
        for n, (title, summary) in enumerate(headlines)
    ]  # fmt: skip
    await work.feeds.keep(feed, stories)


async def post_about(archive: Archive, store: Store, who: Principal, persona: str, question: str) -> list[str]:
    (vector,) = await embedder().embed([question])
    reads = partial(store.open_work, who, reads=True)
    return [text for text, _ in await archive.posts(reads, who.workspace, persona, question, vector, embedder().name)]


async def story_about(archive: Archive, store: Store, who: Principal, persona: str, question: str) -> list[str]:
    (vector,) = await embedder().embed([question])
    reads = partial(store.open_work, who, reads=True)
    found = await archive.stories(reads, who.workspace, persona, question, vector, embedder().name, 3)
    return [f"{one.source}: {one.title}" for one in found]


async def test_an_old_post_is_found_by_what_it_is_about(store: Store, operator: Principal, settings: Settings) -> None:
    persona = await posted(store, operator, 5)
    archive = Archive(Knowledge(settings, embedder()))
    await archive.keep(store, operator, [persona])
    await archive.keep(store, operator, [persona])  # again, as after a crash

    found = await post_about(archive, store, operator, persona, "Which sea animals did you see when diving?")

    assert POSTS[1] in found
    await archive.close()


async def test_a_persona_with_few_posts_is_not_indexed(store: Store, operator: Principal, settings: Settings) -> None:
    persona = await posted(store, operator, 3)
    archive = Archive(Knowledge(settings, embedder()))
    await archive.keep(store, operator, [persona])
    await archive.look_after(store, operator)
    assert not (settings.home / "chroma").exists()


async def test_without_an_index_words_decide(store: Store, operator: Principal, settings: Settings) -> None:
    owner = Knowledge(settings, embedder())
    await owner.ids(Holding("w", "p", "posts"))
    persona = await posted(store, operator, 5)
    await read(store, operator, persona, 10)
    archive = Archive(Knowledge(settings, embedder()))  # a second process
    await archive.keep(store, operator, [persona])

    assert await post_about(archive, store, operator, persona, "the octopuses, please") == [POSTS[1]]
    assert await post_about(archive, store, operator, persona, "umbrella") == []
    assert await story_about(archive, store, operator, persona, "did you read about the lighthouse?") == [
        "The Daily: Lighthouse for sale"
    ]
    await owner.close()


async def test_stories_of_her_feeds_and_of_the_workspace_are_hers_and_nobody_elses(
    store: Store, operator: Principal, settings: Settings
) -> None:
    nova, kwame = await posted(store, operator, 0), await posted(store, operator, 0, "kwame")
    await read(store, operator, nova, 9, "Her paper")
    await read(store, operator, kwame, 10, "His paper")
    await read(store, operator, None, 10, "Everybody's paper")
    archive = Archive(Knowledge(settings, embedder()))
    await archive.look_after(store, operator)

    about_space = "Did you hear they discovered something around a planet?"
    mine = await story_about(archive, store, operator, nova, about_space)
    his = await story_about(archive, store, operator, kwame, about_space)

    assert {"Her paper: New moon of Saturn seen", "Everybody's paper: New moon of Saturn seen"} <= set(mine)
    assert not any(one.startswith("His paper") for one in mine)
    assert not any(one.startswith("Her paper") for one in his)
    await archive.close()


async def test_a_story_of_this_minute_is_found_by_its_words_before_it_is_indexed(
    store: Store, operator: Principal, settings: Settings
) -> None:
    nova = await posted(store, operator, 0)
    await read(store, operator, nova, 10)
    archive = Archive(Knowledge(settings, embedder()))
    await archive.look_after(store, operator)
    async with store.open_work(operator) as work:
        feed = await work.feeds.named("The Daily")
        await keep(work, feed, [("Penguins on the loose", "Zoo left a gate open")])
    found = await story_about(archive, store, operator, nova, "Did you read about the penguins?")
    assert found[0] == "The Daily: Penguins on the loose"
    await archive.close()


async def test_lore_that_nobody_named_is_found_where_the_book_is_long(
    store: Store, operator: Principal, settings: Settings
) -> None:
    texts = [f"Gate {n} of the old wall leads to market {n}." for n in range(40)]
    texts.append("The harbour master keeps a tame otter that steals fish.")
    texts.append("@@activate_only_after 5\nThe harbour master has another animal.")
    entries = [{"id": str(n), "keys": [f"k{n}"], "content": text} for n, text in enumerate(texts)]
    persona = await posted(store, operator, 0, lorebook={"entries": entries})
    archive = Archive(Knowledge(settings, embedder()))
    await archive.look_after(store, operator)
    (vector,) = await embedder().embed(["Is there some pet animal down at the harbour?"])
    found = await archive.lore(operator.workspace, persona, vector, embedder().name, 2)
    assert found == [lore_id(texts[40])]
    (vector,) = await embedder().embed(["I had pancakes this morning"])
    assert await archive.lore(operator.workspace, persona, vector, embedder().name, 2) == []
    await archive.close()


async def test_what_is_stale_goes_and_what_is_lacking_comes(
    store: Store, operator: Principal, settings: Settings
) -> None:
    persona = await posted(store, operator, 5)
    archive = Archive(Knowledge(settings, embedder()))
    await archive.look_after(store, operator)
    assert archive.size == 5
    async with store.open_work(operator) as work:
        newest = (await work.posts.published(persona))[0]
        newest.text = "I bought a yellow kayak."
        oldest = (await work.posts.published(persona))[-1]
        oldest.state, oldest.published_at = "cancelled", None
    await archive.look_after(store, operator)
    ids = await archive.knowledge.ids(Holding(operator.workspace, persona, "posts"))
    assert len(ids) == 4
    assert "I bought a yellow kayak." in await post_about(archive, store, operator, persona, "boats and paddling")
    await archive.close()


async def test_an_index_that_was_lost_is_made_again_in_the_background_while_words_decide(
    store: Store, operator: Principal, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge_module, "REST_S", 0.0)
    persona = await posted(store, operator, 5)
    archive = Archive(Knowledge(settings, embedder()))
    upkeep = Upkeep(store, archive)
    await upkeep.step()
    question = "Which sea creatures have you met underwater?"
    assert POSTS[1] in await post_about(archive, store, operator, persona, question)

    shutil.rmtree(settings.home / "chroma")
    assert await post_about(archive, store, operator, persona, question) == []  # no word of it is in a post
    assert await post_about(archive, store, operator, persona, "octopuses") == [POSTS[1]]
    before = archive.is_degraded
    await upkeep.step()
    assert (before, archive.is_degraded) == (True, False)

    assert POSTS[1] in await post_about(archive, store, operator, persona, question)
    told = knowledge_state.read(settings.home)
    assert told is not None
    assert (told.state, told.total) == ("ready", 5)
    await archive.close()


async def test_spoiled_vectors_are_found_at_the_start_and_made_again(
    store: Store, operator: Principal, settings: Settings
) -> None:
    persona = await posted(store, operator, 5)
    first = Archive(Knowledge(settings, embedder()))
    await first.look_after(store, operator)
    holding = Holding(operator.workspace, persona, "posts")
    (id, *_) = await first.knowledge.ids(holding)
    (row,) = await embedder().embed(["x"])
    await first.knowledge._run(first.knowledge._put, holding, embedder().name, [id], 5 * row[None])
    await first.close()

    archive = Archive(Knowledge(settings, embedder()))
    upkeep = Upkeep(store, archive)
    await upkeep.step()
    told = knowledge_state.read(settings.home)
    assert told is not None
    assert told.state == "away"
    await upkeep.step()
    assert await archive.knowledge.spoiled(holding) == []
    assert archive.size == 5
    await archive.close()


async def test_a_wish_to_rebuild_is_carried_out_once_and_what_went_wrong_is_told(
    store: Store, operator: Principal, settings: Settings
) -> None:
    persona = await posted(store, operator, 5)
    archive = Archive(Knowledge(settings, embedder()))
    upkeep = Upkeep(store, archive)
    knowledge_state.wish(settings.home, knowledge_state.Wish("first", persona))
    await upkeep.step()
    told = knowledge_state.read(settings.home)
    assert told is not None
    assert (told.state, told.asked, told.total) == ("ready", "first", 5)
    assert knowledge_state.wished(settings.home) is None
    await archive.close()

    owner = Knowledge(settings, embedder())
    await owner.ids(Holding("w", "p", "posts"))
    second = Upkeep(store, Archive(Knowledge(settings, embedder())))
    knowledge_state.wish(settings.home, knowledge_state.Wish("second"))
    await second.step()
    told = knowledge_state.read(settings.home)
    assert told is not None
    assert (told.state, told.asked) == ("away", "second")
    assert "owns" in told.why
    await owner.close()


async def test_the_index_of_another_embedder_is_there_before_it_answers_and_the_old_one_goes(
    store: Store, operator: Principal, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding._Ours, "serving", hashing_embedder())
    monkeypatch.setattr(embedding._Ours, "wanted", local_embedder())
    persona = await posted(store, operator, 5)
    archive = Archive(Knowledge(settings))
    upkeep = Upkeep(store, archive)
    await upkeep.step()
    assert POSTS[1] in await post_about(archive, store, operator, persona, "octopuses")

    embedding.serve(local_embedder())
    assert POSTS[1] in await post_about(archive, store, operator, persona, "sea creatures met underwater")
    await upkeep.step()
    holding = Holding(operator.workspace, persona, "posts")
    assert len(await archive.knowledge.ids(holding)) == 5
    assert await archive.knowledge.ids(holding, hashing_embedder()) == set()
    await archive.close()


def test_the_rarest_shared_words_decide() -> None:
    texts = ["my cat and my dog", "a dog again", "a dog and a kayak", "nothing of it"]
    assert by_words("the dog in the kayak", texts, 2) == [2, 0]
    assert by_words("", texts, 2) == []
    assert by_words("umbrella", texts, 2) == []
