"""How does a text about the persona become its own words? "She runs a station" → "I run a station".

Cards and lorebooks speak of a persona in the third person. Pronouns are taken for the persona's until somebody else of the
same pronoun has been named in the text; from there on only its name is.
"""

import re
from dataclasses import dataclass

from agents.builtin.speech import phrases

_SUBJECT = {"he": "he", "she": "she", "they": "they"}
_OTHERS = {
    "she": r"\b(?:whale|wife|mother|sister|daughter|aunt|grandmother|woman|girl|lady|queen|Mrs|Ms|Miss|niece)\b",
    "he": r"\b(?:husband|father|brother|son|uncle|grandfather|man|boy|Mr|king|nephew|banker|monk|captain)\b",
    "they": r"$.",
}
_IRREGULAR = {
    "is": "am",
    "are": "am",
    "has": "have",
    "does": "do",
    "goes": "go",
    "was": "was",
    "were": "was",
    "doesn't": "don't",
}
_IRREGULAR |= {"isn't": "am not", "hasn't": "haven't", "aren't": "am not", "weren't": "wasn't"}
_PAST_S = frozenset(
    [
        "was",
        "has",
        "does",
        "is",
        "as",
        "always",
        "sometimes",
        "perhaps",
        "thus",
        "besides",
        "nevertheless",
        "this",
        "its",
        "his",
        "less",
    ]
)
_GIVING = (
    "taught|gave|told|sent|showed|offered|brought|bought|made|left|handed|lent|asked|called|let|wrote|saw|heard|found"
)


@dataclass(frozen=True, slots=True)
class Self:
    """Who the text is about."""

    name: str
    pronouns: str = ""

    @property
    def first(self) -> str:
        return self.name.split()[0]

    @property
    def subject(self) -> str:
        return _SUBJECT.get(self.pronouns.lower().split("/")[0].strip(), "")


def in_own_words(sentences: list[str], who: Self, *, life: bool = False) -> list[str]:
    """The sentences of one text, each as the persona says it of themselves; `life`: the text is about the persona alone."""
    rivals = False  # whether somebody else of the same pronoun was named
    said: list[str] = []
    mine = True  # whether the sentence before was about the persona
    for sentence in sentences:
        if re.match(r"(?:I|I'm|My|We)\b", sentence):
            said.append(sentence)
            continue
        spoken, mine, rivals = _spoken(sentence, who, rivals, mine or life)
        said.append(spoken)
    return said


def _spoken(sentence: str, who: Self, rivals: bool, before: bool) -> tuple[str, bool, bool]:
    """The sentence, whether it is about the persona, and whether a rival has been named by its end."""
    named = re.search(rf"\b(?:{re.escape(who.name)}|{re.escape(who.first)})\b", sentence)
    other = re.search(_OTHERS.get(who.subject, r"$."), sentence)
    limit = len(sentence) if not other else other.start()
    text = _name_to_i(sentence, who)
    about = bool(named)
    if who.subject == "they":
        opens = re.match(r"(?:\w+ )?(?:[Tt]hey|Their)\b", sentence) is not None and before
        about = about or opens
        text = _pronouns(text, who, subject_ok=about, object_ok=about) if about else text
    elif who.subject:
        about = about or re.search(rf"\b{who.subject}\b", sentence[:limit], re.IGNORECASE) is not None
        text = _until(text, limit if not named else max(limit, 0), who, rivals, bool(named))
    return _agreeing(text), about, rivals or other is not None


def _until(text: str, limit: int, who: Self, rivals: bool, named: bool) -> str:
    """Pronouns up to a rival are the persona's; after the persona's name the subject pronoun is, too."""
    if rivals:
        return _pronouns(text, who, subject_ok=named, object_ok=False)
    head, tail = text[:limit], text[limit:]
    return _pronouns(head, who, subject_ok=True, object_ok=True) + _pronouns(
        tail, who, subject_ok=named, object_ok=False
    )


def _name_to_i(text: str, who: Self) -> str:
    either = rf"(?:{re.escape(who.name)}|{re.escape(who.first)})"
    text = re.sub(rf"\b{either}(?:'s|’s)(?!\w)", "my", text)
    text = re.sub(
        rf"(?<=\b(?:to|of|by|at|on) ){either}\b|(?<=\b(?:for) ){either}\b|(?<=\b(?:with|from) ){either}\b", "me", text
    )
    return _capital(re.sub(rf"\b{either}\b", "§I", text).replace("§I", "I"))


def _pronouns(text: str, who: Self, *, subject_ok: bool, object_ok: bool) -> str:
    forms = {"she": ("her", "her", "hers", "herself"), "he": ("him", "his", "his", "himself")}
    forms |= {"they": ("them", "their", "theirs", "themselves")}
    if who.subject not in forms:
        return text
    object_, possessive, own, self_ = forms[who.subject]
    if subject_ok:
        text = re.sub(rf"\b{who.subject}(?:'s|’s)\b", "I am", text, flags=re.IGNORECASE)
        text = re.sub(rf"\b{who.subject}\b", "I", text, flags=re.IGNORECASE)
        text = re.sub(rf"\b{self_}\b", "myself", text)
    if object_ok:
        text = re.sub(rf"\b({_GIVING}|when|than|for|with|to|at|of|from|by|after|about) {object_}\b(?! (?:own|\w+(?:'s|’s)))",
                      lambda met: met[0] if object_ == possessive and met[1] not in _GIVING.split("|") else f"{met[1]} me",
                      text)  # fmt: skip
        if object_ == possessive:  # "her": mine before a noun, me at the end of a clause or before a small word
            text = re.sub(
                rf"\b{object_}(?=[.,;:!?]|$| (?:and|or|to|in|on|at|with|for|from|that|when|because|but|up|down|away)\b)",
                "me",
                text,
            )
        else:
            text = re.sub(rf"\b{object_}\b", "me", text)
        text = re.sub(rf"\b{possessive}\b", "my", text)
        text = re.sub(rf"\b{possessive.capitalize()}\b", "My", text)
        if own != possessive:
            text = re.sub(rf"\b{own}\b", "mine", text)
    return text


def _agreeing(text: str) -> str:
    """Verbs after "I", and after "and" where it still rules, in their first person."""
    ruled = re.search(r"\bI\b", text) is not None
    text = re.sub(r"\bI ((?:\w+ly|always|never|still|once|also|often|usually|now|just) )?([a-z]+(?:n't)?)\b",
                  lambda met: f"I {met[1] or ''}{_first(met[2])}", text)  # fmt: skip
    if not ruled:
        return text
    verbs = phrases.words("verbs")
    start = re.search(r"\bI\b", text)
    place = start.end() if start else 0
    tail = re.sub(r"((?:(?:, )?\b(?:and|or|but)|,) (?:(?:still|also|always|never|then) )?)([a-z]+)\b(?! I\b)",
                  lambda met: met[1] + (_first(met[2]) if met[2] in verbs else met[2]), text[place:])  # fmt: skip
    return text[:place] + tail


def _first(verb: str) -> str:
    """A verb's first person: "runs" → "run", "carries" → "carry"; the past stays."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb in _PAST_S or not verb.endswith("s") or verb.endswith(("ss", "us")):
        return verb
    if verb.endswith("ies") and len(verb) > 4:
        return verb.removesuffix("ies") + "y"
    if re.search(r"(?:sh|ch|ss|x|zz|o)es$", verb):
        return verb.removesuffix("es")
    return verb.removesuffix("s")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
