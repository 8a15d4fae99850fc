"""Files over REST: for a conversation of one's own, decoded before they are kept, answered like any other message."""

import asyncio
from typing import Any

import httpx
import pytest

from bots.core import Core
from gator.principal import Principal, service
from memory.founding import principal_of
from memory.models import Conversation
from tests import files
from tests.api.conftest import session_of
from tests.api.test_socket import lined


async def upload(
    client: httpx.AsyncClient, chat: Conversation, body: bytes, name: str = "a.bin", **headers: str
) -> Any:
    sent = {"file": (name, body, "application/octet-stream")}
    return await client.post(f"/api/v1/conversations/{chat.id}/attachments", files=sent, headers=headers)


async def test_a_picture_is_uploaded_named_in_a_message_and_answered(
    fan_client: httpx.AsyncClient, chat: Conversation, core: Core, lines: list[Any]
) -> None:
    lines.append("I cannot see it. What is it?")
    answer = await upload(fan_client, chat, files.located_photo(), "C:\\photos\\cat.jpg")
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["kind"], shown["title"], shown["width_px"]) == ("picture", "cat.jpg", 48)
    file = await fan_client.get(shown["url"])
    assert file.headers["content-type"] == "image/jpeg"
    assert b"Telephone" not in file.content
    path = f"/api/v1/conversations/{chat.id}/messages"
    said = await fan_client.post(path, json={"text": "look", "attachments": [shown["attachment"]]})
    assert said.status_code == 202, said.text
    async with asyncio.timeout(20):
        while not (told := [one for one in await window(core, chat) if one.author == "persona"]):
            await asyncio.sleep(0.02)
    assert told[0].text == "I cannot see it. What is it?"
    (message,) = [one for one in await window(core, chat) if one.author == "fan"]
    assert message.assets == [shown["attachment"]]


async def window(core: Core, chat: Conversation) -> Any:
    async with core.store.open_work(service(chat.workspace, "tests"), reads=True) as work:
        return await work.conversations.window(chat.id)


async def test_a_voice_note_as_browsers_record_it_is_taken(fan_client: httpx.AsyncClient, chat: Conversation) -> None:
    for body in (files.sound("webm", "libopus"), files.sound("mp4", "aac")):
        answer = await upload(fan_client, chat, body, "voice.webm")
        assert (answer.json()["kind"], answer.json()["mime"]) == ("voice", "audio/mpeg")


async def test_the_same_key_again_is_the_same_file(fan_client: httpx.AsyncClient, chat: Conversation) -> None:
    key = {"Idempotency-Key": "one"}
    first, again = [(await upload(fan_client, chat, files.picture(), **key)).json() for _ in range(2)]
    assert first["attachment"] == again["attachment"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (files.bomb(), "too large"),
        (files.archive(), "Archives"),
        (files.SVG, "not taken"),
        (b"\xff\xd8\xff", "decoded"),
    ],
)
async def test_what_is_not_taken_is_refused_with_a_reason(
    body: bytes, words: str, fan_client: httpx.AsyncClient, chat: Conversation
) -> None:
    answer = await upload(fan_client, chat, body, "cat.jpg")
    assert answer.status_code == 422
    assert words in answer.text


async def test_a_body_over_the_limit_and_a_form_without_a_file_are_refused(
    fan_client: httpx.AsyncClient, chat: Conversation
) -> None:
    assert (await upload(fan_client, chat, bytes(52 << 20))).status_code == 413
    path = f"/api/v1/conversations/{chat.id}/attachments"
    assert (await fan_client.post(path, data={"file": "words"})).status_code == 422
    broken = {"content-type": "multipart/form-data"}
    assert (await fan_client.post(path, content=b"--x", headers=broken)).status_code == 400


async def test_nobody_uploads_into_anothers_conversation_or_without_end(
    fan_client: httpx.AsyncClient, owner: httpx.AsyncClient, chat: Conversation, core: Core, operator: Principal
) -> None:
    theirs = await core.converse(operator)
    assert (await upload(fan_client, theirs, files.picture())).status_code == 404
    assert (await upload(owner, chat, files.picture())).status_code == 403
    seen = {(await upload(fan_client, theirs, b"x")).status_code for _ in range(12)}
    assert seen == {404, 429}


async def test_whoever_answers_in_the_bots_place_sends_files_too(
    served: str, anybody: httpx.AsyncClient, chat: Conversation, core: Core, operator: Principal
) -> None:
    session = await session_of(core, operator.workspace, "operator")
    async with core.store.open_work(operator, reads=True) as work:
        user = await work.people.user_named("a-operator")
    assert user
    anybody.headers["Authorization"] = f"Bearer {session.access}"
    assert (await upload(anybody, chat, files.picture())).status_code == 403
    await core.desk.take(principal_of(user), chat.id)
    sent = (await upload(anybody, chat, files.picture())).json()["attachment"]
    async with lined(served, user.id, session.access) as desk:
        for id in (sent, "nowhere"):
            await desk.send("send_message", conversation_id=chat.id, content="", attachments=[id])
        await desk.until("message_accepted")
        assert "no attachment" in (await desk.until("error"))["message"]
    (message,) = [one for one in await window(core, chat) if one.author == "operator"]
    assert (message.text, message.assets) == ("", [sent])


async def test_an_operator_sends_a_fan_files_over_rest(
    owner: httpx.AsyncClient, core: Core, chat: Conversation
) -> None:
    path = f"/api/v1/conversations/{chat.id}"
    await owner.post(f"{path}/take")
    id = (await upload(owner, chat, files.located_photo(), "harbour.jpg")).json()["attachment"]
    for _ in range(2):  # the same key again is the same message
        said = await owner.post(f"{path}/say", json={"attachments": [id]}, headers={"Idempotency-Key": "one"})
        assert said.status_code == 201, said.text
    assert (await owner.post(f"{path}/say", json={})).status_code == 422
    assert (await owner.post(f"{path}/say", json={"text": "x", "attachments": ["nothing"]})).status_code == 404
    sent = [one.assets for one in await window(core, chat) if one.author == "operator"]
    assert sent == [[id]]
