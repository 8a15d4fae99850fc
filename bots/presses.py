"""What does a button under an approval do? Each press is a random token: for one approval, one operator, one verb, once."""

import secrets
from dataclasses import dataclass
from typing import Literal, get_args

from bots.channel import Button
from bots.words import say
from gator.clock import now
from gator.errors import Conflict, Forbidden
from gator.principal import Principal
from memory.models import Approval, Token
from memory.work import Work

Verb = Literal["approve", "edit", "regenerate", "reject"]
KIND = "press"


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of a press. With `asks_text`, what the operator writes next is the new text."""

    said: str
    asks_text: bool = False


async def make(work: Work, approval_id: str, user_id: str, language: str) -> list[Button]:
    """Buttons for that operator; none for a question that is decided."""
    approval = await work.approvals.get(approval_id)
    if approval.state != "pending" or not user_id:
        return []
    return [await _button(work, approval, user_id, verb, language) for verb in _verbs(approval)]


def _verbs(approval: Approval) -> list[Verb]:
    """Only a question with a text of its own can be edited or written anew."""
    return [verb for verb in get_args(Verb) if "text" in approval.arguments or verb in ("approve", "reject")]


async def _button(work: Work, approval: Approval, user_id: str, verb: Verb, language: str) -> Button:
    secret = secrets.token_urlsafe(16)
    lives = approval.expires_at - now()
    await work.people.add_token(KIND, secret, approval.id, name=user_id, scopes=[verb], lives=lives)
    return Button(say(f"button_{verb}", language), verb, secret)


async def use(work: Work, principal: Principal, press: str, language: str) -> tuple[Approval, str]:
    """The approval and the verb that the press stands for. Raises Conflict for a stale one, Forbidden for somebody else's."""
    token: Token | None = await work.people.token(KIND, press)
    if token is None:
        raise Conflict(say("press_used", language))
    if token.name != principal.subject:
        raise Forbidden(say("press_foreign", language))
    approval = await work.approvals.get(token.subject)
    if approval.state == "revised":
        raise Conflict(say("press_stale", language))
    if approval.expires_at <= now():
        raise Conflict(say("press_expired", language))
    if approval.state != "pending":
        raise Conflict(say("press_used", language))
    if await work.people.use_token(KIND, press) is None:
        raise Conflict(say("press_used", language))
    return approval, token.scopes[0]
