"""What beside its words is a picture made of? LoRAs, a model, a larger size, a picture to follow, to begin with, to recognise.

Each is taken out of the text it stood in, as in `options`. English and German. Neighbours: fill_pictures, follow_ups.takes.
"""

import re
from collections.abc import Callable
from typing import Any

from agents.builtin.desk import Cannot, Desk
from agents.builtin.said import Said, hear
from agents.builtin.studio.pictures_meant import NOUN, by_title, newest

_MOST = 8  # LoRAs at once
_NAME = r"[^\W_][\w.-]*[^\W_]|[^\W_]"
_WEIGHT = (
    r"(?:\s*(?:[,:(@]|at|with|mit|zu|bei|von|auf|in|and|a|an|einer|der|weight|strength|st(?:ä|ae)rke"
    r"|gewicht(?:ung)?|of|full)\s*)+"
)
_LORA = re.compile(
    r"(?:[\s,]*\b(?:(?:and|und)\s+)?(?:in|with|using|wearing|by|mit|im|in)\s+|,\s*|^)(?:(?:the|an?|my|our|der|dem|einer?)\s+)*"
    r"(?:(?:style|look|stil) (?:of|der|von) (?:the |der )?)?"
    rf"(?:(?P<before>{_NAME})(?:[- ](?:style|look|stil))?[- ]loras?|loras?\s+(?:named |called |namens )?(?P<after>{_NAME}))\b"
    rf"(?:{_WEIGHT}(?P<weight>\d(?:[.,]\d+)?)\)?|:(?P<colon>\d(?:[.,]\d+)?))?"
)
_MORE = re.compile(
    rf"\s*(?:and|und|,|\+)\s*(?P<after>{_NAME})(?::(?P<weight>\d(?:[.,]\d+)?)|\s+(?:at|mit|zu)\s+(?P<at>\d(?:[.,]\d+)?))"
)
_NO_LORA = re.compile(r"[\s,]*\b(?:without|with no|no|ohne)\s+(?:(?:an?|any|the|her|die|eine|ihre)\s+)*loras?\b")
_MODELS = (
    r"(?:flux|sdxl|sd[ -]?(?:xl|3(?:\.5)?|1\.?5|15)|qwen-image|comfyui|openai:[\w.-]+|runway:[\w.-]+|wan|ltx"
    r"|svd)(?:[\w.:-]*\w)?"
)
_MODEL = re.compile(
    r"[\s,]*\b(?:with|using|use|take|by|on|via|mit|nimm|(?:ü|ue)ber|through)\s+(?:(?:the|das|dem|an?|unserem?)\s+)*"
    rf"(?:(?:image |video |bild-?|video-?)?model[l]?\s+(?:named |called |namens )?(?P<named>[\w./:-]*\w)"
    rf"|(?P<known>{_MODELS})(?:\s+model[l]?)?)"
    r"(?!\w)"
)
_FACTORS = (
    (
        2,
        r"twice|double|2 ?[x×]|[x×] ?2|2 times|two times|two[- ]?fold|2[- ]fold|doppelt|zweimal|zweifach|2[- ]?mal"
        r"|2[- ]?fach|200 ?%",
    ),
    (
        4,
        r"four times|quadruple|4 ?[x×]|[x×] ?4|4 times|four[- ]?fold|4[- ]fold|viermal|vierfach|4[- ]?mal|4[- ]?fach|400 ?%",
    ),
)
_FACTOR = rf"(?:{'|'.join(form for _, form in _FACTORS)})"
_OTHER = (
    r"(?:\d+(?:[.,]\d+)?|three|five|six|eight|ten|sixteen|drei|fünf|sechs|acht|zehn)[ -]?(?:[x×]|times|fold|mal|fach)"
)
SIZE = (
    rf"(?:by (?:a )?(?:factor (?:of )?)?|to |um (?:das )?|auf (?:das )?|at |in )?(?P<factor>{_FACTOR}|{_OTHER})e?[nrs]?"
)
_AS_LARGE = (
    r"(?:\s*(?:as |so |die |in |the |its |a )*(?:larger?|big(?:ger)?|high|size|resolution|as large|gro(?:ß|ss)|gr(?:ö"
    r"|oe)(?:ß|ss)er?"
    r"|aufl(?:ö|oe)sung|res)(?: (?:as (?:that|it is|now)|size|resolution))?)"
)
LARGER = re.compile(
    rf"[\s,]*\b(?:and |und )?(?:make it |but |upscaled? |scaled (?:up )?|enlarged |vergrößert )*{SIZE}{_AS_LARGE}?(?!\w)"
)
_BY_ITSELF = re.compile(rf"(?:upscaled?|scaled up|enlarged|vergrößert)\b|{_AS_LARGE}")
_FOLLOWS = re.compile(
    r"[\s,]*\b(?:with|in|using|by|follow(?:ing)?|keep(?:ing)?|and|mit|nach|in|folge)\s+(?:exactly )?(?:the|der|den|dem"
    r"|same|die)\s+"
    r"(?:same )?(?:pose|posture|edges?|outlines?|lines?|contours?|depth(?: map)?|composition|pose|haltung|kanten"
    r"|umrissen?|tiefe)\s+"
    rf"(?:of|from|in|as in|as on|von|aus|auf|wie (?:auf|in)|des|de[rm])\s+(?:the |that |this |my |her |dem |de[rs] )?"
    rf"(?:(?:very |aller)?(?:last|latest|newest|letzten?|neuesten?)\s+)?(?P<which>that picture|{NOUN})\b"
)
_BEGINS = re.compile(
    r"[\s,]*\b(?:starting (?:from|with)|start(?:s|ed)? (?:from|with)|based on|on the basis of|out of|from|ausgehend von"
    r"|auf (?:der )?basis"
    r" (?:von|des)|aus)\s+(?:the |that |this |my |her |dem |des )?(?:(?:very |aller)?(?:last|latest|newest|letzten?"
    r"|neuesten?)\s+)?"
    rf"(?P<which>that picture|{NOUN})\b"
)
_RECOGNISED = re.compile(
    r"[\s,]*\b(?:with|using|use|take|mit|nimm)\s+(?:the |that |this |my |her |dem |das )?(?:(?:very |aller)?(?:last"
    r"|latest|newest|letzten?|neuesten?|letzte|"
    rf"neueste)\s+)?(?P<which>that picture|{NOUN})\s+(?:as|als)\s+(?:an? |the |its |eine )?(?:visual )?(?:reference|referenz)\b"
)


def loras(said: Said) -> tuple[list[str] | None, Said]:
    """With their weights, as `ink:0.6`; an empty list where none is to be worn, the persona's neither."""
    if hit := _NO_LORA.search(said.read):
        return [], said.without(*hit.span())
    hit = _LORA.search(said.read)
    if hit is None:
        return None, said
    found, end = [_weighted(said, hit)], hit.end()
    while len(found) < _MOST and (more := _MORE.match(said.read, end)):
        found.append(_weighted(said, more))
        end = more.end()
    return found, said.without(hit.start(), end)


def _weighted(said: Said, hit: re.Match[str]) -> str:
    told = hit.groupdict()
    name = next(said.words(*hit.span(group)) for group in ("before", "after") if told.get(group))
    weight = next((told[group] for group in ("weight", "colon", "at") if told.get(group)), "")
    return f"{name}:{weight.replace(',', '.')}" if weight else name


def model(said: Said) -> tuple[str | None, Said]:
    """Which model is to make it."""
    hit = _MODEL.search(said.read)
    if hit is None:
        return None, said
    return said.words(*hit.span("named" if hit["named"] else "known")), said.without(*hit.span())


def larger(said: Said) -> tuple[int | None, Said]:
    """How many times as wide and high: 2 or 4. Raises Cannot for another number of times."""
    for hit in LARGER.finditer(said.read):
        if _BY_ITSELF.search(hit[0]):
            return times(hit["factor"]), said.without(*hit.span())
    return None, said


def times(told: str) -> int:
    """2 or 4. Raises Cannot for another number."""
    for factor, form in _FACTORS:
        if re.fullmatch(form, told.lower()):
            return factor
    raise Cannot("A picture can be made 2 or 4 times as wide and high. Which of the two?")


def after_pictures(said: Said, desk: Desk) -> tuple[dict[str, Any], Said]:
    """The pictures that it follows, begins with, or that show whom or what is to be recognised in it."""
    text, id = by_title(said.text(), desk)
    if id and any(form.search(text.lower()) for _, form in _AFTER):
        said = hear(text, said.kept.names)
    found: dict[str, Any] = {}
    for name, form in _AFTER:
        hit = form.search(said.read)
        if hit and not id and (called := _CALLED.match(said.words(hit.end(), len(said.read)))):
            raise Cannot(f"There is no one picture called {called['title']}. List the pictures to see what there is.")
        if hit and (which := id if id and hit["which"] == "that picture" else newest(desk)):
            found[name] = [which] if name == "references" else which
            said = said.without(*hit.span())
    return found, said


# A title behind "the picture", where none of those there is is called so.
_CALLED = re.compile(r"(?P<title>[^\W\d_a-zäöüß][^,.;!?]*)")
_AFTER = (("follow", _FOLLOWS), ("references", _RECOGNISED), ("start", _BEGINS))
_Taker = Callable[[Said], tuple[Any, Said]]
TAKEN: tuple[_Taker, ...] = (loras, model, larger)
