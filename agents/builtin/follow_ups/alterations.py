"""What of a step is to be different? A few words ("at 12", "for Mira", "slower", "the TXT ones") read against its arguments.

Nothing is altered unless every word is accounted for: either it changes an argument, or it is one of the small words of
repeating and correcting. Neighbours: taking_up (what is altered), options and moments (which read the words).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agents.builtin import contents, fill_feeds, fill_lists, options
from agents.builtin.desk import Desk, Step
from agents.builtin.heads import take_apart
from agents.builtin.said import TOKEN, Said
from agents.builtin.times.halves import in_same_half
from agents.builtin.times.moments import Unclear, find_range, find_when
from agents.builtin.times.zones import tz

SMALL = re.compile(
    r"\b(?:the|a|an|same|thing|request|again|once|more|time|too|also|as well|as|for|but|with|at|in|on|to|into|onto"
    r"|and|now"
    r"|then|please|pls|make|making|made|it|its|it's|that|this|these|those|them|one|ones|instead|rather|change"
    r"|changed|set"
    r"|use|using|do|try|another|just|actually|no|nope|nah|sorry|i|i'd|mean|meant|ok|okay|what|about|how|version"
    r"|should|be"
    r"|is|was|are|exactly|repeat|give|me|us|can|could|would|will|you|we|like|want|prefer|need|let's|go|goes|by|of"
    r"|than|all"
    r"|only|keep|redo|run|second|hmm|hm|yes|yeah|yep|well|so|maybe|perhaps|even|much|bit|little|tad|touch|slightly"
    r"|little"
    r"|better|wait|oh|um|uh|er|ah|my|our|your|her|his|their|there|show|list|see|read|say|speak|spoken|said|write"
    r"|draw|post"
    r"|publish|schedule|move|moved|shift|put|have|get|let|turn|switch|speed|voice|card|video|clip|picture|image"
    r"|text|caption"
    r"|voice-?over|recording|gallery|account|page|profile|style|format|design|look|sound|length|duration|date|day"
    r"|from|or"
    r"|either|both|records?|entries|entry|spending|posts?|jobs?|feeds?|if|possible|think|that's|us|time|rest"
    r"|everything|else"
    r"|stays?|same|otherwise|identical|ditto|likewise|similarly|i'll|take|think|want|right|sure|course|ask|asked"
    r"|why|not"
    r"|longer|later|earlier|up|out|off|new|some|any|other|additional|extra|further|fresh|next|first|last)\b"
)
# Small words that say something by themselves where nothing has read them: they are never passed over.
TELLING = re.compile(
    r"\b(?:not|never|without|except|unless|until|if|or|longer|later|earlier|why|off|other|else|next|first|last"
    r"|before|after)\b"
)
TIMELY = ("schedule_post", "reschedule_post")
PEOPLED = (
    "draw_card", "speak_text", "make_video", "write_text", "schedule_post", "change_persona", "show_persona",
    "show_persona_history", "roll_back_persona", "remove_persona", "pause_persona", "resume_persona", "list_posts",
    "list_media", "list_conversations",
)  # fmt: skip
NAMED = re.compile(r"§p\d+(?:'s?)?")
BARE_HOUR = re.compile(
    r"(?<![\w§:.,])(\d{1,2})(?:[:.h](\d{2}))?(?![\w:.,]*\d)(?!\s*(?:s|sec|seconds?|min|minutes?|hours?|days?)\b)"
)


@dataclass(frozen=True, slots=True)
class Altered:
    """A step's arguments with what is different, and the names of what is."""

    step: Step
    changes: frozenset[str]
    when: Any = None  # the moment that was said, for a post


def altered(step: Step, said: Said, desk: Desk) -> Altered | None:
    """The step, altered as the words say; None when a word is left over or nothing changes."""
    args: dict[str, Any] = {}
    if step.tool in READERS:
        args, said = READERS[step.tool](step, said, desk)
    when = None
    if step.tool in TIMELY:
        when, said = _moment(step, said, desk)
        if when is not None:
            args |= {"at": when.at.isoformat() if when.at else None}
            if when.repeat:
                args |= {"repeat": when.repeat, "zone": when.zone}
    if step.tool in PEOPLED and (names := said.named()):
        args["name" if step.tool == "create_persona" else "persona"] = names[0]
        said = _blanked(said, NAMED)
    if leftover(said) or not args:
        return None
    merged = {name: value for name, value in (step.args | args).items() if value is not None}
    return Altered(Step(step.tool, merged), frozenset(args), when)


def leftover(said: Said) -> str:
    """The words that nothing has accounted for."""
    rest = TELLING.sub(lambda hit: hit[0].upper(), said.read)
    return re.sub(r"[^\w§]+", " ", SMALL.sub(" ", rest)).strip()


def _blanked(said: Said, form: re.Pattern[str]) -> Said:
    for hit in form.finditer(said.read):
        said = said.without(*hit.span())
    return said


def _kept(**args: Any) -> dict[str, Any]:
    return {name: value for name, value in args.items() if value is not None}


def _words(said: Said) -> tuple[str | None, Said]:
    """Other words for what is drawn, said or posted: a quotation, or what follows "saying"."""
    if hit := re.search(r"§q(\d+)", said.read):
        quote = said.kept.quotes[int(hit[1])]
        said = _blanked(
            said.without(*hit.span()), re.compile(r"\b(?:the )?(?:text|words|wording)(?: of (?:it|that))? to\b")
        )
        return quote, _blanked(said, re.compile(r"\b(?:saying|that says|says|with the (?:text|words|line))\b"))
    marked = re.search(
        r"\b(?:saying|that says|which says|(?:it )?should say|with the (?:text|words|line)|says)\b:?\s*", said.read
    )
    if marked and (words := contents.tidy(said, marked.end())):
        return words, said.without(marked.start(), len(said.read))
    return None, said


def _card(step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    headline, said = contents.headline(said)
    shape, said = options.picture_format(said)
    design, said = options.design(said)
    text, said = _words(said)
    args = _kept(headline=headline or None, format=shape, design=design, text=text)
    if text and "story" in step.args:
        args["story"] = None
    return args, said


def _voice(step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    text, said = _words(said)
    kind, said = options.sound_format(said)
    exact = re.search(r"(?<![\w.:])([012][.,]\d{1,2})(?![\w.:])", said.read)
    before = float(step.args.get("speed") or 1.0)
    even = re.search(r"\b(?:even|still|much|way|a lot)\s+(?:slower|faster)\b", said.read)
    relative = re.search(r"\b(slower|slowly|faster|quicker)\b", said.read)
    speed, said = options.speed(said)
    if exact and relative:
        speed, relative = float(exact[1].replace(",", ".")), None
        said = said.without(*exact.span())
    if speed is not None and relative and (before < 1.0 if relative[1].startswith("slow") else before > 1.0):
        speed = round(before * speed, 2)
    said = _blanked(said, re.compile(r"\b(?:even|still|way|a lot)\b")) if even else said
    language, said = options.spoken_language(said)
    emotion, said = options.feeling(said)
    provider, said = options.speaker(said)
    return _kept(
        text=text, format=kind, language=language, speed=None if speed is None else min(2.0, max(0.5, speed)),
        emotion=emotion, provider=provider,
    ), said  # fmt: skip


def _video(_step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    length, said = options.duration(said)
    shape, said = options.video_format(said)
    none = re.search(
        r"\b(?:without|with no|no|drop the|remove the|skip the)(?: any| the)? (?:captions?|subtitles?|subs)\b",
        said.read,
    )
    if none:
        said = said.without(*none.span())
    if length is not None and not 1 <= length <= 180:
        length = None
    return _kept(duration_s=length, format=shape, captions="" if none else None), said


def _text(_step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    args: dict[str, Any] = {}
    about = re.search(
        r"(?<!how )(?<!what )\b(?:about|on the (?:topic|subject) of|regarding)\s+(?!(?:it|that|this|the same"
        r"|right)\b)",
        said.read,
    )
    if about and (words := contents.tidy(said.cut(0, len(said.read)), about.end())):
        owner = re.search(r",?\s*\b(?:as|by|from|for|in)\s+§p\d+(?:'s (?:voice|style|words))?[\s.!?]*$", said.read)
        stop = owner.start() if owner and owner.start() > about.end() else len(said.read)
        words = said.spoken(about.end(), stop).strip(" .?!,")
        words = re.sub(r"(?i)\s+(?:instead|too|as well|please|again|this time|now)$", "", words)
        args |= {"about": words, "story": None}
        said = said.without(about.start(), stop)
    length, said = _length(said)
    kind = re.search(r"\b(?:as|into|make it|make that|but)(?: an?| as an?)? (caption|post|reply)\b", said.read)
    if kind:
        args["kind"] = kind[1]
    return args | _kept(length=length), said


TOO = re.compile(
    r"\b(?:(?:that's|that is|it's|it is|this is|that was|way|far|much|a bit|a little|still|just|really) )*too"
    r" (?:(?P<long>long|wordy|lengthy)|short|brief)\b"
)


def _length(said: Said) -> tuple[str | None, Said]:
    """How long it is to be: as is said, or other than what it is too much of."""
    amiss = TOO.search(said.read)
    length, said = options.text_length(said.without(*amiss.span()) if amiss else said)
    if amiss and length is None:
        length = "short" if amiss["long"] else "long"
    return length, said


def _post(_step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    text, said = _words(said)
    return _kept(text=text), said


def _moment(step: Step, said: Said, desk: Desk) -> tuple[Any, Said]:
    """Another time for a post; what is not said of it stays: the day, or the time of day."""
    given = step.args.get("at")
    base = datetime.fromisoformat(str(given)) if isinstance(given, str) else None
    read = said.read
    try:
        when = find_when(read, desk.now, desk.zone, base=base)
        spans = when.spans if when else ()
        if when is None and (hour := BARE_HOUR.search(read)) and int(hour[1]) < 24:
            when = find_when(f"at {hour[1]}:{hour[2] or '00'}", desk.now, desk.zone, base=base)
            spans = (hour.span(),)
        if when and when.repeat and when.question and base is not None:
            when = _from_then_on(when, base, read, desk)
    except Unclear:
        return None, said
    if when is None or (when.at is None and not re.search(r"\bnow\s*$|\bright now\b|\bimmediately\b", read)):
        return None, said
    for span in spans:
        said = said.without(*span)
    return _not_past(in_same_half(when, base, read, desk), desk), said


def _from_then_on(when: Any, base: datetime, read: str, desk: Desk) -> Any:
    """A repetition without a time of its own keeps that of the post, and its day where the rule names none."""
    from dataclasses import replace

    if "BY" not in when.repeat and base > desk.now:
        return replace(when, at=base, question="", note="")
    local = base.astimezone(tz(desk.zone))
    timed = find_when(f"{read} at {local:%H:%M}", desk.now, desk.zone)
    return replace(timed, spans=when.spans) if timed else when


def _not_past(when: Any, desk: Desk) -> Any:
    """A time of a day that has gone by is the evening's, or tomorrow's."""
    from dataclasses import replace

    if when.at is None or when.at > desk.now or when.dated:
        return when
    later = when.at + timedelta(hours=12)
    return replace(when, at=later if when.at.hour < 12 and later > desk.now else when.at + timedelta(days=1))


def _records(_step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    args: dict[str, Any] = {}
    kind = re.search(
        r"\b(aaaa|mx|txt|cname|ns|srv|caa|soa|ptr)(?:s|es|'s)?\b|\b(a)\b(?= (?:records?|ones?|entries)\b)", said.read
    )
    if kind:
        args["type"] = (kind[1] or kind[2]).upper()
        said = said.without(*kind.span())
    if len(links := said.links()) == 1:
        args["zone"] = links[0].split("://")[-1].split("/")[0]
        said = _blanked(said, TOKEN)
    return args, said


SPANS = re.compile(
    r"\b(?:(?:the )?(?:last|past|previous|this|coming|next|current|following)\s+)?(?:\w+\s+)?(?:days?|weeks?"
    r"|months?|years?"
    r"|weekend|fortnight|quarter)\b|\b(?:today|tomorrow|yesterday|tonight|monday|tuesday|wednesday|thursday|friday"
    r"|saturday"
    r"|sunday)(?:'s)?\b"
)


def _spending(_step: Step, said: Said, desk: Desk) -> tuple[dict[str, Any], Said]:
    days = _filled("show_spending", said, desk).get("days")
    if days is None and re.search(r"\btoday\b", said.read):
        days = 1
    return (_kept(days=days), _blanked(said, SPANS)) if days is not None else ({}, said)


def _posts(_step: Step, said: Said, desk: Desk) -> tuple[dict[str, Any], Said]:
    args: dict[str, Any] = {}
    since, until = find_range(said.read, desk.now, desk.zone)
    if since or until:
        args |= {"since": since.isoformat() if since else None, "until": until.isoformat() if until else None}
        said = _blanked(said, SPANS)
    state = re.search(r"\b(scheduled|published|posted|cancell?ed|missed|failed|upcoming|planned)\b", said.read)
    if state:
        args["state"] = {
            "posted": "published",
            "canceled": "cancelled",
            "upcoming": "scheduled",
            "planned": "scheduled",
        }.get(state[1], state[1])
        said = said.without(*state.span())
    return args, said


def _jobs(_step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    state = re.search(r"\b(queued|waiting|running|done|finished|failed|cancell?ed)\b", said.read)
    if not state:
        return {}, said
    name = {"waiting": "queued", "finished": "done", "canceled": "cancelled"}.get(state[1], state[1])
    return {"state": name}, said.without(*state.span())


def _media(_step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    for kind, form in (
        ("video", r"videos?|clips?|reels?"),
        ("voice", r"voice-?overs?|voices|recordings?|audio"),
        ("picture", r"pictures?|images?|cards?|photos?"),
    ):
        if hit := re.search(rf"\b(?:{form})\b", said.read):
            return {"kind": kind}, said.without(*hit.span())
    return {}, said


def _sheet(step: Step, said: Said, _desk: Desk) -> tuple[dict[str, Any], Said]:
    """Another age than the one just said."""
    hit = re.fullmatch(r"\D*?(\d{2,3})\D*", said.read.strip())
    if hit is None or "age" not in step.args or leftover(said.without(*re.search(r"\d+", said.read).span())):  # type: ignore[union-attr]
        return {}, said
    return {"age": int(hit[1])}, said.without(0, len(said.read))


def _stories(step: Step, said: Said, desk: Desk) -> tuple[dict[str, Any], Said]:
    feed = fill_feeds.which_feed(said, desk)
    if feed and (place := said.read.find(feed.lower())) >= 0:
        return {"feed": feed}, said.without(place, place + len(feed))
    if feed and (called := re.search("|".join(map(re.escape, fill_feeds.parts(feed))), said.read)):
        return {"feed": feed}, said.without(*called.span())
    if feed:
        named = re.search(r"\b(?:from|on|in|of|about)\s+[\w' -]+", said.read)
        return ({"feed": feed}, said.without(*named.span())) if named else ({}, said)
    about = re.search(r"\b(?:about|on|regarding)\s+([^,;?!.]+)", said.read)
    if not about:
        return {}, said
    words = re.sub(r"(?i)\s+(?:too|as well|please|instead|now)$", "", said.spoken(about.start(1), about.end(1)))
    return ({"about": words}, said.without(*about.span())) if step.tool == "read_feeds" and words else ({}, said)


def _filled(tool: str, said: Said, desk: Desk) -> dict[str, Any]:
    """What the filler of a list reads out of a few words, on a desk of its own."""
    apart = Desk(desk.context)
    {"show_spending": fill_lists.show_spending}[tool](take_apart(said), apart)
    return apart.steps[0].args if apart.steps else {}


READERS = {
    "draw_card": _card, "speak_text": _voice, "make_video": _video, "write_text": _text, "schedule_post": _post,
    "list_records": _records, "show_spending": _spending, "list_posts": _posts, "list_jobs": _jobs, "list_media": _media,
    "read_feeds": _stories, "change_persona": _sheet, "create_persona": _sheet,
}  # fmt: skip
