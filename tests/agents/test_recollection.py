"""What is remembered for a turn: the sitting of the time that is asked for; lore when its time has come, chance or not."""

from dataclasses import replace
from datetime import timedelta

from agents.recollection import remember
from gator import clock
from gator.principal import Principal
from memory.erasing import erase
from memory.said_count import KEEP_EVERY, count_said
from memory.store import Store
from memory.vault import VaultKey
from tests.memory.people import as_fan, say
from tests.memory.sat_together import close_all, evening
from tests.memory.sat_together import talk as sat
from tools.capability import Turn
from tools.personas.character import Character
from tools.personas.lorebook import Lorebook, LoreEntry

WINDOW = 20


async def lore_of(turn: Turn, key: VaultKey, entry: LoreEntry) -> list[str]:
    character = Character(name="Nova", age=27, lorebook=Lorebook(entries=[entry]))
    mine = replace(turn, principal=as_fan(key))
    async with mine.open_work(reads=True) as work:
        (conversation,) = await work.conversations.of(fan_id=key.fan)
        window = await work.conversations.lines(conversation.id, WINDOW)
    found = await remember(mine, key, conversation.id, character, "the key?", window, None)
    async with mine.open_work() as work:
        if found.timers_changed:
            await work.conversations.keep_lore_timers(conversation.id, found.timers)
    return found.lore


async def talk(store: Store, operator: Principal, key: VaultKey, exchanges: int) -> None:
    async with store.open_work(operator) as work:
        for _ in range(exchanges):
            await say(work, key, "the key?")
            await say(work, key, "Mine.", "persona")


async def test_a_delay_longer_than_the_window_ends(
    store: Store, operator: Principal, turn: Turn, key: VaultKey
) -> None:
    late = LoreEntry(keys=["key"], content="The key is under the stone.", delay=WINDOW + 10)
    await talk(store, operator, key, WINDOW + 9)
    assert await lore_of(turn, key, late) == []

    await talk(store, operator, key, 1)
    assert await lore_of(turn, key, late) == ["The key is under the stone."]


async def test_the_count_goes_on_from_where_it_was_kept(store: Store, operator: Principal, key: VaultKey) -> None:
    await talk(store, operator, key, KEEP_EVERY)
    async with store.open_work(operator, reads=True) as work:
        (conversation,) = await work.conversations.of(fan_id=key.fan)
        first = await count_said(work, conversation.id, {})
    await talk(store, operator, key, 3)
    async with store.open_work(operator, reads=True) as work:
        second = await count_said(work, conversation.id, first.kept)

    assert (first.count, first.kept["count"]) == (KEEP_EVERY, KEEP_EVERY)
    assert (second.count, second.kept) == (KEEP_EVERY + 3, first.kept)


async def test_a_kept_count_is_used_by_the_next_turn_and_gone_when_everything_is_forgotten(
    store: Store, operator: Principal, turn: Turn, key: VaultKey
) -> None:
    every = LoreEntry(keys=["key"], content="@@activate_only_after 21\nLate.")
    await talk(store, operator, key, 21)
    assert await lore_of(turn, key, every) == ["Late."]
    assert await lore_of(turn, key, every) == ["Late."]

    async with store.open_work(operator) as work:
        await erase(work, "a key for tests only", key, "everything")
    await talk(store, operator, key, 2)
    assert await lore_of(turn, key, every) == []


async def test_chance_is_the_same_when_a_turn_is_run_again(
    store: Store, operator: Principal, turn: Turn, key: VaultKey
) -> None:
    await talk(store, operator, key, 1)
    entry = LoreEntry(keys=["key"], content="Perhaps.", probability=50)

    told = [await lore_of(replace(turn, id=f"turn {n}"), key, entry) for n in range(20)]

    assert told == [await lore_of(replace(turn, id=f"turn {n}"), key, entry) for n in range(20)]
    assert [] in told
    assert ["Perhaps."] in told


async def test_the_sitting_of_the_time_that_the_fan_names_is_remembered(
    store: Store, operator: Principal, turn: Turn, key: VaultKey
) -> None:
    week = timedelta(days=7)
    nights = evening("I've decided to move to Berlin.", "Wow!") + evening("My dog Luna is ill.", "Oh no.", later=week)
    for what in ("the harbour", "the market", "the museum"):
        nights += evening(f"I was so happy at {what}!", "Great!", later=week)
    _, end = await sat(store, operator, key, nights)
    await close_all(store, operator, key, end + week)
    mine = replace(turn, principal=as_fan(key))
    with clock.set_to(lambda: end + timedelta(days=1)):
        async with mine.open_work(reads=True) as work:
            (conversation,) = await work.conversations.of(fan_id=key.fan)
            window = await work.conversations.lines(conversation.id, 4)
        asked = "What did I tell you three weeks ago?"
        found = await remember(mine, key, conversation.id, Character(name="Nova", age=27), asked, window, None)
    assert "Luna" in str(found.episodes)
