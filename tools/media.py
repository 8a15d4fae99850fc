"""Media: which pictures, voices and videos are there? Doors: agents, REST. `tools.pictures` and the like make them."""

from typing import Literal, get_args

from pydantic import Field

from memory.models import Asset
from tools.capability import STAFF, Effect, Shape, Turn, capability

MediaKind = Literal["picture", "voice", "video"]
KINDS: tuple[str, ...] = get_args(MediaKind)
_FILES = 3  # of the newest documents, below the media
_LIKENESS = {"drifted": ", shows another face: not posted before somebody accepts it", "unheld": ", likeness not held"}
_RATINGS = {"unknown": ", not rated yet"}
_STATES = {"pending": "still being made", "ready": "ready", "failed": "could not be made", "removed": "removed"}


class ListMedia(Shape):
    kind: MediaKind | None = Field(None, description="only media of this kind; left out: of any")
    persona: str | None = Field(None, description="only media made for this persona (its name); left out: for any")
    limit: int = Field(10, ge=1, le=100, description="how many at most, newest first")


class MediaShown(Shape):
    id: str
    kind: str
    title: str
    state: Literal["pending", "ready", "failed", "removed"]
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
        return f"{self.kind}{title}{persona}{length}: {_STATES[self.state]}{alike}{told}"


class MediaList(Shape):
    items: list[MediaShown]
    files: list[MediaShown] = Field(default_factory=list, description="documents, such as what was exported for a fan")

    def in_words(self) -> str:
        lines = [f"- {item.in_words()}" for item in self.items] or ["There is no such media yet."]
        if self.files:
            lines += ["Files, which are no media:", *(f"- {file.in_words()}" for file in self.files)]
        return "\n".join(lines)


@capability(audience=STAFF, effect=Effect.read)
async def list_media(ask: ListMedia, turn: Turn) -> MediaList:
    """List pictures, voices and videos that were made or are being made, with their ids, newest first; files apart."""
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.named(ask.persona) if ask.persona else None
        whose = persona.id if persona else None
        assets = await work.assets.recent(kind=ask.kind or KINDS, persona_id=whose, limit=ask.limit)
        others = [] if ask.kind else await work.assets.recent(kind="document", persona_id=whose, limit=_FILES)
        names = {one.id: one.name for one in await work.personas.all()}
        alike = await work.assets.repeats(assets)
    shown = [_shown(one, names.get(one.persona_id or ""), alike.get(one.id, [])) for one in assets]
    return MediaList(items=shown, files=[_shown(one, names.get(one.persona_id or ""), []) for one in others])


def _shown(asset: Asset, persona: str | None, alike: list[Asset]) -> MediaShown:
    return MediaShown.model_validate(
        {
            "id": asset.id,
            "kind": asset.kind,
            "title": asset.title,
            "state": asset.state,
            "duration_s": asset.duration_s,
            "persona": persona,
            "rating": asset.rating,
            "likeness": asset.likeness,
            "repeats": [one.id for one in alike],
        }
    )
