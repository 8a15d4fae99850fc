"""How does the command line talk with Gator? Over the same websocket as everybody, with the running one or one of its own."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gator.cli.program import open_store, owner, running
from gator.clock import now
from gator.errors import NotFound, Unavailable
from gator.ids import new_id
from gator.principal import Kind, Principal
from gator.settings import Settings

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from memory.store import Store
    from memory.work import Work

REFRESH_S = 300  # an access token lives 15 minutes
LONGEST_PAUSE = timedelta(minutes=1)  # who answers later than that sleeps


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing answers a message now: a `person` will, or the persona, who is `asleep` until then.

    Nothing ever will where the persona is `gone`, or the message was `dropped`: its author took it back elsewhere.
    """

    why: str
    until: datetime | None = None

    @property
    def for_good(self) -> bool:
        return self.why in ("gone", "dropped")


@dataclass(frozen=True, slots=True)
class Line:
    """An open line to one conversation."""

    socket: "ClientConnection"
    who: Principal
    conversation: str
    persona: str  # the persona's name, or "Gator"
    store: "Store"
    url: str = ""  # where links of the server's lead
    settings: Settings | None = None
    stays: bool = True  # whether that server is there when this command has ended

    @property
    def is_operators(self) -> bool:
        return self.who.kind is Kind.operator

    async def send(self, type: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type, **fields}))

    async def say(self, text: str) -> None:
        await self.send("send_message", conversation_id=self.conversation, content=text, client_id=new_id())

    async def decide(self, approval: str, approved: bool) -> None:
        await self.send("decide", approval_id=approval, approved=approved)

    async def frames(self) -> AsyncIterator[dict[str, Any]]:
        """Frames as they come. Raises Unavailable when Gator goes away."""
        from websockets.exceptions import ConnectionClosed

        try:
            async for text in self.socket:
                yield await self._linked(json.loads(text))
        except ConnectionClosed:
            pass
        raise Unavailable("Gator closed the line.", remedy="Start it again: gator up.")

    async def _linked(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The frame with whole addresses: a terminal has no page that a path could be relative to."""
        if frame["type"] == "job_update" and frame["job"]["state"] == "done" and frame["job"]["asset"]:
            frame["job"] |= await self._place(frame["job"]["asset"])
        for one in frame.get("message", {}).get("media", []) if frame["type"] == "new_message" else ():
            one |= {
                name: self.url + one[name] for name in ("url", "small_url") if (one.get(name) or "").startswith("/")
            }
        return frame

    async def _place(self, asset: str) -> dict[str, str]:
        """Where a made file is: a link that ends, or its path where no server stays to answer it."""
        from gator.links import media_url
        from memory.media_place import blobs_of

        assert self.settings is not None
        if self.stays:
            return {"url": self.url + media_url(self.settings, asset)}
        async with self.store.open_work(self.who, reads=True) as work:
            made = await work.assets.get(asset)
        if not made.sha256:
            return {}
        blobs = blobs_of(self.settings)
        path = blobs.path(made.sha256)
        await asyncio.to_thread(blobs.at_hand, path)
        return {"path": str(path)}

    async def held(self, message: str) -> Held | None:
        """Why that message is not answered now; None where an answer is on its way, or there."""
        async with self.store.open_work(self.who, reads=True) as work:
            row = await work.journal.get(message)
            if row.state == "dropped":
                return Held("dropped" if await self._is_there(work) else "gone")
        if row.state == "held":
            return Held("person")
        if row.state == "open" and row.ready_at > now() + LONGEST_PAUSE:
            return Held("asleep", row.ready_at)
        return None

    async def unanswered(self, message: str) -> bool:
        """Whether all that was said to that message is that it could not be answered."""
        async with self.store.open_work(self.who, reads=True) as work:
            if (await work.journal.get(message)).state == "dropped":
                return True
            said = await work.conversations.after(self.conversation, message)
        answers = [one for one in said if message in one.meta.get("answers", ())]
        return bool(answers) and all(one.meta.get("care") == "away" for one in answers)

    async def _is_there(self, work: "Work") -> bool:
        try:
            return self.who.persona is None or bool(await work.personas.get(self.who.persona))
        except NotFound:
            return False


@asynccontextmanager
async def line(settings: Settings, persona: str | None, fan: str | None) -> AsyncIterator[Line]:
    """A line to the running Gator of this home; without one, to a Gator started for as long as the block lasts."""
    there = running(settings)
    if there:
        async with _line(settings, there.url, persona, fan) as one:
            yield one
        return
    from gator.cli.program import only_one
    from gator.cli.serving import serving

    with only_one(settings):
        async with serving(settings, 0) as served, _line(settings, served.url, persona, fan, stays=False) as one:
            yield one


@asynccontextmanager
async def _line(
    settings: Settings, url: str, persona: str | None, fan: str | None, *, stays: bool = True
) -> AsyncIterator[Line]:
    from websockets.asyncio.client import connect

    from api.tokens import open_session, sign_access
    from bots.web_channel import meet

    store = open_store(settings)
    try:
        who, name = await _who(store, persona, fan)
        async with store.open_work(who) as work:
            conversation = await meet(work)
            session = await open_session(work, settings.secret, who, name="gator chat")
        address = f"{url.replace('http', 'ws', 1)}/ws/{who.subject}"
        async with connect(address, additional_headers={"Authorization": f"Bearer {session.access}"}) as socket:
            one = Line(socket, who, conversation.id, name, store, _seen_at(settings), settings, stays)
            await one.send("join_conversation", conversation_id=conversation.id)
            async for frame in one.frames():
                if frame["type"] == "conversation_joined":
                    break

            async def stay_signed_in() -> None:
                while True:
                    await asyncio.sleep(REFRESH_S)
                    await one.send("authenticate", token=sign_access(settings.secret, who, session.id)[0])

            keeper = asyncio.create_task(stay_signed_in())
            try:
                yield one
            finally:
                keeper.cancel()
    finally:
        await store.close()


def _seen_at(settings: Settings) -> str:
    """Where people find this Gator: not at the port of one that runs only for this command."""
    there = None if settings.public_url else running(settings)
    return there.url if there and there.pid != os.getpid() else settings.url


async def _who(store: "Store", persona: str | None, fan: str | None) -> tuple[Principal, str]:
    """The owner; or, with a persona, the fan of that name on this machine's command line."""
    me = await owner(store)
    if persona is None:
        return me, "Gator"
    async with store.open_work(me) as work:
        met = await work.personas.named(persona)
        known = await work.people.meet_fan("cli", fan or "you", fan or "")
    return Principal(me.workspace, Kind.fan, known.id, persona=met.id), met.name
