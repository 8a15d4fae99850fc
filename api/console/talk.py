"""How is a conversation shown? Its messages, told apart by who speaks, with their media; strangers' words as they are.

Text is only ever set as text, and signs that a reader would not see are written out. A page holds a bounded part of a
conversation, however long it is open.
"""

from collections import OrderedDict
from contextlib import nullcontext
from datetime import datetime
from zoneinfo import ZoneInfo

from nicegui import ui

from api.console.frame import plain
from api.console.visit import Visit
from gator.errors import NotFound
from gator.links import media_url, small_url
from memory.models import Asset, Conversation, Message
from tools.unseen import with_unseen_shown

AT_ONCE = 40
MOST = 240  # messages on a page; older ones leave it
SHOWN = 4_000  # characters of one message; a wall of text is opened on purpose

_SPEAKERS = {
    "fan": ("theirs", ""),
    "persona": ("ours ai", "AI"),
    "gator": ("theirs ai", "AI"),
    "operator": ("ours person", "Person"),
    "notice": ("notice", "Notice"),
}

_PIECES = {
    "picture": ("img", {"loading": "lazy"}),
    "video": ("video", {"controls": True, "preload": "none"}),
    "voice": ("audio", {"controls": True, "preload": "metadata"}),
    "audio": ("audio", {"controls": True, "preload": "metadata"}),
}


def clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%-d %b %H:%M}"


def day(at: datetime, zone: str) -> str:
    """As `clock`, for what may be years ago."""
    return f"{at.astimezone(ZoneInfo(zone)):%-d %b %Y}"


class Talk:
    """The messages of a conversation on a page."""

    def __init__(self, visit: Visit, conversation: Conversation, names: dict[str, str]) -> None:
        self._visit, self._conversation, self._names = visit, conversation, names
        self._shown: OrderedDict[str, ui.element] = OrderedDict()
        self._waiting: dict[str, str] = {}  # assets that are being made, and the messages that promise them
        self._more = plain("Earlier messages", self._earlier).classes("more")
        self._log = ui.element("div").classes("log")
        self._log.props('role=log aria-live=polite aria-label="Messages" tabindex=0')
        with self._log:
            side = "ours" if conversation.fan_id else "theirs"
            self._live = ui.element("div").classes(f"bubble {side} ai live").props("aria-live=off")
            with self._live:
                self._growing = ui.label("").classes("words")
        self._live.set_visibility(False)

    async def load(self) -> None:
        """Show the newest messages, and nothing that was shown before."""
        for bubble in self._shown.values():
            bubble.delete()
        self._shown.clear()
        self._waiting.clear()
        await self._add(await self._window())
        self.to_end(anyway=True)

    async def _window(self, before: str | None = None) -> list[Message]:
        async with self._visit.core.store.open_work(self._visit.who, reads=True) as work:
            rows = await work.conversations.window(self._conversation.id, AT_ONCE, before)
        self._more.set_visibility(len(rows) == AT_ONCE)
        return rows

    async def _earlier(self) -> None:
        first = next(iter(self._shown), None)
        rows = await self._window(first)
        before = list(self._shown.items())
        self._shown.clear()
        await self._add(rows)
        for n, bubble in enumerate(self._shown.values()):
            bubble.move(self._log, n)
        self._shown.update(before)
        while len(self._shown) > MOST:
            self._shown.popitem()[1].delete()

    async def _add(self, rows: list[Message]) -> None:
        assets = await self._assets([id for row in rows for id in row.assets])
        for row in rows:
            self._put(row, assets)

    async def _assets(self, ids: list[str]) -> dict[str, Asset]:
        if not ids:
            return {}
        async with self._visit.core.store.open_work(self._visit.who, reads=True) as work:
            return await work.assets.by_ids(ids)

    # What happens

    async def said(self, message_id: str) -> None:
        """A message is there, or reads otherwise now."""
        if message_id < next(iter(self._shown), ""):
            return  # older than what the page holds
        there = self._shown.get(message_id)
        try:
            async with self._visit.core.store.open_work(self._visit.who, reads=True) as work:
                row = await work.conversations.message(message_id)
        except NotFound:  # a copy of what a fan had forgotten
            if there:
                self._shown.pop(message_id).delete()
            return
        at = self._log.default_slot.children.index(there) if there else None
        if there:
            there.delete()
        assets = await self._assets(row.assets)
        bubble = self._put(row, assets)
        if at is not None:
            bubble.move(self._log, at)
            self.to_end()
            return
        while len(self._shown) > MOST:
            self._shown.popitem(last=False)[1].delete()
        self.to_end()

    def grows(self, text: str) -> None:
        """The reply as far as it is spoken; "" takes it away."""
        self._growing.set_text(with_unseen_shown(text))
        self._live.set_visibility(bool(text))
        self._live.move(self._log, len(self._log.default_slot.children) - 1)
        if text:
            self.to_end()

    async def made(self, asset_id: str) -> None:
        """Something that a message promised may be ready."""
        if message := self._waiting.get(asset_id):
            await self.said(message)

    def to_end(self, *, anyway: bool = False) -> None:
        """Show the end, unless the reader has gone back to read."""
        ui.run_javascript(
            f"const log = getHtmlElement({self._log.id});"
            "const end = () => { log.scrollTop = log.scrollHeight; };"
            f"if (log && ({str(anyway).lower()} || log.scrollHeight - log.scrollTop - log.clientHeight < 900)) {{"
            "  end();"
            "  log.querySelectorAll('img').forEach((one) => one.complete || one.addEventListener('load', end, {once: true}));"
            "}"
        )

    # One message

    def _put(self, row: Message, assets: dict[str, Asset]) -> ui.element:
        kind, mark = _SPEAKERS.get(row.author, ("theirs", row.author))
        with self._log, ui.element("article").classes(f"bubble {kind}") as bubble:
            with ui.element("div").classes("by"):
                ui.label(with_unseen_shown(self._names.get(row.author, row.author))).classes("name")
                if mark:
                    ui.label(mark).classes("mark")
                ui.label(clock(row.created_at, self._visit.zone)).classes("at")
                if state := _state(row):
                    ui.label(state).classes("at")
            _words(row.text)
            for id in row.assets:
                if id in assets:
                    self._media(row, assets[id])
        self._shown[row.id] = bubble
        return bubble

    def _media(self, row: Message, asset: Asset) -> None:
        if asset.state != "ready":
            words = {"failed": "was not made", "removed": "was removed"}.get(asset.state, "is being made …")
            ui.label(with_unseen_shown(f"{asset.title or asset.kind} {words}")).classes("soft")
            self._waiting[asset.id] = row.id
            return
        self._waiting.pop(asset.id, None)
        address = media_url(self._visit.core.settings, asset.id)
        says = with_unseen_shown(asset.alt_text or asset.title or asset.kind)
        tag, props = _PIECES.get(asset.kind, ("a", {}))
        small = small_url(self._visit.core.settings, asset.id, asset.kind)
        with ui.element("a").props(f"href={address} target=_blank") if tag == "img" else nullcontext():
            piece = ui.element(tag).classes("piece")
        piece.props.update(props)
        piece.props["href" if tag == "a" else "src"] = small if tag == "img" else address
        if tag == "video":
            piece.props["poster"] = small
        piece.props["alt" if tag == "img" else "aria-label"] = says
        if tag == "a":
            with piece:
                ui.label(says)


def _state(row: Message) -> str:
    if row.meta.get("deleted"):
        return "deleted"
    return "edited" if row.meta.get("edited") else ""


def _words(text: str) -> None:
    text = with_unseen_shown(text)
    words = ui.label(text[:SHOWN]).classes("words").props("dir=auto")
    if len(text) > SHOWN:

        def open_all() -> None:
            words.set_text(text)
            more.delete()

        more = plain(f"Show all {len(text):,} characters", open_all)
