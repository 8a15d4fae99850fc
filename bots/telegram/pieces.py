"""In which calls does Telegram take a message? Texts, a picture with its caption, an album, a voice bubble by itself."""

from bots.channel import Piece
from bots.telegram.splitting import CAPTION, MESSAGE, fits, split

ALBUM = 10  # https://core.telegram.org/bots/api#sendmediagroup


def pieces(text: str, kinds: list[tuple[str, str]]) -> list[Piece]:
    """The message's pieces, in the order in which they are sent.

    A text goes under the picture or video that it came with when it fits there; a voice note stands alone, as a person
    would send it.
    """
    groups = _groups(kinds)
    caption = text.strip() if groups and _takes_caption(groups[0]) and fits(text, CAPTION) else ""
    parts = [] if caption else [Piece(part) for part in split(text, MESSAGE)]
    for group in groups:
        parts.append(Piece(caption, [id for id, _ in group]))
        caption = ""
    return parts


def _groups(kinds: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Pictures and videos that follow each other are an album; all else goes alone."""
    groups: list[list[tuple[str, str]]] = []
    for id, kind in kinds:
        last = groups[-1] if groups else []
        if last and _in_album(kind) and _in_album(last[-1][1]) and len(last) < ALBUM:
            last.append((id, kind))
        else:
            groups.append([(id, kind)])
    return groups


def _in_album(kind: str) -> bool:
    return kind in ("picture", "video")


def _takes_caption(group: list[tuple[str, str]]) -> bool:
    return group[0][1] != "voice"
