"""Old posts are found by meaning, through Chroma; without it there are only the newest."""

from datetime import timedelta

from gator.clock import now
from gator.principal import Principal
from gator.settings import Settings
from memory.archive import Archive
from memory.embedding import embedder
from memory.knowledge import Knowledge
from memory.models import Post
from memory.store import Store

POSTS = [
    "My sourdough starter is called Bruno and he is very demanding.",
    "Night dive today: we counted eleven octopuses under the pier.",
    "New strings on the guitar, old songs in my head.",
    "The neighbours painted their door green. I approve.",
    "Coffee number three. Send help.",
]


async def posted(store: Store, who: Principal, count: int, slug: str = "nova") -> str:
    async with store.open_work(who) as work:
        persona = await work.personas.create(slug, slug.title(), {"name": slug.title(), "age": 27}, author="tests")
        for n, text in enumerate(POSTS[:count]):
            at = now() - timedelta(days=30 - n)
            await work.posts.plan(
                Post(persona_id=persona.id, text=text, due_at=at, published_at=at, state="published", key=f"{slug}{n}")
            )
    return persona.id


async def test_an_old_post_is_found_by_what_it_is_about(store: Store, operator: Principal, settings: Settings) -> None:
    persona = await posted(store, operator, 5)
    archive = Archive(Knowledge(settings, embedder()))
    await archive.keep(store, operator, [persona])
    await archive.keep(store, operator, [persona])  # again, as after a crash

    (vector,) = await embedder().embed(["Which sea animals did you see when diving?"])
    ids = await archive.near(operator.workspace, persona, vector, 1)

    async with store.open_work(operator, reads=True) as work:
        assert [text for text, _ in await archive.read(work, ids)] == [POSTS[1]]
    await archive.close()


async def test_a_persona_with_few_posts_is_not_indexed(store: Store, operator: Principal, settings: Settings) -> None:
    persona = await posted(store, operator, 3)
    archive = Archive(Knowledge(settings, embedder()))
    await archive.keep(store, operator, [persona])
    assert not (settings.home / "chroma").exists()


async def test_a_broken_index_costs_old_posts_and_nothing_else(
    store: Store, operator: Principal, settings: Settings
) -> None:
    (settings.home / "chroma").write_text("this is no folder")
    persona = await posted(store, operator, 5)
    archive = Archive(Knowledge(settings, embedder()))
    await archive.keep(store, operator, [persona])
    (vector,) = await embedder().embed(["diving"])
    assert await archive.near(operator.workspace, persona, vector, 3) == []
