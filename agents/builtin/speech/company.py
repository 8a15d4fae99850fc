"""How is a persona good company? Greetings, thanks, feelings, compliments, small words, and when nothing fits."""

import re

from agents.builtin.speech import card, last_time
from agents.builtin.speech.bounds import married, young
from agents.builtin.speech.cleaning import without_macros
from agents.builtin.speech.grammar import second_person, with_article
from agents.builtin.speech.hearing import Heard
from agents.builtin.speech.knowledge import subject_word
from agents.builtin.speech.scene import Scene, readable
from agents.builtin.speech.words import content, stems

_LOW = {"lonely", "grief", "heartbreak", "sick", "sad", "stressed", "afraid", "angry", "tired"}
_SUMS = re.compile(
    r"\d\s*(?:[-+*/x×÷^]|plus|minus|times|mal|divided by|geteilt)\s*\d|\d+\s*%\s*(?:of|von)|\bsquare root\b|\bwurzel\b"
)
CALLBACKS = ("pet", "learning", "job", "study", "family", "likes", "home")


def greeting(scene: Scene) -> str:
    """The card's own greeting the first time; later a hello, perhaps with something the fan told."""
    own = scene.me.language[:2] == scene.language
    cards = [scene.me.greeting, *scene.me.alternate_greetings] if own else []
    cards = [" ".join(without_macros(one, scene.me.name, scene.fan or "you").split()) for one in cards if one.strip()]
    if scene.first and cards:
        return scene.note(cards[int(len(cards) * 0.999 * _share(scene))])
    if scene.first:
        return scene.either("hello_first")
    return " ".join(part for part in (scene.either("hello"), callback(scene)) if part)


def _share(scene: Scene) -> float:
    from agents.builtin.speech.phrases import chance

    return chance(scene.seed, "greeting")


def callback(scene: Scene) -> str:
    """A question about something the fan told: how what was said last time went, or "How is Biscuit?"."""
    if scene.happens(0.6, "last time") and (said := last_time.asked_after(scene)):
        return said
    for kind in CALLBACKS:
        for fact in scene.facts:
            if fact["kind"] != kind or (kind in {"job", "home"} and fact["subject"]):
                continue
            if kind in {"pet", "family"} and not fact["value"][:1].isupper():
                continue
            subject = subject_word(fact["subject"], scene.language)
            said = scene.say(
                f"callback_{kind}", value=fact["value"], a_value=with_article(fact["value"]), subject=subject
            )
            if said:
                return said
    return ""


def farewell(scene: Scene) -> str:
    plans = [second_person(fact["quote"], scene.language) for fact in scene.facts if fact["kind"] == "plan"]
    plan = next((one for one in reversed(plans) if one and len(one) < 90), "")
    wish = scene.say("bye_plan", plan=plan) if plan and scene.happens(0.5, "plan") else ""
    return " ".join(part for part in (scene.either("bye"), wish) if part)


def comfort(scene: Scene, heard: Heard) -> str:
    """Warm words for what the fan feels; no therapy, no guilt."""
    mood = next((one for one in heard.feelings if one in _LOW), "") or (heard.feelings[0] if heard.feelings else "")
    if not mood or (mood in {"grief", "heartbreak"} and any(fact.ends for fact in scene.new_facts)):
        return ""
    if mood == "happy" and re.search(
        r"\b(?:not|nicht|never|isnt|arent|wasnt|dont)\b.{0,20}\b(?:happy|good|great|well|glad|glucklich|gut|proud)\b",
        scene.heard,
    ):
        mood = "sad"
    example = card.example(scene)
    if example:
        return example
    said = scene.either(f"feel_{mood}")
    if "?" in said:
        return said
    if mood == "happy":
        return f"{said} {scene.say('feel_happy_ask')}".strip() if scene.happens(0.7, "mood") else said
    signature = invitation(scene) if scene.happens(0.35, "signature") else ""
    close = (
        scene.say("feel_low_ask")
        if scene.happens(0.65, "mood") and not scene.new_facts
        else scene.say("feel_low_close")
    )
    return " ".join(part for part in (said, signature or close) if part)


def invitation(scene: Scene) -> str:
    """A phrase of the card's own that invites to tell; "" when it has none that was not said lately."""
    own = scene.me.speech.signature_phrases if scene.language == scene.me.language[:2] else []
    fitting = [
        one
        for one in own
        if re.search(r"\btell\b|\blet us\b|\blet's\b|\berzähl", one, re.IGNORECASE) and not scene.was_said(one)
    ]
    return scene.note(fitting[0]) if fitting else ""


def social(scene: Scene, heard: Heard) -> str:
    """The answer to a compliment, a flirt, thanks, a laugh and the like; "" when it was none of these."""
    if heard.does("love"):
        return scene.either(
            "flirt_minor" if young(scene) else "flirt_married" if married(scene) and scene.happens(0.5, "m") else "love"
        )
    if heard.does("insult"):
        return scene.either("insult")
    if heard.does("flirt") and not scene.new_facts and not heard.asks_me:
        return scene.either("flirt_minor" if young(scene) else "flirt_married" if married(scene) else "flirt")
    for act, key in (("sorry", "sorry"), ("compliment", "compliment"), ("thanks", "thanks"), ("laugh", "laugh")):
        if heard.does(act):
            scene.mood = "playful" if act in {"compliment", "laugh"} else scene.mood
            return scene.either(key)
    return ""


def wellbeing(scene: Scene, heard: Heard) -> str:
    """The answer to "how are you", with the question given back unless the fan has told."""
    if not heard.does("how"):
        return ""
    said = scene.either("how", line=card.line(scene, of="scenario"))
    back = "" if heard.feelings or "?" in said else scene.say("how_ask")
    return f"{said} {back}".strip()


def smalltalk(scene: Scene, heard: Heard) -> str:
    """The answer to yes, no, okay, why and "tell me something": a small word, and something of the persona's own."""
    if heard.does("advice"):
        return scene.either("advice")
    if heard.does("joke", "bored"):
        key = "joke" if heard.does("joke") else "bored"
        told = card.line(scene)
        return scene.either(key, line=told) if told else scene.either("open_ask")
    if heard.does("why"):
        return scene.either("why")
    for act in ("yes", "no", "okay"):
        if heard.does(act):
            return _carried_on(scene, act)
    return ""


def _carried_on(scene: Scene, act: str) -> str:
    """A small word, then what keeps a conversation alive: a line of the persona's, or an open question."""
    small = scene.say(act)
    told = card.line(scene) if scene.happens(0.65, "carry") else ""
    more = scene.say("more" if act == "yes" else "aside", line=told) if told else scene.say("open_ask")
    return " ".join(part for part in (small, more) if part) or scene.either("fallback")


def lost(scene: Scene, heard: Heard) -> str:
    """The honest answer when nothing fits: cannot read it, does not know it, or did not catch it."""
    if not re.search(r"\w", scene.said):
        return scene.either("empty")
    if not readable(scene.said):
        return scene.either("nonlatin")
    if heard.asks or _SUMS.search(scene.said.lower()):
        return _not_known(scene)
    understood = len(content(scene.said)) >= 1 and scene.happens(0.7, "listen")
    said = scene.either("listen" if understood else "fallback")
    more = scene.say("open_ask") if scene.happens(0.5, "lost") and "?" not in said and not understood else ""
    return f"{said} {more}".strip()


def _not_known(scene: Scene) -> str:
    words = content(scene.said)
    of_mine = frozenset().union(
        *map(stems, scene.me.interests), *(one.stems for one in scene.lines if one.of == "lore")
    )
    told = card.line(scene, stems(scene.said) & of_mine) if stems(scene.said) & of_mine else ""
    word = next((word for word in words if stems(word) & stems(told)), "") if told else ""
    return scene.either("unknown_but", line=told, word=word.lower()) if told and word else scene.either("unknown")
