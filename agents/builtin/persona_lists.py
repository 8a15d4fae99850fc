"""What goes on or off a persona's lists? Interests, traits and languages, as fields of a change. Neighbours: changes, sheet."""

import re
from collections.abc import Callable

from agents.builtin import languages
from agents.builtin.portraits import items
from agents.builtin.said import Said
from agents.builtin.sheet import Change

LISTS = {
    "interests": r"interests?|hobb(?:y|ies)|likes|passions?",
    "traits": r"traits?|personality|character traits?|qualities",
    "languages": r"languages?",
}
OWNER = r"(?:(?:§p\d+'s|her|his|their|the|its)\s+)?(?:list of\s+)?"
ADDED = (
    r"\b(?:add|include|put|append|give|also add)\s+(.+?)\s+(?:to|in|into|as|on|among)\s+{owner}(?:an?\s+|new\s+)*(?:{words})\b"
    r"|\badd\s+(?:the\s+|an?\s+|another\s+|new\s+)*(?:{words})\s*:?\s*(.+)$"
    r"|\b(?:give|add)\s+(?:§p\d+|her|him|them)\s+(?:the\s+|an?\s+|another\s+|new\s+|some\s+|(?:\d+|two|three|four|five"
    r"|a few)\s+)*(?:{words})\s*:?\s*(?:of|in)?\s*(.+)$"
    r"|\b(?:new|another|additional)\s+(?:{words})\s*(?::|for (?:§p\d+|her|him)\s*:?|is|are)\s*(.+)$"
)
REMOVED = (
    r"\b(?:remove|delete|drop|take|strike|erase|cut|cross|scratch|get)\s+(.+?)\s+(?:from|off|out of)\s+{owner}(?:{words})\b"
    r"|\b(?:remove|delete|drop|erase)\s+(?:§p\d+'s|her|his|their|the)\s+(?:{words})\s+(?:in\s+|for\s+|of\s+)?(.+)$"
    r"|\b(?:remove|delete|drop)\s+(?:the\s+)?(?:{words})\s+(.+?)(?=\s+from\b|$)"
)
GROWN = r"\b(?:{words})\s+(?:to|and|so that they|should|now)?\s*(?:also\s+)?includes?\s+(?:also\s+)?(.+)$"
TRADED = (
    r"\b(?:swap(?: out)?|replace|exchange|trade)\s+{owner}(?:{words})\s+(?:in\s+|of\s+)?(.+?)\s+(?:with|by|for)\s+(.+)$",
    r"\b(?:replace|swap(?: out)?|exchange|trade|switch)\s+(.+?)\s+(?:with|by|for)\s+(.+?)\s+(?:in|among|from)\s+{owner}"
    r"(?:{words})\b",
)
# "… and take karaoke off": what leaves the list that something else was put on.
TAKEN_OFF = re.compile(
    r"\b(?:take|remove|drop|delete|strike|cut)\s+(?!her\b|his\b|§p)(?:(?:out|off)\s+)?(.+?)(?:\s+(?:off|out"
    r"|from (?:it|them|there)))?[\s.!]*$"
)
# "… and put climbing on instead": what takes the place of what was taken off the same list.
PUT_INSTEAD = re.compile(
    r"\b(?:put|add|use|write|include|set|insert)\s+(?!her\b|his\b|§p)(?:in\s+)?(.+?)(?:\s+(?:on|in|there|to (?:it"
    r"|them|the list)))?(?:\s+instead)?[\s.!]*$|\breplace (?:it|them|that) (?:with|by)\s+(.+?)[\s.!]*$"
)


def lists(said: Said, change: Change) -> Said:
    """Add chess to her interests; remove surfing from her hobbies; drop French from her languages."""
    for name, words in LISTS.items():
        said = _once(said, change, _form(ADDED, words), f"add_{name}", _taken_off)
        said = _once(said, change, _form(REMOVED, words), f"remove_{name}", _put_instead)
        said = _once(said, change, _form(GROWN, words), f"add_{name}")
        for form in TRADED:
            if hit := _form(form, words).search(said.read):
                change.add(f"remove_{name}", _values(said, hit, 1, name))
                change.add(f"add_{name}", _values(said, hit, 2, name))
                said = said.without(*hit.span())
    return said


def _form(pattern: str, words: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("{owner}", OWNER).replace("{words}", words))


def _once(
    said: Said,
    change: Change,
    form: re.Pattern[str],
    field: str,
    then: Callable[[Said, Change, str], Said] | None = None,
) -> Said:
    """Put down what a form finds; `then` reads what the same request says of the list besides."""
    hit = form.search(said.read)
    if not hit:
        return said
    group = next(n for n in range(1, form.groups + 1) if hit[n])
    name = field.partition("_")[2]
    change.add(field, _values(said, hit, group, name))
    said = said.without(*hit.span())
    return then(said, change, name) if then else said


def _values(said: Said, hit: re.Match[str], group: int, name: str) -> list[str]:
    """The members named there; of languages their tags, and without the persona whose list it is."""
    values = items(said, *hit.span(group))
    if name == "languages":
        return languages.tags(hit[group]) or values
    firsts = [name.split()[0] for name in said.kept.names if name.split()]
    whose = "|".join([*map(re.escape, [*said.kept.names, *firsts]), "her", "him", "them"])
    told = [re.sub(rf"(?i)(?:^|\s+)(?:(?:from|to|for|of|on)\s+)?(?:{whose})(?:'s)?$", "", one) for one in values]
    return [one for one in told if one and one.lower() not in ("to", "for", "from")]


def _taken_off(said: Said, change: Change, name: str) -> Said:
    hit = TAKEN_OFF.search(said.read)
    if not hit or re.search(r"\b(?:from|off|out of)\s+(?:§p|her\b|his\b|their\b)", hit[1]):
        return said
    return _once(said, change, TAKEN_OFF, f"remove_{name}")


def _put_instead(said: Said, change: Change, name: str) -> Said:
    return _once(said, change, PUT_INSTEAD, f"add_{name}")
