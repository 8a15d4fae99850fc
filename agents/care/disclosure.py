"""How does a fan know that a persona is an AI? Code says so first and again, and guarantees the answer when asked.

DUTIES L1 (at the first interaction), L7 (every three hours of a continuing one), L9 (never claim to be human).
"""

import re
from datetime import datetime, timedelta
from functools import cache

from agents.care.policies import LANGUAGES, language_of, load, phrase
from gator.sieve import Sieve
from gator.wording import words_only


def notice(persona_name: str, language: str) -> str:
    """What code sends before a persona's first message."""
    return phrase("disclosure", "notice", language, name=persona_name)


def language_for(*tags: str) -> str:
    """Of these tags, the likeliest to be understood first, the first in whose language there are words; else English."""
    return next((language_of(tag) for tag in tags if re.split(r"[-_]", tag.lower())[0] in LANGUAGES), "en")


def reminder(persona_name: str, language: str) -> str:
    """What code sends when the notice is due again."""
    return phrase("disclosure", "reminder", language, name=persona_name)


def due(notice_at: datetime | None, now: datetime, last_message_at: datetime | None) -> bool:
    """Whether the notice must come (again) before the next message.

    Always before the first one; after 3 h of continuing interaction; and at the start of a new session a day after the
    last one (NY GBL Art. 47: the notice at the start need not come more than once a day).
    """
    if notice_at is None:
        return True
    rules = load("disclosure")
    passed = now - notice_at
    silent = now - last_message_at if last_message_at else timedelta(0)
    continuing = silent < timedelta(hours=rules["session_gap_hours"])
    return passed >= timedelta(hours=rules["every_hours"] if continuing else rules["start_every_hours"])


def asks_if_ai(text: str) -> bool:
    """Whether somebody asks if they talk with a machine or with a human, in any of our languages."""
    return bool(_questions().matching(words_only(text[:2000])))


def answer(persona_name: str, language: str) -> str:
    """The truth, which code puts into the reply when asked."""
    return phrase("disclosure", "answer", language, name=persona_name)


def admits(text: str) -> bool:
    """Whether the text itself says that the speaker is an AI."""
    plain = words_only(text)
    return any(pattern.search(plain) for pattern in _admissions())


@cache
def _admissions() -> tuple["re.Pattern[str]", ...]:
    return tuple(re.compile(pattern) for pattern in load("disclosure")["admits"]["patterns"])


@cache
def _questions() -> Sieve:
    asks = load("disclosure")["asks"]
    return Sieve(
        re.compile(pattern.replace("<ai>", asks["ai"]).replace("<human>", asks["human"]))
        for pattern in asks["patterns"]
    )
