"""What never leaves a persona, wherever it came from? Links, card macros, claims to be human, forbidden phrases."""

import re

from agents.builtin.speech.words import sentences

_LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://\S*|\bwww\.\S+|\b(?:mailto|tel|javascript|data):\S+|\S+@\S+\.\w+"
    r"|(?<![\w])(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|dev|app|co|uk|de|fr|es|it|nl|ch|at|eu|info|biz|me|tv|fm|xyz|ai|gg|link|"
    r"site|online|shop|store|tech|live|page|ru|cn|jp|in|us|ca|au|club|top|cc|ly|to)\b(?:[/:?#]\S*)?|!?\[([^\]]*)\]\([^)]*\)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\S*://\S*")
_HUMAN = re.compile(
    r"\b(?:I am|I'm|I’m|im) (?:not (?:an? )?(?:AI|bot|robot|machine|program)\b"
    r"|(?:really |actually |just |only |totally |definitely )*"
    r"(?:an? )?(?:real |actual |living |normal |flesh-and-blood )*(?:human|person|human being|woman of flesh|man of flesh)\b)"
    r"|\bich bin (?:keine? (?:KI|Bot|Roboter|Maschine|Programm)\b"
    r"|(?:wirklich |tatsächlich |nur )*(?:ein )?(?:echter |richtiger )*Mensch\b)",
    re.IGNORECASE,
)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U000e0020-\U000e007f]+")


def without_macros(text: str, name: str, fan: str) -> str:
    """Card macros filled: {{char}} and {{user}}, the older <BOT> and <USER>; others go."""
    text = re.sub(r"\{\{\s*char\s*\}\}|<BOT>|<CHAR>", name, text, flags=re.IGNORECASE)
    text = re.sub(r"\{\{\s*user\s*\}\}|<USER>", fan, text, flags=re.IGNORECASE)
    return re.sub(r"\{\{[^{}]*\}\}", "", text)


def without_links(text: str) -> str:
    return _SCHEME.sub("", _LINK.sub(lambda link: link[1] or "", text))


def without_emoji(text: str) -> str:
    return re.sub(r" +([.,!?])", r"\1", re.sub(r"[ \t]{2,}", " ", _EMOJI.sub("", text))).strip()


def emoji_in(text: str) -> list[str]:
    """The pictographs of a text, each once."""
    return list(dict.fromkeys(_EMOJI.findall(text)))


def without_claims(text: str, forbidden: list[str]) -> str:
    """Without sentences that claim to be human or hold a phrase that the card forbids."""
    banned = [phrase.casefold() for phrase in forbidden if phrase]
    if not _HUMAN.search(text) and not any(phrase in text.casefold() for phrase in banned):
        return text
    kept = [one for one in sentences(text) if not _HUMAN.search(one) and not any(p in one.casefold() for p in banned)]
    return " ".join(kept)


def tidy(text: str) -> str:
    """One kind of space, no doubled or stray punctuation."""
    text = re.sub(r"[ \t]+", " ", text).strip()
    text = re.sub(r" +([.,;:!?])", r"\1", text)
    text = re.sub(r"([!?…])\.(?!\.)", r"\1", text)
    return re.sub(r"([,;:])([.!?])", r"\2", text)
