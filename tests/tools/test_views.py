"""Are the views of a face made from its seed alone, kept apart until a person approves them, and made again where they drift?"""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from gator.errors import Conflict, Forbidden, Refused, Unavailable
from gator.principal import Kind, Principal
from gpu_worker.jobs import MakePicture
from gpu_worker.shelf import Shelf, ShelfEntry
from memory.models import Asset
from memory.repositories.appearances import View
from tools.appearance import FaceShown, NamePersona, approve_appearance, unlock_appearance
from tools.capability import Turn
from tools.imagery import MakePictureAsk, make_picture
from tools.orders import MediaQueued
from tools.views import MakeViews, ViewsQueued, make_views

NOVA = {"name": "Nova", "age": 27, "look": {"summary": "a freckled woman", "hair": "red"}}
SIDES: tuple[View, ...] = ("three-quarter-left", "three-quarter-right", "profile", "full-body")


@pytest.fixture
async def nova(turn: Turn, home: Path) -> str:
    """Nova, with a model on the shelf and an approved face; the asset of its seed."""
    if find_spec("torch") is None:
        pytest.skip("torch is not installed: `make dev` says why")
    there = Shelf((home / "models").resolve())
    (there.folder / "dream").mkdir(parents=True)
    there.put(ShelfEntry(name="dream", kind="pipeline", family="sdxl", path=there.folder / "dream"))
    async with turn.open_work() as work:
        persona = await work.personas.create("nova", "Nova", NOVA, author="tests")
        seed = Asset(workspace=persona.workspace, kind="picture", state="ready")
        work.session.add(seed)
        await work.session.flush()
        face = await work.appearances.propose(persona.id, seed.id, shows="made", consent_id=None, views={})
        await work.appearances.set_threshold(face.id, 0.7)
        await work.appearances.approve(face.id)
        return seed.id


async def ordered(turn: Turn, *sides: View) -> ViewsQueued:
    queued = await make_views(MakeViews(persona="Nova", views=[*sides]), turn)
    assert isinstance(queued, ViewsQueued)
    return queued


def later(turn: Turn) -> Turn:
    return replace(turn, id=f"{turn.id}2")


async def ended(turn: Turn, queued: ViewsQueued, **likeness: str) -> None:
    """As a worker leaves them."""
    async with turn.open_work() as work:
        for view, id in queued.views.items():
            asset = await work.assets.get(id)
            asset.state, asset.likeness = "ready", likeness.get(view.replace("-", "_"), "held")


async def approved(turn: Turn) -> FaceShown:
    return cast(FaceShown, await approve_appearance(approve_appearance.asks(persona="Nova"), turn))


async def test_views_are_made_from_the_seed_and_compared_with_it_alone(turn: Turn, nova: str) -> None:
    queued = await ordered(turn)

    assert (queued.version, tuple(queued.views)) == (2, SIDES)
    assert "approve Nova --version 2" in queued.in_words()
    async with turn.open_work(reads=True) as work:
        jobs = {view: await work.jobs.get(id) for view, id in queued.jobs.items()}
    plans = {view: MakePicture.model_validate(job.payload) for view, job in jobs.items()}
    for view, plan in plans.items():
        assert plan.face, view
        assert (plan.start, plan.face.views, plan.face.threshold, plan.face.takes, plan.view) == (
            nova, (nova,), 0.7, 2, view,
        )  # fmt: skip
        assert "Nova" in plan.prompt
        assert "a freckled woman, red hair" in plan.prompt
    assert "strict profile" in plans["profile"].prompt
    assert plans["full-body"].height > plans["full-body"].width == plans["full-body"].width
    assert len({job.seed for job in jobs.values()}) == 4
    assert await ordered(turn) == queued, "the same request twice in a turn"


async def test_nothing_is_made_with_views_before_a_person_approved_them(turn: Turn, nova: str) -> None:
    queued = await ordered(turn)
    with pytest.raises(Refused, match="not there"):
        await approved(turn)
    await ended(turn, queued)
    picture = await make_picture(MakePictureAsk(prompt="Nova asleep", persona="Nova"), turn)
    assert (await face_of(turn, picture)) == (nova,)

    face = await approved(turn)
    assert (face.version, face.state, face.threshold) == (2, "locked", 0.7)
    async with turn.open_work(reads=True) as work:
        before = (await work.appearances.all(await nova_id(turn)))[1]
    assert (before.version, before.state, before.locked_by) == (1, "retired", "")
    picture = await make_picture(MakePictureAsk(prompt="Nova awake", persona="Nova"), turn)
    assert (await face_of(turn, picture)) == (nova, *(queued.views[side] for side in SIDES))


async def face_of(turn: Turn, queued: Any) -> tuple[str, ...]:
    async with turn.open_work(reads=True) as work:
        job = await work.jobs.get(cast(MediaQueued, queued).job)
    face = MakePicture.model_validate(job.payload).face
    assert face
    return face.views


async def test_a_view_that_shows_another_face_is_flagged_and_made_again(turn: Turn, nova: str) -> None:
    first = await ordered(turn)
    await ended(turn, first, profile="drifted")
    with pytest.raises(Refused, match="The profile view shows another face"):
        await approved(turn)

    again = await ordered(later(turn))
    assert (again.version, tuple(again.views)) == (2, ("profile",))
    assert again.in_words().startswith("1 view is being made from Nova's approved face: profile. Look at it")
    assert again.views["profile"] != first.views["profile"]
    await ended(turn, again)
    face = await approved(turn)
    assert face.views["profile"] == again.views["profile"]
    assert face.flags == {}
    third = await ordered(later(turn), "full-body")
    assert third.version == 3, "what is approved is not changed"
    async with turn.open_work(reads=True) as work:
        plan = MakePicture.model_validate((await work.jobs.get(third.jobs["full-body"])).payload)
    assert plan.face
    assert plan.face.views == (nova,), "by the seed alone, though there are other views by now"


async def test_another_face_does_not_slip_in_as_a_view_of_the_locked_one(turn: Turn, nova: str) -> None:
    queued = await ordered(turn)
    await ended(turn, queued)
    async with turn.open_work() as work:
        other = Asset(workspace=turn.principal.workspace, kind="picture", state="ready")
        work.session.add(other)
        await work.session.flush()
        face = next(one for one in await work.appearances.all(await nova_id(turn)) if one.version == 2)
        await work.appearances.put_view(face.id, "front", other.id)
    with pytest.raises(Conflict, match="Version 1 of the face is locked"):
        await approved(turn)


async def nova_id(turn: Turn) -> str:
    async with turn.open_work(reads=True) as work:
        return (await work.personas.named("Nova")).id


async def test_views_that_cannot_show_her_are_not_ordered(turn: Turn, nova: str) -> None:
    blind = replace(
        turn, settings=turn.settings.model_copy(update={"image_model": "openai:dall-e-3", "image_base_url": "http://x"})
    )
    with pytest.raises(Unavailable, match="cannot be given the persona's face"):
        await ordered(blind)
    with pytest.raises(Refused, match="The front is the seed"):
        await ordered(turn, "front")
    with pytest.raises(Forbidden):
        await ordered(replace(turn, principal=Principal(turn.principal.workspace, Kind.loop, "poster")))
    async with turn.open_work(reads=True) as work:
        assert not await work.jobs.recent()
        assert len(await work.appearances.all(await nova_id(turn))) == 1


async def test_a_face_that_nobody_approved_has_no_views(turn: Turn, nova: str) -> None:
    await unlock_appearance(NamePersona(persona="Nova"), turn)
    async with turn.open_work() as work:
        face = await work.appearances.used(await nova_id(turn))
        assert face
        await work.appearances.retire(face.id)
    with pytest.raises(Refused, match="no approved face"):
        await ordered(turn)
