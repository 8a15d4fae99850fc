"""How does it sound? The reply in the persona's register, with its phrases, its way to address people and its emoji."""

import re
from collections.abc import Callable

from agents.builtin.speech import phrases
from agents.builtin.speech.cleaning import emoji_in, tidy, without_claims, without_emoji, without_links
from agents.builtin.speech.scene import Scene, address_of

_LONG_FORMS = {
    "'m": " am", "'ve": " have", "'d": " would", "'ll": " will", "'re": " are", "can't": "cannot",
    "won't": "will not", "n't": " not",
    "it's": "it is", "that's": "that is", "what's": "what is", "there's": "there is", "who's": "who is", "how's": "how is",
    "here's": "here is", "where's": "where is", "let's": "let us",
}  # fmt: skip
_LONG = re.compile(
    r"\b(?:can't|won't|(?:it|that|what|there|who|how|here|where|let)'s)(?!\w)|(?<=\w)(?:'m|'ve|'d|'ll|'re)(?!\w)|(?<=\w)n't(?!\w)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"(“[^”]*”|„[^“]*“|\"[^\"]*\")")
_INVITES = re.compile(r"\btell\b|\blet us\b|\blet's\b|\berzähl|\?", re.IGNORECASE)
SOLEMN = "🤖🥀💔😢😭⚰️"  # never put where the mood is not known


def voiced(scene: Scene, text: str) -> str:
    """The text as this persona says it; how playful it may be is the scene's mood."""
    text = tidy(without_links(text))
    if not _own_words(scene, text):
        if scene.tone == "courteous" and scene.language == "en":
            text = _unquoted(text, _in_long)
            text = _addressed(scene, text) if scene.happens(0.3, "address") else text
        if scene.mood == "playful":
            text = _signed(scene, text)
        if scene.mood != "firm":
            text = _with_emoji(scene, text)
    if scene.me.speech.emoji == "none":
        text = without_emoji(text)
    return tidy(without_claims(text, scene.me.speech.forbidden_phrases))


def _own_words(scene: Scene, text: str) -> bool:
    """Whether the card's author wrote that reply: then nobody else adds to it."""
    me = scene.me
    return phrases.plain(text) in phrases.plain(
        " | ".join([me.greeting, *me.alternate_greetings, me.speech.example_dialogue])
    )


def _in_long(text: str) -> str:
    return _LONG.sub(lambda form: _long(form[0]), text)


def _long(short: str) -> str:
    long = _LONG_FORMS[short.lower()]
    return phrases.capital(long) if short[0].isupper() else long


def _unquoted(text: str, change: Callable[[str], str]) -> str:
    """The change made everywhere but in quotations."""
    return "".join(part if _QUOTED.fullmatch(part) else change(part) for part in _QUOTED.split(text))


def _addressed(scene: Scene, text: str) -> str:
    """The persona's way to call people, at the end of a short first sentence: "my friend"."""
    address = address_of(scene.me)
    if not address or address.lower() in text.lower() or (scene.fan and scene.fan in text):
        return text
    return re.sub(r"^([^.!?:;,“”]{4,60})([.!?])(?=\s|$)", rf"\1, {address}\2", text, count=1)


def _signed(scene: Scene, text: str) -> str:
    """One of the persona's own phrases after it, now and then, never one that was said lately."""
    foreign = scene.language != scene.me.language[:2]
    if foreign or text.rstrip().endswith("?") or not scene.happens(0.2, "sign") or len(text) > 220:
        return text
    said = phrases.plain(text)
    own = [one for one in scene.me.speech.signature_phrases if not _INVITES.search(one)]
    own = [one for one in own if not scene.was_said(one) and phrases.plain(one) not in said]
    return f"{text} {phrases.shuffled(own, scene.seed, 'sign')[0]}" if own else text


def _with_emoji(scene: Scene, text: str) -> str:
    """Pictographs as often as the card likes them, of those that its author uses; not the one of the last message."""
    share = {"none": 0.0, "rare": 0.12, "often": 0.55}[scene.me.speech.emoji]
    if emoji_in(text) or not scene.happens(share, "emoji"):
        return text
    speech, last = scene.me.speech, "".join(scene.earlier[-2:])
    own = list("".join(emoji_in(" ".join([speech.example_dialogue, scene.me.greeting, *scene.me.alternate_greetings]))))
    kinds: list[str] = [one for one in own if one not in SOLEMN] or phrases.load("hearing")["emoji"]
    fresh = [one for one in kinds if one not in last] or kinds
    return f"{text} {phrases.shuffled(fresh, scene.seed, 'emoji')[0]}"
