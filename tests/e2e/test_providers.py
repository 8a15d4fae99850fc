"""The main job with language models: the same conversation through OpenAI's and Anthropic's SDK, on a bad day of theirs."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from gator.clock import now
from tests.e2e.measures import file_of, loudness, published, video_facts
from tests.e2e.program import Visitor, program
from tests.servers import feeds
from tests.servers.models import Call, Cut, Fail, ModelServer, Say, Step
from tests.servers.running import serving

pytestmark = pytest.mark.timeout(300)

STORY = "Octopus learns to open jars at Lisbon aquarium"
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


def heard(body: dict[str, Any]) -> str:
    """All that the model was told, its quotation marks plain."""
    return orjson.dumps(body).decode().replace("\\", "")


def last(pattern: str, body: dict[str, Any]) -> str:
    """The newest id after `pattern` in what the model was told."""
    return str(re.findall(rf"{pattern}\W+({ID})", heard(body))[-1])


def call(tool: str, /, **arguments: Any) -> Call:
    return Call(tool, orjson.dumps(arguments).decode())


def video(body: dict[str, Any]) -> Step:
    picture, speech = re.findall(rf'"asset": ?"({ID})"|"asset":"({ID})"', heard(body))[-2:]
    return call("make_video", pictures=[max(picture)], speech=max(speech), format="9:16", duration_s=3)


def plan(body: dict[str, Any]) -> Step:
    at = (now() + timedelta(seconds=2)).isoformat()
    asset = re.findall(rf'"id": ?"({ID})", ?"kind": ?"video"', heard(body))[0]
    return call("schedule_post", persona="Mira", text="Meet the octopus", assets=[asset], at=at)


def dog(body: dict[str, Any]) -> Step:
    """Names whichever dog the prompt names: a leak between fans would be said aloud."""
    known = [name for name in ("Biscuit", "Pretzel") if name in heard(body)]
    return Say(f"Your dog is called {' and '.join(known)}.")


def script(feed: str) -> list[Step | Callable[[dict[str, Any]], Step]]:
    return [
        Fail(429, "0.1"),
        call("create_persona", name="Mira", age=31, occupation="marine biologist", home="Lisbon"),
        Say("Mira is there."),
        Fail(500),
        call("add_feed", url=feed),
        Say("The feed is added."),
        call("read_feeds", only_new=True),
        Cut("The top story is about an octopus that learned"),
        Say(f"The top story: {STORY}."),
        Call("draw_card", '{"text": "Octopus opens ja'),
        lambda body: call("draw_card", text=STORY, story=last('"stories": ?[^]]*?"id"', body)),
        call("speak_text", text=STORY),
        video,
        Say("All three are being made."),
        plan,
        Say("It is planned."),
    ]


@pytest.mark.parametrize("model", ["openai:gpt-4o-mini", "anthropic:claude-haiku-4-5"])
async def test_the_main_job_with_a_language_model(tmp_path: Path, model: str) -> None:
    server = ModelServer([])
    async with feeds.running() as news, serving(server.app) as url:
        news.pages["/news.xml"] = feeds.rss("Sea News", feeds.Item(STORY, "http://example.org/o", "Twice.", "g1"))
        server.script[:] = script(news.url("/news.xml"))
        settings = {
            "GATOR_MODEL": model,
            "GATOR_OPENAI_BASE_URL": f"{url}/v1",
            "GATOR_ANTHROPIC_BASE_URL": url,
            "OPENAI_API_KEY": "k",
            "ANTHROPIC_API_KEY": "k",
            "GATOR_FETCH_ALLOW": news.allowed,
        }
        async with program(tmp_path / "home", inside=True, **settings) as gator:
            key = (await gator.gator("token", "create")).strip()
            assert (await gator.ask("Create Mira, a marine biologist of 31 from Lisbon")).steps == [
                ("create_persona", True)
            ]
            assert (await gator.ask("Add the feed")).steps == [("add_feed", True)]
            told = await gator.ask("What is new?")
            assert told.reply == f"The top story: {STORY}."
            assert any(frame["type"] == "message_reset" for frame in told.frames)
            media = await gator.ask("A card on it, a voice-over and a short vertical video of both")
            assert [step for step in media.steps if step[1]] == [
                ("draw_card", True),
                ("speak_text", True),
                ("make_video", True),
            ]
            moving = await file_of(gator, key, media.assets[-1])
            assert video_facts(moving)["size"] == (1080, 1920)
            assert loudness(moving) > 0.01
            asked = await gator.ask("Post it in two seconds")
            assert "Meet the octopus" in asked.approvals[0]["summary"]
            assert (await gator.approve()).reply == "It is planned."
            await published(gator, "mira", "Meet the octopus")

            server.script += [Say("Hello!"), Say("Hello!"), dog, dog]
            ada, bob = Visitor(gator, "mira", "Ada"), Visitor(gator, "mira", "Bob")
            async with ada.line() as one, bob.line() as two:
                await asyncio.gather(one.say("My dog is called Biscuit."), two.say("My dog is called Pretzel."))
            await gator.kill()
            await gator.start()
            async with ada.line() as one, bob.line() as two:
                answers = await asyncio.gather(one.say("What is my dog called?"), two.say("What is my dog called?"))
            assert [*answers] == ["Your dog is called Biscuit.", "Your dog is called Pretzel."]
