"""Which capability does a clause ask for? Its verb's family and its thing's family decide; questions have rules of their own.

An answer is the name of a capability, or one of the talks in `talk`: "help", "how", "approve", "thanks" …; empty when
nothing fits, and then nothing is done. Neighbours: heads (what it reads), deeds, questions, planner (what it is for).
"""

import re

from agents.builtin.clips import clip
from agents.builtin.courtesies import talk
from agents.builtin.deeds import by_verb
from agents.builtin.desk import Cannot, Desk
from agents.builtin.face_views import face_views
from agents.builtin.fill_cuts import cut
from agents.builtin.heads import Reading
from agents.builtin.holding import holding
from agents.builtin.questions import question
from agents.builtin.reels import reel
from agents.builtin.refusals import outside
from agents.builtin.scenes import scene
from agents.builtin.strangers import no_such, unknown_name
from agents.builtin.studio.house import house
from agents.builtin.terse import bare, noun
from agents.builtin.told_media import told_media
from agents.builtin.upheavals import persona_life, publishing


def intent_of(reading: Reading, desk: Desk) -> str:
    """The capability or talk that a clause is about."""
    read = reading.read
    for rule in _RULES:
        if found := rule(read, reading, desk):
            return found
    if name := unknown_name(reading.said):
        raise Cannot(no_such(name, desk))
    return ""


# How somebody has been lately is news, no change of who they are.
LATELY = re.compile(
    r"(?:§p\d+|she|he|they)(?:'s|'ve| has| have| was| were)(?: been)?\b[^§:]*\b(?:lately|recently|all (?:day|week|month)"
    r"|for (?:a while|ages|days|weeks|months)|this (?:week|month|morning)|these days|today|yesterday|again)[\s.!]*"
)


def _statement(read: str, reading: Reading, _desk: Desk) -> str:
    """Something said of a persona is a change to her; what she should do is a request."""
    subject = re.match(
        r"(?:(?:note|remember|know) that\s+|from now on,?\s+|as of (?:now|today),?\s+)?(§p\d+(?:'s)?|she|he"
        r"|they|her|his|their|she's|he's)\b",
        read,
    )
    if (
        subject
        and LATELY.fullmatch(read)
        and not re.search(r"(?<!§p)\d|\b(?:moved|turned|became|promoted|renamed)\b", read)
    ):
        return ""
    if subject:
        return "change_persona"
    if re.match(r"(?:from now on|as of now|never let|don't let)\b", read) and re.search(r"§p\d+", read):
        return "change_persona"
    if reading.cause:
        return "change_persona"
    return ""


_RULES = (
    house, talk, told_media, reel, cut, holding, face_views, clip, scene, outside, question, persona_life, publishing, by_verb,
    _statement, noun, bare,
)  # fmt: skip
