"""What is asked for in German, of reels and their steps? The same request in plain English, its content as written.

A message counts only where all of it is understood. Neighbours: german (pictures and clips), cutting (which knows German itself),
reels and fill_reels (what is asked for).
"""

import re
from collections.abc import Callable

from agents.builtin.cut_words import SCENE, scene
from agents.builtin.german import written
from agents.builtin.said import Said

_LEAD = re.compile(
    r"(?i)^(?:(?:hey|hallo|ok(?:ay)?|bitte|also|jetzt|nun|dann|und|gator|mal"
    r"|kannst du|k(?:ö|oe)nntest du|w(?:ü|ue)rdest du)[\s,]+)+"
)
_TAIL = re.compile(r"(?i)[\s,]*(?:\b(?:bitte|danke)\b[\s,.!?]*)+$|[\s.!]+$")
_DOES = r"(?:mach(?:e|st)?|erstell(?:e|st)?|dreh(?:e|st)?|produzier(?:e|st)?|schneide(?:st)?)"
_DONE = r"(?:machen|erstellen|drehen|produzieren|schneiden)"
_REEL = r"(?:reel|kurzvideo|short|tiktok)"
_NEW = r"(?:neu|noch ?mal|nochmals|erneut|anders|noch einmal)"
_THUMBNAIL = r"(?:vorschaubild|titelbild|thumbnail|cover)"
_SHAPES = {"quadratisch": "square", "hochkant": "vertical", "vertikal": "vertical", "quer": "wide", "breit": "wide"}
_ENDS = (*_SHAPES.items(), ("hoch", "vertical"))
_MOVING = re.compile(
    r"(?i),?\s*\b(?:und )?(?:mit (?:bewegten|beweglichen|animierten) (?:szenen|bildern)|mit clips|die szenen sollen sich bewegen"
    r"|bei dem sich die szenen bewegen|(?:in|mit) bewegtbild(?:ern)?)\b"
)
_LENGTH = re.compile(
    r"(?i)\b(?P<n>\d{1,3})[- ]?(?:sek(?:unden?|\.)?|s)(?:[- ]?lang(?:es?|en)?)?(?:[- ]|(?=[,.]|$))"
    r"|\b(?P<m>\d{1,3})[- ]?sek(?:ü|ue)ndiges?\s"
)
_MAKE = re.compile(
    rf"(?i)(?:{_DOES}\s+)?(?:(?:mir|uns|bitte|mal)\s+)*(?:ein(?:en)?|noch ein(?:en)?|das|'n)?\s*(?P<shape>(?:[\w-]+e[ns]\s+)?)"
    rf"{_REEL}(?:,?\s+mit (?P<who>§p\d+|(?-i:[A-ZÄÖÜ])\w+))?,?\s+(?:über|ueber|zum thema|zu|von)\s+(?P<what>.+?)"
    rf"(?:,?\s+mit (?P<whom>§p\d+))?(?:\s+{_DONE})?"
)


def in_english(said: Said) -> str:
    """The request in plain English; empty where it is none in German of these, or not all of it is understood."""
    whole = " ".join(written(said).split())
    text = _TAIL.sub("", _LEAD.sub("", whole))
    if told := _made(text):
        return _names(told, said)
    for form, plain in _STEPS:
        if hit := form.fullmatch(text):
            told = _names(plain(hit), said)
            return f"{told}{_ending(whole)}" if " say: " in told and told[-1].isalnum() else told
    return ""


def _ending(text: str) -> str:
    """The sign at the end of what is said, which is heard."""
    return text[-1] if text.endswith((".", "!", "?")) else ""


def _made(text: str) -> str:
    moves, length = bool(_MOVING.search(text)), ""
    text = _MOVING.sub("", text)
    if hit := _LENGTH.search(text):
        length, text = f"{hit['n'] or hit['m']} second ", f"{text[: hit.start()]}{text[hit.end() :]}"
    hit = _MAKE.fullmatch(text)
    if hit is None:
        return ""
    what, shape = _shaped(hit["what"])
    stem = re.sub(r"e[ns]$", "", hit["shape"].strip().lower())
    if stem and stem not in (*_SHAPES, "neu", "kurz"):
        return ""
    shape = f"{_SHAPES[stem]} " if stem in _SHAPES else shape
    who = hit["who"] or hit["whom"]
    if not who and (named := re.search(r"(?i),?\s+mit (?P<who>§p\d+)$", what)):
        who, what = named["who"], what[: named.start()]
    return (
        f"make a {length}{shape}reel in german about {what}"
        + (f" with {who}" if who else "")
        + (" with moving scenes" if moves else "")
    )


def _shaped(what: str) -> tuple[str, str]:
    """The topic without the format behind it, and that format."""
    hit = re.search(
        r"(?i)[\s,]+(?:im |als )?(?P<shape>quadratisch|hochkant|hochformat|vertikal|quer|querformat|breit"
        r"|breitbild)$",
        what,
    )
    if hit is None:
        return what.strip(" ,"), ""
    return what[: hit.start()].strip(" ,"), next(
        f"{told} " for stem, told in _ENDS if hit["shape"].lower().startswith(stem)
    )


def _names(text: str, said: Said) -> str:
    return re.sub(r"§p(\d+)", lambda hit: said.kept.names[int(hit[1])], text)


def _form(form: str) -> re.Pattern[str]:
    return re.compile(f"(?i){form}")


def _of(words: str) -> Callable[[re.Match[str]], str]:
    return lambda hit: words.format(n=_number(hit), words=hit.groupdict().get("words"))


def _number(hit: re.Match[str]) -> str:
    """The scene, as a step of a reel is named by; one that is counted from the end is asked about."""
    told = hit.groupdict().get("a")
    number = scene(told) if told else 0
    return f"scene {number}" if number > 0 else "that scene"


_A = rf"(?P<a>{SCENE})"
_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_form(rf"{_DOES} {_A} {_NEW}"), _of("make {n} again")),
    (_form(rf"(?:{_DOES} )?(?:ein )?(?:neues|anderes) bild (?:für|von|in|zu) {_A}"), _of("a new picture for {n}")),
    (_form(rf"{_DOES} das bild (?:von|in|zu|für) {_A} {_NEW}"), _of("a new picture for {n}")),
    (_form(rf"{_DOES} den clip (?:von|in|zu|für) {_A} {_NEW}"), _of("make the clip of {n} again")),
    (_form(rf"(?:nimm|nehme?) die stimme (?:von|in|zu|für) {_A} {_NEW} auf"), _of("record the voice of {n} again")),
    (_form(rf"(?:sprich|spreche?) {_A} {_NEW}(?: ein)?"), _of("record the voice of {n} again")),
    (_form(rf"(?:lass|lasse?) {_A} sagen:? (?P<words>.+)"), _of("let {n} say: {words}")),
    (_form(rf"(?:sag|sage|sprich)(?: bitte)? in {_A}(?: lieber| stattdessen| bitte| jetzt)*:? (?P<words>.+)"), _of("let {n}"
        " say: {words}")),
    (_form(rf"(?:zeig|zeige)(?: bitte)? in {_A}(?: lieber| stattdessen| bitte| jetzt)*:? (?P<words>.+)"), _of("{n} should"
        " show: {words}")),
    (_form(rf"{_A} soll (?P<words>.+) zeigen"), _of("{n} should show: {words}")),
    (_form(rf"in {_A} soll (?:es heißen|gesagt werden|stehen):? (?P<words>.+)"), _of("let {n} say: {words}")),
    (_form(rf"(?:schreib|schreibe?|mach(?:e)?) das (?:skript|drehbuch|{_REEL}) kürzer"), _of("rewrite the script shorter")),
    (_form(rf"(?:schreib|schreibe?|mach(?:e)?) das (?:skript|drehbuch|{_REEL}) länger"), _of("rewrite the script longer")),
    (_form(rf"(?:schreib|schreibe?|mach(?:e)?) (?:das|ein) (?:skript|drehbuch) {_NEW}"), _of("write another script")),
    (_form(r"(?:schreib|schreibe?) ein (?:neues|anderes) (?:skript|drehbuch)"), _of("write another script")),
    (_form(rf"{_DOES} das {_THUMBNAIL} {_NEW}|(?:{_DOES} )?ein (?:neues|anderes) {_THUMBNAIL}"), _of("make the thumbnail again")),
    (_form(rf"(?:nimm|nehme?|verwende|benutze?) {_A} (?:als|für das|fürs|als das) {_THUMBNAIL}"),
     _of("use {n} for the thumbnail")),
    (_form(rf"(?:{_DOES} )?(?:das )?{_THUMBNAIL} (?:bitte )?ohne titel"), _of("make the thumbnail without the title")),
    (_form(rf"(?:{_DOES} )?(?:das )?{_THUMBNAIL} (?:bitte )?mit titel"), _of("make the thumbnail with the title")),
    (_form(rf"wie weit ist (?:das|mein|unser) {_REEL}\??|ist (?:das|mein|unser) {_REEL} fertig\??"), _of("how far is the reel?")),
    (_form(rf"(?:zeig(?:e)?|liste?) (?:mir |uns )?(?:die|alle|meine|unsere) {_REEL}s(?: auf)?|welche {_REEL}s gibt es\??"),
     _of("list the reels")),
)  # fmt: skip
