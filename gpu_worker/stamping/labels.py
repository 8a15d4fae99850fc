"""Where does a file say its IPTC digital source type? In XMP: a PNG's text, a JPEG's APP1, a chunk of a WebP
or a WAV, a box of an MP4.

MP3 and Ogg carry it as a tag, which libav writes with the sound (`gpu_worker.voices.files`). The packet holds no time and no
words of anybody's, so that the same file gets the same bytes. https://cv.iptc.org/newscodes/digitalsourcetype/
"""

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

SOFTWARE = "Gator"
TAG = "DIGITALSOURCETYPE"  # of MP3 (a TXXX frame) and Ogg (a comment)
_PNG_TEXT = b"XML:com.adobe.xmp"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_FIRST = (0xE0, 0xE1)  # APP0 and APP1
_JPEG_SCAN = 0xDA
_WEBP_HAS_XMP, _WEBP_HAS_ALPHA = 0x04, 0x10
_MP4_XMP = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")  # XMP specification part 3, 1.2.3


def put(path: Path, mime: str, source_type: str) -> None:
    """Write the source type into the file, in place, where its kind has a packet and none is there."""
    if place := _PLACES.get(mime):
        with path.open("r+b") as file:
            place(file, packet(source_type).encode())


def packet(source_type: str, more: str = "") -> str:
    """XMP; `more` is further properties, already XML."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"'
        ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f"<Iptc4xmpExt:DigitalSourceType>{escape(source_type)}</Iptc4xmpExt:DigitalSourceType>"
        f"<xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool>{more}"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )


def _into_png(file: BinaryIO, xmp: bytes) -> None:
    """Before the picture's data, as readers that stop there expect. The pictures are small enough to be held."""
    file.seek(0)
    data = file.read()
    first = next(at for at, kind in _png_chunks(data) if kind == b"IDAT")
    if _PNG_TEXT in data[:first]:
        return
    body = b"iTXt" + _PNG_TEXT + b"\0" * 5 + xmp
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    file.seek(first)
    file.write(chunk + data[first:])


def _png_chunks(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield at, data[at + 4 : at + 8]
        at += length + 12


def _into_jpeg(file: BinaryIO, xmp: bytes) -> None:
    """Behind the first segments, JFIF's and Exif's, which readers expect there (XMP specification part 3, 1.1.3)."""
    file.seek(0)
    data = file.read()
    segments = list(_jpeg_segments(data))
    if any(data.startswith(_JPEG_XMP, start + 4) for start, _ in segments):
        return
    at = next(start for start, marker in segments if marker not in _JPEG_FIRST)
    body = _JPEG_XMP + xmp
    file.seek(at)
    file.write(b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body + data[at:])


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each begins and its marker, up to that of the scan."""
    at, marker = 2, 0
    while marker != _JPEG_SCAN:
        marker = data[at + 1]
        yield at, marker
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _onto_webp(file: BinaryIO, xmp: bytes) -> None:
    """At the end, as the extended format has it, into which the simple ones are put (RFC 9649, section 2.7)."""
    file.seek(0)
    data = file.read()
    form, chunks = data[12:16], data[12:]
    if form == b"VP8X":
        if data[20] & _WEBP_HAS_XMP:
            return
        chunks = chunks[:8] + bytes([data[20] | _WEBP_HAS_XMP]) + chunks[9:]
    else:
        chunks = _webp_head(form, data[20:]) + chunks
    chunks += b"XMP " + struct.pack("<I", len(xmp)) + xmp + b"\0" * (len(xmp) % 2)
    file.seek(0)
    file.write(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks)


def _webp_head(form: bytes, frame: bytes) -> bytes:
    """The VP8X chunk of a simple file: whether it has see-through places, and its size (RFC 9649, 2.5 and 3.4; RFC 6386, 9.1)."""
    if form == b"VP8L":
        bits = int.from_bytes(frame[1:5], "little")
        width, height, clear = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1
    else:
        width, height, clear = *(one & 0x3FFF for one in struct.unpack_from("<HH", frame, 6)), 0
    flags = _WEBP_HAS_XMP | (_WEBP_HAS_ALPHA if clear else 0)
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + size


def _onto_wav(file: BinaryIO, xmp: bytes) -> None:
    end = file.seek(0, os.SEEK_END)
    file.write(b"\0" * (end % 2) + b"_PMX" + struct.pack("<I", len(xmp)) + xmp + b"\0" * (len(xmp) % 2))
    size = file.tell() - 8
    file.seek(4)
    file.write(struct.pack("<I", size))


def _onto_mp4(file: BinaryIO, xmp: bytes) -> None:
    """At the end, where it moves nothing that the file's tables point at."""
    file.seek(0, os.SEEK_END)
    file.write(struct.pack(">I4s", 8 + len(_MP4_XMP) + len(xmp), b"uuid") + _MP4_XMP + xmp)


_PLACES: dict[str, Callable[[BinaryIO, bytes], None]] = {
    "image/png": _into_png,
    "image/jpeg": _into_jpeg,
    "image/webp": _onto_webp,
    "audio/wav": _onto_wav,
    "video/mp4": _onto_mp4,
}
