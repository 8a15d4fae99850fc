"""What came of a request in German? What was ordered, reels, jobs and media, told in German.

The words are data (`prompts/builtin/told.de.toml`). What has none there is told as the tool says it, with those sentences in
German that `prompts/reasons.toml` knows. Neighbours: carrying (which asks here), replies (the same in English).
"""

import re
import shlex
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from agents.builtin import german, german_lists, german_reels, german_voices, german_words, replies
from agents.builtin.said import hear
from agents.builtin.speech.phrases import load
from prompts.words import retold

Result = dict[str, Any]
_UNDERSTAND = (german, german_reels, german_words, german_lists, german_voices)


def wants_german(asked: Sequence[str], names: list[str]) -> bool:
    """Whether the last of these messages is German, as far as any of them tells: a bare "ok" goes on as it was."""
    for text in reversed(asked):
        said = hear(text, names)
        if german_words.is_german(text) or any(one.in_english(said) for one in _UNDERSTAND):
            return True
        if german_words.has_english(text):
            return False
    return False


def told(tool: str, result: Result) -> str:
    """What the step gave."""
    words = _TOLD.get(tool)
    try:
        return words(result) if words else _as_said(result)
    except (KeyError, TypeError):  # a result of that step without what it has by itself: one that was given before
        return _as_said(result)


def not_done(result: Result) -> str:
    """Why a step was not done."""
    if result.get("error") == "other_words":
        return _words("carrying", "other_words")
    return _words("carrying", "not_done", why=_as_said(result))


def so_not() -> str:
    """That a step was not done, as one before it was not."""
    return _words("carrying", "so_not")


def _as_said(result: Result) -> str:
    said = replies.told(result)
    return "Erledigt." if said == "Done." else retold(said, "de")


def _words(part: str, name: str, /, **slots: object) -> str:
    return str(load("told.de")[part][name]).format(**slots)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _ordered(result: Result, thing: str = "") -> str:
    return " ".join(
        filter(None, (_words("ordered", "made", what=_thing(result, thing)), _unheld(result), _note(result)))
    )


def _clip(result: Result) -> str:
    return _ordered(result, "clip")


def _thing(result: Result, kind: str = "") -> str:
    kind = kind or ("card" if result.get("card") else str(result["kind"]))
    title = f" „{result['title']}“" if result.get("title") else ""
    return f"{load('told.de')['things'].get(kind, kind)}{title}"


def _unheld(result: Result) -> str:
    if result.get("likeness_held", True):
        return ""
    return _words("ordered", "unheld_clip" if result["kind"] == "video" else "unheld")


def _note(result: Result) -> str:
    return retold(str(result.get("note") or ""), "de")


def _edited(result: Result) -> str:
    changes = "; ".join(_change(one) for one in result["changes"]) or _words("ordered", "as_it_was")
    return f"{_words('ordered', 'again', what=_thing(result), changes=changes)} {_note(result)}".rstrip()


def _change(said: str) -> str:
    plain = said.removesuffix(" already")
    for known, words in _changes():
        if hit := known.fullmatch(plain):
            named = load("told.de")["words"]
            told = words.format(**{slot: named.get(value, value) for slot, value in hit.groupdict().items()})
            return told if plain == said else f"{told} (wie schon vorher)"
    return said


@cache
def _changes() -> tuple[tuple[re.Pattern[str], str], ...]:
    slots = re.compile(r"\\\{(\w+)\\\}")
    told = load("told.de")["changes"].items()
    return tuple((re.compile(slots.sub(r"(?P<\1>.+)", re.escape(known))), words) for known, words in told)


def _views(result: Result) -> str:
    sides = [load("told.de")["sides"].get(side, side) for side in result["views"]]
    persona, name = result["persona"], "views_one" if len(sides) == 1 else "views_few"
    ordered = _words("ordered", name, count=len(sides), persona=persona, sides=", ".join(sides))
    return f"{ordered} {_words('ordered', 'approve', version=result['version'], name=shlex.quote(persona))}"


def _job(result: Result) -> str:
    state, what = result["state"], _thing(result)
    if state == "running":
        left = _words("jobs", "left", left=max(1, round(result["eta_s"]))) if result.get("eta_s") else ""
        return _words("jobs", "running", what=what, done=_percent(result), left=left)
    waits = "_model" if state == "queued" and result.get("model") else ""
    why = retold(str(result.get("error") or ""), "de")
    return f"{_words('jobs', state + waits, what=what, model=result.get('model'))} {why}".rstrip()


def _jobs(result: Result) -> str:
    return "\n".join(f"- {_job(one)}" for one in result["jobs"]) or _words("jobs", "none")


def _cancelled(result: Result) -> str:
    count = len(result["cancelled"])
    return _words(
        "jobs", "cancelled_some" if count > 1 else "cancelled_one" if count else "cancelled_none", count=count
    )


def _reel(result: Result) -> str:
    failed = [step for step in result["steps"] if step["state"] in ("failed", "cancelled")]
    scenes = len(result["script"]["scenes"])
    about = _words(
        "reels",
        "reel",
        title=result["title"],
        whose=_whose(result),
        state=_state(result, failed),
        scenes=_words("reels", "scenes" if scenes > 1 else "scene", count=scenes),
        length=_words("reels", "length", length=round(result["length_s"])) if result["length_s"] else "",
    )
    return _lines(about, _note(result), *(f"- {_step(step)}" for step in failed), _again(result, failed))


def _whose(result: Result) -> str:
    return _words("reels", "whose", persona=result["persona"]) if result["persona"] else ""


def _state(result: Result, failed: Sequence[Result]) -> str:
    if result["state"] == "making":
        left = _words("reels", "left", left=round(result["eta_s"])) if result["eta_s"] else ""
        return _words("reels", "making", done=_percent(result), left=left)
    stopped = result["state"] == "failed" and any(step["state"] == "cancelled" for step in failed)
    return _words("reels", "cancelled" if stopped else result["state"])


def _percent(result: Result) -> str:
    return f"{result['progress']:.0%}".replace("%", " %")


def _step(step: Result) -> str:
    name = load("told.de")["steps"].get(step["kind"], step["kind"])
    if step["scene"]:
        name = _words("reels", "of_scene", step=name, scene=step["scene"])
    return f"{_words('reels', 'step_' + step['state'], step=name)} {retold(step['error'], 'de')}".rstrip()


def _again(result: Result, failed: Sequence[Result]) -> str:
    if not failed or result["state"] != "failed":
        return ""
    first = failed[0]
    return _words(
        "reels", "again", step=f"{first['kind']} --scene {first['scene']}" if first["scene"] else first["kind"]
    )


def _reels(result: Result) -> str:
    lines = [
        _words(
            "reels",
            "listed",
            title=one["title"],
            whose=_whose(one),
            state=_words("reels", f"listed_{'cancelled' if one['cancelled'] else one['state']}", done=_percent(one)),
        )
        for one in result["reels"]
    ]
    return "\n".join(f"- {line}" for line in lines) or _words("reels", "none")


def _media(result: Result) -> str:
    lines = [f"- {_medium(one)}" for one in result["items"]] or [_words("media", "none")]
    if result.get("more"):
        lines.append(_words("media", "more", count=len(result["items"])))
    files = [f"- {_medium(one)}" for one in result.get("files") or []]
    return "\n".join([*lines, *([_words("media", "files"), *files] if files else [])])


def _medium(one: Result) -> str:
    whose = f" von {one['persona']}" if one.get("persona") else ""
    length = f", {one['duration_s']:.0f} s" if one.get("duration_s") else ""
    alike = _words("media", "alike", count=len(one["repeats"])) if one.get("repeats") else ""
    known = load("told.de")["media"] if one["state"] == "ready" else {}
    more = "".join(known.get(one.get(name), "") for name in ("likeness", "rating"))
    _article, _, name = _thing(one).partition(" ")
    why = f" ({one['error'].rstrip('.')})" if one.get("error") else ""
    return f"{name}{whose}{length}: {_words('media', one['state'])}{why}{alike}{more}"


_TOLD: dict[str, Callable[[Result], str]] = {
    **dict.fromkeys(("draw_card", "make_picture", "speak_text", "make_video"), _ordered),
    **dict.fromkeys(("pause_job", "resume_job", "cancel_job", "retry_job"), _job),
    **dict.fromkeys(("make_reel", "redo_reel", "show_reel"), _reel),
    "make_clip": _clip,
    "edit_video": _edited,
    "make_views": _views,
    "list_jobs": _jobs,
    "cancel_jobs": _cancelled,
    "list_reels": _reels,
    "list_media": _media,
}
