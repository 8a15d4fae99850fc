"""How does a character leave? As YAML of ours, or as the card it came as with what has changed since."""

from dataclasses import dataclass
from typing import Any

from gator.errors import Refused
from tools.personas.cards import charx, jsons, mapping, png, yamls
from tools.personas.cards.reading import Kind, cards_in, main_card
from tools.personas.character import Character
from tools.unseen import with_unseen_shown
from tools.wording import counted

NAMED = 5  # of the files that would be lost
_MIME = {"yaml": "application/yaml", "json": "application/json", "png": "image/png", "charx": "application/zip"}


@dataclass(frozen=True, slots=True)
class Export:
    content: bytes
    mime: str
    extension: str


def write(
    kind: Kind,
    character: Character,
    card: dict[str, Any] | None = None,
    portrait: bytes | None = None,
    came_as: bytes | None = None,
    *,
    without_assets: bool = False,
) -> Export:
    """The character as a file; `card`, `portrait` and `came_as` are what it was imported with.

    Raises Refused where a picture would leave behind what a CharX brought, unless that is said to be well.
    """
    if kind == "png" and not without_assets:
        _keep_assets(card or {}, came_as or b"")
    if kind == "yaml":
        content = yamls.write(character).encode()
    else:
        current = mapping.merged(card, character) if card else mapping.new_card(character)
        content = {"json": _json, "png": _png, "charx": _charx}[kind](current, character, portrait, came_as or b"")
    return Export(content, _MIME[kind], kind)


def _keep_assets(card: dict[str, Any], came_as: bytes) -> None:
    lost = charx.assets_of(came_as, card) if came_as.startswith(charx.SIGNATURE) else []
    if lost:
        named = ", ".join(with_unseen_shown(name)[:60] for name in lost[:NAMED])
        more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
        raise Refused(
            f"A PNG card has no place for {counted(len(lost), 'file')} of this persona: {named}{more}.",
            remedy="Export it as charx, which keeps all, or say that they may stay behind: --without-assets.",
        )


def _json(card: dict[str, Any], _character: Character, _portrait: bytes | None, _came_as: bytes) -> bytes:
    return jsons.write(card, indent=2).encode()


def _charx(card: dict[str, Any], _character: Character, portrait: bytes | None, came_as: bytes) -> bytes:
    if came_as.startswith(charx.SIGNATURE):
        return charx.write(jsons.write(card).encode(), came_as=came_as)
    card = mapping.as_v3(card)
    if portrait:
        card["data"]["assets"] = _with_icon(card["data"].get("assets"))
    return charx.write(jsons.write(card).encode(), portrait=portrait)


def _with_icon(assets: Any) -> list[Any]:
    """The assets with the portrait as the main icon, in place of the default one that a picture would be itself."""
    icon = {"type": "icon", "uri": f"embeded://{charx.ICON}", "name": "main", "ext": "png"}
    others = [one for one in assets if isinstance(one, dict)] if isinstance(assets, list) else []
    return [icon, *(one for one in others if (one.get("type"), one.get("name")) != ("icon", "main"))]


def _png(card: dict[str, Any], character: Character, portrait: bytes | None, came_as: bytes) -> bytes:
    if came_as.startswith(png.SIGNATURE):
        chunks = png.chunks_of(came_as)
        before = Character.model_validate(mapping.to_character(main_card(cards_in(chunks))))
        return png.write(_renewed(chunk, before, character) for chunk in chunks)
    chunks = png.chunks_of(portrait) if portrait else png.plain_portrait(character.name)
    v3 = card.get("spec") == "chara_card_v3"
    texts = {"chara": mapping.as_v2(card), "ccv3": card} if v3 else {"chara": card}
    carrying = [png.with_card(keyword, jsons.write(text)) for keyword, text in texts.items()]
    return png.write([*chunks[:1], *carrying, *chunks[1:]])  # behind IHDR, where even a hurried reader looks


def _renewed(chunk: png.Chunk, came_as: Character, character: Character) -> png.Chunk:
    """The chunk as it is, or with what has changed when it carries a card."""
    found = png.card_in(chunk)
    if not found:
        return chunk
    before = jsons.parse(found[1])
    after = mapping.merged(before, character, came_as)
    return chunk if after == before else png.with_card(found[0], jsons.write(after))
