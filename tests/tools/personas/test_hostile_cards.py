"""Is a hostile card refused, with its reason, and before it costs anything?"""

import io
import json
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from typing import Any

import pytest

from gator.errors import Refused
from tests.tools.personas import cards
from tools.personas.admission import admit
from tools.personas.cards import reading


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        admit(reading.read_bytes(content).character)
    return str(refused.value)


def as_json(card: Any) -> bytes:
    return json.dumps(card).encode()


def zipped(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", json.dumps(cards.V3))
        for name, content in entries:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


class CountingStream(io.BytesIO):
    """Says how many bytes were asked for."""

    asked = 0

    def read(self, size: int | None = -1) -> bytes:
        self.asked += size or 0
        return super().read(size)


def test_a_chunk_of_200_mb_is_refused_from_its_header() -> None:
    header = struct.pack(">I4s", 200_000_000, b"tEXt")
    stream = CountingStream(cards.png()[:33] + header + b"chara\0")

    with pytest.raises(Refused, match="191 MiB"):
        reading.read(stream)

    assert stream.asked < 100


@pytest.mark.parametrize("keyword", ["chara", "ccv3"])
def test_text_that_unpacks_to_too_much_is_refused_in_little_memory(keyword: str) -> None:
    bomb = keyword.encode() + b"\0\0" + zlib.compress(b"A" * 300_000_000, 9)
    content = cards.png(cards.chunk(b"zTXt", bomb))
    tracemalloc.start()

    message = refusal(content)

    assert "unpacks to more than" in message
    assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    tracemalloc.stop()


ARCHIVES = {
    "bomb": (zipped(("assets/zeros.bin", bytes(64 * 2**20))), "bomb"),
    "many small bombs": (zipped(*((f"a/{number}", bytes(2**20 - 1)) for number in range(200))), "128 MiB"),
    "too many files": (zipped(*((f"a/{number}", b"") for number in range(2100))), "2101 files"),
    "absolute path": (zipped(("/etc/passwd", b"x")), "leads out"),
    "path upwards": (zipped(("assets/../../x", b"x")), "leads out"),
    "backslashes": (zipped(("assets\\..\\x", b"x")), "leads out"),
    "drive": (zipped(("C:/x", b"x")), "leads out"),
    "link": (zipped((link("assets/link"), b"/etc/passwd")), "not a file"),
    "not a zip": (b"PK\x03\x04" + bytes(100), "damaged"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_is_refused(name: str) -> None:
    content, reason = ARCHIVES[name]
    started = time.process_time()

    assert reason in refusal(content)
    assert time.process_time() - started < 5


def test_an_archive_without_a_card_is_no_card() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")

    assert "no card.json" in refusal(buffer.getvalue())


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(cards.charx(cards.V3))
    content[6] |= 1  # the flag in the local header
    central = content.rindex(b"PK\x01\x02")
    content[central + 8] |= 1

    assert "encrypted" in refusal(bytes(content))


def test_a_damaged_asset_is_found_on_import() -> None:
    content = bytearray(zipped(("assets/a.bin", b"")))
    content[content.index(b"PK\x03\x04") + 45] ^= 0xFF

    assert "damaged" in refusal(bytes(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no character card"),
        (b"hello there", "no character card"),
        (b"- a\n- b\n", "no character card"),
        (b"\xff\xfe\x00\x01", "no character card"),
        (b"{not json", "not valid JSON"),
        (b'{"name": "x"}', "no character card"),
        (b'{"a": NaN}', "no number"),
        (b'{"a": 1e999}', "no number"),
        (b'{"a": ' + b"[" * 100_000, "nested"),
        (b'{"a": "' + b'\\"' * 1_000_000, "not valid JSON"),
        (b'{"a": "' + b"x" * 9_000_000 + b'"}', "longer than 8 MiB"),
        (b'{"n": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"{" + bytes(33 * 2**20), "larger than 32 MiB"),
        (b"a: " + b"x" * 2_000_000, "longer than 1 MiB"),
        (b"name: &a [x]\ntags: *a\n", "aliases"),
        (b"name: x\ntags: " + b"[" * 5000, "no character card"),
        (b"name: !!python/object/apply:os.system ['true']\n", "no character card"),
        (b"name: x\nunknown_field: 1\n", "no character card"),
        (cards.png(), "no character card"),
        (cards.png(cards.text_chunk("chara", cards.V2))[:-30], "ends in the middle"),
        (cards.png(cards.text_chunk("chara", cards.V2)).replace(b"chara", b"charb"), "checksum"),
        (cards.png(cards.chunk(b"tEXt", b"chara\0!!!")), "not base64"),
        (cards.png(cards.chunk(b"tEXt", b"chara\0/////w==")), "not UTF-8"),
        (cards.png(cards.chunk(b"zTXt", b"chara\0\0nothing")), "cannot be unpacked"),
        (cards.png().replace(b"IHDR", b"IDAT", 1), "checksum"),
        (b"\x89PNG\r\n\x1a\n" + cards.chunk(b"IEND", b""), "not a PNG"),
        (b"\x89PNG\r\n\x1a\n" + cards.chunk(b"IHDR", struct.pack(">IIBBBBB", 90_000, 90_000, 8, 0, 0, 0, 0)), "pixels"),
    ],
)
def test_what_is_no_card_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    assert reason in refusal(content)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (("chara", cards.V2), ("chara", cards.changed(cards.V2, name="Other")), "called chara"),
        (("ccv3", cards.V3), ("ccv3", cards.changed(cards.V3, tags=[])), "called ccv3"),
        (("chara", cards.V2), ("ccv3", cards.changed(cards.V3, description="Another one.")), "about the description"),
    ],
)
def test_two_cards_that_disagree_are_refused(first: Any, second: Any, reason: str) -> None:
    content = cards.png(cards.text_chunk(*first), cards.text_chunk(*second))

    assert reason in refusal(content)


def test_two_cards_that_agree_are_one() -> None:
    content = cards.png(cards.text_chunk("chara", cards.V2), cards.text_chunk("chara", cards.V2, "iTXt"))

    assert reading.read_bytes(content).card == cards.V2


def _book(content: str) -> dict[str, Any]:
    return {"character_book": {"entries": [{"keys": ["k"], "content": content}]}}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"description": "Mia is a 16-year-old girl."}, "data.description says otherwise"),
        ({"personality": "typical high school student"}, "data.personality says otherwise"),
        ({"scenario": "Your underage neighbour visits."}, "data.scenario says otherwise"),
        ({"tags": ["loli"]}, "data.tags.0 says otherwise"),
        (_book("She is 15 years old."), "data.character_book.entries.0.content says otherwise"),
        ({"extensions": {"depth_prompt": {"prompt": "Age: 13"}}}, "data.extensions.depth_prompt.prompt says otherwise"),
        ({"extensions": {"gator": {"character": {"age": 12}}}}, "this one is 12"),
        ({"first_mes": "<script>fetch('/')</script>"}, "data.first_mes holds a script"),
        ({"creator_notes": "<img src=x onerror=alert(1)>"}, "data.creator_notes holds an event handler"),
        ({"source": ["javascript:alert(1)"]}, "data.source.0 holds a script URL"),
        ({"tags": ["data:text/html;base64,AAAA"]}, "data.tags.0 holds a script URL"),
        ({"description": "nul \x00 byte"}, "data.description holds characters"),
        ({"description": "half \ud800 pair"}, "data.description holds characters"),
        ({"name": "x" * 101}, "name does not fit"),
        ({"name": "  "}, "name does not fit"),
        ({"tags": "not a list"}, "tags is not a list"),
        ({"scenario": {"a": 1}}, "scenario is not text"),
        ({"description": "x" * 200_001}, "backstory does not fit"),
        ({"alternate_greetings": ["hi"] * 201}, "alternate_greetings does not fit"),
    ],
)
def test_a_card_that_harms_or_does_not_fit_is_refused_by_field(fields: dict[str, Any], reason: str) -> None:
    assert reason in refusal(as_json(cards.changed(cards.V2, **fields)))


def test_odd_values_in_a_lorebook_are_read_as_what_they_can_be() -> None:
    entries = [
        {
            "keys": "a, b",
            "content": None,
            "insertion_order": "x",
            "extensions": {"sticky": -3, "cooldown": 1e12, "delay": True},
        },
        "not an entry",
        {"keys": None, "content": "x", "extensions": None, "position": 4, "id": {"a": 1}},
    ]
    card = cards.changed(cards.V2, character_book={"entries": entries})

    found = reading.read_bytes(as_json(card))
    first, second = admit(found.character).lorebook.entries

    assert (first.keys, first.sticky, first.cooldown, first.delay, first.order) == (["a", "b"], 0, 10_000, 0, 100)
    assert (second.content, second.position) == ("x", "before_char")


def test_pictures_inside_a_card_are_not_read_as_words() -> None:
    card = cards.changed(
        cards.V3,
        assets=[{"type": "icon", "uri": "data:image/png;base64," + "lo1i/17yo+" * 90_000, "name": "a", "ext": "png"}],
    )

    assert reading.read_bytes(as_json(card)).card == card
