"""Do conversations over REST belong to those who have them?"""

import asyncio
import json
from typing import Any

import httpx

from bots.core import Core
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Conversation
from tests.api.conftest import SignedIn


async def texts(client: httpx.AsyncClient, conversation: str) -> list[str]:
    items = (await client.get(f"/api/v1/conversations/{conversation}/messages")).json()["items"]
    return [one["text"] for one in items]


async def test_a_fan_says_something_once_and_reads_the_answer(
    fan_client: httpx.AsyncClient, chat: Conversation, lines: list[Any]
) -> None:
    lines.append("A low tide, dear.")
    path = f"/api/v1/conversations/{chat.id}/messages"
    named = {"Idempotency-Key": "first"}
    said = await fan_client.post(path, json={"text": "What tide?"}, headers=named)
    again = await fan_client.post(path, json={"text": "What tide?"}, headers=named)

    assert (said.status_code, said.headers["location"]) == (202, path)
    assert (said.json()["duplicate"], again.json()["duplicate"]) == (False, True)
    for _ in range(400):
        if "A low tide, dear." in (known := " ".join(await texts(fan_client, chat.id))):
            break
        await asyncio.sleep(0.02)
    assert "A low tide, dear." in known
    assert known.count("What tide?") == 1


async def test_a_fan_reads_their_own_conversation_only(
    fan_client: httpx.AsyncClient, core: Core, chat: Conversation, operator: Principal, nova: Any
) -> None:
    async with core.store.open_work(operator) as work:
        other = await work.people.meet_fan("web", "fan-2", "Bo")
        theirs = await work.conversations.meet("web", "", "t", persona_id=nova.id, fan_id=other.id)
        elsewhere = await work.conversations.meet("web", "", "u", user_id=operator.subject)
        await work.conversations.say(theirs.id, "fan", "my secret")
    for foreign in (theirs.id, elsewhere.id, new_id(), "nonsense"):
        for path in ("", "/messages"):
            answer = await fan_client.get(f"/api/v1/conversations/{foreign}{path}")
            assert answer.status_code == 404, foreign
            assert "my secret" not in answer.text
        answer = await fan_client.post(f"/api/v1/conversations/{foreign}/messages", json={"text": "hi"})
        assert answer.status_code == 404
    assert (await fan_client.get(f"/api/v1/conversations/{chat.id}")).json()["id"] == chat.id
    assert (await fan_client.get("/api/v1/conversations")).status_code == 403


async def test_a_fans_token_for_one_persona_opens_no_conversation_with_another(
    fan_client: httpx.AsyncClient, core: Core, fan: Principal, operator: Principal
) -> None:
    from tests.api.conftest import add_persona

    orla = await add_persona(core, operator, "Orla")
    async with core.store.open_work(operator) as work:
        row = await work.conversations.meet("web", "", "orla", persona_id=orla.id, fan_id=fan.subject)
    assert (await fan_client.get(f"/api/v1/conversations/{row.id}")).status_code == 404


async def test_an_operator_talks_with_gator_in_threads(
    signed_in: SignedIn, owner: httpx.AsyncClient, lines: list[Any]
) -> None:
    client = await signed_in("operator")
    main = await client.post("/api/v1/conversations", json={})
    again = await client.post("/api/v1/conversations", json={})
    other = await client.post("/api/v1/conversations", json={"thread": "launch"})

    assert main.status_code == 201
    assert main.json()["id"] == again.json()["id"] != other.json()["id"]
    theirs = f"/api/v1/conversations/{main.json()['id']}"
    assert (await owner.get(theirs)).status_code == 200
    assert (await owner.post(f"{theirs}/messages", json={"text": "hi"})).status_code == 403


async def test_a_reviewer_reads_which_is_written_down_and_cannot_speak(
    signed_in: SignedIn, core: Core, operator: Principal, chat: Conversation
) -> None:
    reviewer, viewer = await signed_in("reviewer"), await signed_in("viewer")
    path = f"/api/v1/conversations/{chat.id}"
    assert (await reviewer.get(f"{path}/messages")).status_code == 200
    assert (await reviewer.post(f"{path}/messages", json={"text": "hi"})).status_code == 403
    assert (await viewer.get(f"{path}/messages")).status_code == 403
    async with core.store.open_work(operator, reads=True) as work:
        assert [(row.action, row.subject) for row in await work.audit.recent()] == [("conversation.read", chat.id)]


async def test_messages_are_read_page_by_page(
    fan_client: httpx.AsyncClient, core: Core, fan: Principal, chat: Conversation
) -> None:
    async with core.store.open_work(fan) as work:
        for number in range(7):
            await work.conversations.say(chat.id, "persona", str(number))
    path, pages, before = f"/api/v1/conversations/{chat.id}/messages", [], None
    while True:
        page = (await fan_client.get(path, params={"limit": 3} | ({"before": before} if before else {}))).json()
        pages.append([one["text"] for one in page["items"]])
        before = page["next"]
        if before is None:
            break
    assert pages == [["4", "5", "6"], ["1", "2", "3"], ["0"]]


async def test_an_export_holds_everything_and_is_audited(
    owner: httpx.AsyncClient, core: Core, fan: Principal, chat: Conversation
) -> None:
    async with core.store.open_work(fan) as work:
        for number in range(210):
            await work.conversations.say(chat.id, "fan", str(number))
    export = (await owner.get(f"/api/v1/conversations/{chat.id}/export")).json()
    audit = (await owner.get("/api/v1/audit")).json()["items"]

    assert [one["text"] for one in export["messages"]] == [str(number) for number in range(210)]
    assert audit[0]["action"] == "conversation.export"
    assert (await owner.get("/api/v1/audit/verify")).json() == {"whole": True, "first_broken": None}


async def test_rows_of_another_workspace_are_not_there(
    owner: httpx.AsyncClient, core: Core, stranger: Principal
) -> None:
    async with core.store.open_work(stranger) as work:
        foreign = await work.conversations.meet("web", "", "x", user_id=stranger.subject)
        job = await work.jobs.queue("picture.card", {"text": "x"}, key="k", makes="picture")
        persona = await work.personas.create("zed", "Zed", {"name": "Zed", "age": 30}, author="tests")
    paths = [
        f"/api/v1/conversations/{foreign.id}",
        f"/api/v1/conversations/{foreign.id}/messages",
        f"/api/v1/conversations/{foreign.id}/export",
        f"/api/v1/jobs/{job.id}",
        f"/api/v1/content/{job.asset_id}",
        f"/api/v1/personas/{persona.id}",
        "/api/v1/personas/zed",
    ]
    for path in paths:
        assert (await owner.get(path)).status_code == 404, path
    for path in (f"/api/v1/jobs/{job.id}/cancel", f"/api/v1/jobs/{job.id}/retry"):
        assert (await owner.post(path)).status_code == 404, path
    for listing in ("conversations", "jobs", "content", "personas", "posts", "approvals", "audit"):
        text = json.dumps((await owner.get(f"/api/v1/{listing}")).json())
        assert foreign.id not in text
        assert job.id not in text
        assert "Zed" not in text
