"""Do personas come in from files and go out again, through the database?"""

import io
import json

import pytest

from gator.errors import Conflict, Refused
from gator.principal import Principal
from memory.store import Store
from tests.tools.personas import cards
from tools.capability import Turn
from tools.personas.capabilities import change_persona
from tools.personas.cards import reading
from tools.personas.files import export_persona, import_persona, open_card
from tools.personas.shapes import ChangePersona

PNG = cards.png(cards.text_chunk("chara", cards.V2), cards.text_chunk("ccv3", cards.V3))
CHARX = cards.charx(cards.V3, cards.ASSETS)


async def imported(
    store: Store, who: Principal, content: bytes, *, name: str | None = None, key: str | None = None
) -> str:
    """The id of the persona."""
    card = open_card(io.BytesIO(content), name=name)
    async with store.open_work(who) as work:
        return (await import_persona(work, card, key=key)).id


async def exported(store: Store, who: Principal, id: str, kind: reading.Kind) -> bytes:
    async with store.open_work(who, reads=True) as work:
        return (await export_persona(work, await work.personas.get(id), kind)).content


async def test_a_card_survives_the_database(store: Store, operator: Principal) -> None:
    id = await imported(store, operator, PNG)

    assert await exported(store, operator, id, "png") == PNG
    assert json.loads(await exported(store, operator, id, "json")) == cards.V3


async def test_a_charx_survives_the_database(store: Store, operator: Principal) -> None:
    id = await imported(store, operator, CHARX)

    content = await exported(store, operator, id, "charx")

    assert reading.read_bytes(content).card == cards.V3
    async with store.open_work(operator, reads=True) as work:
        portrait, _ = await work.personas.files(await work.personas.get(id))
    assert portrait is not None


async def test_a_change_after_the_import_is_in_the_export(store: Store, operator: Principal, turn: Turn) -> None:
    id = await imported(store, operator, json.dumps(cards.V1).encode())
    await change_persona(ChangePersona(persona="Vera", name="Vera Strand"), turn)

    card = json.loads(await exported(store, operator, id, "json"))

    assert card == cards.changed(cards.V1, name="Vera Strand")


async def test_a_card_may_be_called_something_else(store: Store, operator: Principal) -> None:
    id = await imported(store, operator, PNG)
    other = await imported(store, operator, PNG, name="Agnes")

    assert other != id
    assert json.loads(await exported(store, operator, other, "json")) == cards.changed(cards.V3, name="Agnes")
    with pytest.raises(Conflict, match="Vera Holm"):
        await imported(store, operator, PNG)


async def test_the_same_request_imports_once(store: Store, operator: Principal) -> None:
    first = await imported(store, operator, PNG, key="upload-1")

    assert await imported(store, operator, PNG, key="upload-1") == first


async def test_a_minor_under_another_name_stays_out(store: Store, operator: Principal) -> None:
    card = cards.changed(cards.V1, description="Vera is 15 years old.")

    with pytest.raises(Refused, match="adults"):
        await imported(store, operator, json.dumps(card).encode(), name="Agnes")
    async with store.open_work(operator, reads=True) as work:
        assert await work.personas.count() == 0


async def test_a_yaml_file_comes_back_as_the_same_character(store: Store, operator: Principal) -> None:
    parts = "lorebook: {entries: [{keys: [tea], content: Black.}]}\nmemory: {half_life_days: 30, model: 'ollama:llama3.2'}\n"
    id = await imported(store, operator, f"name: Bo\nage: 40\n{parts}".encode())
    text = await exported(store, operator, id, "yaml")
    again = await imported(store, operator, text, name="Bo Two")

    async with store.open_work(operator, reads=True) as work:
        first, second = await work.personas.get(id), await work.personas.get(again)
    assert second.character == first.character | {"name": "Bo Two"}
    assert second.character["memory"] == {"half_life_days": 30, "model": "ollama:llama3.2"}
