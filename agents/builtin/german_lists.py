"""What is asked for in German, of jobs, lists, videos of media and help? The same request in plain English.

A message counts only where all of it is understood. Neighbours: german (pictures and clips), german_reels, german_voices.
"""

import re
from collections.abc import Callable

from agents.builtin.german import shapes, written
from agents.builtin.said import Said

_LEAD = (
    r"(?:(?:hey|hallo|ok(?:ay)?|bitte|also|jetzt|nun|dann|und|gator|mal|kannst du|k(?:ö|oe)nntest du|w(?:ü|ue)rdest du"
    r"|ich (?:möchte|will|hätte gern"
    r"|brauche)|sag mir|wei(?:ß|ss)t du)[\s,]+)*"
)
_ME = r"(?:(?:mir|uns|bitte|mal|doch|schnell|nochmal)\s+)*"
_END = (
    r"(?:[\s,]*(?:bitte|danke|mal|gerade|jetzt|noch|denn|so|hier|momentan|im moment|eigentlich|schon|auf|an))*[\s.!?]*"
)
_MEDIA = {
    "bild": "picture", "foto": "picture", "karte": "card", "video": "video", "film": "video", "clip": "clip", "reel": "reel",
    "aufnahme": "voice-over", "sprachaufnahme": "voice-over", "job": "job", "auftrag": "job", "rendern": "job",
}  # fmt: skip
_LISTS = {
    "bilder": "pictures", "fotos": "pictures", "karten": "cards", "videos": "videos", "filme": "videos", "clips": "clips",
    "aufnahmen": "voice-overs", "sprachaufnahmen": "voice-overs", "medien": "media", "jobs": "jobs", "aufträge": "jobs",
    "personas": "personas", "feeds": "feeds", "beiträge": "posts", "posts": "posts",
}  # fmt: skip
_STATES = {
    "laufende": "running", "wartende": "queued", "fehlgeschlagene": "failed", "gescheiterte": "failed", "fertige": "finished",
    "abgebrochene": "cancelled",
}  # fmt: skip
_ONE = rf"(?:das|der|den|die|dem|mein(?:en?)?|unser(?:en?)?)\s+(?:letzten?s?\s+|fehlgeschlagenen?\s+)?(?P<one>{'|'.join(_MEDIA)})"
_ALL = r"(?:alle|die)\s+(?P<all>jobs|aufträge|videos|clips|bilder|karten|aufnahmen)"
_N = {"zwei": "two", "drei": "three", "vier": "four", "fünf": "five", "sechs": "six", "acht": "eight", "zehn": "ten"}
_OF_MEDIA = (
    r"(?P<media>(?:(?:den|die|der|dem|allen|alle|meinen|unseren|beiden|diesen|letzten?|neuesten?|drei|zwei|vier|fünf"
    r"|sechs|acht|zehn|\d{1,2})\s+)+"
    r"(?:bild(?:ern?)?|fotos?|clips?|karten?)(?:\s+und\s+(?:der|dem)\s+letzten\s+(?:sprach)?aufnahme)?|beide[mn]?|allem)"
)


def _form(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?i){_LEAD}{form}{_END}")


def _listed(hit: re.Match[str]) -> str:
    found = hit.groupdict()
    state = next(
        (told for begins, told in _STATES.items() if (found.get("state") or "").lower().startswith(begins)), ""
    )
    of = f" of {found['who']}" if found.get("who") else ""
    return f"list the {state} {_LISTS[hit['list'].lower()]}{of}".replace("  ", " ")


def _film(hit: re.Match[str]) -> str:
    """A video of media that are there, its options in English."""
    rest = shapes(
        re.sub(r"(?i)\bquadratische[sn]?\b", "quadratisch", f"{hit['shape'] or ''} {hit['rest'] or ''}"), "make_clip"
    )
    rest = re.sub(r"(?i)\bohne untertitel\b", "without captions", rest)
    rest = re.sub(r"(?i)\bmit (?P<what>[^,]+?) als musik\b", r"with \g<what> as music", rest).strip(" ,")
    return f"make a video of {_counted(hit['media'])}{', ' + rest if rest else ''}"


def _counted(media: str) -> str:
    lower = media.lower()
    if lower.startswith("beide") and " " not in lower:
        return "both"
    if lower == "allem":
        return "all"
    noun = "clip" if "clip" in lower else "card" if "karte" in lower else "picture"
    number = next((told for word, told in _N.items() if re.search(rf"\b{word}\b", lower)), "")
    number = number or next(iter(re.findall(r"\d+", lower)), "") or ("two" if "beiden" in lower else "")
    voice = " and the last voice-over" if "aufnahme" in lower else ""
    if re.match(r"alle", lower):
        return f"all {noun}s{voice}"
    return f"the last {number} {noun}s{voice}" if number else f"the last {noun}{voice}"


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_form(r"(?:was|welche jobs|welcher job) (?:läuft|laufen|wird|werden|ist|sind)(?: (?:gerade|jetzt|noch|im moment"
        r"|momentan))*(?: (?:gerendert|gemacht"
           r"|in arbeit))?"), lambda _: "what jobs are running?"),
    (_form(r"läuft (?:gerade |noch |da )*(?:was|etwas|ein job)"), lambda _: "what jobs are running?"),
    (_form(r"(?:was|welche jobs) (?:wartet|warten|ist in der (?:warte)?schlange|steht (?:noch )?an)"), lambda _: "what jobs"
        " are queued?"),
    (_form(r"(?:was|welche jobs) (?:ist|sind) (?:fehlgeschlagen|schiefgegangen|schief gegangen"
        r"|gescheitert)"), lambda _: "what jobs failed?"),
    (_form(rf"(?:warum|wieso|weshalb) (?:ist|hat) {_ONE} (?:fehlgeschlagen|gescheitert|nicht geklappt|schiefgegangen"
        rf"|nicht fertig)"),
     lambda _: "what jobs failed?"),
    (_form(rf"(?:brich|breche?) {_ONE} ab|(?:stoppe?|storniere?|cancel) {_ONE.replace('one>', 'other>')}"),
     lambda hit: f"cancel the {_MEDIA[(hit['one'] or hit['other']).lower()]}"),
    (_form(rf"(?:brich|breche?) {_ALL} ab|(?:stoppe?|storniere?|cancel) {_ALL.replace('all>', 'every>')}"),
     lambda hit: f"cancel all {_LISTS[(hit['all'] or hit['every']).lower()]}"),
    (_form(rf"(?:versuche?|probiere?|starte?|mach(?:e)?)(?:'s)? {_ONE} (?:noch ?mal|noch einmal|erneut|neu)"),
     lambda hit: f"retry the {_MEDIA[hit['one'].lower()]}"),
    (_form(rf"(?:zeig(?:e|st du)?|liste?|gib|welche) {_ME}(?:(?:die|alle|meine|unsere"
        rf"|mir)\s+)*(?:(?P<state>\w+en?)\s+)?(?P<list>{'|'.join(_LISTS)})"
           r"(?:\s+(?:von|für)\s+(?P<who>§p\d+))?(?:\s+(?:gibt es|haben wir|hast du|habe ich|sind da|liegen vor))?"), _listed),
    (_form(rf"(?:mach(?:e|st du)?|erstell(?:e)?|bau(?:e)?|schneide?) {_ME}(?:aus|von|mit) {_OF_MEDIA} {_ME}(?:ein(?:en"
        rf"|e)?|'n|n)\s+"
           r"(?P<shape>(?:\w+e[sn]?\s+)?)(?:video|film|diashow|slideshow)(?P<rest>[\s,]+[^.;§]*?)??"), _film),
    (_form(rf"(?:mach(?:e|st du)?|erstell(?:e)?) {_ME}(?:ein(?:en|e)?|'n|n)\s+(?P<shape>(?:\w+e[sn]?\s+)?)(?:video|film"
        rf"|diashow|slideshow) (?:aus|von|mit) "
           rf"{_OF_MEDIA}(?P<rest>[\s,]+[^.;§]*?)??"), _film),
    (_form(r"(?:wie ist der status|läuft alles|geht alles|ist alles (?:in ordnung|ok(?:ay)?|gut))"), lambda _: "show the status"),
)  # fmt: skip


def in_english(said: Said) -> str:
    """The request in plain English; empty where it is none in German of these."""
    text = " ".join(written(said).split())
    for form, plain in _FORMS:
        hit = form.fullmatch(text)
        if hit is None or ((state := hit.groupdict().get("state")) and not any(map(state.lower().startswith, _STATES))):
            continue
        return re.sub(r"§p(\d+)", lambda token: said.kept.names[int(token[1])], plain(hit))
    return ""
