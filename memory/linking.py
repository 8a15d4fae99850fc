"""Which fans are one person? Two that a person linked by a code and consent, until they are taken apart again.

The fan whose code was used stands for the person: conversations, facts and recollections of the others move to it, and the
stricter age, the longer rest and the wish to have nothing remembered hold for all. Each conversation keeps as whom it was
met (`met_as`), and each memory the message that it comes from, so that all of it goes back to where it came from when they
part.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update

from memory.models import Conversation, Fan
from memory.vault.choices import hold_to_the_stricter, take_along
from memory.vault.handing_over import hand_over
from memory.work import Work

# Of two the first one holds; what we do not know counts as suspected (agents/care/ages.py).
STRICTEST_FIRST = ("minor", "suspected_minor", "unknown", "claimed_adult", "verified")


async def person_of(work: Work, fan_id: str) -> Fan:
    """The fan who stands for the person: another one only where they are linked."""
    fan = await work.people.fan(fan_id)
    return await work.people.fan(fan.person_id) if fan.person_id else fan


async def one_person(work: Work, fan_id: str) -> list[Fan]:
    """All fans who are this person, the one who stands for it first."""
    person = await person_of(work, fan_id)
    linked = select(Fan).where(Fan.workspace == person.workspace, Fan.person_id == person.id).order_by(Fan.id)
    return [person, *await work.session.scalars(linked)]


async def link(work: Work, fan_id: str, other_id: str) -> bool:
    """Make both fans, and whoever is linked with them, one person, who is the other; False when they are already."""
    await work.accounts.one_at_a_time("linking")  # or two who link each other would both stand for the other
    person, *others = await one_person(work, other_id)
    joining = await one_person(work, fan_id)
    if joining[0].id == person.id:
        return False
    await _hold(work, [one.id for one in (person, *others, *joining)])
    for fan in joining:
        fan.person_id = person.id
    _hold_to_the_stricter([person, *others, *joining])
    await work.session.flush()
    await hold_to_the_stricter(work, [one.id for one in (person, *others, *joining)], person.id)
    await _remember_as_whom(work, [one.id for one in (person, *joining)])
    await _move(work, joining[0].id, None, person.id)
    return True


async def part(work: Work, fan_id: str) -> list[Fan]:
    """Take the person apart into the fans whom the channels know; gives them, none when nothing was linked."""
    await work.accounts.one_at_a_time("linking")
    person, *others = await one_person(work, fan_id)
    if not others:
        return []
    await _hold(work, [one.id for one in (person, *others)])
    for fan in others:
        fan.person_id = None
        fan.age_state = _stricter(fan.age_state, person.age_state)
        fan.crisis_until = _later(fan.crisis_until, person.crisis_until)
        fan.stopped_at = fan.stopped_at or person.stopped_at
    await work.session.flush()
    await take_along(work, person.id, [fan.id for fan in others])
    for fan in others:
        await _move(work, person.id, fan.id, fan.id)
    return [person, *others]


async def _hold(work: Work, fans: Sequence[str]) -> None:
    """Their conversations first, then who they are, as a turn does: whoever is being answered is waited for."""
    theirs = Conversation.workspace == work.principal.workspace, Conversation.fan_id.in_(fans)
    held = select(Conversation.id).where(*theirs).order_by(Conversation.id).with_for_update(key_share=True)
    await work.session.execute(held)
    rows = select(Fan).where(Fan.id.in_(fans)).order_by(Fan.id).with_for_update(key_share=True)
    await work.session.execute(rows.execution_options(populate_existing=True))


def _hold_to_the_stricter(fans: Sequence[Fan]) -> None:
    """The strictest age, the longest rest and the wish to hear nothing unasked hold for all of them."""
    age, rest, stopped = "verified", None, None
    for fan in fans:
        age, rest = _stricter(age, fan.age_state), _later(rest, fan.crisis_until)
        stopped = stopped or fan.stopped_at
    for fan in fans:
        fan.age_state, fan.crisis_until, fan.stopped_at = age, rest, stopped


def _stricter(one: str, other: str) -> str:
    known = [state if state in STRICTEST_FIRST else "suspected_minor" for state in (one, other)]
    return min(known, key=STRICTEST_FIRST.index)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)


async def _remember_as_whom(work: Work, fans: list[str]) -> None:
    """Keep as whom their conversations were met, where that was not written down yet."""
    await work.session.execute(
        update(Conversation)
        .where(Conversation.workspace == work.principal.workspace, Conversation.fan_id.in_(fans))
        .values(met_as=func.coalesce(Conversation.met_as, Conversation.fan_id))
    )


async def _move(work: Work, owner: str, met_as: str | None, to: str) -> None:
    """Have the owner's conversations (only those that were met as that fan) belong to another, with what was told in them.

    The fence grows, so that a reply which is being made with the old memory is not said.
    """
    theirs = [Conversation.workspace == work.principal.workspace, Conversation.fan_id == owner]
    theirs += [Conversation.met_as == met_as] if met_as else []
    moved = list(await work.session.scalars(select(Conversation.id).where(*theirs)))
    if not moved:
        return
    await work.session.execute(
        update(Conversation)
        .where(or_(*(Conversation.id.in_(moved[n : n + 500]) for n in range(0, len(moved), 500))))
        .values(fan_id=to, fence=Conversation.fence + 1, lease_owner=None, lease_until=None)
    )
    await hand_over(work, moved, owner, to)
