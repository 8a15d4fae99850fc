"""Do the thin doors lead to the capabilities behind them, once for each request that is repeated?"""

import json
from datetime import timedelta

import httpx

from bots.core import Core
from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Persona, Story
from tests.api.conftest import SignedIn


async def test_a_persona_is_made_changed_and_rolled_back(owner: httpx.AsyncClient, operator: Principal) -> None:
    named = {"Idempotency-Key": "make"}
    ask = {"name": "Orla Finn", "age": 31, "occupation": "lighthouse keeper"}
    made = await owner.post("/api/v1/personas", json=ask, headers=named)
    again = await owner.post("/api/v1/personas", json=ask, headers=named)
    twice = await owner.post("/api/v1/personas", json=ask)

    assert made.status_code == again.status_code == 201
    assert made.json()["id"] == again.json()["id"]
    assert twice.status_code == 409
    path = made.headers["location"]
    assert path == "/api/v1/personas/orla-finn"
    assert (await owner.patch(path, json={"age": 32, "add_interests": ["knots"]})).json()["version"] == 2
    assert (await owner.get(path)).json()["character"]["age"] == 32
    history = (await owner.get(f"{path}/versions")).json()["versions"]
    assert [one["version"] for one in history] == [1, 2]
    assert (await owner.post(f"{path}/rollback", json={})).json()["version"] == 3
    assert (await owner.get(path)).json()["character"]["age"] == 31
    assert (await owner.post(f"{path}/pause")).status_code == 200
    assert (await owner.get(path)).json()["paused"]
    assert (await owner.post(f"{path}/resume")).status_code == 200
    assert (await owner.delete(path)).status_code == 200
    assert (await owner.get(path)).status_code == 404


async def test_a_card_comes_in_once_and_leaves_again(owner: httpx.AsyncClient, operator: Principal) -> None:
    data = {"name": "Mara", "description": "A 34 year old baker.", "first_mes": "Bread?", "extensions": {"x/y": 1}}
    card = json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}).encode()
    named = {"Idempotency-Key": "card"}
    first = await owner.post("/api/v1/personas/import", files={"file": ("mara.json", card)}, headers=named)
    again = await owner.post("/api/v1/personas/import", files={"file": ("mara.json", card)}, headers=named)
    other = await owner.post("/api/v1/personas/import", files={"file": card}, data={"name": "Mara Two"})

    assert (first.status_code, first.headers["location"]) == (201, "/api/v1/personas/mara")
    assert first.json()["character"]["greeting"] == "Bread?"
    assert again.json()["id"] == first.json()["id"]
    assert (other.status_code, other.json()["name"]) == (201, "Mara Two")
    for kind, start in {"json": b"{", "yaml": b"", "png": b"\x89PNG", "charx": b"PK"}.items():
        left = await owner.get(f"/api/v1/personas/mara/export?kind={kind}")
        assert left.content.startswith(start)
        assert left.headers["content-disposition"] == f'attachment; filename="mara.{kind}"'
    left = await owner.get("/api/v1/personas/mara/export?kind=json")
    assert left.json()["data"]["extensions"]["x/y"] == 1


async def test_a_file_that_is_no_card_or_no_adult_is_refused(owner: httpx.AsyncClient, operator: Principal) -> None:
    child = {"name": "Kid", "description": "A 15 year old pupil.", "first_mes": "hi"}
    for content in (b"", b"\x00\xff\xfe", b"{}", b"GIF89a", json.dumps(child).encode()):
        answer = await owner.post("/api/v1/personas/import", files={"file": ("x", content)})
        assert (answer.status_code, answer.json()["code"]) == (422, "refused"), content
    assert (await owner.post("/api/v1/personas/import", json={})).status_code == 422
    large = await owner.post("/api/v1/personas/import", files={"file": ("x", bytes(34 << 20))})
    assert large.status_code == 413


async def test_an_under_age_persona_is_refused(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/api/v1/personas", json={"name": "Kid", "age": 17})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_request_that_names_what_it_may_not_is_malformed(owner: httpx.AsyncClient, stranger: Principal) -> None:
    answer = await owner.post("/api/v1/personas", json={"name": "Orla", "workspace": stranger.workspace})
    assert answer.json()["code"] == "malformed"


async def test_a_picture_asked_for_twice_with_one_key_is_one_job(
    owner: httpx.AsyncClient, signed_in: SignedIn, operator: Principal
) -> None:
    ask, named = {"text": "Low tide at dawn"}, {"Idempotency-Key": "card"}
    first = await owner.post("/api/v1/pictures", json=ask, headers=named)
    again = await owner.post("/api/v1/pictures", json=ask, headers=named)
    other = await owner.post("/api/v1/pictures", json={"text": "Another"}, headers=named)
    somebody = await (await signed_in("operator")).post("/api/v1/pictures", json=ask, headers=named)

    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert len({one.json()["job"] for one in (first, other, somebody)}) == 3
    job = (await owner.get(first.headers["location"])).json()
    assert (job["state"], job["asset"]) == ("queued", first.json()["asset"])
    asset = (await owner.get(f"/api/v1/content/{job['asset']}")).json()
    assert (asset["state"], asset["url"]) == ("pending", None)
    assert (await owner.get(f"/api/v1/content/{job['asset']}/file")).status_code == 409


async def test_a_job_is_cancelled_and_tried_again(owner: httpx.AsyncClient, operator: Principal) -> None:
    path = (await owner.post("/api/v1/voices", json={"text": "Good morning"})).headers["location"]
    assert (await owner.post(f"{path}/cancel")).json()["state"] == "cancelled"
    assert (await owner.post(f"{path}/cancel")).status_code == 409
    retried = await owner.post(f"{path}/retry")
    assert (retried.status_code, retried.json()["state"]) == (202, "queued")
    states = [one["state"] for one in (await owner.get("/api/v1/jobs?state=queued")).json()["items"]]
    assert states == ["queued"]
    actions = [one["action"] for one in (await owner.get("/api/v1/audit")).json()["items"]]
    assert {"job.cancel", "job.retry"} <= set(actions)


async def test_a_post_is_planned_moved_and_cancelled_without_another_persons_yes(
    owner: httpx.AsyncClient, nova: Persona
) -> None:
    at = (now() + timedelta(days=1)).isoformat()
    ask, named = {"persona": "nova", "text": "Low tide", "at": at}, {"Idempotency-Key": "p"}
    made = await owner.post("/api/v1/posts", json=ask, headers=named)
    again = await owner.post("/api/v1/posts", json=ask, headers=named)

    assert (made.status_code, made.json()["state"]) == (201, "scheduled")
    assert made.json()["id"] == again.json()["id"]
    path = made.headers["location"]
    later = (now() + timedelta(days=2)).isoformat()
    assert (await owner.post(f"{path}/reschedule", json={"at": later})).status_code == 200
    assert (await owner.get(path)).json()["due_at"][:10] == later[:10]
    assert (await owner.post(f"{path}/cancel")).json()["state"] == "cancelled"
    assert (await owner.get("/api/v1/approvals")).json()["items"] == []
    listed = (await owner.get("/api/v1/posts", params={"state": "cancelled", "persona": "nova"})).json()["items"]
    assert [one["id"] for one in listed] == [made.json()["id"]]


async def test_an_approval_is_given_once(owner: httpx.AsyncClient, core: Core, operator: Principal) -> None:
    conversation = await core.converse(operator)
    async with core.store.open_work(operator) as work:
        rows = [
            await work.approvals.ask(
                "schedule_post", "publish", {"text": "x"}, "hash", summary="Publish x", key=f"k{number}",
                turn_id=new_id(), conversation_id=conversation.id, lives=timedelta(minutes=5),
            )
            for number in range(2)
        ]  # fmt: skip
    waiting = (await owner.get("/api/v1/approvals?state=pending")).json()["items"]
    rejected = await owner.post(f"/api/v1/approvals/{rows[0].id}/reject")
    late = await owner.post(f"/api/v1/approvals/{rows[0].id}/approve")

    assert {one["id"] for one in waiting} == {row.id for row in rows}
    assert rejected.json()["state"] == "rejected"
    assert late.status_code == 409
    assert (await owner.get(f"/api/v1/approvals/{rows[0].id}")).json()["decided_by"] == str(operator)
    assert (await owner.post(f"/api/v1/approvals/{new_id()}/approve")).status_code == 404


async def test_an_approval_is_asked_anew_with_other_words_and_only_the_new_question_counts(
    owner: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    conversation = await core.converse(operator)
    arguments = {"persona": "nova", "text": "Low tide"}
    async with core.store.open_work(operator) as work:
        old = await work.approvals.ask(
            "schedule_post", "publish", arguments, "hash", summary="Publish “Low tide”", key="k",
            turn_id=new_id(), conversation_id=conversation.id, lives=timedelta(minutes=5),
        )  # fmt: skip
    path = f"/api/v1/approvals/{old.id}"
    revised = await owner.post(f"{path}/revise", json={"text": "High tide"})

    assert revised.status_code == 200
    new = revised.json()
    assert (new["state"], new["arguments"]["text"]) == ("pending", "High tide")
    assert new["arguments_hash"] != "hash"
    assert (await owner.get(path)).json()["state"] == "revised"
    assert (await owner.post(f"{path}/approve")).status_code == 409
    anew = await owner.post(f"/api/v1/approvals/{new['id']}/regenerate")
    assert (anew.status_code, anew.json()["state"]) == (200, "regenerate")
    assert (await owner.get("/api/v1/approvals?state=pending")).json()["items"] == []


async def test_feeds_are_empty_and_dns_says_how_to_set_it_up(owner: httpx.AsyncClient) -> None:
    assert (await owner.get("/api/v1/feeds")).json()["feeds"] == []
    assert (await owner.delete("/api/v1/feeds/nothing")).status_code == 404
    refused = await owner.post("/api/v1/feeds", json={"url": "http://169.254.169.254/latest"})
    assert refused.status_code in (403, 422)
    dns = await owner.get("/api/v1/dns/zones")
    assert (dns.status_code, dns.json()["code"]) == (503, "unavailable")
    assert "GATOR_DNS_PROVIDER" in dns.json()["remedy"]


async def test_looking_at_stories_changes_nothing_and_reading_them_does(
    owner: httpx.AsyncClient, operator: Principal, core: Core
) -> None:
    async with core.store.open_work(operator) as work:
        feed = await work.feeds.add("https://news.example/rss", "Lake News")
        feed.checked_at = now()
        story = {"guid": "g1", "title": "Herons return", "link": "https://news.example/1", "published_at": now()}
        await work.feeds.keep(feed, [Story(workspace=operator.workspace, feed_id=feed.id, **story)])
    new = {"only_new": "true"}

    for _ in range(2):
        told = await owner.get("/api/v1/feeds/stories", params=new)
        assert [one["title"] for one in told.json()["stories"]] == ["Herons return"]
    read = await owner.post("/api/v1/feeds/stories/read", json={"feed": "Lake News"})

    assert [one["title"] for one in read.json()["stories"]] == ["Herons return"]
    assert (await owner.get("/api/v1/feeds/stories", params=new)).json()["stories"] == []
    assert len((await owner.get("/api/v1/feeds/stories", params={"about": "herons"})).json()["stories"]) == 1
    assert (await owner.get("/api/v1/feeds/stories", params={"feed": "another"})).status_code == 404


async def test_lists_are_read_page_by_page(owner: httpx.AsyncClient, operator: Principal) -> None:
    for number in range(5):
        await owner.post("/api/v1/pictures", json={"text": f"card {number}"})
    seen: list[str] = []
    before: str | None = None
    for _ in range(3):
        page = (await owner.get("/api/v1/jobs", params={"limit": 2} | ({"before": before} if before else {}))).json()
        seen += [one["id"] for one in page["items"]]
        before = page["next"]
    assert before is None
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
