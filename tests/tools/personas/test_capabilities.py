"""Do operators get the personas they ask for, with versions, words for what changed, and no child among them?"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from gator.errors import Conflict, NotFound, Refused
from gator.principal import Principal
from memory import storage
from memory.models import Asset, Outbound
from tools.capability import Capability, Nothing, Shape, Turn
from tools.personas.capabilities import (
    change_persona,
    create_persona,
    list_personas,
    pause_persona,
    preview_removal,
    remove_persona,
    resume_persona,
    roll_back_persona,
    show_persona,
    show_persona_history,
)
from tools.personas.character import Character
from tools.personas.shapes import ChangePersona, CreatePersona, NamePersona, PersonaShown, RollBackPersona


def later(turn: Turn, number: int) -> Turn:
    """Another turn of the same operator."""
    return replace(turn, id=f"01900000-0000-7000-8000-{number:012}")


async def do(what: Capability, ask: Shape, turn: Turn) -> Any:
    """Through the capability's own door, which checks the audience."""
    return await what(ask, turn)


async def make_nova(turn: Turn) -> PersonaShown:
    ask = CreatePersona(name="Nova", occupation="barista", home="Lisbon", interests=["coffee", "tide pools"])
    made: PersonaShown = await do(create_persona, ask, turn)
    return made


async def character_of(turn: Turn, name: str) -> Character:
    async with turn.open_work(reads=True) as work:
        return Character.model_validate((await work.personas.named(name)).character)


async def test_a_persona_made_twice_in_a_turn_is_one(turn: Turn) -> None:
    first, second = await make_nova(turn), await make_nova(turn)

    assert first == second
    assert (first.slug, first.version, first.changed) == ("nova", 1, ["created"])
    assert "barista" in first.in_words()


async def test_the_age_is_the_one_that_the_description_says(turn: Turn) -> None:
    ask = CreatePersona(name="Mira", description="A 31-year-old astronomer who bakes.")
    await do(create_persona, ask, turn)
    await do(create_persona, CreatePersona(name="Tom", description="A cheerful gardener."), later(turn, 2))

    assert (await character_of(turn, "mira")).age == 31
    assert (await character_of(turn, "tom")).age == 25


@pytest.mark.parametrize(
    "ask",
    [
        CreatePersona(name="Kim", age=17),
        CreatePersona(name="Kim", description="A 16-year-old singer."),
        CreatePersona(name="Kim", age=22, backstory="Kim is a high school student who sneaks out at night."),
    ],
)
async def test_a_minor_is_refused_with_the_reason(turn: Turn, ask: CreatePersona) -> None:
    with pytest.raises(Refused, match="adult"):
        await do(create_persona, ask, turn)


@pytest.mark.parametrize(
    ("field", "value"), [("time_zone", "Mars/Olympus"), ("languages", ["english please"]), ("age", 121), ("name", " ")]
)
async def test_what_does_not_fit_is_named(turn: Turn, field: str, value: object) -> None:
    ask = CreatePersona.model_validate({"name": "Kim", field: value})

    with pytest.raises(Refused, match=field):
        await do(create_persona, ask, turn)


async def test_a_name_is_given_once_in_any_case(turn: Turn) -> None:
    await make_nova(turn)

    with pytest.raises(Conflict, match="NOVA"):
        await do(create_persona, CreatePersona(name="NOVA"), later(turn, 2))


async def test_names_that_look_alike_in_urls_get_slugs_of_their_own(turn: Turn) -> None:
    slugs = [
        (await do(create_persona, CreatePersona(name=name), later(turn, number))).slug
        for number, name in enumerate(["Zoë", "Zoe", "Gator", "ノヴァ"])
    ]

    assert slugs[:3] == ["zoe", "zoe-2", "gator-2"]
    assert slugs[3].startswith("persona-")


async def test_a_boundary_a_quirk_and_a_phrase_are_put_on_and_taken_off(turn: Turn) -> None:
    await make_nova(turn)
    on = ChangePersona(
        persona="nova",
        add_boundaries=["Gives no medical advice."],
        add_quirks=["hums"],
        add_signature_phrases=["Look up."],
        add_forbidden_phrases=["darling"],
    )
    off = ChangePersona(
        persona="nova",
        remove_boundaries=["gives no medical advice"],
        remove_quirks=["hums"],
        remove_signature_phrases=["look up."],
        remove_forbidden_phrases=["Darling"],
    )
    before = await character_of(turn, "nova")

    await do(change_persona, on, later(turn, 2))
    put_on = await character_of(turn, "nova")
    await do(change_persona, off, later(turn, 3))

    assert (put_on.boundaries[-1], put_on.speech.quirks[-1]) == ("Gives no medical advice.", "hums")
    assert await character_of(turn, "nova") == before
    with pytest.raises(Refused, match="among the forbidden phrases"):
        await do(change_persona, ChangePersona(persona="nova", remove_forbidden_phrases=["darling"]), later(turn, 4))


async def test_a_change_says_what_changed_and_happens_once(turn: Turn) -> None:
    await make_nova(turn)
    ask = ChangePersona(
        persona="nova", occupation="marine biologist", add_interests=["whales"], remove_interests=["Coffee"]
    )

    changed = await do(change_persona, ask, later(turn, 2))
    again = await do(change_persona, ask, later(turn, 2))

    assert changed.changed == ["occupation: barista -> marine biologist", "interests: +whales, -coffee"]
    assert changed.version == 2
    assert again == changed


async def test_a_new_name_is_remembered_when_the_turn_runs_again(turn: Turn) -> None:
    await make_nova(turn)
    ask = ChangePersona(persona="Nova", name="Stella")

    first = await do(change_persona, ask, later(turn, 2))

    assert await do(change_persona, ask, later(turn, 2)) == first
    assert (first.name, first.slug) == ("Stella", "nova")


async def test_a_change_that_changes_nothing_is_no_version(turn: Turn) -> None:
    await make_nova(turn)

    same = await do(change_persona, ChangePersona(persona="nova", occupation="barista"), later(turn, 2))

    assert (same.version, same.changed) == (1, [])
    assert "Nothing to change" in same.in_words()


async def test_what_is_not_there_cannot_be_taken_away(turn: Turn) -> None:
    await make_nova(turn)

    with pytest.raises(Refused, match="tide pools"):
        await do(change_persona, ChangePersona(persona="nova", remove_interests=["chess"]), later(turn, 2))


async def test_nobody_is_changed_into_a_minor(turn: Turn) -> None:
    await make_nova(turn)

    with pytest.raises(Refused, match="adult"):
        await do(change_persona, ChangePersona(persona="nova", age=15), later(turn, 2))
    with pytest.raises(Refused, match="backstory"):
        await do(change_persona, ChangePersona(persona="nova", backstory="She is 15 years old."), later(turn, 2))


async def test_rolling_back_makes_a_new_version_and_keeps_the_old(turn: Turn) -> None:
    await make_nova(turn)
    await do(change_persona, ChangePersona(persona="nova", occupation="diver", note="dreams"), later(turn, 2))

    back = await do(roll_back_persona, RollBackPersona(persona="nova"), later(turn, 3))
    again = await do(roll_back_persona, RollBackPersona(persona="nova"), later(turn, 3))
    history = await do(show_persona_history, NamePersona(persona="nova"), turn)

    assert again == back
    assert (back.version, back.changed) == (3, ["occupation: diver -> barista"])
    assert [one.note for one in history.versions] == ["made", "dreams", "back to version 1"]
    assert history.versions[1].changes == ["occupation: barista -> diver"]
    assert "version 2" in history.in_words()


async def test_who_changed_a_persona_is_told_by_name(turn: Turn) -> None:
    async with turn.open_work() as work:
        ada = await work.people.add_user("Ada", ["operator"])
    await make_nova(replace(turn, principal=replace(turn.principal, subject=ada.id)))

    told = (await do(show_persona_history, NamePersona(persona="nova"), turn)).in_words()

    assert "UTC, Ada: " in told
    assert ada.id not in told


async def test_a_version_that_never_was_is_not_found(turn: Turn) -> None:
    await make_nova(turn)

    with pytest.raises(NotFound, match="no version 9"):
        await do(roll_back_persona, RollBackPersona(persona="nova", version=9), later(turn, 2))
    with pytest.raises(Refused, match="only one"):
        await do(roll_back_persona, RollBackPersona(persona="nova"), later(turn, 2))


async def test_a_removed_persona_is_gone_and_its_name_free(turn: Turn) -> None:
    await make_nova(turn)

    removed = await do(remove_persona, NamePersona(persona="nova"), later(turn, 2))
    again = await do(remove_persona, NamePersona(persona="nova"), later(turn, 2))
    new = await do(create_persona, CreatePersona(name="Nova"), later(turn, 3))

    assert removed.changed == again.changed == ["removed"]
    assert new.slug == "nova-2"
    assert new.id != removed.id


async def test_what_is_made_for_a_removed_persona_stops_and_her_face_keeps_no_picture(turn: Turn) -> None:
    await make_nova(turn)
    async with turn.open_work() as work:
        nova = await work.personas.named("Nova")
        seed = Asset(workspace=nova.workspace, kind="picture", state="ready")
        work.session.add(seed)
        await work.session.flush()
        face = await work.appearances.propose(nova.id, seed.id, shows="made", consent_id=None, views={})
        await work.appearances.approve(face.id)
        job = await work.jobs.queue("picture.card", {}, key="one", makes="picture", persona_id=nova.id)

    await do(remove_persona, NamePersona(persona="nova"), later(turn, 2))
    async with turn.open_work() as work:
        assert (await work.jobs.get(job.id)).state == "cancelled"
        assert (await work.appearances.get(face.id)).state == "retired"
        await storage.remove(work, seed.id)


async def test_a_pause_holds_back_what_the_persona_had_yet_to_send(turn: Turn, fan: Principal) -> None:
    async with turn.open_work() as work:
        room = await work.conversations.meet("telegram", "", "1", persona_id=fan.persona, fan_id=fan.subject)
        for speaker in ("bot", "person", "code"):
            message = await work.conversations.say(room.id, "persona", speaker)
            await work.outbox.put(room, message, speaker, speaker=speaker)

    await do(pause_persona, NamePersona(persona="Nova"), turn)

    async with turn.open_work(reads=True) as work:
        states = {row.speaker: row.state for row in await work.session.scalars(select(Outbound))}
    assert states == {"bot": "dropped", "person": "pending", "code": "pending"}


async def test_a_paused_persona_shows_as_paused_until_resumed(turn: Turn) -> None:
    await make_nova(turn)

    await do(pause_persona, NamePersona(persona="Nova"), later(turn, 2))
    paused = await do(list_personas, Nothing(), turn)
    await do(resume_persona, NamePersona(persona="Nova"), later(turn, 3))
    resumed = await do(list_personas, Nothing(), turn)

    assert [one.paused for one in paused.personas] == [True]
    assert "[paused]" in paused.in_words()
    assert [one.paused for one in resumed.personas] == [False]


async def test_the_sheet_shows_what_is_known(turn: Turn) -> None:
    await make_nova(turn)

    shown = await do(show_persona, NamePersona(persona="NOVA"), turn)

    assert shown.changed == []
    for line in ("Name: Nova", "Age: 25", "Occupation: barista", "Interests: coffee, tide pools"):
        assert line in shown.in_words().splitlines()


async def test_every_change_is_in_the_audit_log(turn: Turn) -> None:
    await make_nova(turn)
    await do(change_persona, ChangePersona(persona="nova", home="Porto"), later(turn, 2))
    await do(pause_persona, NamePersona(persona="nova"), later(turn, 3))
    await do(remove_persona, NamePersona(persona="nova"), later(turn, 4))

    async with turn.open_work(reads=True) as work:
        rows = await work.audit.recent()
        assert await work.audit.first_broken() is None

    assert [row.action for row in rows[:4]] == [
        "persona.remove",
        "persona.pause",
        "persona.change",
        "persona.create",
    ]
    assert rows[2].detail == {"version": 2, "fields": ["home"]}


async def test_two_personas_of_one_name_at_once_are_one(turn: Turn) -> None:
    asks = [do(create_persona, CreatePersona(name="Nova"), later(turn, number)) for number in range(4)]

    results = await asyncio.gather(*asks, return_exceptions=True)

    assert sum(isinstance(one, PersonaShown) for one in results) == 1
    assert sum(isinstance(one, Conflict) for one in results) == 3


async def test_changes_at_once_all_count(turn: Turn) -> None:
    await make_nova(turn)
    asks = [
        do(change_persona, ChangePersona(persona="nova", add_traits=[f"trait {number}"]), later(turn, 10 + number))
        for number in range(4)
    ]

    await asyncio.gather(*asks)

    assert sorted((await character_of(turn, "nova")).traits) == [f"trait {number}" for number in range(4)]


async def test_what_goes_with_a_persona_is_said_in_the_language_of_whoever_approves(turn: Turn) -> None:
    await make_nova(turn)
    asked, said = await preview_removal(NamePersona(persona="Nova"), replace(turn, language="de"))
    assert asked == NamePersona(persona="nova")
    assert said.startswith("Nova (nova) endgültig entfernen, mit keinen Fans und keinen Beiträgen.")
