"""What is shown where the whole picture would be too much? A small WebP of a picture, or of a moment of a video.

Made when it is first asked for, in a process of its own (`tools.decoding`), and kept beside the file under the file's hash
(`memory.blobs`), so that the same picture is shrunk once and what is forgotten takes its small picture along.
"""

import asyncio
from collections import OrderedDict
from pathlib import Path
from tempfile import TemporaryDirectory

from gator.errors import GatorError
from memory.blobs import Blobs
from memory.media_threads import in_media_thread
from memory.models import Asset
from tools.incoming import Examiner

SIDE_PX = 640
SMALL_MIME = "image/webp"
_SMALL_BYTES = 60_000  # about what a small picture weighs: below that the picture itself is sent
_REMEMBERED = 1_000  # files that cannot be shrunk, so that not every visitor has it tried again


class Smalls:
    """The small pictures of one process; of several who ask for the same at once, one makes it."""

    def __init__(self) -> None:
        self._examiner = Examiner()
        self._making: dict[str, asyncio.Task[bool]] = {}
        self._hopeless: OrderedDict[str, None] = OrderedDict()

    async def of(self, blobs: Blobs, asset: Asset) -> Path | None:
        """The file of the small picture; None where there is none, and where the asset's file is not to be had."""
        small = blobs.small(asset.sha256)
        if small.is_file():
            return small
        light = asset.kind == "picture" and asset.size_bytes <= _SMALL_BYTES
        if light or asset.kind not in ("picture", "video") or asset.sha256 in self._hopeless:
            return None
        making = self._making.get(asset.sha256)
        if making is None:
            making = self._making[asset.sha256] = asyncio.create_task(self._make(blobs, asset.sha256))
            making.add_done_callback(lambda _: self._making.pop(asset.sha256, None))
        return small if await asyncio.shield(making) else None

    async def _make(self, blobs: Blobs, sha256: str) -> bool:
        try:
            whole = await in_media_thread(blobs.get, sha256)
        except GatorError:  # gone, or in a bucket that is away: who sends the whole one says which
            return False
        with TemporaryDirectory(prefix="gator-") as folder:
            drawn = Path(folder) / "small"
            if await self._examiner.small(whole, drawn, SIDE_PX):
                try:
                    return await in_media_thread(blobs.put_small, sha256, drawn.read_bytes())
                except GatorError:  # a full disk: the picture is shown as it is, and this is tried again
                    return False
        self._hopeless[sha256] = None
        if len(self._hopeless) > _REMEMBERED:
            self._hopeless.popitem(last=False)
        return False
