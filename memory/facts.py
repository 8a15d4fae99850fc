"""What did a fan tell about themselves? Typed facts found by rules: high precision, no model, the same every time.

A sentence that asks, supposes, quotes, jokes, plays a role or speaks of somebody else gives nothing; a wrong memory costs
more than a missed one. The patterns are in memory/facts*.toml; what they find passes `memory.gate`, then goes to `memory.vault`.
"""

import re
from collections.abc import Iterator

from memory import gate
from memory.fact_patterns import Pattern, likely
from memory.found_fact import SINGLE, FoundFact, opposite
from memory.gate import QUARANTINED, Verdict

__all__ = ["SINGLE", "FoundFact", "candidates", "extract", "opposite", "weigh"]

_TOLD_IN_PASSING = frozenset({"family", "pet", "partner", "event", "plan", "owns"})
LONGEST = 2_000  # characters of a message that are read; longer ones are pasted texts, not confessions


def extract(text: str) -> list[FoundFact]:
    """The facts in a fan's message, in order, none twice."""
    return [one for one in candidates(text) if not one.doubt and one.kind != "correction"]


def candidates(text: str) -> list[FoundFact]:
    """What `Facts.learn` takes: the facts, corrections of what was told before, and, in doubt, what is tried to be planted."""
    kept = [one for one in weigh(text) if one.kept]
    return [_doubted(one) if one.reason else one.fact for one in kept] + gate.planted(text[:LONGEST])


def weigh(text: str) -> list[Verdict]:
    """All that the patterns find in a message, in order, none twice, each with the reason why it is no fact."""
    plain = _plain(text[:LONGEST])
    found: dict[tuple[str, str, str, bool], Verdict] = {}
    for sentence in _sentences(plain):
        for one in _in_sentence(sentence):
            fact = one.fact
            key = (fact.kind, fact.subject, fact.value.casefold(), fact.ends)
            if key not in found or (found[key].reason and not one.reason):
                found[key] = one
    if not found:
        return []
    planted = gate.planted(text[:LONGEST])
    reason = planted[0].doubt if planted else gate.of_message(plain)
    return [Verdict(one.fact, reason or one.reason) for one in found.values()]


def _doubted(one: Verdict) -> FoundFact:
    assert one.reason in QUARANTINED
    return FoundFact(one.fact.kind, one.fact.subject, one.fact.value, one.fact.quote, 0.0, doubt=one.reason)


_DOT = "\ua78f"  # stands for a full stop that ends no sentence ("St. Mary's"): a letter, so that names may hold it


def _plain(text: str) -> str:
    """Straight apostrophes, contractions spelled with one; what stands in quotation marks is somebody's words and goes."""
    text = text.replace("’", "'").replace("‘", "'")
    text = re.sub(r"\b(St|Ste|Dr|Mr|Mrs|Ms|Prof|Mt|Ft)\. (?=[^\W\d_])", rf"\1{_DOT} ", text)
    text = re.sub(r"(?<=\d)\. (?=[A-ZÄÖÜ][a-zäöü])", rf"{_DOT} ", text)  # "am 9. März"
    text = re.sub(r"[\"“”„«»]\s*(\w+)\s*[\"“”„«»]", r"\1", text)  # one word in quotation marks is a name
    text = re.sub(r"[\"“„«][^\"“”„«»]{0,400}[\"“”»]", "…", text)
    text = re.sub(r"(?<![\w'])'(?=[^'\n]* [^'\n]*')[^'\n]{4,200}'(?!\w)", "…", text)
    text = re.sub(r"\*+[^*\n]{12,400}\*+", "…", text)  # an action that is played; a stressed word is shorter
    text = re.sub(r"```.*?```|`[^`]*`|^>.*$", "…", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\b([Ii])m\b(?= (?:\w))", r"\1'm", text)
    text = re.sub(r"\b([Ii])ve\b", r"\1've", text)
    return re.sub(r"\b([Dd])ont\b", r"\1on't", text)


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.findall(r"[^.!?\n;…]+(?:\.(?=\w)[^.!?\n;…]+)*[.!?…]*", text):
        if stripped := sentence.strip():
            yield stripped


def _in_sentence(sentence: str) -> Iterator[Verdict]:
    about = None
    for pattern in likely(sentence):
        for match in pattern.regex.finditer(sentence):
            values = pattern.values(match)
            if values and about is None:
                about = gate.of_sentence(sentence)
            for value in values:
                fact = _fact(pattern, match, value, sentence)
                passing = _in_passing(fact, match[0])
                if about == "hearsay" and passing and not match.start():
                    yield Verdict(fact)  # "my wife Carla says I snore": Carla is hers to tell
                else:
                    yield Verdict(fact, about or gate.of_place(sentence[: match.start()], strict=not passing))


def _in_passing(fact: FoundFact, words: str) -> bool:
    """Whether it may stand anywhere in what the fan tells: "I went there with my sister Maria"."""
    return words[:1] in "MmOoUu" and (bool(fact.subject) or fact.kind in _TOLD_IN_PASSING)


def _fact(pattern: Pattern, match: "re.Match[str]", value: str, sentence: str) -> FoundFact:
    quote = sentence[:300].replace(_DOT, ".")
    whose = pattern.whose(match)
    return FoundFact(
        pattern.kind, whose, value.replace(_DOT, "."), quote, pattern.confidence, pattern.ends, pattern.past
    )  # fmt: skip
