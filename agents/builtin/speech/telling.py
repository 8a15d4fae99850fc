"""What did the fan just tell about themselves? Acknowledged by what it is, now and then with a question that fits."""

from agents.builtin.speech.bounds import young
from agents.builtin.speech.grammar import second_person, with_article
from agents.builtin.speech.knowledge import as_said, in_words, subject_word
from agents.builtin.speech.scene import Scene, pool
from agents.builtin.speech.words import stems
from memory.facts import SINGLE, FoundFact

_ENDED = {"pet", "partner"}
_SAME_END = {"job", "employer"}


def acknowledged(scene: Scene) -> str:
    """Words for at most two new facts, and perhaps a question about the last; "" when nothing was told."""
    facts = scene.new_facts
    if not facts:
        return ""
    if all(fact.ends for fact in facts):
        return _ended(scene, facts[0])
    fresh = sorted((fact for fact in facts if not fact.ends), key=lambda fact: fact.kind == "name", reverse=True)[:2]
    parts = [_known(scene, fact) or _one(scene, fact) for fact in fresh]
    if any(fact.kind == "age" and not fact.subject for fact in fresh):  # an age gets no small talk behind it
        return " ".join(parts)
    if scene.happens(0.75, "ask"):
        parts.append(_question(scene, fresh[-1]))
    return " ".join(part for part in parts if part)


def _one(scene: Scene, fact: FoundFact) -> str:
    key = "told_" + fact.kind
    slots = _slots(scene, fact)
    if fact.kind == "age" and not fact.subject and young(scene):
        scene.mood = "firm"
        return scene.either("told_age_minor")
    if fact.kind in {"pet", "family"}:
        named = fact.value[:1].isupper()
        said = scene.either(f"{key}_named" if named else key, **slots)
    elif fact.kind in {"home", "job"} and fact.subject:
        said = scene.either(f"{key}_other", **slots)
    elif fact.kind == "likes" and any(stems(fact.value) & stems(one) for one in scene.me.interests):
        said = scene.either("told_likes_shared", **slots)
    else:
        said = scene.either(key if pool(scene.language, scene.tone, key) else "told_other", **slots)
    return said or scene.either("told_other", **slots) or scene.either("okay")


def _known(scene: Scene, fact: FoundFact) -> str:
    """Words for what the fan had told already, or told otherwise."""
    same = [one for one in scene.facts if one["kind"] == fact.kind and one["subject"] == fact.subject]
    if any(one["value"].casefold() == fact.value.casefold() for one in same):
        return scene.either("told_known", fact=in_words({"kind": fact.kind, "subject": fact.subject, "value": fact.value,
                                                         "quote": fact.quote}, scene))  # fmt: skip
    if same and fact.kind in SINGLE and fact.kind not in {"favourite"}:
        return f"{_one(scene, fact)} {scene.say('told_changed')}".strip()
    return ""


def _ended(scene: Scene, fact: FoundFact) -> str:
    if fact.kind in _ENDED:
        return scene.either(f"told_ended_{fact.kind}", **_slots(scene, fact))
    return scene.either("told_ended_job" if fact.kind in _SAME_END else "told_ended")


def _question(scene: Scene, fact: FoundFact) -> str:
    key = "ask_" + fact.kind
    if fact.subject and fact.kind in {"home", "job"}:
        return ""
    if fact.kind == "pet" and not fact.value[:1].isupper():
        key = "ask_pet_unnamed"
    if fact.kind == "family" and not fact.value[:1].isupper():
        return ""
    return scene.say(key, **_slots(scene, fact)) if pool(scene.language, scene.tone, key) else ""


def _slots(scene: Scene, fact: FoundFact) -> dict[str, str]:
    second = second_person(fact.quote, scene.language) or as_said(fact.quote, scene)
    return {
        "value": fact.value,
        "a_value": with_article(fact.value),
        "subject": subject_word(fact.subject, scene.language),
        "second": second if len(second) <= 160 else "",
    }
