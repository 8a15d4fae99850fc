"""How is a fan's memory drawn? Facts, episodes with their sources, which replies used what, what is kept apart, receipts."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from nicegui import ui

from api.console.frame import button, empty, heading, plain
from api.console.talk import clock, day
from api.console.visit import Visit
from gator.clock import now
from memory import inspecting
from memory.erasing import Scope
from memory.erasures import Entry
from memory.inspecting import Found, Reply
from memory.models import Message
from memory.rights import Known, Used
from memory.vault import EpisodeShown, FactShown, OwnWordShown, VaultKey
from tools.unseen import cut, with_unseen_shown

PREVIEW = 300
FEW = 12  # of a list; the rest is shown on demand
_WHY = {
    "order": "an order to a machine",
    "role": "claims to be somebody with power",
    "echo": "the persona's own words",
    "joke": "a joke",
    "fiction": "made up in play",
    "third-person": "about somebody else",
    "question": "a question",
    "hearsay": "what somebody else said",
    "unsure": "not sure",
    "injected": "meant to be planted",
}
_KINDS = {"fact": "Fact", "said": "Said", "episode": "Episode", "own": "Said by the persona"}

T = TypeVar("T")
FactAct = Callable[[FactShown], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Acts:
    """What can be done with a line."""

    correct: FactAct
    end: FactAct
    forget: Callable[[Scope, str, str], Awaitable[None]]
    release: FactAct
    drop: FactAct


class Lists:
    """The lists of a page; `acts` are None for those who may only look."""

    def __init__(self, visit: Visit, key: VaultKey, persona: str, acts: Acts | None) -> None:
        self._visit, self._key, self._persona, self._acts = visit, key, persona, acts
        with ui.element("div").classes("beside"):
            with ui.element("div").classes("stack"):
                self._facts, self._episodes = _card("Facts"), _card("Episodes")
            with ui.element("div").classes("stack"):
                self._apart, self._replies = _card("Kept apart"), _card("What replies used")
                self._own, self._gone = _card(f"What {with_unseen_shown(persona)} said of itself"), _card("Forgotten")

    def draw(self, known: Known, replies: Sequence[Reply], own: Sequence[OwnWordShown], gone: Sequence[Entry]) -> None:
        """All of them, anew."""
        facts = [*reversed(known.facts), *reversed(known.ended)]
        _fill(self._facts, facts, self._fact, "Nothing was told yet.")
        _fill(self._episodes, known.episodes, self._episode, "No sitting was closed yet.")
        _fill(self._apart, known.doubted, self._doubted, "Nothing is kept apart.")
        _fill(self._replies, replies, self._reply, "No reply was given yet.")
        _fill(self._own, own, self._said_of_itself, "Nothing to this fan alone.")
        _fill(self._gone, gone, self._receipt, "Nothing was forgotten.")

    def _fact(self, fact: FactShown) -> None:
        with ui.element("li").classes("memory" + (" over" if _over(fact) else "")):
            with ui.element("div").classes("by"):
                ui.label(with_unseen_shown(name_of(fact))).classes("soft")
                ui.label(with_unseen_shown(fact.value)).classes("name").props("dir=auto")
                ui.label(self._times(fact)).classes("at")
            _quote(fact.quote if fact.quote != fact.value else "")
            ui.label(f"{fact.source}, confidence {fact.confidence:.2f}, used {fact.uses} times").classes("soft")
            with ui.element("div").classes("row"):
                plain("The message", self._opens(fact.message_id))
                if self._acts:
                    self._fact_acts(self._acts, fact)

    def _fact_acts(self, acts: Acts, fact: FactShown) -> None:
        named = {"aria_label": with_unseen_shown(f"Correct {name_of(fact)}: {fact.value}")}
        button("Correct …", lambda: acts.correct(fact), quiet=True, **named)
        if not _over(fact):
            button("No longer so", lambda: acts.end(fact), quiet=True)
        question = f"Forget {name_of(fact)}: {fact.value}, and empty the messages that told it?"
        button("Forget …", lambda: acts.forget("fact", fact.id, with_unseen_shown(question)), quiet=True)

    def _times(self, fact: FactShown) -> str:
        until = f", until {day(fact.until, self._visit.zone)}" if fact.until else ""
        return f"since {day(fact.at, self._visit.zone)}{until}"

    def _episode(self, one: EpisodeShown) -> None:
        with ui.element("li").classes("memory"):
            with ui.element("div").classes("by"):
                ui.label(f"{one.made_by}, weight {one.importance:.2f}, used {one.uses} times").classes("soft")
                ui.label(day(one.began_at, self._visit.zone)).classes("at")
            for line in one.lines:
                with ui.element("div").classes("by"):
                    ui.label(with_unseen_shown(str(line["text"]))).classes("words").props("dir=auto")
                    for n, id in enumerate(line["from"], 1):
                        plain(f"Source {n}" if len(line["from"]) > 1 else "Source", self._opens(id))
            if acts := self._acts:
                question = "Forget this sitting, and empty the messages that it was made from?"
                with ui.element("div").classes("row"):
                    button("Forget …", lambda: acts.forget("episode", one.id, question), quiet=True)

    def _doubted(self, fact: FactShown) -> None:
        with ui.element("li").classes("memory"):
            ui.label(_WHY.get(fact.doubt, fact.doubt)).classes("mark wanted")
            ui.label(with_unseen_shown(f"{name_of(fact)}: {fact.value}")).classes("name").props("dir=auto")
            _quote(fact.quote if fact.quote != fact.value else "")
            with ui.element("div").classes("row"):
                plain("The message", self._opens(fact.message_id))
                if acts := self._acts:
                    button("Release", lambda: acts.release(fact), quiet=True)
                    button("Erase …", lambda: acts.drop(fact), quiet=True)

    def _reply(self, one: Reply) -> None:
        with ui.element("li").classes("memory"):
            with ui.element("div").classes("by"):
                ui.label(with_unseen_shown(self._persona)).classes("name")
                ui.label(clock(one.at, self._visit.zone)).classes("at")
            ui.label(cut(with_unseen_shown(one.text), PREVIEW)).classes("words").props("dir=auto")
            with ui.element("ul").classes("plain used"):
                for used in one.used:
                    self._used(used)
            if not one.used:
                ui.label("No memories.").classes("soft")

    def _used(self, one: Used) -> None:
        told = f"{name_of(one.fact)}: {one.fact.value}" if one.fact else one.quote
        with ui.element("li"):
            ui.label(f"{_KINDS[one.kind]} · {day(one.at, self._visit.zone)}").classes("soft")
            ui.label(cut(with_unseen_shown(told), PREVIEW)).classes("preview").props("dir=auto")

    def _said_of_itself(self, one: OwnWordShown) -> None:
        with ui.element("li").classes("memory"):
            with ui.element("div").classes("by"):
                ui.label(one.kind).classes("soft")
                if one.doubt:
                    ui.label(f"not told again: {one.doubt}").classes("mark")
                ui.label(day(one.at, self._visit.zone)).classes("at")
            ui.label(cut(with_unseen_shown(one.quote), PREVIEW)).classes("words").props("dir=auto")

    def _receipt(self, one: Entry) -> None:
        with ui.element("li").classes("memory"):
            with ui.element("div").classes("by"):
                ui.label(one.scope).classes("name")
                ui.label(f"asked by {one.asked_by}").classes("soft")
                ui.label(day(one.created_at, self._visit.zone)).classes("at")
            went = ", ".join(f"{many} {name.replace('_', ' ')}" for name, many in one.counts.items())
            ui.label(went or "nothing was left").classes("soft")
            ui.label(one.receipt).classes("receipt")

    # Where it was said

    def _opens(self, message_id: str) -> Callable[[], Awaitable[None]]:
        async def show() -> None:
            async with self._visit.core.store.open_work(self._visit.who, reads=True) as work:
                rows = await inspecting.around(work, self._key, message_id)
            with ui.dialog() as dialog, ui.card().classes("sheet"):
                heading("Where it was said")
                for row in rows:
                    self._said(row, here=row.id == message_id)
                if not rows:
                    empty("That message is gone.")
                plain("Close", dialog.close)
            await dialog
            dialog.delete()

        return show

    def _said(self, row: Message, *, here: bool) -> None:
        with ui.element("div").classes("note" + (" wanted" if here else "")):
            ui.label(f"{row.author} · {clock(row.created_at, self._visit.zone)}").classes("soft")
            ui.label(cut(with_unseen_shown(row.text), PREVIEW)).classes("words").props("dir=auto")


def _over(fact: FactShown) -> bool:
    """Whether it holds no longer; a plan ends on a day to come."""
    return fact.until is not None and fact.until <= now()


def found_line(one: Found, zone: str) -> None:
    """A place that a search found."""
    with ui.element("li").classes("memory"):
        with ui.element("div").classes("by"):
            ui.label(f"{_KINDS[one.kind]} · {one.author}").classes("soft")
            if one.state:
                ui.label(_WHY.get(one.state, one.state)).classes("mark")
            ui.label(day(one.at, zone)).classes("at")
        ui.label(cut(with_unseen_shown(one.text), PREVIEW)).classes("words").props("dir=auto")


def _card(title: str) -> ui.element:
    with ui.element("section").classes("card stack"):
        heading(title)
        return ui.element("ul").classes("plain stack")


def _fill(there: ui.element, ones: Sequence[T], line: Callable[[T], None], nothing: str) -> None:
    """The first of them; the rest on demand."""
    there.clear()
    with there:
        for one in ones[:FEW]:
            line(one)
        if not ones:
            empty(nothing)
        if len(ones) > FEW:
            more = plain(f"Show all {len(ones)}", lambda: _rest(there, more, ones, line))


def _rest(there: ui.element, more: ui.element, ones: Sequence[T], line: Callable[[T], None]) -> None:
    more.delete()
    with there:
        for one in ones[FEW:]:
            line(one)


def name_of(fact: FactShown) -> str:
    """What it is about: "home", "pet (dog)"."""
    return f"{fact.kind} ({fact.subject})" if fact.subject else fact.kind


def _quote(text: str) -> None:
    if text:
        ui.label(f"“{with_unseen_shown(text)}”").classes("words").props("dir=auto")
