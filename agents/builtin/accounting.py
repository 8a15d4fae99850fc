"""Is every word of a request accounted for by its plan? What is left over could change what was meant, so it is asked about.

Names, numbers, times, quotations, links and words of content must be found in the arguments of the steps, or have been
read as an option; words of the trade and small words need not. Words that turn a meaning round ("except", "unless", "not")
never pass unread. Neighbours: drafting (which asks), follow_ups.alterations (which accounts for follow-ups).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from agents.builtin import contents, languages, lexicon, options
from agents.builtin.asides import LAST_PART, STATE, reason
from agents.builtin.changes import WRITTEN_DOWN, positive
from agents.builtin.counting import number, ordinal
from agents.builtin.desk import Desk, Step
from agents.builtin.fill_moves import BY
from agents.builtin.fill_personas import SPARED
from agents.builtin.heads import plainly
from agents.builtin.reels import moving
from agents.builtin.references import Made, Story
from agents.builtin.said import Said
from agents.builtin.speech.phrases import load
from agents.builtin.studio import looks
from agents.builtin.times.moments import Unclear, find_when
from agents.builtin.times.zones import tz, zone_of

# Their grammar takes a clause as a whole or not at all, so no word of it is left.
WHOLE = frozenset(("make_views", "edit_video", "pause_job", "resume_job"))
READS = re.compile(r"(?:list|show)_|read_feeds$|write_text$")
TURNING = lexicon.word_set(
    "not never no nor none neither without except excluding besides unless if whether until till but only or rather"
    " before after"
)
WORD = re.compile(r"§[quip]\d+|[^\W_]+(?:['.:/-][^\W_]+)*")
Taker = Callable[[Said], tuple[Any, Said]]
TAKERS: dict[str, tuple[Taker, ...]] = {
    "draw_card": (options.picture_format, options.design, contents.attribution),
    "make_picture": (options.picture_format, *looks.TAKEN),
    "speak_text": (
        options.sound_format,
        options.speed,
        options.spoken_language,
        options.feeling,
        options.speaker,
        options.voice_name,
    ),
    "make_video": (options.duration, options.video_format),
    "make_clip": (options.duration, options.video_format, looks.model),
    "make_reel": (options.duration, options.video_format, moving),
    "write_text": (options.text_length,),
}
POINTED = re.compile(r"\b(?:number|no\.?|nr\.?) ?\d+\b|#\d+\b")
# "Until further notice" is how long a pause lasts anyway; "until Monday" would be more than that.
OPEN_END = re.compile(
    r"\b(?:till|until) (?:further notice|i"
    r" (?:say(?: so)?|tell you(?: so| otherwise)?|am back|come back|return))\b"
)
# Why something is asked for changes nothing of it.
REASON = re.compile(
    r"[\s,;(–—-]+(?:because|since|as|cause|seeing as|given that|'cause)\s+(?:we|i|she|he|they|it|that|this|there|§p\d+)\b"
    r"(?:(?!\b(?:but|unless|except|if|until|at|on)\b)[^§,;:\d])*$"
    r"|[\s,;(–—-]+(?:we|i) (?:don't|do not|no longer) (?:need|want) (?:it|him|her|them|that|this|these|those)"
    r"(?: any ?more| any longer| now| here)*[\s.!)]*$"
)
STATED = re.compile(rf"[,;(–—-]\s*(?:{STATE.pattern})[\s.!)]*$")
SILENT = re.compile(
    r"\b(?:without|no|with no) (?:a |any )*(?:voice-?over|voice over|speech|sound|audio|voice|narration|music)\b"
)
# What the request for a capability may say in more than one word.
SAID_WITH = {
    "reschedule_post": BY,
    "cancel_job": POINTED,
    "retry_job": POINTED,
    "make_video": SILENT,
    "pause_persona": OPEN_END,
}
# Whether it could be done is another question than that it be done.
WONDERING = re.compile(
    r"[\s,.]*(?:\w+,? )?(is it (?:even |at all )?possible|would it be possible|is there (?:a|any) way|(?:can|could"
    r"|may|should) i|am i able)\b"
)
GOES = re.compile(r"remove_|cancel_|roll_back_|pause_")
# Somebody is removed, and what she made stays: whoever names it is asked.
WITH_HERS = re.compile(
    r"\b(?:and|with|plus|along with|together with|including) (?:all |everything )?(?:of )?(?:his|her|their|its|the|§p\d+'s)? ?"
    r"(?:(?:old|scheduled|planned|published|upcoming) )*(?:posts?|pictures|cards|images|videos|clips|media|recordings|files"
    r"|conversations|chats|stuff|things|work)\b"
    r"|\b(?:and|with|plus|along with|together with|including) (?:everything|all)(?: of (?:his|hers|theirs)\b| (?:that )?"
    r"(?:he|she|they)\b[^,;]*)"
)
# What is done at once cannot be done on another day: these words are never passed over there.
DAYS = re.compile(r"tomorrow|tonight|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|midnight|noon")
TIMELY = ("schedule_post", "reschedule_post", "cancel_post")


@cache
def _small() -> frozenset[str]:
    """Words that say nothing that a plan would have to hold."""
    return lexicon.word_set(load("trade")["words"]["small"])


@cache
def _said_of(tool: str) -> frozenset[str]:
    """Words that requests for a capability are made of."""
    return lexicon.word_set(load("trade")["said_of"].get(tool, ""))


def unaccounted(said: Said, steps: Sequence[Step], desk: Desk, words: frozenset[str] | None = None) -> str:
    """The words of a clause that none of its steps with an effect has anything of, as they were written; else empty.

    With `words` reading steps are proved as well, and of the words of the trade only these may stand unread.
    """
    if not steps or (words is None and all(READS.match(step.tool) or step.tool in WHOLE for step in steps)):
        return ""
    if (wondering := WONDERING.match(said.read)) and any(GOES.match(step.tool) for step in steps):
        return said.words(*wondering.span(1))
    if (hers := WITH_HERS.search(said.read)) and all(step.tool == "remove_persona" for step in steps):
        return said.words(*hers.span())
    told = _Told(steps, desk, words)
    rest = plainly(said)
    if (said_why := LAST_PART.search(rest.read)) and reason(said_why[1], steps[-1].tool):
        rest = rest.without(said_why.start(), len(rest.read))
    noted = (WRITTEN_DOWN,) if steps[-1].tool == "change_persona" else ()
    for form in (REASON, STATED, *noted):
        if stated := form.search(rest.read):
            rest = rest.without(*stated.span())
    if (spared := SPARED.search(rest.read)) and not {step.args.get("persona") for step in steps} & set(
        rest.cut(*spared.span(1)).named()
    ):
        rest = rest.without(spared.start(), spared.end())
    for step in steps:
        for take in TAKERS.get(step.tool, ()):
            rest = take(rest)[1]
        if (pattern := SAID_WITH.get(step.tool)) and (hit := pattern.search(rest.read)):
            rest = rest.without(*hit.span())
    if any(step.tool in TIMELY for step in steps):
        rest = _without_times(rest, desk, once=all(step.tool == "schedule_post" for step in steps))
    left = [hit for hit in WORD.finditer(rest.read) if not told.holds(hit[0], rest, hit.span())]
    return _stretch(rest, left)


def _without_times(said: Said, desk: Desk, *, once: bool) -> Said:
    """Without the time that was read; a post that is named by its time and moved to another has two."""
    for _ in range(1 if once else 3):
        try:
            when = find_when(said.read, desk.now, desk.zone)
        except Unclear:
            return said
        if when is None or not when.spans:
            return said
        for span in when.spans:
            said = said.without(*span)
    return said


def _stretch(said: Said, left: Sequence[re.Match[str]]) -> str:
    """What is left over with the words between, where they stand near each other."""
    if not left:
        return ""
    first, last = left[0], left[0]
    for hit in left[1:]:
        if hit.start() - last.end() > 12:
            break
        last = hit
    words = said.words(first.start(), last.end())
    return words.strip(" ,.;:!?")


class _Told:
    """What the arguments of steps say, in words, numbers and marks."""

    def __init__(self, steps: Sequence[Step], desk: Desk, words: frozenset[str] | None = None) -> None:
        self.trade = words
        values = [value for step in steps for value in _values(step.args)]
        self.steps = steps
        self.text = "\n".join([*map(str, values), *_rows(values, desk)]).lower()
        found = re.findall(r"[^\W_]+", self.text.replace("'", ""))
        self.stems = {lexicon.stem(word) for word in found} | set(found)
        self.joined = self.text.replace(" ", "")
        self.numbers = {float(value) for value in values if isinstance(value, int | float)}
        self.numbers |= {float(word) for word in found if word.isdecimal()}
        self.numbers |= {float(len(value)) for step in steps for value in step.args.values() if isinstance(value, list)}
        self.numbers |= {float(len(steps)), *_clock_numbers(steps, desk)}
        self.own = frozenset().union(*(_said_of(step.tool) for step in steps))
        self.timely = any(step.tool in TIMELY or READS.match(step.tool) for step in steps)
        self.turned = any(_turning(step.args) for step in steps)

    def holds(self, token: str, said: Said, span: tuple[int, int]) -> bool:
        if token.startswith("§"):
            return self._marked(token, said, span)
        if token in TURNING or token.endswith("n't"):
            return self.turned or token in self.own or self._worded(token)
        raw = said.words(*span).lower()
        if not self.timely and DAYS.fullmatch(token):
            return self._worded(token) or self._worded(raw)
        return (
            token in self.own or self._plain(token) or self._worded(token) or self._worded(raw) or self._counted(token)
        )

    def _plain(self, word: str) -> bool:
        """Whether it is a word of the trade or a small one."""
        bare = word.removesuffix("'s")
        if "-" in bare:
            return all(map(self._plain, bare.split("-")))
        if bare in _small():
            return True
        if self.trade is not None:
            return bare in self.trade or lexicon.plain_verb(bare) in self.trade
        return bool(lexicon.verb(bare) or lexicon.thing(bare)) or lexicon.is_trade(bare)

    def _marked(self, token: str, said: Said, span: tuple[int, int]) -> bool:
        kind, place = token[1], int(token[2:])
        kept = {"q": said.kept.quotes, "u": said.kept.links, "i": said.kept.ids, "p": said.kept.names}[kind][place]
        if kind == "u":
            kept = kept.split("://")[-1].rstrip("/")
        written = said.words(span[0], span[1]).lower().removesuffix("'s")
        if kind == "q" and (tag := languages.TAGS.get(kept.lower())) and tag.lower() in self.stems:
            return True
        return any(
            " ".join(one.rstrip(".").split()) in " ".join(self.text.split()) for one in (kept.lower(), written) if one
        )

    def _worded(self, word: str) -> bool:
        bare = word.removesuffix("'s").replace("'", "")
        parts = re.findall(r"[^\W_]+", bare)
        return (
            all(lexicon.stem(part) in self.stems or part in self.stems for part in parts)
            or (len(bare) > 6 and bare in self.joined)
            or languages.TAGS.get(bare, "\0").lower() in self.stems
            or (zone_of(bare) or "\0").lower() in self.text
            or (positive(bare) or "\0") in self.stems
        )

    def _counted(self, word: str) -> bool:
        word = re.sub(r"^v(?=\d)", "", word)
        value = number(word) or ordinal(word)
        return value is not None and float(value) in self.numbers


def _values(args: Any) -> Iterable[Any]:
    """All plain values in arguments; of a story its words."""
    if isinstance(args, dict):
        for value in args.values():
            yield from _values(value)
    elif isinstance(args, list):
        for value in args:
            yield from _values(value)
    elif isinstance(args, Story):
        yield args.words
        yield args.place
    elif not isinstance(args, Made) and args is not None:
        yield args


def _rows(values: Sequence[Any], desk: Desk) -> list[str]:
    """The titles and words of what is meant by an id or a name."""
    meant = {str(value) for value in values}
    return [
        " ".join(str(row.get(key) or "") for key in ("title", "text", "persona", "name", "url", "kind", "state"))
        for kind in ("media", "posts", "jobs", "feeds", "reels")
        for row in desk.rows(kind)
        if meant & {str(row.get("id")), str(row.get("name")), str(row.get("url"))}
    ]


def _clock_numbers(steps: Sequence[Step], desk: Desk) -> Iterable[float]:
    """Day, hour and minute of the times that steps hold: said twice, a time is still one."""
    for step in steps:
        if isinstance(at := step.args.get("at"), str):
            moment = datetime.fromisoformat(at)
            for local in (moment, moment.astimezone(tz(desk.zone))):
                yield from map(float, (local.day, local.hour, local.hour % 12 or 12, local.minute))


def _turning(args: dict[str, Any]) -> bool:
    """Whether the step itself holds that something is not to be: bounds, what leaves a list, a video without captions."""
    return (
        args.get("captions") == ""
        or args.get("titled") is False
        or any(
            name.startswith("remove_") or name in ("add_boundaries", "add_forbidden_phrases", "speech_style")
            for name in args
        )
    )
