"""Who is an operator on a platform? Whoever sends Gator's account there a code that they got while signed in as one."""

from dataclasses import dataclass

from bots import codes
from bots.doorway import MAY_OPERATE
from gator.errors import Forbidden
from memory.models import Account, Identity, User
from memory.work import Work

KIND: codes.Kind = "pair"


@dataclass(frozen=True, slots=True)
class Paired:
    """Who was admitted; nobody when the code was not good, or too many were wrong."""

    user: User | None = None
    slow: bool = False


async def make(work: Work, secret_key: str, user_id: str) -> str:
    """A code that admits whoever sends it as that user. Raises NotFound, or Forbidden for one who may not operate."""
    user = await work.people.user(user_id)
    if MAY_OPERATE.isdisjoint(user.roles):
        raise Forbidden(f"{user.name} is no operator.", remedy=f"Operators are: {', '.join(sorted(MAY_OPERATE))}.")
    await work.audit.note("pair.code", user.id)
    return await codes.make(work, secret_key, KIND, user.id)


async def pair(work: Work, secret_key: str, account: Account, external_id: str, name: str, text: str) -> Paired:
    """Admit whoever sent this code to Gator's account there."""
    found = await codes.guess(work, secret_key, KIND, text, place=account.id, who=external_id)
    if not found.subject:
        if not found.slow:  # those are counted, so the log cannot be flooded with them
            await work.audit.note("pair.wrong", account.id, who=external_id)
        return Paired(slow=found.slow)
    user = await work.people.user(found.subject)
    if user.disabled_at:
        return Paired()
    known = await work.accounts.identity(account.channel, external_id)
    if known and known.user_id != user.id:
        await _dismiss(work, account.channel, external_id)
    await work.accounts.admit(account.channel, external_id, user.id, name)
    await work.audit.note("pair.admit", user.id, channel=account.channel, who=external_id, account=account.id)
    return Paired(user)


async def unpair(work: Work, channel: str, external_id: str) -> bool:
    """Know them as an operator no longer; False when nobody was known."""
    known = await work.accounts.identity(channel, external_id)
    if known is None:
        return False
    await work.audit.note("pair.dismiss", known.user_id, channel=channel, who=external_id)
    return await _dismiss(work, channel, external_id)


async def _dismiss(work: Work, channel: str, external_id: str) -> bool:
    """What fans write is told no longer in a chat that is set aside, and whoever they waited for there does not come.

    The watch has the bot answer them again (`bots.desk_watch`).
    """
    relaying = [room for room in await work.conversations.of_operators() if room.notes.get("relays")]
    known = await work.accounts.dismiss(channel, external_id)
    kept = {room.id for room in await work.conversations.of_operators()}
    for room in relaying:
        if room.id not in kept:
            await work.conversations.note(room.notes["relays"], relay_to="", left=True)
            await work.conversations.note(room.id, relays="")
    return known


async def paired(work: Work, user_id: str) -> list[Identity]:
    """Where that user is known."""
    return await work.accounts.identities(user_id)


def deep_link(account: Account, code: str) -> str:
    """An address that opens the chat and sends the code, where the platform has such; else ""."""
    if account.channel != "telegram" or not account.handle:
        return ""
    return f"https://t.me/{account.handle.lstrip('@')}?start=pair_{code.replace('-', '')}"
