"""Is a link, an alt text or the captions of something that is there asked for? In English and in German; nothing is changed.

Neighbours: cutting (captions switched on and off), fill_lists (which media there are), intents (which asks here early).
"""

import re

from agents.builtin import titles
from agents.builtin.desk import Desk
from agents.builtin.heads import Reading

_KINDS = (
    ("video", r"videos?|videoclips?|clips?|reels?|films?|filme?s"),
    ("voice", r"voice-?overs?|recordings?|narrations?|sprachaufnahmen?|aufnahmen?|vertonung"),
    ("picture", r"pictures?|images?|photos?|pics?|cards?|bild(?:e?s|er)?|fotos?|karten?"),
)
_ONE = rf"(?:{'|'.join(form for _, form in _KINDS)}|files?|datei)"
_OF = r"(?:to|of|for|from|on|zu[mr]?|von|vo[mn]|für|des|der|fürs|auf)"
_IT = rf"(?:\b{_OF}\s+[^.!?]*?\b(?:{_ONE}|it|that|this|dazu|das|es)\b|\b{_ONE}(?:'s|s)\s|\bdazu\b)"
_ASKS = (
    r"(?:(?:please|bitte|can|could|would|will|you|i|we|can i have|kannst|könntest|du|mir|ich|wir|also|and|und|ok|now)[\s,]+)*"
    r"(?:gimme|give|send|show|get|tell|read|want|need|have|like|see|share|display|what(?:'?s| is| are| does| do)?"
    r"|where(?:'s| is)?"
    r"|is there|gib|gebt|schick|sende|zeige?|nenne?|sag|lies|brauche|möchte|will|hätte|was|wie|wo|gibt es|the|der|die|den)\b"
)
_PARTS = (
    ("alt_text", r"alt[- ]?texts?|alternative text|alternativ-?texte?s?|bildbeschreibung"),
    (
        "captions",
        r"(?:the|its|die|deren|seine)\s+(?:captions|subtitles|untertitel)|(?<='s )(?:captions|subtitles)"
        r"|srt(?:[- ]?file|-datei)?",
    ),
    ("link", r"(?:download[- ]?)?(?:link|url)|download|web address"),
)
# "Alt text of the last picture", "Link zur letzten Aufnahme": nothing but what is wanted, and of what.
_BARE = rf"(?:(?:please|bitte|und|and|also|now)[\s,]+)*(?:the |der |den |die )?{{part}}\s+{_OF}\s"
_DOWNLOAD = re.compile(
    rf"(?:(?:please|bitte|how|where|wie|wo|can|could|kann|do|i|we|ich|wir|man|me|mir|let)[\s,]+)*(?:download|save)\b.*\b{_ONE}\b"
    rf"|(?:wie|wo)\b.*\b{_ONE}\b.*\b(?:herunterladen|runterladen|downloaden)\b|lade?\b.*\b{_ONE}\b.*\bherunter\b"
)
# To be put there, changed or written is another matter.
_CHANGES = re.compile(
    r"\b(?:write|change|add|put|burn|hide|remove|turn|switch|make|post|schedule|set|edit|schreib\w*|änder\w*|blende?"
    r"|entfern\w*|füg\w*"
    r"|setz\w*|mach\w*|feed|persona|dns|onto|in the picture|below|bigger|smaller|off)\b|§[qu]"
)


def told_media(_read: str, reading: Reading, desk: Desk) -> str:
    """`show_media` where one of the three is asked for."""
    titled = bool(titles.named(reading.said.text(), desk.rows("media"), skip=desk.personas))
    return "show_media" if _part(_words(reading), titled=titled) else ""


def show_media(reading: Reading, desk: Desk) -> None:
    """Put down what is to be told, and of what."""
    words = _words(reading)
    kind = next((name for name, form in _KINDS if re.search(rf"\b(?:{form})\b", words)), None)
    made = titles.named(reading.said.text(), desk.rows("media"), skip=desk.personas)
    rows = [row for one in made for row in one.rows if kind in (None, row.get("kind"))]
    persona = desk.persona(reading.said, needed=False)
    if len(rows) == 1:
        desk.put("show_media", media=str(rows[0]["id"]), part=_part(words, titled=True))
    else:
        desk.put("show_media", kind=kind, persona=persona, part=_part(words, titled=bool(rows)))


def _words(reading: Reading) -> str:
    return " ".join(reading.said.text().lower().replace("’", "'").split())


def _part(words: str, *, titled: bool) -> str:
    """Which of the three; `titled`: whether one that is there is named by its title."""
    if _CHANGES.search(words):
        return ""
    for part, form in _PARTS:
        if re.match(
            _BARE.format(part=rf"(?:{form}|captions|subtitles|untertitel)" if part == "captions" else f"(?:{form})"),
            words,
        ) and (re.search(rf"\b(?:{_ONE}|it|that|this)\b", words) or titled):
            return part
        if (
            (hit := re.search(rf"\b(?:{form})\b", words))
            and re.match(_ASKS, words)
            and (titled or re.search(_IT, words[hit.start() :]))
        ):
            return part
        if hit and re.match(_ASKS, words) and re.search(rf"\b{_ONE}(?:'s)?\s+$", words[: hit.start()]):
            return part
    return "link" if _DOWNLOAD.match(words) else ""
