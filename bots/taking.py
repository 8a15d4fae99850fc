"""What becomes of one thing that somebody sent? A file that is examined and kept as an asset, then heard or looked at.

Its id follows from the message's, so that after a crash the same thing is the same asset again. What a fan sent has no
rating: it is shown on no page and goes into no post.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import structlog

from agents.hearing import Transcriber, transcriber
from agents.sight import sees
from bots.channel import Channel, TooLarge
from gator.clock import now
from gator.errors import GatorError, NotFound, Refused, Unavailable
from gator.principal import Kind, Principal, service
from gator.settings import Settings
from memory import storage
from memory.attached import Taken
from memory.blobs import Blobs
from memory.media_threads import in_media_thread
from memory.models import Asset
from memory.store import Store
from tools.capability import Turn
from tools.decoding.found import Found
from tools.incoming import LARGEST_BYTES, LIMIT_BYTES, Examiner
from tools.unseen import cut, without_unseen

if TYPE_CHECKING:
    from agents.brain import Brain

log = structlog.get_logger()

FETCH_TRIES = 3
FETCH_S = 120.0
LONGEST_PAUSE_S = 20.0
MOST_A_DAY = 200  # files of one fan
MOST_BYTES_A_DAY = 1 << 30
_TITLE = 120


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, and to whom."""

    principal: Principal
    channel: str
    conversation: str
    persona: str | None = None

    @property
    def fan(self) -> str | None:
        return self.principal.subject if self.principal.kind is Kind.fan else None


class Taking:
    def __init__(self, settings: Settings, store: Store, blobs: Blobs, brain: "Brain") -> None:
        self._settings = settings
        self._store = store
        self._blobs = blobs
        self._brain = brain
        self._examiner = Examiner()
        self._listener = _listener(settings)

    async def take(self, id: str, sent: dict[str, Any], sender: Sender, channel: Channel | None, account: str) -> Taken:
        """Take in one attachment as a channel describes it, or one that is an asset already ({"asset": id})."""
        if sent.get("asset"):
            asset = await self._theirs(str(sent["asset"]), sender)
            return await self._sensed(asset, "", sender) if asset else Taken(None, "document", problem="gone")
        kind, title = str(sent.get("kind", "document")), titled(str(sent.get("name", "")))
        if kind == "sticker":
            return Taken(None, "sticker", said=cut(without_unseen(str(sent.get("says", ""))), 40))
        if there := await self._find(id, sender):
            return await self._sensed(there, title, sender)
        if channel is None or not sent.get("ref"):
            return Taken(None, kind, problem="gone")
        if problem := await self._no_room(id, sender):
            return Taken(None, kind, problem=problem)
        with TemporaryDirectory(prefix="gator-") as folder:  # nobody else may look into it
            file = Path(folder) / "sent"
            problem = await _fetch(channel, account, sent, file)
            return await self.keep(id, file, title, sender, kind) if not problem else Taken(None, kind, problem=problem)

    async def keep(self, id: str, file: Path, title: str, sender: Sender, kind: str = "document") -> Taken:
        """Examine a file and keep it as the asset of that id, heard or looked at."""
        try:
            asset, problem = await self.store(id, file, title, sender)
        except GatorError as wrong:
            log.warning("attachment_not_kept", attachment=id, why=wrong.message)
            return Taken(None, kind, problem="unkept")
        return await self._sensed(asset, title, sender) if asset else Taken(None, kind, problem=problem)

    async def store(
        self, id: str, file: Path, title: str, sender: Sender, *, rated: bool = True
    ) -> tuple[Asset | None, str]:
        """The asset that the file becomes, or why it does not; not `rated`: nobody has said yet whom it is fit for.

        Raises Unavailable where its bytes cannot be kept now.
        """
        if problem := await self._no_room(id, sender):
            return None, problem
        clean = file.with_name("clean")
        # Only of what an operator sends: it may be published, and repeats are told of that.
        examined = await self._examiner.examine(file, clean, looked=sender.fan is None)
        if examined.found is None:
            log.info("file_not_taken", problem=examined.problem, conversation=sender.conversation)
            return None, str(examined.problem)
        rated = rated and sender.fan is None
        if problem := await self._write_down(id, clean, examined.found, title, sender, rated=rated):
            return None, problem
        return await self._find(id, sender), ""

    async def _no_room(self, id: str, sender: Sender) -> str:
        """Why nothing more of theirs is taken now, or nothing; what is there already needs no room."""
        async with self._store.open_work(self._by(sender), reads=True) as work:
            if await work.assets.find(id):
                return ""
            if not await storage.has_room(work, self._settings):
                return "full"
            if not sender.fan:
                return ""
            count, size = await work.assets.taken_since(sender.fan, now() - timedelta(days=1))
        return "too_many" if count >= MOST_A_DAY or size >= MOST_BYTES_A_DAY else ""

    async def _write_down(self, id: str, clean: Path, found: Found, title: str, sender: Sender, *, rated: bool) -> str:
        """The slow copy first, then the row and the file's name together; gives why not where others took the room."""
        with await in_media_thread(self._blobs.bring, clean) as arrival:
            async with self._store.open_work(self._by(sender)) as work:
                try:
                    if not await work.assets.find(id):
                        await storage.check_room(work, self._settings)
                except Refused:
                    return "full"
                provenance = {"origin": "fan" if sender.fan else "operator", "channel": sender.channel}
                provenance |= {"by": sender.principal.subject, "conversation": sender.conversation}
                provenance |= {"text": found.text} if found.text else {}
                await work.assets.take(
                    id,
                    kind=found.kind,
                    mime=found.mime,
                    title=title,
                    sha256=arrival.blob.sha256,
                    size_bytes=arrival.blob.size_bytes,
                    width_px=found.width_px,
                    height_px=found.height_px,
                    duration_s=found.duration_s,
                    # An operator vouches for what they send; what becomes public is still asked about.
                    rating="general" if rated else "unknown",
                    origin="fan" if sender.fan else "operator",
                    fan_id=sender.fan,
                    persona_id=sender.persona,
                    provenance=provenance,
                    looks=[found.look] if found.look else [],
                )
                arrival.keep()
                return ""

    def _by(self, sender: Sender) -> Principal:
        return service(sender.principal.workspace, "attachments")

    async def _find(self, id: str, sender: Sender) -> Asset | None:
        async with self._store.open_work(self._by(sender), reads=True) as work:
            return await work.assets.find(id)

    async def _theirs(self, id: str, sender: Sender) -> Asset | None:
        """An asset that they may send: what they have sent themselves; an operator what no fan sent or was given."""
        try:
            async with self._store.open_work(self._by(sender), reads=True) as work:
                asset = await work.assets.get(id)
        except NotFound:
            return None
        allowed = asset.fan_id == sender.fan and (sender.fan is not None or asset.origin != "fan")
        return asset if allowed and asset.state == "ready" else None

    # What is said in it, what is to be seen

    async def _sensed(self, asset: Asset, title: str, sender: Sender) -> Taken:
        title = asset.title or title
        if asset.kind == "voice" and asset.origin != "made":
            said, problem = await self._heard(asset, sender)
        elif asset.kind == "picture":
            said, problem = await self._looked_at(asset, sender)
        else:
            said, problem = str(asset.provenance.get("text", "")) if asset.kind == "document" else asset.alt_text, ""
        return Taken(asset.id, asset.kind, said, problem, title)

    async def _heard(self, asset: Asset, sender: Sender) -> tuple[str, str]:
        if asset.alt_text:
            return asset.alt_text, ""
        if self._listener is None:
            return "", "deaf"
        try:
            path = await in_media_thread(self._blobs.get, asset.sha256)
            said = await self._listener.hear(path, asset.duration_s or 0.0, self._turn(asset, sender))
        except (Unavailable, NotFound) as away:
            log.warning("voice_not_heard", asset=asset.id, why=away.message)
            return "", "unheard"
        await self._describe(asset, said, sender)
        return said, ""

    async def _looked_at(self, asset: Asset, sender: Sender) -> tuple[str, str]:
        sighted = any(sees(name, self._settings) for name in self._brain.mind.names)
        if asset.alt_text or not sighted:
            return asset.alt_text, "" if sighted or asset.alt_text else "blind"
        from agents.seeing import describe, shrunk

        small = await shrunk(self._examiner, self._blobs, asset)
        said = await describe(small, self._brain.mind, self._turn(asset, sender)) if small else ""
        if said:
            await self._describe(asset, said, sender)
        return said, ""

    async def _describe(self, asset: Asset, said: str, sender: Sender) -> None:
        async with self._store.open_work(self._by(sender)) as work:
            await work.assets.describe(asset.id, said)

    def _turn(self, asset: Asset, sender: Sender) -> Turn:
        """Whose money it is."""
        return self._brain.turn(sender.principal, asset.id, sender.conversation)


def _listener(settings: Settings) -> Transcriber | None:
    """Who listens. A transcriber that is not set up is nobody: the log and `gator doctor` say why."""
    try:
        return transcriber(settings)
    except GatorError as wrong:
        log.warning("transcriber_unavailable", why=str(wrong))
        return None


def titled(name: str) -> str:
    """A file's name as a title: one line, without the folders that some senders put before it."""
    return cut(without_unseen(name.replace("\\", "/").rpartition("/")[2]), _TITLE)


async def _fetch(channel: Channel, account: str, sent: dict[str, Any], into: Path) -> str:
    """Bring it here; gives why it is not, or nothing. Whoever was unavailable three times running has lost it."""
    kind = str(sent.get("kind"))
    limit = LIMIT_BYTES.get("voice" if kind == "audio" else kind, LARGEST_BYTES)
    if int(sent.get("size_bytes") or 0) > limit:
        return "too_large"
    for attempt in range(FETCH_TRIES):
        try:
            async with asyncio.timeout(FETCH_S):
                await channel.fetch(account, str(sent.get("ref", "")), into, limit)
            return ""
        except TooLarge:
            return "too_large"
        except Refused:
            return "gone"
        except (Unavailable, TimeoutError) as away:
            wait = getattr(away, "retry_after_s", None) or 0.5 * 4**attempt
            if attempt + 1 == FETCH_TRIES or wait > LONGEST_PAUSE_S:
                log.warning("attachment_lost", channel=channel.name, attempts=attempt + 1)
                return "gone"
            await asyncio.sleep(wait)
    return "gone"
