"""Are files and jobs beyond a workspace's limit refused at each door, and does the API say how full it is?"""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from bots.core import Core
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Conversation
from tests import files
from tests.api.test_public import add_asset
from tests.api.test_uploads import upload


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"media_quota_files": 2})


async def test_an_upload_is_refused_before_it_is_read_and_what_is_there_is_told_again(
    fan_client: httpx.AsyncClient, core: Core, operator: Principal, chat: Conversation
) -> None:
    await add_asset(core, operator)
    key = {"Idempotency-Key": "one"}
    first = await upload(fan_client, chat, files.picture(), **key)
    again = await upload(fan_client, chat, files.picture(), **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["attachment"] == again.json()["attachment"]

    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"--x\r\n"

    told = {"content-type": "multipart/form-data; boundary=x"}
    refused = await fan_client.post(f"/api/v1/conversations/{chat.id}/attachments", content=body(), headers=told)
    assert (refused.status_code, read) == (422, 0)
    assert refused.json()["detail"] == "There is no room for more files here."


async def test_of_files_that_come_at_once_no_more_are_kept_than_there_is_room_for(
    fan_client: httpx.AsyncClient, chat: Conversation
) -> None:
    sent = await asyncio.gather(*(upload(fan_client, chat, files.picture()) for _ in range(4)))
    assert sorted(one.status_code for one in sent) == [201, 201, 422, 422]


async def test_the_api_says_how_full_it_is_and_queues_nothing_more(
    owner: httpx.AsyncClient, core: Core, operator: Principal
) -> None:
    first = await add_asset(core, operator)
    assert (await owner.get("/api/v1/content/usage")).json() == {
        "files": 1,
        "size_bytes": first.size_bytes,
        "most_files": 2,
        "most_bytes": 0,
    }
    assert (await owner.post("/api/v1/pictures", json={"text": "The last one"})).status_code == 202
    refused = await owner.post("/api/v1/pictures", json={"text": "One too many"})
    assert refused.status_code == 422
    assert "GATOR_MEDIA_QUOTA_FILES" in refused.json()["remedy"]
    assert len((await owner.get("/api/v1/jobs")).json()["items"]) == 1
    assert (await owner.delete(f"/api/v1/content/{first.id}")).status_code == 204
    assert (await owner.post("/api/v1/pictures", json={"text": "There is room"})).status_code == 202
