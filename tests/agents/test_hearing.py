"""Listening to voice notes: the real SDK against a server of ours, with what services do when they fail."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from agents.hearing import Transcriber, transcriber
from gator.errors import Refused, Unavailable
from gator.settings import Settings
from memory.models import Spend
from tests import files
from tests.servers.models import Fail
from tests.servers.running import serving
from tests.servers.transcription import Body, Hang, TranscriptionServer, Words
from tools.capability import Turn


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note"
    path.write_bytes(files.sound("mp3", "libmp3lame"))
    return path


@asynccontextmanager
async def listening(
    settings: Settings, *script: Any, **more: Any
) -> AsyncIterator[tuple[Transcriber, TranscriptionServer]]:
    server = TranscriptionServer(list(script))
    async with serving(server.app) as url:
        made = transcriber(
            settings.model_copy(update={"transcriber": "openai", "transcriber_base_url": f"{url}/v1", **more})
        )
        assert made is not None
        yield made, server


async def spent(turn: Turn) -> list[tuple[str, int]]:
    async with turn.open_work(reads=True) as work:
        return [(row.state, row.cost_microusd) for row in await work.session.scalars(select(Spend).order_by(Spend.id))]


async def test_what_was_said_comes_back_as_words_and_is_paid_for(settings: Settings, turn: Turn, note: Path) -> None:
    async with listening(settings, Words("Good\u200b morning,\nNova.")) as (one, server):
        assert await one.hear(note, 30.0, turn) == "Good morning, Nova."
    (asked,) = server.asked
    assert (asked.model, asked.name) == ("whisper-1", "voice.mp3")
    with av.open(io.BytesIO(asked.sound), "r") as heard:
        assert heard.format.name == "mp3"
    assert await spent(turn) == [("settled", 3000)]  # half a minute at $0.006 a minute


async def test_a_service_that_is_busy_or_broken_for_a_moment_is_asked_again(
    settings: Settings, turn: Turn, note: Path
) -> None:
    async with listening(settings, Fail(429, "0"), Fail(503), Words("There.")) as (one, server):
        assert await one.hear(note, 60.0, turn) == "There."
    assert len(server.asked) == 3
    assert await spent(turn) == [("released", 0), ("released", 0), ("settled", 6000)]


async def test_a_key_that_is_not_good_is_not_tried_twice(settings: Settings, turn: Turn, note: Path) -> None:
    async with listening(settings, Fail(401)) as (one, server):
        with pytest.raises(Unavailable, match="401"):
            await one.hear(note, 60.0, turn)
    assert len(server.asked) == 1


async def test_a_service_that_never_answers_is_given_up(settings: Settings, turn: Turn, note: Path) -> None:
    async with listening(settings, Hang(), Hang(), Hang(), model_timeout_s=0.3) as (one, server):
        with pytest.raises(Unavailable, match="too long"):
            await one.hear(note, 1.0, turn)
    assert len(server.asked) == 3


@pytest.mark.parametrize("nonsense", ["<html>", '{"words": "hello"}', '{"text": null}', "[]", '"text"'])
async def test_an_answer_that_is_no_transcript_is_no_transcript(
    nonsense: str, settings: Settings, turn: Turn, note: Path
) -> None:
    async with listening(settings, Body(nonsense), Body(nonsense), Words("At last.")) as (one, _):
        assert await one.hear(note, 1.0, turn) == "At last."


async def test_nobody_is_listened_to_over_the_days_budget(settings: Settings, turn: Turn, note: Path) -> None:
    async with listening(settings, daily_budget_usd=0.001) as (one, server):
        with pytest.raises(Unavailable, match="budget"):
            await one.hear(note, 600.0, turn)
    assert server.asked == []


def test_a_transcriber_is_configured_or_says_what_is_missing(settings: Settings) -> None:
    def named(name: str, **more: Any) -> Transcriber | None:
        return transcriber(settings.model_copy(update={"transcriber": name, **more}))

    assert named("") is None
    with pytest.raises(Refused, match="no transcriber"):
        named("siri")
    with pytest.raises(Unavailable, match="no key"):
        named("openai")
    known = named("openai:gpt-4o-transcribe", openai_api_key=SecretStr("k"))
    assert known is not None
    assert known.name == "openai:gpt-4o-transcribe"


@pytest.mark.parametrize(("there", "lacking"), [((), "model.bin"), (("model.bin",), "tokenizer.json")])
async def test_faster_whisper_without_all_of_its_files_says_where_they_belong(
    settings: Settings, turn: Turn, note: Path, tmp_path: Path, there: tuple[str, ...], lacking: str
) -> None:
    for name in there:
        (tmp_path / name).write_bytes(b"weights")
    one = transcriber(settings.model_copy(update={"transcriber": f"whisper:{tmp_path}"}))
    assert one is not None
    with pytest.raises(Unavailable) as away:
        await one.hear(note, 1.0, turn)
    assert "whisper" in away.value.remedy
    assert lacking in away.value.message  # it is not fetched from anywhere
