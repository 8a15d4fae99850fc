"""What exactly is to move? A clause about a generated clip as a step of a plan: what happens, who, from which picture.

Neighbours: clips (whether one is meant), options (format and length).
"""

import re
from typing import Any

from agents.builtin import clips, contents, options
from agents.builtin.desk import Ask, Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.said import Said
from agents.builtin.studio import looks

_MOST_S = 60
_DOING = re.compile(
    r"\b(?:so that|such that|where|in which|to show|and (?:let|have|make))\s+|:\s*"
    r"|\b(?:picture|photo|image|pic|portrait|selfie)\b(?: of §p\d+)?,?\s+(?:with |as )?(?=(?:she|he|they|§p\d+)\b)"
)


def make_clip(reading: Reading, desk: Desk) -> None:
    said = reading.said
    length, said = options.duration(said)
    shape, said = options.video_format(said)
    if length is not None and not 1 <= length <= _MOST_S:
        raise Cannot(f"A clip can be between 1 and {_MOST_S} seconds long.")
    model, said = looks.model(said)
    if both := clips.several(said.read):
        for part in ("first", "second"):
            words = said.words(*both.span(part)).strip(" ,.!?")
            desk.put("make_clip", prompt=words, length_s=length, format=shape, model=model)
        return
    start: Any = None
    if hit := clips.FROM.search(said.read):
        start, said = _picture(desk), said.without(*hit.span())
    animated = clips.ANIMATE.match(said.read)
    if animated:
        start = _picture(desk)
    prompt = _happens(said, animated=bool(animated))
    if not prompt and start is None:
        raise Ask("What should happen in the clip?", " of ")
    persona = desk.persona(said) if said.named() else None
    if persona is None and re.search(r"\b(?:her|his|their|she|he)\b", reading.read) and desk.focus:
        persona = desk.focus
    desk.put(
        "make_clip", prompt=prompt or None, persona=persona, start=start, length_s=length, format=shape, model=model
    )


def _picture(desk: Desk) -> Any:
    """The one that this request makes, else the last, which the tool finds."""
    made = desk.media_of("picture")
    return made[-1] if made else "last"


def _happens(said: Said, *, animated: bool) -> str:
    found = _DOING.search(said.read) if animated else clips.shown(said.read)
    if found is None:
        return ""
    return contents.tidy(said, found.end() if animated else found.start("what")).rstrip(".!?")
