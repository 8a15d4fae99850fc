"""Is this for Gator at all? An operator's words may go to a fan whose conversation they took over, or be a post's new text."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from bots.attachments import answer_by_code
from bots.copies import follow, passed
from bots.delivery import Delivery
from bots.desk import Desk, language_of
from bots.opening import Opened
from bots.passing_on import Passed, albums, passed_on, together
from bots.words import retold, say
from gator.clock import now
from gator.errors import GatorError
from gator.principal import Principal
from memory.attached import mark
from memory.models import Approval
from memory.store import Store

Revise = Callable[[Principal, str, str], Awaitable[Approval]]


WAITS = timedelta(minutes=10)  # for a new text; what is written later is for Gator again


def asks(approval: str, principal: Principal) -> dict[str, str]:
    """The note of a conversation in which that operator writes an approval's new text next."""
    return {"approval": approval, "by": principal.subject, "until": (now() + WAITS).isoformat()}


def _revises(note: Any, principal: Principal) -> str:
    """The approval whose new text these words are, "" when they are none."""
    mine = isinstance(note, dict) and note["by"] == principal.subject
    return str(note["approval"]) if mine and datetime.fromisoformat(note["until"]) > now() else ""


class Switchboard:
    def __init__(self, store: Store, delivery: Delivery, desk: Desk, revise: Revise) -> None:
        self._store = store
        self._delivery = delivery
        self._desk = desk
        self._revise = revise

    async def pass_on(self, opened: Opened) -> bool:
        """Carry out what is not for Gator, and close the turn; False when it is for Gator."""
        notes = opened.conversation.notes
        if approval := _revises(notes.get("revising"), opened.principal):
            await self._new_text(opened, approval)
        elif fan := notes.get("relays"):
            await self._to_fan(opened, fan)
        else:
            return False
        return True

    async def _new_text(self, opened: Opened, approval: str) -> None:
        text = "\n".join(one.text for one in opened.waiting)
        problem = ""
        try:
            await self._revise(opened.principal, approval, text)
        except GatorError as wrong:  # decided meanwhile, or by this very turn before its process died
            problem = retold(str(wrong), opened.conversation.language)
        await self._close(opened, problem, revising=None)

    async def _to_fan(self, opened: Opened, fan: str) -> None:
        """What the operator sent, as they sent it; they are told what of it did not go on."""
        async with self._store.open_work(opened.principal, reads=True) as work:
            language = await language_of(work, opened.conversation)
            held = (await work.conversations.get(fan)).taken_by == opened.principal.subject
            sent = [passed_on(await work.conversations.message(id)) for id in opened.ids] if held else []
        if not held:
            await self._close(opened, say("desk_no_longer", language), relays="")
            return
        problems = [told for one in sent for lost in one.lost if (told := answer_by_code(mark(lost), language))]
        try:
            for album in albums(sent):
                await self._album_to_fan(opened, fan, {opened.ids[at]: sent[at] for at in album})
        except GatorError as wrong:  # handed back meanwhile, or a file that is gone
            problems.append(retold(str(wrong), language))
        await self._close(opened, "\n".join(dict.fromkeys(problems)))

    async def _album_to_fan(self, opened: Opened, fan: str, parts: dict[str, Passed]) -> None:
        """These messages as one; what a process that died had sent of them already is not sent again."""
        while parts:
            one, first = together(list(parts.values())), next(iter(parts))
            if not (one.text.strip() or one.assets):
                return
            said = await self._desk.say(opened.principal, fan, one.text, first, one.assets)
            gone = {id: part for id, part in parts.items() if id == first or set(part.assets) <= set(said.assets)}
            await self._mark(opened, gone, fan, said.id)
            parts = {id: part for id, part in parts.items() if id not in gone}

    async def _mark(self, opened: Opened, sent: dict[str, Passed], fan: str, copy: str) -> None:
        """Note of an operator's messages for whom they were, so that they go when that conversation is forgotten.

        What they changed of them while they were passed on, the fan gets as it reads now.
        """
        async with self._store.open_work(opened.principal) as work:
            await work.conversations.hold(opened.conversation.id, fan)
            theirs = await work.conversations.message(copy)
            await work.conversations.rewrite(copy, theirs.text, joins=list(sent))
            for id, part in sent.items():
                message = await work.conversations.message(id)
                await work.conversations.rewrite(id, message.text, handoff=fan, of=[copy])
                await passed(work, id, copy)
                if passed_on(message) != part:
                    await follow(work, self._delivery, message)

    async def _close(self, opened: Opened, problem: str, **notes: str | None) -> None:
        room = opened.conversation
        told = None
        async with self._store.open_work(opened.principal) as work:
            if not await work.turns.let_go(room.id, room.fence):
                return
            await work.conversations.note(room.id, **notes)
            if problem:
                told = await self._delivery.tell(work, room, problem, f"{opened.turn}:passed", author="gator")
            await work.turns.close(opened.turn, "closed", now())
            await work.journal.close(opened.ids, "answered", opened.turn)
        await self._delivery.show(opened.principal.workspace, room, told)
