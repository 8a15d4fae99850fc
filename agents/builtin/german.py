"""What is asked for in German, of pictures, clips and views of a face? The same request in plain English, its content as written.

A message counts only where all of it is understood; the rest of the room then reads it as if it had been said in English.
Neighbours: clips and fill_media (what is asked for), face_views, takes and cutting (which know German themselves).
"""

import re
from collections.abc import Callable

from agents.builtin.said import Said, hear

_GERMAN = re.compile(
    r"(?i)[äöüß]|\b(?:ein|eine|einen|das|die|der|den|dem|von|mit|mir|du|kannst|bitte|mach(?:e|en)?|bild|ansichten)\b"
)
_LEAD = re.compile(
    r"(?i)^(?:(?:hey|hallo|hi|ok(?:ay)?|bitte|so|also|jetzt|nun|dann|und|gator|kannst du|k(?:ö|oe)nntest du"
    r"|w(?:ü|ue)rdest du|magst du|ich (?:möchte|moechte|will|wünsche mir|hätte gern(?:e)?|brauche)|hätte(?: ich)? gern(?:e)?"
    r"|wir (?:möchten|wollen|brauchen)|mir|uns|mal|doch|gern(?:e)?|schnell|einfach|noch)[\s,]+)+"
)
_TAIL = re.compile(r"(?i)[\s,]*(?:\b(?:bitte|danke|mal|für mich|für uns|okay)\b[\s,.!?]*)+$|[\s.!?]+$")
_DOES = (
    r"(?:mach(?:e|st)?|erstell(?:e|st)?|erzeug(?:e|st)?|generier(?:e|st)?|mal(?:e|st)?|zeichne(?:st)?|schie(?:ß|ss)(?:e|t)?"
    r"|knips(?:e|t)?|produzier(?:e|st)?|dreh(?:e|st)?|film(?:e|st)?|gib|zeig(?:e|st)?|nimm|liefer(?:e|st)?|fertige)"
)
_DONE = (
    r"(?:machen|erstellen|erzeugen|generieren|malen|zeichnen|schie(?:ß|ss)en|knipsen|produzieren|drehen|filmen|geben|zeigen"
    r"|haben|sehen|aufnehmen|anfertigen|bekommen)"
)
_ME = r"(?:(?:mir|uns|bitte|mal|doch|noch|schnell|jetzt|nun|einfach|nochmal)\s+)*"
_A = r"(?:(?:ein(?:e[nmrs]?)?|'?n(?:e[nr]?)?|das|die|den|neue[nsr]?)\s+)*"
_HER = r"(?:(?:ihrem|seinem|meinem|unserem|dem|diesem|deinem|ihren|der|von ihr)\s+)?"
_N = r"\d{1,2}|ein(?:e[nmrs]?)?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|fünfzehn|zwanzig|drei(?:ß|ss)ig"
_PICTURE = (
    r"(?:(?:ki-?)?bild(?:chen)?|[fp]h?otos?|fotografie|selfie|schnappschuss|illustration|gem(?:ä|ae)lde|zeichnung"
    r"|aufnahme)"
)
_PORTRAIT = r"(?:portr(?:ä|ae|a)i?t)"
_CLIP = r"(?:(?:video|kurz|film)?clip|bewegtbild|filmchen|videoschnipsel)"
# What it shows follows; of a film it is a clip only where somebody does something in it.
_OF = r"(?:von|mit|auf de[mr]|auf welche[mr]|in de[mr]|das|der|die|wo|worauf|wie)"
_SHOWS = re.compile(
    r"(?i)^(?:man\s+|wir\s+)?(?P<what>.+?)\s+(?:zeigt|zu sehen (?:ist|sind)|(?:man\s+)?sieht|darstellt|abgebildet ist)$"
)
_FORMATS: tuple[tuple[str, str, str], ...] = (  # how it is said, of a picture, of a clip
    (
        r"(?:im\s+)?(?:story-?format|storyformat|9\s?[:x]\s?16(?:-?format)?)|f(?:ü|ue)r (?:eine |die )?story",
        "9:16",
        "9:16",
    ),
    (r"(?:im\s+|als\s+)?hoch(?:format|kant)(?:ige[nrs]?|e[nrs]?)?", "portrait", "vertical"),
    (r"(?:im\s+|als\s+)?(?:quer(?:format)?|breitbild)(?:ige[nrs]?|e[nrs]?)?", "landscape", "widescreen"),
    (r"(?:als\s+)?(?:quadrat(?:isch(?:e[nrs]?)?)?|1\s?:\s?1)", "square", "square"),
)
_LENGTH = re.compile(
    rf"(?i)[\s,]*\b(?:(?:von|mit)\s+)?(?P<n>{_N})[- ]?(?:sekunden|sekunde|sek\.?|s)\b(?:[- ](?:lange[nrsm]?|lang|länge|dauer))?"
    rf"|[\s,]*\b(?P<m>{_N})[- ]?sek(?:ü|ue)ndige[nrsm]?\b"
)
_PLAIN = re.compile(
    r"(?i)\b(?:schöne[sn]?|tolle[sn]?|neue[sn]?|kurze[sn]?|langen?|ki-?generierte[sn]?|realistische[sn]?|ein(?:e[nms]?)?)\b"
)
_NUMBERS = {
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwölf": 12,
    "fünfzehn": 15, "zwanzig": 20, "dreißig": 30, "dreissig": 30,
}  # fmt: skip
_FROM = re.compile(
    rf"(?i)[\s,]*\b(?:ausgehend |angefangen |beginnend |startend )?(?:aus|von|mit|anhand|auf basis von|ab)\s+{_HER}"
    rf"(?:aller)?(?:letzten?|neuesten?|j(?:ü|ue)ngsten?|aktuellen?)\s+(?:{_PICTURE}|{_PORTRAIT})(?:e?s)?(?: von ihr)?\b"
    r"(?:\s+aus\b)?"
)
_ANIMATE = re.compile(
    rf"(?i)(?:animier(?:e|st)?|beweg(?:e|st)?|beleb(?:e|st)?)\s+{_ME}(?:das|dieses|ihr|sein|mein)\s+"
    rf"(?:(?:aller)?(?:letzte|neueste|aktuelle)s?\s+)?(?:{_PICTURE}|{_PORTRAIT})(?:\s+von\s+(?P<who>§p\d+))?"
    rf"(?:\s*,?\s*(?:so ?dass|damit|wobei|und lass)\s+(?P<what>.+))?"
    rf"|(?:erwecke?|lass(?:e)?)\s+{_ME}(?:das|dieses|ihr)\s+(?:(?:aller)?(?:letzte|neueste|aktuelle)s?\s+)?{_PICTURE}"
    rf"(?:\s+von\s+(?P<whose>§p\d+))?\s+(?:zum leben(?: erwachen)?|lebendig werden|sich bewegen)"
)
_VIEWS = re.compile(
    rf"(?i)(?:{_DOES}|{_A})?\s*{_ME}{_A}(?:(?P<side>profil|ganzk(?:ö|oe)rper|halbprofil|dreiviertel)-?)?"
    r"(?:(?:referenz|gesichts)-?)?(?:ansicht(?:en)?|referenzset|referenzbilder|referenz-set|blickwinkel|seitenansichten)\s+"
    rf"(?:von|f(?:ü|ue)r)\s+(?P<who>§p\d+)(?:'s)?(?:\s+gesicht)?(?:\s+(?:neu|nochmal))?(?:\s+{_DONE})?"
    rf"|(?:(?:{_DOES})\s+)?{_ME}(?P<whose>§p\d+)(?:'s)?\s+(?:referenz-?)?(?:ansichten|referenzset|referenzbilder)(?:\s+{_DONE})?"
    rf"|(?:zeig(?:e)?|{_DOES})\s+{_ME}(?P<round>§p\d+)\s+von allen seiten"
)
_SIDES = {"profil": "profile ", "ganz": "full body ", "halb": "three-quarter ", "drei": "three-quarter "}


def in_english(said: Said) -> str:
    """The request in plain English; empty where it is none in German of these, or not all of it is understood."""
    said = _owning(said)
    read = _bare(said)
    if read is None:
        return ""
    for form in (_views, _animated, _made):
        if told := form(read, said):
            return told
    return ""


def _owning(said: Said) -> Said:
    """With "Novas" as somebody's who is called Nova, and "Inez'" as Inez's: in German the apostrophe stands there only."""
    told = said.raw
    for name in {form for whole in said.kept.names for form in (whole, whole.split()[0])}:
        told = re.sub(rf"\b{re.escape(name)}(?:s\b|['’](?!\w))", f"{name}'s", told)
    return said if told == said.raw else hear(told, said.kept.names)


def _bare(said: Said) -> str | None:
    """The text in small letters with names as tokens, as patterns read it, without courtesies; None for what is no German."""
    if "§q" in said.read or "§u" in said.read or not _GERMAN.search(said.raw):
        return None
    return _TAIL.sub("", _LEAD.sub("", written(said))).strip()


def written(said: Said) -> str:
    """As it was written, with tokens in the place of names: nothing of it is taken for a slip in English."""
    out, place = [], 0
    for token in re.finditer(r"§p\d+(?:'s)?", said.read):
        out.append(said.raw[said.at[place] : said.at[token.start()]])
        out.append(token[0])
        place = token.end()
    out.append(said.raw[said.at[place] : said.at[len(said.read)]])
    return " ".join("".join(out).split())


def _names(text: str, said: Said) -> str:
    """With the names in the place of their tokens again."""
    return re.sub(r"§p(\d+)", lambda token: said.kept.names[int(token[1])], text)


def _views(read: str, said: Said) -> str:
    hit = _VIEWS.fullmatch(read)
    if hit is None:
        return ""
    who = _names(next(filter(None, (hit["who"], hit["whose"], hit["round"]))), said)
    side = next((told for begins, told in _SIDES.items() if (hit["side"] or "").lower().startswith(begins)), "")
    return f"make the {side}view of {who}'s face" if side else f"make the views of {who}'s face"


def _animated(read: str, said: Said) -> str:
    hit = _ANIMATE.fullmatch(read)
    if hit is None:
        return ""
    who = hit["who"] or hit["whose"]
    of = f" of {_names(who, said)}" if who else ""
    return f"animate the last picture{of}" + (f" so that {_names(hit['what'], said)}" if hit["what"] else "")


def _made(read: str, said: Said) -> str:
    bare, start = _cut(read, lambda text: (_FROM.search(text), ", from her last picture"))
    for noun, kind in ((_CLIP, "clip"), (r"(?:video|film)", "film"), (_PICTURE, "picture"), (_PORTRAIT, "portrait")):
        text = bare if kind in ("clip", "film") else read
        form = (
            rf"(?i)(?:{_DOES}\s+)?{_ME}{_A}(?P<shape>(?:[\w:-]+[\s-]+){{0,4}}?){noun}(?P<how>(?:\s+im\s+\w+)?)"
            rf"(?:\s+f(?:ü|ue)r\s+(?P<for>§p\d+))?(?:\s+{_DONE})?"
            rf"\s*,?\s*(?P<of>\b{_OF}\b|:)\s+(?P<what>.+)"
        )
        hit = re.fullmatch(form, text)
        if hit and (kind != "film" or _somebody_acts(hit)):
            return _names(_ordered(hit, kind, start), said)
    return ""


def _somebody_acts(hit: re.Match[str]) -> bool:
    """Whether a film is of somebody who does something; one of media that are there is read elsewhere."""
    said_so = hit["of"].lower()[:2] in ("wi", "wo", "in")  # wie, wo, worauf, in dem
    does = re.search(r"(?i)[,\s](?:wie|die|der|das|wo)\s|\b(?:beim|am)\s+\w+en\b", hit["what"])
    return bool(said_so or does) and "§p" in hit["what"]


def _ordered(hit: re.Match[str], kind: str, start: str) -> str:
    """Its options taken out of what stands before and behind; empty where something before the noun is not understood."""
    noun, column = ("clip", 2) if kind in ("clip", "film") else ("picture", 1)
    before, first = _cut(f"{hit['shape']}{hit['how']}", lambda text: _format(text, column))
    what, second = _cut(re.sub(rf"(?i)\s+{_DONE}$", "", hit["what"]).strip(" ,"), lambda text: _format(text, column))
    shape = first or second or ("portrait" if kind == "portrait" else "")
    length = ""
    if noun == "clip":
        before, first = _cut(before, _seconds)
        what, second = _cut(what, _seconds)
        length = first or second
    if _PLAIN.sub("", before).strip(" ,-"):
        return ""
    what = re.sub(rf"(?i)\s+{_DONE}(?=\s*,)", "", what)
    if shows := _SHOWS.match(what):
        what = shows["what"]
    what = re.sub(r"(?i)^(?:man|wir)\s+", "", what).strip(" ,.")
    if whose := hit.groupdict().get("for"):
        what = re.sub(r"(?i)^(?:sie|er)\b", whose, what)
    told = f"make a {length}{noun} of {what}{start if noun == 'clip' else ''}"
    return f"{told}{', ' + shape if shape else ''}" if what else ""


def shapes(text: str, tool: str) -> str:
    """The text with its formats and lengths said in English."""
    told, shape = _cut(text, lambda part: _format(part, 2 if tool == "make_clip" else 1))
    told, length = _cut(told, _seconds) if tool == "make_clip" else (told, "")
    return ", ".join(part for part in (told, shape, f"{length}long" if length else "") if part)


_Found = tuple[re.Match[str] | None, str]


def _cut(text: str, find: Callable[[str], _Found]) -> tuple[str, str]:
    hit, told = find(text)
    if hit is None:
        return text, ""
    return f"{text[: hit.start()]} {text[hit.end() :]}".strip(), told


def _format(text: str, column: int) -> _Found:
    for row in _FORMATS:
        if hit := re.search(rf"(?i)[\s,]*(?<!\w)(?:{row[0]})(?!\w)", text):
            return hit, row[column]
    return None, ""


def _seconds(text: str) -> _Found:
    hit = _LENGTH.search(text)
    if hit is None:
        return None, ""
    word = (hit["n"] or hit["m"]).lower()
    number = int(word) if word.isdigit() else _NUMBERS.get(word, 1)
    return hit, f"{number} second "
