"""One account as this process holds it: who the bot is, its lines, its places, and what is remembered between events."""

from typing import Any

import structlog
from discord import Intents

from bots.core import Core
from bots.discord.places import Place, Places
from bots.discord.reading import Me
from bots.discord.voices import BotVoice, Voice
from bots.discord.webhooks import Face, Hooks, HookVoice
from bots.discord.wire import Hear, Http, Wire, asked
from bots.doorway import Person, Seat
from gator.principal import Principal, service
from memory.models import Account

log = structlog.get_logger()

NAME = "discord"
CONTENT_FLAGS = (1 << 18) | (1 << 19)  # GATEWAY_MESSAGE_CONTENT, and the one of bots in few servers
NO_WEBHOOKS = "In some channels the bot may not manage webhooks, so the persona speaks there as the bot."


def intents(options: dict[str, Any]) -> Intents:
    """What we hear of: servers, messages; their content only when the persona is to hear its name called."""
    wanted = Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = True
    wanted.guild_reactions = wanted.dm_reactions = True
    wanted.message_content = bool(options.get("hears_names"))
    return wanted


class Holding:
    def __init__(self, account: Account, core: Core, hear: Hear) -> None:
        self.account = account
        self.core = core
        self.id = account.id
        self.workspace = account.workspace
        self.wire = Wire(account.options, intents(account.options), hear)
        self.places = Places(self._ask_place)
        self.me = Me("", "")
        self.hooks: Hooks | None = None  # of a persona's account
        self.reads_all = False  # whether Discord shows us what in servers is not said to us
        self.notes: set[str] = set()  # what its owner should know, shown with the account

    @property
    def http(self) -> Http:
        return self.wire.http

    @property
    def itself(self) -> Principal:
        return service(self.workspace, NAME)

    async def sign_in(self, token: str) -> None:
        """Find out who we are. Raises Refused for a bad token, Unavailable without an answer."""
        user = await self.wire.sign_in(token)
        application: Any = await asked(self.http.application_info())
        self.wire._connection.application_id = int(application["id"])
        self.reads_all = bool(int(application.get("flags") or 0) & CONTENT_FLAGS)
        face = await self._face()
        names = [face.name if face else "Gator", user.get("global_name") or user.get("username") or ""]
        called = [called for name in names for called in (name, name.split(" ")[0])]
        self.me = Me(str(int(user["id"])), str(int(application["id"])), tuple(dict.fromkeys(filter(None, called))))
        self.hooks = Hooks(self.http, self.me.application, face) if face else None

    async def _face(self) -> Face | None:
        if not self.account.persona_id:
            return None
        async with self.core.store.open_work(self.itself, reads=True) as work:
            persona = await work.personas.get(self.account.persona_id)
            portrait, card = await work.personas.files(persona)
        return Face(persona.name, portrait or card)

    async def _ask_place(self, id: str) -> dict[str, Any]:
        data: dict[str, Any] = await asked(self.http.get_channel(int(id)))
        return data

    async def voice(self, place: Place, as_persona: bool) -> Voice:
        """As whom we write there: the persona through a webhook where that is possible, else the bot."""
        if as_persona and self.hooks and not place.private:
            hook = await self.hooks.of(place)
            if hook:
                return HookVoice(self.hooks, hook, place)
            await self.say_once(NO_WEBHOOKS)
        return BotVoice(self.http, self.me.user, place.id)

    async def seat(self, person: Person, channel: str, *, private: bool) -> Seat | None:
        """Whose conversation that is. A persona's in a server is the group's; an operator's with Gator is theirs alone."""
        doorway, account = self.core.doorway, self.account
        if private:
            return await doorway.seat(account, person, channel)
        if account.persona_id:
            return await doorway.seat(account, person, channel, "group", self.places.title(channel))
        return await doorway.seat(account, person, f"{channel}/{person.external_id}", "group")

    async def say_once(self, note: str) -> None:
        """Have the account's owner know."""
        if note in self.notes:
            return
        self.notes.add(note)
        log.info("discord_note", account=self.id)
        await self.show_notes()

    async def show_notes(self) -> None:
        async with self.core.store.open_work(self.itself) as work:
            await work.accounts.failed(self.id, " ".join(sorted(self.notes)))

    async def close(self) -> None:
        await self.wire.close()


def channel_of(thread: str) -> str:
    """The chat's id on Discord. In servers an operator's thread with Gator names the operator too: "channel/user"."""
    return thread.partition("/")[0]
