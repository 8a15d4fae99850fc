"""Who is connected, and who may know it? Only those who have joined the same conversation see each other."""

from collections import defaultdict
from typing import Protocol


class Connected(Protocol):
    @property
    def user(self) -> str: ...

    @property
    def session(self) -> str: ...

    async def end(self, code: int, reason: str) -> None: ...


class Sockets:
    """The open sockets of this process. A user may have several, each in several conversations."""

    def __init__(self) -> None:
        self._open: set[Connected] = set()
        self._inside: dict[str, set[Connected]] = defaultdict(set)

    def enter(self, socket: Connected) -> None:
        self._open.add(socket)

    def leave(self, socket: Connected) -> list[str]:
        """Forget the socket; gives the conversations that its user is in with no other socket now."""
        self._open.discard(socket)
        joined = [conversation for conversation, sockets in self._inside.items() if socket in sockets]
        return [conversation for conversation in joined if self.go(socket, conversation)]

    def come(self, socket: Connected, conversation: str) -> bool:
        """Count the socket in; True when its user was not there before."""
        new = socket.user not in self.there(conversation)
        self._inside[conversation].add(socket)
        return new

    def go(self, socket: Connected, conversation: str) -> bool:
        """Count the socket out; True when its user is there no longer."""
        self._inside[conversation].discard(socket)
        if not self._inside[conversation]:
            del self._inside[conversation]
        return socket.user not in self.there(conversation)

    def there(self, conversation: str) -> set[str]:
        return {socket.user for socket in self._inside.get(conversation, ())}

    def seen_by(self, socket: Connected) -> set[str]:
        """The users whom this socket's user shares a joined conversation with, itself included."""
        shared = [sockets for sockets in self._inside.values() if any(one.user == socket.user for one in sockets)]
        return {one.user for sockets in shared for one in sockets} | {socket.user}

    async def close_session(self, session: str) -> None:
        """End the sockets that a session, or an API key, opened: it is no more."""
        await self._end([one for one in self._open if one.session == session])

    async def close_user(self, user: str) -> None:
        """End every socket of a user: none of their sessions lives on."""
        await self._end([one for one in self._open if one.user == user])

    async def _end(self, sockets: list[Connected]) -> None:
        for socket in sockets:
            await socket.end(4401, "The session has ended.")

    def __len__(self) -> int:
        return len(self._open)
