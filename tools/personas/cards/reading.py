"""What is in this file? Finds out by its first bytes which kind of card it is, reads it, and refuses what harms.

A character's own rules (adult, fitting) are `tools.personas.admission`'s; the whole card is searched too, fields that we do
not know included, because it is kept and given out again.
"""

import io
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from gator.errors import Refused
from tools.personas.admission import refuse_harm
from tools.personas.adults import stated_age
from tools.personas.cards import charx, jsons, mapping, png, yamls
from tools.personas.cards.limits import MAX_FILE, MIB
from tools.personas.character import USUAL_AGE, Character

Kind = Literal["yaml", "json", "png", "charx"]
_SAME = ("name", "description", "personality", "scenario", "first_mes")  # what V2 and V3 of one card say alike


@dataclass(frozen=True, slots=True)
class CardFile:
    """A character as it came; `character` is not admitted yet."""

    kind: Kind
    character: dict[str, Any]
    card: dict[str, Any] | None = None
    portrait: bytes | None = None
    content: bytes | None = None  # the whole file, where it holds more than the card


def read(stream: BinaryIO) -> CardFile:
    """Read a card. Raises Refused, with the reason, for anything that is none or that we do not take."""
    start = stream.read(len(png.SIGNATURE))
    if start == png.SIGNATURE:
        return _read_png(stream)
    content = start + stream.read(MAX_FILE)
    if len(content) > MAX_FILE:
        raise Refused(
            f"The file is larger than {MAX_FILE // MIB} MiB.", remedy="Export the card with smaller pictures."
        )
    if content.startswith(charx.SIGNATURE):
        return _read_charx(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _from_card("json", _checked(jsons.parse(content)))
    return _read_yaml(content)


def read_bytes(content: bytes) -> CardFile:
    return read(io.BytesIO(content))


def _read_png(stream: BinaryIO) -> CardFile:
    chunks = list(png.read(stream))
    cards = cards_in(chunks)
    if not cards:
        raise Refused("This picture carries no character card.", remedy="Choose the picture that the card came in.")
    return _from_card("png", main_card(cards), portrait=png.picture_only(chunks), content=png.write(chunks))


def main_card(cards: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The one that counts: V3 before what is there for older programs."""
    return cards.get("ccv3") or cards["chara"]


def cards_in(chunks: list[png.Chunk]) -> dict[str, dict[str, Any]]:
    """The cards of a picture by their keyword. Raises Refused when two of them disagree."""
    cards: dict[str, dict[str, Any]] = {}
    for found in map(png.card_in, chunks):
        if not found:
            continue
        keyword, card = found[0], _checked(jsons.parse(found[1]))
        if cards.setdefault(keyword, card) != card:
            raise Refused(f"The picture carries two cards called {keyword} that disagree.", remedy="Export it again.")
    if len(cards) == 2:
        _refuse_disagreement(mapping.data_of(cards["chara"]), mapping.data_of(cards["ccv3"]))
    return cards


def _refuse_disagreement(v2: Any, v3: Any) -> None:
    for field in _SAME:
        if field in v2 and field in v3 and v2[field] != v3[field]:
            raise Refused(
                f"The picture carries a V2 and a V3 card that disagree about the {field}.", remedy="Export it again."
            )


def _read_charx(content: bytes) -> CardFile:
    card = _checked(jsons.parse(charx.read_card(content)))
    icon = charx.read_icon(content, card)
    portrait = None
    if icon and icon.startswith(png.SIGNATURE):
        portrait = png.picture_only(png.chunks_of(icon))
    return _from_card("charx", card, portrait=portrait, content=content)


def _read_yaml(content: bytes) -> CardFile:
    found = yamls.parse(content)
    if found is None or "name" not in found:
        raise Refused("This is no character card.", remedy="Choose a JSON, PNG, CharX or YAML card.")
    if not found.keys() <= Character.model_fields.keys():
        return _from_card("yaml", _checked(found))
    age = stated_age(str(found.get("backstory", ""))) or USUAL_AGE
    return CardFile("yaml", {"age": age, **found})


def _checked(card: dict[str, Any]) -> dict[str, Any]:
    if not mapping.is_card(card):
        raise Refused("This is no character card: it has no name and no description.", remedy="Choose another file.")
    refuse_harm(card)
    return card


def _from_card(
    kind: Kind, card: dict[str, Any], *, portrait: bytes | None = None, content: bytes | None = None
) -> CardFile:
    return CardFile(kind, mapping.to_character(card), card, portrait, content)
