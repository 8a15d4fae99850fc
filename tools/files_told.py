"""What is there of one of the media besides its file? Its link, alt text and captions. Doors: agents. Lists are `tools.media`.

The link is the one that the console's Download has: whoever holds it may read that file until it ends.
"""

from datetime import UTC, datetime
from typing import Literal

from pydantic import Field

from gator.errors import NotFound
from gator.links import ends_at, media_url
from memory.models import Asset
from memory.work import Work
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.captions import captions_of, has_captions
from tools.media import KINDS, MediaKind

Part = Literal["link", "alt_text", "captions"]
_LAST = ("", "last", "latest", "newest")


class ShowMedia(Shape):
    media: str = Field("last", description='its id, or "last" for the newest that is ready')
    kind: MediaKind | None = Field(None, description='of "last": the newest of this kind; left out: of any')
    persona: str | None = Field(None, description='of "last": the newest of this persona (her name); left out: of any')
    part: Part | None = Field(None, description="what is asked for: link, alt_text or captions; left out: all of it")


class MediaTold(Shape):
    id: str
    kind: str
    title: str
    part: Part | None = None
    link: str = Field("", description="address of the file; whoever has it may read the file until it ends")
    link_ends_at: datetime | None = None
    alt_text: str = Field("", description="what is to be seen or heard, in words")
    captions: str = Field("", description="as SRT; empty where it has none")

    def in_words(self) -> str:
        what = f'The {self.kind} "{self.title}"' if self.title else f"The {self.kind}"
        ends = f"{self.link_ends_at:%Y-%m-%d %H:%M} UTC" if self.link_ends_at else ""
        told = {
            "link": f"{what}: {self.link} (whoever has this link may read the file, until {ends}).",
            "alt_text": f"{what}: {self.alt_text}" if self.alt_text else f"{what} has no alt text.",
            "captions": f"{what} says:\n{self.captions}".rstrip() if self.captions else f"{what} has no captions.",
        }
        return told[self.part] if self.part else "\n".join(told.values())


@capability(audience=STAFF, effect=Effect.read)
async def show_media(ask: ShowMedia, turn: Turn) -> MediaTold:
    """Show one picture, voice or video: a link to its file, its alt text, its captions as SRT. It changes nothing.

    Raises NotFound where there is no such one that is ready.
    """
    async with turn.open_work(reads=True) as work:
        row = await _meant(work, ask)
    return MediaTold(
        id=row.id,
        kind=row.kind,
        title=row.title,
        part=ask.part,
        link=f"{turn.settings.url}{media_url(turn.settings, row.id)}",
        link_ends_at=datetime.fromtimestamp(ends_at(), UTC),
        alt_text=row.alt_text,
        captions=captions_of(row, "srt") if has_captions(row) else "",
    )


async def _meant(work: Work, ask: ShowMedia) -> Asset:
    named = ask.media.strip()
    if named.casefold() not in _LAST:
        row = await work.assets.get(named)
        if row.origin == "fan" or row.fan_id or row.state != "ready":
            raise NotFound(f"There is no file of {named} to show.", remedy="List the media to see what is ready.")
        return row
    whose = (await work.personas.named(ask.persona)).id if ask.persona else None
    found = await work.assets.recent(kind=ask.kind or KINDS, persona_id=whose, state="ready", limit=1, of_fans=False)
    if not found:
        raise NotFound(f"There is no {ask.kind or 'file'} that is ready yet.", remedy="List the media to see what is.")
    return found[0]
