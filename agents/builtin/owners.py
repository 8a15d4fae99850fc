"""For whom is it, and for how many stories? What a request for a medium or a text says besides its words.

Neighbours: fill_media, fill_videos, fill_texts (who ask).
"""

import re

from agents.builtin import contents
from agents.builtin.counting import COUNT, whole
from agents.builtin.desk import Desk
from agents.builtin.heads import Reading
from agents.builtin.said import Said

OWNER_TAIL = re.compile(
    r",?\s*\b(?:for|by|as|in|with|using|from|voice:|persona:)\s+(?:(?:our|my|the|persona|character"
    r"|voice of)\s+)*(?:§p\d+(?:'s)?|her|his|their)"
    r"(?:\s+(?:own\s+)?(?:voice|style|name|tone|gallery|account|page|words))?[\s.!?]*$|,\s*§p\d+[\s.!?]*$"
)


IT = r"(?:it|that|this|them|these|those)"


def several_stories(said: Said) -> int:
    """How many stories get one each: "each of the top three stories"."""
    hit = re.search(
        rf"\b(?:the |each of the |every one of the |all )?(?:top|first|latest|newest)\s+({COUNT})\s+(?:stories"
        rf"|headlines|articles|news)|\b(?:first|top) ({COUNT})\b(?= (?:stories|headlines))",
        said.read,
    )
    value = whole(hit[1] or hit[2]) if hit else None
    return value if value and 1 < value <= 10 else 0


def for_whom(reading: Reading, said: Said, desk: Desk) -> str | None:
    """The persona whose medium it is: named outside the words of the medium, or the one made to do it."""
    if reading.agent:
        return desk.persona(reading.said, reading.agent)
    outside = said
    if not said.quotes():
        marks = [hit.start() for hit in (contents.SAYS.search(said.read), contents.COLON.search(said.read)) if hit]
        tail = OWNER_TAIL.search(said.read)
        if tail and marks and tail.start() > min(marks):
            outside = said.cut(*tail.span())
        elif marks:
            outside = said.cut(0, min(marks))
    if outside.named():
        return desk.persona(outside)
    if re.search(
        r"\b(?:for|by|as|in|with) (?:her|him|his|their|them)(?: (?:own )?(?:voice|style|name|tone))?\b", outside.read
    ) and (desk.created or desk.focus):
        return desk.persona(outside)
    return None


def without_persona(said: Said) -> Said:
    """Blank "for Nova", "in Nova's voice" at the end, so that they are not read as content."""
    while hit := OWNER_TAIL.search(said.read):
        said = said.without(*hit.span())
    return said
