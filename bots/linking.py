"""How does a person say that two of their apps are theirs? By a code from the one, sent on the other, and a yes to what follows.

Without both they stay two people to us: nothing that was told in one is known in the other.
"""

import re
from typing import Literal

from bots import codes
from memory import linking
from memory.models import Fan
from memory.work import Work

KIND: codes.Kind = "link"
Outcome = Literal["explain", "linked", "already", "wrong", "slow"]

_YES = re.compile(r"\s+(?:yes|y|ja|j)[.!]?$", re.IGNORECASE)


async def make(work: Work, secret_key: str, fan_id: str) -> str:
    """A code by which another app's fan can be linked with this one."""
    return await codes.make(work, secret_key, KIND, fan_id)


def read(argument: str) -> tuple[str, bool]:
    """The code in what was sent, and whether a yes came with it."""
    said = argument.strip()
    return _YES.sub("", said), bool(_YES.search(said))


async def link(work: Work, secret_key: str, fan_id: str, code: str, *, place: str, agreed: bool) -> Outcome:
    """Link this fan with the one who made the code; without consent only look whether that could be.

    `place` is where the code was sent: wrong ones are counted there.
    """
    found = await codes.guess(work, secret_key, KIND, code, place=place, who=fan_id, spend=agreed)
    if not found.subject:
        return "slow" if found.slow else "wrong"
    same = (await linking.person_of(work, fan_id)).id == (await linking.person_of(work, found.subject)).id
    if same:
        return "already"
    if not agreed:
        return "explain"
    await linking.link(work, fan_id, found.subject)
    await work.audit.note("fan.link", found.subject, joined=fan_id, consent="given in the joining chat")
    return "linked"


async def unlink(work: Work, fan_id: str) -> list[Fan]:
    """Take them apart; gives who was one person, nobody when nothing was linked."""
    parted = await linking.part(work, fan_id)
    if parted:
        await work.audit.note("fan.unlink", parted[0].id, parted=[fan.id for fan in parted[1:]], asked_by=fan_id)
    return parted
