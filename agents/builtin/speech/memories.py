"""What did the fan tell? Answers to "do you remember my dog's name?", from this fan's facts and memories alone."""

import re
from datetime import datetime
from functools import cache
from typing import Any

from agents.builtin.speech import phrases
from agents.builtin.speech.cleaning import without_links
from agents.builtin.speech.grammar import listed
from agents.builtin.speech.hearing import Heard
from agents.builtin.speech.knowledge import in_words
from agents.builtin.speech.scene import Scene
from agents.builtin.speech.words import content, stem, stems
from gator.wording import words_only
from memory.gate import planted
from memory.named_time import named_time

Fact = dict[str, Any]

_REST_OF_QUESTION = re.compile(r"\b(?:is|was|called|name|does|do|and|are|again|lives?|works?)\b")
_WANTS_ADVICE = re.compile(r"\b(?:(?:should|shall|can|could|would|may|must) i|(?:soll|sollte|kann|konnte|darf) ich)\b")
_NAMES = re.compile(r"\b(?:called|names?|old|heissen|heisst|alt)\b")
_QUOTED = re.compile(r"“(.*)”")
_MY = re.compile(r"\bmy ((?:[^\W\d_][\w-]*(?: |$|(?=[?.!,']))){1,4})")


def recalled(scene: Scene, heard: Heard) -> str:
    """The answer to a question about what the fan told; "" when it is no such question."""
    text = _question_in(scene)
    recalls = phrases.form("recalls").search(text)
    if not text or not (heard.asks or recalls):
        return ""
    if phrases.form("all_of_me").search(text):
        return _all(scene)
    if heard.does("love") or (not recalls and _WANTS_ADVICE.search(text)):
        return ""
    named = _named(scene, text)
    if named:
        return _told(scene, named, "recall_lead")
    mine = phrases.form("of_mine").search(text) or (
        recalls and re.search(r"\b(?:i|my|me|mine|ich|mein\w*|mir)\b", text)
    )
    if not mine or (re.match(r"(?:i |ich |my |mein\w* )", text) and "?" not in text):
        return ""
    return _sought(scene)


def _question_in(scene: Scene) -> str:
    """The folded sentences that ask; all of them where none shows it."""
    parts = [words_only(part) for part in re.findall(r"[^.!?\n]+[.!?]*", scene.said)]
    asking = [
        part
        for part in parts
        if "?" in part or phrases.form("question").match(part) or phrases.form("recalls").search(part)
    ]
    return " ".join(asking)


def _named(scene: Scene, text: str) -> list[Fact]:
    """What is known of somebody whom the fan asks about by name: "who is Ana?"."""
    asked = re.search(r"\b(?:who|whos|wer)(?: is| was| ist| war)? (\w+)\??$", text)
    if not asked:
        return []
    return [
        fact
        for fact in scene.facts
        if fact["kind"] in {"pet", "family", "partner"} and words_only(fact["value"]) == asked[1]
    ]


def _sought(scene: Scene) -> str:
    """The facts asked for; else what was said about it; else that it is not known."""
    subject, kinds = subject_in(scene), kinds_in(scene)
    if subject or kinds:
        exact = _matching(scene, subject, kinds)
        if exact:
            return _told(scene, exact, "recall_lead")
        if "name" in kinds and not subject:
            return scene.either("recall_name", value=scene.fan) if scene.fan else scene.either("recall_none_name")
    words = [
        word
        for word in content(scene.said)
        if not re.match(r"(?i)remember|recall|forg|remind|mention|favou?rit|erinner|gemerkt", word)
    ]
    near = _overlapping(scene, frozenset(map(stem, words)), quotes=not kinds)
    if subject:  # never what is known of somebody else
        near = [fact for fact in near if fact["subject"] in same_as(subject, scene.language)]
    if near and not (subject and kinds):
        return _told(scene, near, "recall_lead" if len(words) < 3 else "recall_unsure")
    return _quoted(scene, frozenset(map(stem, words))) or _nothing(scene, subject, kinds, words)


def _matching(scene: Scene, subject: str, kinds: list[str]) -> list[Fact]:
    """Facts of the kind about that subject. A kind that holds no subject is asked of the fan alone."""
    names = same_as(subject, scene.language)
    found = [fact for fact in scene.facts if not subject or fact["subject"] in names]
    if not subject:
        found = [
            fact for fact in found if fact["kind"] in {"pet", "family", "partner", "favourite"} or not fact["subject"]
        ]
    asked = [kind for kind in kinds if kind in {fact["kind"] for fact in found}]
    if subject:
        beyond = [
            kind
            for kind in kinds
            if kind in {"home", "job", "age", "birthday", "origin", "study", "language", "plan", "employer"}
        ]
        if beyond:
            return [fact for fact in found if fact["kind"] in beyond]
        return [fact for fact in found if fact["kind"] in asked] if asked else [
            fact for fact in found if fact["kind"] not in {"home", "job"}
        ] or found  # fmt: skip
    found = [fact for fact in found if fact["kind"] in kinds]
    sure = [fact for fact in found if fact["kind"] != "plan"]  # "when is my …" may be a plan, and is one last
    return _narrowed(scene, sure or found)


def _narrowed(scene: Scene, found: list[Fact]) -> list[Fact]:
    """Of plans, tastes and favourites those that the question names, where it names one."""
    asked = stems(scene.said)
    named = [
        fact for fact in found if asked & stems(f"{fact['value']} {' '.join(same_as(fact['subject'], scene.language))}")
    ]
    specific = [fact for fact in found if fact["kind"] in {"plan", "favourite"}]
    if named:
        return named
    group = _group_in(scene)
    if group:
        return [fact for fact in found if fact["subject"] in group]
    return [] if specific and _names_thing(scene) else found


def _names_thing(scene: Scene) -> bool:
    """Whether the question is after one thing ("when is my exam"), not after all ("what are my plans")."""
    return any(not re.match(r"(?i)plan|favou?rit|thing|liebling|remember", word) for word in content(scene.said))


def _overlapping(scene: Scene, asked: frozenset[str], *, quotes: bool) -> list[Fact]:
    """Facts whose value, subject or (`quotes`) quotation shares the carrying words of the question."""
    close = [fact for fact in scene.facts if asked & stems(f"{fact['value']} {fact['subject']}")]
    if close or not quotes or not asked:
        return close
    return [fact for fact in scene.facts if len(asked & stems(fact["quote"])) >= max(1, len(asked) - 1)]


def _told(scene: Scene, facts: list[Fact], key: str) -> str:
    if all(fact["kind"] == "name" and not fact["subject"] for fact in facts):
        return scene.either("recall_name", value=_clean(facts[-1]["value"]))
    unnamed = [
        fact for fact in facts if fact["kind"] in {"pet", "family", "partner"} and not fact["value"][:1].isupper()
    ]
    if len(unnamed) == len(facts) and _NAMES.search(scene.heard) and _clean(facts[-1]["quote"]):
        return scene.either("recall_said", quote=_short(_clean(facts[-1]["quote"])))  # the name may be in the sentence
    clauses = list(dict.fromkeys(_clean(in_words(fact, scene)) for fact in facts[-6:]))
    return scene.either(key, fact=listed(clauses, scene.language))


def _clean(text: str) -> str:
    return without_links(text).strip()


def _quoted(scene: Scene, asked: frozenset[str]) -> str:
    """What the fan said about it, word for word, with its day; questions are no memories."""
    for memory in scene.memories:
        text = " ".join(_clean(memory["text"]).split())
        if memory["author"] == "fan" and text and not text.endswith("?") and asked & stems(text):
            return scene.either("recall_memory", when=day(memory["at"], scene.language), quote=_short(text))
    return _of_a_sitting(scene, asked) or _said_lately(scene, asked)


def _of_a_sitting(scene: Scene, asked: frozenset[str]) -> str:
    """As above, from the lines of a sitting: who asks the same again and again is recalled their own questions first."""
    when = named_time(scene.said, datetime.fromisoformat(scene.now))
    for sitting in scene.episodes:
        if when and not when[0] <= datetime.fromisoformat(sitting["at"]) < when[1]:
            continue
        for line in sitting["lines"]:
            quote = _QUOTED.search(line["text"])
            if quote and line["by"] == "fan" and asked & stems(quote[1]) and not quote[1].endswith("?"):
                return scene.either("recall_memory", when=day(sitting["at"], scene.language), quote=_clean(quote[1]))
    return ""


def _said_lately(scene: Scene, asked: frozenset[str]) -> str:
    """As above, of what was said so lately that it is still in the window: what shares most words, the newest first."""
    told = [" ".join(_clean(text).split()) for text in reversed(scene.told)]
    told = [text for text in told if text and not text.endswith("?") and planted(text) == []]
    best = max(told, key=lambda text: len(asked & stems(text)), default="")
    return scene.either("recall_said", quote=_short(best)) if asked & stems(best) else ""


def _short(text: str) -> str:
    return text if len(text) <= 220 else text[:220].rsplit(" ", 1)[0] + " …"


def _nothing(scene: Scene, subject: str, kinds: list[str], words: list[str]) -> str:
    thing = thing_in(scene)
    if thing and (subject or words):
        return scene.either("recall_none_about", thing=thing)
    return scene.either("recall_none_name" if kinds == ["name"] else "recall_none")


def thing_in(scene: Scene) -> str:
    """What the fan asks about, as one says it back: "your dog"."""
    found = _MY.search(scene.said.lower().replace("’", "'"))
    if not found:
        return ""
    words = _REST_OF_QUESTION.split(found[1])[0].split()
    return "your " + " ".join(words) if 1 <= len(words) <= 3 and scene.language == "en" else ""


def _all(scene: Scene) -> str:
    """Everything that is known, told by the most personal first; honest when that is nothing."""
    if not scene.facts:
        memory = next(
            (one for one in scene.memories if one["author"] == "fan" and not one["text"].rstrip().endswith("?")), None
        )
        if memory:
            quote = _short(" ".join(_clean(memory["text"]).split()))
            return scene.either("recall_memory", when=day(memory["at"], scene.language), quote=quote)
        return scene.either("recall_stranger")
    clauses = list(dict.fromkeys(_clean(in_words(fact, scene)) for fact in sorted(scene.facts, key=_rank)))
    told = scene.either("recall_all", facts=listed(clauses[:8], scene.language))
    lead = (
        scene.say("recall_you")
        if re.search(r"\b(?:me|mich|wer ich bin|who i am)\b", scene.heard) and scene.happens(0.7, "lead")
        else ""
    )
    more = scene.say("recall_all_more") if len(clauses) > 8 else ""
    return " ".join(part for part in (lead, told, more) if part)


def _rank(fact: Fact) -> int:
    """The name first, then what is the fan's own, then who belongs to them."""
    return 0 if fact["kind"] == "name" and not fact["subject"] else 1 if not fact["subject"] else 2


def subject_in(scene: Scene) -> str:
    """Whose fact is asked for: a person or animal of the fan's that the question names."""
    words = re.findall(r"\w+", scene.heard)
    known = _subjects(scene.language)
    owned = {
        words_only(fact["subject"]): fact["subject"]
        for fact in scene.facts
        if fact["subject"] and fact["kind"] not in {"favourite"}
    }
    for word in words:
        for form in (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("en")):
            if form in owned:
                return str(owned[form])
            if form in known:
                return known[form]
    for fact in scene.facts:  # "who is Ana?"
        if fact["kind"] in {"pet", "family", "partner"} and words_only(fact["value"]) in words:
            return str(fact["subject"])
    return ""


def kinds_in(scene: Scene) -> list[str]:
    """The kinds of fact that the question asks for."""
    return [kind for kind, pattern in _kinds(scene.language).items() if pattern.search(scene.heard)]


def same_as(subject: str, language: str) -> frozenset[str]:
    """That subject and its other names."""
    same: dict[str, str] = phrases.load(f"facts.{language}")["same"]
    for first, others in same.items():
        family = {first, *others.split()}
        if subject in family:
            return (
                frozenset(family)
                if subject in {first, "partner"} or first != "partner"
                else frozenset({subject, "partner"})
            )
    return frozenset({subject})


def _group_in(scene: Scene) -> frozenset[str]:
    groups: dict[str, str] = phrases.load(f"facts.{scene.language}")["groups"]
    return frozenset(
        name for group, names in groups.items() if group in re.findall(r"\w+", scene.heard) for name in names.split()
    )


@cache
def _kinds(language: str) -> dict[str, "re.Pattern[str]"]:
    return {kind: re.compile(pattern) for kind, pattern in phrases.load(f"facts.{language}")["kinds"].items()}


@cache
def _subjects(language: str) -> dict[str, str]:
    """Words for people and animals, folded, and the subject that facts keep them under."""
    data = phrases.load(f"facts.{language}")
    named = {words_only(name): name for name in phrases.load("facts.en")["people"].split()}
    return named | {words_only(word): subject for word, subject in data.get("people_as", {}).items()}


def day(at: str, language: str) -> str:
    """The day of a moment as one says it."""
    moment = datetime.fromisoformat(at)
    months: list[str] = phrases.load(f"replies.{language}")["months"]
    return (
        f"{moment.day}. {months[moment.month - 1]}" if language == "de" else f"{moment.day} {months[moment.month - 1]}"
    )
