"""What is answered where no capability is asked for? Thanks, what can be done here, and how something is asked for.

Neighbours: drafting (which asks), courtesies (what was said), replies.
"""

import re
from collections.abc import Sequence
from typing import Any

from agents.builtin import replies
from agents.builtin.corrections import drop
from agents.builtin.desk import Desk, Unknown
from agents.builtin.heads import Reading, take_apart
from agents.builtin.intents import intent_of
from agents.builtin.said import hear

TALK = {
    "thanks": "You're welcome.", "hello": "Hello! Tell me what to do, or ask what I can do.",
    "bye": "All right. I am here when you need me.",
    "approve": "I may not approve anything myself, that is yours to do: use the buttons on the request, or /approve in"
    " the chat, or `gator approve` on the command line.",
}  # fmt: skip
# "How do I make pictures of scenes?", "photos", "images by a model": no cards.
SCENES = re.compile(
    r"\b(?:pictures?|images?|pics?) (?:of|showing|with) (?!(?:words?|text|quotes?)\b)[\w§]+|\b(?:photos?|photographs?|selfies?"
    r"|(?:ai|image model)\b.*\b(?:pictures?|images?))\b"
)


# What a question names by its noun alone.
_NAMED = (
    ("make_reel", r"\b(?:make|create|get|do|have|order)\b.*\breels?\b"), ("make_clip", r"\b(?:make|create|get"
        r"|generate)\b.*\bclips?\b|\banimate\b"),
    ("make_views", r"\bviews\b"), ("edit_video", r"\b(?:edit|change|cut|trim)\b.*\b(?:videos?|scenes?)\b"),
)  # fmt: skip


def talked(intent: str, reading: Reading, desk: Desk, tools: Sequence[str]) -> str:
    """The words that answer it. Raises Unknown where it is no talk."""
    if intent in TALK:
        return TALK[intent]
    if intent == "help":
        return replies.abilities(tools)
    if intent == "self":
        return (
            "I am Gator, the software that runs your personas: no person. I understand plain requests; ask"
            " what I can do."
        )
    if intent in ("how", "can"):
        return how(reading, desk.context, tools)
    if intent == "nevermind":
        return drop(reading, desk)
    raise Unknown(reading.said.text())


def how(reading: Reading, context: dict[str, Any], tools: Sequence[str]) -> str:
    """How to ask for it; first what it needs, where that is a model and none is configured."""
    wanted = _would(reading, context)
    scenic = context.get("image_model") and re.search(r"\b(?:pictures|images|photos)\b", reading.read)
    if wanted == ["draw_card"] and (scenic or SCENES.search(reading.read)):
        wanted = ["make_picture"]
    lacks = replies.lacking_model(wanted[0], context)
    return f"{lacks} Then: “{replies.example_of(wanted[0])}”." if lacks else replies.how_to(tools, wanted)


def _would(reading: Reading, context: dict[str, Any]) -> list[str]:
    """Which capabilities a question about how to do something is about."""
    rest = re.sub(
        r"^(?:how (?:do|can|would|should|could) (?:i|we|one|you)|how to|what's the (?:best )?way to"
        r"|what do i (?:have to )?(?:say|type|write) to|can you (?:explain|tell me|show me) how(?: to"
        r"| i can)?|can you|do you|are you able to)\s*",
        "",
        reading.read,
    )
    names = [str(one["name"]) for one in context.get("personas") or []]
    for tool, form in _NAMED:
        if re.search(form, rest):
            return [tool]
    said = hear(reading.said.cut(len(reading.read) - len(rest), len(reading.read)).text().rstrip("?! "), names)
    return [intent_of(take_apart(said), Desk(context))]
