"""What does a video's alt text say? What is heard in it, what its pictures show, and the words that are seen besides."""

from collections.abc import Callable, Iterable

from gpu_worker.edit_list import EditList
from memory.models import Asset

_MOST_PICTURES = 8  # whoever listens to an alt text hears all of it
_CHARACTERS = 120  # of each: what was asked for comes first in it, then looks and style
_MADE = ("AI-generated picture: ", "AI-generated clip: ")


def alt_text(edit: EditList, said: str, about: Callable[[str], Asset]) -> str:
    """`said`: the words of its captions; without any those of its recordings."""
    said = said or " ".join(_one_line(about(speech.asset).alt_text) for speech in edit.speech)
    assets = [about(scene.asset) for scene in edit.scenes]
    cards = [_is_card(asset) for asset in assets]
    pictures = _besides(said, (_shown(one) for one, card in zip(assets, cards, strict=True) if not card))
    words: list[str] = []
    for scene, asset, card in zip(edit.scenes, assets, cards, strict=True):
        words += [asset.alt_text or "" if card else "", scene.title]
    words = _besides(said, [*words, *(title.text for title in edit.titles)])
    more = len(pictures) - _MOST_PICTURES
    seen = " / ".join(pictures[:_MOST_PICTURES]) + (f", and {more} more" if more > 0 else "")
    lines = (said, f"Seen: {seen}" if seen else "", f"Words seen: {' / '.join(words)}" if words else "")
    return "\n".join(line for line in lines if line)


def _is_card(asset: Asset) -> bool:
    """Whether it shows nothing but its words."""
    return (asset.provenance or {}).get("kind") == "picture.card"


def _besides(said: str, told: Iterable[str]) -> list[str]:
    """Each once, but for what is said."""
    return [one for one in dict.fromkeys(map(_one_line, told)) if one and one not in said]


def _shown(asset: Asset) -> str:
    told = _one_line(asset.alt_text)
    for label in _MADE:
        told = told.removeprefix(label)
    cut = told[: _CHARACTERS - 1]
    return told if len(told) <= _CHARACTERS else (cut.rpartition(" ")[0] or cut).rstrip(",;") + "…"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
