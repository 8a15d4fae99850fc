"""Views: how does a persona look from other sides? Made by the image model from her approved face, as a version to approve.

Doors: agents, REST, `gator appearance views`, the console. Nothing is made with the views before a person approves them
(`tools.appearance`); each is made from the seed, and compared with it, alone (`tools.faces`).
"""

import shlex
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import Field

from gator.errors import Refused, Unavailable
from gator.principal import Kind
from gpu_worker.jobs import MakePicture
from memory.models import Appearance, Asset, Persona
from memory.repositories.appearances import VIEWS, View
from memory.work import Work
from tools import imagery, orders
from tools.capability import Effect, Shape, Turn, capability
from tools.faces import held_by
from tools.imagery import MakePictureAsk
from tools.personas.character import Character

_MADE: tuple[View, ...] = tuple(view for view in VIEWS if view != "front")  # the front is the seed itself


class MakeViews(Shape):
    persona: str = Field(description="the persona's name")
    views: list[View] = Field(
        [], description="from which sides; left out: those that are missing, failed or show another face, else all"
    )


class ViewsQueued(Shape):
    """The version of the face that the views are for, and their assets; they are still being made."""

    persona: str
    version: int
    views: dict[View, str]
    jobs: dict[View, str]

    def in_words(self) -> str:
        sides = ", ".join(self.views)
        are, them = ("view is", "it") if len(self.views) == 1 else ("views are", "them")
        return (
            f"{len(self.views)} {are} being made from {self.persona}'s approved face: {sides}. Look at {them}, then"
            f" approve version {self.version}: `gator appearance approve {shlex.quote(self.persona)} --version {self.version}`."
        )


@capability(audience={Kind.operator, Kind.admin}, effect=Effect.write)
async def make_views(ask: MakeViews, turn: Turn) -> ViewsQueued:
    """Have the reference views of a persona's approved face made: three-quarter left and right, profile, full body.

    They are checked against the seed, made again when they drift, and used once a person has approved them. Raises Refused
    where she has no approved face, Unavailable where no image model is configured that can hold one.
    """
    async with turn.open_work() as work:
        persona, character = await orders.persona_named(work, ask.persona)
        assert persona is not None
        assert character is not None
        used, row = await _versions(work, persona)
        wanted = await _wanted(work, row, ask.views)
        planned = {view: await _planned(work, turn, view, character) for view in wanted}
        made = {view: await _placed(work, turn, ask, persona, planned[view]) for view in wanted}
        for view, queued in made.items():
            await work.appearances.put_view(row.id, view, queued.asset)
        await work.audit.note("appearance.views", persona.id, appearance=row.id, version=row.version, of=used.version)
        return ViewsQueued(
            persona=persona.name,
            version=row.version,
            views={view: one.asset for view, one in made.items()},
            jobs={view: one.job for view, one in made.items()},
        )


async def _versions(work: Work, persona: Persona) -> tuple[Appearance, Appearance]:
    """The face in use, and the candidate that has more views of the same seed: the open one, else a new one."""
    used = await work.appearances.used(persona.id)
    views = await work.appearances.views(used) if used else {}
    if used is None or "front" not in views:
        raise Refused(
            f"{persona.name} has no approved face.", remedy="Propose one and approve it: `gator appearance propose`."
        )
    if used.consent_id:
        await work.consents.holding(used.consent_id, "likeness")
    for one in await work.appearances.all(persona.id):
        if one.state == "candidate" and await work.appearances.same_face(one, used):
            return used, one
    row = await work.appearances.propose(
        persona.id,
        views.pop("front"),
        shows="real" if used.shows == "real" else "made",
        consent_id=used.consent_id,
        views=views,
    )
    return used, await work.appearances.set_threshold(row.id, used.threshold)


async def _wanted(work: Work, row: Appearance, named: Iterable[View]) -> list[View]:
    if told := [view for view in VIEWS if view in set(named)]:
        if "front" in told:
            raise Refused(
                "The front is the seed, which was approved.", remedy="Propose another seed for another front."
            )
        return told
    views = await work.appearances.views(row)
    there = await work.assets.by_ids(views.values())
    good = {view for view, id in views.items() if id in there and _is_good(there[id])}
    return [view for view in _MADE if view not in good] or [*_MADE]


def _is_good(asset: Asset) -> bool:
    return asset.state in ("ready", "pending") and asset.likeness != "drifted"


async def _planned(work: Work, turn: Turn, view: View, character: Character) -> MakePicture:
    told = _sides()[view]
    ask = MakePictureAsk(
        prompt=told["words"].format(name=character.name), persona=character.name, format=told["format"]
    )
    payload = await imagery.planned(work, ask, turn.settings, character)
    if not held_by(payload, turn.settings):
        raise Unavailable(
            f"{payload.model} cannot be given the persona's face, so its views would show somebody else.",
            remedy="Use a model of the shelf, OpenAI's gpt-image, or a ComfyUI workflow with {start}; or upload the views.",
        )
    return payload.model_copy(update={"view": view})


async def _placed(work: Work, turn: Turn, ask: MakeViews, persona: Persona, payload: MakePicture) -> orders.MediaQueued:
    key = f"{turn.key(ask)}:{payload.view}"
    if not await work.jobs.has(key):
        await imagery.pay(work, turn, payload, persona)
    return await orders.place(
        work, turn, ask, payload,
        makes="picture", title=f"{persona.name}, {payload.view}", persona=persona, needs=payload.needs, key=key,
    )  # fmt: skip


@cache
def _sides() -> dict[str, Any]:
    return tomllib.loads((files("prompts") / "views.toml").read_text(encoding="utf-8"))
