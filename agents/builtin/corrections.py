"""And if the operator thinks better of it? "No, make it square", "a bit slower", "cancel that": changes to what was just done.

Neighbours: follow_ups.alterations (the same without a verb of its own), fillers.
"""

import re
from typing import Any

from agents.builtin import contents, options
from agents.builtin.desk import GIVES, Ask, Cannot, Desk, Step, Unknown
from agents.builtin.fill_moves import reschedule_post
from agents.builtin.heads import Reading
from agents.builtin.references import needs

SIZED = re.compile(r"\b(?:bigger|larger|smaller|tinier|huge|enormous)\b")
KINDS = {
    "draw_card": r"card|picture|image|graphic",
    "speak_text": r"voice-?over|voice|recording|narration|audio|speech",
    "make_video": r"video|clip|reel",
    "write_text": r"text|caption|post|reply",
}


def correct(reading: Reading, desk: Desk) -> None:
    """Do again what was just done, differently."""
    before = _meant(reading, desk)
    if before is not None and before.tool == "draw_card" and SIZED.search(reading.read):
        raise Cannot(
            "A card's size is its format: square, portrait, landscape or story. Say, for example: in portrait format."
        )
    if before is None:
        raise Unknown(reading.said.text())
    args = _altered(before, reading, desk)
    if args is None:
        if before.tool in ("schedule_post", "reschedule_post"):
            return reschedule_post(reading, desk)
        raise Unknown(reading.said.text())
    desk.put(before.tool, **args)
    return None


def _meant(reading: Reading, desk: Desk) -> Step | None:
    steps = desk.before
    for place in range(len(steps) - 1, -1, -1):
        tool = steps[place].tool
        named = [
            kind for kind, form in KINDS.items() if re.search(rf"\b(?:the|that|this)\s+(?:{form})\b", reading.read)
        ]
        if tool in GIVES and (not named or tool in named):
            return steps[place]
    return None


def _altered(step: Step, reading: Reading, desk: Desk) -> dict[str, Any] | None:
    """The step's arguments with what is to be different; None when nothing of it is said."""
    said = reading.said
    if any(needs(value) for value in step.args.values()) and step.tool != "make_video":
        return None
    args = dict(step.args)
    changes: dict[str, Any] = {}
    if step.tool == "draw_card":
        changes["format"], said = options.picture_format(said)
        changes["design"], said = options.design(said)
        head, said = contents.headline(said)
        changes["headline"] = head or None
        if contents.SAYS.search(said.read) and (words := contents.written(said)):
            changes["text"], args["story"] = words, None
    elif step.tool == "speak_text":
        changes["format"], said = options.sound_format(said)
        changes["speed"], said = options.speed(said)
        changes["language"], said = options.spoken_language(said)
    elif step.tool == "make_video":
        changes["duration_s"], said = options.duration(said)
        changes["format"], said = options.video_format(said)
        if re.search(r"\b(?:no|without|drop|remove) (?:the )?(?:captions?|subtitles?)\b", said.read):
            changes["captions"] = ""
        args |= _again(step, desk)
    elif step.tool == "write_text":
        changes["length"], said = options.text_length(said)
    changes = {name: value for name, value in changes.items() if value is not None}
    return args | changes if changes else None


def _again(step: Step, desk: Desk) -> dict[str, Any]:
    """A video's parts, made in the same request as the video, are in the library by now."""
    wanted = len(step.args.get("pictures") or [])
    pictures = [desk.medium("picture", place) for place in range(wanted, 0, -1)]
    parts: dict[str, Any] = {"pictures": [one for one in pictures if one is not None]}
    if step.args.get("speech") is not None:
        parts["speech"] = desk.medium("voice")
    return parts


def drop(reading: Reading, desk: Desk) -> str:
    """Take back what was just done, where that can be done; else leave it."""
    if not re.match(r"(?:cancel|scratch|undo|abort|kill|end|take|stop (?:that|it|this))\b", reading.read) or (
        re.fullmatch(r"(?:cancel|stop)[\s.!]*", reading.read) and not desk.before
    ):
        return "All right, I leave it."
    for step in reversed(desk.before):
        if step.tool in ("schedule_post", "reschedule_post"):
            desk.put("cancel_post", post=_posted(step, desk))
            return ""
        if step.tool in ("draw_card", "speak_text", "make_video"):
            desk.put("cancel_job", job=_job(GIVES[step.tool], desk))
            return ""
        if step.tool == "change_persona" and reading.read.startswith(("undo", "take", "scratch", "cancel")):
            name = step.args.get("name") or step.args["persona"]
            desk.put("roll_back_persona", persona=name)
            return ""
        if step.tool == "pause_persona":
            desk.put("resume_persona", persona=step.args["persona"])
            return ""
        if step.tool == "create_persona":
            raise Ask(f"Shall I remove {step.args['name']}? Say: remove {step.args['name']}.", " ", "none")
    live = [row for row in desk.rows("jobs") if row.get("state") in ("queued", "running")]
    if not desk.before and len(live) == 1 and not desk.rows("posts"):
        desk.put("cancel_job", job=str(live[0]["id"]))
        return ""
    if not desk.before and len(desk.rows("posts")) == 1 and not live:
        desk.put("cancel_post", post=str(desk.rows("posts")[0]["id"]))
        return ""
    if desk.before or live or desk.rows("posts"):
        raise Cannot("I am not sure what to take back, so I did nothing. Say which post or job I should cancel.")
    return "All right, there is nothing to take back."


def _posted(step: Step, desk: Desk) -> str:
    """The post that a step scheduled, among those that are scheduled now."""
    at = step.args.get("at")
    text = step.args.get("text")
    same = [
        row
        for row in desk.rows("posts")
        if at
        and row.get("due_at")
        and _moment(row["due_at"]) == _moment(at)
        and (not isinstance(text, str) or not row.get("text") or text.startswith(str(row["text"]).rstrip("…")))
    ]
    if len(same) == 1:
        return str(same[0]["id"])
    rows = desk.rows("posts")
    return str(rows[0]["id"]) if len(rows) == 1 else "last"


def _moment(text: Any) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(str(text))


def _job(kind: str, desk: Desk) -> str:
    live = [
        row
        for row in desk.rows("jobs")
        if str(row.get("kind", "")).startswith(kind) and row.get("state") in ("queued", "running")
    ]
    return str(live[0]["id"]) if live else "last"
