"""One fan's conversation: what is said, by the AI and by people, and everything with which an operator steps in."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from api.console.asking import ask
from api.console.composer import Composer
from api.console.following import Following
from api.console.frame import beside, button, empty, heading, page
from api.console.inbox_page import state
from api.console.memory_lists import name_of
from api.console.talk import Talk, clock
from api.console.visit import Visit
from api.conversing import checked, note_reading
from bots import inbox
from bots.inbox import Entry
from gator.errors import NotFound
from gator.ids import new_id
from memory import rights
from memory.models import Handoff
from memory.vault import VaultKey
from tools.unseen import with_unseen_shown

NOTES = 50
FACTS = 6  # beside the conversation; the page of the memory has all
_KINDS = {"wanted": "A person was asked for", "taken": "Taken over", "returned": "Handed back", "note": "Note"}


@page("/inbox/{conversation}", "Conversation", "conversations:read")
async def conversation_page(visit: Visit, conversation: str) -> None:
    """The conversation, live; that it was read is written to the audit log."""
    async with visit.core.store.open_work(visit.who, reads=True) as work:
        row = await work.conversations.get(conversation)
        if not row.fan_id:
            raise NotFound("That conversation is an operator's own.")
        [entry] = await inbox.described(work, [row])
    await note_reading(visit.core, visit.caller, row)
    with ui.element("div").classes("beside"):
        with ui.element("div").classes("stack"):
            head = ui.element("div").classes("card stack")
            talk = Talk(visit, row, {"fan": entry.fan, "persona": entry.persona, "operator": "Team", "notice": "Gator"})
            desk = DeskOf(visit, entry, talk, head)
            desk.composer = Composer(f"Write to {with_unseen_shown(entry.fan)} as a person", desk.say, row.id)
        desk.beside()
    if visit.may("memory:read"):
        await desk.remember(VaultKey(row.workspace, str(row.persona_id), row.fan_id))
    await desk.changed()
    beside(desk.run())


class DeskOf(Following):
    """What an operator does with one conversation."""

    composer: Composer

    def __init__(self, visit: Visit, entry: Entry, talk: Talk, head: ui.element) -> None:
        super().__init__(visit.core, entry.conversation.id, talk)
        self._visit, self._head, self._id = visit, head, entry.conversation.id
        self._reads: tuple[object, ...] = ()

    def beside(self) -> None:
        """Notes, and what happened between the AI and people."""
        with ui.element("div").classes("stack"):
            self._memory_beside()
            self._notes_beside()

    def _memory_beside(self) -> None:
        if self._visit.may("memory:read"):
            with ui.element("aside").classes("card stack").props('aria-label="Memory"'):
                heading("Memory")
                self._facts = ui.element("ul").classes("plain stack")
                ui.link("All of it, and what replies used", f"/inbox/{self._id}/memory")

    def _notes_beside(self) -> None:
        with ui.element("aside").classes("card stack").props('aria-label="Notes"'):
            heading("Notes and handoffs")
            self._notes = ui.element("ul").classes("plain notes")
            if self._visit.may("conversations:answer"):
                self._note = ui.textarea(label="A note for the team").props("autogrow outlined dense maxlength=4000")
                button("Keep the note", self._keep_note, quiet=True)

    # What is shown

    async def remember(self, key: VaultKey) -> None:
        """The newest facts; that they were looked at is written to the audit log."""
        async with self._core.store.open_work(self._visit.who) as work:
            known = await rights.known(work, key, episodes=1)
        with self._facts:
            for fact in known.facts[: -FACTS - 1 : -1]:
                with ui.element("li"):
                    ui.label(with_unseen_shown(f"{name_of(fact)}: {fact.value}")).classes("words").props("dir=auto")
            if not known.facts:
                empty("Nothing was told yet.")
            if known.doubted:
                with ui.element("li"):
                    ui.badge(f"{len(known.doubted)} kept apart", color=None).classes("mark wanted")

    async def heard(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "handoff_update":
            await self.changed()
        elif frame["type"] == "typing_indicator":
            typing = frame["is_typing"] and frame.get("author") != "operator"
            self._typing.set_text("is writing …" if typing else "")

    async def changed(self) -> None:
        async with self._core.store.open_work(self._visit.who, reads=True) as work:
            [entry] = await inbox.described(work, [await work.conversations.get(self._id)])
            notes = await work.handoffs.of(self._id, NOTES)
            names = await inbox.who_by(work, [note.by for note in notes])
            fan = await work.people.fan(str(entry.conversation.fan_id))
        reads = (entry.taken_by, entry.wanted and entry.wanted.id, fan.age_state, [note.id for note in notes])
        if reads == self._reads:
            return  # a button that is drawn anew loses the click that is on its way
        self._reads = reads
        self._head.clear()
        with self._head:
            heading(with_unseen_shown(f"{entry.fan} with {entry.persona}"))
            age = fan.age_state.replace("_", " ")
            ui.label(f"{entry.conversation.channel} · age {age} · /take {entry.code}").classes("soft")
            state(entry)
            self._who_answers(entry)
            self._typing = ui.label("").classes("soft").props("aria-live=polite")
        self._notes.clear()
        with self._notes:
            for note in notes:
                self._line(note, names[note.by])

    def _who_answers(self, entry: Entry) -> None:
        row, mine = entry.conversation, entry.conversation.taken_by == self._visit.who.subject
        may = self._visit.may("conversations:answer")
        self.composer.open(mine and may)
        if not entry.taken_by:
            ui.label(f"{entry.persona}, an AI, answers.").classes("soft")
        if not may:
            return
        with ui.element("div").classes("row"):
            if mine:
                button("Suggest a reply", self._suggest, quiet=True)
                button("Hand back …", self._hand_back)
            elif row.taken_by:
                button("Take over from them", self._take_over_from, quiet=True)
                button("Hand back for them …", self._hand_back_for, quiet=True)
            else:
                button("Take over", self._take_over)
                if not row.wanted_at:
                    button("Ask for a person …", self._want, quiet=True)

    def _line(self, note: Handoff, by: str) -> None:
        with ui.element("li").classes(f"note {note.kind}"):
            ui.label(f"{_KINDS.get(note.kind, note.kind)} · {clock(note.created_at, self._visit.zone)}").classes("soft")
            ui.label(with_unseen_shown(by)).classes("soft")
            if text := note.text or (note.reason if note.kind == "wanted" else ""):
                ui.label(with_unseen_shown(text)).classes("words").props("dir=auto")

    # What is done

    async def _caller(self) -> Any:
        return (await self._visit.now("conversations:answer")).principal

    async def say(self, text: str, files: Sequence[str]) -> None:
        caller = await self._visit.now("conversations:answer")
        async with self._core.store.open_work(caller.principal, reads=True) as work:
            row = await work.conversations.get(self._id)
        await checked(self._core, caller, row, list(files))
        await self._core.desk.say(caller.principal, self._id, text, new_id(), files)

    async def _take_over(self) -> None:
        await self._core.desk.take(await self._caller(), self._id)
        await self.changed()

    async def _take_over_from(self) -> None:
        await self._core.desk.take(await self._caller(), self._id, over=True)
        await self.changed()

    async def _suggest(self) -> None:
        self.composer.offer(await self._core.desk.suggest(await self._caller(), self._id))

    async def _keep_note(self) -> None:
        await self._core.desk.note(await self._caller(), self._id, self._note.value or "")
        self._note.set_value("")
        await self.changed()

    async def _hand_back(self) -> None:
        text = await ask("What should the AI know? Without words it reads what you wrote, shortened.", "Hand back")
        if text is not None:
            await self._core.desk.hand_back(await self._caller(), self._id, text)
            await self.changed()

    async def _hand_back_for(self) -> None:
        text = await ask("They are told that it was you. What should the AI know?", "Hand back for them")
        if text is not None:
            await self._core.desk.hand_back(await self._caller(), self._id, text, over=True)
            await self.changed()

    async def _want(self) -> None:
        text = await ask("Why is a person needed? All operators are told.", "Ask for a person")
        if text is not None:
            who = await self._caller()
            async with self._core.store.open_work(who) as work:
                row = await work.conversations.get(self._id)
                await self._core.desk.want(work, row, "operator", str(who), text[:500])
            await self.changed()
