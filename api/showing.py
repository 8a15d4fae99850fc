"""What may everybody see? Personas with their published posts: the gallery's pages and the public routes read it here."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from bots.core import Core
from gator.errors import NotFound, Unavailable
from gator.links import captions_url, media_url, small_url
from gator.principal import Principal, service
from memory.directory import home_workspace
from memory.models import Asset, Persona, Post
from memory.work import Work
from tools.captions import burnt_in, has_captions
from tools.personas.character import Character

RATING = "general"  # whatever is not known to be fit for everybody is not shown to everybody (L11)


@dataclass(frozen=True)
class Media:
    id: str
    kind: str
    url: str
    mime: str
    alt_text: str
    title: str
    width_px: int | None
    height_px: int | None
    duration_s: float | None
    small_url: str | None  # of a picture to show in its place, or before it plays
    captions_url: str | None = None  # as WebVTT
    captions_burnt: bool = False  # they are in the picture, too


@dataclass(frozen=True)
class ShownPost:
    id: str
    text: str
    published_at: datetime
    media: list[Media]

    @property
    def picture(self) -> Media | None:
        return next((one for one in self.media if one.kind == "picture"), None)


@dataclass(frozen=True)
class ShownPersona:
    id: str
    slug: str
    character: Character
    version: int
    has_portrait: bool
    paused: bool

    @property
    def name(self) -> str:
        return self.character.name

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @cached_property
    def hue(self) -> int:
        """One of twelve colours of the pages, always the same for a persona."""
        return sum(self.slug.encode()) % 12

    @cached_property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    @property
    def portrait_url(self) -> str | None:
        return f"/api/v1/public/personas/{self.slug}/portrait?v={self.version}" if self.has_portrait else None


async def public_principal(core: Core) -> Principal:
    """The home workspace, looked at from outside. Raises Unavailable before the first start has made it."""
    workspace = await home_workspace(core.store)
    if workspace is None:
        raise Unavailable("This Gator is not set up yet.", remedy="Start it once with `gator up`.")
    return service(workspace, "public")


async def persona_of(work: Work, slug: str) -> Persona:
    """Raises NotFound for one that is not there, or not for everybody."""
    found = await work.personas.by_slug(slug)
    if found is None or not _for_everybody(found):
        raise NotFound("There is no such persona.")
    return found


def _for_everybody(persona: Persona) -> bool:
    return bool(persona.character.get("rating", RATING) == RATING)


async def shown_personas(work: Work) -> list[ShownPersona]:
    portrayed = await work.personas.portrayed()
    return [shown(one, one.id in portrayed) for one in await work.personas.all() if _for_everybody(one)]


def shown(persona: Persona, has_portrait: bool) -> ShownPersona:
    return ShownPersona(
        id=persona.id,
        slug=persona.slug,
        character=Character.model_validate(persona.character),
        version=persona.version,
        has_portrait=has_portrait,
        paused=persona.paused_at is not None,
    )


async def shown_posts(
    core: Core, work: Work, persona: Persona, limit: int, before: datetime | None = None
) -> list[ShownPost]:
    """The newest published posts, each with those of its media that are ready and fit for everybody."""
    return [await _post(core, work, post) for post in await work.posts.published(persona.id, limit, before)]


async def _post(core: Core, work: Work, post: Post) -> ShownPost:
    there = await work.assets.by_ids(post.assets)
    rows = [there[id] for id in post.assets if id in there]
    media = [_media(core, row) for row in rows if row.state == "ready" and row.rating == RATING]
    return ShownPost(post.id, post.text, post.published_at or post.due_at, media)


def _media(core: Core, row: Asset) -> Media:
    url, small = media_url(core.settings, row.id), small_url(core.settings, row.id, row.kind)
    size = row.width_px, row.height_px, row.duration_s
    captions = captions_url(core.settings, row.id) if has_captions(row) else None
    about = row.id, row.kind, url, row.mime, row.alt_text, row.title
    return Media(*about, *size, small, captions, captions is not None and burnt_in(row))
