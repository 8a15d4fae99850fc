"""Which field of a card is which of a character? There, back, and what changed since merged into the card as it came.

What a card has no field for stands in `data.extensions.gator.character`. A card made here has the whole character there,
and a description that tells other programs what they would not look for.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from gator.errors import Refused
from tools.personas import lore_decorators, sheet
from tools.personas.adults import stated_age
from tools.personas.cards import books
from tools.personas.character import USUAL_AGE, Character

_TEXTS = {
    "name": "name",
    "nickname": "nickname",
    "description": "backstory",
    "scenario": "scenario",
    "first_mes": "greeting",
    "system_prompt": "system_note",
    "post_history_instructions": "closing_note",
    "creator": "creator",
    "creator_notes": "notes",
}
_LISTS = {"alternate_greetings": "alternate_greetings", "tags": "tags"}
_V1 = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
_SHORT = 60  # a trait in a list of words


def is_card(found: Mapping[str, Any]) -> bool:
    """Whether it is a V1, V2 or V3 card, judged by what all of them have."""
    data = data_of(found)
    return isinstance(data.get("name"), str) and any(isinstance(data.get(field), str) for field in _V1[1:])


def data_of(card: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where the fields stand: in `data` since V2, at the top in V1."""
    data = card.get("data")
    return data if isinstance(data, Mapping) else card


def to_character(card: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a Character. Raises Refused for a field that is not text where text belongs."""
    data = data_of(card)
    plain = _plain_fields(data)
    ours = _ours(data)
    told = "\n".join((plain["backstory"], *plain["traits"], plain["scenario"]))
    plain["age"] = stated_age(told) or USUAL_AGE
    if not ours:
        return plain
    speech = {**ours.get("speech", {}), **plain["speech"]}
    whole = {**plain, **ours, "speech": speech, "lorebook": plain["lorebook"]}
    return _with_words_of_card(whole, plain, data)


def _with_words_of_card(whole: dict[str, Any], plain: dict[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """`whole`, but where the card says something else than we would write for it, somebody changed the card."""
    try:
        said = _project(Character.model_validate(whole), rich=_rich(data))
    except ValidationError:
        return whole  # admission says what is wrong with it
    fields = {**_TEXTS, **_LISTS, "personality": "traits"}
    for field, ours in fields.items():
        if said[field] != (data.get(field) or type(said[field])()):
            whole[ours] = plain[ours]
    return whole


def _plain_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {ours: _text(data, field) for field, ours in _TEXTS.items()}
    fields |= {ours: _texts(data, field) for field, ours in _LISTS.items()}
    fields["traits"] = _traits(_text(data, "personality"))
    fields["speech"] = {"example_dialogue": _text(data, "mes_example")}
    fields["lorebook"] = books.from_card(data.get("character_book"))
    return fields


def _text(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if value is not None and not isinstance(value, str):
        raise Refused(f"The card's {field} is not text.", remedy="Correct the card and import it again.")
    return value or ""


def _texts(data: Mapping[str, Any], field: str) -> list[str]:
    value = data.get(field) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refused(f"The card's {field} is not a list of texts.", remedy="Correct the card and import it again.")
    return value


def _traits(personality: str) -> list[str]:
    """A list of words as its words, prose as its sentences."""
    words = [part.strip(" .") for part in re.split(r"[,;\n]", personality)]
    if all(len(word) <= _SHORT for word in words):
        return [word for word in words if word]
    sentences = re.split(r"(?<=[.!?])\s+|\n+", personality)
    return [part for sentence in sentences for part in _cut(sentence.strip()) if part]


def _cut(text: str, most: int = 2000) -> list[str]:
    return [text[start : start + most] for start in range(0, len(text), most)]


def _ours(data: Mapping[str, Any]) -> dict[str, Any]:
    """What we wrote into the card's extensions; only fields that a character has."""
    found: Any = data
    for key in ("extensions", "gator", "character"):
        found = found.get(key) if isinstance(found, Mapping) else None
    known = Character.model_fields
    return {key: value for key, value in found.items() if key in known} if isinstance(found, Mapping) else {}


def _rich(data: Mapping[str, Any]) -> bool:
    return "backstory" in _ours(data)


def _project(one: Character, *, rich: bool) -> dict[str, Any]:
    """The character's words in the card's fields; `rich` puts what has no field into the description."""
    data = one.model_dump(mode="json")
    fields: dict[str, Any] = {field: data[ours] for field, ours in (_TEXTS | _LISTS).items()}
    short = all(len(trait) <= _SHORT and "," not in trait for trait in one.traits)
    fields["personality"] = (", " if short else "\n").join(one.traits)
    fields["mes_example"] = one.speech.example_dialogue
    if rich:
        fields["description"] = "\n\n".join(part for part in (sheet.facts(one), one.backstory) if part)
    return fields


def new_card(one: Character) -> dict[str, Any]:
    """A V3 card of a character that came from none."""
    fields = _project(one, rich=True)
    nickname = fields.pop("nickname")
    ours = one.model_dump(mode="json", exclude={"lorebook"})
    data: dict[str, Any] = {**fields, "character_version": "", "group_only_greetings": []}
    data |= {"nickname": nickname} if nickname else {}
    data |= {"character_book": books.to_card(one.lorebook)} if one.lorebook.entries else {}
    data["extensions"] = {"gator": {"character": ours}}
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}


def merged(card: Mapping[str, Any], now: Character, came_as: Character | None = None) -> dict[str, Any]:
    """The card as it came, with what has changed in the character since; nothing else of it is touched.

    `came_as` is the character at its import, where that was not of this very card.
    """
    result = deepcopy(dict(card))
    came_as = came_as or Character.model_validate(to_character(card))
    data = result["data"] if isinstance(result.get("data"), dict) else result
    rich = _rich(data)
    before, after = _project(came_as, rich=rich), _project(now, rich=rich)
    for field in after:
        if before[field] != after[field]:
            _put(result, data, field, after[field])
    if came_as.lorebook != now.lorebook:
        data["character_book"] = books.merged(data.get("character_book"), now.lorebook)
    _put_ours(data, came_as, now, rich=rich)
    return result


def _put(card: dict[str, Any], data: dict[str, Any], field: str, value: Any) -> None:
    """V2 cards often repeat their fields at the top for V1 programs; the copy follows."""
    if data is not card and field in card and card[field] == data.get(field):
        card[field] = value
    data[field] = value


def _put_ours(data: dict[str, Any], came_as: Character, now: Character, *, rich: bool) -> None:
    """Write down the changes that the card's own fields do not tell in full."""
    told = set() if rich else {*_TEXTS.values(), *_LISTS.values()}
    before, after = came_as.model_dump(mode="json"), now.model_dump(mode="json")
    if not rich:  # the example dialogue is a field of the card's
        for speech in (before["speech"], after["speech"]):
            speech.pop("example_dialogue")
    changed = {key: after[key] for key in after if key not in told | {"lorebook"} and before[key] != after[key]}
    if changed:
        _inner(_inner(_inner(data, "extensions"), "gator"), "character").update(changed)


def _inner(outer: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under that key, made where there is none."""
    if not isinstance(outer.get(key), dict):
        outer[key] = {}
    inner: dict[str, Any] = outer[key]
    return inner


def as_v3(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card in the frame of V3, which is what a CharX holds."""
    data = {"extensions": {}, "group_only_greetings": [], **data_of(card)}
    top = {key: value for key, value in card.items() if key != "data"} if data_of(card) is not card else {}
    return {**top, "spec": "chara_card_v3", "spec_version": "3.0", "data": data}


_V3_ONLY = (
    "assets",
    "nickname",
    "creator_notes_multilingual",
    "source",
    "group_only_greetings",
    "creation_date",
    "modification_date",
)
_WARNING = (
    "This is a Character Card V3 in the older form V2, made for programs that do not know V3; "
    "those that do should read its V3 form."
)


def as_v2(card: Mapping[str, Any]) -> dict[str, Any]:
    """What programs that know only V2 find beside a V3 card; the notes say so, as V3 asks."""
    data = {key: deepcopy(value) for key, value in data_of(card).items() if key not in _V3_ONLY}
    data["creator_notes"] = f"{_WARNING}\n\n{data.get('creator_notes') or ''}".strip()
    book = data.get("character_book")
    for entry in books.listed(book) if isinstance(book, Mapping) else ():
        entry["content"] = lore_decorators.without(str(entry.get("content") or ""))
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}
