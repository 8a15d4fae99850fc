"""What of what is written to us is no message for a conversation? Commands, and the words of strangers on Gator's account."""

import time

import structlog

from bots.discord.holding import Holding
from bots.discord.reading import Heard
from bots.discord.snowflakes import moment
from bots.discord.voices import BotVoice, Said
from bots.doorway import Seat
from bots.words import say
from gator.clock import now

log = structlog.get_logger()

TELL_EVERY_S = 60.0  # a stranger is told who we are once a minute, whatever they write
_TOO_OLD_S = 300.0  # and not for what they wrote while we were away


class Strangers:
    def __init__(self, held: Holding) -> None:
        self._held = held
        self._told: dict[str, float] = {}

    async def obeyed(self, said: Heard, seat: Seat | None) -> bool:
        """Whether that was a command and is settled with that. A stranger in a server gets no answer before everybody."""
        if seat is None and not said.private:
            return True
        if said.text.startswith("/"):
            name, _, argument = said.text[1:].partition(" ")
            answer = await self.obey(said, seat, name.lower(), argument.strip())
            if answer:
                await self._answer(said, answer)
            if answer is not None:
                return True
        if seat is None:
            await self._introduce(said)
        return False

    async def obey(self, said: Heard, seat: Seat | None, name: str, argument: str) -> str | None:
        from bots import commands

        held = self._held
        return await commands.obey(held.core, held.account, seat, said.person, name, argument, f"discord:{said.id}")

    async def _introduce(self, said: Heard) -> None:
        who, at = said.person.external_id, time.monotonic()
        if at - self._told.get(who, -TELL_EVERY_S) < TELL_EVERY_S:
            return
        self._told = {one: when for one, when in self._told.items() if at - when < TELL_EVERY_S} | {who: at}
        await self._answer(said, say("stranger", said.person.locale or "en"))

    async def _answer(self, said: Heard, text: str) -> None:
        """Straight to the chat: there is no conversation with a stranger. The nonce makes a second answer the first one."""
        if (now() - moment(said.id)).total_seconds() < _TOO_OLD_S:
            voice = BotVoice(self._held.http, self._held.me.user, said.channel)
            await voice.write(Said(text, nonce=f"re{said.id}"))
