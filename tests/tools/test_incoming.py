"""Files of strangers: what they are is told by decoding them, in a process that they cannot leave."""

import io
from pathlib import Path

import av
import pytest
from PIL import Image

from memory.looks import alike, look, parsed
from tests import files
from tools.decoding.kinds import kind_of
from tools.incoming import Examined, Examiner


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


async def examine(body: bytes, kept: Path) -> Examined:
    sent = kept.with_name("sent.jpg")  # a name that tells nothing
    sent.write_bytes(body)
    return await Examiner().examine(sent, kept)


async def test_a_photo_is_kept_upright_and_without_the_place_where_it_was_taken(kept: Path) -> None:
    body = files.located_photo()
    assert b"Telephone GmbH" in body
    found = (await examine(body, kept)).found
    assert found is not None
    assert (found.kind, found.mime, found.width_px, found.height_px) == ("picture", "image/jpeg", 48, 64)
    assert b"Telephone" not in kept.read_bytes()
    with Image.open(kept) as picture:
        assert dict(picture.getexif()) == {}
        red, _, blue = picture.convert("RGB").getpixel((24, 4))  # type: ignore[misc]
        assert red > blue  # what lay at the left is on top


@pytest.mark.parametrize(("format", "mime"), [("PNG", "image/png"), ("GIF", "image/png"), ("WEBP", "image/jpeg")])
async def test_pictures_of_other_kinds_are_written_anew(format: str, mime: str, kept: Path) -> None:
    found = (await examine(files.picture(format), kept)).found
    assert found is not None
    assert (found.kind, found.mime) == ("picture", mime)
    with Image.open(kept) as picture:
        assert picture.size == (64, 48)


async def test_what_is_clear_in_a_picture_stays_clear_and_sixteen_bits_become_eight(kept: Path) -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 40)).save(clear, "WEBP", lossless=True)
    await examine(clear.getvalue(), kept)
    with Image.open(kept) as picture:
        assert picture.getpixel((1, 1)) == (255, 0, 0, 40)
    deep = io.BytesIO()
    Image.new("I;16", (8, 8), 32_768).save(deep, "PNG")
    await examine(deep.getvalue(), kept)
    with Image.open(kept) as picture:
        assert picture.getpixel((1, 1)) == (128, 128, 128)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"]
)
async def test_a_photo_with_broken_exif_is_taken_as_it_lies(exif: bytes, kept: Path) -> None:
    found = (await examine(files.picture(exif=exif), kept)).found
    assert found is not None
    assert (found.width_px, found.height_px) == (64, 48)


async def test_the_largest_picture_that_is_taken_fits_into_the_memory_of_the_process(kept: Path) -> None:
    large = io.BytesIO()
    Image.new("RGBA", (7071, 7071), (9, 9, 9, 99)).save(large, "PNG", compress_level=1)
    found = (await examine(large.getvalue(), kept)).found
    assert found is not None
    assert (found.width_px, found.height_px) == (4096, 4096)


async def test_how_a_picture_looks_is_told_where_it_is_asked_for(kept: Path) -> None:
    sent = kept.with_name("sent")
    sent.write_bytes(files.picture())
    found = (await Examiner().examine(sent, kept, looked=True)).found
    assert found is not None
    with Image.open(kept) as picture:
        assert alike(parsed([found.look]), parsed([look(picture)]))


async def test_a_picture_is_shrunk_for_a_model_that_sees(kept: Path) -> None:
    examiner = Examiner()
    await examine(files.picture("PNG", (1800, 900)), kept)
    small = kept.with_name("small")
    assert await examiner.shrink(kept, small, 1024)
    with Image.open(small) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1024, 512))


SOUNDS = [
    ("ogg", "libopus"), ("webm", "libopus"), ("mp4", "aac"), ("wav", "pcm_s16le"), ("mp3", "libmp3lame"),
    ("adts", "aac"), ("flac", "flac"),
]  # fmt: skip


@pytest.mark.parametrize(("container", "codec"), SOUNDS)
async def test_a_voice_note_of_any_recorder_is_kept_as_mp3(container: str, codec: str, kept: Path) -> None:
    found = (await examine(files.sound(container, codec), kept)).found
    assert found is not None
    assert (found.kind, found.mime) == ("voice", "audio/mpeg")
    assert found.duration_s == pytest.approx(2.0, abs=0.1)
    with av.open(str(kept), "r") as again:
        samples = sum(frame.samples for frame in again.decode(audio=0))
    assert samples / 44_100 == pytest.approx(2.0, abs=0.2)


async def test_of_a_torn_recording_what_can_be_heard_is_kept(kept: Path) -> None:
    whole = files.sound(lasts_s=4)
    found = (await examine(whole[: len(whole) // 2], kept)).found
    assert found is not None
    assert found.duration_s is not None
    assert 0.5 < found.duration_s < 4
    assert (await examine(whole[:60], kept)).problem == "broken"


async def test_a_recording_of_more_than_ten_minutes_is_not_taken(kept: Path) -> None:
    assert (await examine(files.sound("wav", "pcm_u8", lasts_s=0.1), kept)).problem is None
    long = files.sound("flac", "flac", lasts_s=602)
    assert (await examine(long, kept)).problem == "too_long"


@pytest.mark.parametrize(("container", "codec"), [("mp4", "libx264"), ("mov", "libx264"), ("webm", "libvpx-vp9")])
async def test_a_film_is_put_into_a_new_container_without_a_place(container: str, codec: str, kept: Path) -> None:
    body = files.film(container, codec, title="a secret", location="+52.5200+013.4050/")
    assert b"a secret" in body
    found = (await examine(body, kept)).found
    assert found is not None
    assert (found.kind, found.width_px, found.height_px) == ("video", 160, 120)
    assert found.duration_s == pytest.approx(1.0, abs=0.1)
    assert b"a secret" not in kept.read_bytes()
    assert b"+52.52" not in kept.read_bytes()
    with av.open(str(kept), "r") as again:
        assert sum(1 for _ in again.decode(video=0)) == 25


async def test_plain_words_are_kept_and_markup_is_not(kept: Path) -> None:
    found = (await examine("Grüße aus Nazaré\n".encode(), kept)).found
    assert found is not None
    assert (found.kind, found.mime, found.text) == ("document", "text/plain", "Grüße aus Nazaré")
    for markup in (files.SVG, b"<!DOCTYPE html><p>hi", b"\xef\xbb\xbf  <html>", b"words\0and a null"):
        assert (await examine(markup, kept)).problem == "unwanted"


async def test_a_playlist_is_only_words(kept: Path) -> None:
    found = (await examine(files.PLAYLIST, kept)).found
    assert found is not None
    assert (found.kind, found.mime) == ("document", "text/plain")


async def test_a_pdf_is_kept_unless_it_is_an_archive_too(kept: Path) -> None:
    assert (await examine(files.PDF, kept)).found is not None
    assert (await examine(files.PDF[:-7], kept)).problem == "broken"
    assert (
        await examine(files.PDF + files.archive()[:-22] + b"%%EOF" + files.archive()[-22:], kept)
    ).problem == "archive"


async def test_a_picture_of_thirty_thousand_pixels_a_side_is_not_decoded(kept: Path) -> None:
    bomb = files.bomb()
    assert len(bomb) < 300_000
    assert (await examine(bomb, kept)).problem == "too_large"


async def test_an_archive_called_a_picture_is_not_taken(kept: Path) -> None:
    assert (await examine(files.archive(), kept)).problem == "archive"


async def test_of_a_picture_that_is_an_archive_too_only_the_picture_is_kept(kept: Path) -> None:
    assert (await examine(files.picture_and_archive(), kept)).found is not None
    assert b"PK" not in kept.read_bytes()


async def test_a_film_that_claims_ten_hours_is_not_taken(kept: Path) -> None:
    assert (await examine(files.endless_film(), kept)).problem == "too_long"


@pytest.mark.parametrize("whole", [files.picture("PNG"), files.sound(), files.film(), files.sound("mp4", "aac")])
async def test_files_cut_off_anywhere_never_crash_us(whole: bytes, kept: Path) -> None:
    for share in (0.02, 0.4, 0.95):
        examined = await examine(whole[: int(len(whole) * share)], kept)
        assert (examined.found is None) != (examined.problem is None)


async def test_a_file_over_the_limit_is_not_even_opened(kept: Path) -> None:
    assert (await examine(b"\xff\xd8\xff" + bytes(51 << 20), kept)).problem == "too_large"
    assert (await examine(files.picture("PNG") + bytes(21 << 20), kept)).problem == "too_large"


def test_first_bytes_tell_families() -> None:
    heads = {
        b"\x00\x00\x00\x18ftypheic": "other", b"\x00\x00\x00\x18ftypM4A ": "film", b"RIFF\0\0\0\0AVI ": "other",
        b"\xff\xfb\x90\x00": "sound", b"\xff\xf1\x50\x80": "sound", b"\xff\xfeh\0i\0": "text", b"\x1f\x8b\x08": "archive",
    }  # fmt: skip
    assert {head: kind_of(head).family for head in heads} == heads
