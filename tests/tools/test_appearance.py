"""Is a persona's face only what a person approved, and does it stay that until a person unlocks it?"""

from dataclasses import replace
from typing import Any, Literal

import pytest

from gator.clock import now
from gator.errors import Conflict, Forbidden, GatorError, NotFound, Refused
from gator.principal import Kind, Principal
from memory import storage
from memory.models import Asset
from tools.appearance import (
    ApproveFace,
    Faces,
    FaceShown,
    NameFace,
    NamePersona,
    Proposed,
    PutView,
    SetThreshold,
    approve_appearance,
    lock_appearance,
    propose_appearance,
    put_view,
    retire_appearance,
    set_threshold,
    show_appearance,
    unlock_appearance,
)
from tools.capability import Capability, Turn
from tools.catalogue import CATALOGUE

NOVA = NamePersona(persona="Nova")


@pytest.fixture(autouse=True)
def nova(fan: Principal) -> None:
    """There, and a fan of hers."""


async def picture(turn: Turn, **more: Any) -> str:
    told = {"kind": "picture", "origin": "made", "state": "ready", "sha256": "cd" * 32, "provenance": {}, **more}
    async with turn.open_work() as work:
        asset = Asset(workspace=turn.principal.workspace, **told)
        work.session.add(asset)
        await work.session.flush()
        return asset.id


async def done(what: Capability, ask: Any, turn: Turn) -> FaceShown:
    face = await what(ask, turn)
    assert isinstance(face, FaceShown)
    return face


async def proposed(turn: Turn, **more: Any) -> FaceShown:
    seed = more.pop("seed", None) or await picture(turn)
    return await done(propose_appearance, Proposed(persona="Nova", seed=seed, **more), turn)


async def approved(turn: Turn) -> FaceShown:
    await proposed(turn)
    return await done(approve_appearance, ApproveFace(persona="Nova"), turn)


async def agreed(turn: Turn, kind: Literal["voice", "likeness"] = "likeness") -> str:
    async with turn.open_work() as work:
        row = await work.consents.add("Ada", kind, "Pictures.", given_at=now(), evidence_sha256="ab" * 32)
        return row.id


async def test_a_face_is_proposed_approved_and_locked(turn: Turn) -> None:
    side = await picture(turn)
    candidate = await proposed(turn, views={"profile": side})
    async with turn.open_work(reads=True) as work:
        [nova] = await work.personas.all()
        assert await work.appearances.used(nova.id) is None
    face = await done(approve_appearance, ApproveFace(persona="Nova"), turn)

    assert (candidate.state, face.state, face.locked_by) == ("candidate", "locked", str(turn.principal))
    assert face.views == {"front": candidate.views["front"], "profile": side}
    async with turn.open_work() as work:
        assert (used := await work.appearances.used(nova.id))
        assert used.id == face.id
        assert {row.action for row in await work.audit.recent()} >= {"appearance.propose", "appearance.approve"}
        with pytest.raises(Conflict, match="a face"):
            await storage.remove(work, side)


async def test_who_locked_it_is_told_by_name(turn: Turn) -> None:
    async with turn.open_work() as work:
        ada = await work.people.add_user("Ada", ["operator"])
    face = await approved(replace(turn, principal=replace(turn.principal, subject=ada.id)))

    assert face.locked_by == f"operator:{ada.id}"
    assert "is locked by Ada; " in face.in_words()


async def test_a_locked_face_changes_in_nothing(turn: Turn) -> None:
    await approved(turn)
    other = await picture(turn)
    for what, ask in (
        (put_view, PutView(persona="Nova", view="profile", asset=other)),
        (set_threshold, SetThreshold(persona="Nova", threshold=0.1)),
        (retire_appearance, NameFace(persona="Nova")),
        (approve_appearance, ApproveFace(persona="Nova")),
    ):
        with pytest.raises(Conflict, match="locked"):
            await what(ask, turn)
    await proposed(turn, seed=other)
    with pytest.raises(Conflict, match="Version 1 of the face is locked"):
        await approve_appearance(ApproveFace(persona="Nova", version=2), turn)


async def test_an_unlocked_face_is_used_until_another_takes_its_place(turn: Turn) -> None:
    await approved(turn)
    assert (await done(unlock_appearance, NOVA, turn)).state == "approved"
    assert (await done(set_threshold, SetThreshold(persona="Nova", threshold=0.8), turn)).threshold == 0.8
    assert (await done(lock_appearance, NOVA, turn)).state == "locked"
    await unlock_appearance(NOVA, turn)
    await proposed(turn)
    assert (await done(approve_appearance, ApproveFace(persona="Nova"), turn)).version == 2

    told = await show_appearance(NOVA, turn)
    assert isinstance(told, Faces)
    assert [(one.version, one.state) for one in told.faces] == [(2, "locked"), (1, "retired")]
    async with turn.open_work(reads=True) as work:
        assert "appearance.unlock" in {row.action for row in await work.audit.recent()}


async def test_nobody_but_a_person_who_works_here_moves_a_face(turn: Turn, fan: Principal) -> None:
    await approved(turn)
    names = {one.name for one in CATALOGUE}
    loop = Principal(turn.principal.workspace, Kind.loop, "poster")
    other = await picture(turn)
    asks: tuple[tuple[Capability, Any], ...] = (
        (propose_appearance, Proposed(persona="Nova", seed=other)),
        (approve_appearance, ApproveFace(persona="Nova")),
        (unlock_appearance, NOVA),
        (put_view, PutView(persona="Nova", view="front", asset=other)),
        (set_threshold, SetThreshold(persona="Nova", threshold=0.0)),
    )
    for what, ask in asks:
        assert what.name not in names, "a model has a tool for it"
        for stranger in (fan, loop):
            with pytest.raises(Forbidden):
                await what(ask, replace(turn, principal=stranger))


async def test_an_upload_says_whom_it_shows_and_a_real_person_agreed(turn: Turn) -> None:
    upload = await picture(turn, origin="operator")
    with pytest.raises(Refused, match="Whom does the picture show"):
        await proposed(turn, seed=upload)
    assert (await proposed(turn, seed=upload, shows="made")).shows == "made"
    with pytest.raises(Refused, match="needs their consent"):
        await proposed(turn, seed=upload, shows="real")
    with pytest.raises(Forbidden, match="not of their likeness"):
        await proposed(turn, seed=upload, shows="real", consent=await agreed(turn, "voice"))
    consent = await agreed(turn)
    assert (await proposed(turn, seed=upload, shows="real", consent=consent)).consent == consent
    async with turn.open_work() as work:
        await work.consents.revoke(consent)
    with pytest.raises(Forbidden, match="taken the consent back"):
        await approve_appearance(ApproveFace(persona="Nova"), turn)


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"kind": "video"}, Refused, "no picture"),
        ({"origin": "fan"}, Refused, "What a fan sent"),
        ({"state": "failed"}, Refused, "no picture"),
    ],
)
async def test_what_is_no_face_is_refused(turn: Turn, more: Any, error: type[GatorError], said: str) -> None:
    with pytest.raises(error, match=said):
        await proposed(turn, seed=await picture(turn, **more))


async def test_a_face_that_is_not_there_yet_is_not_approved(turn: Turn) -> None:
    with pytest.raises(NotFound, match="no face yet"):
        await approve_appearance(ApproveFace(persona="Nova"), turn)
    await proposed(turn, seed=await picture(turn, state="pending"))
    with pytest.raises(Refused, match="not there"):
        await approve_appearance(ApproveFace(persona="Nova"), turn)


async def test_a_face_is_approved_as_it_was_seen(turn: Turn) -> None:
    seen = await proposed(turn)
    await put_view(PutView(persona="Nova", view="profile", asset=await picture(turn)), turn)
    with pytest.raises(Conflict, match="other pictures by now"):
        await approve_appearance(ApproveFace(persona="Nova", version=seen.version, views=seen.views), turn)
    told = await show_appearance(NOVA, turn)
    assert isinstance(told, Faces)
    face = told.faces[0]
    assert (await done(approve_appearance, ApproveFace(persona="Nova", version=1, views=face.views), turn)).locked_by


async def test_what_was_made_by_a_consent_is_no_invented_face(turn: Turn) -> None:
    consent = await agreed(turn)
    hers = await picture(turn, provenance={"consents": [consent]})
    with pytest.raises(Refused, match="a real person's consent"):
        await proposed(turn, seed=hers, shows="made")
    with pytest.raises(Refused, match="needs their consent"):
        await proposed(turn, seed=hers)
    assert (await proposed(turn, seed=hers, shows="real", consent=consent)).consent == consent
    coming = await picture(turn, state="pending")
    await proposed(turn, seed=coming)
    async with turn.open_work() as work:  # what it is made by is known when it is there
        asset = await work.assets.get(coming)
        asset.state, asset.provenance = "ready", {"consents": [consent]}
    with pytest.raises(Refused, match="A real person is seen"):
        await approve_appearance(ApproveFace(persona="Nova"), turn)
