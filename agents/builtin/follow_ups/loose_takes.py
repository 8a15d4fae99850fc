"""Is another take asked for in loose words? "Nah, different one", "das Ganze bei Regen", "the same with Mira".

The message is cut in two: words of asking again, all of which are known, and behind them what is to be different.
Neighbours: takes (which asks here where its own forms do not fit).
"""

import re
from dataclasses import dataclass

_ASKING = (
    r"(?:can|could|may|might|would|will|do|does|i|you|we|us|me|my|get|have|see|give|make|create|generate|draw|paint|render|shoot|show|try|let|let's"
    r"|want|need|like|love|prefer|rather|'d|it|that|this|these|those|them|of|the|a|an|one|ones|thing|picture|pic|image|photo|portrait|selfie|clip"
    r"|please|pls|plz|just|now|then|so|and|ok|okay|nah|nope|no|not|hm+|well|actually|maybe|but|too|also|version|different|differently|another|other|new|fresh"
    r"|again|anew|once|twice|more|time|time|same|exact|last|latest|few|couple|some|variations?|variants?|versions?|takes?|options?|alternatives?|shots?"
    r"|don't|didn't|do|like|really|that's|isn't|what|meant|wanted|good|great|nice|cool|perfect|quite|right|it's|yet|go|at|sort"
    r"|kannst|könntest|würdest|du|mir|uns|ich|wir|will|möchte|hätte|gern|gerne|mach|mache|machst|erstelle?|zeig|zeige|gib|probier|probiere|versuch"
    r"|versuche|versuch's|male?|zeichne|das|es|den|dem|die|der|ein|eine|einen|eins|noch|mal|einmal|nochmal|nochmals|neu|neue[snr]?|andere[snr]?|anders"
    r"|gleiche|gleichen|selbe|selben|dasselbe|ganze|wieder|bitte|jetzt|nun|und|aber|doch|lieber|nein|nicht|gefällt|so|schön|gut|ganz|recht|davon"
    r"|bild|foto|clip|varianten?|version|versionen|fassungen?|mehr|paar|von|danke|super|toll|stattdessen|instead|machen|haben)"
)
_NUMBER = r"(?:\d{1,2}|two|three|four|five|six|zwei|drei|vier|fünf|sechs)"
# Nothing is read in a second way (`?>`, `+`): a word that stands twice above would be tried in all ways, for minutes.
_CORE = re.compile(rf"(?:(?>(?:{_ASKING}|{_NUMBER})(?=[\s,.!:;–-]|$))[\s,.!:;–-]*+)++")
_AGAIN = re.compile(
    r"\b(?:again|anew|once more|one more time|same|another (?:one|take|version|try|go|shot|picture|pic|image|photo|clip)"
    r"|(?:a )?different (?:one|take|version|picture|pic"
    r"|image|photo|clip)|other one|new one|fresh one|one more|differently|noch ?mal(?:s)?|noch ein ?mal"
    r"|noch eine?n?s?|andere[srn]|anders"
    r"|neues|dasselbe"
    r"|das gleiche|das selbe|das ganze|wieder)\b"
)
_SEVERAL = re.compile(
    rf"\b(?P<n>{_NUMBER}|a couple of|a few|ein paar)\s+(?:more|other|different|new|mehr|andere|neue|weitere)?\s*"
    r"(?:variations?|variants?|versions?|takes?|options?|alternatives?|more|pictures?|pics|images?|photos?|clips?|varianten|versionen|fassungen|bilder"
    r"|fotos)\b"
)
# Where what is different begins.
_CHANGE = re.compile(
    r"(?:^|[\s,;:–-]+)(?:(?:but|only|just|except|though|aber|nur|diesmal|this time|and now|jetzt|lieber|rather)[\s,:]+"
    r"(?:this time |now |diesmal |jetzt |make it |lieber )*"
    r"(?=(?P<marked>\S))|(?=(?:with|without|w/o|w/|in|at|on|as|under|by|during|mit|ohne|in|im|bei|am|auf|an|als|unter|vor|nur)\s+\S))"
)
_NUMBERS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "zwei": 2,
    "drei": 3,
    "vier": 4,
    "fünf": 5,
    "sechs": 6,
}
_MOST = 8


@dataclass(frozen=True, slots=True)
class Loose:
    """How often, and what is to be different."""

    count: int = 1
    but: str = ""


def loose(read: str) -> Loose | None:
    """A message in small letters, names as tokens; None where it asks for nothing again, or says more than is understood."""
    read = re.sub(r"\bw/o\b", "without", " ".join(read.replace("’", "'").split()))
    for cut in [*_CHANGE.finditer(read), None]:
        core, but = (read[: cut.start()], read[cut.end() :]) if cut else (read, "")
        core = core.strip(" ,.!:;–-")
        if not core or not _CORE.fullmatch(core.lower()):
            continue
        several = _SEVERAL.search(core.lower())
        if several or _AGAIN.search(core.lower()):
            return Loose(_count(several), but.strip(" ,.!")) if not but or "?" not in but else None
    return None


def _count(several: re.Match[str] | None) -> int:
    if several is None:
        return 1
    told = several["n"]
    count = int(told) if told.isdigit() else _NUMBERS.get(told, 2)
    return count if 1 <= count <= _MOST else 1
