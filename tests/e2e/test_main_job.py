"""The main job from end to end, as its users do it: an operator on the command line, fans on the websocket, a kill between.

Everything is real: processes, sockets, files. What is made is decoded and measured.
"""

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.measures import file_of, loudness, published, video_facts
from tests.e2e.program import Visitor, home_of, program
from tests.servers import feeds

pytestmark = pytest.mark.timeout(300)

STORY = "Octopus learns to open jars at Lisbon aquarium"


async def test_from_a_sentence_to_a_published_video_and_fans_who_are_remembered(tmp_path: Path) -> None:
    feed = feeds.rss("Sea News", feeds.Item(STORY, "http://example.org/octopus", "Staff say she did it twice.", "g1"))
    async with (
        feeds.running() as server,
        program(tmp_path / "home", inside=True, GATOR_FETCH_ALLOW=server.allowed) as gator,
    ):
        server.pages["/news.xml"] = feed
        key = (await gator.gator("token", "create", "--name", "tests")).strip()

        made = await gator.ask(
            "Create a persona called Mira, a 31-year-old marine biologist from Lisbon who loves surfing"
        )
        assert made.steps == [("create_persona", True)]
        added = await gator.ask(f"add the feed {server.url('/news.xml')}")
        assert added.steps == [("add_feed", True)]
        news = await gator.ask("what's new?")
        assert news.steps == [("read_feeds", True)]
        assert STORY in news.reply

        media = await gator.ask(
            "Make a picture card about the top story, then a voice-over of it, and then a ten-second vertical video of both"
        )
        assert media.steps == [("draw_card", True), ("speak_text", True), ("make_video", True)]
        card, voice, video = media.assets
        with Image.open(io.BytesIO(await file_of(gator, key, card))) as picture:
            assert picture.size == (1080, 1080)
            assert len(picture.convert("RGB").getcolors(2**24) or []) > 50  # something is drawn on it
        assert loudness(await file_of(gator, key, voice)) > 0.01
        moving = await file_of(gator, key, video)
        facts = video_facts(moving)
        assert facts["size"] == (1080, 1920)
        assert facts["codecs"] == ("h264", "aac")
        assert facts["seconds"] == pytest.approx(10, abs=0.2)
        assert loudness(moving) > 0.01

        asked = await gator.ask('post the video on Mira\'s gallery in 2 seconds with the text "Meet the octopus"')
        assert len(asked.approvals) == 1
        assert "Mira" in asked.approvals[0]["summary"]
        approved = await gator.approve()
        assert ("schedule_post", True) in approved.steps
        await published(gator, "mira", "Meet the octopus")

        ada, bob = Visitor(gator, "mira", "Ada"), Visitor(gator, "mira", "Bob")
        async with ada.line() as one, bob.line() as two:
            await asyncio.gather(
                one.say("Hi! I'm Ada and my dog is called Biscuit."),
                two.say("Hello, I'm Bob. My dog is called Pretzel."),
            )
            notices = [
                frame
                for frame in one.heard
                if frame["type"] == "new_message" and frame["message"]["author"] == "notice"
            ]
            assert "AI" in notices[0]["message"]["content"]

        await gator.kill()
        await gator.start()

        async with ada.line() as one, bob.line() as two:
            first, second = await asyncio.gather(one.say("What is my dog called?"), two.say("What is my dog called?"))
        assert "Biscuit" in first
        assert "Pretzel" not in first
        assert "Pretzel" in second
        assert "Biscuit" not in second

        assert await gator.stop() < 5


async def test_a_conversation_is_typed_approved_and_read_again_while_a_second_gator_is_refused(tmp_path: Path) -> None:
    async with program(tmp_path / "home") as gator:
        post = 'post "Hello from the roof" on Yuki Lindqvist\'s gallery now'
        out = await gator.gator("chat", typed=f"{post}\n/approvals\n/approve\n/help\n/quit\n")
        assert "Say /approve or /reject" in out
        assert "was published" in out
        assert "/history" in out
        with pytest.raises(AssertionError, match="already runs on"):
            await gator.gator("up")
        assert "ready" in await gator.gator("doctor")
        again = await gator.gator("chat", typed="/history\n/quit\n")
        assert f"> {post}" in again
        assert "was published" in again


async def test_chat_without_a_running_gator_starts_one_for_itself(tmp_path: Path) -> None:
    gator = home_of(tmp_path / "home")
    told = await gator.ask("make a card that says “Alone at home”")
    assert told.steps == [("draw_card", True)]
    done = [frame["job"] for frame in told.frames if frame["type"] == "job_update"][-1]
    assert done["state"] == "done"
    assert Path(done["path"]).read_bytes().startswith(b"\x89PNG")
