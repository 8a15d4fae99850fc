from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bots.doorway import Person
from gator.principal import Kind, Principal
from gator.settings import Settings
from memory.models import Account
from memory.store import Store
from tests.bots.house import House, Line, Wire
from tools.personas.character import Character


@pytest.fixture
async def house(settings: Settings, store: Store, operator: Principal) -> AsyncIterator[Callable[..., House]]:
    """Builds a house whose model says these lines."""
    built: list[House] = []

    def build(*lines: Any, **parts: Any) -> House:
        built.append(House(parts.pop("settings", settings), store, operator, list(lines), **parts))
        return built[-1]

    yield build
    for one in built:
        await one.core.stop()


@pytest.fixture
async def ada(store: Store, operator: Principal) -> Principal:
    """A fan of Nova's, on the web."""
    async with store.open_work(operator) as work:
        character = Character(name="Nova", age=27).model_dump(mode="json")
        persona = await work.personas.create("nova", "Nova", character, author="tests")
        known = await work.people.meet_fan("web", "ada", "Ada")
    return Principal(operator.workspace, Kind.fan, known.id, persona=persona.id)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def accounts(store: Store, operator: Principal, ada: Principal) -> dict[str, Account]:
    """Nova's account on the wire, and Gator's own, on which the operator is known as "boss"."""
    async with store.open_work(operator) as work:
        made = {}
        for name, persona in (("nova", ada.persona), ("gator", None)):
            row = Account(channel="wire", name=name, external_id=name, persona_id=persona, credential="none")
            made[name] = await work.accounts.add(row)
        await work.accounts.admit("wire", "boss", operator.subject, "Boss")
    return made


@pytest.fixture
def chat(accounts: dict[str, Account]) -> Callable[..., Line]:
    """A chat on the wire with Nova, or with Gator."""

    def open_chat(house: House, who: str = "cara", account: str = "nova") -> Line:
        return Line(house, accounts[account], f"chat-{who}", Person(who, who.title()))

    return open_chat
