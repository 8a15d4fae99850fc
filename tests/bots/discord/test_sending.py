"""Sending: each piece once, whatever Discord or the network do; limits kept, long texts cut well, files and voices."""

import asyncio
import base64
import io
import shutil
import time
import wave
from pathlib import Path
from typing import Any

import pytest

from bots.channel import Button, Change, Media, Receipt
from bots.discord.drafts import MARK
from bots.discord.snowflakes import nonce
from gator.errors import Refused, Unavailable, Unconfirmed
from gator.ids import new_id
from tests import databases
from tests.bots.discord.conftest import Stage, item, until, until_so
from tests.servers.discord_world import Bot, Channel, Fault


@pytest.fixture
def database_url(home: Path) -> str:
    """One kind of database is enough here: what is tested is between us and Discord."""
    shutil.copy(databases.migrated_sqlite(), home / "gator.db")
    return f"sqlite+aiosqlite:///{home / 'gator.db'}"


SEND = r"POST .*/channels/\d+/messages$"
HOOK = r"POST .*/webhooks/\d+/hook-secret"


async def nova(here: Stage) -> tuple[Bot, Channel, Any]:
    bot = here.discord.bot("Nova")
    return bot, here.discord.dm(bot, here.discord.person("Ada")), await here.account(bot, await here.persona())


def texts(channel: Channel) -> list[str]:
    return [one["content"] for one in channel.messages]


async def test_a_piece_sent_twice_is_one_message(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    async with here.runs(account):
        piece = item(account, chat.id, "hello")
        first, second = await here.platform.channel.send(piece), await here.platform.channel.send(piece)
    assert first == second == Receipt(chat.messages[0]["id"])
    assert texts(chat) == ["hello"]
    assert len(nonce(piece.id)) <= 25


async def test_an_answer_lost_after_the_message_arrived_makes_no_second_one(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    here.discord.faults.append(Fault(SEND, "after"))
    async with here.runs(account):
        piece = item(account, chat.id, "hello")
        with pytest.raises(Unavailable):
            await here.platform.channel.send(piece)
        here.discord.nonces.clear()  # an hour later, Discord knows the nonce no longer
        again = item(account, chat.id, "hello", id=piece.id, attempts=1)
        assert await here.platform.channel.send(again) == Receipt(chat.messages[0]["id"])
    assert texts(chat) == ["hello"]


async def test_a_send_cut_before_it_arrived_is_made_again(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    here.discord.faults.append(Fault(SEND, "before"))
    async with here.runs(account):
        piece = item(account, chat.id, "hello")
        with pytest.raises(Unavailable):
            await here.platform.channel.send(piece)
        assert await here.platform.channel.find(piece) is None
        await here.platform.channel.send(item(account, chat.id, "hello", id=piece.id, attempts=1))
    assert texts(chat) == ["hello"]


async def test_a_personas_words_lost_on_their_way_back_are_found_among_equal_ones(stage: Any) -> None:
    """A webhook takes no nonce: what is there already, and is no other piece's, is ours."""
    here = stage("Yes.", "Yes.")
    bot, _, account = await nova(here)
    room = here.discord.channel(here.discord.guild("Atlas Club", bot), "general")
    ada = here.discord.person("Cleo")
    async with here.runs(account):
        await here.discord.say(ada, room, f"<@{bot.id}> one?")
        await until(lambda: texts(room).count("Yes.") == 1)
        here.discord.faults.append(Fault(HOOK, "after"))
        await here.discord.say(ada, room, f"<@{bot.id}> two?")
        await until(lambda: texts(room).count("Yes.") == 2)

        async def settled() -> bool:
            return all(row.state == "sent" for row in await here.outbox())

        await until_so(settled)
    assert texts(room).count("Yes.") == 2
    yes = [one["id"] for one in room.messages if one["content"] == "Yes."]
    receipts = [row.receipt for row in await here.outbox()]
    assert sorted(set(receipts) & set(yes)) == sorted(yes)


async def test_whoever_died_while_sending_leaves_no_second_message(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    async with here.runs(account):
        piece = item(account, chat.id, "hello")
        assert await here.platform.channel.find(piece) is None
        await here.platform.channel.send(piece)
        assert await here.platform.channel.find(piece) == Receipt(chat.messages[0]["id"])
        here.discord.guilds["gone"] = {"bots": []}
        lost = item(account, here.discord.channel("gone", "private").id, "hello")
        with pytest.raises(Unconfirmed):
            await here.platform.channel.find(lost)


async def test_a_server_error_is_repeated_under_the_same_nonce(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    here.discord.faults.append(Fault(SEND, "status", status=502))
    async with here.runs(account):
        await here.platform.channel.send(item(account, chat.id, "hello"))
    assert texts(chat) == ["hello"]


@pytest.mark.parametrize("kind", ["limited", "global"])
async def test_a_limit_is_waited_for_and_nothing_piles_up(stage: Any, kind: str) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    async with here.runs(account):
        here.discord.faults.append(Fault(SEND, kind, retry_after=0.3))
        sends = [here.platform.channel.send(item(account, chat.id, f"{n}")) for n in range(5)]
        await asyncio.gather(*sends)
    assert sorted(texts(chat)) == ["0", "1", "2", "3", "4"]
    asked = [entry["at"] for entry in here.discord.happened("request") if entry["method"] == "POST"]
    first = asked[-6]
    assert [at for at in asked[-5:] if at < first + 0.3] == []


async def test_the_limit_that_discord_announces_is_never_run_into(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    here.discord.messages_in_5_s, here.discord.window_s = 5, 1.0
    began = time.monotonic()
    async with here.runs(account):
        await asyncio.gather(*[here.platform.channel.send(item(account, chat.id, f"{n}")) for n in range(7)])
    assert len(texts(chat)) == 7
    assert time.monotonic() - began > 0.8
    asked = here.discord.happened("request")
    posts = [one for one in asked if one["method"] == "POST" and one["path"].endswith("/messages")]
    assert len(posts) == 7  # not one was refused


async def test_a_no_is_a_no_and_a_long_wait_is_the_outboxes(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    async with here.runs(account):
        here.discord.faults.append(Fault(SEND, "limited", retry_after=45.0))
        with pytest.raises(Unavailable) as wait:
            await here.platform.channel.send(item(account, chat.id, "later"))
        assert wait.value.retry_after_s == 45.0
        chat.denied.add("send_messages")
        with pytest.raises(Refused):
            await here.platform.channel.send(item(account, chat.id, "hello"))
    with pytest.raises(Unavailable):
        await here.platform.channel.send(item(account, chat.id, "hello"))


async def test_a_draft_grows_in_one_message_and_becomes_the_reply(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    channel = here.platform.channel
    async with here.runs(account):
        draft = await channel.draft(account.id, chat.id, "", "The tide")
        for text in ("The tide is", "The tide is low", "The tide is low to"):
            assert await channel.draft(account.id, chat.id, draft, text) == draft  # too soon: skipped
        assert texts(chat) == [f"The tide{MARK}"]
        sent = await channel.send(item(account, chat.id, "The tide is low today.", draft=draft))
        assert sent == Receipt(draft)
        assert texts(chat) == ["The tide is low today."]
        assert await channel.find(item(account, chat.id, "The tide is low today.", draft=draft)) == Receipt(draft)
        gone = await channel.draft(account.id, chat.id, "", "never mind")
        assert await channel.draft(account.id, chat.id, gone, "") == ""
        assert texts(chat) == ["The tide is low today."]
        deleted = await channel.draft(account.id, chat.id, "", "deleted by somebody")
        chat.messages.pop()
        again = await channel.send(item(account, chat.id, "said anyway", draft=deleted))
        assert again != Receipt(deleted)
    assert texts(chat) == ["The tide is low today.", "said anyway"]


async def test_a_draft_whose_writing_was_broken_off_is_swept_away(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    channel = here.platform.channel
    async with here.runs(account):
        await channel.send(item(account, chat.id, "hello"))
        here.discord.faults.append(Fault("POST .*/messages", "late", retry_after=1.0))
        drawing = asyncio.create_task(channel.draft(account.id, chat.id, "", "half a"))
        await until(lambda: len(chat.messages) == 2)
        drawing.cancel()  # the reply is whole before Discord has answered
        await asyncio.gather(drawing, return_exceptions=True)
        await channel.send(item(account, chat.id, "half a reply, and the rest"))
        assert texts(chat) == ["hello", "half a reply, and the rest"]


async def test_a_draft_that_nobody_finishes_is_swept_away(stage: Any) -> None:
    here = stage()
    bot, chat, account = await nova(here)
    here.discord.write(chat, here.discord.people[bot.id], f"of a process that died{MARK}")
    async with here.runs(account):
        await here.platform.channel.send(item(account, chat.id, "hello"))
        assert texts(chat) == ["hello"]
        here.discord.faults.append(Fault(SEND, "after"))
        assert await here.platform.channel.draft(account.id, chat.id, "", "lost on its way back") == ""
        assert texts(chat) == ["hello", f"lost on its way back{MARK}"]
        await here.platform.channel.send(item(account, chat.id, "goodbye"))
    assert texts(chat) == ["hello", "goodbye"]


async def test_typing_is_shown_and_is_never_in_the_way(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    async with here.runs(account):
        await here.platform.channel.act(account.id, chat.id, "typing")
        await until(lambda: here.discord.happened("typing"))
        await here.platform.channel.act(account.id, "1", "typing")
        await here.platform.channel.act("nobody's", chat.id, "typing")


def sound(folder: Path) -> Path:
    """A second of a tone as OGG/Opus, as the studio makes voice notes."""
    import av
    import numpy as np

    path = folder / "note.ogg"
    tone = (np.sin(np.arange(48_000) * 2 * np.pi * 440 / 48_000) * np.linspace(0, 20_000, 48_000)).astype(np.int16)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libopus", rate=48_000, layout="mono")
        for at in range(0, 48_000, 960):
            frame = av.AudioFrame.from_ndarray(tone[at : at + 960].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = 48_000
            for packet in stream.encode(frame):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return path


async def test_a_voice_note_is_a_voice_message_with_its_shape_and_length(stage: Any, tmp_path: Path) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    note = Media(new_id(), "voice", "audio/ogg", sound(tmp_path))
    async with here.runs(account):
        await here.platform.channel.send(item(account, chat.id, media=[note]))
    (message,) = chat.messages
    (attached,) = message["attachments"]
    assert message["flags"] & 8192
    assert 0.9 < attached["duration_secs"] < 1.2
    points = base64.b64decode(attached["waveform"])
    assert 1 <= len(points) <= 256
    assert points[-1] > points[0]  # it grows louder
    assert here.discord.files[attached["id"]] == note.path.read_bytes()


async def test_a_note_of_another_kind_becomes_a_voice_message_all_the_same(stage: Any, tmp_path: Path) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    with wave.open(str(tmp_path / "note.wav"), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        out.writeframes(bytes(16_000))
    note = Media(new_id(), "voice", "audio/wav", tmp_path / "note.wav")
    async with here.runs(account):
        await here.platform.channel.send(item(account, chat.id, media=[note]))
    (message,) = chat.messages
    assert message["flags"] & 8192
    assert here.discord.files[message["attachments"][0]["id"]].startswith(b"OggS")


async def test_where_voice_messages_are_not_taken_the_note_is_a_file(stage: Any, tmp_path: Path) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    note = Media(new_id(), "voice", "audio/ogg", sound(tmp_path))
    async with here.runs(account):
        here.discord.faults.append(Fault(SEND, "status", status=400))
        await here.platform.channel.send(item(account, chat.id, media=[note]))
    assert chat.messages[0]["flags"] == 0
    assert chat.messages[0]["attachments"][0]["filename"] == "voice-1.ogg"


async def test_pictures_go_out_with_their_alt_text_and_too_large_files_are_refused(stage: Any, tmp_path: Path) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    (tmp_path / "heron.png").write_bytes(b"\x89PNG of a heron")
    (tmp_path / "huge.mp4").write_bytes(bytes(11 * 2**20))
    picture = Media(new_id(), "picture", "image/png", tmp_path / "heron.png", alt_text="A heron at dawn")
    huge = Media(new_id(), "video", "video/mp4", tmp_path / "huge.mp4")
    gone = Media(new_id(), "picture", "image/png", tmp_path / "gone.png")
    async with here.runs(account):
        await here.platform.channel.send(item(account, chat.id, "look", media=[picture]))
        for unsendable in (huge, gone):
            with pytest.raises(Refused):
                await here.platform.channel.send(item(account, chat.id, media=[unsendable]))
    (attached,) = chat.messages[0]["attachments"]
    assert (attached["filename"], attached["description"]) == ("picture-1.png", "A heron at dawn")
    assert here.discord.files[attached["id"]] == b"\x89PNG of a heron"


async def test_a_draft_becomes_a_message_with_a_picture(stage: Any, tmp_path: Path) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    (tmp_path / "heron.png").write_bytes(b"a heron")
    picture = Media(new_id(), "picture", "image/png", tmp_path / "heron.png")
    channel = here.platform.channel
    async with here.runs(account):
        draft = await channel.draft(account.id, chat.id, "", "Look")
        piece = item(account, chat.id, "Look at this!", draft=draft, media=[picture])
        assert await channel.send(piece) == await channel.find(piece) == Receipt(draft)
    (message,) = chat.messages
    assert (message["content"], len(message["attachments"])) == ("Look at this!", 1)


async def test_pieces_keep_to_discords_limits(stage: Any) -> None:
    channel = stage().platform.channel
    said = channel.pieces("word " * 900, [*((f"p{n}", "picture") for n in range(12)), ("v", "voice")])
    assert all(len(one.text) <= 2000 for one in said)
    assert [len(one.assets) for one in said] == [0, 0, 10, 2, 1]
    assert said[-1].assets == ["v"]
    assert channel.pieces("", []) == []


async def test_buttons_carry_their_presses(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    row = [Button("Approve", "approve", "p" * 64), Button("Edit", "edit", "q" * 64)]
    async with here.runs(account):
        await here.platform.channel.send(item(account, chat.id, "Post it?", buttons=row))
    (drawn,) = chat.messages[0]["components"]
    assert [one["custom_id"] for one in drawn["components"]] == ["p" * 64, "edit:" + "q" * 64]


async def test_files_come_in_within_their_limit_and_from_discord_only(stage: Any, tmp_path: Path) -> None:
    here = stage("I hear you.", "Nice.")
    bot, chat, account = await nova(here)
    ada = next(id for id in chat.members if id != bot.id)
    spoken = io.BytesIO()
    with wave.open(spoken, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        out.writeframes(bytes(1600))
    note = here.discord.upload("voice-message.ogg", spoken.getvalue(), "audio/ogg", duration_secs=1.5, waveform="AA==")
    elsewhere = {**here.discord.upload("x.png", b"x", "image/png"), "url": "http://169.254.169.254/latest"}
    async with here.runs(account):
        await here.discord.say(ada, chat, "", attachments=[note, elsewhere], flags=8192)
        await here.heard(1)
        (row,) = await here.journal()
        voice, picture = row.attachments
        assert (voice["kind"], voice["duration_s"], voice["size_bytes"]) == ("voice", 1.5, len(spoken.getvalue()))
        into = tmp_path / "note"
        await here.platform.channel.fetch(account.id, voice["ref"], into, 10_000)
        assert into.read_bytes() == spoken.getvalue()
        with pytest.raises(Refused, match="larger"):
            await here.platform.channel.fetch(account.id, voice["ref"], into, 100)
        with pytest.raises(Refused, match="somewhere else"):
            await here.platform.channel.fetch(account.id, picture["ref"], into, 10_000)
        del here.discord.files[note["id"]]
        with pytest.raises(Refused, match="gone"):
            await here.platform.channel.fetch(account.id, voice["ref"], into, 10_000)


async def test_edits_and_deletions_reach_the_core(stage: Any) -> None:
    here = stage("Yes.", "Yes.", "Yes.")
    bot, chat, account = await nova(here)
    ada = next(id for id in chat.members if id != bot.id)
    async with here.runs(account):
        first = await here.discord.say(ada, chat, "I live in Kiel")
        second = await here.discord.say(ada, chat, "my secret is 1234")
        await here.heard(2)
        await here.discord.edit(first, "I live in Bremen")
        await here.discord.delete(second)

        async def changed() -> bool:
            return [row.text for row in await here.journal()] == ["I live in Bremen", ""]

        await until_so(changed)


async def test_what_was_sent_is_edited_and_deleted_as_often_as_it_is_asked(stage: Any) -> None:
    here = stage()
    _bot, chat, account = await nova(here)
    async with here.runs(account):
        send = here.platform.channel.send
        sent = (await send(item(account, chat.id, "I am hear"))).platform_id
        for _ in range(2):
            assert await send(item(account, chat.id, "I am here", change=Change(sent))) == Receipt("")
        assert texts(chat) == ["I am here"]
        for _ in range(2):
            await send(item(account, chat.id, change=Change(sent, removes=True)))
        assert texts(chat) == []
        with pytest.raises(Refused):
            await send(item(account, chat.id, "too late", change=Change(sent)))
