"""How does somebody without a session fetch one file, for a time? By a link: signed, bound to its asset and its end, revocable.

Platforms that fetch media by address are handed such a link. The signature is looked at before any row is; the row keeps
only its fingerprint, so that it can be revoked and a stolen table opens nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from gator.clock import now
from gator.crypto import sign, signed_by_us
from gator.errors import Conflict, Gone, NotFound, Refused
from gator.ids import new_id
from gator.principal import service
from gator.settings import Settings
from memory.directory import workspace_of_token
from memory.models import Asset, Token
from memory.store import Store
from memory.work import Work

LINK = "link"  # the kind of its token
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=30)
_RATE = "Look at it, then say what it is: `gator media rate ID general`."
_NOTHING = "There is nothing at this address."  # the same for whatever is wrong with it


@dataclass(frozen=True, slots=True)
class Link:
    """An address of a file; whoever has it may read that file until then."""

    id: str
    url: str
    expires_at: datetime


async def share(work: Work, settings: Settings, asset_id: str, lives: timedelta) -> Link:
    """A new link. Raises Conflict for a file that is not there, Refused for what is private to a conversation."""
    if not SHORTEST <= lives <= LONGEST:
        raise Refused("A link lives from a minute to thirty days.", remedy="Choose a time between the two.")
    asset = await work.assets.get(asset_id)
    if asset.fan_id or asset.origin == "fan":
        raise Refused("What a fan sent, or was given, stays in their conversation.", remedy="Link something of yours.")
    if asset.rating != "general":
        raise Refused(f"The {asset.kind} is rated {asset.rating}; a link opens it to whoever has it.", remedy=_RATE)
    if asset.state != "ready":
        raise Conflict(f"The {asset.kind} is {asset.state}.", remedy="Follow its job, then ask again.")
    ends, nonce = int((now() + lives).timestamp()), new_id()
    tag = sign(settings.secret, LINK, _signed(asset.id, ends, nonce))
    row = await work.people.add_token(LINK, tag, asset.id, lives=lives)
    url = f"{settings.url}/shared/{asset.id}?exp={ends}&n={nonce}&sig={tag}"
    return Link(row.id, url, datetime.fromtimestamp(ends, UTC))


async def shared(store: Store, settings: Settings, asset_id: str, ends: int, nonce: str, tag: str) -> Asset:
    """What the link opens. Raises Gone once its time is over, NotFound for anything else that is wrong with it."""
    if not signed_by_us(settings.secret, LINK, _signed(asset_id, ends, nonce), tag):
        raise NotFound(_NOTHING)
    if ends <= now().timestamp():
        raise Gone("This address has ended.")
    workspace = await workspace_of_token(store, tag)
    if workspace is None:
        raise NotFound(_NOTHING)
    async with store.open_work(service(workspace, "media"), reads=True) as work:
        living = await work.people.token(LINK, tag)
        asset = await work.assets.find(asset_id)
    if living is None or asset is None or asset.state != "ready" or asset.rating != "general":
        raise NotFound(_NOTHING)
    return asset


async def links(work: Work, asset_id: str) -> list[Token]:
    """Those of the asset, oldest first, those that have ended too. Raises NotFound."""
    await work.assets.get(asset_id)
    return [one for one in await work.people.tokens(asset_id) if one.kind == LINK]


async def revoke(work: Work, asset_id: str, link: str | None = None) -> int:
    """End a link, or all of the asset; how many did not end before. Raises NotFound."""
    await work.assets.get(asset_id)
    mine = Token.workspace == work.principal.workspace, Token.kind == LINK, Token.subject == asset_id
    which = (*mine, Token.id == link) if link else mine
    if link and await work.session.scalar(select(Token.id).where(*which)) is None:
        raise NotFound(f"There is no link {link}.")
    ended = update(Token).where(*which, Token.revoked_at.is_(None)).values(revoked_at=now()).returning(Token.id)
    return len(list(await work.session.scalars(ended)))


def _signed(asset_id: str, ends: int, nonce: str) -> str:
    return f"{asset_id}:{ends}:{nonce}"
