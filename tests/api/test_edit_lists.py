"""Can a video's edit list be read, changed and made again, and are its captions there as files?"""

from pathlib import Path
from typing import Any

import httpx
import pytest

from bots.core import Core
from gator.ids import new_id
from gator.links import captions_url, media_url
from gator.principal import Principal
from gpu_worker.runner import Runner
from memory import backlog
from memory.blobs import Blobs
from memory.models import Asset, Persona
from tests.api.test_public import add_asset, add_post, png

CUES: list[dict[str, Any]] = [
    {"text": "Salt & <pepper>", "start_s": 0.1, "end_s": 0.5},
    {"text": "that is all", "start_s": 0.5, "end_s": 3661.25},
]


@pytest.fixture
async def pictures(core: Core, operator: Principal) -> list[str]:
    return [(await add_asset(core, operator, png(colour))).id for colour in ("navy", "red")]


async def done(core: Core, home: Path) -> None:
    runner = Runner(core.store, Blobs(home / "media"), home / "scratch", "tests", slots=1)
    while waiting := await backlog.waiting(core.store, 10):
        for one in waiting:
            await runner.work(*one)
    await runner.stop()


def listed(pictures: list[str], **fields: Any) -> dict[str, Any]:
    scenes = [{"asset": id, "duration_s": 0.4} for id in pictures]
    return {"width": 64, "height": 96, "scenes": scenes, **fields}


async def test_a_video_is_made_of_a_list_changed_and_made_again(
    owner: httpx.AsyncClient, core: Core, home: Path, pictures: list[str]
) -> None:
    cues = [{"text": "Hello there", "start_s": 0.1, "end_s": 0.6}]
    ask = {"edit": listed(pictures, captions={"cues": cues}), "title": "First"}
    ordered = await owner.post("/api/v1/videos/edits", json=ask)
    first = ordered.json()["asset"]
    assert ordered.status_code == 202
    assert ordered.headers["location"] == f"/api/v1/jobs/{ordered.json()['job']}"
    waiting = (await owner.get(f"/api/v1/videos/{first}/edit")).json()
    assert (waiting["state"], waiting["version"], waiting["edit"]["scenes"][0]["duration_s"]) == ("pending", 0, 0.4)

    await done(core, home)
    told = (await owner.get(f"/api/v1/videos/{first}/edit")).json()
    assert (told["state"], told["version"]) == ("ready", 0)
    words = [word for word, _, _ in told["edit"]["captions"]["cues"][0]["words"]]
    assert words == ["Hello", "there"]
    assert (await owner.get(f"/api/v1/content/{first}/captions.vtt")).text == (
        "WEBVTT\n\n00:00:00.100 --> 00:00:00.600\nHello there\n"
    )
    assert "edit" not in (await owner.get(f"/api/v1/content/{first}")).json()["provenance"]

    changed = told["edit"] | {"scenes": list(reversed(told["edit"]["scenes"]))}
    path = f"/api/v1/videos/{first}/edit"
    second = await owner.post(path, json={"version": 0, "edit": changed})
    again = await owner.post(path, json={"version": 0, "edit": changed})
    other = await owner.post(path, json={"version": 0, "edit": told["edit"]})
    assert second.status_code == again.status_code == 202
    assert second.json()["asset"] == again.json()["asset"] != first
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert second.json()["asset"] in other.json()["remedy"]
    assert (await owner.get(path)).json()["version"] == 1
    third = await owner.post(path, json={"version": 1, "edit": told["edit"]})
    assert third.status_code == 202
    assert (await owner.post(path, json={"version": 7, "edit": told["edit"]})).status_code == 422

    await done(core, home)
    made = (await owner.get(f"/api/v1/content/{third.json()['asset']}")).json()
    assert (made["state"], made["title"]) == ("ready", "First")
    assert made["provenance"]["parents"] == [*pictures, first]


async def test_a_video_is_changed_by_what_is_to_be_changed(owner: httpx.AsyncClient, pictures: list[str]) -> None:
    video = (await owner.post("/api/v1/videos/edits", json={"edit": listed(pictures)})).json()["asset"]
    path, swap = f"/api/v1/videos/{video}/changes", [{"do": "swap", "scene": 1, "other": 2}]
    made = await owner.post(path, json={"operations": swap, "version": 0})
    assert made.status_code == 202, made.text
    assert made.headers["location"] == f"/api/v1/jobs/{made.json()['job']}"
    assert (made.json()["video"], made.json()["version"]) == (video, 0)
    assert made.json()["changes"] == ["scenes 1 and 2 are swapped"]
    told = (await owner.get(f"/api/v1/videos/{made.json()['asset']}/edit")).json()["edit"]
    assert [scene["asset"] for scene in told["scenes"]] == [*reversed(pictures)]

    other = [{"do": "length", "scene": -1, "to_s": 2}]
    stale = await owner.post(path, json={"operations": other, "version": 0})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    assert made.json()["asset"] in stale.json()["remedy"]
    assert (await owner.post(path, json={"operations": other})).json()["version"] == 1
    never = await owner.post(path, json={"operations": other, "version": 9})
    assert (never.status_code, never.json()["remedy"]) == (422, "Read its list again.")
    gone = await owner.post(path, json={"operations": [{"do": "drop", "scene": 7}]})
    assert (gone.status_code, gone.json()["remedy"]) == (422, "Name one from 1 to 2.")
    unknown = await owner.post(path, json={"operations": [{"do": "explode"}]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "malformed")
    assert "'length', 'drop', 'swap'" in str(unknown.json()["errors"])


async def test_a_preview_is_small_and_made_once(owner: httpx.AsyncClient, core: Core, pictures: list[str]) -> None:
    edit = listed(pictures, width=1080, height=1920, fps=60)
    video = (await owner.post("/api/v1/videos/edits", json={"edit": edit})).json()["asset"]
    first = await owner.post(f"/api/v1/videos/{video}/preview", json={"edit": edit})
    again = await owner.post(f"/api/v1/videos/{video}/preview", json={"edit": edit})
    assert first.json()["asset"] == again.json()["asset"] != video
    small = (await owner.get(f"/api/v1/videos/{first.json()['asset']}/edit")).json()["edit"]
    assert (small["width"], small["height"], small["fps"]) == (360, 640, 24)
    assert (await owner.get(f"/api/v1/videos/{video}/edit")).json()["version"] == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"scenes": []}, "at least 1 item"),
        ({"scenes": [{"asset": "x"}] * 500}, "at most 200 items"),
        ({"fps": 1000}, "less than or equal to 60"),
        ({"scenes": [{"asset": "x", "duration_s": 0}]}, "greater than 0"),
    ],
)
async def test_a_list_that_cannot_be_used_is_refused_with_the_field(
    owner: httpx.AsyncClient, pictures: list[str], change: dict[str, Any], why: str
) -> None:
    answer = await owner.post("/api/v1/videos/edits", json={"edit": listed(pictures) | change})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert why in str(answer.json()["errors"])


async def test_broken_json_and_media_that_do_not_fit_are_refused_at_the_door(
    owner: httpx.AsyncClient, core: Core, operator: Principal, pictures: list[str]
) -> None:
    broken = await owner.post(
        "/api/v1/videos/edits", content=b'{"edit": {', headers={"Content-Type": "application/json"}
    )
    assert broken.status_code == 422
    film = (await add_asset(core, operator, b"film", kind="video", mime="video/mp4", duration_s=3.0)).id
    gone = new_id()
    for scene, why in (
        ({"asset": gone}, f"There is no picture {gone}, which scene 1 needs."),
        ({"asset": film}, f"{film} is a video, and scene 1 needs a picture."),
        (
            {"asset": film, "kind": "clip", "in_s": 2, "duration_s": 2},
            "scene 1 lasts 3.0 s; the scene wants it from 2 s to 4 s",
        ),
    ):
        answer = await owner.post("/api/v1/videos/edits", json={"edit": {"scenes": [scene]}})
        assert (answer.status_code, answer.json()["code"]) == (422, "refused")
        assert why in answer.json()["detail"]
    for part in ({"logo": {"asset": film}}, {"music": {"asset": pictures[0]}}, {"speech": [{"asset": pictures[0]}]}):
        assert (await owner.post("/api/v1/videos/edits", json={"edit": listed(pictures, **part)})).status_code == 422
    assert (await owner.get(f"/api/v1/videos/{film}/edit")).json()[
        "detail"
    ] == "This video was not made of an edit list."
    assert (await owner.get(f"/api/v1/videos/{pictures[0]}/edit")).status_code == 422


async def test_captions_are_files_for_those_who_may_read_the_video(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient, core: Core, operator: Principal
) -> None:
    film = await add_asset(core, operator, b"film", kind="video", mime="video/mp4", provenance={"captions": CUES})
    path = f"/api/v1/content/{film.id}/captions"
    srt, vtt = await owner.get(f"{path}.srt"), await owner.get(f"{path}.vtt")
    assert srt.headers["content-type"].startswith("application/x-subrip")
    assert srt.text.startswith("1\n00:00:00,100 --> 00:00:00,500\nSalt & <pepper>\n\n2\n")
    assert "00:00:00,500 --> 01:01:01,250" in srt.text
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert "00:00:00.100 --> 00:00:00.500\nSalt &amp; &lt;pepper&gt;\n" in vtt.text
    assert (await owner.get(f"{path}.txt")).status_code == 422
    assert (await anybody.get(f"{path}.vtt")).status_code == 401

    played = await anybody.get(captions_url(core.settings, film.id))
    assert (played.status_code, played.text) == (200, vtt.text)
    assert (await anybody.get(captions_url(core.settings, film.id).replace("sig=", "sig=0"))).status_code == 403
    silent = await add_asset(core, operator, png())
    assert (await owner.get(f"/api/v1/content/{silent.id}/captions.srt")).status_code == 404


async def test_the_gallery_s_player_has_the_captions(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    told = {"captions": CUES, "edit": {"captions": {"show": "file"}}}
    film: Asset = await add_asset(core, operator, b"film", kind="video", mime="video/mp4", provenance=told)
    await add_post(core, operator, nova, assets=[film.id])
    page = (await anybody.get(f"/p/{nova.slug}")).text
    address = captions_url(core.settings, film.id).replace("&", "&amp;")
    assert f'<track kind="captions" label="CC" src="{address}" default>' in page
    assert media_url(core.settings, film.id).replace("&", "&amp;") in page
