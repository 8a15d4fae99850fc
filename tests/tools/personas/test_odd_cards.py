"""Does a card with anything anywhere end as a persona or a refusal, never as a crash, and still go out as it came?"""

import io
import json
import random
from typing import Any

import pytest

from gator.errors import Refused
from tests.tools.personas import cards
from tools.personas.cards import writing
from tools.personas.cards.reading import Kind
from tools.personas.character import Character
from tools.personas.files import OpenedCard, open_card

_ODD = [None, 1, -1.5, True, "x", [], {}, [[1]], {"a": 1}, "", 10**30]
_KINDS: tuple[Kind, ...] = ("json", "png", "charx")


def mutated(value: Any, chance: random.Random) -> Any:
    """The JSON with some of its values replaced by others and some of its keys lost."""
    if chance.random() < 0.06:
        return chance.choice(_ODD)
    if isinstance(value, dict):
        return {key: mutated(inner, chance) for key, inner in value.items() if chance.random() > 0.03}
    return [mutated(inner, chance) for inner in value] if isinstance(value, list) else value


def opened(content: bytes) -> OpenedCard | None:
    """The card, or None when it is refused."""
    try:
        return open_card(io.BytesIO(content))
    except Refused:
        return None


def exported(kind: Kind, card: OpenedCard, character: Character) -> bytes:
    return writing.write(kind, character, card.file.card, card.file.portrait, card.file.content).content


@pytest.mark.parametrize("card", [cards.V1, cards.V2, cards.V3], ids=["V1", "V2", "V3"])
def test_odd_json_is_kept_and_changed_or_refused(card: dict[str, Any]) -> None:
    chance, taken = random.Random(7), 0
    for _ in range(60):
        odd = mutated(card, chance)
        came = opened(json.dumps(odd).encode())
        if came is None:
            continue
        taken += 1
        assert json.loads(exported("json", came, came.character)) == odd
        new = Character.model_validate(came.character.model_dump() | {"name": "Zed", "home": "Skagen"})
        for kind in _KINDS:
            assert open_card(io.BytesIO(exported(kind, came, new))).character == new

    assert taken > 10


@pytest.mark.parametrize(
    "content",
    [
        cards.png(cards.text_chunk("chara", cards.V2)),
        cards.charx(cards.V3, cards.ASSETS),
        json.dumps(cards.V1).encode(),
        b"name: Bo\nage: 40\nlorebook: {entries: [{keys: [tea], content: Black.}]}\n",
    ],
    ids=["png", "charx", "json", "yaml"],
)
def test_damaged_files_are_taken_or_refused(content: bytes) -> None:
    chance, refused = random.Random(7), 0
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 3)):
            start = chance.randrange(len(damaged))
            damaged[start : start + chance.choice((0, 1, 9))] = chance.randbytes(chance.choice((0, 1, 5)))
        refused += opened(bytes(damaged)) is None

    assert refused > 0
