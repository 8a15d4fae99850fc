"""What goes on or off a persona's lists? Interests, traits and languages, as fields of a change. Neighbours: changes, sheet."""

import re

from agents.builtin import languages
from agents.builtin.portraits import items
from agents.builtin.said import Said
from agents.builtin.sheet import Change

LISTS = {
    "interest": r"interests?|hobb(?:y|ies)|likes|passions?",
    "trait": r"traits?|personality|character traits?|qualities",
    "language": r"languages?",
}


def lists(said: Said, change: Change) -> Said:
    """Add chess to her interests; remove surfing from her hobbies; drop French from her languages."""
    for kind, words in LISTS.items():
        name = f"{'interests' if kind == 'interest' else 'traits' if kind == 'trait' else 'languages'}"
        owner = r"(?:(?:§p\d+'s|her|his|their|the|its)\s+)?(?:list of\s+)?"
        add = re.search(
            rf"\b(?:add|include|put|append|give|also add)\s+(.+?)\s+(?:to|in|into|as|on"
            rf"|among)\s+{owner}(?:an?\s+|new\s+)*(?:{words})\b|\badd\s+(?:the\s+|an?\s+|another\s+"
            rf"|new\s+)*(?:{words})\s*:?\s*(.+)$|\b(?:give|add)\s+(?:§p\d+|her|him|them)\s+(?:the\s+|an?\s+"
            rf"|another\s+|new\s+|some\s+|(?:\d+|two|three|four|five|a few)\s+)*(?:{words})\s*:?\s*(?:of"
            rf"|in)?\s*(.+)$|\b(?:new|another"
            rf"|additional)\s+(?:{words})\s*(?::|for (?:§p\d+|her|him)\s*:?|is|are)\s*(.+)$",
            said.read,
        )
        if add:
            group = next(n for n in (1, 2, 3, 4) if add[n])
            values = items(said, add.start(group), add.end(group))
            change.add(
                f"add_{name}",
                _as_tags(said.read[add.start(group) : add.end(group)], values) if kind == "language" else values,
            )
            said = _taken_off(said.without(*add.span()), change, name)
        out = re.search(
            rf"\b(?:remove|delete|drop|take|strike|erase|cut|cross|scratch|get)\s+(.+?)\s+(?:from|off"
            rf"|out of)\s+{owner}(?:{words})\b|\b(?:remove|delete|drop|erase)\s+(?:§p\d+'s|her|his|their"
            rf"|the)\s+(?:{words})\s+(?:in\s+|for\s+|of\s+)?(.+)$|\b(?:remove|delete"
            rf"|drop)\s+(?:the\s+)?(?:{words})\s+(.+?)(?=\s+from\b|$)",
            said.read,
        )
        if out:
            group = next(n for n in (1, 2, 3) if out[n])
            values = items(said, out.start(group), out.end(group))
            values = [
                re.sub(rf"\s+from\s+(?:{'|'.join(map(re.escape, said.kept.names)) or '-'}|her|him|them)$", "", one)
                for one in values
            ]
            change.add(
                f"remove_{name}",
                _as_tags(said.read[out.start(group) : out.end(group)], values) if kind == "language" else values,
            )
            said = _put_instead(said.without(*out.span()), change, name)
        grown = re.search(
            rf"\b(?:{words})\s+(?:to|and|so that they|should|now)?\s*(?:also\s+)?includes?\s+(?:also\s+)?(.+)$",
            said.read,
        )
        if grown:
            values = items(said, grown.start(1), grown.end(1))
            change.add(
                f"add_{name}",
                _as_tags(said.read[grown.start(1) : grown.end(1)], values) if kind == "language" else values,
            )
            said = said.without(*grown.span())
        traded = re.search(
            rf"\b(?:swap(?: out)?|replace|exchange|trade)\s+{owner}(?:{words})\s+(?:in\s+|of\s+)?(.+?)\s+(?:with|by"
            rf"|for)\s+(.+)$",
            said.read,
        )
        if traded:
            change.add(f"remove_{name}", items(said, traded.start(1), traded.end(1)))
            change.add(f"add_{name}", items(said, traded.start(2), traded.end(2)))
            said = said.without(*traded.span())
        swap = re.search(
            rf"\b(?:replace|swap(?: out)?|exchange|trade|switch)\s+(.+?)\s+(?:with|by|for)\s+(.+?)\s+(?:in|among"
            rf"|from)\s+{owner}(?:{words})\b",
            said.read,
        )
        if swap:
            change.add(f"remove_{name}", items(said, swap.start(1), swap.end(1)))
            change.add(f"add_{name}", items(said, swap.start(2), swap.end(2)))
            said = said.without(*swap.span())
    return said


def _taken_off(said: Said, change: Change, name: str) -> Said:
    """ "… and take karaoke off": what leaves the list that something else was put on."""
    hit = re.search(
        r"\b(?:take|remove|drop|delete|strike|cut)\s+(?!her\b|his\b|§p)(?:(?:out|off)\s+)?(.+?)(?:\s+(?:off|out"
        r"|from (?:it|them|there)))?[\s.!]*$",
        said.read,
    )
    if not hit or re.search(r"\b(?:from|off|out of)\s+(?:§p|her\b|his\b|their\b)", hit[1]):
        return said
    values = items(said, hit.start(1), hit.end(1))
    change.add(
        f"remove_{name}", _as_tags(said.read[hit.start(1) : hit.end(1)], values) if name == "languages" else values
    )
    return said.without(*hit.span())


def _put_instead(said: Said, change: Change, name: str) -> Said:
    """ "… and put climbing on instead": what takes the place of what was taken off the same list."""
    hit = re.search(
        r"\b(?:put|add|use|write|include|set|insert)\s+(?!her\b|his\b|§p)(?:in\s+)?(.+?)(?:\s+(?:on|in|there|to (?:it"
        r"|them|the list)))?"
        r"(?:\s+instead)?[\s.!]*$|\breplace (?:it|them|that) (?:with|by)\s+(.+?)[\s.!]*$",
        said.read,
    )
    if not hit:
        return said
    group = 1 if hit[1] else 2
    values = items(said, hit.start(group), hit.end(group))
    change.add(
        f"add_{name}", _as_tags(said.read[hit.start(group) : hit.end(group)], values) if name == "languages" else values
    )
    return said.without(*hit.span())


def _as_tags(read: str, values: list[str]) -> list[str]:
    return languages.tags(read) or values
