"""What of a picture is to be different? "Paint the hat out of it", "she should wear a green coat", "twice as large"; German, too.

Each becomes the same picture once more with that changed. A message counts only where all of it is understood; without a word
for a picture it is read so only right behind a picture. Neighbours: pictures_meant, follow_ups.takes (another take), looks.
"""

import re
from collections.abc import Callable
from typing import Any

from agents.builtin import lexicon
from agents.builtin.desk import Cannot, Desk, Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.takes import different
from agents.builtin.follow_ups.threads import Thread
from agents.builtin.german import written
from agents.builtin.options import SOCIAL
from agents.builtin.said import Said, hear
from agents.builtin.studio.looks import SIZE, times
from agents.builtin.studio.pictures_meant import IT, PICTURE, by_title, last_was_picture, told
from agents.builtin.times.moments import Unclear, find_when

_LEAD = re.compile(
    r"(?i)^(?:(?:please|pls|plz|ok(?:ay)?|now|so|and|also|then|but|hm+|nice|great|cool|good|perfect|no|nah|nope|hey|gator|can you"
    r"|could you|can we|could we|would you|will you|i want you to|i'd like you to|i'd like|let's|maybe|just|und|jetzt|nun"
    r"|dann|bitte|also"
    r"|aber|noch|super|schön|toll|kannst du|k(?:ö|oe)nntest du|hey|mal|doch|auch|lieber|nein|vielleicht|nur"
    r"|(?:(?:much|way|even|still|it'?d be|it would be|that's|looks?|would look|would be|viel|noch) )*(?:better|nicer"
    r"|cooler|prettier|besser|schöner|hübscher)"
    r"(?= (?:with|without|in|at|on|if|mit|ohne|im|bei|in)\b))[\s,.!]+)+"
)
_TAIL = re.compile(
    r"(?i)[\s,]*(?:\b(?:please|pls|plz|thanks|thx|thank you|bitte|danke|mal|for me|für mich|instead|stattdessen|this time"
    r"|diesmal|too"
    r"|auch|though)\b[\s,.!?]*)+$|[\s.!?]+$"
)
_THAT = rf"(?:{PICTURE}|{IT})"
_OFF = r"(?:paint|take|remove|erase|edit|crop|get|delete|photoshop|retouch|cut|clean|lose|drop|wipe|airbrush|brush|get rid of)"
_WEG = r"(?:nimm|entferne?|lösche?|retuschiere?|mal(?:e)?|schneide?|mach(?:e)?|lass(?:e)?|radiere?|streiche?)"
_X = (
    r"(?P<x>(?:(?:the|her|his|that|those|these|all|any|den|die|das|ihren?|ihr|seine?n?|alle|diesen?|einen?"
    r"|eine)\s+)(?:(?!\b(?:out|of|from|in|on|off|aus|von|auf|im|scene|szene)\b)\S+\s*?){1,5}?"
    r"(?:\s+(?:in the (?:background|foreground|back|front|corner|sky|distance)|on the (?:left|right|wall|table)"
    r"|im (?:hinter|vorder)grund))?)"
)
_ADDED = r"(?P<x>(?:an?|some|more|two|three|another|ein(?:e[nrs]?)?|etwas|mehr|zwei|noch ein(?:e[nrs]?)?)\s+\S.*?)"
_PUT = r"(?:add|put|place|include|insert|give (?:her|him|it|them|§p\d+))"
_DAZU = r"(?:füge?|mal(?:e)?|setz(?:e)?|pack(?:e)?|gib|zeichne|ergänze?)"
_BIT = r"(?:(?:a (?:bit|little|lot|touch|tad)|slightly|much|way|far|somewhat|etwas|ein bisschen|ein wenig|viel|deutlich)\s+)?"
_LOOKS = (
    r"(?:bright|dark|light|warm|cold|cool|soft|sharp|close|clos|clear|blurri|moodi|sunni|cloudi|foggi|happi|sad|young|old"
    r"|slim|big|small|wide"
    r"|high|low|deep|rich|strong|weak|dramatic|colou?rful|realistic|natural|vivid|hell|dunkl|wärm|kälter|weich|schärf|näh"
    r"|freundlich|bunt"
    r"|fröhlich|trauri|düster)"
)
_COMPARED = (
    rf"(?:(?:more|less|mehr|weniger)\s+\S.*|{_LOOKS}\w*er(?:\s+(?:colou?rs|light|background|mood|farben|licht"
    rf"|hintergrund|stimmung))?)"
)
_LIKE = r"(?:(?:more |less |eher |mehr )?(?:like|as|wie|als)\s+(?:an?|ein(?:e[nrs]?)?|if|wenn|from|aus|in)\s+\S.*)"
_PLACE = (
    r"(?:(?:at|in|on|under|during|with|without|against|from|bei|im|in|auf|am|an|unter|vor|mit|ohne|von)\s+(?!it\b|that\b"
    r"|this\b|her\b|him\b"
    r"|voice|general|mind)\S.*)"
)
_LONGEST = 240  # characters of a message that changes a picture
# Words by which a message is about something else than what is to be seen.
_ELSEWHERE = re.compile(
    rf"§[qui]|\?$|\b(?:scenes?|szenen?|titles?|titel|music|musik|captions?|subtitles?|untertitel|alt texts?|seed|format"
    rf"|seconds?|sekunden?"
    rf"|{SOCIAL}|page|gallery|feed|asking|approv\w+|interests?|hobb(?:y|ies)|jobs?|occupation|age|home|greeting|traits?|personality"
    rf"|catchphrases?|backstory|boundar(?:y|ies)|languages?|accent|voice|post(?:s|ed)?|schedule|voice|german|english|total|sheet"
    rf"|name[ds]?|called|face)\b"
)


def changed_picture(text: str, said: Said, thread: Thread) -> Outcome | None:
    """The picture that is meant once more, with what is said of it changed."""
    desk = thread.desk()
    if "make_picture" not in thread.reader.tools or len(text) > _LONGEST:
        return None
    try:
        found = change_of(text, said, desk, behind=last_was_picture(desk) and bool(desk.before))
    except Cannot as cannot:
        return Outcome(words=str(cannot), focus=thread.before.focus)
    # Where no model makes pictures only what can be nothing else is: the rest may be said of a card (`unmade`).
    if found is None or not (desk.context.get("image_model") or set(found) == {"again", "larger"}):
        return None
    focus = str(found.get("persona") or thread.before.focus or "") or None
    return Outcome((Step("make_picture", found),), focus=focus, clauses=(text,))


def change_of(text: str, said: Said, desk: Desk, *, behind: bool) -> dict[str, Any] | None:
    """The order of the picture with what is said of it changed; `behind`: it may be said without a word for a picture."""
    plain, id = by_title(text, desk)
    heard = hear(plain, said.kept.names)
    return _read(bare(written(heard)), heard, desk, id, behind=behind)


def bare(read: str) -> str:
    """Without courtesies in front and behind."""
    return _TAIL.sub("", _LEAD.sub("", read)).strip()


def _read(read: str, said: Said, desk: Desk, id: str, *, behind: bool) -> dict[str, Any] | None:
    for form, change, needs in _FORMS:
        hit = form.fullmatch(read)
        if hit is None:
            continue
        named = (
            any(hit.groupdict().get(name) for name in ("whose", "who", "of"))
            or re.search(rf"(?i)\b{PICTURE}", read) is not None
        )
        if not (named or behind or (needs == "it" and last_was_picture(desk))):
            continue
        told_of = change(hit)
        if told_of is None or (not named and _about_else(read, desk)):
            continue
        meant = told(hit, said.kept.names, id)
        args = {"again": meant.id, "persona": meant.persona, **told_of}
        if told_of.get("but"):
            args |= {"but": None, **different(told_of["but"], said, "make_picture")}
        return {name: value for name, value in args.items() if value is not None}
    return None


def _about_else(read: str, desk: Desk) -> bool:
    """Whether it speaks of a time or of things that no picture shows."""
    lower = read.lower()
    if _ELSEWHERE.search(lower):
        return True
    things = {lexicon.thing(word) for word in re.findall(r"[a-z-]+", lower)} - {"", "card", "persona", "work"}
    try:
        return bool(things & {"voice", "video", "post", "job", "feed", "status", "cost", "media", "zone"}) or (
            find_when(lower, desk.now, desk.zone) is not None
            and not re.search(r"\b(?:at|in the|by) (?:night|dawn|dusk|noon|morning|evening)\b", lower)
        )
    except Unclear:
        return True


Change = Callable[[re.Match[str]], dict[str, Any] | None]


def _without(hit: re.Match[str]) -> dict[str, Any] | None:
    what = hit["x"].strip()
    if any(lexicon.thing(word) not in ("", "persona") for word in re.findall(r"[a-z-]+", what.lower())) or re.search(
        r"\blast|letzte", what
    ):
        return None
    german = re.match(r"(?i)(?:den|die|das|ihren?|ihr|seine?n?|alle|diesen?|einen?|eine)\b", what)
    return {"but": f"{'ohne' if german else 'without'} {what}"}


def _with(hit: re.Match[str]) -> dict[str, Any]:
    what = hit["x"].strip()
    german = re.match(r"(?i)(?:ein(?:e[nrs]?)?|etwas|mehr|zwei|noch)\b", what)
    where = (hit.groupdict().get("where") or "").strip()
    return {"but": " ".join(part for part in ("dazu" if german else "with", what, where) if part)}


def _instead(hit: re.Match[str]) -> dict[str, Any]:
    """The other thing in words: whether the old one is said in the prompt so is not known here."""
    return {"but": f"{hit['y'].strip()} instead of {hit['x'].strip()}"}


def _larger(hit: re.Match[str]) -> dict[str, Any]:
    factor = hit.groupdict().get("factor")
    return {"larger": times(factor) if factor else 2}


_SHE = (
    (r"(?:wear|be wearing|tragen)\s+(?P<rest>.+)", "wearing {}"),
    (r"(?:have|haben)\s+(?P<rest>.+)", "with {}"),
    (r"(?:be|stand|sit|lie)\s+(?P<rest>(?:in|on|at|under|by|near|next to)\s.+)", "{}"),
    (r"be\s+(?P<rest>\w+ing\b.*)", "{}"),
    (r"look\s+(?P<rest>.+)", "looking {}"),
    (r"smile\b(?P<rest>.*)", "smiling{}"),
    (r"(?P<rest>.+)\s+tragen", "trägt {}"),
    (r"(?P<rest>.+)\s+haben", "mit {}"),
    (r"(?P<rest>.+)\s+sein", "{}"),
)


_VISIBLE = re.compile(
    r"(?i)(?:wear|be wearing|hold|have|carry|stand|sit|lie|lean|kneel|walk|run|jump|dance|ride|swim|look|smile|laugh|wink"
    r"|frown|face|wave|point|hug"
    r"|turn|be (?:\w+ing|in|on|at|under|by|near|next to|seen|closer|further|blond|smiling|barefoot))\b"
)
_VISIBLE_DE = re.compile(
    r"(?i)\b(?:tragen|haben|halten|stehen|sitzen|liegen|lächeln|lachen|schauen|gucken|tanzen|laufen"
    r"|winken)$"
)


def _she(hit: re.Match[str]) -> dict[str, Any] | None:
    """What she is to do, as it is said of a picture: "wearing a green coat"; None for what no picture shows."""
    does = hit["does"].strip()
    if not _VISIBLE.match(does) and not _VISIBLE_DE.search(does):
        return None
    for form, words in _SHE:
        if found := re.fullmatch(rf"(?i){form}", does):
            return {"but": words.format(found["rest"])}
    return {"but": does}


def _as_said(hit: re.Match[str]) -> dict[str, Any]:
    return {"but": hit["but"].strip()}


def _form(form: str) -> re.Pattern[str]:
    return re.compile(f"(?i){form}")


_SCALE = (
    r"(?:make|render|do|get|have|scale|blow|enlarge|upscale|upsize|increase|mach(?:e)?|vergr(?:ö|oe)(?:ß|ss)(?:er|re"
    r"|ere)?|skalier(?:e)?|rechne?)"
)
_UP = (
    r"(?:\s*(?:up|hoch|as|so|die|the|large|larger|big|bigger|size|resolution|in|its|gro(?:ß|ss)|gr(?:ö|oe)(?:ß|ss)er"
    r"|aufl(?:ö|oe)sung|high))*"
)
# A form, what it changes, and how near the picture must be where no word for one stands in it: "it", or just made.
_FORMS: tuple[tuple[re.Pattern[str], Change, str], ...] = (
    (_form(rf"{_SCALE}\s+{_THAT}{_UP}\s*(?:{SIZE}){_UP}"), _larger, "it"),
    (_form(rf"{_SCALE}\s+{_THAT}\s+(?:up|larger|bigger|gr(?:ö|oe)(?:ß|ss)er|hoch)"), _larger, "it"),
    (_form(rf"(?:upscale|enlarge|vergr(?:ö|oe)(?:ß|ss)(?:er|re|ere)?)\s+{_THAT}"), _larger, "it"),
    (_form(rf"{_OFF}\s+(?:out |off |away )?{_X}\s*(?:out of|from|off(?: of)?|of|in|on|away from)\s+{_THAT}"), _without, "it"),
    (_form(rf"{_WEG}\s+{_X}\s*(?:aus|von|auf|in)\s+{_THAT}(?:\s+(?:raus|heraus|weg|runter))?"), _without, "it"),
    (_form(rf"{_OFF}\s+{_X}(?:\s+(?:out|off|away))?"), _without, "made"),
    (_form(rf"{_WEG}\s+{_X}\s*(?:raus|heraus|weg|runter)?"), _without, "made"),
    (_form(rf"(?:{_PUT}|paint|draw)\s+{_ADDED}\s+(?:to|into|in|on|onto)\s+{PICTURE}"), _with, "it"),
    (_form(r"give (?:her|him|them|§p\d+)\s+(?P<x>(?!the\b|a (?:break|rest|voice|name)\b)\S.*)"), _with, "made"),
    (_form(rf"(?:see|show|have|get)\s+(?:it|that|this|her|him)\s+(?P<but>{_PLACE})"), _as_said, "made"),
    (_form(rf"{_PUT}\s+{_ADDED}\s+(?:to it|in it|there|into it)"), _with, "made"),
    (_form(rf"{_PUT}\s+{_ADDED}"), _with, "made"),
    (_form(rf"{_DAZU}\s+(?:ihr |ihm |dem bild )?{_ADDED}(?:\s+(?:hinzu|dazu|rein|ein|drauf|auf das bild|ins bild"
        rf"|in das bild))?"), _with, "made"),
    (_form(rf"(?:replace|swap|exchange|trade|change|turn)\s+(?P<x>(?:the|her|his|that)\s+\S.*?)\s+(?:with|by|for|to"
        rf"|into)\s+(?P<y>\S.*?)"
           rf"(?:\s+(?:in|on)\s+{_THAT})?"), _instead, "made"),
    (_form(r"(?P<y>\S.*?)\s+(?:instead of|statt|anstelle von|anstatt)\s+(?P<x>\S.*)"), _instead, "made"),
    (_form(rf"(?:(?:take|use|nimm)\s+)?{_THAT}(?:\s*,)?\s+(?:and|und)\s+(?:make|turn|mach(?:e)?)\s+(?:it|them|es|das"
        rf"|daraus)\s+(?:into |to )?(?P<but>\S.*)"),
     _as_said, "it"),
    (_form(rf"(?:make|turn|convert|redo|mach(?:e)?)\s+{PICTURE}\s+(?:look |into |to )?(?P<but>(?:an?\s"
        rf"|{_BIT}(?:{_COMPARED}|{_LIKE})|as\s|in\s|at\s|with\s|black)\S?.*)"),
     _as_said, "it"),
    (_form(r"(?:she|he|they|it|sie|er|es|§p\d+|everybody|the \w+)\s+(?:should|must|needs to|has to|ought to|could"
        r"|soll(?:te)?|muss|könnte)\s+"
           r"(?:rather |now |also |lieber |auch |jetzt |eher )*(?P<does>\S.*)"), _she, "made"),
    (_form(r"(?:let|have|make)\s+(?:her|him|them|§p\d+)\s+(?P<does>\S.*)"), _she, "made"),
    (_form(r"(?:put|dress|place|show|zeig(?:e)?)\s+(?:her|him|them|sie|ihn)\s+(?P<but>(?:in|on|at|under|with|next to|from"
        r"|mit|im|auf|am|vor)\s+\S.*)"),
     _as_said, "made"),
    (_form(rf"(?:make|turn|let|mach(?:e)?)\s+(?:{IT}|the (?:light|colou?rs|background|mood|sky)|das licht"
        rf"|den hintergrund)\s+(?:look |be |into )?"
           rf"(?P<but>{_BIT}(?:{_COMPARED}|{_LIKE}|in \S.*|at \S.*|an? (?!reel|video|clip|card|post|voice)\S.*"
           rf"|black and white|schwarz-?wei(?:ß|ss)))"),
     _as_said, "made"),
    (_form(rf"(?P<but>{_BIT}(?:{_COMPARED}|{_LIKE}))"), _as_said, "made"),
    (_form(rf"(?P<but>{_PLACE}|black and white|schwarz-?wei(?:ß|ss))"), _as_said, "made"),
)  # fmt: skip
