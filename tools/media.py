"""Media: which pictures, voices and videos are there? Doors: agents, REST. `tools.pictures` and the like make them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal, get_args

from pydantic import Field

from memory.models import Asset
from tools.capability import STAFF, Effect, Shape, Turn, capability

MediaKind = Literal["picture", "voice", "video"]
KINDS: tuple[str, ...] = get_args(MediaKind)
_FILES = 3  # of the newest documents, below the media
_LIKENESS = {"drifted": ", shows another face: not posted before somebody accepts it", "unheld": ", likeness not held"}
_RATINGS = {"unknown": ", not rated yet"}
_STATES = {
    "pending": "still being made", "ready": "ready", "failed": "could not be made", "cancelled": "cancelled",
    "removed": "removed",
}  # fmt: skip


class ListMedia(Shape):
    kind: MediaKind | None = Field(None, description="only media of this kind; left out: of any")
    persona: str | None = Field(None, description="only media made for this persona (its name); left out: for any")
    limit: int = Field(10, ge=1, le=100, description="how many at most, newest first")


class MediaShown(Shape):
    id: str
    kind: str
    title: str
    state: Literal["pending", "ready", "failed", "cancelled", "removed"]
    error: str = Field("", description="why it could not be made")
    duration_s: float | None = None
    persona: str | None = None  # name
    repeats: list[str] = Field(default_factory=list, description="ids of other media that look like it")
    rating: str = Field(
        "general", description="general, mature or unknown: not rated yet, so no fan and no post gets it"
    )
    likeness: str = Field("", description="of a persona's picture: held, unheld, unchecked, drifted or accepted")

    def in_words(self) -> str:
        title = f' "{self.title}"' if self.title else ""
        persona = f" of {self.persona}" if self.persona else ""
        length = f", {self.duration_s:.0f} s" if self.duration_s else ""
        alike = f", looks like {len(self.repeats)} other{'s' if len(self.repeats) > 1 else ''}" if self.repeats else ""
        told = f"{_LIKENESS.get(self.likeness, '')}{_RATINGS.get(self.rating, '')}" if self.state == "ready" else ""
        why = f" ({self.error.rstrip('.')})" if self.error else ""
        return f"{self.kind}{title}{persona}{length}: {_STATES[self.state]}{why}{alike}{told}"


class MediaList(Shape):
    items: list[MediaShown]
    files: list[MediaShown] = Field(default_factory=list, description="documents, such as what was exported for a fan")
    more: bool = Field(False, description="whether there are older ones than these")

    def in_words(self) -> str:
        lines = [f"- {item.in_words()}" for item in self.items] or ["There is no such media yet."]
        if self.more:
            count = len(self.items)
            lines.append(f"These are the newest {count}; there are more." if count > 1 else "There are older ones.")
        if self.files:
            lines += ["Files, which are no media:", *(f"- {file.in_words()}" for file in self.files)]
        return "\n".join(lines)


@capability(audience=STAFF, effect=Effect.read)
async def list_media(ask: ListMedia, turn: Turn) -> MediaList:
    """List pictures, voices and videos that were made or are being made, with their ids, newest first; files apart."""
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.named(ask.persona) if ask.persona else None
        whose = persona.id if persona else None
        assets = await work.assets.recent(kind=ask.kind or KINDS, persona_id=whose, limit=ask.limit + 1)
        assets, more = assets[: ask.limit], len(assets) > ask.limit
        others = [] if ask.kind else await work.assets.recent(kind="document", persona_id=whose, limit=_FILES)
        names = {one.id: one.name for one in await work.personas.all()}
        alike = await work.assets.repeats(assets)
        stopped = await work.assets.why_not(assets)
    tell = partial(_shown, names=names, alike=alike, stopped=stopped)
    return MediaList(items=[tell(one) for one in assets], files=[tell(one) for one in others], more=more)


def _shown(
    asset: Asset,
    *,
    names: Mapping[str, str],
    alike: Mapping[str, Sequence[Asset]],
    stopped: Mapping[str, tuple[str, str]],
) -> MediaShown:
    state, error = stopped.get(asset.id, (asset.state, ""))
    return MediaShown.model_validate(
        {
            "id": asset.id,
            "kind": asset.kind,
            "title": asset.title,
            "state": state,
            "error": error,
            "duration_s": asset.duration_s,
            "persona": names.get(asset.persona_id or ""),
            "rating": asset.rating,
            "likeness": asset.likeness,
            "repeats": [one.id for one in alike.get(asset.id, ())],
        }
    )
