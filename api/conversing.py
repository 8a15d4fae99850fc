"""May they, in this conversation? Membership, and how a message reaches the conversation core, from REST and the socket."""

import asyncio
import hashlib
import time

from api.deps import Caller
from bots import commands
from bots.channel import Inbound
from bots.cleaning import clean
from bots.core import Core
from bots.doorway import Person, Seat
from bots.web_channel import NAME
from gator.errors import Forbidden, NotFound
from gator.principal import Principal
from memory.models import Account, Conversation
from memory.store import Store


def is_member(caller: Caller, conversation: Conversation) -> bool:
    """Whether it is theirs: a fan's with the persona that their token names, or an operator's own."""
    who = caller.principal
    if caller.is_fan:
        met_as = conversation.met_as or conversation.fan_id  # whom they are linked with talks in chats of their own
        return met_as == who.subject and conversation.persona_id == who.persona
    return conversation.user_id == who.subject


def may_read(caller: Caller, conversation: Conversation) -> Conversation:
    """The conversation. Raises NotFound for one that the caller may not know of."""
    mine = is_member(caller, conversation) and "chat" in caller.permissions
    if mine or "conversations:read" in caller.permissions:
        return conversation
    raise NotFound(f"There is no conversation {conversation.id}.")


def may_speak(caller: Caller, conversation: Conversation) -> Conversation:
    """The conversation. Raises NotFound or, to those who may only read it, Forbidden."""
    if may_read(caller, conversation) and not (is_member(caller, conversation) and "chat" in caller.permissions):
        raise Forbidden("This conversation is somebody else's; you may only read it.")
    return conversation


def has_taken(caller: Caller, conversation: Conversation) -> bool:
    """Whether the caller answers there in the bot's place, and still may."""
    return "conversations:answer" in caller.permissions and conversation.taken_by == caller.principal.subject


async def note_reading(core: Core, caller: Caller, conversation: Conversation) -> None:
    """Write down that somebody reads what is not theirs: fans' words are read for a reason, and that shows."""
    if not is_member(caller, conversation):
        async with core.store.open_work(caller.principal) as work:
            await work.audit.note("conversation.read", conversation.id)


async def accept(
    core: Core,
    caller: Caller,
    conversation: Conversation,
    text: str,
    client_id: str,
    *,
    attachments: list[str] | None = None,
    reply_to: str = "",
) -> str | None:
    """Hand the message over for an answer; gives its id, None when it was handed over before, "" when it was an order.

    `attachments` are assets that were uploaded for this conversation. Raises NotFound for others.
    """
    # Ids of clients are theirs alone: bound to the conversation, of one length whatever they send.
    platform_id = hashlib.sha256(f"{conversation.id}\n{client_id}".encode()).hexdigest()
    if text.startswith("/") and not attachments and await _obeyed(core, caller, conversation, text, platform_id):
        return ""
    inbound = Inbound(
        channel=conversation.channel,
        account=conversation.account,
        platform_id=platform_id,
        conversation=conversation.id,
        principal=caller.principal,
        text=text,
        attachments=await checked(core, caller, conversation, attachments or []),
        reply_to=reply_to,
    )
    return await core.receive(inbound)


async def _obeyed(core: Core, caller: Caller, conversation: Conversation, text: str, key: str) -> bool:
    """Whether a fan's message was a command, as in any other chat; its answer is in the conversation then."""
    if not (caller.is_fan and conversation.persona_id):
        return False
    name, _, argument = clean(text).removeprefix("/").partition(" ")
    # No account of ours stands behind the web: it is made up for the moment, and is no row.
    web = Account(
        id=NAME, workspace=conversation.workspace, channel=NAME, name=NAME, persona_id=conversation.persona_id
    )
    person = Person(caller.principal.subject)
    seat = Seat(conversation, caller.principal)
    return await commands.obey(core, web, seat, person, name, argument, f"{NAME}:{key}") is not None


async def checked(core: Core, caller: Caller, conversation: Conversation, ids: list[str]) -> list[dict[str, str]]:
    """The attachments as the journal keeps them. Raises NotFound for one that was not uploaded in this conversation."""
    if not ids:
        return []
    async with core.store.open_work(caller.principal, reads=True) as work:
        rows = await work.assets.by_ids(ids)
    for id in ids:
        if id not in rows or rows[id].provenance.get("conversation") != conversation.id:
            raise NotFound(f"There is no attachment {id}.", remedy="Upload it for this conversation first.")
    return [{"asset": id} for id in ids]


class Rooms:
    """Conversations as they were a moment ago: asked for with every frame that goes out, however many listen."""

    FRESH_S, MOST = 2.0, 10_000

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], tuple[float, asyncio.Future[Conversation]]] = {}

    async def of(self, principal: Principal, id: str) -> Conversation:
        """The conversation, read once for all who ask at once. Raises NotFound."""
        key = (principal.workspace, id)
        until, known = self._known.get(key, (0.0, None))
        if known is None or until < time.monotonic():
            if len(self._known) >= self.MOST:
                self._known.clear()
            known = asyncio.ensure_future(self._read(principal, id))
            self._known[key] = (time.monotonic() + self.FRESH_S, known)
        return known.result() if known.done() else await asyncio.shield(known)

    async def _read(self, principal: Principal, id: str) -> Conversation:
        async with self._store.open_work(principal, reads=True) as work:
            return await work.conversations.get(id)
