"""What is to be changed in a video? Clauses such as "make the second scene two seconds longer" as operations of `edit_video`.

A clause counts only where all of it is understood, so nothing of it is left to be accounted for. English and German.
Neighbours: cut_forms (how changes are said), cut_words (numbers and scenes), fill_cuts (which video, what is asked back).
"""

import re
from collections.abc import Sequence

from agents.builtin.cut_forms import FORMS, TITLES, UNCLEAR, VIDEO, Operation
from agents.builtin.cut_words import BARE, NUMBER, SCENE, SECONDS, SOME_SCENE, scene


class Unclear(Exception):
    """It is a change of a video, and this is missing: "scene" or "seconds"."""


def operations(text: str) -> list[Operation] | None:
    """What a clause, or several, would have done; None where any of it is something else. Raises Unclear."""
    plain = _plain(text)
    if (one := _one(plain)) is not None:
        return one
    for cut in _AND.finditer(plain):
        before, after = plain[: cut.start()].strip(), plain[cut.end() :].strip()
        if before and after and (first := _one(before)) and (rest := operations(_ONE.sub(r"\1 scene", after))):
            return [*first, *rest]
    return None


_AND = re.compile(r"(?i)\s*[,;.]\s*(?:(?:and|then|und|dann)\s+)*|\s+(?:and then|and|then|und dann|und|dann)\s+")
# "…, zoom out on the last one": a scene, behind another one.
_ONE = re.compile(r"(?i)\b(first|second|third|fourth|fifth|last|next|other) one\b")
# "Scene 2 is too long, make it 3 sec": what is wrong with it, then what is to be done.
_AMISS = re.compile(
    rf"(?i)^(?P<a>{SCENE}) (?:is|was|feels|seems|looks|ist|war|wirkt) (?:much |way |a bit |far |still |viel |etwas "
    rf"|noch )*(?:too|zu) "
    rf"(?P<amiss>long|short|slow|fast|quick|lang|kurz|langsam|schnell)[\s,;.:–-]+(?:(?:so|and|please|bitte|also|daher"
    rf"|just|then|und) )*"
    rf"(?P<do>(?:make|cut|trim|let|have|shorten|mach(?:e)?|kürze?|lass(?:e)?) (?:it|her|that|this|sie|die"
    rf"|das) )?(?P<how>(?:be |to |by |um |auf |last )*)"
    rf"{SECONDS}(?: long| lang)?(?P<more> (?:longer|shorter|less|more|länger|kürzer|mehr|weniger))?$"
)
_COURTESY = re.compile(
    r"(?i)^(?:(?:please|bitte|now|jetzt|then|dann|also|auch|and|und|so|ok(?:ay)?|just|mal|hey|gator|could you|can you|would you"
    r"|kannst du|könntest du|würdest du|i want you to|i'd like you to|i would like you to|let's|ich möchte,? dass du)[\s,]+)+"
)
_TAIL = re.compile(
    r"(?i)[\s,]*(?:\b(?:please|bitte|thanks|thank you|danke|now|jetzt|for me|für mich|doch|mal|wieder)\b[\s,.!]*)+$"
)
# "Scene 3" that answers which one was meant by "that scene".
_ANSWER = re.compile(
    rf"(?i)^(?P<ask>.*?){SOME_SCENE}(?P<rest>.*?)\s+scene\s+(?P<which>{BARE})(?:\s+(?:one|scene|szene))?$"
)
# "Two" that answers by how many seconds.
_MORE = re.compile(rf"(?i)\b({NUMBER}) (?:more|extra|additional) (seconds?|secs?|s)\b")
_HOW_MUCH = re.compile(rf"(?i)\b(longer|shorter) by (?P<n>{NUMBER})$")
OF_VIDEO = re.compile(
    rf"(?i)\s+(?:of|in|from|im|in dem|des|aus dem|vom)\s+(?:(?:the|this|that|my|our|dem|last|newest|letzten)\s+)*{VIDEO}\b"
)


def in_order(told: Sequence[Operation]) -> list[Operation]:
    """As they are to be done: what moves scenes comes last, since numbers are those of the list that was seen."""
    moving = ("swap", "move", "drop")
    return [one for one in told if one["do"] not in moving] + [one for one in told if one["do"] in moving]


def _plain(text: str) -> str:
    text = " ".join(text.replace("’", "'").split()).strip(" ,;").rstrip(".")
    text = _COURTESY.sub("", text)
    text = _MORE.sub(r"\1 \2 more", text)
    text = _HOW_MUCH.sub(r"\1 by \2 seconds", text)
    if amiss := _AMISS.match(_TAIL.sub("", text).strip(" ,.!")):
        text = _mended(amiss)
    if hit := _ANSWER.match(text):
        which = hit["which"]
        named = f"scene {which}" if re.match(r"\d", which) and not which.endswith(".") else f"{which} scene"
        named = f"scene {scene(which)}" if scene(which) > 0 else named
        text = f"{hit['ask']}{named}{hit['rest']}"
    return text


def _mended(amiss: re.Match[str]) -> str:
    """What is to be done about a scene that is too long or too short."""
    by = re.search(r"(?i)\b(?:by|um)\b", amiss["how"]) or amiss["more"]
    less = "shorter" if re.match(r"(?i)long|lang|slow", amiss["amiss"]) else "longer"
    more = {"longer": "longer", "länger": "longer", "more": "longer", "mehr": "longer"}
    told = more.get((amiss["more"] or "").strip().lower(), "shorter") if amiss["more"] else less
    return f"make {amiss['a']} {amiss['s']} seconds {told}" if by else f"make {amiss['a']} {amiss['s']} seconds long"


def _one(text: str) -> list[Operation] | None:
    """A single change. What it is called keeps the end of its words, so titles come first."""
    for form, deed in TITLES:
        if hit := form.fullmatch(text):
            return deed(hit)
    text = OF_VIDEO.sub("", _TAIL.sub("", text)).strip(" ,.!?")
    for form, deed in (*TITLES, *FORMS):
        if hit := form.fullmatch(text):
            return deed(hit)
    for form, missing in UNCLEAR:
        if form.fullmatch(text):
            raise Unclear(missing)
    return None
