"""Are the reference views of a persona's face to be made? "Make the views of Nova's face", or one of them.

A clause counts only where all of it is understood. Neighbours: intents, german.
"""

import re

from agents.builtin.desk import Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.strangers import no_such

_DO = (
    r"(?:(?:please |now )*(?:make|create|generate|draw|render|produce|prepare|build|get|give|have|do|redo|remake|i want|i need"
    r"|we need|i'd like|let's have)(?: me| us)?\s+)"
)
_SIDES = (
    (r"(?:profile|side(?: view)?|from the side)", ("profile",)),
    (r"(?:full|whole|entire)[- ]?(?:body|figure)|full[- ]length|head[- ]to[- ]toe", ("full-body",)),
    (r"(?:left three[- ]quarters?|three[- ]quarters?[- ]left)", ("three-quarter-left",)),
    (r"(?:right three[- ]quarters?|three[- ]quarters?[- ]right)", ("three-quarter-right",)),
    (r"three[- ]quarters?", ("three-quarter-left", "three-quarter-right")),
)
_SIDE = "|".join(form for form, _ in _SIDES)
_SOME_SIDES = (
    rf"(?:(?:from |in |the |as )*(?:{_SIDE})(?: view)?)(?:\s*(?:,|and|&|plus|,\s*and)\s*(?:from |in |the |a "
    rf"|as )*(?:{_SIDE})(?: view)?)*"
)
_VIEWS = (
    r"(?:(?:reference |face |side )*(?:views?|angles?|sides)|reference (?:set|pictures|images|photos|shots|sheet)|turn-?around"
    r"(?: sheet)?)"
)
_SET = r"(?:(?:an?|the|all(?: the)?|some|new|other|full|missing|whole|complete|set of|her|his|their)\s+)*"
_FACE = r"(?:(?:'s)?(?:\s+(?:approved |locked )?(?:face|appearance|looks?|head))?)"
_END = r"(?:\s+(?:again|anew|please|made|from her (?:seed|approved) (?:picture|face|image)))*[\s.!?]*"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_DO}?{_SET}(?:(?P<side>{_SIDE})\s+)?{_VIEWS}\s+(?:of|for|from)\s+(?P<who>§p\d+){_FACE}{_END}",
        rf"{_DO}?(?P<who>§p\d+)'s\s+{_SET}(?:(?P<side>{_SIDE})\s+)?{_VIEWS}{_END}",
        rf"{_DO}{_SET}(?P<who>§p\d+)(?:'s (?:face|head|look)|'s)?,?\s+(?P<sides>(?:from |in )?{_SOME_SIDES}){_END}",
        rf"{_DO}?(?P<who>§p\d+)'s\s+(?P<sides>{_SOME_SIDES})\s+views?{_END}",
        rf"{_DO}?{_SET}(?P<sides>{_SOME_SIDES})\s+(?:views?|shots?)\s+(?:of|for)\s+(?P<who>§p\d+){_FACE}{_END}",
        rf"(?:show|draw|picture|see|make|render)\s+(?P<who>§p\d+){_FACE}\s+from (?:all|every|several|different|other)"
        rf" (?:sides?|angles?){_END}",
    )
)


# The views of somebody who is no persona.
_OF_SOMEBODY = re.compile(
    rf"\b{_VIEWS}\s+(?:of|for)\s+(?P<name>(?!the\b|my\b|our\b|a\b)[^\W\d_]\w+)(?='s face\b|[\s.!?]*$)"
)


def face_views(read: str, reading: Reading, desk: Desk) -> str:
    """`make_views` where a clause asks for them. Raises Cannot for somebody who is no persona."""
    named = _OF_SOMEBODY.search(read)
    if named and (name := reading.said.words(*named.span("name")))[:1].isupper():
        raise Cannot(no_such(name, desk))
    return "make_views" if _hit(read) else ""


def make_views(reading: Reading, desk: Desk) -> None:
    hit = _hit(reading.read)
    assert hit is not None
    told = hit.groupdict()
    views = _sides(told.get("side") or told.get("sides") or "")
    desk.put("make_views", persona=desk.persona(reading.said, hit["who"]), views=views)


def _sides(told: str) -> list[str]:
    """The views that are named, in their order."""
    found: list[str] = []
    for hit in re.finditer(_SIDE, told):
        found += next(views for form, views in _SIDES if re.fullmatch(form, hit[0]))
    return list(dict.fromkeys(found))


def _hit(read: str) -> re.Match[str] | None:
    return next((hit for form in _FORMS if (hit := form.fullmatch(read.strip()))), None)
