"""Which files do people send? Real ones, encoded on the spot, and those that are built to do harm."""

import io
import struct
import zipfile
import zlib
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

RATE_HZ = 48_000


def picture(format: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **saved: Any) -> bytes:
    """Left half red, right half blue, so that it can be seen which way up it is."""
    made = Image.new(mode, size, "blue" if mode.startswith("RGB") else 90)
    made.paste("red" if mode.startswith("RGB") else 200, (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    made.save(out, format, **saved)
    return out.getvalue()


def located_photo() -> bytes:
    """A photo as a telephone takes it: lying on its side, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Telephone GmbH"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return picture(exif=exif, quality=95)


def sound(container: str = "ogg", codec: str = "libopus", lasts_s: float = 2.0, **metadata: str) -> bytes:
    """A tone of 440 Hz."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        file.metadata.update(metadata)
        stream: Any = file.add_stream(codec, rate=RATE_HZ, layout="mono")
        for at in range(0, int(lasts_s * RATE_HZ), 960):
            wave = np.sin(np.arange(at, at + 960) * 2 * np.pi * 440 / RATE_HZ) * 8000
            frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], format="s16", layout="mono")
            frame.rate, frame.pts = RATE_HZ, at
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def film(container: str = "mp4", codec: str = "libx264", frames: int = 25, **metadata: str) -> bytes:
    """Grey that grows lighter, 25 frames a second."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        file.metadata.update(metadata)
        stream: Any = file.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(frames):
            grey = np.full((120, 160, 3), number * 3 % 255, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("evil.sh", "rm -rf ~")
    return out.getvalue()


def picture_and_archive() -> bytes:
    """A JPEG that is a ZIP as well: one is read from its beginning, the other from its end."""
    return picture() + archive()


def bomb(side_px: int = 30_000) -> bytes:
    """A whole and correct PNG of side × side pixels in about a hundred kilobytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packer = zlib.compressobj(9)
    row = bytes(1 + side_px // 8)
    rows = b"".join(packer.compress(row) for _ in range(side_px)) + packer.flush()
    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def endless_film() -> bytes:
    """One second of film whose headers say ten hours (ISO/IEC 14496-12: mvhd, tkhd, mdhd and stts)."""
    whole = bytearray(film())
    for box, scale_at, length_at in ((b"mvhd", 16, 20), (b"mdhd", 16, 20)):
        at = whole.index(box)
        (scale,) = struct.unpack_from(">I", whole, at + scale_at)
        struct.pack_into(">I", whole, at + length_at, 36_000 * scale)
    at = whole.index(b"mvhd")
    (scale,) = struct.unpack_from(">I", whole, at + 16)
    struct.pack_into(">I", whole, whole.index(b"tkhd") + 24, 36_000 * scale)
    at = whole.index(b"stts")
    count, step = struct.unpack_from(">II", whole, at + 12)
    at_media = whole.index(b"mdhd")
    (scale,) = struct.unpack_from(">I", whole, at_media + 16)
    assert step
    struct.pack_into(">I", whole, at + 16, 36_000 * scale // count)
    return bytes(whole)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
