"""What is said to a plain sentence in which nothing stands out? The sentence itself, turned to the fan, and a question."""

import re

from agents.builtin.speech.grammar import second_person
from agents.builtin.speech.scene import Scene
from agents.builtin.speech.words import sentences

LONGEST = 18  # words; what is longer sounds like an echo
_OF_SELF = re.compile(
    r"^(?:i|im|ive|id|my|its my|it was my|we|our|"
    r"(?:today|yesterday|tonight|this morning) i|just|ich|mein\w*|wir|heute|gestern)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:yeah|yes|no|well|so|and|but|also|just|because|cause|cuz|oh|ok|okay|ja|nein|und|aber|weil|also|na ja),? )+",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:was|were|went|had|did|took|got|saw|made|met|came|ate|found|bought|war|hatte|ging|\w{3,}ed|ge\w{3,}t)\b",
    re.IGNORECASE,
)
_LOW_WORDS = re.compile(
    r"\b(?:awful|bad|crazy|hate\w*|worr\w+|can't|cannot|afford|problems?|difficult|hard|wrong|failed|lost|hurts?|cry\w*|debt|fight\w*|argu\w+|"
    r"ill|hospital|don't know|schlimm|schlecht|hasse|verloren|problem\w*|schwierig|schwer|streit\w*|krank)\b",
    re.IGNORECASE,
)
_TURNED = re.compile(
    r"(?:you|your|you're|you've|it's your|it was your|its your|du|dein|today|yesterday|this|tonight|heute|gestern)",
    re.IGNORECASE,
)


def mirrored(scene: Scene) -> str:
    """A plain sentence of the fan's about themselves, said back to them; "" when there is none that can be."""
    for sentence in sentences(scene.said):
        plain = _LEAD.sub("", sentence.strip())
        turned = second_person(plain, scene.language) if _about_self(plain) else None
        if turned and _TURNED.match(turned):
            return _said_back(scene, plain, turned)
    return ""


def _about_self(plain: str) -> bool:
    short = 3 <= len(plain.split()) <= LONGEST
    return short and "?" not in plain and _OF_SELF.match(plain.replace("'", "").replace("’", "")) is not None


def _said_back(scene: Scene, plain: str, turned: str) -> str:
    """Warmer where it sounds heavy, and a question that fits the tense, most of the time."""
    low = _LOW_WORDS.search(plain) is not None
    said = scene.either("mirror_low" if low else "mirror", second=turned[0].lower() + turned[1:])
    ask = "feel_low_ask" if low else "mirror_ask_past" if _PAST.search(plain) else "mirror_ask"
    return f"{said} {scene.say(ask)}".strip() if scene.happens(0.75, "mirror") else said
