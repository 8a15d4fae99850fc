"""What platforms post to us: updates of Telegram's bots. The secret that a platform was given is its proof of who it is.

It is compared before anything else is done; the answer is 200 only once what came is in the journal, so that the platform
sends again what we could not keep.
"""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import APIRouter, Header, Request, Response

from api.deps import CoreDep, public
from bots.core import Core
from bots.platforms import platform
from bots.telegram.proof import is_telegram
from gator.errors import NotFound, Refused, Unauthenticated
from gator.principal import service
from memory.directory import workspace_of_account
from memory.models import Account

if TYPE_CHECKING:
    from bots.telegram.platform import Telegram

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.post("/telegram/{account}", dependencies=[public])
async def telegram_update(
    account: str,
    request: Request,
    core: CoreDep,
    x_telegram_bot_api_secret_token: Annotated[str, Header(max_length=256)] = "",
) -> Response:
    """An update for one bot, posted by Telegram."""
    if not is_telegram(core.settings, account, x_telegram_bot_api_secret_token):
        raise Unauthenticated("That is not the secret which Telegram was given for this bot.")
    row = await _account(core, account)
    # Beside the loop: the first time, a library is imported.
    telegram = cast("Telegram", await asyncio.to_thread(platform, "telegram"))
    await telegram.hooks.take(core, row, await _body(request))
    return Response()


async def _account(core: Core, id: str) -> Account:
    """The account, if it is one that Telegram posts for. Raises NotFound."""
    workspace = await workspace_of_account(core.store, id)
    if workspace:
        async with core.store.open_work(service(workspace, "webhooks"), reads=True) as work:
            row = await work.accounts.get(id)
            if row.enabled and row.channel == "telegram" and (row.options or {}).get("mode") == "webhook":
                return row
    raise NotFound("There is no such bot here.")


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except (ValueError, RecursionError) as odd:
        raise Refused("The body is no JSON.") from odd
