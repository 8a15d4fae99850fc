"""Whose Gator is this? The first workspace and its owner, made on the first start and found on every later one."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.principal import Kind, Principal, service
from memory.models import User, Workspace
from memory.store import READS, Store

HOME = "home"
OWNER = "owner"


async def workspaces(store: Store) -> list[str]:
    """Ids of all workspaces: for the worker and the scheduler, which serve every one of them."""
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)  # or it would be a writer, on SQLite, and many ask this often
        return list(await session.scalars(select(Workspace.id).order_by(Workspace.id)))


async def found(store: Store) -> Principal:
    """The owner of the home workspace, both made when they are missing."""
    async with AsyncSession(store.engine, expire_on_commit=False) as session, session.begin():
        workspace = await session.scalar(select(Workspace).where(Workspace.slug == HOME))
        if workspace is None:
            workspace = Workspace(slug=HOME, name="Home")
            session.add(workspace)
            await session.flush()
    async with store.open_work(service(workspace.id, "founding")) as work:
        owner = await work.people.user_named(OWNER) or await work.people.add_user(OWNER, ["owner"])
    return principal_of(owner)


def principal_of(user: User) -> Principal:
    return Principal(user.workspace, Kind.operator, user.id, frozenset(user.roles))
