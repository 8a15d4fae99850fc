"""What does a PNG or APNG carry besides its picture? Its chunks, read one at a time (PNG, third edition, sections 5 and 11)."""

import base64
import binascii
import hashlib
import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from gator.errors import Refused
from tools.personas.cards.limits import MAX_CARD, MAX_CHUNK, MAX_CHUNKS, MAX_FILE, MAX_PIXELS, MIB

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CARD_KEYWORDS = ("chara", "ccv3")  # V1 and V2; V3

# Without these there is no picture, or another one; all the rest may carry a stranger's words.
_PICTURE = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chunk:
    type: bytes
    data: bytes


def read(stream: BinaryIO) -> Iterator[Chunk]:
    """The chunks, from behind the signature to IEND. Raises Refused for a damaged, cut or oversized file.

    A chunk's length is judged before its bytes are read.
    """
    total = 0
    for number in range(MAX_CHUNKS):
        header = _exactly(stream, 8)
        length, kind = struct.unpack(">I4s", header)
        total += length + 12
        if length > MAX_CHUNK or total > MAX_FILE:
            raise Refused(
                f"The picture has a chunk of {length / MIB:.0f} MiB; at most {MAX_CHUNK // MIB} MiB are read of one, "
                f"{MAX_FILE // MIB} of all.",
                remedy="Save the card with a smaller picture.",
            )
        data, sum_ = _exactly(stream, length), _exactly(stream, 4)
        if zlib.crc32(data, zlib.crc32(kind)) != int.from_bytes(sum_, "big"):
            raise Refused("The picture is damaged: a checksum does not fit.", remedy="Download the card again.")
        _refuse_odd(number, kind, data)
        yield Chunk(kind, data)
        if kind == b"IEND":
            return
    raise Refused(f"The picture has more than {MAX_CHUNKS} chunks.")


def chunks_of(content: bytes) -> list[Chunk]:
    """All chunks of a whole file."""
    return list(read(io.BytesIO(content[len(SIGNATURE) :])))


def write(chunks: Iterable[Chunk]) -> bytes:
    parts = [SIGNATURE]
    for chunk in chunks:
        crc = zlib.crc32(chunk.data, zlib.crc32(chunk.type))
        parts += [struct.pack(">I4s", len(chunk.data), chunk.type), chunk.data, struct.pack(">I", crc)]
    return b"".join(parts)


def picture_only(chunks: Iterable[Chunk]) -> bytes:
    """The PNG without texts, positions, dates and everything else that does not show."""
    return write(chunk for chunk in chunks if chunk.type in _PICTURE)


def card_in(chunk: Chunk) -> tuple[str, str] | None:
    """(keyword, JSON text) when the chunk carries a card. Raises Refused when it should but cannot be read."""
    if chunk.type not in (b"tEXt", b"zTXt", b"iTXt"):
        return None
    keyword, _, rest = chunk.data.partition(b"\0")
    name = keyword.decode("latin-1").lower()
    return (name, _decoded(_text(chunk.type, rest))) if name in CARD_KEYWORDS else None


def with_card(keyword: str, text: str) -> Chunk:
    """The tEXt chunk that carries a card: base64 of UTF-8, as V1 to V3 have it."""
    return Chunk(b"tEXt", keyword.encode() + b"\0" + base64.b64encode(text.encode()))


def plain_portrait(name: str) -> list[Chunk]:
    """A picture for a card that has none: two colours made from the name, fading into each other."""
    width, height = 400, 600
    tone = hashlib.sha256(name.encode()).digest()
    top, bottom = tone[:3], tone[3:6]
    rows = bytearray()
    for line in range(height):
        pixel = bytes((a * (height - line) + b * line) // height for a, b in zip(top, bottom, strict=True))
        rows += b"\0" + pixel * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8-bit RGB
    return [Chunk(b"IHDR", header), Chunk(b"IDAT", zlib.compress(bytes(rows), 9)), Chunk(b"IEND", b"")]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise Refused("The picture ends in the middle.", remedy="Download the card again.")
    return data


def _refuse_odd(number: int, kind: bytes, data: bytes) -> None:
    if (number == 0) != (kind == b"IHDR") or (kind == b"IHDR" and len(data) != 13) or not kind.isalpha():
        raise Refused("The picture is not a PNG that can be read.", remedy="Save it as PNG again.")
    if kind == b"IHDR":
        width, height = struct.unpack(">II", data[:8])
        if not 0 < width * height <= MAX_PIXELS:
            raise Refused(f"The picture is {width} x {height} pixels.", remedy=f"At most {MAX_PIXELS:,} are taken.")


def _text(kind: bytes, rest: bytes) -> bytes:
    """The text of a chunk behind its keyword, unpacked where it is packed."""
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _unpacked(rest[1:])
    packed, rest = rest[:1] == b"\1", rest[2:]
    _language, _, rest = rest.partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    return _unpacked(text) if packed else text


def _unpacked(data: bytes) -> bytes:
    most = MAX_CARD * 4 // 3 + 4  # base64
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(data, most + 1)
    except zlib.error as broken:
        raise Refused("The card's text cannot be unpacked.", remedy="Export the card again.") from broken
    if len(text) > most:
        raise Refused(f"The card's text unpacks to more than {MAX_CARD // MIB} MiB.")
    return text


def _decoded(text: bytes) -> str:
    """JSON out of base64; some programs write it bare."""
    bare = text.strip()
    if not bare.startswith(b"{"):
        packed = b"".join(bare.split()).rstrip(b"=")
        try:
            bare = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
        except binascii.Error as broken:
            raise Refused("The card in the picture is not base64.", remedy="Export the card again.") from broken
    try:
        return bare.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise Refused("The card in the picture is not UTF-8 text.", remedy="Export the card again.") from broken
