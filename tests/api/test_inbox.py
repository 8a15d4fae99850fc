"""Operators in the loop over REST: the inbox, taking over, handing back, dead letters."""

from typing import Any

import httpx
import pytest

from bots.core import Core
from bots.inbox import cursor_of, place_of
from gator.errors import Refused
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Conversation
from memory.repositories.handoffs import Place
from tests.api.conftest import SignedIn


async def a_chat(core: Core, fan: Principal, text: str = "hello", channel: str = "web", name: str = "") -> Conversation:
    """A conversation of the fan's persona in which the fan has said something that nobody is about to answer."""
    async with core.store.open_work(fan) as work:
        known = await work.people.meet_fan(channel, name or fan.subject, name or "Ada")
        pair = {"persona_id": fan.persona, "fan_id": known.id}
        row = await work.conversations.meet(channel, "", new_id(), **pair)
        await work.conversations.say(row.id, "fan", text)
        return row


async def audited(core: Core, who: Principal, action: str) -> list[Any]:
    async with core.store.open_work(who, reads=True) as work:
        return [row for row in await work.audit.recent() if row.action == action]


async def test_the_inbox_shows_who_waits_first_and_pages_without_gaps(
    core: Core, owner: httpx.AsyncClient, operator: Principal, fan: Principal
) -> None:
    rooms = [await a_chat(core, fan, f"line {n}", name=f"Fan {n}") for n in range(5)]
    async with core.store.open_work(operator) as work:
        await work.handoffs.want(rooms[0].id, "gator", "crisis")
        await work.handoffs.want(rooms[2].id, "fan", "asked", "please")

    whole = (await owner.get("/api/v1/inbox")).json()["items"]
    assert [row["conversation"] for row in whole] == [rooms[n].id for n in (2, 0, 4, 3, 1)]
    assert (whole[0]["wanted_for"], whole[0]["wanted_text"], whole[1]["wanted_for"]) == ("asked", "please", "crisis")
    assert (whole[0]["fan"], whole[0]["persona"], whole[0]["last"]["text"]) == ("Fan 2", "Nova", "line 2")
    assert whole[0]["last"]["author"] == "fan"

    paged: list[str] = []
    before: dict[str, str] = {}
    while True:
        page = (await owner.get("/api/v1/inbox", params={"limit": 2, **before})).json()
        paged += [row["conversation"] for row in page["items"]]
        if not page["next"]:
            break
        before = {"before": page["next"]}
    assert paged == [row["conversation"] for row in whole]
    wanted = (await owner.get("/api/v1/inbox", params={"wanted": True})).json()["items"]
    assert len(wanted) == 2


def test_a_cursor_that_is_none_is_refused() -> None:
    for text in ("", "w", "w12", "x12.abc", "w-1.zz", "wffffffffffffffffffff." + new_id(), "o12.not-an-id"):
        with pytest.raises(Refused):
            place_of(text)


def test_a_cursor_comes_back_exactly() -> None:
    from gator.clock import now

    row = Conversation(id=new_id(), last_at=now(), wanted_at=now())
    assert place_of(cursor_of(row)) == Place.of(row)


async def test_a_conversation_is_taken_answered_noted_and_handed_back(
    core: Core, owner: httpx.AsyncClient, operator: Principal, fan: Principal
) -> None:
    room = await a_chat(core, fan)
    at = f"/api/v1/conversations/{room.id}"
    assert (await owner.post(f"{at}/say", json={"text": "too early"})).status_code == 409

    taken = await owner.post(f"{at}/take")
    assert taken.status_code == 200
    assert taken.json()["mine"]
    conflict = await owner.post(f"{at}/take")
    assert (conflict.status_code, "`over`" in conflict.json()["remedy"]) == (409, True)
    assert (await owner.post(f"{at}/take", json={"over": True})).status_code == 200
    for _ in range(2):  # the same key again is the same message
        said = await owner.post(f"{at}/say", json={"text": "I am Kim."}, headers={"Idempotency-Key": "one"})
        assert said.status_code == 201
    assert (await owner.post(f"{at}/notes", json={"text": "likes maps"})).status_code == 201
    mine = (await owner.get("/api/v1/inbox", params={"mine": True})).json()["items"]
    assert [row["conversation"] for row in mine] == [room.id]
    back = await owner.post(f"{at}/hand-back", json={"summary": "we talked about maps"})
    assert not back.json()["taken_by"]

    kinds = [(one["kind"], one["text"]) for one in (await owner.get(f"{at}/handoffs")).json()]
    assert kinds == [("taken", ""), ("taken", ""), ("note", "likes maps"), ("returned", "we talked about maps")]
    texts = [one["text"] for one in (await owner.get(f"{at}/messages")).json()["items"]]
    assert texts.count("I am Kim.") == 1
    for what, times in (("conversation.taken", 2), ("conversation.returned", 1)):
        assert len(await audited(core, operator, what)) == times
    assert len(await audited(core, operator, "conversation.read")) == 2


async def test_a_person_can_be_asked_for_with_a_reason(core: Core, owner: httpx.AsyncClient, fan: Principal) -> None:
    room = await a_chat(core, fan)
    row = (await owner.post(f"/api/v1/conversations/{room.id}/want", json={"reason": "angry"})).json()
    assert (row["wanted_for"], row["wanted_text"]) == ("operator", "angry")


async def test_a_suggestion_is_not_sent(core: Core, owner: httpx.AsyncClient, fan: Principal, lines: list[Any]) -> None:
    room = await a_chat(core, fan, "what is a spring tide?")
    lines.append("The big one.")
    answer = await owner.post(f"/api/v1/conversations/{room.id}/suggest")
    assert answer.json()["text"].endswith("The big one.")
    texts = [one["text"] for one in (await owner.get(f"/api/v1/conversations/{room.id}/messages")).json()["items"]]
    assert texts == ["what is a spring tide?"]


async def test_a_reviewer_reads_and_does_not_answer(core: Core, signed_in: SignedIn, fan: Principal) -> None:
    room = await a_chat(core, fan)
    reviewer = await signed_in("reviewer")
    assert (await reviewer.get("/api/v1/inbox")).status_code == 200
    assert (await reviewer.post(f"/api/v1/conversations/{room.id}/take")).status_code == 403
    viewer = await signed_in("viewer")
    assert (await viewer.get("/api/v1/inbox")).status_code == 403


async def test_dead_letters_are_shown_with_why_and_settled_by_a_person(
    core: Core, owner: httpx.AsyncClient, operator: Principal, fan: Principal
) -> None:
    room = await a_chat(core, fan, channel="telegram")
    ids = {}
    async with core.store.open_work(operator) as work:
        for state, error in (("failed", "blocked by the fan"), ("unconfirmed", "timed out"), ("failed", "gone")):
            message = await work.conversations.say(room.id, "persona", f"{state} words")
            id = await work.outbox.put(room, message, new_id())
            await work.outbox.give_up(id, state, error)
            ids[f"{state} {error}"] = id

    listed = (await owner.get("/api/v1/letters")).json()["items"]
    assert [one["why"].split()[-1] for one in listed] == ["gone", "out", "fan"]
    assert "twice" in listed[1]["warning"]
    assert (listed[0]["text"], listed[0]["fan"], listed[0]["persona"]) == ("failed words", "Ada", "Nova")

    again = (await owner.post(f"/api/v1/letters/{ids['unconfirmed timed out']}/retry")).json()
    assert (again["state"], "twice" in again["warning"]) == ("pending", True)
    assert (await owner.post(f"/api/v1/letters/{ids['failed gone']}/retry")).json()["warning"] == ""
    dropped = await owner.post(f"/api/v1/letters/{ids['failed blocked by the fan']}/drop")
    assert dropped.json()["state"] == "dropped"
    assert (await owner.post(f"/api/v1/letters/{ids['failed blocked by the fan']}/retry")).status_code == 409
    assert not (await owner.get("/api/v1/letters")).json()["items"]
    assert len(await audited(core, operator, "letter.retry")) == 2
    assert len(await audited(core, operator, "letter.drop")) == 1
