"""What did a fan tell about themselves? Typed facts found by rules: high precision, no model, the same every time.

A sentence that asks, supposes, quotes, jokes, plays a role or speaks of somebody else gives nothing; a wrong memory costs
more than a missed one. The patterns are in memory/facts*.toml; what they find passes `memory.gate`, then goes to `memory.vault`.
"""

import re
from collections.abc import Iterator
from functools import cache

from memory import gate
from memory.fact_patterns import Pattern, likely
from memory.found_fact import SINGLE, FoundFact, opposite
from memory.gate import QUARANTINED, Verdict
from memory.typed import Written, written_out

__all__ = ["SINGLE", "FoundFact", "candidates", "extract", "opposite", "weigh"]

_TOLD_IN_PASSING = frozenset({"family", "pet", "partner", "event", "plan", "owns"})
LONGEST = 2_000  # characters of a message that are read; longer ones are pasted texts, not confessions
LONGEST_QUOTE = 300


def extract(text: str) -> list[FoundFact]:
    """The facts in a fan's message, in order, none twice."""
    return [one for one in candidates(text) if not one.doubt and not one.idle and one.kind != "correction"]


def candidates(text: str) -> list[FoundFact]:
    """What `Facts.learn` takes: the facts, corrections of what was told before, and, in doubt, what is tried to be planted."""
    kept = [one for one in weigh(text) if one.kept]
    return [_doubted(one) if one.reason else one.fact for one in kept] + gate.planted(text[:LONGEST])


def weigh(text: str) -> list[Verdict]:
    """All that the patterns find in a message, in order, none twice, each with the reason why it is no fact."""
    plain = _plain(text[:LONGEST])
    found: dict[tuple[str, str, str, bool], Verdict] = {}
    for start, end in _sentences(plain.text):
        for one in _in_sentence(plain, start, end):
            fact = one.fact
            key = (fact.kind, fact.subject, fact.value.casefold(), fact.ends)
            if key not in found or (found[key].reason and not one.reason):
                found[key] = one
    if not found:
        return []
    planted = gate.planted(text[:LONGEST])
    reason = planted[0].doubt if planted else gate.of_message(plain.text)
    return [Verdict(one.fact, reason or one.reason) for one in found.values()]


def _doubted(one: Verdict) -> FoundFact:
    assert one.reason in QUARANTINED
    return FoundFact(one.fact.kind, one.fact.subject, one.fact.value, one.fact.quote, 0.0, doubt=one.reason)


_DOT = "\ua78f"  # stands for a full stop that ends no sentence ("St. Mary's"): a letter, so that names may hold it
# What stands in quotation marks is somebody's words and goes; one word there is a name.
_MEANT = tuple(
    (re.compile(what, flags), by)
    for what, by, flags in (
        (r"[’‘´]", "'", 0),
        (r"\b(St|Ste|Dr|Mr|Mrs|Ms|Prof|Mt|Ft)\. (?=[^\W\d_])", f"{{1}}{_DOT} ", 0),
        (
            r"(?<=\d)\. ?(?=[A-ZÄÖÜ][a-zäöü]|(?i:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez))",
            f"{_DOT} ",
            0,
        ),  # "am 9. März"
        (r"[\"“”„«»]\s*(\w+)\s*[\"“”„«»]", "{1}", 0),
        (r"[\"“„«][^\"“”„«»]{0,400}[\"“”»]", "…", 0),
        (r"(?<![\w'])'(?=[^'\n]* [^'\n]*')[^'\n]{4,200}'(?!\w)", "…", 0),
        (r"\*+[^*\n]{12,400}\*+", "…", 0),  # an action that is played; a stressed word is shorter
        (r"```.*?```|`[^`]*`|^>.*$", "…", re.DOTALL | re.MULTILINE),
    )
)


def _plain(text: str) -> Written:
    """Straight apostrophes, nobody else's words, and what was typed in haste written out."""
    written = Written.of(text)
    for what, by in _MEANT:
        written = written.changed(what, by)
    return written_out(written)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for sentence in re.finditer(r"[^.!?\n;…]+(?:\.(?=\w)[^.!?\n;…]+)*[.!?…]*", text):
        if stripped := sentence[0].strip():
            start = text.index(stripped, sentence.start())
            yield start, start + len(stripped)


def _in_sentence(plain: Written, start: int, end: int) -> Iterator[Verdict]:
    sentence = plain.text[start:end]
    about = cache(lambda dream: gate.of_sentence(sentence, dream=dream))
    for pattern in likely(sentence):
        for match in pattern.regex.finditer(sentence):
            for value in pattern.values(match):
                told = _as_told(plain, start + match.start("v"), value) if pattern.as_told else value
                fact = _fact(pattern, match, told, plain.own_words(start, end))
                passing = _in_passing(fact, match[0])
                reason = about(pattern.kind == "dream")
                if reason == "hearsay" and passing and not match.start():
                    yield Verdict(fact)  # "my wife Carla says I snore": Carla is hers to tell
                else:
                    yield Verdict(fact, reason or gate.of_place(sentence[: match.start()], strict=not passing))


def _in_passing(fact: FoundFact, words: str) -> bool:
    """Whether it may stand anywhere in what the fan tells: "I went there with my sister Maria"."""
    return words[:1] in "MmOoUu" and (bool(fact.subject) or fact.kind in _TOLD_IN_PASSING)


def _as_told(plain: Written, start: int, value: str) -> str:
    """The value in the fan's own words, where it stands whole behind `start`."""
    at = plain.text.find(value, start)
    return plain.own_words(at, at + len(value)) if at >= 0 else value


def _fact(pattern: Pattern, match: "re.Match[str]", value: str, quote: str) -> FoundFact:
    whose, value = pattern.whose(match), value.replace(_DOT, ".")
    return FoundFact(
        pattern.kind, whose, value, quote[:LONGEST_QUOTE], pattern.confidence, pattern.ends, pattern.past, idle=pattern.idle
    )  # fmt: skip
