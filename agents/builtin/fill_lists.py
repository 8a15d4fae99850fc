"""What is to be looked up? Clauses that ask for lists, news, records and the state of things, as steps of a plan.

Neighbours: options (how many), fill_posts (which persona's, since when).
"""

import re
from datetime import datetime

from agents.builtin import options, titles
from agents.builtin.desk import Ask, Cannot, Desk, either
from agents.builtin.heads import Reading
from agents.builtin.references import Made
from agents.builtin.times.moments import find_range

TYPES = r"\b(aaaa|a|mx|txt|cname|ns|srv|caa|soa|ptr|tlsa|sshfp|ds|dnskey|naptr|spf|alias|https|svcb)\b"


def list_media(reading: Reading, desk: Desk) -> None:
    read = reading.read
    kind = None
    for name, form in (
        ("video", r"videos?|(?<!voice )(?<!audio )(?<!sound )clips?|reels?|films?|movies?"),
        (
            "voice",
            r"voice-?overs?|voices?|recordings?|narrations?|audio|speech(?:es)?|sounds?(?: bites?| clips?| files?)?"
            r"|voice (?:notes?"
            r"|messages?|overs?)",
        ),
        ("picture", r"pictures?|images?|cards?|photos?|graphics?|pics?|visuals?|drawings?"),
    ):
        if re.search(rf"\b(?:{form})\b", read):
            kind = None if kind else name
            if kind is None:
                break
    persona = desk.persona(reading.said, needed=bool(re.search(r"\b(?:her|his)\b", read)))
    limit = options.count(
        read,
        r"videos?|clips?|voice-?overs?|recordings?|pictures?|images?|cards?|photos?|graphics?|media|files?"
        r"|assets?|pics?",
    )
    if re.search(
        r"\b(?:the )?(?:last|latest|newest) (?:video|clip|voice-?over|recording|picture|image|card|photo)\b", read
    ):
        limit = 1
    desk.put("list_media", kind=kind, persona=persona, limit=limit)


def list_jobs(reading: Reading, desk: Desk) -> None:
    read = reading.read
    state = None
    for name, form in (
        ("failed", r"fail(?:ed|ing|ures?)?|broken|went wrong|crashed|errored"), ("cancelled", r"cancell?ed|aborted|stopped"),
        ("running", r"running|in progress|active|being (?:made|rendered|worked on)|working on|doing right now"),
        ("queued", r"queued|waiting|pending|in (?:the |our )?queue|in line"), ("done", r"done|finished|completed?|succeeded"),
    ):  # fmt: skip
        if re.search(rf"\b(?:{form})\b", read):
            state = name
            break
    if re.search(r"^(?:is|are|has|have|did|how|when|will)\b", read):
        state = (
            state if re.search(r"\b(?:any|all|many|which)\b", read) else None
        )  # asked of one job: it may be in any state
    desk.put("list_jobs", state=state, limit=options.count(read, r"jobs?|tasks?|renders?"))


def name_job(tool: str, reading: Reading, desk: Desk) -> None:
    """Cancel or try again: a job by id, by what it makes, or the last one."""
    said, read = reading.said, reading.read
    if ids := said.ids():
        for one in ids:
            desk.put(tool, job=one)
        return
    wanted = {"cancel_job": ("queued", "running"), "retry_job": ("failed", "cancelled")}[tool]
    jobs = desk.rows("jobs")
    kinds = [
        kind
        for kind, form in (
            ("video", r"videos?|clips?|reels?|film|movie"),
            ("voice", r"voice-?overs?|voice|speech|audio|recording|narration"),
            ("picture", r"cards?|pictures?|images?|drawing|graphic|photo"),
        )
        if re.search(rf"\b(?:{form})\b", read)
    ]
    text = said.text()
    if titled := titles.named(text, jobs, skip=[]):
        rows = {str(row["id"]): row for one in titled for row in one.rows}
        alive = {one: row for one, row in rows.items() if row.get("state") in wanted} or rows
        if len(alive) > 1 and re.search(r"\b(?:and|both|&|plus)\b", read) and len(titled) > 1:
            for one in alive:
                desk.put(tool, job=one)
            return
        if len(alive) > 1:
            raise Ask(
                f"Which job do you mean: {either([str(row.get('title')) for row in alive.values()])}?",
                " the job ",
                "job",
            )
        desk.put(tool, job=next(iter(alive)))
        return
    if jobs and (
        strange := titles.unknown(
            text, "jobs?|tasks?|renders?|cards?|videos?|clips?|voice-?overs?|recordings?", desk.personas
        )
    ):
        raise Cannot(
            f"There is no job called {strange}. There are: {', '.join(str(row.get('title')) for row in jobs[:5])}."
        )
    fitting = [row for row in jobs if not kinds or str(row.get("kind", "")).split(".")[0] in kinds]
    live = [row for row in fitting if row.get("state") in wanted]
    if re.search(r"\b(?:all|every|everything|both|each)\b|\bjobs\b", read):
        if tool == "cancel_job" and not re.search(r"\bboth\b", read):  # there may be more than the desk knows of
            for kind in kinds or ("",):
                desk.put("cancel_jobs", kind=kind or None)
            return
        if not live:
            raise Cannot("There is no such job.")
        for row in live:
            desk.put(tool, job=str(row["id"]))
        return
    made = desk.made("video", "voice", "picture")
    if made is not None and not jobs:
        desk.put(tool, job=Made(made, "job"))
        return
    if kinds and not fitting:
        raise Cannot(f"There is no {kinds[0]} job.")
    if kinds or re.search(r"\bfailed\b|\brunning\b", read):
        chosen = live or fitting
        if not chosen:
            raise Cannot("There is no such job.")
        desk.put(tool, job=str(chosen[0]["id"]))
        return
    if (
        tool == "cancel_job"
        and len(live) > 1
        and re.search(r"\b(?:the|that|this|a) (?:job|task|render(?:ing)?)\b", read)
    ):
        raise Ask(f"Which job do you mean: {either([str(row.get('title')) for row in live])}?", " the job ", "job")
    if tool == "retry_job" and live and not re.search(r"\b(?:last|latest|newest)\b", read):
        if len(live) > 1:
            raise Ask(f"Which job do you mean: {either([str(row.get('title')) for row in live])}?", " the job ", "job")
        desk.put(tool, job=str(live[0]["id"]))
        return
    desk.put(tool, job="last")


def list_records(reading: Reading, desk: Desk) -> None:
    said = reading.said
    zones = said.links()
    rest = said.read
    kind = (
        re.search(rf"{TYPES}\s+(?:dns\s+)?(?:records?|entries|entry)\b", rest)
        or re.search(rf"\b(?:type|of type)\s+{TYPES[2:-2]}\b", rest)
        or re.search(r"\b(aaaa|mx|txt|cname|srv|caa|soa|ptr)(?:es|s|'s)?\b", rest)
        or re.search(r"\b(?:the|all|any) (ns|a)\b (?:of|for|in)\b", rest)
    )
    name = re.search(
        r"\b(mail|nameservers?|name servers?)\b(?= (?:records?|servers?|of|for)|$)|\b(nameservers?"
        r"|name servers?|mail servers?)\b",
        rest,
    )
    type_ = kind[1].upper() if kind else {"m": "MX", "n": "NS"}[(name[1] or name[2])[0]] if name else None
    if not zones:
        raise Ask("Of which domain?", " of ", "link")
    several = (
        [one.upper() for one in re.findall(r"\b(aaaa|a|mx|txt|cname|ns|srv|caa)(?=\s*(?:,|and\b|&|/))", rest)]
        if type_ and kind
        else []
    )
    for zone, one in ((zone, one) for zone in zones for one in dict.fromkeys([*several, type_])):
        type_ = one
        desk.put("list_records", zone=zone.split("://")[-1].split("/")[0], type=type_)


def show_spending(reading: Reading, desk: Desk) -> None:
    from agents.builtin.counting import COUNT, whole

    read = reading.read
    days: int | None = None
    if hit := re.search(
        rf"\b(?:last|past|previous)\s+(?:({COUNT})\s+)?(day|week|month|year|fortnight|quarter)s?\b"
        rf"|\b({COUNT}) (day|week|month)s?\b",
        read,
    ):
        amount = whole(hit[1] or hit[3] or "1") or 1
        days = (
            amount * {"day": 1, "week": 7, "month": 30, "year": 365, "fortnight": 14, "quarter": 90}[hit[2] or hit[4]]
        )
    elif re.search(r"\bthis (?:month)\b|\bmonth to date\b|\bso far this month\b", read):
        days = _local_day(desk).day
    elif re.search(r"\bthis week\b", read):
        days = _local_day(desk).weekday() + 1
    elif re.search(r"\b(?:weekly|a week)\b", read):
        days = 7
    elif re.search(r"\b(?:monthly|a month)\b", read):
        days = 30
    elif re.search(r"\bthis year\b", read):
        days = _local_day(desk).timetuple().tm_yday
    elif since := find_range(read, desk.now, desk.zone)[0] if re.search(r"\bsince\b", read) else None:
        days = max(1, (_local_day(desk).date() - since.date()).days + 1)
    elif re.search(r"\byesterday\b", read):
        days = 2
    desk.put("show_spending", days=days)


def _local_day(desk: Desk) -> datetime:
    from agents.builtin.times.zones import tz

    return desk.now.astimezone(tz(desk.zone))


def list_conversations(reading: Reading, desk: Desk) -> None:
    read = reading.read
    persona = desk.persona(reading.said, needed=bool(re.search(r"\b(?:her|his)\b", read)))
    desk.put(
        "list_conversations",
        persona=persona,
        limit=options.count(read, r"conversations?|chats?|dms?|fans?|messages?|people"),
    )
