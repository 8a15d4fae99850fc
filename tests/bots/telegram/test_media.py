"""Media goes out in the form that Telegram has for it, and what came in is fetched within limits."""

import io
import json
import struct
import wave
import zlib
from dataclasses import replace
from pathlib import Path

import av
import pytest

from bots.channel import Change, Media
from bots.sound import as_bubble
from gator.errors import Refused, Unavailable
from memory.models import Account
from tests.bots.telegram.conftest import Stage, piece
from tests.servers.telegram import Fault


def png(path: Path) -> Path:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )
    return path


def wav(path: Path, seconds: float = 1.0) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(22_050)
        out.writeframes(b"\0\1" * int(22_050 * seconds))
    return path


def picture(path: Path, wide: int | None = None, high: int | None = None) -> Media:
    about = "A fox / at dawn"
    return Media("a1", "picture", "image/png", png(path), title=about, width_px=wide, height_px=high)


def voice(path: Path, mime: str) -> Media:
    return Media("a2", "voice", mime, path, duration_s=1.2)


@pytest.fixture
async def nova(stage: Stage) -> Account:
    stage.api.private(stage.api.person(11))
    return await stage.account(stage.api.bot(7001, "nova_bot"), await stage.persona())


async def test_a_picture_goes_out_as_a_photo_with_its_text_under_it(
    stage: Stage, nova: Account, tmp_path: Path
) -> None:
    async with stage.runs(nova):
        item = piece(nova, 11, "A **fox**!", media=[picture(tmp_path / "p")])
        await stage.platform.channel.send(item)
    sent = stage.api.sent(11)[0]
    assert (sent.method, sent.text) == ("sendPhoto", "A fox!")
    assert [*sent.files.values()] == [png(tmp_path / "p").read_bytes()]  # with the manifest that a made one carries
    assert json.loads(sent.fields["caption_entities"])[0]["type"] == "bold"


async def test_several_pictures_are_an_album_with_one_caption(stage: Stage, nova: Account, tmp_path: Path) -> None:
    media = [picture(tmp_path / f"p{n}") for n in range(3)]
    async with stage.runs(nova):
        receipt = await stage.platform.channel.send(piece(nova, 11, "Three foxes", media=media))
    sent = stage.api.sent(11)[0]
    parts = json.loads(sent.fields["media"])
    assert [one.get("caption") for one in parts] == ["Three foxes", None, None]
    assert len(sent.files) == 3
    assert receipt.platform_id == f"11:{sent.message}"


async def test_photos_of_an_album_are_taken_back_one_by_one_and_whole(
    stage: Stage, nova: Account, tmp_path: Path
) -> None:
    media = [picture(tmp_path / f"p{n}") for n in range(3)]
    send = stage.platform.channel.send

    def there() -> list[str]:
        return [str(message.get("caption", "")) for message in stage.api.messages.values()]

    async with stage.runs(nova):
        first, second, third = (await send(piece(nova, 11, "Three foxes", media=media))).parts
        for _ in range(2):  # the answer was lost, and it is asked for again
            await send(piece(nova, 11, "Three foxes", change=Change(first, files=3, goes=(second,))))
        assert there() == ["Three foxes", ""]
        await send(piece(nova, 11, "One fox", change=Change(third, files=2, goes=(first,))))
        assert there() == ["One fox"]
        await send(piece(nova, 11, "", change=Change(third, removes=True, files=1, goes=(third,))))
        assert there() == []


async def test_a_picture_too_long_for_a_photo_is_a_document(stage: Stage, nova: Account, tmp_path: Path) -> None:
    long = picture(tmp_path / "p", 100, 5000)
    async with stage.runs(nova):
        await stage.platform.channel.send(piece(nova, 11, media=[long]))
    assert stage.api.sent(11)[0].method == "sendDocument"


@pytest.mark.parametrize("kind", ["wav", "ogg"])
async def test_a_voice_note_is_a_bubble_whatever_it_was_made_as(
    stage: Stage, nova: Account, tmp_path: Path, kind: str
) -> None:
    path = wav(tmp_path / "v")
    if kind == "ogg":
        path.write_bytes(as_bubble(path))
    async with stage.runs(nova):
        await stage.platform.channel.send(piece(nova, 11, media=[voice(path, f"audio/{kind}")]))
    sent = stage.api.sent(11)[0]
    data = next(iter(sent.files.values()))
    assert (sent.method, sent.fields["duration"]) == ("sendVoice", "1")
    with av.open(io.BytesIO(data), "r") as sound:
        assert (sound.format.name, sound.streams.audio[0].codec_context.name) == ("ogg", "opus")
        assert sum(frame.samples for frame in sound.decode(audio=0)) / 48_000 == pytest.approx(1.0, abs=0.1)
    if kind == "ogg":
        assert data == path.read_bytes()


async def test_who_forbids_voice_notes_gets_a_sound_file(stage: Stage, nova: Account, tmp_path: Path) -> None:
    stage.api.no_voice.add(11)
    media = [voice(wav(tmp_path / "v"), "audio/wav")]
    async with stage.runs(nova):
        await stage.platform.channel.send(piece(nova, 11, media=media))
        stage.api.fault("sendAudio", Fault(status=400, description="Bad Request: not today"))
        await stage.platform.channel.send(piece(nova, 11, media=media))
    assert [one.method for one in stage.api.sent(11)] == ["sendAudio", "sendDocument"]


async def test_what_is_no_sound_is_refused(stage: Stage, nova: Account, tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(b"not a sound at all")
    async with stage.runs(nova):
        with pytest.raises(Refused, match="no sound"):
            await stage.platform.channel.send(piece(nova, 11, media=[voice(tmp_path / "v", "audio/wav")]))
    assert not stage.api.sent()


async def test_a_video_and_a_document_go_out_as_such(stage: Stage, nova: Account, tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(b"\0\0\0\x18ftypmp42")
    async with stage.runs(nova):
        video = Media("v", "video", "video/mp4", tmp_path / "v", duration_s=3, width_px=16, height_px=9)
        await stage.platform.channel.send(piece(nova, 11, media=[video]))
        await stage.platform.channel.send(
            piece(nova, 11, media=[Media("d", "document", "application/pdf", tmp_path / "v")])
        )
    methods = [(one.method, next(iter(one.files))) for one in stage.api.sent(11)]
    assert [method for method, _ in methods] == ["sendVideo", "sendDocument"]


async def test_a_file_that_we_lost_is_refused(stage: Stage, nova: Account, tmp_path: Path) -> None:
    gone = Media("a1", "picture", "image/png", tmp_path / "gone")
    async with stage.runs(nova):
        with pytest.raises(Refused, match="no longer"):
            await stage.platform.channel.send(piece(nova, 11, media=[gone]))


async def test_a_picture_still_being_made_is_waited_for(stage: Stage, nova: Account) -> None:
    async with stage.runs(nova):
        with pytest.raises(Unavailable, match="being made"):
            await stage.platform.channel.send(replace(piece(nova, 11), assets=["a1"]))


async def test_pieces_are_what_one_call_can_carry(stage: Stage) -> None:
    pieces = stage.platform.channel.pieces
    pictures = [(f"p{n}", "picture") for n in range(12)]
    assert [(one.text, len(one.assets)) for one in pieces("look", pictures)] == [("look", 10), ("", 2)]
    assert [(one.text, one.assets) for one in pieces("hear", [("v", "voice")])] == [("hear", []), ("", ["v"])]
    long = "word " * 400
    assert [(len(one.text), one.assets) for one in pieces(long, [("p", "picture")])] == [(1999, []), (0, ["p"])]
    assert len(pieces("word " * 2000, [])) == 3
    assert pieces("", []) == []


# Coming in


async def test_a_file_that_came_in_is_fetched_and_no_larger_one(stage: Stage, nova: Account, tmp_path: Path) -> None:
    ref = stage.api.upload(b"x" * 5000)
    async with stage.runs(nova):
        await stage.platform.channel.fetch(nova.id, ref, tmp_path / "in", 5000)
        assert (tmp_path / "in").stat().st_size == 5000
        with pytest.raises(Refused, match="larger"):
            await stage.platform.channel.fetch(nova.id, ref, tmp_path / "in2", 4999)
        with pytest.raises(Refused, match="larger"):
            await stage.platform.channel.fetch(nova.id, stage.api.upload(b"x" * 20_000_001), tmp_path / "in3", 1 << 30)
        with pytest.raises(Refused):
            await stage.platform.channel.fetch(nova.id, "gone", tmp_path / "in4", 5000)
        stage.api.fault("getFile", Fault(status=500))
        with pytest.raises(Unavailable):
            await stage.platform.channel.fetch(nova.id, ref, tmp_path / "in5", 5000)


# Courtesies


async def test_signs_of_typing_are_shown_and_never_raise(stage: Stage, nova: Account) -> None:
    channel = stage.platform.channel
    async with stage.runs(nova):
        await channel.act(nova.id, "11", "recording")
        await channel.act(nova.id, "11", "typing")  # within a second: left out
        stage.api.fault("sendChatAction", Fault(status=500), Fault(cut="before"))
        for chat in (12, 13, 14):
            await channel.act(nova.id, str(chat), "uploading")
    await channel.act(nova.id, "11", "typing")  # not held any more
    assert [one.text for one in stage.api.world] == ["record_voice"]


async def test_a_reply_is_streamed_as_a_draft_in_private_chats(stage: Stage, nova: Account) -> None:
    channel = stage.platform.channel
    stage.api.group(-100)
    async with stage.runs(nova):
        assert await channel.draft(nova.id, "11", "", "Once **upon") == ""
        await channel.draft(nova.id, "-100", "", "not in groups")
        await channel.send(piece(nova, 11, "Once upon a time."))
        await channel.draft(nova.id, "11", "", "")
    assert [(one.method, one.text) for one in stage.api.world] == [
        ("sendMessageDraft", "Once **upon"),
        ("sendMessage", "Once upon a time."),
    ]


async def test_a_server_that_knows_no_drafts_is_asked_once(stage: Stage, nova: Account) -> None:
    stage.api.unknown.add("sendMessageDraft")
    stage.api.private(stage.api.person(12))
    async with stage.runs(nova):
        for chat in ("11", "12"):
            await stage.platform.channel.draft(nova.id, chat, "", "Once")
        assert not stage.platform.channel.lines[nova.id].has_drafts
        await stage.platform.channel.send(piece(nova, 11, "Once upon a time."))
    assert len(stage.api.sent(11)) == 1
