"""How is a fact about the fan said to the fan? A fact as words: "your sister is called Ana". Neighbour: memories (which one)."""

from typing import Any

from agents.builtin.speech import phrases
from agents.builtin.speech.grammar import second_person, with_article
from agents.builtin.speech.scene import Scene


def in_words(fact: dict[str, Any], scene: Scene) -> str:
    """The fact as a clause in the second person, without a full stop."""
    shapes: dict[str, str] = phrases.load(f"facts.{scene.language}")["clauses"]
    shape = shapes.get(_shape(fact))
    value, subject = fact["value"].strip(), subject_word(fact["subject"], scene.language)
    said = phrases.fill(shape, {"value": value, "a_value": with_article(value), "subject": subject}) if shape else None
    return said or as_said(fact["quote"] or value, scene)


def as_said(quote: str, scene: Scene) -> str:
    """The fan's sentence turned to the fan; where grammar does not reach, as a quotation."""
    # "Tomorrow" is only true of the day it was said on, so such words stay a quotation.
    turned = second_person(quote, scene.language)
    if turned is None or _dated(quote):
        words = {"en": "you said “{quote}”", "de": "du hast gesagt: „{quote}“"}[scene.language]
        return words.replace("{quote}", quote.strip().rstrip("."))
    return turned


def subject_word(subject: str, language: str) -> str:
    """Whose it is, in the language spoken: German speaks of "Schwester" where the fact says sister."""
    names: dict[str, str] = phrases.load(f"facts.{language}").get("subjects", {})
    return names.get(subject, subject)


def _shape(fact: dict[str, Any]) -> str:
    """Which clause fits: by kind, whether somebody else is spoken of, and whether the value is a name or a thing."""
    kind, subject, value = fact["kind"], fact["subject"], fact["value"].strip()
    if kind in {"pet", "family", "partner"}:
        named = bool(value) and not value[:1].isdigit() and value[:1].isupper()
        return f"{kind}.named" if named else f"{kind}.one"
    if kind in {"home", "job"} and subject:
        return f"{kind}.of"
    if kind == "job" and value.lower() in {"retired", "unemployed", "self-employed"}:
        return "job.state"
    return str(kind)


def _dated(text: str) -> bool:
    return any(
        word in text.lower()
        for word in ("tomorrow", "today", "tonight", "next ", "this week", "morgen", "heute", "nächste")
    )
