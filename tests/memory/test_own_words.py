"""Does a persona stay the same: her card first, then what she said to this fan, then what she said to all?"""

import pytest

from gator.clock import now
from gator.errors import Forbidden
from gator.principal import Principal
from memory.models import Post
from memory.own_words import card_of
from memory.store import Store
from memory.vault import VaultKey, open_vault
from memory.vault.own_words import told_to_all
from tests.memory.people import acquaint, say

CARD = card_of({"name": "Nova Reyes", "age": 27, "home": "Lisbon, Portugal", "occupation": ""})


async def speak(store: Store, who: Principal, key: VaultKey, *lines: str) -> None:
    """What the persona says to that fan, read as the idle loop reads it."""
    async with store.open_work(who) as work:
        for line in lines:
            message = await say(work, key, line, "persona")
            await open_vault(work, key).own_words.learn(message.id, line, CARD)


async def held(store: Store, who: Principal, key: VaultKey) -> list[tuple[str, str]]:
    async with store.open_work(who, reads=True) as work:
        return [(one.kind, one.value) for one in await open_vault(work, key).own_words.held()]


async def doubted(store: Store, who: Principal, key: VaultKey) -> list[tuple[str, str]]:
    async with store.open_work(who, reads=True) as work:
        return [(one.value, one.doubt) for one in await open_vault(work, key).telling.own_words() if one.doubt]


async def test_what_she_said_of_herself_is_hers_once(store: Store, operator: Principal, key: VaultKey) -> None:
    await speak(
        store, operator, key, "My dog is called Luna. How was your day?", "I love opera!", "I love opera, still."
    )
    assert await held(store, operator, key) == [("likes", "opera"), ("pet", "Luna")]


async def test_the_card_comes_before_what_she_says(store: Store, operator: Principal, key: VaultKey) -> None:
    await speak(store, operator, key, "I live in Rome.", "I live in Lisbon.", "I'm 24 years old.")
    assert await held(store, operator, key) == [("home", "Lisbon")]
    assert await doubted(store, operator, key) == [("Rome", "card"), ("24", "card")]


async def test_what_she_said_first_comes_before_what_she_says_later(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    await speak(store, operator, key, "I was born in Porto.", "I love opera.", "I was born in Oslo.", "I hate opera.")
    assert await held(store, operator, key) == [("likes", "opera"), ("origin", "Porto")]
    assert await doubted(store, operator, key) == [("Oslo", "before"), ("opera", "before")]


async def test_what_she_told_one_fan_no_other_hears_and_what_she_posted_all_do(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        other = await acquaint(work, "nova", "bob")
        stranger = await acquaint(work, "iris", "ada")
        about = {"persona_id": key.persona, "text": "I have a cat called Momo. New maps tomorrow!"}
        post = await work.posts.plan(Post(workspace=key.workspace, key="1", due_at=now(), **about))
        await told_to_all(work, post, CARD)
        await told_to_all(work, post, CARD)
    await speak(store, operator, key, "My dog is called Luna.")
    assert await held(store, operator, key) == [("pet", "Luna"), ("pet", "Momo")]
    assert await held(store, operator, other) == [("pet", "Momo")]
    assert await held(store, operator, stranger) == []


async def test_nothing_is_kept_from_a_line_that_was_not_said_between_the_two(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        other = await acquaint(work, "nova", "bob")
        message = await say(work, other, "My dog is called Luna.", "persona")
        with pytest.raises(Forbidden):
            await open_vault(work, key).own_words.learn(message.id, message.text, CARD)
