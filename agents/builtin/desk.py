"""Where is a plan drawn up? The desk: what is known of the workspace, what was talked of, and the steps so far.

Fillers ask it who is meant, what "it" is, and put steps down; what they cannot know they ask the operator (`Ask`), or
say that it cannot be done (`Cannot`). Neighbours: references (handles in steps), fillers, planner.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agents.builtin.cutting import in_order
from agents.builtin.references import Handle, Made, World
from agents.builtin.said import Said
from agents.builtin.told_texts import told_text

GIVES = {
    "draw_card": "picture", "make_picture": "picture",
    "speak_text": "voice", "make_video": "video", "make_clip": "video", "make_reel": "video", "edit_video": "video",
    "write_text": "text", "read_feeds": "stories",
    "schedule_post": "post", "reschedule_post": "post", "create_persona": "persona",
}  # fmt: skip

# Done twice in a row these are done once.
ONCE = (
    "pause_persona", "resume_persona", "remove_persona", "cancel_post", "cancel_job", "cancel_jobs", "pause_job", "resume_job",
    "remove_feed",
)  # fmt: skip


class Ask(Exception):
    """Something needed is missing. `glue` joins the answer to the clause so that it can be read again as one."""

    def __init__(self, question: str, glue: str = " ", kind: str = "text") -> None:
        super().__init__(question)
        self.question = question
        self.glue = glue
        self.kind = kind


class Cannot(Exception):
    """It was understood and cannot be done; the message says why and what can."""


class Unknown(Exception):
    """It was not understood; nothing is done."""


@dataclass(frozen=True, slots=True)
class Step:
    tool: str
    args: dict[str, Any]


@dataclass(slots=True)
class Desk:
    """One plan in the making."""

    context: dict[str, Any]
    focus: str | None = None  # the persona last spoken of
    before: list[Step] = field(default_factory=list)  # the steps of the request before this one
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    said_before: str = ""  # our last reply
    asked: str = ""  # the request before this one
    created: list[str] = field(default_factory=list)
    last_quote: str = ""

    @property
    def now(self) -> datetime:
        at = datetime.fromisoformat(str(self.context.get("now") or datetime.now(UTC).isoformat()))
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    @property
    def zone(self) -> str:
        return str(self.context.get("zone") or "UTC")

    @property
    def personas(self) -> list[str]:
        """Those there are and those this request makes."""
        there = [str(one["name"]) for one in self.context.get("personas") or []]
        return list(dict.fromkeys([*there, *self.created]))

    def rows(self, name: str) -> list[dict[str, Any]]:
        return list(self.context.get(name) or [])

    def put(self, tool: str, **args: Any) -> None:
        """Put a step down; what is None or empty is left to the tool's default."""
        step = Step(tool, {name: value for name, value in args.items() if is_said(name, value)})
        last = self.steps[-1] if self.steps else None
        if last == step and tool in ONCE:
            return
        if last is not None and (both := _one_change(last, step)):
            self.steps[-1] = both
            return
        self.steps.append(step)

    def note(self, text: str) -> None:
        if text and text not in self.notes:
            self.notes.append(text)

    def made(self, *kinds: str) -> int | None:
        """The last step of this plan that gives one of these kinds."""
        for index in range(len(self.steps) - 1, -1, -1):
            if GIVES.get(self.steps[index].tool) in kinds:
                return index
        return None

    def medium(self, kind: str, place: int = 1) -> Handle | str | None:
        """The newest picture, voice or video: of this plan, else of the workspace. `place` 2 is the one before."""
        made = [n for n, step in enumerate(self.steps) if GIVES.get(step.tool) == kind]
        if len(made) >= place:
            return Made(made[-place])
        place -= len(made)
        rows = [row for row in self.rows("media") if row.get("kind") == kind]
        return str(rows[place - 1]["id"]) if len(rows) >= place else None

    def earlier_text(self) -> str:
        """What a persona wrote in the turn before, out of our reply to it."""
        return told_text(self.said_before)

    def media_of(self, kind: str) -> list[Handle]:
        return [Made(n) for n, step in enumerate(self.steps) if GIVES.get(step.tool) == kind]

    def persona(self, said: Said, agent: str = "", *, needed: bool = True, of: str = "") -> str | None:
        """Who is meant: named, or by a pronoun, or the one talked of, or the only one there is; else asked."""
        named = [self._token(agent, said)] if agent.startswith("§p") else said.named()
        if named:
            self.focus = named[0]
            return named[0]
        if not needed:
            return None
        if self.created:
            self.focus = self.created[-1]
            return self.focus
        if self.focus in self.personas:
            return self.focus
        return self.only_persona(of)

    def only_persona(self, of: str = "") -> str:
        if len(self.personas) == 1:
            self.focus = self.personas[0]
            return self.focus
        if not self.personas:
            raise Cannot(
                "There is no persona yet. Tell me who to create, for example: create a persona called Nova,"
                " 27, a marine biologist."
            )
        raise Ask(f"Which persona{of}: {either(self.personas)}?", " as ", "persona")

    def _token(self, token: str, said: Said) -> str:
        return said.kept.names[int(token[2:])]

    def world(self) -> World:
        return World(self.context)


def _one_change(last: Step, step: Step) -> Step | None:
    """Two changes of the same persona as one, where they are of different things; and those of one video."""
    if last.tool == step.tool == "edit_video" and last.args.get("video") == step.args.get("video"):
        done = in_order([*last.args.get("operations", []), *step.args.get("operations", [])])
        return Step(step.tool, {**last.args, "operations": done} if done else last.args)
    if last.tool != "change_persona" or step.tool != "change_persona":
        return None
    same = step.args["persona"] in (last.args["persona"], last.args.get("name"))
    other = {name: value for name, value in step.args.items() if name != "persona"}
    return Step(step.tool, last.args | other) if same and not other.keys() & last.args.keys() else None


def is_said(name: str, value: Any) -> bool:
    """Whether an argument says anything: an empty list does where it is for LoRAs, of which none is to be worn."""
    return value is not None and (value != [] or name == "loras")


def either(names: list[str]) -> str:
    """Nova, Mira or Leo."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
