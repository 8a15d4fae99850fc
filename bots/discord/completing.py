"""What may somebody mean who has typed so far? Names of what there is, by the same capabilities as everything else."""

from collections.abc import Awaitable, Callable
from zoneinfo import available_timezones

from pydantic import BaseModel

from tools import catalogue
from tools.capability import Turn

MOST = 25
Choices = list[tuple[str, str]]  # (shown, meant) each


async def offers(field: str, typed: str, turn: Turn) -> Choices:
    """At most 25, those that begin with what was typed first. Raises Forbidden where the principal may not look."""
    listed = typed.rpartition(",") if field in _LISTS else ("", "", typed)
    sought, before = listed[2].strip().casefold(), f"{listed[0]}," if listed[1] else ""
    found = await _OFFERS[field](turn) if field in _OFFERS else []
    fitting = [one for one in found if sought in one[0].casefold()]
    fitting.sort(key=lambda one: not one[0].casefold().startswith(sought))
    kept = [one for one in fitting if len(before + one[1]) <= 100]
    return [(f"{before}{shown}"[:100], f"{before}{meant}") for shown, meant in kept[:MOST]]


async def _asked(name: str, turn: Turn, **fields: object) -> BaseModel:
    capability = catalogue.named(name)
    assert capability is not None
    return await capability(capability.asks.model_validate(fields), turn)


async def _personas(turn: Turn) -> Choices:
    found = (await _asked("list_personas", turn)).model_dump()["personas"]
    return [(one["name"], one["name"]) for one in found]


async def _feeds(turn: Turn) -> Choices:
    found = (await _asked("list_feeds", turn)).model_dump()["feeds"]
    return [(one["name"], one["name"]) for one in found]


async def _posts(turn: Turn) -> Choices:
    found = (await _asked("list_posts", turn, state="scheduled")).model_dump()["posts"]
    shown = [(f"{one['due_at']:%d %b %H:%M} {one['persona']}: {one['text'] or 'media'}", one["id"]) for one in found]
    return [("next", "next"), ("last", "last"), *shown]


async def _jobs(turn: Turn) -> Choices:
    found = (await _asked("list_jobs", turn, limit=50)).model_dump()["jobs"]
    shown = [(f"{one['title'] or one['kind']} ({one['state']})", one["id"]) for one in found]
    return [("last", "last"), *shown]


async def _stories(turn: Turn) -> Choices:
    found = (await _asked("read_feeds", turn, limit=20)).model_dump()["stories"]
    return [(one["title"], one["id"]) for one in found]


async def _media(turn: Turn, kind: str | None = None) -> Choices:
    found = (await _asked("list_media", turn, kind=kind, limit=50)).model_dump()["items"]
    return [
        (f"{one['title'] or one['kind']} ({one['state']})", one["id"])
        for one in found
        if one["state"] in ("ready", "pending")
    ]


async def _pictures(turn: Turn) -> Choices:
    return await _media(turn, "picture")


async def _voices(turn: Turn) -> Choices:
    return await _media(turn, "voice")


async def _zones(_: Turn) -> Choices:
    return [(name, name) for name in sorted(available_timezones())]


_LISTS = frozenset({"assets", "pictures"})
_OFFERS: dict[str, Callable[[Turn], Awaitable[Choices]]] = {
    "persona": _personas,
    "feed": _feeds,
    "post": _posts,
    "job": _jobs,
    "story": _stories,
    "assets": _media,
    "pictures": _pictures,
    "speech": _voices,
    "music": _voices,
    "zone": _zones,
    "time_zone": _zones,
}
