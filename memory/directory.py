"""Which workspace? The only questions that are asked before one is known: a credential, an address, the public pages.

Each answer is an id of a workspace and nothing more; rows are then read through a unit of work of that workspace.
"""

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.crypto import fingerprint
from gator.ids import is_id
from memory.founding import HOME
from memory.models import Account, Asset, Token, Workspace
from memory.store import Store


async def _ask(store: Store, query: Select[str]) -> str | None:
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options={"gator_reads": True})
        return await session.scalar(query)


async def home_workspace(store: Store) -> str | None:
    """The workspace whose personas the public pages show; None before the first start has made it."""
    return await _ask(store, select(Workspace.id).where(Workspace.slug == HOME))


async def workspace_of_token(store: Store, secret: str) -> str | None:
    return await _ask(store, select(Token.workspace).where(Token.fingerprint == fingerprint(secret)))


async def workspace_of_asset(store: Store, id: str) -> str | None:
    return await _ask(store, select(Asset.workspace).where(Asset.id == id)) if is_id(id) else None


async def workspace_of_account(store: Store, id: str) -> str | None:
    return await _ask(store, select(Account.workspace).where(Account.id == id)) if is_id(id) else None


async def answers(store: Store) -> bool:
    """Whether the database answers at all. Raises what the driver raises when it does not."""
    return await _ask(store, select(Workspace.id).limit(1)) is not None
