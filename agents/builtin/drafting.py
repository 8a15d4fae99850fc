"""What do the clauses of one message come to? Steps in their order, or what must be asked first.

Nothing is planned unless all of it was understood and all of its words are accounted for. Neighbours: reader (which
message is read, and as what), intents, fillers, accounting, talking (where nothing is to be done).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.builtin import idioms, lexicon, ones, orders, replies, titles
from agents.builtin.accounting import unaccounted
from agents.builtin.asides import (
    CONDITION,
    STATE,
    asks_ability,
    elliptic,
    harmless,
    listed_again,
    only_noted,
    reason,
    remark,
    specifies,
    unpleading,
)
from agents.builtin.clauses import starts_request
from agents.builtin.desk import Ask, Cannot, Desk, Step, Unknown
from agents.builtin.fillers import FILLERS
from agents.builtin.frames import missing, order_free
from agents.builtin.german_words import is_german
from agents.builtin.heads import Reading, plainly, take_apart
from agents.builtin.intents import intent_of
from agents.builtin.meaning import likeliest
from agents.builtin.said import Said, hear
from agents.builtin.strangers import mind_slip, no_such, stranger_in
from agents.builtin.talking import TALK, how, talked
from agents.builtin.time_words import names_time

GO_AHEAD = re.compile(
    r"(?:yes|yep|yeah|sure|ok(?:ay)?),? (?:please )?(?:post|publish|approve|do|go|schedule) (?:it|that"
    r"|this|them|so|ahead)\b[\s.!]*$"
)
OF_HER = re.compile(
    r"(?:(?:and |also |then )*(?:she|he|they|her|his|their|she's|he's|they're)\b(?! should (?:write"
    r"|post|say)))|(?:age|aged|interests?|hobbies|traits?|personality|occupation|job|home|languages?"
    r"|backstory|time ?zone|likes|loves|lives|works?|speaks?|old|hobby|from|city|location|name|profession|job|based)\b"
)
# "…, short sentences": how somebody is to talk.
MANNER = re.compile(
    r"(?:(?:and|very|more|only|with|in|using|use|lots of|no|few|fewer|short|long|simple|plain|big|fancy)\s+)+(?:sentences|words"
    r"|emojis?|slang|jokes|puns|vocabulary|exclamation marks?|phrases)\b[\s.!]*$"
)
MADE = (
    "draw_card",
    "make_picture",
    "speak_text",
    "make_video",
    "make_clip",
    "make_reel",
    "schedule_post",
    "write_text",
    "add_feed",
)


# "Talks little, loves silence": more of somebody new, without saying who.
DOING = re.compile(
    r"(?:(?:and|also|never|always|usually|often|sometimes|rarely|has|is|was)\s+)*(?P<does>[a-z]{3,}s)\s+[a-z]"
)


def _goes_on(read: str) -> bool:
    hit = DOING.match(read)
    return bool(hit) and not lexicon.thing(hit["does"]) and not starts_request(read) and "?" not in read  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message comes to: steps, or words; `question` is set when the words ask something that is needed."""

    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    words: str = ""
    question: Ask | None = None
    focus: str | None = None
    clauses: tuple[str, ...] = ()
    at: int = 0  # the clause that asks
    lost: bool = False  # whether it was not understood
    offered: tuple[Step, ...] | str = ()  # what a plain "yes" to the words does: steps, or a request


@dataclass(slots=True)
class Draft:
    """One message on its way to an outcome."""

    context: dict[str, Any]
    tools: Sequence[str]
    before: Outcome
    replied: str
    desk: Desk = field(init=False)
    words: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # named as personas are, and none
    previous: str = ""  # what the clause before asked for

    def __post_init__(self) -> None:
        self.desk = Desk(
            self.context, focus=self.before.focus, before=list(self.before.steps), said_before=self.replied
        )

    def of(self, clauses: Sequence[str]) -> Outcome:
        """All clauses read in order on one desk."""
        for place, text in enumerate(clauses):
            try:
                joined = self._read(place, text)
            except Unknown:
                if place + 1 < len(clauses) and self._introduces(text, clauses[place + 1]):
                    continue
                if remark(hear(text, self.desk.personas), self.previous, first=not place and len(clauses) > 1):
                    continue
                joined = bool(place) and self._continues(text)
                if not joined and not (harmless(hear(text, self.desk.personas)) and len(clauses) > 1):
                    return self._not_understood(text, clauses)
            except Ask as question:
                if place + 1 < len(clauses) and self._completes(clauses[place + 1], text):
                    return self._anew(clauses, place)
                return self._asked(question, clauses, place)
            except Cannot as cannot:
                if len(clauses) == 1 or not self.desk.steps:
                    return Outcome(words=str(cannot), focus=self.desk.focus, clauses=tuple(clauses))
                self.desk.note(str(cannot))
                break
            if joined:
                # More about what was asked for just before: read both as one.
                return self._anew(clauses, place - 1)
        return self._outcome(clauses)

    def _anew(self, clauses: Sequence[str], place: int) -> Outcome:
        """The same with a clause and the one behind it read as one."""
        one = f"{clauses[place].rstrip(' .!?')}, {clauses[place + 1]}"
        return Draft(self.context, self.tools, self.before, self.replied).of(
            [*clauses[:place], one, *clauses[place + 2 :]]
        )

    def _read(self, place: int, text: str) -> bool:
        """Read one clause; whether it only says more of the one before."""
        text = ones.spelled(hear(unpleading(text, self.desk.personas), self.desk.personas), self.previous, self.desk)
        said = hear(idioms.plain(text, self.desk), self.desk.personas)
        if self.previous and self._needless(said.read):
            return False
        done = len(self.desk.steps)
        try:
            words, intent = self._clause(said)
        except (Unknown, Ask) as unclear:
            if not self._read_free(said, done, lost=isinstance(unclear, Unknown)):
                raise
            return False
        if intent == "merge":
            return bool(place)
        put = self.desk.steps[done:] or (self.desk.steps[-1:] if intent in FILLERS else [])
        doubt = unaccounted(said, put, self.desk)
        if doubt and not self._read_free(said, done, lost=False):
            self.doubts.append(doubt)
        if words:
            self.words.append(words)
        elif intent:
            self.previous = intent
        return False

    def _needless(self, read: str) -> bool:
        """Whether a clause adds nothing to the one before: why it was asked, or that it is to be written down."""
        if STATE.fullmatch(read.strip(" .!")) or reason(read, self.previous):
            return True
        return self.previous in ("change_persona", "create_persona") and only_noted(read)

    def _read_free(self, said: Said, done: int, *, lost: bool, whole: bool = False) -> bool:
        """The clause with its words in any order, in place of what its grammar made of it."""
        kept = self.desk.steps[done:]
        del self.desk.steps[done:]
        if steps := order_free(said, self.desk, lost=lost, whole=whole):
            self.desk.steps += steps
            self.strangers += filter(None, (stranger_in(step.tool, said) for step in steps))
            self.previous = steps[-1].tool
            return True
        self.desk.steps += kept
        return False

    def at_once(self, text: str, *, lost: bool) -> Outcome:
        """A message that is not cut, its words in any order; no steps where they do not bear it out."""
        said = hear(text, self.desk.personas)
        if self._read_free(said, 0, lost=lost, whole=True):
            return self._outcome([text])
        question = missing(said, self.desk) if lost else None
        return self._asked(question, [text], 0) if question else Outcome()

    def _not_understood(self, text: str, clauses: Sequence[str]) -> Outcome:
        words = replies.not_understood(text, self.tools)
        return Outcome(words=words, focus=self.desk.focus, clauses=tuple(clauses), lost=True)

    def offering(self, lost: Outcome) -> Outcome:
        """What was not understood, with the likeliest requests by meaning to be said yes to."""
        text = lost.clauses[0]
        if is_german(text):  # the offers are English, and none of them is likely what was meant
            return lost
        offers = likeliest(hear(text, self.desk.personas), self.tools, self.desk) if len(lost.clauses) == 1 else []
        plans = [
            plan
            for offer in offers
            if (plan := Draft(self.context, self.tools, self.before, self.replied).of([offer])).steps or plan.question
        ]
        if not plans:
            return lost
        words = replies.did_you_mean(text, [plan.clauses[0] for plan in plans])
        return replace(lost, words=words, offered=plans[0].clauses[0])

    def _asked(self, question: Ask, clauses: Sequence[str], place: int) -> Outcome:
        return Outcome(words=str(question), question=question, focus=self.desk.focus, clauses=tuple(clauses), at=place)

    def _outcome(self, clauses: Sequence[str]) -> Outcome:
        steps, focus = tuple(self.desk.steps), self.desk.focus
        if unbound := [step.tool for step in steps if step.tool not in self.tools]:
            words = f"That would need {unbound[0].replace('_', ' ')}, which I do not have in this conversation."
            return Outcome(words=words, focus=focus)
        kept = [one for one in self.words if one not in TALK.values()]
        notes = (*kept, *self.desk.notes)
        if timing := _whose_time(steps):
            return Outcome(words=timing, focus=focus, clauses=tuple(clauses))
        if steps and self.strangers:
            words, part = replies.stranger(no_such(self.strangers[0], self.desk), self.strangers[0], self.doubts)
            return Outcome(words=words, offered=steps if part else (), notes=notes, focus=focus, clauses=tuple(clauses))
        if steps and self.doubts and any(map(names_time, self.doubts)):
            return Outcome(words=replies.timeless(self.doubts, steps), focus=focus, clauses=tuple(clauses))
        if steps and self.doubts:
            words = replies.doubtful(self.doubts, steps)
            return Outcome(words=words, offered=steps, notes=notes, focus=focus, clauses=tuple(clauses))
        if steps:
            return Outcome(steps, notes, focus=focus, clauses=tuple(clauses))
        if self.words:
            return Outcome(words=" ".join(dict.fromkeys(self.words)), focus=focus, clauses=tuple(clauses))
        return self._not_understood(" ".join(clauses), clauses)

    def _clause(self, said: Said) -> tuple[str, str]:
        """Put down the steps of one clause, or give the words that answer it."""
        desk, previous = self.desk, self.previous
        for _ in range(2):  # a time in front of "as Nova post …" is moved first
            if plain := orders.clause(plainly(said)):
                said = hear(plain, desk.personas)
        if again := elliptic(said, previous) or listed_again(said, desk):
            said = hear(again, desk.personas)
        if GO_AHEAD.match(said.read.strip()):
            return TALK["approve"], "approve"
        if CONDITION.match(said.read) and not said.read.rstrip().endswith("?"):
            raise Cannot("I cannot wait for a condition. Tell me a time, or tell me when it has come about.")
        if asks_ability(said):
            return how(take_apart(said), desk.context, self.tools), "can"
        reading = take_apart(said)
        if reading.denied and not reading.cause and intent_of(reading, desk) != "nevermind":
            return self._denied(reading, desk, previous)
        if previous == "change_persona" and MANNER.match(reading.read):
            return "", "merge"
        if previous == "create_persona" and (OF_HER.match(reading.read) or _goes_on(reading.read)):
            return "", "merge"
        intent = intent_of(reading, desk)
        if previous in MADE and intent in ("correct", "") and specifies(reading.read):
            return "", "merge"
        if intent in FILLERS:
            self._fill(intent, reading)
            return "", intent
        return talked(intent, reading, desk, self.tools), intent

    def _fill(self, intent: str, reading: Reading) -> None:
        """Put the steps down; a name that no persona has is kept, to be asked about."""
        mind_slip(intent, reading.said)
        stranger = stranger_in(intent, reading.said)
        try:
            FILLERS[intent](reading, self.desk)
        except Ask as asked:
            if not stranger:
                raise
            part = (
                f" If {stranger} is a part of it, say which persona it is for, too." if asked.kind == "persona" else ""
            )
            raise Cannot(no_such(stranger, self.desk) + part) from asked
        if stranger and not any(step.args.get("attribution") == stranger for step in self.desk.steps):
            self.strangers.append(stranger)

    def _denied(self, reading: Reading, desk: Desk, previous: str) -> tuple[str, str]:
        """What must not be done is not done; said of what was just asked for, it may still change that."""
        if previous in ("make_video", "draw_card", "create_persona", "speak_text") and re.search(
            r"\b(?:captions?|subtitles?|voice|music|sound)\b", reading.read
        ):
            return "", "merge"
        if (
            re.search(r"§p\d+|\b(?:her|him)\b", reading.read)
            and re.search(r"\b(?:let|have|allow)\b", reading.read)
            and not re.search(r"\b(?:post|publish|write it)\b", reading.read)
        ):
            FILLERS["change_persona"](reading, desk)
            return "", "change_persona"
        if intent_of(replace(reading, denied=False), self.desk) == "schedule_post" and titles.named(
            reading.said.text(), self.desk.rows("posts"), key="text", skip=self.desk.personas
        ):
            FILLERS["cancel_post"](reading, self.desk)
            return "", "cancel_post"
        return "All right, I leave that alone.", ""

    def _completes(self, text: str, asking: str) -> bool:
        """Whether the next clause gives what this one lacks."""
        said = hear(text, self.desk.personas)
        read = plainly(said).read
        of_her = re.match(r"(?:she|he|they|her|his|their|it|the name|name|call|age)\b", read)
        if of_her and re.search(
            r"\b(?:persona|character|face|influencer|someone|somebody|person|girl|guy|woman|man)\b",
            asking,
            re.IGNORECASE,
        ):
            return True
        return specifies(read) and not harmless(said)

    def _introduces(self, text: str, following: str) -> bool:
        """Whether a clause only names whom the next one is about: "Nova again. Pause her."."""
        said = hear(text, self.desk.personas)
        names = said.named()
        if len(names) != 1 or len(said.read.split()) > 8 or re.search(r"§[qui]|(?<!§p)\d|\?", said.read):
            return False
        if re.match(r"\s*(?:don't|do not|never|unless|if)\b", said.read) or not re.search(
            r"\b(?:her|him|she|he|them|they|his|their)\b", hear(following, self.desk.personas).read
        ):
            return False
        self.desk.focus = names[0]
        return True

    def _continues(self, text: str) -> bool:
        lists = ("create_persona", "read_feeds", "list_posts", "list_media")
        return self.previous in (*MADE, *lists) and specifies(plainly(hear(text, self.desk.personas)).read)


def _whose_time(steps: Sequence[Step]) -> str:
    """A question where of several posts only the last is given a time: it may be meant for all of them."""
    posts = [step for step in steps if step.tool == "schedule_post"]
    untimed = [step for step in posts[:-1] if not step.args.get("at")]
    if not untimed or not posts[-1].args.get("at") or len(posts) != len(steps):
        return ""
    return (
        "Is the time meant for all of these posts, or only for the last one? Tell me when each of them should go out."
    )
