"""Is a job to be held, or to go on? "Pause that render", "go on with it", in English and in German.

Neighbours: upheavals (personas that rest), fill_lists (jobs that are cancelled or tried again), intents.
"""

import re

from agents.builtin import titles
from agents.builtin.desk import Ask, Cannot, Desk, either
from agents.builtin.heads import Reading

_JOB = (
    r"(?:jobs?|tasks?|render(?:s|ing)?|work|videos?|reels?|films?|clips?|pictures?|images?|cards?|voice-?overs?|recordings?|downloads?"
    r"|auftr[aä]ge?|aufgaben?|rendern|bild(?:er)?|aufnahmen?|karten?)"
)
_IT = r"(?:it|that|this|them|everything|(?:all )?(?:the|that|this|my|our|every|all)?\s*(?:[\w'-]+ ){0,4}?" + _JOB + r")"
_ES = r"(?:das|es|ihn|sie|alles|damit|(?:das|den|die|alle|diesen|dieses|diese)\s+(?:[\w-]+ ){0,4}?" + _JOB + r")"
_END = r"(?:[\s,]*(?:please|bitte|for now|for a while|for a moment|now|again|then|first|mal|erst mal|wieder|jetzt|kurz))*[\s.!?]*"
_HOLDS = re.compile(
    rf"(?:pause|hold|suspend|freeze|halt|interrupt|park)\s+(?:off\s+(?:on\s+)?)?{_IT}(?: off)?{_END}"
    rf"|(?:put|place)\s+{_IT}\s+on (?:hold|ice|pause){_END}"
    rf"|(?:pausiere?|unterbrich|unterbreche?)\s+{_ES}{_END}"
    rf"|(?:halte?)\s+{_ES}\s+an{_END}|(?:leg|lege)\s+{_ES}\s+auf eis{_END}"
    rf"|(?:setz|setze)\s+{_ES}\s+aus{_END}"
)
_GOES_ON = re.compile(
    rf"(?:go on|carry on|continue|proceed|keep going|get on)(?:\s+(?:with|on))?\s+(?:making |rendering )?{_IT}{_END}"
    rf"|(?:resume|un-?pause|un-?freeze|restart|release|pick up)\s+{_IT}(?: up)?{_END}"
    rf"|(?:let|have)\s+{_IT}\s+(?:go on|continue|carry on|run(?: on)?|resume){_END}"
    rf"|take\s+{_IT}\s+off (?:hold|pause|ice){_END}"
    rf"|(?:go on|carry on|continue|keep going|resume|weiter|mach(?:e)? weiter){_END}"
    rf"|(?:mach|mache|fahr|fahre)\s+(?:mit\s+(?:dem|der|den)\s+(?:[\w-]+ )?{_JOB}\s+|damit\s+)(?:weiter|fort){_END}"
    rf"|weiter\s+(?:damit|mit\s+(?:dem|der|den)\s+{_JOB}){_END}"
    rf"|(?:setz|setze)\s+{_ES}\s+fort{_END}|lass(?:e)?\s+{_ES}\s+(?:weiter ?(?:laufen|machen)|weiter){_END}"
)
_KINDS = (
    ("video", r"videos?|clips?|reels?|films?"),
    ("voice", r"voice-?overs?|recordings?|aufnahmen?"),
    ("picture", r"cards?|pictures?|images?|bild(?:er)?|karten?"),
    ("model", r"downloads?"),
)
_LIVE = {"pause_job": ("running", "queued"), "resume_job": ("paused",)}
_ALL = re.compile(
    r"\b(?:all|every|everything|both|alle|alles|jobs|tasks|renders|videos|clips|reels|pictures|cards|aufträge)\b"
)


def holding(read: str, reading: Reading, desk: Desk) -> str:
    """`pause_job` or `resume_job` where a clause is about a job; a persona's rest is another matter."""
    words = _words(reading)
    jobs = desk.rows("jobs")
    if "§p" in read or not jobs:
        return ""
    if _HOLDS.fullmatch(words):
        return "pause_job"
    held = any(row.get("state") == "paused" for row in jobs)
    return "resume_job" if _GOES_ON.fullmatch(words) and (held or re.search(rf"\b{_JOB}\b", words)) else ""


def hold(reading: Reading, desk: Desk) -> None:
    _put("pause_job", reading, desk)


def go_on(reading: Reading, desk: Desk) -> None:
    _put("resume_job", reading, desk)


def _words(reading: Reading) -> str:
    return " ".join(reading.said.text().lower().split())


def _put(tool: str, reading: Reading, desk: Desk) -> None:
    """Of the jobs that this can be done to: those that are named, or all, or the only one; else it is asked."""
    words = _words(reading)
    if ids := reading.said.ids():
        for one in ids:
            desk.put(tool, job=one)
        return
    live = [row for row in desk.rows("jobs") if row.get("state") in _LIVE[tool]]
    kinds = [kind for kind, form in _KINDS if re.search(rf"\b(?:{form})\b", words)]
    if named := titles.named(reading.said.text(), live, skip=desk.personas):
        live = [row for one in named for row in one.rows]
    elif kinds:
        live = [row for row in live if str(row.get("kind", "")).split(".")[0] in kinds]
    if not live:
        raise Cannot("No such job is held." if tool == "resume_job" else "There is no such job that waits or runs.")
    if len(live) > 1 and not _ALL.search(words):
        live = [row for row in live if row.get("state") == "running"] or live
    if len(live) > 1 and not _ALL.search(words):
        raise Ask(f"Which job do you mean: {either([_called(row) for row in live])}?", " the job ", "job")
    for row in live:
        desk.put(tool, job=str(row["id"]))


def _called(row: dict[str, object]) -> str:
    return str(row.get("title") or row.get("kind"))
