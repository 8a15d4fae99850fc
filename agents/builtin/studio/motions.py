"""Is a picture to be set in motion? "Make the last picture move", "animate it for 6 seconds, her hair in the wind"; German, too.

A message counts only where all of it is understood and it is one request. Neighbours: pictures_meant, clips and fill_clips.
"""

import re
from typing import Any

from agents.builtin import options
from agents.builtin.clauses import split
from agents.builtin.desk import Desk, Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.threads import Thread
from agents.builtin.german import shapes, written
from agents.builtin.said import Said, hear
from agents.builtin.studio import looks
from agents.builtin.studio.changes import bare
from agents.builtin.studio.pictures_meant import IT, PICTURE, by_title, told

_THAT = rf"(?:{PICTURE}|{IT})"
_CLIP = r"(?:(?:moving |short |little |kurzen? |kleinen? )*(?:video ?|kurz)?clips?|moving picture|animation|bewegtbild)"
_N = r"(?:(?P<n>[\w.]+)[- ]?(?:second|sec|s|sekunden?|sek)s?[- ])?"
_REST = r"(?P<rest>(?:[\s,;:.]+.*)?)"
_FORMS = tuple(
    re.compile(f"(?i){form}")
    for form in (
        rf"(?:animate|animier(?:e|st)?|beleb(?:e|st)?)\s+{_THAT}{_REST}",
        rf"(?:make|let|have|get)\s+{_THAT}\s+(?:move|come alive|come to life)(?: a (?:bit|little))?{_REST}",
        rf"(?:bring|wake)\s+{_THAT}\s+to life{_REST}",
        rf"(?:turn|make|convert|transform)\s+{_THAT}\s+(?:in)?to (?:an? )?{_N}{_CLIP}{_REST}",
        rf"(?:make|create|generate|i want|i need|give me|get me)?\s*(?:an? )?{_N}{_CLIP}\s+(?:from|out of|of|based on"
        rf"|starting (?:from|with))\s+{PICTURE}{_REST}",
        rf"(?:erweck(?:e)?)\s+{_THAT}\s+zum leben{_REST}",
        rf"(?:beweg(?:e|st)?)\s+{_THAT}(?: ein (?:bisschen|wenig))?{_REST}",
        rf"(?:lass(?:e)?)\s+{_THAT}\s+(?:sich bewegen|lebendig werden){_REST}",
        rf"(?:mach(?:e)?|erstell(?:e)?|dreh(?:e)?)\s+(?:aus|von)\s+{_THAT}\s+(?:einen |'n |n )?{_N}{_CLIP}{_REST}",
        rf"(?:mach(?:e)?|erstell(?:e)?)\s+(?:einen |'n |n )?{_N}{_CLIP}\s+(?:aus|von)\s+{PICTURE}{_REST}",
    )
)
_HAPPENS = re.compile(
    r"(?i)^[\s,;:.]*(?:(?:and|und)\s+)?(?:(?:so that|such that|where|in which|with|and (?:let|have|make)|showing|so"
    r"|als ob|so ?dass|damit|wobei"
    r"|in dem|wo|wie|mit|auf dem|bei dem)\s+)?(?P<what>.*)$"
)
_MOST_S = 60


def set_in_motion(text: str, said: Said, thread: Thread) -> Outcome | None:
    """A clip that begins with the picture that is meant."""
    desk = thread.desk()
    if "make_clip" not in thread.reader.tools or len(split(said)) > 1:
        return None
    plain, id = by_title(text, desk)
    heard = hear(plain, said.kept.names)
    read = bare(written(heard))
    for form in _FORMS:
        if hit := form.fullmatch(read):
            return _outcome(text, hit, heard, desk, id)
    return None


def _outcome(text: str, hit: re.Match[str], said: Said, desk: Desk, id: str) -> Outcome:
    meant = told(hit, said.kept.names, id)
    rest = re.sub(r"§p(\d+)", lambda token: said.kept.names[int(token[1])], hit["rest"])
    length = f", {hit['n']} seconds" if hit.groupdict().get("n") else ""
    found = _options(rest + length)
    seconds = found["length_s"]
    if seconds is not None and not 1 <= seconds <= _MOST_S:
        return Outcome(words=f"A clip can be between 1 and {_MOST_S} seconds long.", focus=desk.focus)
    args = {"start": meant.id, "persona": meant.persona, **found}
    step = Step("make_clip", {name: value for name, value in args.items() if value})
    return Outcome((step,), focus=meant.persona or desk.focus, clauses=(text,))


def _options(rest: str) -> dict[str, Any]:
    """Length, format, model and what happens."""
    said = hear(shapes(rest, "make_clip"), [])
    length, said = options.duration(said)
    shape, said = options.video_format(said)
    model, said = looks.model(said)
    happens = _HAPPENS.match(" ".join(said.words(0, len(said.read)).split()))
    assert happens
    prompt = re.sub(
        r"(?i)^(?:for|lang|long|f(?:ü|ue)r|bitte|please)?[\s,.]*|[\s,.!?]*(?:\b(?:for|long|lang|please|bitte))?[\s,.!?]*$",
        "",
        happens["what"],
    )
    return {"prompt": prompt, "length_s": length, "format": shape, "model": model}
