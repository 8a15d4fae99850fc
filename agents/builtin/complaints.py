"""What is wrong with something, and then what is to be done to it? "Scene 2 is too long, make it 3 seconds" as one request.

Only where a thing of the studio is named and "it" stands for it behind. English and German. Neighbours: planner (which asks).
"""

import re

from agents.builtin.german import written
from agents.builtin.said import Said

_THING = (
    r"(?:scenes?|shots?|voice(?:-?over)?|recording|views?|thumbnail|cover|pictures?|images?|photos?|pics?|video|clip"
    r"|script|reel|title|music"
    r"|captions?|subtitles?|szenen?|stimme|aufnahme|ansicht(?:en)?|\w+ansicht|vorschaubild|bild|foto|skript|titel|musik"
    r"|untertitel)"
)
_IS = (
    r"(?:is|are|was|were|looks?|sounds?|feels?|seems?|came out|turned out|has become|isn't|doesn't (?:look|sound|feel)"
    r"|ist|sind|war|klingt|wirkt"
    r"|sieht|gefällt mir|passt)"
)
_DO = (
    r"(?:give|add|make|record|redo|re-?record|redraw|remake|render|do|draw|create|let|cut|trim|shorten|change|try|drop|remove"
    r"|mach(?:e)?|nimm|sprich|kürze?"
    r"|zeichne|lass(?:e)?|schneide?|entferne?|streiche?)"
)
_COMPLAINT = re.compile(
    rf"(?i)^(?P<what>(?:(?:the|my|our|that|this|her|his|die|der|das|den|§p\d+'s"
    rf"|scene \d+'s|(?-i:\w+s))\s+)?(?:[\w-]+\s+){{0,2}}?{_THING}(?:\s+\d+)?"
    rf"(?:\s+(?:in|of|for|von|in|zu|für)\s+(?:[\w§'-]+\s+)?(?:scene|szene|reel|video"
    rf"|§p\d+)(?:\s+\d+)?)?)\s+{_IS}\b(?P<amiss>[^?§]{{1,40}}?)"
    rf"\s*[,;.!–-]+\s*(?:(?:so|and|please|bitte|can you|could you|just|then|also|kannst du|daher)[\s,]+)*"
    rf"(?:(?P<does>{_DO})\s+(?:it|that|this|them|one|another one|a new one|sie|es|ihn|das|die|den|eine?n? neue[sn]?)\b"
    r"|(?:another one|a new one|a different one|eine?n? neue[sn]?|eine?n? andere[sn]?)\b)(?P<rest>.*)$"
)


def in_one(said: Said) -> str:
    """The request with the thing in the place of "it"; empty where it is none of these."""
    hit = _COMPLAINT.match(written(said))
    if hit is None or re.search(r"(?i)\b(?:but|aber|if|when|wenn)\b", hit["amiss"]):
        return ""
    anew = re.search(
        r"(?i)\b(?:another one|a (?:new|different) one|neue[sn]?|andere[sn]?)\b", hit[0][hit.end("amiss") :]
    )
    does = "make" if anew and re.match(r"(?i)try\b", hit["does"] or "try") else hit["does"]
    told = f"{does} {hit['what']}{' again' if anew else ''}{hit['rest']}"
    return re.sub(r"§p(\d+)", lambda token: said.kept.names[int(token[1])], told)
