"""What of what is written to us is no message for a conversation? Commands, and the words of strangers on Gator's account."""

import time
from collections import OrderedDict

import structlog

from bots import words
from bots.discord.holding import Holding
from bots.discord.reading import Heard
from bots.discord.snowflakes import moment
from bots.discord.voices import BotVoice, Said
from bots.doorway import Seat
from gator.clock import now

log = structlog.get_logger()

TELL_EVERY_S = 60.0  # a stranger is told who we are once a minute, whatever they write
_REMEMBERED = 1_000  # commands; those in a conversation are remembered by their outbox
_TOO_OLD_S = 300.0  # and not for what they wrote while we were away


class Strangers:
    def __init__(self, held: Holding) -> None:
        self._held = held
        self._told: dict[str, float] = {}
        self._obeyed: OrderedDict[int, str] = OrderedDict()  # what is still to be said of it

    async def obeyed(self, said: Heard, seat: Seat | None) -> bool:
        """Whether that was a command and is settled with that. A stranger in a server gets no answer before everybody."""
        if seat is None and not said.private:
            return True
        if said.text.startswith("/"):
            name, _, argument = said.text[1:].partition(" ")
            if await self._settled(said, seat, name.lower(), argument.strip()):
                return True
        if seat is None:
            await self._introduce(said)
        return False

    async def _settled(self, said: Heard, seat: Seat | None, name: str, argument: str) -> bool:
        """A message is heard live and may be read again in the history: a command in it is obeyed and answered once."""
        answer = self._obeyed.get(said.id)
        if answer is None:
            answer = await self.obey(said, seat, name, argument)
        if answer is None:
            return False
        self._obeyed[said.id] = answer
        if len(self._obeyed) > _REMEMBERED:
            self._obeyed.popitem(last=False)
        await self._answer(said, answer)
        self._obeyed[said.id] = ""
        return True

    async def obey(self, said: Heard, seat: Seat | None, name: str, argument: str) -> str | None:
        from bots import commands

        held = self._held
        return await commands.obey(held.core, held.account, seat, said.person, name, argument, f"discord:{said.id}")

    async def _introduce(self, said: Heard) -> None:
        who, at = said.person.external_id, time.monotonic()
        if at - self._told.get(who, -TELL_EVERY_S) < TELL_EVERY_S:
            return
        await self._answer(said, words.say("stranger", said.person.locale or words.USUAL))
        self._told = {one: when for one, when in self._told.items() if at - when < TELL_EVERY_S} | {who: at}

    async def _answer(self, said: Heard, text: str) -> None:
        """Straight to the chat: there is no conversation with a stranger. The nonce makes a second answer the first one."""
        if text and (now() - moment(said.id)).total_seconds() < _TOO_OLD_S:
            voice = BotVoice(self._held.http, self._held.me.user, said.channel)
            await voice.write(Said(text, nonce=f"re{said.id}"))
