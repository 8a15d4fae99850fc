"""What does a persona write for publication? A short text on a topic, from its card and the topic's and a story's words.

It is put together by a structure of `prompts/builtin/writing.*.toml`; nothing in it claims what neither card nor story says.
"""

import re
from dataclasses import replace
from typing import Any

from agents.builtin.speech import card, company, phrases
from agents.builtin.speech.cleaning import without_links
from agents.builtin.speech.hearing import hear
from agents.builtin.speech.own_words import Self, in_own_words
from agents.builtin.speech.scene import Scene, lower_first, tone_of
from agents.builtin.speech.voice import voiced
from agents.builtin.speech.words import sentences, stems

LONGEST_TOPIC = 12  # words; a longer brief is cut where its first thought ends
_ARTICLES = r"(?:(?:an?|the|some|short|funny|little|nice|eine?n?|kurze[rn]?) )*"
_ORDER = re.compile(
    rf"^(?:please |bitte )?(?:write |make |do |post |say |schreib\w* )?{_ARTICLES}"
    r"(?:posts?|captions?|text|words?|reply|update|note|message|beitrag|bildunterschrift|antwort)?\s*"
    r"(?:about|on|for|regarding|über|zu|zum|zur|für)\s+"
    r"|^(?:about|on|regarding|that|über|announce|promote|celebrate|mention|introduce|share|discuss|praise)\s+"
    r"|^(?:tell|remind) (?:people|everybody|fans|them) (?:about|that|of)\s+"
    r"|^(?:an?|the|my|our|this) (?:photo|picture|image|video|clip|photograph|foto|bild)s? (?:of|showing|with)\s+",
    re.IGNORECASE,
)
_NEXT_THOUGHT = re.compile(
    r"\s*(?:[.;:!?\n]|,? (?:and|but|then) (?:mention|include|say|ask|tell|keep|make|add|use|don't|do not)\b"
    r"|,? \b(?:with|without|no) (?:\w+ )?(?:hashtags?|emojis?|links?)\b|,? \b(?:mention|include)\b|, | – | - ).*$",
    re.IGNORECASE | re.DOTALL,
)
_ASKED = re.compile(
    r"\b(?:asks?|asking|asked|wonders?|wondering|wants to know|fragt|wissen will)\b,? "
    r"((?:if|whether|when|where|why|how|what|who|which|ob|wann|wo|warum|wie|was|wer)\b.+)",
    re.IGNORECASE,
)
_GRAVE = re.compile(
    r"\b(?:kill\w*|dead|dies|died|death\w*|murder\w*|war|attack\w*|bomb\w*|shooting|crash\w*|earthquake|flood\w*|victims?|funeral|famine|"
    r"terror\w*|disaster|tragedy|suicide|abuse\w*|massacre|hostages?|tot|tote\w*|getötet|krieg|anschlag|opfer|unglück|katastrophe|mord\w*)\b",
    re.IGNORECASE,
)
_SPOKEN_TO = re.compile(r"\b(?:you|your|you're|u|i|i'm|me|my|du|dein\w*|ich|mein\w*)\b", re.IGNORECASE)


def write(scene: Scene, brief: dict[str, Any]) -> str:
    """The text that the brief asks for: the same for the same persona and brief, of which `take` counts other ones."""
    story = brief.get("story")
    seed = "\x1f".join((scene.me.name, brief["kind"], brief["length"], brief["about"], story["title"] if story else ""))
    seed += "\x1f" * (brief.get("take", 1) - 1)
    scene = replace(scene, seed=seed, said=brief["about"], new_facts=[], used="", mood="plain")
    scene.language = "de" if (brief.get("language") or scene.me.language)[:2] == "de" else "en"
    asked = _ASKED.search(brief["about"]) if brief["kind"] == "reply" else None
    topic = topic_of(asked[1] if asked else brief["about"])
    shape = "asked" if asked else _shape(brief, topic, story)
    if shape == "grave":
        scene.mood = "firm"
    slots = slots_of(scene, topic, story)
    rows = phrases.load(f"writing.{scene.language}")["structures"][f"{shape}.{brief['length']}"]
    for row in phrases.shuffled(rows, seed, "structure"):
        text = _text(scene, row, slots)
        if text:
            return _paragraphs(scene, text)
    return _paragraphs(scene, f"{phrases.capital(topic)}.") or scene.me.name


def _shape(brief: dict[str, Any], topic: str, story: dict[str, str] | None) -> str:
    """Which family of structures: a story's, a grave one's, a reply to somebody's own words, or the kind asked for."""
    if story:
        return "grave" if is_grave(story) else "story"
    addressed = brief["kind"] == "reply" and (_SPOKEN_TO.search(brief["about"]) is not None or len(topic.split()) > 8)
    return "message" if addressed or not topic else str(brief["kind"])


def is_grave(story: dict[str, str]) -> bool:
    """Whether it tells of death or disaster."""
    return _GRAVE.search(f"{story['title']} {story['summary']}") is not None


def _answered(scene: Scene) -> str:
    """What the persona would answer to a compliment, thanks or a feeling; "" when the message is none of these."""
    heard = hear(scene)
    if heard.bounds or heard.asks:
        return ""
    return company.social(scene, heard) or (scene.either(f"feel_{heard.feelings[0]}") if heard.feelings else "")


def topic_of(about: str) -> str:
    """What a brief is about, as a phrase that fits into a sentence."""
    text = without_links(" ".join(about.split())).strip(" .!?\"“”„«»'")
    for _ in range(2):  # "a caption for" and then "a photo of"
        text = _ORDER.sub("", text)
    short = _NEXT_THOUGHT.sub("", text).strip(' ,"“”')
    words = (short or text).split()
    if len(words) > LONGEST_TOPIC:
        words = words[:LONGEST_TOPIC]
        while len(words) > 3 and words[-1].lower() in {
            "and",
            "or",
            "the",
            "a",
            "an",
            "of",
            "to",
            "in",
            "with",
            "for",
            "that",
            "und",
            "der",
            "die",
        }:
            words.pop()
    return _said_by_the_persona(" ".join(words))


def _said_by_the_persona(topic: str) -> str:
    """A brief speaks of "your" things; the persona speaks of "my"."""
    topic = re.sub(r"\byour\b", "my", topic)
    first = topic.split(" ")[0] if topic else ""
    return (
        lower_first(topic)
        if first in {"The", "A", "An", "My", "Our", "How", "Why", "What", "When", "Where", "Some", "Your"}
        else topic
    )


def slots_of(scene: Scene, topic: str, story: dict[str, str] | None) -> dict[str, str]:
    """What fills the lines: the topic, the story's words, the card's."""
    me = scene.me
    interests = [one for one in phrases.shuffled(me.interests, scene.seed) if not stems(one) & stems(topic)]
    own = scene.language == me.language[:2]
    signatures = [
        one for one in me.speech.signature_phrases if not re.search(r"\b(?:tell me|let us|let's)\b", one, re.IGNORECASE)
    ]
    about = stems(f"{topic} {story['title'] if story else ''}")
    line = sentences(card.line(scene, about) if own else "")[:1]
    return {
        "topic": topic,
        "interest": interests[0] if interests else "",
        "interest2": interests[1] if len(interests) > 1 else "",
        "signature": phrases.shuffled(signatures, scene.seed)[0] if signatures and own else "",
        "quirk": _quirk(scene) if own else "",
        "answer": _answered(scene),
        "line": "".join(one if one.startswith(("I ", "I'")) else lower_first(one) for one in line),
        "title": _quotable(story["title"]) if story else "",
        "gist": _gist(story) if story else "",
    }


def _quirk(scene: Scene) -> str:
    """A quirk of the card as the persona says it: "I measure time in tides"."""
    who = Self(scene.me.name, scene.me.pronouns)
    told = [one for one in scene.me.speech.quirks if re.match(r"[a-z]+s\b", one) and not one.startswith("addresses")]
    if not told:
        return ""
    quirk = phrases.shuffled(told, scene.seed, "quirk")[0].rstrip(".")
    return in_own_words([f"{who.first} {quirk}"], who, life=True)[0]


def _quotable(text: str) -> str:
    return re.sub(r"[“”„«»\"]", "'", without_links(" ".join(text.split()))).strip(" .")


def _gist(story: dict[str, str]) -> str:
    """The first sentence of a story's summary, when it is short enough to be quoted and more than the title."""
    return (quotations(story) or [""])[0]


def quotations(story: dict[str, str]) -> list[str]:
    """The sentences of a story's summary as they can be quoted; "" for one that cannot, or that only says the title again."""
    told = sentences(without_links(re.sub(r"<[^>]*>", " ", story["summary"] or "")))
    plain = [re.sub(r"[“”„«»\"]", "'", one).strip() for one in told]
    title = story["title"].strip()
    return [one if 20 <= len(one) <= 240 and one.rstrip(".") != title else "" for one in plain]


def _text(scene: Scene, row: str, slots: dict[str, str]) -> str:
    """The structure filled; "" when one of its sentences cannot be."""
    scene.used = ""
    parts: list[str] = []
    for kind in row.split():
        said = "\n\n" if kind == "/" else slots["answer"] if kind == "answer" else sentence(scene, kind, slots)
        if not said and kind != "gist":
            return ""
        parts.append(said)
    return " ".join(part for part in parts if part)


def sentence(scene: Scene, kind: str, slots: dict[str, str]) -> str:
    """A line of that kind, filled and not said before; "" when there is none."""
    data = phrases.load(f"writing.{scene.language}")
    tone = tone_of(scene.me)
    special = data.get(tone, {}).get(kind, []) if tone != "any" else []
    everybody = data["any"].get(kind, [])
    pools = [special, everybody] if special and scene.happens(0.6, kind) else [[*special, *everybody]]
    for pool in pools:
        for line in phrases.shuffled(pool, scene.seed, kind):
            text = phrases.fill(line, slots)
            if text and not scene.was_said(text):
                return scene.note(text)
    return ""


def _paragraphs(scene: Scene, text: str) -> str:
    """Each paragraph in the persona's voice; an emoji at most in the last one."""
    told = [part.strip() for part in text.split("\n\n") if part.strip()]
    voices = [replace(scene, mood="firm" if n < len(told) - 1 else scene.mood) for n in range(len(told))]
    return "\n\n".join(said for voice, part in zip(voices, told, strict=True) if (said := voiced(voice, part)))
