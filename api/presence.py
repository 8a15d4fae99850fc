"""Who is connected, and who may know it? Only those who have joined the same conversation see each other.

Processes tell each other who is in a conversation that both have joined (`bots.relay`); of a process that is gone, everybody
is gone. Without a relay each process knows its own sockets only.
"""

import asyncio
import gc
from collections import defaultdict
from typing import Any, Protocol

import structlog

from bots.hub import Hub, Watcher
from gator.principal import service
from memory.founding import workspaces
from memory.repositories.watching import Watching
from memory.store import Store

log = structlog.get_logger()

LOOK_S = 10.0
MANY = 500  # sockets
HERE, WHO = "here", "who"  # calls between processes: these are with me; who is with you?


class Connected(Protocol):
    watcher: Watcher

    @property
    def user(self) -> str: ...

    @property
    def session(self) -> str: ...

    def end(self, code: int, reason: str) -> None: ...


class Sockets:
    """The open sockets of this process. A user may have several, each in several conversations."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._open: set[Connected] = set()
        self._spared = 0  # how many there were when the garbage collector was last told to leave them alone
        self._of: dict[str, set[Connected]] = {}  # user: their sockets
        self._inside: dict[str, dict[str, int]] = {}  # conversation: user: how many of their sockets
        self._elsewhere: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)  # conversation: process: users
        for name, answer in {
            HERE: self._heard, WHO: self._asked, "gone": self._gone, "subscribed": self._subscribed,
            "end_session": self._ended_session, "end_user": self._ended_user,
        }.items():  # fmt: skip
            hub.on(name, answer)

    # Sockets of this process

    def enter(self, socket: Connected) -> None:
        self._open.add(socket)
        self._of.setdefault(socket.user, set()).add(socket)

    def leave(self, socket: Connected) -> None:
        """Forget the socket; others see its user leave where no other socket of theirs is left."""
        self._open.discard(socket)
        for conversation in tuple(socket.watcher.conversations):
            self.go(socket, conversation)
        mine = self._of.get(socket.user, set())
        mine.discard(socket)
        if not mine:
            self._of.pop(socket.user, None)

    def come(self, socket: Connected, conversation: str) -> None:
        """Count a member's socket in; others see its user come who was not there before."""
        before = self.there(conversation)
        if conversation not in self._inside:
            self._inside[conversation] = {}
            self._hub.call(WHO, conversation)
        users = self._inside[conversation]
        users[socket.user] = users.get(socket.user, 0) + 1
        self._tell(conversation, before)

    def go(self, socket: Connected, conversation: str) -> None:
        """Count the socket out, where it was counted in."""
        users = self._inside.get(conversation, {})
        if socket.user not in users:
            return
        before = self.there(conversation)
        users[socket.user] -= 1
        if not users[socket.user]:
            del users[socket.user]
        if not users:
            del self._inside[conversation]
        self._tell(conversation, before)
        if not users:
            self._elsewhere.pop(conversation, None)

    def there(self, conversation: str) -> set[str]:
        """The users who have joined the conversation, in any process."""
        elsewhere = self._elsewhere.get(conversation, {}).values()
        return set(self._inside.get(conversation, ())).union(*elsewhere)

    def seen_by(self, socket: Connected) -> set[str]:
        """The users whom this socket's user shares a joined conversation with, itself included."""
        mine = self._of.get(socket.user, ())
        shared = {one for other in mine for one in other.watcher.conversations}
        return {socket.user}.union(*(self.there(one) for one in shared if socket.user in self._inside.get(one, ())))

    # Ends

    async def close_session(self, session: str) -> None:
        """End the sockets that a session, or an API key, opened, in any process: it is no more."""
        self._hub.call("end_session", session=session)
        self._ended_session({"session": session})

    async def close_user(self, user: str) -> None:
        """End every socket of a user, in any process: none of their sessions lives on."""
        self._hub.call("end_user", user=user)
        self._ended_user({"user": user})

    async def keep_watch(self, store: Store) -> None:
        """End the sockets of sessions and keys that were revoked where nobody told us, such as on the command line."""
        while True:
            await asyncio.sleep(LOOK_S)
            self._spare()
            try:
                await self.end_revoked(store)
            except Exception:
                log.exception("session_watch_failed")

    def _spare(self) -> None:
        """Keep the garbage collector off what lives long: going through 5,000 sockets, it stops all for 0.7 s (bench.sockets)."""
        if abs(len(self) - self._spared) > MANY:
            if len(self) < self._spared:
                gc.unfreeze()  # what belonged to those who left may go
            gc.freeze()
            self._spared = len(self)

    async def end_revoked(self, store: Store) -> None:
        sessions = sorted({one.session for one in self._open})
        for workspace in await workspaces(store) if sessions else []:
            async with store.open_work(service(workspace, "watch"), reads=True) as work:
                ended = await Watching(work.session, work.principal).ended(sessions)
            for session in ended:
                self._ended_session({"session": session})

    def _ended_session(self, facts: dict[str, Any]) -> None:
        self._end([one for one in self._open if one.session == facts["session"]])

    def _ended_user(self, facts: dict[str, Any]) -> None:
        self._end(list(self._of.get(facts["user"], ())))

    def _end(self, sockets: list[Connected]) -> None:
        for socket in sockets:
            socket.end(4401, "The session has ended.")

    # Other processes

    def _tell(self, conversation: str, before: set[str]) -> None:
        """Show here who came and who went, and tell the other processes who is here now."""
        after = self.there(conversation)
        for online, users in ((True, after - before), (False, before - after)):
            for user in users:
                self._show(conversation, user, online)
        self._hub.call(HERE, conversation, users=list(self._inside.get(conversation, ())))

    def _show(self, conversation: str, user: str, online: bool) -> None:
        self._hub.show(conversation, {"type": "presence_update", "user_id": user, "online": online})

    def _heard(self, facts: dict[str, Any]) -> None:
        self._learn(facts["conversation"], facts["process"], frozenset(facts["users"]))

    def _learn(self, conversation: str, process: str, users: frozenset[str]) -> None:
        before = self.there(conversation)
        self._elsewhere[conversation][process] = users
        after = self.there(conversation)
        for user in before ^ after:
            self._show(conversation, user, user in after)
        if not users:
            del self._elsewhere[conversation][process]
        if not self._elsewhere[conversation]:
            del self._elsewhere[conversation]

    def _asked(self, facts: dict[str, Any]) -> None:
        users = self._inside.get(facts["conversation"])
        if users:
            self._hub.call(HERE, facts["conversation"], users=list(users))

    def _subscribed(self, facts: dict[str, Any]) -> None:
        """The relay is back: tell those in the conversation who is here, and ask who is there."""
        if facts["conversation"] in self._inside:
            self._hub.call(WHO, facts["conversation"])
            self._asked(facts)

    def _gone(self, facts: dict[str, Any]) -> None:
        for conversation in [one for one, there in self._elsewhere.items() if facts["process"] in there]:
            self._learn(conversation, facts["process"], frozenset())

    def __len__(self) -> int:
        return len(self._open)
