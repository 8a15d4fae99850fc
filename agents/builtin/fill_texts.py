"""What exactly is a persona to write? Clauses about captions, posts and replies as steps of a plan.

Neighbours: contents (what about), options (how long), fill_media.
"""

import re
from typing import Any

from agents.builtin import contents, options
from agents.builtin.desk import Ask, Desk
from agents.builtin.fill_feeds import read_new_feed
from agents.builtin.heads import Reading
from agents.builtin.owners import IT, several_stories, without_persona
from agents.builtin.references import Story
from agents.builtin.said import Said
from agents.builtin.strangers import refuse_stranger


def write_text(reading: Reading, desk: Desk) -> None:
    said = reading.said
    length, said = options.text_length(said)
    kind = _text_kind(said)
    outside = _outside_topic(said)
    if not reading.agent and not outside.named():
        refuse_stranger(said, desk)
    persona = desk.persona(outside, reading.agent, of=" should write it")
    blanked = without_persona(said)
    several = several_stories(said)
    if several:
        for place in range(1, several + 1):
            desk.put(
                "write_text",
                persona=persona,
                about=Story(place, name="title"),
                kind=kind,
                length=length,
                story=Story(place),
            )
        return
    about, story = _about(blanked, desk, kind)
    desk.put("write_text", persona=persona, about=about, kind=kind, length=length, story=story)


def _outside_topic(said: Said) -> Said:
    """The text but for its topic, in which personas may be named too."""
    tail = re.search(
        r"(?:\b(?:as|in|by|for|from|through)|,|\b(?:voice|persona"
        r"|author)\s*:)\s*(?:the\s+voice\s+of\s+)?(§p\d+)(?:'s)?(?:\s+(?:voice|style|tone|words"
        r"|name))?(?=\s*(?:[.!?,]|$))",
        said.read,
    )
    hit = re.search(r"\b(?:about|regarding|concerning)\s", said.read)
    if not hit:
        return said
    inside = said.cut(0, hit.start())
    if inside.named() or not tail:
        return inside
    return said.cut(*tail.span())


def _text_kind(said: Said) -> str | None:
    if re.search(r"\bcaptions?\b", said.read):
        return "caption"
    if re.search(r"\b(?:reply|replies|answer|response|respond|react)\b", said.read):
        return "reply"
    return None


def _about(said: Said, desk: Desk, kind: str | None) -> tuple[Any, Any]:
    if kind == "reply" and said.quotes():
        return said.quotes()[0], None
    if kind == "reply" and (
        fan := re.search(r"\b(?:an?|the|our|my|this|one) (?:fan|follower|user|subscriber|someone)\b.*$", said.read)
    ):
        return said.words(*fan.span()).rstrip(".!?"), None
    story, _rest = contents.story(said)
    if story and not story.words:
        read_new_feed(said, desk)
    if story:
        return Story(story.place, story.words, "title"), story
    topic = re.sub(r"\s+(?:written|done|made|drafted)$", "", contents.topic(said))
    pointing = not topic or re.fullmatch(
        rf"(?:{IT}|the (?:last |latest |newest |new )?(?:card|picture|video|clip|image"
        rf"|voice-?over))(?: (?:card|picture|video|clip|image|one))?",
        topic.lower(),
    )
    if not pointing:
        return topic, None
    if said.quotes():
        return said.quotes()[0], None
    if kind == "reply" and (colon := contents.COLON.search(said.read)):
        return contents.tidy(said, colon.end()), None
    if (colon := contents.COLON.search(said.read)) and (words := contents.tidy(said, colon.end())):
        return words, None
    if points := _pointed(said, desk):
        return points
    if (
        occasion := re.search(r"\ban?\s+((?:[\w-]+\s+){1,3}?)(?:post|caption|text|note|line|message)\b", said.read)
    ) and not re.search(
        r"\b(?:new|nice|good|great|little|bit|quick|funny|short|long|social|media|gallery|another|one|reply)\b",
        occasion[1],
    ):
        return said.words(*occasion.span(1)), None
    if kind == "reply":
        raise Ask("What should the reply answer?", " about ")
    raise Ask(f"What should the {kind or 'post'} be about?", " about ")


def _pointed(said: Said, desk: Desk) -> tuple[Any, Any] | None:
    """What "it" is: what was just drawn, the story just shown."""
    if not re.search(
        rf"\b(?:{IT}|the (?:last |latest |newest |new )?(?:card|picture|video|clip|image|voice-?over))\b", said.read
    ):
        return None
    for step in [*reversed(desk.steps), *reversed(desk.before)]:
        if step.tool in ("draw_card", "speak_text"):
            return step.args["text"], step.args.get("story")
        if step.tool == "read_feeds":
            return Story(name="title"), Story()
    kind = "video" if re.search(r"\b(?:video|clip)\b", said.read) else "picture"
    rows = [row for row in desk.rows("media") if row.get("kind") == kind]
    return (str(rows[0].get("title") or ""), None) if rows and rows[0].get("title") else None
