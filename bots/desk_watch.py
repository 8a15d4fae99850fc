"""Does a fan wait for an operator who does not come? Whoever is gone, or silent for hours, answers no more: the bot does.

Gone is who was unpaired in the chat they answered from, who may operate no longer, and who is not in our rows any more.
Before somebody counts as absent the others are told, so that one of them takes over.
"""

from datetime import timedelta

from bots.desk import Desk
from bots.doorway import may_operate
from gator.clock import now
from gator.errors import NotFound
from gator.principal import service
from memory.models import Conversation
from memory.store import Store
from memory.work import Work

SLOW = timedelta(minutes=15)  # without an answer, the other operators are told
ABSENT = timedelta(hours=6)  # without an answer, the bot answers again


async def look_after_fans(store: Store, desk: Desk, workspace: str) -> None:
    """See to every conversation that a person answers."""
    async with store.open_work(service(workspace, "desk"), reads=True) as work:
        seen = [(one, await _state(work, one)) for one in await work.handoffs.taken()]
    for conversation, (state, since) in seen:
        if state == "slow":
            await _tell(store, desk, conversation, since)
        elif state:
            await desk.release(workspace, conversation.id, conversation.taken_by, state)


async def _state(work: Work, conversation: Conversation) -> tuple[str, str]:
    """`gone`, `absent` or `slow`, "" where all is well; and what names the wait, whatever the fan takes back of it."""
    if conversation.notes.get("left") or not await _is_there(work, conversation.taken_by):
        return "gone", ""
    last = await work.conversations.last_by(conversation.id, "operator")
    first = await work.journal.first_held_since(conversation.id, last.id if last else None)
    taken_at = conversation.taken_at
    if first is None or taken_at is None:
        return "", ""
    # What waited before the takeover has waited for this person only since then.
    for_s = now() - max(first.created_at, taken_at)
    state = "absent" if for_s > ABSENT else "slow" if for_s > SLOW else ""
    return state, f"{(last or conversation).id}:{taken_at:%m%d%H%M%S}"


async def _is_there(work: Work, user_id: str | None) -> bool:
    try:
        return user_id is not None and may_operate(await work.people.user(user_id))
    except NotFound:
        return False


async def _tell(store: Store, desk: Desk, conversation: Conversation, since: str) -> None:
    async with store.open_work(service(conversation.workspace, "desk")) as work:
        who = (await work.people.user(str(conversation.taken_by))).name
        minutes = f"{SLOW // timedelta(minutes=1)}"
        await desk.tell_operators(work, conversation, "desk_slow", f"slow:{since}", who=who, minutes=minutes)
