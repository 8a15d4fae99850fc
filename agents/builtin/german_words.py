"""What is asked for in German, of cards, voice-overs, texts and how far things are? And what is said of what is not understood?

A message counts only where all of it is understood; it is then read as if it had been said in English. Neighbours: german
(pictures, clips, views), german_reels, replies (the same in English).
"""

import re
from collections.abc import Callable

from agents.builtin.said import Said

_LEAD = r"(?:(?:hey|hallo|ok(?:ay)?|bitte|also|jetzt|nun|dann|und|gator|kannst du|k(?:ö|oe)nntest du|w(?:ü|ue)rdest du)[\s,]+)*"
_ME = r"(?:(?:mir|uns|bitte|mal|doch|schnell|noch)\s+)*"
_DO = r"(?:zeichne|mach|erstell|gestalte?|mal)e?"
_Q = r"[\"„“»«‚‘'](?P<words>[^\"„“”»«]+)[\"“”«»‘']"
_WHO = r"(?:\s+(?:für|als|von|mit|in)\s+(?:der stimme von\s+)?(?P<who>[\w’'-]+?)(?:s\s+stimme)?)?"
_END = r"(?:\s+(?:zeichnen|machen|erstellen|gestalten|vor|vorlesen|schreiben|sprechen))?[\s,]*(?:bitte|danke)?[\s.!?]*"
_SHAPES = {"quadratisch": "square", "hochkant": "portrait", "quer": "landscape"}
_TEXTS = {"post": "post", "beitrag": "post", "text": "text", "bildunterschrift": "caption", "bildtext": "caption"}
_THINGS = {"reel": "reel", "job": "job", "auftrag": "job", "video": "video", "clip": "video", "bild": "picture"}


def _form(form: str) -> re.Pattern[str]:
    return re.compile(f"(?i){_LEAD}{form}{_END}")


def _as(hit: re.Match[str]) -> str:
    return f" as {hit['who']}" if hit["who"] else ""


def _card(hit: re.Match[str]) -> str:
    stem = re.sub(r"e$", "", (hit["shape"] or "").strip().lower())
    shape = f"{_SHAPES[stem]} " if stem in _SHAPES else ""
    return f'make a {shape}card that says "{hit["words"]}"' + (f" for {hit['who']}" if hit["who"] else "")


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        _form(
            rf"{_DO}\s+{_ME}eine\s+(?P<shape>(?:quadratische|hochkante|quere)\s+)?(?:bild)?karte,?\s+"
            rf"(?:mit|die sagt|auf der steht)\s*(?:(?:dem|den)\s+(?:text|worten|satz))?\s*:?\s*{_Q}(?:\s+steht)?{_WHO}"
        ),
        _card,
    ),
    (
        _form(rf"(?:lies|lese?|sprich|spreche?)\s+{_ME}{_Q}{_WHO}(?:\s+vor)?"),
        lambda hit: f'read "{hit["words"]}" aloud{_as(hit)}',
    ),
    (
        _form(
            rf"schreib(?:e|st du)?\s+{_ME}(?:einen?|die)\s+(?P<what>{'|'.join(_TEXTS)})\s+über\s+(?P<about>[^\"„§]+?){_WHO}"
        ),
        lambda hit: f"write a {_TEXTS[hit['what'].lower()]} about {hit['about']}{_as(hit)}",
    ),
    (
        _form(
            rf"(?:wie weit (?:ist|bist du mit)|was macht|ist)\s+(?:das|der|dem|den|mein|meinem)\s+(?:letzten?\s+)?"
            rf"(?P<what>{'|'.join(_THINGS)})(?:\s+(?:schon\s+)?(?:fertig|bereit))?"
        ),
        lambda hit: f"how far is the {_THINGS[hit['what'].lower()]}?",
    ),
)


def in_english(said: Said) -> str:
    """The request in plain English; empty where it is none in German of these."""
    text = " ".join(said.raw.split())
    for form, plain in _FORMS:
        hit = form.fullmatch(text)
        who = (hit.groupdict().get("who") or "").lower() if hit else ""
        if hit and (not who or who in {name.lower() for name in said.kept.names}):
            return plain(hit)
    return ""


_ABILITIES = re.compile(
    rf"(?i){_LEAD}(?:(?:was|welche dinge) (?:kannst|machst) du(?: (?:alles|so|für mich|tun|machen|auf deutsch))*"
    rf"|wobei kannst du (?:mir )?helfen"
    r"|was (?:geht|verstehst du)(?: alles)?(?: auf deutsch)?|hilfe|hilf mir|wie kannst du (?:mir )?helfen)[\s.?!]*"
)


def asks_abilities(text: str) -> bool:
    """Whether it is asked in German what can be done here."""
    return _ABILITIES.fullmatch(" ".join(text.split())) is not None


_GERMAN = re.compile(
    r"(?i)\b(?:ich|du|ist|sind|das|dem|ein|eine[nmrs]?|bitte|kannst|könntest|nicht|und|mir|für|über|mach\w*|zeig\w*|wie"
    r"|welche[rs]?"
    r"|schreib\w*|lösch\w*|guten|heute|wann|warum|lies|zeichne\w*|gib|alle[ns]?|erstell\w*|vom|zum|zur|wir|hast|noch"
    r"|auch)\b|[äöüß]"
)
_ENGLISH = re.compile(
    r"(?i)\b(?:the|is|of|to|and|a|an|with|my|please|what|how|who|make|show|give|it|this|that|you|i)\b"
)


def is_german(text: str) -> bool:
    """Whether it is said in German, as far as its small words tell."""
    return len(_GERMAN.findall(text)) > len(_ENGLISH.findall(text)) + (1 if len(text.split()) > 3 else 0)


def has_english(text: str) -> bool:
    """Whether there is a small word of English in it."""
    return _ENGLISH.search(text) is not None


def not_understood(piece: str) -> str:
    """That it was not understood and nothing was done, in German, with what is."""
    return (
        f"„{piece}“ habe ich nicht verstanden und nichts getan. Auf Deutsch verstehe ich nur einige Bitten: um Bilder, Clips,"
        " Reels, Karten, Vorgelesenes, kurze Texte, Videos und Änderungen daran, und was es gibt und wie weit etwas ist; alles"
        " andere auf Englisch. Zum Beispiel: Zeichne eine Karte mit dem Text „Hallo“, oder: Mach ein 15-Sekunden-Reel über"
        " Bienen. Frag „Was kannst du?“."
    )
