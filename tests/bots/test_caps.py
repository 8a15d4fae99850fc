"""A fan who had their day's share: told once and kindly, heard in danger, answered tomorrow or when somebody allows more."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from pydantic import ValidationError

from gator import clock
from gator.principal import Principal
from gator.settings import Settings
from memory.store import Store
from memory.vault import VaultKey
from tests.bots.house import House
from tools.personas.character import Budget, Character

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
A_CALL = 0.03  # US dollars that are enough for one call of gpt-5 and not for two


class Time:
    at = NOON


@pytest.fixture
def time() -> Iterator[Time]:
    one = Time()
    with clock.set_to(lambda: one.at):
        yield one


@pytest.fixture
async def capped(
    time: Time, settings: Settings, store: Store, operator: Principal
) -> AsyncIterator[Callable[..., House]]:
    built: list[House] = []

    def build(*lines: Any, **figures: Any) -> House:
        figures = {"model": "openai:gpt-5", "fan_daily_budget_usd": A_CALL, **figures}
        built.append(House(settings.model_copy(update=figures), store, operator, list(lines)))
        return built[-1]

    yield build
    for one in built:
        await one.core.stop()


async def say(one: House, who: Principal, *texts: str) -> list[str]:
    """What is said by Nova or by code since."""
    before = len(await one.heard(who))
    for text in texts:
        await one.say(who, text)
        await one.settled()
    return [message.text for message in (await one.heard(who))[before:] if message.author in ("persona", "notice")]


async def test_who_had_their_share_is_told_once_and_answered_tomorrow(
    capped: Any, time: Time, ada: Principal, store: Store, operator: Principal
) -> None:
    one = capped("Hi Ada!", "Good morning, Ada!")
    assert (await say(one, ada, "hello"))[-1] == "Hi Ada!"
    (told,) = await say(one, ada, "tell me more", "are you there?", "hello?")
    assert "needs a rest until tomorrow" in told
    room = await one.core.converse(ada)
    async with store.open_work(operator, reads=True) as work:
        (wanted,) = (await work.handoffs.of(room.id))[-1:]
    assert wanted.reason == "fan_spent"

    time.at = datetime(2026, 6, 2, 0, 1, tzinfo=UTC)
    await one.core._look_after(ada.workspace)
    await one.settled()
    assert (await one.heard(ada))[-1].text == "Good morning, Ada!"


async def test_danger_is_answered_at_once_while_the_persona_rests(capped: Any, ada: Principal) -> None:
    one = capped("Hi Ada!")
    await say(one, ada, "hello", "tell me more")
    assert "findahelpline" in (await say(one, ada, "i want to kill myself"))[-1]
    assert len(one.model.heard) == 1


async def test_who_has_everything_forgotten_has_had_their_share_all_the_same(
    capped: Any, time: Time, ada: Principal
) -> None:
    one = capped("Hi Ada!", "Who are you?")
    await say(one, ada, "hello", "tell me more")
    key = VaultKey(ada.workspace, ada.persona or "", ada.subject)
    one.core.forgotten([await one.core.eraser.forget(ada, key, "everything")])
    await say(one, ada, "hello?")
    assert len(one.model.heard) == 1
    time.at = datetime(2026, 6, 2, 0, 1, tzinfo=UTC)
    await one.core._look_after(ada.workspace)
    await one.settled()
    assert (await one.heard(ada))[-1].text == "Who are you?"


async def test_a_share_is_each_fans_own(capped: Any, ada: Principal, store: Store) -> None:
    async with store.open_work(ada) as work:
        known = await work.people.meet_fan("web", "ben", "Ben")
    ben = Principal(ada.workspace, ada.kind, known.id, persona=ada.persona)
    one = capped("Hi Ada!", "Hi Ben!")
    await say(one, ada, "hello", "tell me more")
    assert (await say(one, ben, "hello"))[-1] == "Hi Ben!"


@pytest.mark.parametrize("budget", [Budget(fan_daily_usd=1), Budget(fan_daily_usd=0)])
async def test_a_personas_own_figure_replaces_the_workspaces_and_wakes_whom_it_rests_from(
    capped: Any, ada: Principal, store: Store, operator: Principal, budget: Budget
) -> None:
    one = capped("Hi Ada!", "Here I am again.")
    await say(one, ada, "hello", "tell me more")
    async with store.open_work(operator) as work:
        nova = await work.personas.get(ada.persona or "")
        character = Character.model_validate(nova.character).model_copy(update={"budget": budget})
        await work.personas.change(nova, character.model_dump(mode="json"), author="tests", note="more")
    assert (await say(one, ada, "hello again")) == ["Here I am again."]


def test_no_figure_is_endless() -> None:
    with pytest.raises(ValidationError, match="finite"):
        Budget(fan_daily_usd=float("inf"))
    for name in ("daily_budget_usd", "fan_daily_budget_usd"):
        with pytest.raises(ValidationError, match="finite"):
            Settings.model_validate({name: "inf"})


async def test_tokens_are_counted_where_a_model_costs_nothing(capped: Any, time: Time, ada: Principal) -> None:
    usage = {"input_tokens": 900, "output_tokens": 100, "total_tokens": 1000}
    lines = [AIMessage(text, usage_metadata=usage) for text in ("One.", "Two.")]
    one = capped(*lines, model="ollama:llama", fan_daily_tokens=1500)
    await say(one, ada, "hello")
    assert (await say(one, ada, "and?")) == ["Two."]
    assert "rest" in (await say(one, ada, "and?"))[-1]
    time.at += timedelta(minutes=5)
    assert await say(one, ada, "and?") == []
