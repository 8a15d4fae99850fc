"""What exactly is to be drawn as a card, or spoken? Clauses about media as steps of a plan.

Neighbours: fill_pictures (scenes), contents (words), options (formats and the like), references (what "both" stands for).
"""

import re
from typing import Any

from agents.builtin import contents, options
from agents.builtin.desk import Ask, Desk
from agents.builtin.fill_feeds import read_new_feed
from agents.builtin.fill_pictures import make_picture
from agents.builtin.heads import Reading
from agents.builtin.owners import IT, for_whom, several_stories, without_persona
from agents.builtin.references import Made, Story
from agents.builtin.said import Said


class _Scene(Exception):
    """It is no card that is wanted but a picture of something: the tool says whether it may be and can be made."""


SCENIC = re.compile(r"\b(?:pictures?|images?|photos?|pics?|illustrations?|drawings?|portraits?)\b")
PICTURED = re.compile(r"\b(?:card|cards|quote|poster|tile|graphic)\b")


def draw_card(reading: Reading, desk: Desk) -> None:
    """Put down one card, or one for each of several stories."""
    said = reading.said
    stories = several_stories(said)
    shape, said = options.picture_format(said)
    design, said = options.design(said)
    headline, said = contents.headline(said)
    attribution, said = contents.attribution(said)
    persona = for_whom(reading, said, desk)
    said = without_persona(said)
    args: dict[str, Any] = {
        "headline": headline or None,
        "attribution": attribution or None,
        "design": design,
        "format": shape,
        "persona": persona,
    }
    if (
        not headline
        and len(words := said.quotes()) > 1
        and re.search(r"\b(?:cards|pictures|images|graphics)\b", said.read)
    ):
        for text in words:
            desk.put("draw_card", text=text, **args)
        return
    for place in range(1, stories + 1):
        desk.put("draw_card", text=Story(place, name="title"), story=Story(place), **args)
    if stories:
        return
    try:
        text, story = _card_text(said, desk, headline)
    except _Scene:
        make_picture(reading, desk)
        return
    desk.put("draw_card", text=text, story=story, **args)


def _card_text(said: Said, desk: Desk, headline: str) -> tuple[Any, Any]:
    words = contents.written(said)
    story, rest = contents.story(said)
    if story and not story.words:
        read_new_feed(said, desk)
    if words and not (story and not said.quotes()):
        return words, story
    if story:
        return Story(story.place, story.words, "title"), story
    text = desk.made("text")
    if text is not None and re.search(rf"\b(?:{IT}|text|caption|post|same|words|quote|the line)\b", rest.read):
        return Made(text, "text"), None
    if (
        text is None
        and desk.before
        and desk.before[-1].tool == "write_text"
        and re.search(rf"\b(?:with|of|from|for|out of) (?:{IT}|the (?:text|caption|post))\b", rest.read)
    ):
        return desk.earlier_text(), None
    told = next(
        (
            step
            for step in reversed(desk.steps)
            if step.tool == "speak_text" and isinstance(step.args.get("text"), Story)
        ),
        None,
    )
    if told is not None and re.search(rf"\b(?:about|on|of|with|from) (?:{IT}|the same)\b", rest.read):
        same: Story = told.args["text"]
        return Story(same.place, same.words, "title"), Story(same.place, same.words)
    if desk.made("stories") is not None and re.search(rf"\b(?:{IT}|the (?:first|top)|one)\b|\babout\b", rest.read):
        return Story(name="title"), Story()
    if (
        re.search(r"\b(?:picture|image|photo|pic|illustration|drawing|portrait)\b", rest.read)
        and not PICTURED.search(rest.read)
        and re.search(r"\b(?:of|showing|with|about)\s+[\w§]+", rest.read)
    ):
        raise _Scene
    topic = contents.topic(rest, loose=False)
    if topic and re.fullmatch(rf"\s*{IT}[\s.!?]*", topic):
        topic = ""
    if topic:
        if named := _story_named(topic, desk):
            return Story(words=named, name="title"), Story(words=named)
        raise Ask("What should the card say?", " that says: ")
    if headline:
        return headline, None
    if desk.context.get("image_model") and SCENIC.search(rest.read) and not PICTURED.search(rest.read):
        raise _Scene
    raise Ask("What should the card say?", " that says: ")


def _story_named(topic: str, desk: Desk) -> str:
    """The topic, where a story that was shown is about it."""
    from agents.builtin.references import matches

    return topic if any(matches(topic, str(row.get("title", ""))) for row in desk.rows("stories")) else ""


def speak_text(reading: Reading, desk: Desk) -> None:
    said = reading.said
    for hit in list(re.finditer(r",?\s*\b(?:aloud|out loud|loudly|out(?= §q| loud))\b", said.read)):
        said = said.without(*hit.span())
    kind, said = options.sound_format(said)
    speed, said = options.speed(said)
    language, said = options.spoken_language(said)
    emotion, said = options.feeling(said)
    provider, said = options.speaker(said)
    voice, said = options.voice_name(said) if provider else (None, said)
    persona = for_whom(reading, said, desk)
    said = without_persona(said)
    text = _spoken_text(said, desk)
    if isinstance(text, Made) and persona is None and desk.steps[text.step].tool == "write_text":
        persona = desk.steps[text.step].args.get("persona")
    desk.put(
        "speak_text", text=text, persona=persona, language=language, speed=_in_reach(speed), format=kind,
        emotion=emotion, provider=provider, voice=voice,
    )  # fmt: skip


def _in_reach(speed: float | None) -> float | None:
    return None if speed is None else min(2.0, max(0.5, round(speed, 2)))


def _spoken_text(said: Said, desk: Desk) -> Any:
    words = contents.written(said)
    if words and not re.fullmatch(rf"{IT}|aloud|out loud", words.lower()):
        return words
    story, _ = contents.story(said)
    if story:
        if not story.words:
            read_new_feed(said, desk)
        return Story(story.place, story.words, "spoken")
    if (words := _plain_words(said)) and not re.search(rf"^(?:{IT})\b", words.lower()):
        return words
    for step in range(len(desk.steps) - 1, -1, -1):
        tool, args = desk.steps[step].tool, desk.steps[step].args
        if tool == "write_text":
            return Made(step, "text")
        if tool == "draw_card" and args.get("story") is not None:
            story = args["story"]
            return Story(story.place, story.words, "spoken") if isinstance(story, Story) else args["text"]
        if tool == "draw_card":
            return args["text"]
        if tool == "read_feeds":
            return Story(name="spoken")
    if earlier := _earlier_words(desk):
        return earlier
    raise Ask("What should be said?", " saying: ")


def _plain_words(said: Said) -> str:
    """Words right after the verb: "say good morning everyone"."""
    hit = re.search(
        r"^(?:say|speak|narrate|recite|pronounce|read (?:aloud|out(?: loud)?))\s+(?:aloud |out loud |the words? )?",
        said.read,
    ) or re.search(r"§p\d+ (?:say|speak|narrate|recite)\s+", said.read)
    if not hit:
        return ""
    words = contents.tidy(said, hit.end())
    return (
        ""
        if re.match(r"(?:it|that|this|the (?:text|caption|post|card|story|same)|something)\b", words.lower())
        else words
    )


def _earlier_words(desk: Desk) -> Any:
    """The words of what the request before this one made."""
    for step in reversed(desk.before):
        if step.tool in ("draw_card", "speak_text") and step.args.get("story") is not None:
            return step.args["text"]
        if step.tool in ("draw_card", "speak_text"):
            text = step.args.get("text")
            return None if isinstance(text, Made) else text
        if step.tool == "write_text":
            return desk.earlier_text() or None
    return None
