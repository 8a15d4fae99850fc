"""What could this file be? By its first bytes alone; names and media types are what the sender says."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["picture", "sound", "film", "pdf", "text", "archive", "other"]
HEAD_BYTES = 512


@dataclass(frozen=True, slots=True)
class Kind:
    """The family, and the decoder that reads it: Pillow's name of a picture, libav's of a container."""

    family: Family
    format: str = ""


_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", Kind("picture", "JPEG")),
    (b"\x89PNG\r\n\x1a\n", Kind("picture", "PNG")),
    (b"GIF87a", Kind("picture", "GIF")),
    (b"GIF89a", Kind("picture", "GIF")),
    (b"OggS", Kind("sound", "ogg")),
    (b"fLaC", Kind("sound", "flac")),
    (b"ID3", Kind("sound", "mp3")),
    (b"#!AMR", Kind("sound", "amr")),
    (b"caff", Kind("sound", "caf")),
    (b"\x1aE\xdf\xa3", Kind("film", "matroska")),  # WebM too
    (b"%PDF-", Kind("pdf")),
    (b"PK\x03\x04", Kind("archive")),
    (b"PK\x05\x06", Kind("archive")),
    (b"Rar!", Kind("archive")),
    (b"7z\xbc\xaf\x27\x1c", Kind("archive")),
    (b"\x1f\x8b", Kind("archive")),
    (b"BZh", Kind("archive")),
    (b"\xfd7zXZ", Kind("archive")),
    (b"\x28\xb5\x2f\xfd", Kind("archive")),
)
# ISO/IEC 14496-12: pictures share the container with films; Pillow reads none of these.
_PICTURE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}


def kind_of(head: bytes) -> Kind:
    """The only kind that these first HEAD_BYTES allow; `other` for what is not taken, `text` for what may be words."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], Kind("other"))
    if head[4:8] == b"ftyp":
        return Kind("other") if head[8:12] in _PICTURE_BRANDS else Kind("film", "mov")
    if head[257:262] == b"ustar":
        return Kind("archive")
    return _by_sync(head) or Kind("text")


_RIFF = {b"WEBP": Kind("picture", "WEBP"), b"WAVE": Kind("sound", "wav")}


def _by_sync(head: bytes) -> Kind | None:
    """MPEG audio begins with eleven set bits (ISO/IEC 11172-3); layer 0 is ADTS, which is AAC (ISO/IEC 13818-7)."""
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or head[:2] == b"\xff\xfe":
        return None
    return Kind("sound", "mp3" if head[1] & 0x06 else "aac")
