"""What does a persona know besides itself, and which of it does a reply need? A lorebook, and `activate`.

The fields are those of Character Card V2 and V3 (`character_book`) and the extensions that programs commonly add to them.
Keys are matched in `tools.personas.lore_keys`, V3 decorators read in `tools.personas.lore_decorators`, and chance has its say
in `tools.personas.lore_chance`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.personas import lore_decorators as decorators
from tools.personas.lore_chance import chosen
from tools.personas.lore_decorators import Wishes
from tools.personas.lore_keys import Stopwatch, mentions

MAX_ENTRIES = 2000
MAX_TURNS = 10_000  # of a timer; nobody talks that long
MAX_ROUNDS = 5  # of entries that wake entries
SCAN_DEPTH = 4  # messages, where neither book nor entry says
TOKEN_BUDGET = 1024  # where the book has none

Logic = Literal["and_any", "and_all", "not_any", "not_all"]


class LoreEntry(BaseModel):
    """One thing to know, told to the model when one of its keys was mentioned."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field("", max_length=100)  # timers are kept under it
    name: str = Field("", max_length=500)
    comment: str = Field("", max_length=10_000)
    keys: list[str] = Field([], max_length=500)
    secondary_keys: list[str] = Field([], max_length=500)
    selective: bool = False  # the secondary keys count only then
    logic: Logic = "and_any"
    content: str = Field("", max_length=50_000)  # may begin with V3 decorators
    enabled: bool = True
    constant: bool = False
    case_sensitive: bool = False
    whole_words: bool = True
    use_regex: bool = False
    order: float = 100.0  # lower stands earlier
    priority: float | None = None  # lower is dropped first; without one, `order` decides
    position: Literal["before_char", "after_char"] = "before_char"
    scan_depth: int | None = Field(None, ge=0, le=1000)
    sticky: int = Field(0, ge=0, le=MAX_TURNS)  # turns it stays after a match
    cooldown: int = Field(0, ge=0, le=MAX_TURNS)  # turns it rests afterwards
    delay: int = Field(0, ge=0, le=MAX_TURNS)  # turns a conversation has had before it may match
    probability: float = Field(100.0, ge=0, le=100)  # per cent of the times it is called
    group: str = Field("", max_length=1000)  # names with commas; of a group one entry comes
    group_weight: float = Field(100.0, ge=0, le=1_000_000)  # its chance against the others of the group
    group_override: bool = False  # before the others of the group, whatever they weigh
    exclude_recursion: bool = False  # other entries' content does not wake it
    prevent_recursion: bool = False  # its content wakes no other


class Lorebook(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=500)
    description: str = Field("", max_length=10_000)
    scan_depth: int | None = Field(None, ge=0, le=1000)  # latest messages in which keys are looked for
    token_budget: int | None = Field(None, ge=0, le=1_000_000)
    recursive_scanning: bool = False
    entries: list[LoreEntry] = Field([], max_length=MAX_ENTRIES)

    def model_post_init(self, _context: Any) -> None:
        """Give entries without an id, or with one that is taken, an id of their own: the first number that is free."""
        taken = {entry.id for entry in self.entries if entry.id}
        seen: set[str] = set()
        number = 0
        for entry in self.entries:
            if not entry.id or entry.id in seen:
                while str(number) in taken:
                    number += 1
                entry.id = str(number)
                taken.add(entry.id)
            seen.add(entry.id)


@dataclass(frozen=True, slots=True)
class Activated:
    """`texts` for the prompt, in their order; `timers` to hand in with the next turn; `used` entries' ids."""

    texts: list[str]
    timers: dict[str, Any]
    used: list[str]


def tokens(text: str) -> int:
    """About how many tokens a text costs: a token is some four bytes of UTF-8, and never more than a word and its mark."""
    return -(-len(text.encode()) // 4)


def activate(
    book: Lorebook, messages: Sequence[str], timers: dict[str, Any], turn_count: int, seed: str = ""
) -> Activated:
    """The lore that the latest messages (oldest first) call for. Pure: the same arguments give the same answer.

    `turn_count` is how many messages the persona has said in the conversation. An entry that matches stays for `sticky`
    more turns, then rests for `cooldown`; the entries together cost at most the book's `token_budget`. Where chance
    decides, it is thrown from `seed`, the turn's id (`tools.personas.lore_chance`).
    """
    turn = _Turn(book, messages, timers, turn_count, seed)
    turn.wake()
    kept = _within(book.token_budget if book.token_budget is not None else TOKEN_BUDGET, turn.awake)
    kept.sort(key=lambda one: (one.position == "after_char", one.entry.order))
    return Activated([one.wishes.content for one in kept], turn.next_timers(kept), [one.entry.id for one in kept])


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An entry with its decorators read."""

    entry: LoreEntry
    wishes: Wishes

    @property
    def position(self) -> str:
        return self.wishes.position or self.entry.position

    @property
    def rank(self) -> tuple[bool, float]:
        """What is lower goes first when room is short."""
        entry = self.entry
        return not self.wishes.first_to_go, entry.order if entry.priority is None else entry.priority


class _Turn:
    """One activation: who is awake, and why."""

    def __init__(
        self, book: Lorebook, messages: Sequence[str], timers: dict[str, Any], turn_count: int, seed: str
    ) -> None:
        self.book, self.messages, self.timers, self.count, self.seed = book, messages, timers, turn_count, seed
        self.candidates = [_Candidate(entry, decorators.read(entry.content)) for entry in book.entries if entry.enabled]
        self.candidates = [one for one in self.candidates if one.wishes.content.strip()]
        self.awake: list[_Candidate] = []
        self.matched: set[str] = set()
        self.unlucky: set[str] = set()  # called, and not chosen: they are not asked again in this turn
        self._clock = Stopwatch()
        self._latest: dict[int, str] = {}

    def wake(self) -> None:
        """Wake what the messages call for, then (where the book says so) what the woken texts call for, and so on."""
        self._settle([(one, self._heard(one)) for one in self.candidates])
        for _ in range(MAX_ROUNDS if self.book.recursive_scanning else 0):
            woken = "\n".join(one.wishes.content for one in self.awake if not one.entry.prevent_recursion)
            if not self._settle([(one, woken) for one in self.candidates if not one.entry.exclude_recursion]):
                break

    def _settle(self, heard: list[tuple[_Candidate, str]]) -> bool:
        """Wake those that what they heard calls for; whether there were any."""
        known = {one.entry.id for one in self.awake} | self.unlucky
        called = {one.entry.id: one for one, text in heard if one.entry.id not in known and self._holds(one, text)}
        come = chosen([one.entry for one in called.values()], [one.entry for one in self.awake], self._stays, self.seed)
        self.awake += [called[entry.id] for entry in come]
        self.unlucky |= called.keys() - {entry.id for entry in come}
        return bool(come)

    def _stays(self, entry: LoreEntry) -> bool:
        """Whether it is awake since an earlier turn, so that no chance is asked again."""
        return entry.id not in self.matched

    def _heard(self, one: _Candidate) -> str:
        depths = (one.wishes.scan_depth, one.entry.scan_depth, self.book.scan_depth, SCAN_DEPTH)
        depth = next(depth for depth in depths if depth is not None)
        if depth not in self._latest:  # joined once for all entries of that depth
            self._latest[depth] = "\n".join(self.messages[-depth:] if depth > 0 else [])
        return self._latest[depth]

    def _holds(self, one: _Candidate, text: str) -> bool:
        timer = self.timers.get(one.entry.id, {})
        wishes = one.wishes
        if wishes.never and not wishes.always:
            return False
        if timer.get("sticky", 0) > 0 or (wishes.keep and timer.get("matched")):
            return True
        if timer.get("cooldown", 0) > 0 or (wishes.once and timer.get("matched")) or self.count < one.entry.delay:
            return False
        if wishes.always or (self._in_time(wishes) and self._called(one, text)):
            self.matched.add(one.entry.id)
            return True
        return False

    def _in_time(self, wishes: Wishes) -> bool:
        late = wishes.after is None or self.count >= wishes.after
        return late and (not wishes.every or self.count % wishes.every == 0)

    def _called(self, one: _Candidate, text: str) -> bool:
        entry, wishes = one.entry, one.wishes
        if entry.use_regex:
            keys = [*entry.keys, *wishes.additional_keys]
            return any(self._clock.matches(key, text, case_sensitive=entry.case_sensitive) for key in keys)
        said = partial(_said, text=text, entry=entry)
        if any(map(said, wishes.exclude_keys)) or (
            wishes.additional_keys and not any(map(said, wishes.additional_keys))
        ):
            return False
        return entry.constant or (any(map(said, entry.keys)) and _secondary(entry, said))

    def next_timers(self, kept: list[_Candidate]) -> dict[str, Any]:
        """The timers as the next turn finds them. What had no room this turn starts none."""
        shown = {one.entry.id for one in kept} & self.matched
        wishes = {one.entry.id: one.wishes for one in self.candidates}
        after: dict[str, Any] = {}
        for entry in self.book.entries:
            timer = self._started(entry, wishes) if entry.id in shown else _ticked(self.timers.get(entry.id, {}), entry)
            if any(timer.values()):
                after[entry.id] = timer
        return after

    def _started(self, entry: LoreEntry, wishes: dict[str, Wishes]) -> dict[str, Any]:
        remembers = wishes[entry.id].keep or wishes[entry.id].once
        timer: dict[str, Any] = {"sticky": entry.sticky, "cooldown": 0 if entry.sticky else entry.cooldown}
        return {**timer, "matched": True} if remembers else timer


def _ticked(timer: dict[str, Any], entry: LoreEntry) -> dict[str, Any]:
    """A turn later: the rest begins when the stay has ended."""
    sticky, cooldown = timer.get("sticky", 0), timer.get("cooldown", 0)
    if sticky:
        return {**timer, "sticky": sticky - 1, "cooldown": entry.cooldown if sticky == 1 else 0}
    return {**timer, "cooldown": max(0, cooldown - 1)}


def _said(key: str, *, text: str, entry: LoreEntry) -> bool:
    return mentions(key, text, case_sensitive=entry.case_sensitive, whole_words=entry.whole_words)


def _secondary(entry: LoreEntry, said: Callable[[str], bool]) -> bool:
    keys = [key for key in entry.secondary_keys if key.strip()]
    if not entry.selective or not keys:
        return True
    heard = [said(key) for key in keys]
    return {"and_any": any(heard), "and_all": all(heard), "not_any": not any(heard), "not_all": not all(heard)}[
        entry.logic
    ]


def _within(budget: int, awake: list[_Candidate]) -> list[_Candidate]:
    """Those that the budget has room for: one that is too long alone goes, then the lowest until the rest fits."""
    costs = {one.entry.id: tokens(one.wishes.content) for one in awake}
    kept = sorted((one for one in awake if costs[one.entry.id] <= budget), key=lambda one: one.rank, reverse=True)
    total = sum(costs[one.entry.id] for one in kept)
    while total > budget:
        total -= costs[kept.pop().entry.id]
    return kept
