"""Discord as a platform: who a token is, and one account's receiving and sending until it is stopped."""

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from bots.discord.channel import DiscordChannel
from bots.discord.holding import CONTENT_FLAGS, Holding
from bots.discord.interactions import Interactions
from bots.discord.receiving import Receiving
from bots.discord.wire import Http, api_base, asked, quieten, sign_in
from bots.platforms import Checked
from memory.models import Account

if TYPE_CHECKING:
    from bots.core import Core

log = structlog.get_logger()

_NO_CONTENT = (
    "Switch on the message content intent under Bot in the developer portal: "
    "without it the persona cannot hear its name."
)
_ENDPOINT = "Clear the interactions endpoint URL in the developer portal: with it, buttons and commands do not arrive."


class Discord:
    def __init__(self) -> None:
        quieten()
        self.channel = DiscordChannel()

    async def check(self, token: str, options: dict[str, Any]) -> Checked:
        """See Platform.check."""
        http = Http(api_base(options))
        try:
            user = await sign_in(http, token)
            application: Any = await asked(http.application_info())
        finally:
            await http.close()
        return Checked(str(int(user["id"])), str(user.get("username") or ""), tuple(_notes(application, options)))

    async def run(self, account: Account, token: str, core: "Core") -> None:
        """See Platform.run. The account can send as soon as it is signed in, before its gateway is there."""
        receiving: Receiving | None = None

        def hear(event: str, data: Any) -> None:
            assert receiving is not None  # the lines are opened below
            receiving.hear(event, data)

        held = Holding(account, core, hear)
        try:
            await held.sign_in(token)
            interactions = Interactions(held, held.seat)
            receiving = Receiving(held, interactions.take)
            self.channel.take(held)
            log.info("discord_account_up", account=account.id)
            await self._listen(held, receiving, interactions)
        finally:
            self.channel.let_go(held)
            if receiving:
                await receiving.stop()
                await receiving.catching_up.stop()
            await held.close()

    async def _listen(self, held: Holding, receiving: Receiving, interactions: Interactions) -> None:
        working = [
            asyncio.ensure_future(held.wire.listen()),
            asyncio.ensure_future(receiving.catching_up.replaying.bring()),
            asyncio.ensure_future(receiving.catching_up.keep()),
            asyncio.ensure_future(interactions.publish()),
            receiving.overrun,
        ]
        try:
            while working:
                done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    one.result()
                    working.remove(one)
        finally:
            for one in working:
                one.cancel()
            await asyncio.gather(*working, return_exceptions=True)


def _notes(application: dict[str, Any], options: dict[str, Any]) -> list[str]:
    notes = []
    if options.get("hears_names") and not int(application.get("flags") or 0) & CONTENT_FLAGS:
        notes.append(_NO_CONTENT)
    if application.get("interactions_endpoint_url"):
        notes.append(_ENDPOINT)
    return notes
