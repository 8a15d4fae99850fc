"""Clips by Runway, over real sockets: what is ordered, what comes of it, and that nothing is ever ordered twice."""

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from gator.errors import NotFound, Refused, Unavailable, Unconfirmed
from gator.settings import Settings
from gpu_worker.clips import writing
from gpu_worker.clips.elsewhere import make
from gpu_worker.clips.runway import is_elsewhere
from gpu_worker.jobs import MakeClip, shelf_model
from gpu_worker.studio import Cancelled, Draft
from tests.gpu_worker.bench_studio import Bench, claim
from tests.servers.models import Fail
from tests.servers.running import serving
from tests.servers.runway import Film, Flop, Lost, RunwayServer, Step, Wrong

Make = Callable[..., Any]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Two seconds of 24 frames, brighter from frame to frame, as Runway's clips come."""
    path = tmp_path_factory.mktemp("runway") / "given.mp4"
    writing.write(path, (np.full((72, 128, 3), 20 + 4 * n, np.uint8) for n in range(48)), 24, (128, 72))
    return Film(path)


@asynccontextmanager
async def runway(
    bench: Bench, *script: Step, settings: Any = None, **server: Any
) -> AsyncIterator[tuple[RunwayServer, Make]]:
    made = RunwayServer([*script], **server)
    async with serving(made.app) as url:
        told = {"home": bench.scratch, "runway_base_url": url, "runway_api_key": "key-test", **(settings or {})}

        async def ask(on: Bench = bench, **order: Any) -> Draft:
            payload = {
                "prompt": "Nova waves", "model": "runway:gen4.5", "frames": 32, "fps": 16, "width": 64, "height": 64,
                **order,
            }  # fmt: skip
            return await make(claim(MakeClip.model_validate(payload), seed=2**32 + 5), on.studio(Settings(**told)))

        yield made, ask


async def test_a_clip_is_fetched_from_the_web_alone() -> None:
    inside = ("https://127.0.0.1/a.mp4", "https://[::1]/", "https://169.254.169.254/latest", "https://10.1.2.3:8443/")
    for url in (*inside, "https://[::ffff:127.0.0.1]/", "http://93.184.216.34/a.mp4", "file:///etc/passwd", "https://"):
        assert not await is_elsewhere(url), url
    assert await is_elsewhere("https://93.184.216.34/a.mp4")


def a_picture(bench: Bench) -> str:
    path = bench.scratch.parent / "sent.png"
    Image.new("RGB", (60, 40), "red").save(path)
    return bench.put(path, "picture", mime="image/png")


async def test_a_clip_comes_in_the_asked_size_rate_and_length(bench: Bench, given: Film) -> None:
    async with runway(bench, given, looks=1) as (server, ask):
        draft = await ask()

    assert server.asked == [
        {
            "where": "/v1/text_to_video", "model": "gen4.5", "ratio": "960:960", "duration": 2, "promptText": "Nova waves",
            "seed": 5,
        }
    ]  # fmt: skip
    assert (server.headers["authorization"], server.headers["x-runway-version"]) == ("Bearer key-test", "2024-11-06")
    with av.open(str(draft.path)) as clip:
        frames = [frame.to_ndarray(format="rgb24").mean() for frame in clip.decode(video=0)]
        assert (clip.streams.video[0].width, clip.streams.video[0].height) == (64, 64)
    assert len(frames) == 32
    assert frames == sorted(frames)
    assert (draft.duration_s, draft.provenance["model"]) == (2.0, "runway:gen4.5")
    assert draft.provenance["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert draft.provenance["task"] == "task1"
    assert shelf_model(MakeClip(prompt="x", model="runway:gen4.5")) is None


async def test_the_first_frame_goes_along_and_a_longer_wish_ends_in_a_still(bench: Bench, given: Film) -> None:
    start = a_picture(bench)
    async with runway(bench, given) as (server, ask):
        draft = await ask(model="runway", start=start, width=128, height=72, frames=40)

    [asked] = server.asked
    assert (asked["where"], asked["model"], asked["duration"]) == ("/v1/image_to_video", "gen4_turbo", 3)
    head, _, data = asked["promptImage"].partition(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1280, 720))
    assert draft.duration_s == 2.5


@pytest.mark.parametrize(
    ("step", "error", "said", "again"),
    [
        (Fail(429, "7"), Unavailable, "wait", True),
        (Fail(500), Unavailable, "trouble", True),
        (Fail(503), Unavailable, "trouble", True),
        (Fail(401), Refused, "key", True),
        (Wrong("promptText is too short"), Refused, "promptText is too short", True),
        (Flop("SAFETY.INPUT.TEXT"), Refused, "refuses to make", True),
        (Flop("INPUT_PREPROCESSING.SAFETY.TEXT"), Refused, "refuses to make", True),
        (Flop("ASSET.INVALID"), Refused, "first frame", True),
        (Flop("INTERNAL.BAD_OUTPUT.CODE01"), Unavailable, "could not make", True),
        (Lost(), Unconfirmed, "not given again", False),
    ],
)
async def test_what_runway_says_no_with_is_told_in_our_words(
    bench: Bench, given: Film, step: Step, error: type[Exception], said: str, again: bool
) -> None:
    async with runway(bench, step, given) as (server, ask):
        with pytest.raises(error, match=said) as raised:
            await ask()
        if again:  # it gave nothing, so the next attempt is an order of its own
            await ask()
            assert len(server.asked) == 2
        else:  # nobody knows, so there is none
            with pytest.raises(Unconfirmed):
                await ask()
            assert len(server.asked) == 1
    if isinstance(step, Fail) and step.retry_after:
        assert raised.value.retry_after_s == 7  # type: ignore[attr-defined]


async def test_a_task_that_took_too_long_is_found_again_and_not_ordered_twice(bench: Bench, given: Film) -> None:
    async with runway(bench, given, looks=2, settings={"clip_timeout_s": 0.3}) as (server, ask):
        with pytest.raises(Unavailable, match="no clip within"):
            await ask()
        with pytest.raises(Unavailable, match="no clip within"):
            await ask()
        draft = await ask()

    assert len(server.asked) == 1
    assert draft.provenance["task"] == "task1"
    assert not server.taken_back


async def test_another_machine_asks_for_the_same_task(bench: Bench, given: Film, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Bench(tmp_path / "other")
    async with runway(bench, given, looks=1) as (server, ask):
        working = asyncio.create_task(ask())
        async with asyncio.timeout(10):
            while not server.seen:
                await asyncio.sleep(0.01)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        other.ordered = bench.ordered  # all that the two have in common is the job's row
        draft = await ask(other)

    assert (len(server.asked), draft.provenance["task"]) == (1, "task1")


async def test_a_worker_whose_job_is_gone_orders_nothing(bench: Bench, given: Film) -> None:
    bench.is_ours = False
    async with runway(bench, given) as (server, ask):
        with pytest.raises(Cancelled):
            await ask()

    assert not server.asked


async def test_a_file_that_cannot_be_fetched_is_fetched_later_and_not_ordered_twice(bench: Bench, given: Film) -> None:
    async with runway(bench, given, broken_files=1, trouble=[502, 429]) as (server, ask):
        with pytest.raises(Unavailable, match="fetched"):
            await ask()
        await ask()

    assert len(server.asked) == 1


async def test_a_clip_that_nobody_wants_is_taken_back(bench: Bench, given: Film) -> None:
    bench.stop_at = 0.1
    async with runway(bench, given, looks=9) as (server, ask):
        with pytest.raises(Cancelled):
            await ask()

    assert server.taken_back == ["task1"]


async def test_a_worker_that_stops_leaves_the_task_for_the_next(bench: Bench, given: Film) -> None:
    async with runway(bench, given, looks=1) as (server, ask):
        working = asyncio.create_task(ask())
        async with asyncio.timeout(10):
            while not server.seen:
                await asyncio.sleep(0.01)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        await ask()

    assert len(server.asked) == 1
    assert not server.taken_back


async def test_a_task_that_is_gone_is_said_to_be(bench: Bench, given: Film) -> None:
    async with runway(bench, given, taken_back=["task1"]) as (_, ask):
        with pytest.raises(Refused, match="knows nothing"):
            await ask()


async def test_runway_that_is_away_has_no_order(bench: Bench) -> None:
    async with runway(bench) as (_, ask):
        pass
    for _ in range(2):
        with pytest.raises(Unavailable, match="does not answer"):
            await ask()


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"model": "runway:gen4_turbo"}, "from a picture only"),
        ({"frames": 800}, "10 s at most"),
        ({"prompt": "waves " * 200}, "1000 characters"),
        ({"model": "runway:gen1"}, "There is: gen4_turbo"),
    ],
)
async def test_what_runway_cannot_make_is_not_ordered(bench: Bench, order: dict[str, Any], said: str) -> None:
    async with runway(bench) as (server, ask):
        with pytest.raises((Refused, NotFound), match=said):
            await ask(**order)
    assert not server.asked


async def test_runway_without_a_key_says_how_to_give_one(bench: Bench) -> None:
    job = claim(MakeClip(prompt="a heron", model="runway:gen4.5"))

    with pytest.raises(Unavailable, match="RUNWAYML_API_SECRET"):
        await make(job, bench.studio(Settings(home=bench.scratch)))
