"""One person over several apps: a fan on the web links, and unlinks, another app of theirs, as /link and /unlink do in a chat."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from api.deps import Caller, CallerDep, CoreDep, needs
from api.shapes import Body
from bots import linking
from bots.words import say
from gator.errors import Forbidden

router = APIRouter(prefix="/me", tags=["sign-in"])
PLACE = "web"  # where wrong codes are counted


class Link(Body):
    code: str | None = Field(None, max_length=40, description="from the other app; none: make one here")
    agreed: bool = Field(False, description="whether the person has read what follows and said yes")
    language: str = Field("en", max_length=16, description="of `text`")


class Linking(Body):
    outcome: Literal["code", "explain", "linked", "already", "wrong", "slow"]
    code: str | None = Field(None, description="to be sent as /link CODE on the other app, within ten minutes")
    text: str = Field(description="what to show the person")


class Unlink(Body):
    language: str = Field("en", max_length=16, description="of `text`")


class Unlinked(Body):
    apps: int = Field(description="how many were one person; 0 when nothing was linked")
    text: str


@router.post("/link", dependencies=[needs("me")])
async def link_me(ask: Link, core: CoreDep, caller: CallerDep) -> Linking:
    """Make a code for another app; or say what a code from there would do, and with `agreed` do it."""
    fan = _fan(caller)
    async with core.store.open_work(caller.principal) as work:
        if ask.code is None:
            code = await linking.make(work, core.settings.secret, fan)
            return Linking(outcome="code", code=code, text=say("link_code", ask.language, code=code))
        outcome = await linking.link(
            work, core.settings.secret, fan, ask.code, place=PLACE, agreed=ask.agreed
        )  # fmt: skip
    words = {"linked": "linked", "explain": "link_explain_web"}.get(outcome, f"link_{outcome}")
    return Linking(outcome=outcome, text=say(words, ask.language))


@router.post("/unlink", dependencies=[needs("me")])
async def unlink_me(ask: Unlink, core: CoreDep, caller: CallerDep) -> Unlinked:
    """Take the apps apart again, each with what was told there."""
    fan = _fan(caller)
    async with core.store.open_work(caller.principal) as work:
        parted = await linking.unlink(work, fan)
    return Unlinked(apps=len(parted), text=say("unlinked" if parted else "unlink_nobody", ask.language))


def _fan(caller: Caller) -> str:
    if not caller.is_fan:
        raise Forbidden("Only fans link their apps; operators are paired.")
    return caller.principal.subject
