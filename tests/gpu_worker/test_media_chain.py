"""From the order to the file: a card, a voice-over and a video of both, through the real worker."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gpu_worker import sound
from gpu_worker.runner import Runner
from gpu_worker.video import film, mix
from memory import backlog
from memory.blobs import Blobs
from memory.models import Asset
from tools.capability import Capability, Shape, Turn
from tools.orders import MediaQueued
from tools.pictures import DrawCardAsk, draw_card
from tools.videos import MakeVideoAsk, make_video
from tools.voices import SpeakText, speak_text


@pytest.fixture
async def runner(turn: Turn, home: Path) -> AsyncIterator[Runner]:
    runner = Runner(turn.store, Blobs(home / "media"), home / "scratch", "tests", slots=2)
    yield runner
    await runner.stop()


async def work_all(runner: Runner, turn: Turn) -> None:
    while waiting := await backlog.waiting(turn.store, 10):
        for one in waiting:
            await runner.work(*one)


async def order(capability: Capability, ask: Shape, turn: Turn) -> str:
    """The id of what will be made."""
    queued = await capability(ask, turn)
    assert isinstance(queued, MediaQueued)
    return queued.asset


async def asset(turn: Turn, id: str) -> Asset:
    async with turn.open_work(reads=True) as work:
        return await work.assets.get(id)


async def test_a_video_is_made_of_what_was_ordered_with_it(turn: Turn, runner: Runner, home: Path) -> None:
    text = "Begin today."
    picture = await order(draw_card, DrawCardAsk(text=text, design="gradient"), turn)
    voice = await order(speak_text, SpeakText(text=text), turn)
    ask = MakeVideoAsk(pictures=[picture], speech=voice, format="1:1", duration_s=2)
    video = await order(make_video, ask, turn)
    await work_all(runner, turn)

    drawn, spoken, made = [await asset(turn, each) for each in (picture, voice, video)]
    assert [each.state for each in (drawn, spoken, made)] == ["ready"] * 3
    assert (drawn.mime, drawn.width_px, drawn.alt_text) == ("image/png", 1080, text)
    blobs = Blobs(home / "media")
    assert sound.loudness_lufs(sound.decode(blobs.get(spoken.sha256), mix.RATE_HZ, 1), mix.RATE_HZ) > -20
    measured = film.measure(blobs.get(made.sha256))
    assert (measured.width_px, measured.height_px, measured.frames) == (1080, 1080, 60)
    assert measured.loudness_lufs > -20
    assert made.provenance["captions"] == spoken.provenance["captions"]
    assert made.provenance["digital_source_type"].endswith("/algorithmicMedia")
    assert set(made.provenance["parents"]) == {picture, voice}
