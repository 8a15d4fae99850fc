"""Reels over REST: made once for a key, followed, a step made again; not for everybody."""

import httpx
import pytest

from gator.principal import Principal
from memory.store import Store

ASK = {"persona": "Nova", "text": "Look down.\n\nLook again.", "length_s": 5, "platforms": []}


@pytest.fixture(autouse=True)
async def nova(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        await work.personas.create("nova", "Nova", {"name": "Nova", "age": 27}, author="tests")


async def test_a_reel_is_ordered_followed_and_a_step_made_again(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/api/v1/reels", json=ASK, headers={"Idempotency-Key": "one"})
    assert answer.status_code == 202, answer.text
    made = answer.json()
    assert answer.headers["Location"] == f"/api/v1/reels/{made['id']}"
    same = await owner.post("/api/v1/reels", json=ASK, headers={"Idempotency-Key": "one"})
    assert same.json()["id"] == made["id"]
    assert [one["id"] for one in (await owner.get("/api/v1/reels")).json()["reels"]] == [made["id"]]

    change = {"step": "scene", "scene": 2, "say": "And again."}
    foreseen = await owner.post(f"/api/v1/reels/{made['id']}/redo/foresee", json=change)
    assert foreseen.json()["steps"] == ["picture-2", "voice-2", "video", "thumbnail"]
    assert (await owner.get(f"/api/v1/reels/{made['id']}")).json()["asset"] == made["asset"]
    again = await owner.post(f"/api/v1/reels/{made['id']}/redo", json=change)
    assert again.status_code == 202, again.text
    shown = (await owner.get(f"/api/v1/reels/{made['id']}")).json()
    assert shown["script"]["scenes"][1]["say"] == "And again."
    assert shown["asset"] == again.json()["asset"] != made["asset"]
    assert (await owner.get("/api/v1/reels/last")).json()["id"] == made["id"]
    assert (await owner.get("/api/v1/reels/nothing")).status_code == 404
    assert (await owner.post("/api/v1/reels", json=ASK | {"length_s": 500})).status_code == 422
