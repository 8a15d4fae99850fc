"""What can a persona look up for a fan? Their own words and her own posts, whoever asks in whatever way."""

from datetime import timedelta

import pytest

from gator.clock import now
from gator.errors import Forbidden
from gator.principal import Principal
from memory import inspecting
from memory.embedding import embedder
from memory.models import Post
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.memory.people import acquaint, as_fan, say
from tools import fan
from tools.capability import Nothing, Turn


def turn_of(who: Principal, turn: Turn) -> Turn:
    return Turn(principal=who, store=turn.store, settings=turn.settings, id=turn.id)


async def tell(store: Store, operator: Principal, name: str, text: str) -> VaultKey:
    async with store.open_work(operator) as work:
        key = await acquaint(work, "nova", name)
        message = await say(work, key, text)
        await open_vault(work, key).said.keep(message.id, (await embedder().embed([text]))[0])
    return key


async def test_what_was_said_is_looked_up_in_the_fans_own_memory_only(
    store: Store, operator: Principal, turn: Turn
) -> None:
    ada = await tell(store, operator, "ada", "My sister's cat is called Miso")
    await tell(store, operator, "bob", "My cat is called Secret")

    recalled = await fan.recall(fan.Recall(query="what is the cat's name?"), turn_of(as_fan(ada), turn))

    assert len(recalled.memories) == 1
    assert recalled.memories[0].endswith("fan: “My sister's cat is called Miso”")
    assert "Miso" in recalled.in_words()


async def test_nothing_found_is_said(store: Store, operator: Principal, turn: Turn) -> None:
    ada = await tell(store, operator, "ada", "hello")
    recalled = await fan.recall(fan.Recall(query="the price of tea in China"), turn_of(as_fan(ada), turn))
    assert recalled.in_words() == "Nothing of that was said before."


async def test_nothing_is_looked_up_while_the_fan_wants_nothing_remembered(
    store: Store, operator: Principal, turn: Turn
) -> None:
    ada = await tell(store, operator, "ada", "My sister's cat is called Miso")
    async with store.open_work(operator) as work:
        await open_vault(work, ada).choice.off()
    recalled = await fan.recall(fan.Recall(query="what is the cat's name?"), turn_of(as_fan(ada), turn))
    assert recalled.memories == []
    async with store.open_work(operator) as work:
        assert [one.kind for one in await inspecting.search(work, ada, "cat")] == ["said"]
        await open_vault(work, ada).choice.on()
    recalled = await fan.recall(fan.Recall(query="what is the cat's name?"), turn_of(as_fan(ada), turn))
    assert len(recalled.memories) == 1


async def test_a_persona_sees_her_newest_published_posts(store: Store, operator: Principal, turn: Turn) -> None:
    ada = await tell(store, operator, "ada", "hello")
    async with store.open_work(operator) as work:
        for at, state in enumerate(["published", "published", "scheduled"]):
            due = now() - timedelta(hours=at)
            post = Post(persona_id=ada.persona, text=f"post {at}", due_at=due, state=state, key=f"k{at}")
            post.published_at = due if state == "published" else None
            await work.posts.plan(post)
    posts = await fan.recent_posts(Nothing(), turn_of(as_fan(ada), turn))
    assert [post.text for post in posts.posts] == ["post 0", "post 1"]


async def test_operators_have_no_such_tools(turn: Turn) -> None:
    with pytest.raises(Forbidden):
        await fan.recall(fan.Recall(query="x"), turn)
    with pytest.raises(Forbidden):
        await fan.recent_posts(Nothing(), turn)


def test_neither_takes_a_name() -> None:
    assert set(fan.Recall.model_fields) == {"query"}
    assert fan.recent_posts.asks is Nothing
