"""What does the server do with a client's frame? One function for each; what is wrong is said, and the socket lives on."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from pydantic import ValidationError

from api import frames
from api.connection import UNAUTHENTICATED, Connection, Ended
from api.conversing import accept, checked, has_taken, is_member, may_read, may_speak, note_reading
from api.deps import caller_of_bearer
from api.frames import CLIENT_ID, frame
from api.resuming import history, replay
from bots.cleaning import clean
from bots.words import say
from gator.errors import Forbidden, GatorError, TooMany, Unauthenticated
from gator.ids import new_id
from memory.models import Conversation

MAX_JOINED = 100


async def answer(to: Connection, text: str) -> None:
    """Do what a frame asks. Raises Ended when its sender is nobody any more."""
    client_id = None
    try:
        asked = frames.SENT.validate_json(text)
        client_id = getattr(asked, "client_id", None)
        await _DOORS[type(asked)](to, asked)
    except ValidationError as wrong:
        why = wrong.errors()[0]
        at = ".".join(str(part) for part in why["loc"][1:])
        message = f"Malformed frame: {at + ': ' if at else ''}{why['msg']}"
        await to.send(frame("error", message=message[:300], code="malformed", **_about(text)))
    except Unauthenticated as ended:
        raise Ended(UNAUTHENTICATED, ended.message) from ended
    except GatorError as wrong:
        about = {"client_id": client_id} if client_id else {}
        await to.send(frame("error", message=str(wrong), code=wrong.code, **about))


def _about(text: str) -> dict[str, str]:
    """Which of its messages the client sent so badly, where that much can be read."""
    try:
        sent = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    client_id = sent.get("client_id") if isinstance(sent, dict) else None
    return {"client_id": client_id} if isinstance(client_id, str) and 0 < len(client_id) <= CLIENT_ID else {}


async def _conversation(to: Connection, id: str) -> Conversation:
    """The conversation, and whether the caller still is who they were: asked again with every frame."""
    to.caller = await caller_of_bearer(to.core, to.token)
    async with to.core.store.open_work(to.caller.principal, reads=True) as work:
        return await work.conversations.get(id)


async def _authenticate(to: Connection, asked: frames.Authenticate) -> None:
    caller = await caller_of_bearer(to.core, asked.token)
    if caller.principal != to.caller.principal:
        raise Forbidden("That token is somebody else's.")
    to.caller, to.token = caller, asked.token
    to.expire()
    await to.send(frame("authenticated", user_id=to.user))


async def _join(to: Connection, asked: frames.JoinConversation) -> None:
    conversation = may_read(to.caller, await _conversation(to, asked.conversation_id))
    id = conversation.id
    if len(to.watcher.conversations) >= MAX_JOINED and id not in to.watcher.conversations:
        raise TooMany("You have joined too many conversations.", retry_after_s=60, remedy="Leave some first.")
    await note_reading(to.core, to.caller, conversation)
    # Watched from here on and held back until all before it was replayed: nothing falls between, nothing comes twice.
    to.hold(id)
    shown: set[str] = set()
    try:
        again = id in to.watcher.conversations
        to.watcher.add(id)
        await to.core.hub.ready(id)
        shown = await replay(to, conversation, asked)
        await to.send(frame("conversation_joined", conversation_id=id, handoff=_handoff(conversation)))
    finally:
        to.release(id, shown.union(asked.seen))
    if not again and is_member(to.caller, conversation):
        to.sockets.come(to, id)


def _handoff(conversation: Conversation) -> str:
    """Who answers: "taken" by a person, "wanted", or nothing."""
    return "taken" if conversation.taken_by else "wanted" if conversation.wanted_at else ""


async def _leave(to: Connection, asked: frames.LeaveConversation) -> None:
    id = asked.conversation_id
    if id in to.watcher.conversations:
        to.sockets.go(to, id)
        to.watcher.discard(id)
    await to.send(frame("conversation_left", conversation_id=id))


async def _history(to: Connection, asked: frames.GetHistory) -> None:
    conversation = may_read(to.caller, await _conversation(to, asked.conversation_id))
    if conversation.id not in to.watcher.conversations:
        await note_reading(to.core, to.caller, conversation)  # whoever joined was noted then
    await to.send(await history(to, conversation, asked))


async def _typing(to: Connection, asked: frames.TypingStart | frames.TypingStop) -> None:
    if asked.conversation_id not in to.watcher.conversations:
        raise Forbidden("Join the conversation first.")
    conversation = await _conversation(to, asked.conversation_id)
    taken = has_taken(to.caller, conversation)
    if not taken:
        may_speak(to.caller, conversation)
    item = {
        "type": "typing_indicator",
        "user_id": to.user,
        "author": "fan" if to.caller.is_fan else "operator",
        "is_typing": isinstance(asked, frames.TypingStart),
    }
    to.core.hub.publish(asked.conversation_id, item)


async def _say(to: Connection, asked: frames.SendMessage) -> None:
    conversation = await _conversation(to, asked.conversation_id)
    client_id = asked.client_id or new_id()
    if has_taken(to.caller, conversation):
        await checked(to.core, to.caller, conversation, asked.attachments)
        said = await to.core.desk.say(to.caller.principal, conversation.id, asked.content, client_id, asked.attachments)
        await _accepted(to, conversation.id, client_id, said.id)
        return
    may_speak(to.caller, conversation)
    if asked.persona_id and asked.persona_id != conversation.persona_id:
        raise Forbidden("That persona is not in this conversation.")
    id = await accept(
        to.core, to.caller, conversation, asked.content, client_id,
        attachments=asked.attachments, reply_to=asked.reply_to,
    )  # fmt: skip
    await _accepted(to, conversation.id, client_id, id)


async def _accepted(to: Connection, conversation: str, client_id: str, id: str | None) -> None:
    about = {"conversation_id": conversation, "client_id": client_id, "message_id": id or None}
    await to.send(frame("message_accepted", **about, duplicate=id is None))


async def _edit(to: Connection, asked: frames.EditMessage) -> None:
    may_speak(to.caller, await _conversation(to, asked.conversation_id))
    await to.core.corrections.of_author(to.caller.principal, asked.message_id, asked.content)


async def _delete(to: Connection, asked: frames.DeleteMessage) -> None:
    may_speak(to.caller, await _conversation(to, asked.conversation_id))
    await to.core.corrections.of_author(to.caller.principal, asked.message_id, None)


async def _want(to: Connection, asked: frames.WantPerson) -> None:
    """The fan asks for a person of the team, as /human does on other channels."""
    conversation = may_speak(to.caller, await _conversation(to, asked.conversation_id))
    if not conversation.persona_id:
        raise Forbidden("Only a persona's fans ask for a person.")
    who = to.caller.principal
    fresh = await to.core.desk.ask(who.workspace, conversation.id, "asked", str(who), clean(asked.reason).strip())
    async with to.core.store.open_work(who, reads=True) as work:
        name = (await work.personas.get(conversation.persona_id)).name
    words = say("human_wanted" if fresh else "human_already", conversation.language or "en", name=name)
    await to.core.tell(conversation, words, f"human:{new_id()}")


async def _status(to: Connection, asked: frames.GetOnlineStatus) -> None:
    seen = to.sockets.seen_by(to)
    await to.send(frame("online_status", status={user: user in seen for user in asked.user_ids}))


async def _decide(to: Connection, asked: frames.Decide) -> None:
    to.caller = await caller_of_bearer(to.core, to.token)
    if "approvals:decide" not in to.caller.permissions:
        raise Forbidden("You may not decide approvals.")
    decided = await to.core.decide(to.caller.principal, asked.approval_id, asked.approved)
    async with to.core.store.open_work(to.caller.principal, reads=True) as work:
        left = sum(one.state == "pending" for one in await work.approvals.of_turn(decided.turn_id))
    about = {"approval_id": decided.id, "state": decided.state, "left": left}
    await to.send(frame("decided", conversation_id=decided.conversation_id, **about))


async def _pong(to: Connection, _asked: frames.Ping) -> None:
    await to.send(frame("pong"))


_DOORS: dict[type[Any], Callable[[Connection, Any], Awaitable[None]]] = {
    frames.Authenticate: _authenticate,
    frames.JoinConversation: _join,
    frames.LeaveConversation: _leave,
    frames.GetHistory: _history,
    frames.TypingStart: _typing,
    frames.TypingStop: _typing,
    frames.SendMessage: _say,
    frames.EditMessage: _edit,
    frames.DeleteMessage: _delete,
    frames.WantPerson: _want,
    frames.GetOnlineStatus: _status,
    frames.Decide: _decide,
    frames.Ping: _pong,
}
