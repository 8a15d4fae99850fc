"""Who is this, on this account? The principal and the conversation of somebody on a platform, from ids that it vouches for."""

from dataclasses import dataclass
from typing import Literal

from bots.cleaning import clean
from bots.words import USUAL
from gator.principal import Kind, Principal, service
from memory.founding import principal_of
from memory.models import Account, Conversation, User
from memory.store import Store
from memory.work import Work

MAY_OPERATE = frozenset({"owner", "admin", "operator"})  # the roles with the permission `chat` (api/permissions.py)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a platform knows them."""

    external_id: str
    name: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody's words go, and on whose behalf."""

    conversation: Conversation
    principal: Principal


class Doorway:
    def __init__(self, store: Store, language: str = USUAL) -> None:
        self._store = store
        self._language = language if language != USUAL else ""  # of an operator whose app names none

    async def seat(
        self,
        account: Account,
        person: Person,
        thread: str,
        kind: Literal["direct", "group"] = "direct",
        title: str = "",
    ) -> Seat | None:
        """Seat somebody who writes in that chat of the account; None for a stranger on Gator's own account.

        A group is one fan to its persona: what is told there is the group's, and no private memory opens there. For a
        group, `person` is whoever wrote and `title` its name. An operator's conversation where others read along is
        marked as a group's, too: no fan is spoken of there (`bots.desk`).
        """
        who = service(account.workspace, account.channel)
        if account.persona_id and kind == "direct":  # nearly always both are known: then nothing waits for a writer
            async with self._store.open_work(who, reads=True) as work:
                if seat := await _known(work, account, account.persona_id, person, thread):
                    return seat
        async with self._store.open_work(who) as work:
            if account.persona_id:
                return await _as_fan(work, account, account.persona_id, person, thread, kind, title)
            return await _as_operator(work, account, person, thread, kind, self._language)


def may_operate(user: User) -> bool:
    return user.disabled_at is None and not MAY_OPERATE.isdisjoint(user.roles)


async def _known(work: Work, account: Account, persona: str, person: Person, thread: str) -> Seat | None:
    """The seat of a fan in whose chat nothing is to be written down; else None."""
    fan = await work.people.fan_known_as(account.channel, person.external_id)
    if fan is None or (person.locale and not fan.locale):
        return None
    conversation = await work.conversations.at(account.channel, account.id, thread)
    if conversation is None:
        return None
    who = conversation.fan_id or fan.person_id or fan.id
    return Seat(conversation, Principal(account.workspace, Kind.fan, who, persona=persona))


async def _as_operator(work: Work, account: Account, person: Person, thread: str, kind: str, usual: str) -> Seat | None:
    identity = await work.accounts.identity(account.channel, person.external_id)
    if identity is None:
        return None
    user = await work.people.user(identity.user_id)
    if not may_operate(user):
        return None
    conversation = await work.conversations.meet(account.channel, account.id, thread, user_id=user.id, kind=kind)
    if not conversation.language:  # known before they have written anything: they are told of fans, and get buttons
        conversation.language = clean(person.locale)[:16] or usual
    return Seat(conversation, principal_of(user)) if conversation.user_id == user.id else None


async def _as_fan(
    work: Work, account: Account, persona: str, person: Person, thread: str, kind: str, title: str
) -> Seat:
    external, name = (f"group:{thread}", title) if kind == "group" else (person.external_id, person.name)
    fan = await work.people.meet_fan(account.channel, external, clean(name)[:200])
    if person.locale and not fan.locale:
        fan.locale = clean(person.locale)[:16]
    who = fan.person_id or fan.id
    seen = {"persona_id": persona, "fan_id": who, "met_as": fan.id, "kind": kind, "title": clean(title)[:200]}
    conversation = await work.conversations.meet(account.channel, account.id, thread, **seen)
    return Seat(conversation, Principal(account.workspace, Kind.fan, conversation.fan_id or who, persona=persona))
