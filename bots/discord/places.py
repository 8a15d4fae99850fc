"""Which chat is that? Servers' channels and threads as the gateway tells of them, private ones as REST does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

_DM, _GROUP_DM = 1, 3
# https://discord.com/developers/docs/resources/channel#channel-object-channel-types
_WRITABLE = frozenset({0, 2, 5, 10, 11, 12, 13})
_WITHOUT_WEBHOOKS = frozenset({13})  # a stage


@dataclass(frozen=True, slots=True)
class Place:
    """A chat. A thread's webhook is its parent's."""

    id: str
    guild: str = ""  # "" in private
    name: str = ""
    parent: str = ""  # of a thread
    last: int = 0  # the id of its newest message, as far as known
    type: int = 0

    @property
    def private(self) -> bool:
        return not self.guild

    @property
    def takes_webhooks(self) -> bool:
        return bool(self.guild) and self.type not in _WITHOUT_WEBHOOKS

    @property
    def of_webhook(self) -> str:
        return self.parent or self.id


def place(data: dict[str, Any], guild: str = "") -> Place:
    """A channel's JSON as a place. Raises KeyError or ValueError for a malformed one."""
    type = int(data["type"])
    is_thread = type in (10, 11, 12)
    guild = "" if type in (_DM, _GROUP_DM) else str(data.get("guild_id") or guild)
    return Place(
        id=str(int(data["id"])),
        guild=guild,
        name=str(data.get("name") or "")[:100],
        parent=str(data.get("parent_id") or "") if is_thread else "",
        last=int(data.get("last_message_id") or 0),
        type=type,
    )


class Places:
    """The places of one account."""

    def __init__(self, ask: Callable[[str], Awaitable[dict[str, Any]]]) -> None:
        self._ask = ask
        self._known: dict[str, Place] = {}
        self._guilds: dict[str, str] = {}
        self.roles: dict[str, frozenset[str]] = {}  # by server: the bot's own

    async def of(self, id: str) -> Place:
        """Raises what asking raises: Refused for one that we may not see, Unavailable without an answer."""
        if id not in self._known:
            self._known[id] = place(await self._ask(id))
        return self._known[id]

    def known(self, id: str) -> Place | None:
        return self._known.get(id)

    def title(self, id: str) -> str:
        """What people call it: "Atlas Club #general"."""
        there = self._known.get(id)
        return f"{self._guilds.get(there.guild, '')} #{there.name}".strip() if there and there.guild else ""

    def enter(self, data: dict[str, Any], me: str) -> list[Place]:
        """Learn a server with all its channels; gives those in which people may write."""
        if data.get("unavailable"):
            return []
        guild = str(int(data["id"]))
        self._guilds[guild] = str(data.get("name") or "")[:100]
        ours = [str(role["id"]) for role in data.get("roles") or [] if _is_ours(role, me)]
        self.roles[guild] = frozenset(ours)
        there = [place(one, guild) for one in [*(data.get("channels") or []), *(data.get("threads") or [])]]
        self._known.update({one.id: one for one in there})
        return [one for one in there if one.type in _WRITABLE]

    def leave(self, guild: str) -> None:
        self._known = {id: one for id, one in self._known.items() if one.guild != guild}
        self.roles.pop(guild, None)

    def learn(self, data: dict[str, Any]) -> None:
        """A channel or thread that is new or was changed."""
        found = place(data, str(data.get("guild_id") or ""))
        old = self._known.get(found.id)
        self._known[found.id] = replace(found, last=max(found.last, old.last if old else 0))

    def lose(self, id: str) -> None:
        self._known.pop(id, None)


def _is_ours(role: dict[str, Any], me: str) -> bool:
    return str((role.get("tags") or {}).get("bot_id") or "") == me
