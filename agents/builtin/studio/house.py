"""What do people do themselves, and what does this machine tell at the command line? The answers, in the asker's language.

The words are data (`prompts/builtin/house.toml`). Neighbours: intents (which asks here first), refusals.
"""

import re
from functools import cache
from typing import Any

from agents.builtin.desk import Cannot, Desk
from agents.builtin.german_words import is_german
from agents.builtin.heads import Reading
from agents.builtin.speech.phrases import load

_NOBODY = {
    "en": "nobody yet (`gator doctor --studio` tells what is missing)",
    "de": "noch niemand (`gator doctor --studio` sagt, was fehlt)",
}


@cache
def _told() -> tuple[tuple[re.Pattern[str], dict[str, Any]], ...]:
    return tuple((re.compile("|".join(f"(?:{form})" for form in one["forms"])), one) for one in load("house")["told"])


def house(read: str, reading: Reading, desk: Desk) -> str:
    """Never a capability. Raises Cannot with who does it, and how."""
    if "§q" in read or reading.denied:
        return ""
    plain = " ".join(read.split())
    for form, told in _told():
        if form.search(plain):
            raise Cannot(_answer(told, reading, desk))
    return ""


def _answer(told: dict[str, Any], reading: Reading, desk: Desk) -> str:
    language = "de" if is_german(reading.said.text()) else "en"
    named = reading.said.named()
    slug = next(
        (str(row.get("slug")) for row in desk.rows("personas") if named and row.get("name") == named[0]), "PERSONA"
    )
    slots = {
        "image": str(desk.context.get("image_model") or _NOBODY[language]),
        "clip": str(desk.context.get("clip_model") or _NOBODY[language]),
        "who": slug,
    }
    return str(told[language]).format(**slots)
