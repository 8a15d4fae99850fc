"""What the terminal waits for, whatever the order in which frames come."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gator.cli.client import Line
from gator.cli.screen import Screen
from gator.ids import new_id
from gator.links import check_media_url
from gator.principal import Kind, Principal
from gator.settings import Settings
from memory.blobs import Blobs
from memory.store import Store


def reply(*assets: str) -> dict[str, Any]:
    message = {"author": "gator", "content": "On its way.", "assets": list(assets), "answers": ["m"], "approvals": []}
    return {"type": "new_message", "message": message}


def ended(asset: str) -> dict[str, Any]:
    return {"type": "job_update", "job": {"state": "done", "asset": asset}}


@pytest.mark.parametrize("frames", [[reply("a"), ended("a")], [ended("a"), reply("a")]])
async def test_a_job_is_over_whether_its_end_or_its_reply_is_told_first(frames: list[dict[str, Any]]) -> None:
    who = Principal("w", Kind.operator, "u")
    screen = Screen(Line(None, who, "c", "Gator", None), as_json=True)  # type: ignore[arg-type]  # nothing is sent here
    for frame in frames:
        screen._notice(frame)
    assert screen.answered.is_set()
    assert screen.jobs_done.is_set()


async def test_a_job_that_goes_on_is_waited_for() -> None:
    screen = Screen(Line(None, Principal("w", Kind.operator, "u"), "c", "Gator", None), as_json=True)  # type: ignore[arg-type]
    screen._notice(reply("a", "b"))
    screen._notice(ended("a"))
    assert not screen.jobs_done.is_set()


@pytest.mark.parametrize(("conversation", "left", "over"), [("c", 0, False), ("c", 1, True), ("another", 0, True)])
async def test_an_answer_to_a_decision_is_waited_for_only_where_one_comes(
    conversation: str, left: int, over: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen(Line(None, Principal("w", Kind.operator, "u"), "c", "Gator", None), as_json=False)  # type: ignore[arg-type]
    about = {"approval_id": "a", "state": "approved", "left": left, "conversation_id": conversation}
    screen._show({"type": "decided", **about})
    screen._notice({"type": "decided", **about})
    assert screen.answered.is_set() is over
    assert ("It is approved" in capsys.readouterr().out) is over


async def test_a_finished_job_says_where_its_file_is(
    settings: Settings, store: Store, operator: Principal, capsys: pytest.CaptureFixture[str]
) -> None:
    async with store.open_work(operator) as work:
        await work.assets.take(asset := new_id(), kind="picture", sha256="b" * 64, size_bytes=1)
    done = {"id": "j", "kind": "picture.card", "title": "Herons", "state": "done", "progress": 1.0, "eta_s": None}
    for stays in (True, False):
        line = Line(None, operator, "c", "Gator", store, "http://127.0.0.1:1", settings, stays)  # type: ignore[arg-type]
        job = {**done, "error": "", "asset": asset}
        Screen(line, as_json=False)._show(await line._linked({"type": "job_update", "job": job}))
    link, path = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    asked = dict(parse_qsl(urlsplit(link).query))
    check_media_url(settings, asset, int(asked["exp"]), asked["sig"])
    assert path == str(Blobs(settings.media_folder).path("b" * 64))
