"""What is asked for in German, of recordings? "Lies „…“ mit Novas Stimme vor, fröhlich", and "nochmal, aber langsamer".

A message counts only where all of it is understood; it is then read as if it had been said in English. Neighbours: german.
"""

import re

from agents.builtin.said import Said

_WAYS: tuple[tuple[str, str], ...] = (
    (r"(?:viel|deutlich|sehr) langsam(?:er)?", "very slowly"), (r"(?:etwas|ein bisschen|ein wenig) langsamer", "a bit slower"),
    (r"langsam(?:er)?", "slower"), (r"(?:viel|deutlich|sehr) schnell(?:er)?", "very fast"),
    (r"(?:etwas|ein bisschen|ein wenig) schneller", "a bit faster"), (r"schnell(?:er)?", "faster"),
    (r"(?:fröhlich|heiter|gut gelaunt|lustig)(?:er)?", "cheerful"), (r"(?:aufgeregt|begeistert)(?:er)?", "excited"),
    (r"(?:ruhig|gelassen)(?:er)?", "calm"),
    (r"(?:zärtlich|sanft|liebevoll|weich)(?:er)?", "tender"), (r"ernst(?:er|haft)?", "serious"), (r"traurig(?:er)?", "sad"),
    (r"(?:wütend|zornig|ärgerlich|böse)(?:er)?", "angry"), (r"(?:flüsternd|geflüstert|leise geflüstert"
        r"|im flüsterton)", "whispering"),
    (r"(?:als|in) (?P<kind>mp3|ogg|wav)(?:-datei)?", "as {}"), (r"(?:mit|über|von|durch) (?P<who>piper|elevenlabs|openai"
        r"|xtts|espeak)", "with {}"),
    (r"auf (?P<language>englisch|deutsch|französisch|spanisch|italienisch|portugiesisch)", "in {}"),
)  # fmt: skip
_LANGUAGES = {
    "englisch": "English", "deutsch": "German", "französisch": "French", "spanisch": "Spanish", "italienisch": "Italian",
    "portugiesisch": "Portuguese",
}  # fmt: skip
_SMALL = re.compile(
    r"(?i)\b(?:bitte|mal|doch|und|aber|das|den|folgendes|folgenden|satz|text|mir|uns|kannst|könntest|du|jetzt|nun|etwas"
    r"|ein bisschen|laut|einmal|noch"
    r"|es|die|worte|danke|also|hey|gator|auch|recht|ganz|dabei|mit|in|als)\b"
)
_DOES = re.compile(
    r"(?i)\b(?:lies|lese?|sprich|spreche?|sag(?:e)?|vertone?|nimm|nehme?|lass|lasse?)\b|\b(?:vorlesen|einsprechen"
    r"|aufnehmen|sprechen|sagen|vertonen)\b"
    r"|\b(?:vor|ein|auf)\b(?=\s*[:,.!?]|\s*$)"
)
_WORDS = re.compile(r"[\"„“»«‚‘'](?P<quoted>[^\"„“”»«]+?)[\"“”«»‘'](?!\w)|:\s*(?P<told>\S.*)$")
_WHOSE = (
    r"(?i)\b(?:(?:mit|in)\s+(?:der stimme von\s+)?{name}(?:['’]?s)?\s+stimme|(?:mit|in)\s+der stimme von\s+{name}"
    r"|(?:als|von|für|lass)\s+{name}|{name}(?=\s+(?:sagen|sprechen)|$))"
)
_ONLY_AGAIN = re.compile(
    r"(?i)(?:(?:bitte|und|aber|jetzt|nochmals?|noch mal|noch einmal|nochmal|das gleiche|dasselbe|diesmal|dann|mach(?:e)?"
    r"|sprich|lies|sag|es|das|sie|soll|"
    r"lieber|nur|nun|klingen|sprechen|wieder)[\s,.!]+)*"
)


def in_english(said: Said) -> str:
    """The request in plain English; empty where it is none in German of these, or not all of it is understood."""
    text = " ".join(said.raw.split())
    words = _WORDS.search(text)
    if words is None or not _DOES.search(text[: words.start()]):
        return ""
    rest = f"{text[: words.start()]} , {text[words.end() :]}"
    who, rest = _who(rest, said.kept.names)
    ways, rest = _ways(rest)
    if re.search(r"\w", _SMALL.sub("", _DOES.sub("", rest))):
        return ""
    told = (words["quoted"] or words["told"]).strip()
    return f'read "{told}" aloud' + (f" as {who}" if who else "") + "".join(f", {way}" for way in ways)


def _who(text: str, names: list[str]) -> tuple[str, str]:
    for name in names:
        for form in (name, name.split()[0]):
            if hit := re.search(_WHOSE.format(name=re.escape(form)), text):
                return name, f"{text[: hit.start()]} {text[hit.end() :]}"
    return "", text


def _ways(text: str) -> tuple[list[str], str]:
    """How it is to be said, in English."""
    found: list[str] = []
    for form, plain in _WAYS:
        if hit := re.search(rf"(?i)(?<!\w){form}(?!\w)", text):
            told = next(iter(hit.groups()), "") or ""
            found.append(plain.format(_LANGUAGES.get(told.lower(), told.lower())))
            text = f"{text[: hit.start()]} {text[hit.end() :]}"
    return found, text


def follow_up(text: str) -> str:
    """What is to be different about the last recording, in English; empty where it is none in German."""
    bare = _ONLY_AGAIN.sub("", " ".join(text.split()), count=1)
    ways, rest = _ways(bare)
    if not ways or re.search(r"\w", _SMALL.sub("", rest)):
        return ""
    return "make it " + " and ".join(ways)
