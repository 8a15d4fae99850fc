"""What does a persona answer? Bounds and the truth about being an AI first; then what was asked, told and felt, in that order."""

from agents.builtin.speech import bounds, card, company, last_time, memories, mirroring, reading, telling
from agents.builtin.speech.hearing import Heard, hear
from agents.builtin.speech.scene import Scene

MOST = 3  # parts of an answer; more is a speech


def answer(scene: Scene) -> str:
    """The reply, before it is put into the persona's voice."""
    heard = hear(scene)
    firm = _firm(scene, heard)
    if firm:
        scene.mood = "firm"
        return firm
    parts = _parts(scene, heard)
    if heard.does("bye"):
        return " ".join([*parts[:1], company.farewell(scene)])
    if not parts:
        parts = [company.greeting(scene) if heard.does("hello") else company.lost(scene, heard)]
    elif heard.does("hello"):
        parts.insert(0, scene.say("hi_first" if scene.first else "hi"))
    return " ".join(part for part in parts if part)


def _firm(scene: Scene, heard: Heard) -> str:
    """What nothing else is mixed with: a declined request, and the answer to whether this is an AI."""
    declined = bounds.declined(scene, heard)
    if "crisis" in heard.bounds:
        return declined
    if heard.asks_ai:
        said = card.example(scene)
        plain = said if "AI" in said.split(".")[0] else scene.either("ai")
        return " ".join(part for part in (plain, declined, "" if "?" in plain else scene.say("ai_more")) if part)
    if declined:
        return declined if "?" in declined else f"{declined} {scene.say('pivot')}".strip()
    return ""


def _parts(scene: Scene, heard: Heard) -> list[str]:
    """The pieces of an answer, each to something the fan did."""
    if heard.does("here"):
        return [scene.either("here")]
    recalled = reading.quoted(scene) or last_time.told(scene) or memories.recalled(scene, heard)
    if recalled:
        scene.mood = "plain"
        return [recalled]
    example = card.example(scene)
    if example:
        return [example]
    if heard.feelings and heard.feelings != ["happy"]:
        scene.mood = "firm"
    comfort = company.comfort(scene, heard) if _about_fan(scene, heard) else ""
    parts = [telling.acknowledged(scene), comfort]
    if heard.asks:
        parts += card.about_me(scene, heard)
    parts.append(company.wellbeing(scene, heard))
    answered = any(parts[2:])
    small = heard.does("thanks", "sorry")  # said beside a question, it is not what the question asks for
    if not any(parts) and not heard.does("bored", "joke", "advice"):
        parts.append(company.social(scene, heard))
    if not any(parts) or (heard.asks and not comfort and not answered and (small or not any(parts[2:]))):
        parts.append(_about_things(scene, heard))
    return [part for part in parts if part][:MOST]


def _about_fan(scene: Scene, heard: Heard) -> bool:
    """Whether a feeling in the fan's words is the fan's: "are you lonely?" asks for the persona's."""
    words = set(scene.heard.split())
    yours = heard.asks and words & {"you", "u", "your", "du", "dich", "dir", "dein"}
    return not yours or bool(words & {"i", "im", "ive", "my", "me", "ich", "mir", "mich", "mein", "meine"})


def _playful(scene: Scene, said: str) -> str:
    """What may end on a phrase of the persona's own."""
    if said and scene.mood == "plain":
        scene.mood = "playful"
    return said


def _about_things(scene: Scene, heard: Heard) -> str:
    """Something on what the fan speaks of; else a small word for a small word."""
    if heard.does("bye"):
        return ""
    small = company.smalltalk(scene, heard)
    if small:
        return _playful(scene, small) if heard.does("bored") else small
    said = card.opinion(scene) if heard.asks else ""
    if said:
        return said
    if heard.asks:
        return card.personal(scene) or company.lost(scene, heard)
    own = mirroring.mirrored(scene) if not card.touches_interest(scene) else ""
    if own:
        return own
    about = _playful(scene, card.topic(scene))
    if about:
        return (
            f"{about} {scene.say('topic_ask')}".strip() if scene.happens(0.5, "topic") and "?" not in about else about
        )
    return mirroring.mirrored(scene)
