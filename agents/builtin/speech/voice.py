"""How does it sound? The reply in the persona's register, with its phrases, its way to address people and its emoji."""

import re

from agents.builtin.speech import phrases
from agents.builtin.speech.cleaning import emoji_in, tidy, without_claims, without_emoji, without_links
from agents.builtin.speech.scene import Scene

_LONG_FORMS = {
    "I'm": "I am", "I've": "I have", "I'd": "I would", "I'll": "I will", "it's": "it is", "It's": "It is", "don't": "do not",
    "doesn't": "does not", "didn't": "did not", "can't": "cannot", "won't": "will not", "isn't": "is not", "aren't": "are not",
    "wasn't": "was not", "haven't": "have not", "hasn't": "has not", "wouldn't": "would not", "couldn't": "could not",
    "shouldn't": "should not", "you're": "you are", "You're": "You are", "you've": "you have", "You've": "You have",
    "you'll": "you will", "that's": "that is", "That's": "That is", "what's": "what is", "What's": "What is", "there's": "there is",
    "There's": "There is", "who's": "who is", "needn't": "need not", "How's": "How is", "here's": "here is", "Here's": "Here is",
    "we're": "we are", "they're": "they are", "let's": "let us", "Let's": "Let us", "Don't": "Do not", "I’m": "I am",
}  # fmt: skip
_LONG = re.compile(r"\b(?:" + "|".join(map(re.escape, _LONG_FORMS)) + r")\b")
_ADDRESS = re.compile(
    r"\b(?:addresses|calls) (?:people|everybody|everyone|fans|them|you) (?:as )?[\"“']?([\w' ]{2,30})", re.IGNORECASE
)
_QUOTED = re.compile(r"(“[^”]*”|„[^“]*“|\"[^\"]*\")")


def voiced(scene: Scene, text: str, *, warm: bool = True) -> str:
    """The text as this persona says it; `warm` allows what is playful (a phrase of its own, an emoji)."""
    text = tidy(without_links(text))
    if scene.tone == "courteous" and scene.language == "en":
        text = _unquoted(text, _in_long)
        text = _addressed(scene, text) if scene.happens(0.34, "address") else text
    if warm:
        text = _signed(scene, text)
        text = _with_emoji(scene, text)
    if scene.me.speech.emoji == "none":
        text = without_emoji(text)
    return tidy(without_claims(text, scene.me.speech.forbidden_phrases))


def _in_long(text: str) -> str:
    return _LONG.sub(lambda form: _LONG_FORMS[form[0]], text)


def _unquoted(text: str, change: "type[str] | object") -> str:
    """The change made everywhere but in quotations."""
    assert callable(change)
    return "".join(part if _QUOTED.fullmatch(part) else change(part) for part in _QUOTED.split(text))


def _addressed(scene: Scene, text: str) -> str:
    """The persona's way to call people, at the end of the first sentence: "my friend"."""
    found = next((met for quirk in scene.me.speech.quirks if (met := _ADDRESS.search(quirk))), None)
    if not found or found[1].lower() in text.lower() or (scene.fan and scene.fan in text):
        return text
    return re.sub(r"^([^.!?:;“”]{4,80})([.!?])(?=\s|$)", rf"\1, {found[1].strip()}\2", text, count=1)


def _signed(scene: Scene, text: str) -> str:
    """One of the persona's own phrases after it, now and then, never one that was said lately."""
    if (
        scene.language != scene.me.language[:2]
        or text.rstrip().endswith("?")
        or not scene.happens(0.2, "sign")
        or len(text) > 240
    ):
        return text
    own = [
        one
        for one in scene.me.speech.signature_phrases
        if not scene.was_said(one) and phrases.plain(one) not in phrases.plain(text)
    ]
    return f"{text} {phrases.shuffled(own, scene.seed, 'sign')[0]}" if own else text


def _with_emoji(scene: Scene, text: str) -> str:
    share = {"none": 0.0, "rare": 0.12, "often": 0.6}[scene.me.speech.emoji]
    if emoji_in(text) or not scene.happens(share, "emoji"):
        return text
    speech = scene.me.speech
    own = emoji_in(" ".join([speech.example_dialogue, scene.me.greeting, *scene.me.alternate_greetings]))
    kinds: list[str] = [one for one in own if one not in "🤖🥀"] or phrases.load("hearing")["emoji"]
    return f"{text} {phrases.shuffled(kinds, scene.seed, 'emoji')[0]}"
