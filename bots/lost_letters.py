"""Who hears that a message did not arrive? All operators in their chats with Gator, once for each dead letter.

What is lost together is told together: a platform that is away for hours makes one line, not hundreds. A line that itself
did not arrive is among the dead letters and is told to nobody, or there would be no end of it.
"""

from bots.delivery import Delivery
from bots.desk import rooms_of_operators
from bots.passing_on import title_of
from bots.words import retold, say
from gator.ids import new_id
from gator.principal import service
from memory.models import Conversation, Outbound
from memory.store import Store
from memory.work import Work

KEY = "lost:"  # of the lines that tell of letters
_SHOWN = 200  # characters of the reason


async def tell_of_letters(store: Store, delivery: Delivery, workspace: str) -> int:
    """Tell operators of the dead letters of which they do not know yet; how many those were."""
    who = service(workspace, "delivery")
    async with store.open_work(who, reads=True) as work:
        found = await work.outbox.untold()
    if not found:
        return 0
    async with store.open_work(who) as work:
        mine = set(await work.outbox.told([row.id for row in found]))
        letters = [row for row in found if row.id in mine and not row.key.startswith(KEY)]
        for room in await rooms_of_operators(work, somewhere=True) if letters else []:
            await _tell(work, delivery, room, letters)
    return len(letters)


async def _tell(work: Work, delivery: Delivery, room: Conversation, letters: list[Outbound]) -> None:
    last = letters[-1]
    about = await work.conversations.get(last.conversation_id)
    unsure = all(row.state == "unconfirmed" for row in letters)
    what = "letters_lost" if len(letters) > 1 else "letter_unsure" if unsure else "letter_lost"
    slots = {"name": await _to_whom(work, about, room.language), "why": retold(last.error[:_SHOWN], room.language)}
    words = say(what, room.language, count=str(len(letters)), **slots)
    rooms = list(dict.fromkeys(row.conversation_id for row in letters))  # whose names go when these are forgotten
    await delivery.tell(work, room, words, f"{KEY}{new_id()}", author="gator", about=rooms)


async def _to_whom(work: Work, about: Conversation, language: str) -> str:
    if about.fan_id:
        return await title_of(work, about, language)
    return (await work.people.user(str(about.user_id))).name
