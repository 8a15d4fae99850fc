"""What is to be shown? Requests with "show", "list", "check" and their like, by the thing that is looked for.

Neighbours: deeds (all other verbs), questions (what is asked instead of ordered).
"""

import re

from agents.builtin.desk import Cannot, Desk
from agents.builtin.families import LISTS, PLURAL
from agents.builtin.heads import Reading
from agents.builtin.strangers import unknown_name

SHEET = re.compile(
    r"\b(?:profile|character sheet|sheet|details|bio|biography|settings|character card|persona card"
    r"|full card|everything about|info|information)\b"
)


def showing(reading: Reading, desk: Desk) -> str:
    """The capability that shows what is asked for."""
    return (
        _told_by_words(reading)
        or _of_persona(reading)
        or _by_thing(reading)
        or _told_loosely(reading, desk)
        or _stranger(reading, desk)
    )


def _told_by_words(reading: Reading) -> str:
    rest = reading.object.read
    if reading.thing in ("", "post") and re.search(r"\b(?:scheduled|upcoming|planned|published|posted)\b", rest):
        return "list_posts"
    servers = r"\b(?:nameservers?|name servers?|mail servers?|mx|txt|cname|aaaa)\b.*§u"
    return "list_records" if re.search(servers, rest) else ""


def _someone(reading: Reading) -> bool:
    return bool(re.search(r"§p\d+|\b(?:her|him|she|he)\b", reading.object.read))


def _of_persona(reading: Reading) -> str:
    thing, rest = reading.thing, reading.object.read
    several = PLURAL.search(rest) or re.search(r"\b(?:all|every|my|our)\b", rest)
    if thing == "persona" and several and not re.search(r"§p\d+", rest):
        return "list_personas"
    someone = _someone(reading)
    if someone and (thing in ("", "persona") or SHEET.search(rest)):
        changes = re.search(r"\b(?:changed|changes|history|versions?|edits)\b", rest)
        return "show_persona_history" if changes else "show_persona"
    if someone and re.search(r"\b(?:changes|edits|changed)\b", rest):
        return "show_persona_history"
    return "list_personas" if thing == "persona" else ""


def _by_thing(reading: Reading) -> str:
    rest = reading.object.read
    if reading.thing == "text":
        return "list_conversations" if re.search(r"\bmessages?\b", rest) else ""
    if reading.thing == "status" and re.search(r"\bjobs?\b", rest):
        return "list_jobs"
    return LISTS.get(reading.thing, "")


def _told_loosely(reading: Reading, desk: Desk) -> str:
    rest = reading.object.read
    if reading.thing == "text":
        return ""
    if re.search(r"\b(?:schedule|what's scheduled|planned|upcoming)\b", rest):
        return "list_posts"
    if re.search(r"\b(?:feeds|sources|what's new|new|the latest)\b", rest):
        return "read_feeds"
    there = re.search(r"\b(?:from|in|on|of) (?:it|there|this feed|that feed)\b", rest)
    if there and desk.steps and desk.steps[-1].tool == "add_feed":
        return "read_feeds"
    everything = re.match(r"(?:everything|how (?:it|things|everything)|all)\b", rest)
    return "show_status" if everything and reading.verb == "check" else ""


def _stranger(reading: Reading, desk: Desk) -> str:
    named = not _someone(reading) and reading.thing != "text" and reading.verb in ("show", "describe", "tell")
    if named and (name := unknown_name(reading.said)):
        raise Cannot(f"There is no persona called {name}. There are: {', '.join(desk.personas) or 'none'}.")
    return ""
