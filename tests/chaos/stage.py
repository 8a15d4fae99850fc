"""How is the stage set? The program as a process, with a model that answers after a while, and all three platforms."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.chaos.crowd import Stage, answer, open_accounts, serving
from tests.e2e.program import program
from tests.servers import discord, telegram
from tests.servers.echo import EchoServer


@asynccontextmanager
async def stage(folder: Path, pause_s: float, **settings: str) -> AsyncIterator[Stage]:
    """Everything, running, with both bots brought in and nobody talking yet."""
    model = EchoServer(answer, pause_s)
    async with serving(model.app) as url, telegram.running() as api, discord.running() as other:
        # A model of unknown price counts as a dear one.
        talks = {
            "GATOR_DAILY_BUDGET_USD": "1000000",
            "GATOR_FAN_DAILY_BUDGET_USD": "0",
            "GATOR_MODEL": "openai:echo",
            "GATOR_OPENAI_BASE_URL": f"{url}/v1",
            "OPENAI_API_KEY": "sk-none",
        }
        async with program(folder / "home", inside=True, **talks, **settings) as running:
            bots = api.bot(7001, "inez_bot"), other.bot("Inez")
            set_up = Stage(running, api, bots[0], other, bots[1], model)
            await open_accounts(set_up, folder)
            async with asyncio.timeout(60):
                await other.gateway.of(bots[1])
                while not bots[0].polls:
                    await asyncio.sleep(0.05)
            yield set_up
