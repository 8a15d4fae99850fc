"""What is taken out of one sentence of a persona's, and why? The rules of `agents.care.outbound`, sentence by sentence.

A rule may need the words just before (a claim or a phrase cut in two by a full stop): `Rules` remembers the last ones.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from agents.care.claims import claims_human, words
from gator.wording import visible, words_only

NGRAM = 8  # so many words in a row of the instructions are no coincidence
BEFORE = 6  # words remembered from the sentences before

# Suffixes that chat programs turn into links. Country codes are all two-letter ones; "great.So" is a missing space.
_GENERIC = (
    "com|org|net|info|biz|edu|gov|mil|int|app|dev|page|site|online|store|shop|club|xyz|top|live|link|click|blog|news|cloud|tech|"
    "space|website|fun|pro|vip|icu|life|world|today|email|digital|network|media|video|chat|social|one|zone|games|bet|casino|"
    "porn|sex|xxx|adult|dating|cam|tube|host|press|art|design|work|works|agency|company|group|team|center|support|help|guru|"
    "expert|academy|school|money|cash|finance|bank|loan|crypto|wiki|name|mobi|asia|tel|jobs|travel|cat|onion|eth|zip|mov|foo|gg"
)
_DOTS = "[.。．｡․]"
_DOMAIN = re.compile(
    rf"(?<![\w@])(?:[\w.+-]+@)?(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?{_DOTS}){{1,8}}(?:(?P<tld>{_GENERIC}|xn--[\w-]+|[a-z]{{2}}))"
    r"(?![\w-])(?::\d{1,5})?(?:[/?#][^\s<>\"”’]*)?",
    re.IGNORECASE,
)
_MARKED_LINK = re.compile(r"!?\[([^\[\]]*)\]\s?\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+[\"'][^\"']*[\"'])?\)?")
_HALF_LINK = re.compile(r"\]\(\S*\)?|\]\[[^\]]*\]|^\s*\[[^\]]{1,60}\]:\s*\S+", re.MULTILINE)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*(?:>|$)")
_SCHEME = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,24}\s?:\s?/\s?/\s?\S*|\b(?:mailto|javascript|data|tel|sms|tg|skype|magnet|vbscript|intent|blob|file):\S+"
    r"|\bwww\d?\s?\.\S+",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:/\S*)?|\blocalhost(?::\d+)?(?:/\S*)?", re.IGNORECASE)
_SPELLED = re.compile(
    rf"\b[\w-]+\s*(?:\[|\(|\{{|<)\s*(?:dot|punkt|punto|point|ponto|\.)\s*(?:\]|\)|\}}|>)\s*(?:{_GENERIC}|[a-z]{{2}})\b(?:\s*/\S*)?"
    rf"|\b[\w-]+ dot (?:com|org|net|io|me|co|gg|ly|app|xyz|info)\b(?:(?: slash | ?/)\S+)?",
    re.IGNORECASE,
)
_OURS = re.compile(r"\{\{\s*link\s*:\s*([\w.-]{1,80})\s*\}\}")
_BRACES = re.compile(r"\{\{[^{}]*\}\}")
_SECRET = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abprs]|AKIA|ASIA|AIza|ya29|hf|npm|pypi|gsk|whsec|SG|EAA|gator)[-_.]?[A-Za-z0-9_\-.]{16,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]+)?|\b\d{8,10}:[\w-]{30,}|\b[0-9a-fA-F]{32,}\b|-----BEGIN [A-Z ]+-----"
    r"|\b(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])[\w+/-]{28,}={0,2}"
    r"|\b(?:password|passwort|api[ _-]?key|secret[ _-]?key|token|bearer)\b\s*[:=]\s*\S{6,}"
)
_NEEDS_SPACE = re.compile(r"(?<=[^\W\d_])\.(?=[A-ZÄÖÜ][a-zäöü])")


class Rules:
    """What is looked for, prepared once for a reply, and the words said last."""

    def __init__(self, *, links: dict[str, str], forbidden: Sequence[str], protected: Sequence[str]) -> None:
        self.links = links
        self.forbidden = [plain for one in forbidden if (plain := words_only(one))]
        self.grams: frozenset[tuple[str, ...]] = frozenset()
        self.canaries: list[str] = []
        for instruction in protected:
            words, grams = _pieces(instruction)
            self.grams |= grams
            if 0 < len(words) < NGRAM:
                self.canaries.append("".join(words))
        self.before: list[str] = []

    def remember(self, words: list[str]) -> None:
        keep = max(BEFORE, NGRAM - 1)
        self.before = (self.before + words)[-keep:]


@lru_cache(maxsize=64)
def _pieces(protected: str) -> tuple[list[str], frozenset[tuple[str, ...]]]:
    """The words of an instruction, and all runs of NGRAM of them."""
    words = words_only(protected).split()
    return words, frozenset(tuple(words[at : at + NGRAM]) for at in range(len(words) - NGRAM + 1))


def clean(sentence: str, rules: Rules) -> tuple[str, list[str]]:
    """The sentence as it may be said, and what was done; empty when it may not be said at all."""
    shown = _visible(sentence)
    heard = words(shown)
    before = rules.before
    rules.remember(heard)
    if why := _unspeakable(shown, heard, before, rules):
        return "", [why]
    said, done = _without_links(shown, rules)
    left = words(said)
    if left != heard and (why := _unspeakable(said, left, before, rules)):
        return "", [*done, why]  # what links and mark-up had hidden
    if _SECRET.search(said):
        return "", [*done, "secret"]
    if done and not re.search(r"\w", said):
        return "", done
    return said, done


def _unspeakable(sentence: str, words: list[str], before: list[str], rules: Rules) -> str | None:
    """Why the sentence must not be said, in the light of the words before it."""
    plain = " ".join(words)
    if claims_human(sentence, " ".join(before[-BEFORE:])):
        return "human_claim"
    around = f" {' '.join([*before, *words])} "
    if any(f" {phrase} " in around and f" {phrase} " not in f" {' '.join(before)} " for phrase in rules.forbidden):
        return "forbidden"
    squeezed = plain.replace(" ", "")
    if any(canary in squeezed for canary in rules.canaries):
        return "secret"
    series = [*before[-(NGRAM - 1) :], *words]
    if any(tuple(series[at : at + NGRAM]) in rules.grams for at in range(len(series) - NGRAM + 1)):
        return "prompt"
    return None


def _visible(sentence: str) -> str:
    """Without characters nobody sees, but with the joiners that emoji and Persian need."""
    kept = re.sub(
        "(?<=[^\x00-\u02ff])([\u200c\u200d])(?=[^\x00-\u02ff])",
        lambda found: chr(0xE000 + ord(found.group()) - 0x200C),
        sentence,
    )
    kept = kept.replace("\ufe0f", "\ue002")
    kept = "".join(char for char in visible(kept) if char in "\n\t" or unicodedata.category(char) != "Cc")
    return kept.translate({0xE000: "\u200c", 0xE001: "\u200d", 0xE002: "\ufe0f"})


def _without_links(sentence: str, rules: Rules) -> tuple[str, list[str]]:
    """Links and mark-up out, our own links in."""
    wanted: list[str] = []

    def hold(found: "re.Match[str]") -> str:
        url = rules.links.get(found.group(1))
        if url is None:
            return ""
        wanted.append(url)
        return f"\ue010{len(wanted) - 1}\ue011"

    done: list[str] = []
    sentence = re.sub("[\ue000-\uf8ff]", "", sentence)  # private characters are ours from here on
    said = _BRACES.sub("", _OURS.sub(hold, sentence))
    if len(wanted) != sentence.count("{{"):
        done.append("link")
    spaced = _NEEDS_SPACE.sub(". ", said)
    bare = (
        unicodedata.normalize("NFKC", spaced)
        if not spaced.isascii() and _DOMAIN.search(unicodedata.normalize("NFKC", spaced))
        else spaced
    )
    for pattern, name in _STRIPPED:
        said = pattern.sub(_kept_text if pattern is _MARKED_LINK else "", bare)
        if said != bare:
            done.append(name)
        bare = said
    tidy = re.sub(r"[ \t]{2,}", " ", re.sub(r"\(\s*\)|\[\s*\]|<\s*>", "", bare)) if done else bare
    tidy = re.sub(r"[ \t]+([.,!?;:])(?=\s|$)", r"\1", tidy) if done else tidy
    return re.sub("\ue010(\\d+)\ue011", lambda found: wanted[int(found.group(1))], tidy), list(dict.fromkeys(done))


def _kept_text(found: "re.Match[str]") -> str:
    """Of a link its text, of a picture nothing."""
    return "" if found.group().startswith("!") else found.group(1)


_STRIPPED = (
    (_MARKED_LINK, "link"),
    (_HALF_LINK, "link"),
    (_TAG, "markup"),
    (_SCHEME, "link"),
    (_SPELLED, "link"),
    (_DOMAIN, "link"),
    (_ADDRESS, "link"),
)
