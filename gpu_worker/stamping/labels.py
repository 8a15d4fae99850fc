"""Where does a file say its IPTC digital source type? In XMP: a PNG's text, a WAV's `_PMX` chunk, a box of an MP4.

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
    "audio/wav": _onto_wav,
    "video/mp4": _onto_mp4,
}
