"""What was a sitting about? A few lines, each with the messages it was made from. By rules: the same every time.

What tells most is kept: facts, decisions, feelings, dates, names, and what the persona promised. A fact is told in the
third person where its form is known; everything else is a quotation, because a wrong paraphrase is a wrong memory.
A model's lines are checked in `memory.episode_checks`; `memory.vault` keeps either.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from memory import gate
from memory.attached import plain
from memory.facts import extract
from memory.found_fact import FoundFact
from memory.recall.words import terms
from memory.repositories.conversations import Line

LINES = 6
LONGEST_LINE = 220  # characters
ALL_LINES = 900  # characters of an episode: some 250 tokens
RUN = 6  # words
LEAST = 3  # the weight of a line that is worth keeping
BY_PERSONA = frozenset({"persona", "operator"})  # an operator answers in the persona's place


@dataclass(frozen=True, slots=True)
class EpisodeLine:
    """One line of an episode, and the ids of the messages that it was made from. `by`: whose words, fan or persona."""

    text: str
    sources: tuple[str, ...]
    by: str

    def as_data(self) -> dict[str, Any]:
        return {"text": self.text, "from": list(self.sources), "by": self.by}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "EpisodeLine":
        return cls(data["text"], tuple(data["from"]), data.get("by", ""))


@dataclass(frozen=True, slots=True)
class Told:
    """An episode as it is made. `importance` is 0 (nothing was told) to 1."""

    lines: tuple[EpisodeLine, ...]
    importance: float
    made_by: str = "rules"


def text_of(lines: Iterable[dict[str, Any]]) -> str:
    """What is embedded of an episode, from its lines as a row keeps them."""
    return "\n".join(line["text"] for line in lines)


@dataclass(frozen=True, slots=True)
class _Weighed:
    line: EpisodeLine
    weight: int


def tell(messages: Sequence[Line], doubted: Collection[str] = ()) -> Told:
    """The episode of these messages, oldest first. `doubted` are ids of messages that are kept apart: none is told."""
    found: dict[str, _Weighed] = {}
    heard = _runs(*(message.text for message in messages if message.author == "fan"))
    for message in messages:
        if message.id not in doubted:
            for one in _lines_of(message, heard):
                same = one.line.text.casefold()
                found[same] = _together(found[same], one) if same in found else one
    best = sorted(found.values(), key=lambda one: (-one.weight, one.line.sources[0]))
    chosen = _fitting([one for one in best if one.weight >= LEAST][:LINES])
    order = {message.id: at for at, message in enumerate(messages)}
    chosen.sort(key=lambda one: order[one.line.sources[0]])
    return Told(tuple(one.line for one in chosen), importance_of(one.weight for one in chosen))


def importance_of(weights: Iterable[int]) -> float:
    """0 to 1: one fact is some 0.3, a sitting full of them nearly 1."""
    return round(1 - math.exp(-sum(weights) / 16), 3)


def _together(one: _Weighed, other: _Weighed) -> _Weighed:
    """What was said twice is one line with both messages."""
    sources = tuple(dict.fromkeys((*one.line.sources, *other.line.sources)))
    return _Weighed(replace(one.line, sources=sources), max(one.weight, other.weight))


def _fitting(lines: list[_Weighed]) -> list[_Weighed]:
    chosen: list[_Weighed] = []
    left = ALL_LINES
    for one in lines:
        if len(one.line.text) <= left:
            chosen.append(one)
            left -= len(one.line.text)
    return chosen


def own_words(text: str) -> str:
    """What a persona writes without what she quotes: that is somebody else's, mostly the fan's, and stands where they said it."""
    return _QUOTED.sub("…", text)


def _lines_of(message: Line, heard: Collection[str]) -> Iterator[_Weighed]:
    """`heard` are runs of words of the fan's: what a persona says again of them is not hers."""
    text = plain(message.text)
    if gate.planted(text) or gate.of_message(text):
        return  # orders and claims to power; jokes and tales
    if message.author == "fan":
        told = {_key(fact) for fact in extract(text)}
        for sentence in _sentences(text):
            facts = [fact for fact in extract(sentence) if _key(fact) in told]
            yield _of_fan(message.id, sentence, facts)
    elif message.author in BY_PERSONA:
        for sentence in _sentences(own_words(text)):
            promises = _PROMISES.search(sentence) and not sentence.endswith("?") and _runs(sentence).isdisjoint(heard)
            weight = 4 + _dates(sentence) if promises else 0
            yield _quoted(message.id, sentence, weight, "persona")


def _runs(*texts: str) -> frozenset[str]:
    """Every run of so many words that nobody repeats by chance."""
    runs: set[str] = set()
    for text in texts:
        words = re.findall(r"\w+", text.casefold())
        runs.update(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
    return frozenset(runs)


def _of_fan(id: str, sentence: str, facts: list[FoundFact]) -> _Weighed:
    weight = _weight(sentence) + 6 * bool(facts) + 2 * max(0, len(facts) - 1)
    told = [_in_third_person(fact) for fact in facts]
    if told and all(told) and _ENGLISH.search(sentence) and not _says_more(sentence, facts):
        return _Weighed(EpisodeLine(" ".join(told), (id,), "fan"), weight)
    return _quoted(id, sentence, weight, "fan")


def _says_more(sentence: str, facts: list[FoundFact]) -> bool:
    """Whether there is more in it than its facts: "my dog Luna is ill" is not told by her name."""
    told = {word for fact in facts for word in terms(f"{fact.value} {fact.subject}")}
    return bool(set(terms(sentence)) - told - _forms()) or bool(_FEELS.search(sentence) or _DECIDES.search(sentence))


def _quoted(id: str, sentence: str, weight: int, by: str) -> _Weighed:
    shown = sentence if len(sentence) <= LONGEST_LINE else sentence[:LONGEST_LINE].rsplit(" ", 1)[0] + " …"
    who = "They" if by == "fan" else "The persona"
    return _Weighed(EpisodeLine(f"{who} said: “{shown}”", (id,), by), weight)


def _weight(sentence: str) -> int:
    """How much a fan's sentence tells, facts aside: small talk nothing, and a question less than what is told."""
    words = sentence.split()
    names = len(re.findall(r"(?<=[\w,;] )(?!I\b)[A-ZÄÖÜ]\w+", sentence))
    weight = 4 * bool(_FEELS.search(sentence)) + 4 * bool(_DECIDES.search(sentence)) + _dates(sentence)
    weight += min(3, names) + min(1, len(re.findall(r"\d+", sentence))) + min(2, len(words) // 8)
    return weight // 2 if sentence.endswith("?") else weight


def _dates(sentence: str) -> int:
    return 2 if _DATES.search(sentence) else 0


def _sentences(text: str) -> Iterator[str]:
    for part in re.findall(r"[^.!?\n…]+(?:\.(?=\w)[^.!?\n…]+)*[.!?…]*", text):
        sentence = " ".join(part.split()).lstrip(",;:”“ ")
        if re.search(r"\w", sentence):
            yield sentence


def _key(fact: FoundFact) -> tuple[str, str, str]:
    return fact.kind, fact.subject, fact.value.casefold()


# {v} the value, {s} whose it is. A kind that is not here, and a fact that ends, is quoted: nothing is guessed.
_THIRD = {
    "name": "Their name is {v}.", "age": "They are {v}.", "birthday": "Their birthday is {v}.", "home": "They live in {v}.",
    "origin": "They come from {v}.", "job": "Their job: {v}.", "employer": "They work for {v}.", "study": "They study {v}.",
    "relationship": "They are {v}.", "likes": "They like {v}.", "dislikes": "They do not like {v}.", "diet": "They are {v}.",
    "allergy": "They are allergic to {v}.", "language": "They speak {v}.", "learning": "They are learning {v}.",
}  # fmt: skip
_THIRD_OF = {
    "name": "Their {s} is called {v}.", "pet": "Their {s} is called {v}.", "family": "Their {s} is called {v}.",
    "partner": "Their {s} is called {v}.", "home": "Their {s} lives in {v}.", "favourite": "Their favourite {s} is {v}.",
}  # fmt: skip
_NAMED = frozenset({"name", "pet", "family", "partner"})
# What a fact is said with, and adds nothing to it.
_FORMS = """
    hi hey hello well oh ok so also actually honestly btw way im i've i'm don't dont name names call called live lives living
    work works working for as am are come comes from born study studying like likes love loves hate enjoy speak speaks learn
    learning favourite favorite year years old allergic birthday job very much too really own m ve s
"""


@cache
def _forms() -> frozenset[str]:
    return frozenset(terms(_FORMS))  # stemmed when first needed: the stemmer takes a third of a second to import


def _in_third_person(fact: FoundFact) -> str:
    """The fact as a sentence; "" where its form is not known."""
    forms = _THIRD_OF if fact.subject else _THIRD
    known = fact.kind in forms and not (fact.ends or fact.past)
    named = not fact.subject or fact.kind not in _NAMED or fact.value[:1].isupper()
    return forms[fact.kind].format(v=fact.value, s=fact.subject) if known and named else ""


_QUOTED = re.compile(
    r"[“„«»‟][^“”„«»‟]{0,600}[”“«»]|\"[^\"\n]{0,600}\"|[‘‚][^‘’‚\n]{4,600}[’‘](?!\w)"
    r"|(?<![\w'])'(?=[^'\n]* [^'\n]*')[^'\n]{4,600}'(?!\w)|^>.*$",
    re.MULTILINE,
)
_ENGLISH = re.compile(r"\b(?:i|i'm|i’m|im|i've|i’ve|my|me|mine)\b", re.IGNORECASE)
_MOODS = (
    "sad|happy|lonely|alone|afraid|scared|anxious|nervous|angry|mad|tired|exhausted|excited|proud|worried|stressed|"
    "depressed|hurt|heartbroken|overwhelmed|relieved|grateful|thankful|jealous|ashamed|homesick|burnt out|burned out|"
    "devastated|terrified|thrilled|bored|upset|frustrated|disappointed|in love|down|glad|ill|sick"
)
_STIMMUNGEN = (
    "traurig|glücklich|einsam|allein|ängstlich|nervös|wütend|sauer|müde|erschöpft|aufgeregt|stolz|besorgt|gestresst|"
    "verletzt|überfordert|erleichtert|dankbar|eifersüchtig|enttäuscht|verliebt|krank|froh"
)
_FEELS = re.compile(
    rf"\bi(?:['’]?m| am| feel| felt| was|['’]ve been| have been| got)(?: (?:so|very|really|a bit|just|still|too|quite|feeling|"
    rf"totally|pretty|kind of|always|often))* (?:{_MOODS})\b|"
    rf"\bi (?:(?:really|still|just) )?(?:miss|cried|can['’]?t sleep|love (?:him|her|them)|lost my)\b|"
    rf"\b(?:passed away|died|broke up with me|broke my heart)\b|"
    rf"\bich (?:bin|war|fühle mich|fühl mich)(?: (?:so|sehr|ein bisschen|echt|total|gerade|immer))* (?:{_STIMMUNGEN})\b|"
    rf"\bich (?:vermisse|habe geweint)\b|\b(?:ist gestorben|hat sich getrennt)\b",
    re.IGNORECASE,
)
_DECIDES = re.compile(
    r"\bi(?:['’]ve| have)? (?:just |finally )?(?:decided|quit|resigned|applied|signed up|booked|got engaged|got married|"
    r"got promoted|got fired|got the job|passed|failed|moved|broke up|proposed|enrolled|adopted)\b|"
    r"\bi(?:['’]?m| am) (?:going to|gonna|getting|moving|starting|leaving|planning)\b|\bi (?:will|want to|plan to)\b|\bi['’]ll\b|"
    r"\bwe(?:['’]re| are) (?:going to|getting|moving|having)\b|"
    r"\bich (?:habe (?:mich )?(?:entschieden|beschlossen|gekündigt|gebucht|bestanden)|werde|will|möchte|ziehe)\b",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october|"
    r"november|december|tomorrow|yesterday|tonight|next (?:week|month|year|summer|winter|spring|time)|this weekend|"
    r"last (?:week|month|year|night|summer|winter)|christmas|easter|birthday|anniversary|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    r"morgen|gestern|heute abend|nächste\w* (?:woche|monat|jahr|mal)|weihnachten|ostern|geburtstag)\b|"
    r"\b\d{1,2}(?:st|nd|rd|th)\b|\b\d{1,2}[./]\d{1,2}\b|\b(?:at|um) \d{1,2}\b",
    re.IGNORECASE,
)
_PROMISES = re.compile(
    r"\bi(?:['’]ll| will| promise)\b|\bwe(?:['’]ll| will)\b|\blet['’]s\b|\bnext time\b|"
    r"\bich (?:verspreche|werde)\b|\bversprochen\b|\bnächstes mal\b|\blass uns\b",
    re.IGNORECASE,
)
