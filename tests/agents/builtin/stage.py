"""A stage for the built-in model: an operator's conversation with the real tool schemas and results of the real shapes."""

import json
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agents import hands
from agents.builtin.model import BuiltinModel
from agents.builtin.replies import lacking_model
from gator.principal import Kind

NOW = "2026-11-25T10:30:00+00:00"  # a Wednesday
CONTEXT: dict[str, Any] = {
    "kind": "operator",
    "now": NOW,
    "zone": "Europe/Lisbon",
    "personas": [{"name": "Nova", "slug": "nova"}, {"name": "Mira", "slug": "mira"}],
    "feeds": [
        {"name": "Ocean News", "url": "https://ocean.example.org/rss"},
        {"name": "BBC World", "url": "https://feeds.bbci.co.uk/world.xml"},
    ],
    "stories": [
        {"id": "s1", "title": "Whales return to the bay", "feed": "Ocean News"},
        {"id": "s2", "title": "New coral reef found off Chile", "feed": "Ocean News"},
        {"id": "s3", "title": "Lisbon bans cars downtown", "feed": "BBC World"},
    ],
    "media": [
        {"id": "m3", "kind": "video", "title": "Clip", "state": "done"},
        {"id": "m2", "kind": "voice", "title": "Hello", "state": "done"},
        {"id": "m1", "kind": "picture", "title": "Whales card", "state": "done"},
    ],
    "posts": [
        {"id": "p1", "persona": "Nova", "text": "Good morning Lisbon",
         "due_at": "2026-11-26T09:00:00+00:00", "state": "scheduled"},
        {"id": "p2", "persona": "Mira", "text": "Fresh bread at dawn",
         "due_at": "2026-11-27T18:00:00+00:00", "state": "scheduled"},
    ],
    "jobs": [
        {"id": "j2", "kind": "video.make", "state": "running", "title": "Clip"},
        {"id": "j1", "kind": "picture.card", "state": "failed", "title": "Card"},
    ],
    "told": True,
}  # fmt: skip
MEDIA = {
    "draw_card": "picture",
    "make_picture": "picture",
    "speak_text": "voice",
    "make_video": "video",
    "make_clip": "video",
    "make_reel": "video",
}


class Stage:
    """One conversation; each thing said gives the calls that were made and the reply."""

    def __init__(self, failing: str = "", **changes: Any) -> None:
        self.context = {**CONTEXT, **changes}
        self.failing = failing
        self.history: list[BaseMessage] = []
        self.model = BuiltinModel().bind_tools(hands.schemas_for(Kind.operator))
        self.made = 0

    def say(self, text: str) -> tuple[list[tuple[str, dict[str, Any]]], str]:
        system = SystemMessage("You are Gator.", additional_kwargs={"context": self.context})
        turn: list[BaseMessage] = [HumanMessage(text)]
        calls: list[tuple[str, dict[str, Any]]] = []
        while True:
            message = self.model.invoke([system, *self.history, *turn])
            assert isinstance(message, AIMessage)
            turn.append(message)
            if not message.tool_calls:
                # As the conversation's rows keep it: what was said, without the calls.
                self.history += [turn[0], AIMessage(message.text)]
                return calls, message.text
            for call in message.tool_calls:
                hands.understand(call["name"], call["args"], Kind.operator)  # fits the real shape
                calls.append((call["name"], call["args"]))
                turn.append(self._answer(dict(call)))
            assert len(calls) < 20

    def _answer(self, call: dict[str, Any]) -> ToolMessage:
        if lacks := lacking_model(call["name"], self.context):
            content = json.dumps({"error": "unavailable", "said": lacks})
            return ToolMessage(content, tool_call_id=call["id"], name=call["name"], status="error")
        if call["name"] == self.failing:
            content = json.dumps({"error": "unavailable", "said": "The worker is off. Start it with gator worker."})
            return ToolMessage(content, tool_call_id=call["id"], name=call["name"], status="error")
        return ToolMessage(
            json.dumps(self._result(call["name"], call["args"])), tool_call_id=call["id"], name=call["name"]
        )

    def _result(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        self.made += 1
        if name in MEDIA:
            kind = MEDIA[name]
            made = {
                "job": f"job-{self.made}",
                "asset": f"asset-{self.made}",
                "kind": kind,
                "title": str(args.get("text") or args.get("title") or kind),
            }
            self.context = {
                **self.context,
                "media": [
                    {"id": made["asset"], "kind": kind, "title": made["title"], "state": "queued"},
                    *self.context["media"],
                ],
            }
            return {**made, "said": f"The {kind} is on its way."}
        if name == "write_text":
            text = f"Words about {args['about']}"
            return {
                "persona": args["persona"],
                "kind": "post",
                "text": text,
                "said": f"{args['persona']} wrote: {text}",
            }
        if name == "read_feeds":
            stories = [
                {**row, "summary": "", "link": ""}
                for row in self.context["stories"]
                if args.get("about", "").rstrip("s") in row["title"].lower()
            ]
            return {"stories": stories, "said": "\n".join(row["title"] for row in stories)}
        if name == "create_persona":
            self.context = {
                **self.context,
                "personas": [*self.context["personas"], {"name": args["name"], "slug": args["name"].lower()}],
            }
        return {"id": f"id-{self.made}", "said": f"{name} done."}


def talks(name: str) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """The conversations of a file: `> ` what the operator says, then the calls as `tool {json}` or `= ` what is replied."""
    found = []
    for block in (Path(__file__).parent / "talks" / f"{name}.txt").read_text().split("\n\n"):
        lines = [line for line in block.strip().splitlines() if line and not line.startswith("#")]
        turns: list[tuple[str, list[str]]] = []
        for line in lines:
            if line.startswith("> "):
                turns.append((line[2:].replace("\\n", "\n"), []))
            else:
                turns[-1][1].append(line)
        if turns:
            found.append((turns[0][0], turns))
    return found
