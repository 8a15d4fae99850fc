"""What is said and seen in a video, in words? Captions as files, SRT or WebVTT, of recordings too; alt texts.

Doors: REST, the gallery's players.
"""

from typing import Literal

from gator.errors import NotFound
from memory.models import Asset

CaptionKind = Literal["srt", "vtt"]
MIMES: dict[CaptionKind, str] = {"srt": "application/x-subrip", "vtt": "text/vtt"}
Timed = tuple[str, float, float]


def has_captions(asset: Asset) -> bool:
    return asset.state == "ready" and bool((asset.provenance or {}).get("captions"))


def burnt_in(asset: Asset) -> bool:
    """Whether they are drawn into the frames, too."""
    told = (asset.provenance or {}).get("edit") or {}
    return bool((told.get("captions") or {}).get("show") in ("burnt", "both"))


def captions_of(asset: Asset, kind: CaptionKind) -> str:
    """The captions of a voice-over or a video as a file. Raises NotFound where it has none."""
    if not has_captions(asset):
        raise NotFound(
            "There are no captions of it.", remedy="Those of voice-overs and videos are there when they are."
        )
    timed = [(str(one["text"]), float(one["start_s"]), float(one["end_s"])) for one in asset.provenance["captions"]]
    timed.sort(key=lambda one: one[1])  # those of an older video may be in the order of its voices
    return to_vtt(timed) if kind == "vtt" else to_srt(timed)


def to_srt(captions: list[Timed]) -> str:
    """SubRip: numbered, times with a comma."""
    pieces = [
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{_lines(text)}\n"
        for number, (text, start, end) in enumerate(captions, 1)
    ]
    return "\n".join(pieces)


def to_vtt(captions: list[Timed]) -> str:
    """WebVTT (https://www.w3.org/TR/webvtt1/); text is text, never markup."""
    pieces = [
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{_escaped(_lines(text))}\n" for text, start, end in captions
    ]
    return "\n".join(["WEBVTT\n", *pieces])


def _clock(seconds: float, point: str) -> str:
    whole, ms = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{ms:03}"


def _lines(text: str) -> str:
    """Without blank lines, which would end the caption, and without what looks like a time."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()).replace("-->", "→")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
