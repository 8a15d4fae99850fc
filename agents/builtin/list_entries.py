"""Which entry goes on or off which list, where the list is named before it? `Add the boundary "no politics" to Nova`.

What stands in quotation marks is the entry, whole; who stands behind "to" or "from" is whose sheet it is.
Neighbours: persona_lists and sayings (looser ways to say the same), changes.
"""

import re
from functools import cache

from agents.builtin import languages
from agents.builtin.portraits import items
from agents.builtin.said import Said
from agents.builtin.sheet import Change

# Fields of the sheet by what people call them; "forbidden phrases" are told before plain phrases are.
NOUNS = {
    "forbidden_phrases": r"(?:forbidden|banned|prohibited) (?:phrases?|words?|expressions?|sayings?)",
    "boundaries": r"boundar(?:y|ies)|limits?|no-gos?|taboos?",
    "quirks": r"quirks?|mannerisms?|habits?|idiosyncras(?:y|ies)",
    "signature_phrases": r"(?:signature |favou?rite |typical )?(?:phrases?|sayings?|catch ?phrases?)|mottos?|slogans?",
    "interests": r"interests?|hobb(?:y|ies)|passions?",
    "traits": r"(?:character |personality )?traits?|qualit(?:y|ies)",
    "languages": r"languages?",
}
ANY = "|".join(NOUNS.values())
PUT_ON = r"(?P<on>add|include|put|append|give|write down|set)"
TAKEN_OFF = r"(?P<off>remove|delete|drop|take(?: off| out| away)?|strike|erase|cut|lift)"
VERB = rf"(?:{PUT_ON}|{TAKEN_OFF})"
WHO = r"(?:§p\d+(?:'s)?|her|him|his|them|their)"
WHOSE = (
    rf"(?:(?:to|from|for|in|off|out of|on|of)\s+)(?:the\s+)?{WHO}(?:\s+(?:list|sheet|profile|card|character|{ANY}))*"
)
LEAD = rf"\b{VERB}\s+(?:(?:{WHOSE}|{WHO})\s*,?\s+)?(?:(?:an?|the|another|new|this|following|these|§p\d+'s|her|his|their)\s+)*"
QUOTED = r"(?P<entry>§q\d+(?:[\s,;&]*(?:and\s+|or\s+)?§q\d+)*)"
END = r"(?=[\s.!,;]*(?:$|\band\b|\bplease\b))"
# Without quotation marks the end must be told: by whose list it is, or by the end of what is taken off.
BARE = rf"(?P<entry>[^§:;]+?)\s+{WHOSE}{END}"
FREE = ("boundaries", "quirks", "signature_phrases", "forbidden_phrases")


def entries(said: Said, change: Change) -> Said:
    """Read what is put on or taken off lists that are named by their kind."""
    for field in NOUNS:
        for form in _forms(field):
            if hit := form.search(said.read):
                change.add(f"{'add' if hit['on'] else 'remove'}_{field}", _values(said, hit, field))
                said = said.without(*hit.span())
    return said


@cache
def _forms(field: str) -> tuple[re.Pattern[str], ...]:
    """The ways to say it: the list before a quoted entry, behind it, and before an entry without marks."""
    noun = NOUNS[field]
    named = rf"{LEAD}(?:{noun})\s*[:,–—-]*\s*"
    behind = (
        rf"\b{VERB}\s+{QUOTED}\s+(?:as|to|from|in|on|off|for|out of)\s+(?:(?:an?|the|new)\s+|{WHO}\s+)*"
        rf"(?:list of\s+)?(?:{noun})\b(?:\s+{WHOSE})?"
    )
    forms = [rf"{named}(?:of\s+)?{QUOTED}(?:\s+{WHOSE})?", behind]
    if field in FREE:
        forms.append(named + BARE)
    return tuple(map(re.compile, forms))


def _values(said: Said, hit: re.Match[str], field: str) -> list[str]:
    start, end = hit.span("entry")
    quoted = said.cut(start, end).quotes()
    if not quoted:
        return items(said, start, end)
    return [tag for one in quoted for tag in languages.tags(one.lower()) or [one]] if field == "languages" else quoted


def names_entry(read: str) -> bool:
    """Whether a clause puts something on a list of somebody's sheet, or takes it off, and says which list."""
    somebody = re.search(rf"(?<!\w){WHO}(?!\w)", read)
    return somebody is not None and any(form.search(read) for field in NOUNS for form in _forms(field))
