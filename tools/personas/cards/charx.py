"""What is in a CharX? A zip with `card.json` and assets; nothing of it is ever unpacked to a disk."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

from gator.errors import Refused
from tools.personas.cards.limits import MAX_CARD, MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED, MIB

SIGNATURE = b"PK\x03\x04"
CARD = "card.json"
ICON = "assets/icon/images/main.png"
# The specification spells the scheme without the second d; people write it with both.
_EMBEDDED = ("embeded://", "embedded://")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip knows: the same card gives the same bytes


def read_card(content: bytes) -> bytes:
    """The bytes of `card.json`. Raises Refused for an archive that is broken, hostile or holds no card."""
    with _opened(content) as archive:
        if CARD not in archive.namelist():
            raise Refused("The archive holds no card.json.", remedy="Choose a .charx file.")
        info = archive.getinfo(CARD)
        if info.file_size > MAX_CARD:
            raise Refused(f"The archive's card.json is longer than {MAX_CARD // MIB} MiB.")
        if broken := archive.testzip():
            raise Refused(f"The archive is damaged: {broken[:80]!r} does not fit its checksum.")
        return archive.read(info)


def read_icon(content: bytes, card: dict[str, Any]) -> bytes | None:
    """The bytes of the character's main icon, when the archive holds it."""
    with _opened(content) as archive:
        path = _icon_in(archive, card)
        return archive.read(path) if path else None


def assets_of(content: bytes, card: dict[str, Any]) -> list[str]:
    """What the archive holds beside the card and its main icon."""
    with _opened(content) as archive:
        known = {CARD, _icon_in(archive, card)}
        return [info.filename for info in archive.infolist() if info.filename not in known and not info.is_dir()]


def _icon_in(archive: zipfile.ZipFile, card: dict[str, Any]) -> str | None:
    data = card.get("data")
    assets = data.get("assets") if isinstance(data, dict) else None
    icons = (
        [one for one in assets if isinstance(one, dict) and one.get("type") == "icon"]
        if isinstance(assets, list)
        else []
    )
    icons.sort(key=lambda asset: asset.get("name") != "main")
    paths = [_path_in(str(icon.get("uri", ""))) for icon in icons]
    return next((path for path in paths if path in archive.namelist()), None)


def write(card: bytes, *, portrait: bytes | None = None, came_as: bytes | None = None) -> bytes:
    """A CharX of that card: with the assets of the one it came as, else with its portrait."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(CARD, _LONG_AGO), card, zipfile.ZIP_DEFLATED)
        if came_as:
            _copy_assets(came_as, archive)
        elif portrait:
            archive.writestr(zipfile.ZipInfo(ICON, _LONG_AGO), portrait, zipfile.ZIP_STORED)
    return buffer.getvalue()


def _copy_assets(content: bytes, into: zipfile.ZipFile) -> None:
    with _opened(content) as archive:
        for info in archive.infolist():
            if info.filename != CARD and not info.is_dir():
                into.writestr(
                    zipfile.ZipInfo(info.filename, max(info.date_time, _LONG_AGO)),
                    archive.read(info),
                    info.compress_type,
                )


def _path_in(uri: str) -> str:
    return next((uri.removeprefix(scheme) for scheme in _EMBEDDED if uri.startswith(scheme)), "")


@contextmanager
def _opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_hostile(archive.infolist())
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError) as broken:
        raise Refused("The archive is damaged.", remedy="Download the card again.") from broken


def _refuse_hostile(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refused(f"The archive has {len(entries)} files; at most {MAX_ENTRIES} are read.")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise Refused("The archive has two files of one name.", remedy="Export the card again.")
    for entry in entries:
        _refuse_entry(entry)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Refused(f"The archive unpacks to more than {MAX_UNPACKED // MIB} MiB.", remedy="Leave large assets out.")


def _has_drive(name: str) -> bool:
    return ":" in name.split("/")[0]


def _refuse_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or _has_drive(name) or "\0" in entry.orig_filename:
        raise Refused(f"The archive holds a path that leads out of it: {name[:80]!r}.")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"The archive holds something that is not a file: {name[:80]!r} is a link or a device.")
    if entry.flag_bits & 1:
        raise Refused("The archive is encrypted.", remedy="Save it without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(f"The archive packs {name[:80]!r} in a way that CharX does not know.")
    if entry.file_size > MIB and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise Refused(f"The archive is a bomb: {name[:80]!r} unpacks to {entry.file_size // MIB} MiB.")
