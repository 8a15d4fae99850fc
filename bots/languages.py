"""Which language does somebody write in? Told from words where there are enough of them, else from what is known otherwise.

The model of py3langid (28 languages, 56 MiB) is loaded with the first text that is long enough to tell anything.
"""

import re
from functools import cache
from threading import Lock
from typing import Any

from memory.models import Conversation

CHOSEN = "language_chosen"  # a note of the conversation: by /language, so no text changes it
LANGUAGES = (
    "en", "de", "es", "fr", "pt", "it", "nl", "pl", "tr", "ru", "sv", "da", "no", "fi", "cs", "uk", "ja", "zh", "ko", "ar",
    "el", "hu", "ro", "hi", "he", "id", "vi", "th",
)  # fmt: skip
# Of 44 everyday chat lines all that were read wrong stayed under 0.4, and all but four that were right came above 0.5.
SURE = 0.6
SURE_TO_CHANGE = 0.85
LOOKED_AT = 2_000  # characters
LETTERS = 8  # fewer say nothing: ok, haha, hmm
LETTERS_TO_CHANGE = 20  # whoever has written German does not stop with "ok cool, thanks"
LETTERS_OF_SIGNS = 3  # in scripts in which a sign is a syllable or a word
_NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|[@#/]\w+|`[^`]*`|\{\{.*?\}\}")
_SIGNS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NAMES = {
    "english": "en", "englisch": "en", "german": "de", "deutsch": "de", "spanish": "es", "espanol": "es", "español": "es",
    "french": "fr", "francais": "fr", "français": "fr",
}  # fmt: skip


def heard(text: str, known: str, locale: str, spoken: list[str]) -> str:
    """The tag of the language to answer in: of the text, else what is known, the platform's locale, the persona's first.

    `known` is what the conversation was in so far, `spoken` what the persona speaks.
    """
    usual = known or locale or (spoken[0] if spoken else "en")
    said = _NO_WORDS.sub(" ", text[:LOOKED_AT])
    if not _enough(said, LETTERS_TO_CHANGE if known else LETTERS):
        return usual
    found, sure = _told_apart(said)
    if found == base(usual):
        return usual  # with its region: de-AT stays
    return found if sure >= (SURE_TO_CHANGE if known else SURE) else usual


def settle(conversation: Conversation, text: str, locale: str, spoken: list[str]) -> str:
    """As `heard`, for a conversation: what was chosen by /language stays."""
    if conversation.notes.get(CHOSEN) and conversation.language:
        return conversation.language
    return heard(text, conversation.language, locale, spoken)


def base(tag: str) -> str:
    """The language of a tag such as pt-BR, without its region."""
    return re.split(r"[-_]", tag.strip().lower())[0]


def named(text: str) -> str:
    """The tag that somebody means by "de", "Deutsch" or "german"."""
    word = text.strip().lower()
    return _NAMES.get(word, word)


def _enough(said: str, least: int) -> bool:
    letters = sum(char.isalpha() for char in said)
    return letters >= (LETTERS_OF_SIGNS if _SIGNS.search(said) else least)


def _told_apart(said: str) -> tuple[str, float]:
    """The likeliest language, and how likely it is."""
    found, sure = _identifier().classify(said)
    return str(found), float(sure)


_loading = Lock()


def load() -> None:
    """Have the model in memory: 0.7 s, once a process. Safe to call in a thread before the first text comes."""
    with _loading:
        _identifier()


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(LANGUAGES)
    # A copy of the chosen columns only: the whole table, which it would keep, is another 20 MiB.
    return LanguageIdentifier(
        whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output, norm_probs=True, tk_row=whole.tk_row
    )  # fmt: skip
