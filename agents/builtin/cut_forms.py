"""How is a change of a video said, and what is done by it? The forms of `cutting`, in English and in German.

Neighbours: cut_words (numbers and scenes), cutting (which tries them in their order).
"""

import re
from collections.abc import Callable
from typing import Any

from agents.builtin.cut_words import BARE, SCENE, SECONDS, SOME_SCENE, scene, seconds

Operation = dict[str, Any]
_A, _B = rf"(?P<a>{SCENE})", rf"(?P<b>{SCENE})"
VIDEO = r"(?:video|reel|film|clip|movie)s?"
_MUSIC = r"(?:the |any |all |all the |die |jede |alle )?(?:background |hintergrund)?musi[ck]"
_CAPTIONS = r"(?:the |any |all |die |alle )?(?:captions?|subtitles?|untertitel)"
_OFF = r"(?:mute|hide|remove|drop|delete|disable|kill|take out|leave out|cut|cut out|turn off|switch off|lose|get rid of|strip)"
_RAUS = r"(?:entferne?|lösche?|streiche?|schneide?|schalte?|mach(?:e)?|nimm|lass(?:e)?|stelle?|blende?)"
_WEG = r"(?:weg|raus|heraus|aus|ab|stumm)"
_LET = r"(?:make|let|have|keep|show|hold|leave|lass(?:e)?|mach(?:e)?|zeig(?:e)?|halte?)"
_TURN = r"(?:make|turn|bring|have|let|mach(?:e)?|dreh(?:e)?|stelle?)"
_BIT = r"(?:(?:a (?:bit|little|touch)|slightly|much|etwas|ein bisschen|ein wenig|viel) )?"
_SLIGHTLY = r"(?: (?:a (?:bit|little|touch)|slightly|some|etwas|ein bisschen|ein wenig))?"
_QUOTED = r"[\"“„«»‘'‚].+?[\"”“»«’'‘]"
_UNQUOTED = r"(?-i:[^\W\d_a-zäöüß])[^\"“„«»]+?"  # a title begins with a capital letter, "the logo" does not
_QUOTE = re.compile(r"^[\"“„«»‘'‚](?P<in>.+?)[\"”“»«’'‘]$")


Deed = Callable[[re.Match[str]], list[Operation]]


def _form(*forms: str) -> re.Pattern[str]:
    return re.compile("(?i)" + "|".join(f"(?:{_numbered(form, place)})" for place, form in enumerate(forms)))


def _numbered(form: str, place: int) -> str:
    """Group names of their own, since a pattern may have a name once only."""
    return re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{place}>", form)


def _told(hit: re.Match[str], name: str) -> str:
    """What the group of that name took, in whichever of the forms."""
    return next((value for key, value in hit.groupdict().items() if value and key.rpartition("_")[0] == name), "")


def _by(sign: int) -> Deed:
    return lambda hit: [{"do": "length", "scene": scene(_told(hit, "a")), "by_s": sign * seconds(_told(hit, "s"))}]


def _to(hit: re.Match[str]) -> list[Operation]:
    return [{"do": "length", "scene": scene(_told(hit, "a")), "to_s": seconds(_told(hit, "s"))}]


def _drop(hit: re.Match[str]) -> list[Operation]:
    return [{"do": "drop", "scene": scene(_told(hit, "a"))}]


def _drop_both(hit: re.Match[str]) -> list[Operation]:
    """The later one first: then the other still has its number."""
    places = sorted((scene(_told(hit, "a")), scene(_told(hit, "b"))), key=lambda n: (n > 0, -abs(n) if n > 0 else -n))
    return [{"do": "drop", "scene": one} for one in places]


def _swap(hit: re.Match[str]) -> list[Operation]:
    return [{"do": "swap", "scene": scene(_told(hit, "a")), "other": scene(_told(hit, "b"))}]


def _move(hit: re.Match[str]) -> list[Operation]:
    to = _told(hit, "to").lower()
    if _told(hit, "b"):
        place = scene(_told(hit, "b"))
    elif re.search(r"end|back|last|schluss", to):
        place = -1
    else:
        place = 1
    return [{"do": "move", "scene": scene(_told(hit, "a")), "to": place}]


def _title(hit: re.Match[str]) -> list[Operation]:
    words = _told(hit, "text").strip(" ,;")
    if quoted := _QUOTE.match(words):
        words = quoted["in"]
    told: Operation = {"do": "title", "text": words}
    return [told | {"scene": scene(_told(hit, "a"))}] if _told(hit, "a") else [told]


def _no_title(hit: re.Match[str]) -> list[Operation]:
    told: Operation = {"do": "title", "text": ""}
    return [told | {"scene": scene(_told(hit, "a"))}] if _told(hit, "a") else [told]


def _always(*told: Operation) -> Deed:
    return lambda _: [dict(one) for one in told]


def _moving(motion: str) -> Deed:
    return lambda hit: [{"do": "motion", "motion": motion} | _of(hit)]


def _coming(kind: str) -> Deed:
    return lambda hit: [{"do": "transition", "kind": kind} | _of(hit)]


def _of(hit: re.Match[str]) -> Operation:
    told = _told(hit, "a")
    return {"scene": scene(told)} if told else {}


_LONGER = r"(?:be |last |stay |run |on screen |on )*(?:for )?(?:longer|länger)"
_SHORTER = r"(?:be |last |stay |run )*(?:shorter|kürzer|less)"
TITLES: tuple[tuple[re.Pattern[str], Deed], ...] = (
    (
        _form(
            rf"(?:change|set|make|rename|switch|update) the title (?:of|over|on) {_A} (?:in)?to:? (?P<text>.+)",
            rf"(?:put|write|show|add) (?:the (?:words|title) )?(?P<text>{_QUOTED}) (?:over|on|onto|across|above|in) {_A}",
            rf"(?:put|write|show) (?:the (?:words|title) )?(?P<text>{_UNQUOTED}) (?:over|across|above) {_A}",
            rf"(?:give|title) {_A} (?:the title |as )?(?P<text>[\"“„].+)",
            rf"(?:ändere?|setze?|mach(?:e)?) den titel (?:von|der|über) {_A} (?:in|auf|zu):? (?P<text>.+)",
            rf"(?:schreib(?:e)?|zeig(?:e)?|setze?) (?P<text>{_QUOTED}) (?:über|auf|in) {_A}",
            rf"(?:schreib(?:e)?|setze?) (?P<text>{_UNQUOTED}) über {_A}",
        ),
        _title,
    ),
    (
        _form(
            rf"(?:change|set|make|rename|switch|update) (?:the|its) title(?: of (?:the|this|that) {VIDEO})?"
            r"(?: (?:in)?to| as|:)?:? (?P<text>.+)",
            rf"(?:the|its) title(?: of (?:the|this|that) {VIDEO})? (?:should|shall|must|is to) (?:be|say|read):? (?P<text>.+)",
            rf"(?:give) (?:it|the {VIDEO}) (?:the|a) title:? (?P<text>.+)",
            rf"(?:title|call|name|rename|retitle) the {VIDEO}(?: to)? (?P<text>.+)",
            rf"(?:add|put|give|show|write|include) (?:the |a |an? )?titles?:? (?P<text>[\"“„'‘].+?[\"”“'’])(?: (?:to|on"
            rf"|in|over|onto) (?:the |this |that )?(?:{VIDEO}|it))?",
            rf"(?:setze?|füge?|gib|schreib(?:e)?) (?:den |einen )?titel:? (?P<text>[\"“„'‚].+?[\"”“'‘])(?: (?:auf|über"
            rf"|in) (?:das |dem )?{VIDEO}| hinzu| ein| drauf)?",
            rf"(?:ändere?|setze?|mach(?:e)?) (?:den|seinen|ihren) titel(?: de[sr] {VIDEO})?(?: (?:in|auf|zu))?:? (?P<text>.+?)"
            r"(?: um| ab)?",
            r"(?:der|sein) titel soll(?:te)?(?: jetzt)? (?P<text>.+?) (?:sein|heißen|lauten)",
            r"(?:der|sein) titel soll(?:te)? (?:sein|lauten|heißen):? (?P<text>.+)",
            rf"(?:nenn(?:e)?|betitle?) das {VIDEO}(?: um in)? (?P<text>.+)",
        ),
        _title,
    ),
)  # fmt: skip
FORMS: tuple[tuple[re.Pattern[str], Deed], ...] = (
    (
        _form(
            rf"(?:{_LET} )?{_A} (?:should |shall |needs to |must |soll(?:te)? )?(?:be |last |stay |on screen )*(?:for |um )?"
            rf"{SECONDS} {_LONGER}(?: (?:sein|dauern|bleiben))?",
            rf"(?:{_LET} )?{_A} (?:should |shall |soll(?:te)? )?{_LONGER},? by {SECONDS}",
            rf"(?:lengthen|extend|prolong|stretch|expand) {_A} (?:by |for )?{SECONDS}",
            rf"(?:add|give) {SECONDS}(?: more)? to {_A}",
            rf"give {_A} (?:another )?{SECONDS}(?: more| longer)?",
            rf"(?:verlängere?|dehne?|streck(?:e)?) {_A} um {SECONDS}",
            rf"(?:gib) {_A} (?:noch )?{SECONDS} mehr",
        ),
        _by(1),
    ),
    (
        _form(
            rf"(?:{_LET} )?{_A} (?:should |shall |needs to |must |soll(?:te)? )?(?:be |last |stay )*(?:for |um )?"
            rf"{SECONDS} {_SHORTER}(?: (?:sein|dauern))?",
            rf"(?:{_LET} )?{_A} (?:should |shall |soll(?:te)? )?{_SHORTER},? by {SECONDS}",
            rf"(?:shorten|cut|trim|reduce) {_A} by {SECONDS}",
            rf"(?:take|cut|trim|shave|remove) {SECONDS} (?:off|from|of|out of) {_A}",
            rf"(?:kürze?|verkürze?|schneide?) {_A} um {SECONDS}",
        ),
        _by(-1),
    ),
    (
        _form(
            rf"(?:{_LET} )?{_A} (?:should |shall |needs to |must |soll(?:te)? )?(?:be |last |stay |run |take |genau |exactly )*"
            rf"(?:for )?{SECONDS}(?: long| lang)?(?: (?:sein|dauern|stehen|laufen|bleiben))?",
            rf"(?:set|bring|shorten|cut|trim|extend|lengthen|stretch) (?:the length of )?{_A} (?:down |out )?to {SECONDS}",
            rf"(?:setze?|kürze?|verlängere?|bring(?:e)?|stelle?) {_A} auf {SECONDS}",
            rf"(?:{_LET} )?{_A} (?:longer|shorter) by to {SECONDS}",
        ),
        _to,
    ),
    (
        _form(
            rf"(?:{_OFF}|skip|scrap|omit|ditch|throw out|throw away|chuck|erase) (?:scenes? |szenen? )?(?P<a>{BARE}|{SCENE}) "
            rf"(?:and|&|und) (?P<b>{SCENE}|{BARE})(?: out)?",
            rf"(?:{_RAUS}|wirf) (?:scenes? |szenen? )?(?P<a>{BARE}|{SCENE}) (?:und|&) (?P<b>{SCENE}|{BARE})(?: {_WEG})?",
        ),
        _drop_both,
    ),
    (
        _form(
            rf"(?:{_OFF}|skip|scrap|omit|ditch|throw out|throw away|chuck|erase) {_A}(?: out| away| altogether| completely)?",
            rf"(?:leave|take|cut|throw|edit) {_A} (?:out|away)",
            rf"(?:do it )?without {_A}",
            rf"(?:entferne?|lösche?|streiche?|überspring(?:e)?) {_A}(?: ganz)?",
            rf"(?:{_RAUS}|wirf) {_A} (?:ganz )?{_WEG}",
            rf"ohne {_A}",
        ),
        _drop,
    ),
    (
        _form(
            rf"(?:swap|exchange|switch|flip|trade|interchange|reverse|tausche?|vertausche?|wechsle?) (?:the )?(?:order of )?"
            rf"(?:scenes? |szenen? )?(?P<a>{SCENE}|{BARE}) (?:and|with|for|&|und|mit|gegen) (?P<b>{SCENE}|{BARE})"
            r"(?: scenes?| szenen?)?(?: around| over| aus| places)?",
        ),
        _swap,
    ),
    (
        _form(
            r"(?:swap|exchange|switch|flip|tausche?|vertausche?) (?:the |die )?(?:first|ersten?) (?:two|zwei|beiden)"
            r" (?:scenes|szenen)"
        ),
        _always({"do": "swap", "scene": 1, "other": 2}),
    ),
    (
        _form(
            rf"(?:move|put|bring|shift|place|take|pull) {_A} (?:up |back |forward |down )?(?:to |at |in )?"
            r"(?P<to>(?:the )?(?:very )?(?:start|beginning|front|top|first(?: place)?|end|back|last(?: place)?))",
            rf"(?:move|put|bring|shift|place) {_A} (?:to |in |at )?(?:the )?(?:place|position|spot|number) (?P<b>{BARE})",
            rf"(?:move|put|bring|shift|place) {_A} (?:to |in |at )?(?:the )?(?P<b>{BARE}) (?:place|position|spot)",
            rf"(?:begin|start|open) with {_A}",
            rf"(?P<to>end|close|finish) with {_A}",
            rf"(?:schieb(?:e)?|setze?|stelle?|bring(?:e)?|verschieb(?:e)?|leg(?:e)?) {_A} (?:ganz )?"
            r"(?:an den |ans |auf den |zum |nach )(?P<to>anfang|vorne?|ende|schluss|hinten|ersten platz)",
            rf"(?:schieb(?:e)?|setze?|stelle?|bring(?:e)?) {_A} (?:auf|an) (?:platz|stelle|position) (?P<b>{BARE})",
            rf"(?:fang(?:e)?|beginne?) mit {_A}(?: an)?",
            rf"(?:hör(?:e)?|ende|schließ(?:e)?) mit (?P<a>{SCENE}) (?P<to>auf|ab)",
        ),
        _move,
    ),
    (
        _form(
            rf"(?:{_OFF}) (?:the |any |all )?(?:titles?|headings?)",
            rf"(?:{_OFF}) the title (?:of|from|over|on) {_A}",
            r"no titles?", r"(?:do it )?without (?:a |the |any )?titles?",
            r"(?:ohne|keine?n?) titel", r"(?:entferne?|lösche?|streiche?) (?:den|die|alle) titel",
            rf"(?:entferne?|lösche?) den titel (?:von|über|der) {_A}",
        ),
        _no_title,
    ),
    (
        _form(
            rf"(?:no|without|ohne|keine) {_MUSIC}", rf"(?:do it|render it|make it|and|but) (?:without|with no) {_MUSIC}",
            rf"{_OFF} {_MUSIC}", rf"(?:turn|switch|take|leave|cut) {_MUSIC} (?:off|out)", rf"{_MUSIC} (?:off|out|aus|weg"
                rf"|raus|ab|stumm)",
            rf"{_RAUS} {_MUSIC} {_WEG}", rf"(?:entferne?|lösche?|streiche?) {_MUSIC}",
        ),
        _always({"do": "music"}),
    ),
    (
        _form(
            rf"{_TURN} {_MUSIC} (?:be )?{_BIT}"
            r"(?:quieter|softer|lower|down|leiser|runter|herunter)",
            rf"{_MUSIC} (?:quieter|softer|lower|leiser)", r"(?:quieter|softer|leisere) (?:music|musik)",
            rf"(?:turn down|lower|reduce|soften|quieten|fade down|dial down) {_MUSIC}{_SLIGHTLY}",
            rf"turn {_MUSIC} down{_SLIGHTLY}",
            rf"{_MUSIC} (?:is|ist) (?:much |a bit |way |viel |etwas )?(?:too|zu) (?:loud|laut)",
            rf"{_BIT}(?:quieter|softer|leisere) (?:music|musik)",
        ),
        _always({"do": "music", "by_db": -6.0}),
    ),
    (
        _form(
            rf"{_TURN} {_MUSIC} (?:be )?{_BIT}"
            r"(?:louder|up|lauter|auf|hoch)",
            rf"{_MUSIC} (?:louder|lauter)", r"(?:louder|lautere) (?:music|musik)",
            rf"(?:turn up|raise|increase|boost) {_MUSIC}{_SLIGHTLY}", rf"turn {_MUSIC} up{_SLIGHTLY}",
            rf"{_MUSIC} (?:is|ist) (?:much |a bit |way |viel |etwas )?(?:too|zu) (?:quiet|soft|low|leise)",
        ),
        _always({"do": "music", "by_db": 6.0}),
    ),
    (
        _form(
            rf"(?:no|without|ohne|keine) {_CAPTIONS}", rf"(?:do it|render it|make it) (?:without|with no) {_CAPTIONS}",
            rf"{_OFF} {_CAPTIONS}", rf"(?:turn|switch|take|leave|cut) {_CAPTIONS} (?:off|out)",
            rf"{_CAPTIONS} (?:off|aus|weg|raus|ab)",
            rf"{_RAUS} {_CAPTIONS} {_WEG}", rf"(?:entferne?|lösche?|streiche?|verstecke?) {_CAPTIONS}",
        ),
        _always({"do": "captions", "show": "none"}),
    ),
    (
        _form(
            rf"(?:show|turn on|switch on|add|enable|bring back|unmute|with|put back|have) {_CAPTIONS}(?: again| back| on)?",
            rf"(?:turn|switch|put) {_CAPTIONS} (?:back )?on(?: again)?", rf"{_CAPTIONS} (?:back )?(?:on|an|ein)(?: again)?",
            rf"(?:mit|zeig(?:e)?) {_CAPTIONS}", rf"(?:schalte?|blende?|mach(?:e)?|stelle?) {_CAPTIONS} (?:wieder )?(?:ein|an)",
        ),
        _always({"do": "captions", "show": "both"}),
    ),
    (
        _form(
            rf"(?:keep |put |have )?{_CAPTIONS} (?:only )?(?:as|in) (?:a )?(?:separate )?files?(?: only)?",
            rf"{_CAPTIONS} (?:should |shall |must |to )?(?:only |just )?be (?:only |just )?(?:in "
            rf"|as )?(?:an? )?(?:separate )?files?(?: only)?"
            r"(?:,? (?:and )?not (?:burn(?:ed|t)|drawn)(?: in(?:to the picture)?)?)?",
            rf"{_CAPTIONS} nur als datei(?:en)?",
        ),
        _always({"do": "captions", "show": "file"}),
    ),
    (_form(rf"zoom (?:in )?(?:on|into|in on|in at) {_A}", rf"(?:let|make|have) {_A} zoom in", rf"zoom(?:e)? in {_A} hinein",
           rf"zoom(?:e)? in {_A} rein"), _moving("zoom_in")),
    (_form(rf"zoom out (?:of|from|in|on) {_A}", rf"(?:let|make|have) {_A} zoom out", rf"zoom(?:e)? (?:aus|in) {_A} heraus"),
     _moving("zoom_out")),
    (_form(rf"(?:let|make|have) {_A} pan (?:to the )?left", rf"pan {_A} (?:to the )?left",
            rf"pan (?:to the )?left (?:in|on|over|across) {_A}",
           rf"schwenke? {_A} nach links"), _moving("pan_left")),
    (_form(rf"(?:let|make|have) {_A} pan (?:to the )?right", rf"pan {_A} (?:to the )?right",
            rf"pan (?:to the )?right (?:in|on|over|across) {_A}",
           rf"schwenke? {_A} nach rechts"), _moving("pan_right")),
    (_form(rf"(?:hold|keep|let|make) {_A} (?:be |stand )?still", rf"no (?:motion|movement|zoom)(?: in {_A})?",
           rf"(?:halte?|lass(?:e)?) {_A} still(?:stehen)?", rf"keine bewegung(?: in {_A})?"), _moving("none")),
    (_form(r"(?:use |with |make it |put |add )?(?:soft |smooth |slow )?(?:cross-?)?fad(?:e|es|ing)"
           r"(?: (?:transitions|in|over))?(?: between (?:the |all |all the |every )?scenes?)?",
           rf"(?:let|make|have) {_A} fade in",
           rf"fade (?:to|into|in) {_A}", r"(?:mit )?(?:weichen )?(?:überblendungen|blenden)(?: zwischen den szenen)?",
           rf"blende? {_A} ein"), _coming("fade")),
    (_form(r"(?:use |with )?(?:hard |straight )cuts(?: between (?:the |all )?scenes)?", r"no (?:transitions|fades)",
           rf"(?:hard )?cut to {_A}", r"(?:mit )?harten? schnitten?", r"(?:ohne|keine) (?:übergänge|blenden|überblendungen)"),
     _coming("cut")),
    (_form(r"(?:use |with )?(?:slides|slide transitions)(?: between (?:the |all )?scenes)?", rf"slide (?:to|in|into) {_A}"),
     _coming("slide")),
    (_form(r"(?:use |with )?wipes(?: between (?:the |all )?scenes)?", rf"wipe (?:to|into) {_A}"), _coming("wipe")),
    (
        _form(
            rf"(?:re-?render|re-?export)(?: (?:it|that|this|the (?:last |newest )?{VIDEO}))?(?: again| once more| anew)?",
            rf"(?:render|export) (?:it|that|this|the (?:last |newest )?{VIDEO}) (?:again|once more|anew|another time|over)",
            rf"(?:render(?:e|n)?|exportiere?) (?:es|das|das {VIDEO}|das letzte {VIDEO}|ihn|noch ?mal|nochmals|erneut|neu|\s)+",
        ),
        _always(),
    ),
)  # fmt: skip
UNCLEAR: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        _form(
            rf"(?:{_LET} )?{SOME_SCENE} (?:should |soll(?:te)? )?(?:be |last )*(?:{SECONDS} )?(?:long|lang|{_LONGER}|{_SHORTER})",
            rf"(?:{_OFF}|skip|scrap|omit) {SOME_SCENE}(?: out)?",
            rf"(?:leave|take|cut|throw) {SOME_SCENE} (?:out|away)",
            rf"(?:lengthen|extend|shorten|trim|cut|verlängere?|kürze?) {SOME_SCENE}(?: (?:by|to|um|auf) {SECONDS})?",
            rf"(?:{_RAUS}) {SOME_SCENE} {_WEG}", rf"(?:entferne?|lösche?|streiche?) {SOME_SCENE}",
            rf"(?:move|put|bring) {SOME_SCENE} .+", rf"zoom in on {SOME_SCENE}",
        ),
        "scene",
    ),
    (
        _form(
            rf"(?:{_LET} )?{_A} (?:should |soll(?:te)? )?(?:be |last )*(?:a (?:bit|little) |etwas )?(?:{_LONGER}|{_SHORTER})"
            r"(?: sein)?",
            rf"(?:lengthen|extend|shorten|trim|verlängere?|kürze?) {_A}",
        ),
        "seconds",
    ),
)  # fmt: skip
