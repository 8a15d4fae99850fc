"""Is a link, an alt text or the captions of something that is there asked for? In English and in German; nothing is changed.

Neighbours: cutting (captions switched on and off), fill_lists (which media there are), intents (which asks here early).
"""

import re
from collections.abc import Collection, Sequence
from typing import Any

from agents.builtin import titles
from agents.builtin.desk import Ask, Cannot, Desk, either
from agents.builtin.heads import Reading
from agents.builtin.lexicon import word_set
from agents.builtin.references import matches

_KINDS = (
    ("video", r"videos?|videoclips?|clips?|reels?|films?|filme?s"),
    ("voice", r"voice-?overs?|recordings?|narrations?|sprachaufnahmen?|aufnahmen?|vertonung"),
    ("picture", r"pictures?|images?|photos?|pics?|cards?|bild(?:e?s|er)?|fotos?|karten?"),
)
_SAID = {"video": "video", "voice": "recording", "picture": "picture"}
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


# What is said around a title: of what else is asked for, of time and of courtesy.
_AROUND = (
    titles.PLAIN
    | titles.NO_CONTENT
    | word_set(
        "the of and to so can could you please bitte now again also made done there that this it its called named"
        " titled titel namens about gimme give send show get tell read want need have like see share display what what's"
        " whats where is are does do how let download save url link links alt text texts alternative caption captions"
        " subtitle subtitles srt file files say says said written would will us i'd if some ok okay hey hi gator web"
        " address thanks thank pls plz quick gib gebt mir uns den die das der dem des einen ein eine zum zur zu von vom"
        " für auf im in schick schicke sende zeig zeige nenne nenn sag lies brauche möchte hätte gern gerne kannst"
        " könntest du wie was wo ist sind lautet heißt steht gibt es ich wir man und bei mit herunter runter"
        " herunterladen runterladen downloaden lade lad datei untertitel deren seine alternativtext alternativtexte"
        " alternativ-text bildbeschreibung download-link srt-datei srt-file letzte letzten letzter letztes letztem"
        " neueste neuesten neuestem neuester neuestes fertige fertigen danke mal bild bilder fertig link-adresse dazu"
        " hier here me my our mein meine meinem meinen meines unser unsere unserem as wav mp3 mp4 png vtt"
    )
)
_WORD = re.compile(r"[^\W_][\w'’-]*")


def told_media(_read: str, reading: Reading, desk: Desk) -> str:
    """`show_media` where one of the three is asked for."""
    titled = bool(titles.named(reading.said.text(), desk.rows("media"), skip=desk.personas))
    return "show_media" if _part(_words(reading), titled=titled) else ""


def show_media(reading: Reading, desk: Desk) -> None:
    """Put down what is to be told, and of what. Raises Cannot where what is called so is not there, Ask where several are."""
    words = _words(reading)
    kind = next((name for name, form in _KINDS if re.search(rf"\b(?:{form})\b", words)), None)
    rows = [row for row in desk.rows("media") if kind in (None, row.get("kind"))]
    made = titles.named(reading.said.text(), rows, skip=desk.personas)
    persona = desk.persona(reading.said, needed=False)
    if one := _one(reading, kind, rows, made, desk):
        desk.put("show_media", media=one, part=_part(words, titled=True))
    else:
        desk.put("show_media", kind=kind, persona=persona, part=_part(words, titled=bool(made)))


def _one(
    reading: Reading, kind: str | None, rows: list[dict[str, Any]], made: list[titles.Named], desk: Desk
) -> str | None:
    """The id of the one that is named; None where none is: the newest is meant."""
    name = _name(reading.said.text(), desk.personas)
    fitting = [row for one in made for row in one.rows] or [
        row for row in rows if name and matches(name, str(row.get("title") or ""))
    ]
    if not fitting:
        if name and (kind or not desk.rows("media")):
            raise Cannot(f"There is no {_SAID[kind] if kind else 'file'} called {name}.")
        return None
    same = [row for row in fitting if str(row.get("title")).casefold() == name.casefold()] or fitting
    called = list(dict.fromkeys(str(row.get("title")) for row in same))
    if len({one.casefold() for one in called}) > 1:
        raise Ask(f"Which {_SAID[kind] if kind else 'file'} do you mean: {either(called[:5])}?", " ", kind or "file")
    return str(same[0]["id"])


def _name(text: str, personas: Sequence[str]) -> str:
    """What something is called in a request: the words that say neither what is wanted nor of what kind it is."""
    known = {part for one in personas for part in one.lower().split()}
    words = [hit for hit in _WORD.finditer(text) if _tells(hit[0].lower().replace("’", "'"), known)]
    return text[words[0].start() : words[-1].end()] if words else ""


def _tells(word: str, personas: Collection[str]) -> bool:
    plain = word.removesuffix("'s").rstrip("'")
    return not (
        word in _AROUND
        or plain in _AROUND
        or plain in personas
        or plain.removesuffix("s") in personas
        or re.fullmatch(rf"(?:{_ONE})s?|\d+", plain)
    )


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
