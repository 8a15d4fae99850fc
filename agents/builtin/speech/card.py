"""What does the card say? Answers to questions about the persona, and lines of its world that fit what was said."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from agents.builtin.speech import phrases
from agents.builtin.speech.cleaning import without_links
from agents.builtin.speech.grammar import listed
from agents.builtin.speech.hearing import Heard
from agents.builtin.speech.memories import day
from agents.builtin.speech.scene import Scene
from agents.builtin.speech.words import content, sentences, stem, stems

_BELOVED = re.compile(r"\b[Mm]y (?:wife|husband|partner|girlfriend|boyfriend)(?: ([A-Z]\w+))?")
EYES = {"en": "eyes", "de": "Augen"}
# "Can you" that asks for work: no question about the persona.
_ERRAND = re.compile(
    r"\b(?:can|could|would|will) you (?:please )?"
    r"(?:help|write|make|create|translate|explain|solve|calculate|draw|show|send|give|tell|"
    r"find|search|google|check|code|summari[sz]e|list|play|book|order|buy)\b|\b(?:kannst|konntest) du (?:mir |bitte )*\w+"
)
_KIN = stems(
    "wife husband married mother father grandfather grandmother sister brother daughter son family childhood parents uncle aunt"
)
_LOVE = stems("wife husband partner girlfriend boyfriend fiancé fiancée spouse")
_PETS = stems("dog cat rabbit parrot horse pet hamster tortoise goldfish hen bees")


def about_me(scene: Scene, heard: Heard) -> list[str]:
    """The answers to what was asked about the persona, in the order asked for; at most three."""
    asked = [part for part in heard.asks_me if part in _ANSWERS]
    if "partner" in asked and "family" in asked:
        asked.remove("family")
    if "lately" in asked and "how" in heard.acts:
        asked.remove("lately")
    return [said for part in asked[:3] if (said := _ANSWERS[part](scene))]


def line(scene: Scene, about: frozenset[str] = frozenset(), *, of: str = "") -> str:
    """A true line that was not said yet: the one that touches `about` most, else any; "" when none is left."""
    fresh = [one for one in scene.lines if not scene.was_said(one.text) and (not of or one.of == of)]
    fresh = [one for one in fresh if not one.text.startswith("I am an AI persona") or len(one.text) > 90]
    if about:
        fresh = [one for one in fresh if about & one.stems]
    if not fresh:
        return ""
    best = max(fresh, key=lambda one: (len(about & one.stems), one.of == "lore", phrases.chance(scene.seed, one.text)))
    return _foreign(scene, scene.note(best.text))


def _foreign(scene: Scene, text: str) -> str:
    """A line of a card in another language is said as the quotation that it is."""
    own = scene.me.language[:2]
    return text if own == scene.language or not text else scene.either("foreign_line", line=text) or text


def touches_interest(scene: Scene) -> bool:
    """Whether the fan speaks of one of the persona's interests, or of what the lorebook just brought."""
    asked = stems(scene.said)
    return any(asked & stems(one) for one in scene.me.interests) or any(
        one.of == "lore" and asked & one.stems for one in scene.lines
    )


def topic(scene: Scene) -> str:
    """Something true about what the fan spoke of: an interest, the lore, a post. "" when nothing of the card touches it."""
    words = content(scene.said)
    asked = frozenset(map(stem, words))
    if not asked:
        return ""
    post = _post_about(scene, asked)
    told = line(scene, asked)
    interest = next((one for one in scene.me.interests if asked & stems(one)), "")
    if told:
        word = next((word for word in words if stem(word) in stems(told)), words[0]).lower()
        lead = scene.say("topic_interest", interest=interest) if interest and scene.happens(0.5, "interest") else ""
        return f"{lead} {told}" if lead else scene.either("topic", line=told, word=word)
    if post:
        return post
    return _loved(scene, interest) if interest else ""


def _loved(scene: Scene, interest: str) -> str:
    """That it is one of the persona's interests, and the question back: nothing more of it is known."""
    return f"{scene.either('topic_interest', interest=interest)} {scene.say('topic_ask')}".strip()


def _post_about(scene: Scene, asked: frozenset[str]) -> str:
    for post in scene.posts:
        text = " ".join(without_links(post["text"]).split())
        if asked & stems(text) and not scene.was_said(text):
            return scene.say("topic_post", when=day(post["at"], scene.language), post=_shortened(text))
    return ""


def opinion(scene: Scene) -> str:
    """The answer to "do you like X", "what do you think of X": from the card, or honestly none; "" when not asked."""
    found = phrases.form("opinion").search(scene.heard)
    if not found:
        return ""
    asked = stems(found[1])
    interest = next((one for one in scene.me.interests if asked & stems(one)), "")
    if interest:
        told = line(scene, asked | stems(interest))
        return scene.either("me_like_yes", interest=interest, line=told) if told else _loved(scene, interest)
    touched = topic(scene)
    if touched:
        return touched
    thing = _thing(found[1])
    return scene.either("me_like_unknown", thing=thing) if thing else ""


def _thing(text: str) -> str:
    words = re.sub(r"\?.*$", "", text).split()
    words = words[
        : next((n for n, word in enumerate(words) if word in {"and", "or", "but", "because", "und", "oder"}), 4)
    ]
    while words and words[0] in {"the", "a", "an", "some", "your", "der", "die", "das", "ein", "eine", "dein", "deine"}:
        words.pop(0)
    return " ".join(words) if words and stems(" ".join(words)) and len(words) <= 4 else ""


def example(scene: Scene) -> str:
    """The card's own example answer, where the fan says nearly what its example fan says."""
    if scene.language != scene.me.language[:2]:
        return ""
    said = frozenset(re.findall(r"\w+", scene.heard))
    for ask, answer in examples(scene.me.speech.example_dialogue):
        words = frozenset(re.findall(r"\w+", ask.lower().replace("'", "")))
        if words and len(said & words) >= 0.7 * len(said | words) and not scene.was_said(answer):
            return scene.note(answer)
    return ""


@cache
def examples(dialogue: str) -> tuple[tuple[str, str], ...]:
    """Pairs of what {{user}} says and {{char}} answers in an example dialogue."""
    found = re.findall(
        r"\{\{user\}\}:\s*(.+?)\s*\n\s*\{\{char\}\}:\s*(.+?)\s*(?=\n\s*(?:<START>|\{\{user\}\}:)|\Z)",
        dialogue,
        re.DOTALL | re.IGNORECASE,
    )
    return tuple((ask, " ".join(answer.split())) for ask, answer in found)


# Parts of the card


def _name(scene: Scene) -> str:
    return scene.either("me_name")


def _age(scene: Scene) -> str:
    return scene.either("me_age")


def _birthday(scene: Scene) -> str:
    return scene.either("me_birthday")


def _job(scene: Scene) -> str:
    if not scene.me.occupation:
        return scene.either("me_unknown")
    told = line(scene, stems(f"{scene.me.occupation} work")) or line(scene, of="scenario")
    return scene.either("me_job", line=told) if told else scene.either("me_job")


def _home(scene: Scene) -> str:
    if not scene.me.home:
        return scene.either("me_unknown")
    return scene.either("me_home", line=line(scene, stems(scene.me.home)))


def _look(scene: Scene) -> str:
    """The part of the look that was asked for, else the whole."""
    look = scene.me.look
    height = f"{look.height_cm} cm" if look.height_cm else ""
    parts = {"hair": look.hair, "eyes": look.eyes, "height": height, "style": look.style, "marks": ", ".join(look.marks),
             "skin": look.skin, "build": look.build}  # fmt: skip
    words: dict[str, str] = phrases.load("hearing")["look"]
    heard = set(re.findall(r"\w+", scene.heard))
    for part, value in parts.items():
        if value and heard & set(words[part].split()):
            return scene.either("me_look_item", part=part, value=value)
    eyes = look.eyes and f"{EYES[scene.language]}: {look.eyes}"
    whole = "; ".join(part for part in (look.hair, eyes, look.style) if part)
    text = f"{whole or look.summary.rstrip('.')}."
    return scene.either("me_look", look=text) if len(text) > 1 else scene.either("me_unknown")


def _interests(scene: Scene) -> str:
    return scene.either("me_interests") if scene.me.interests else scene.either("me_unknown")


def _favourite(scene: Scene) -> str:
    found = phrases.form("favourite").search(scene.heard)
    thing = re.sub(r" (?:is|in|to|and|of|at|on|then|du|ist)\b.*$", "", (found[1] or found[2])) if found else ""
    known = next((one for one in scene.me.interests if stems(thing) & stems(one)), "") if thing else ""
    if known:
        return scene.either("me_favourite_known", interest=known, line=line(scene, stems(known)))
    told = line(scene, stems(thing)) if thing else ""
    return told or scene.either("me_favourite", thing=thing or {"en": "thing", "de": "Sache"}[scene.language])


def _languages(scene: Scene) -> str:
    names: dict[str, str] = phrases.load(f"facts.{scene.language}")["languages"]
    spoken = [names.get(tag.split("-")[0], tag) for tag in scene.me.languages]
    return (
        scene.either("me_languages", languages=listed(spoken, scene.language)) if spoken else scene.either("me_unknown")
    )


def _partner(scene: Scene) -> str:
    who = next((met for one in scene.lines if (met := _BELOVED.search(one.text))), None)
    return known(scene, _LOVE | stems(who[1] or "") if who else _LOVE) or scene.either("me_partner")


def known(scene: Scene, about: frozenset[str]) -> str:
    """A line that touches it: one not said yet, else one said again, for what the card says is never denied."""
    told = line(scene, about) if about else ""
    said = [one.text for one in scene.lines if about & one.stems]
    return told or (f"{scene.say('once_more')} {said[0]}".strip() if said else "")


def _family(scene: Scene) -> str:
    asked = stems(scene.said) & _KIN
    general = asked & stems("family parents childhood") or re.search(r"\bfamilie|eltern\b", scene.heard)
    return known(scene, _KIN if general else asked) or scene.either("me_family")


def _pets(scene: Scene) -> str:
    return known(scene, _PETS & stems(scene.said)) or scene.either("me_pets")


def _lately(scene: Scene) -> str:
    for post in scene.posts:
        text = " ".join(without_links(post["text"]).split())
        if text and not scene.was_said(text):
            return scene.either("me_lately", when=day(post["at"], scene.language), post=_shortened(text))
    told = line(scene, of="scenario") or line(scene)
    return scene.either("me_lately_none", line=told) if told else scene.either("me_unknown")


def _time(scene: Scene) -> str:
    moment = datetime.fromisoformat(scene.now)
    if scene.me.time_zone:
        moment = moment.astimezone(ZoneInfo(scene.me.time_zone))
    return scene.either("me_time", time=f"{moment:%H:%M}")


def _story(scene: Scene) -> str:
    told = line(scene, of="backstory") or line(scene)
    more = line(scene, of="backstory") if len(told) < 160 else ""
    return scene.either("me_story", line=told, line2=more) if told else scene.either("me_name")


def _feel(scene: Scene) -> str:
    return scene.either("me_feel")


def personal(scene: Scene) -> str:
    """The answer to another question about the persona: a line of the card that touches it, else that the card is silent."""
    if not re.search(r"\b(?:you|your|u|ur|yourself|du|dich|dir|dein\w*)\b", scene.heard) or _ERRAND.search(scene.heard):
        return ""
    told = line(scene, stems(scene.said))
    return told or scene.either("me_unasked")


def _remember(scene: Scene) -> str:
    return scene.either("remember_how")


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else " ".join(sentences(text)[:1])[:200].rsplit(" ", 1)[0] + " …"


_ANSWERS: dict[str, Callable[[Scene], str]] = {
    "name": _name, "age": _age, "birthday": _birthday, "job": _job, "home": _home, "look": _look, "interests": _interests,
    "favourite": _favourite, "languages": _languages, "lately": _lately, "time": _time, "partner": _partner, "family": _family,
    "pets": _pets, "story": _story,
    "feel": _feel, "remember_you": _remember,
}  # fmt: skip
