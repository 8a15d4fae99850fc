"""How often? "every weekday", "Mondays and Thursdays", "monthly on the 1st", as an RFC 5545 rule. Neighbour: moments."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from agents.builtin.counting import COUNT, ORDINAL, SPELLED, ordinal, whole
from agents.builtin.times.days import MONTH, WEEKDAY, find_day, month_number, weekday_number

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UNITS = {"hour": "HOURLY", "day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY", "minute": "MINUTELY"}
ADVERBS = {
    "hourly": "HOURLY", "daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY", "annually": "YEARLY",
    "nightly": "DAILY",
}  # fmt: skip
DAY_LIST = (
    rf"{WEEKDAY}s?(?:(?:\s*,\s*|\s*,?\s+(?:and|n|'n'?)\s+(?:on\s+|every\s+)?|\s*&\s*|\s*/\s*|\s+)"
    rf"(?:on\s+|every\s+)?{WEEKDAY}s?)*"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and the stretches that say it. `clocked` rules need a time of day; `hour` is one that it implies."""

    text: str
    spans: tuple[tuple[int, int], ...]
    hour: int | None = None
    clocked: bool = True
    may_start: bool = True


def too_vague(read: str) -> bool:
    """Twice a week says neither days nor times."""
    hit = re.search(
        rf"\b(?:twice|thrice|a few times|several times|(?:{COUNT}) times) (?:a|per|every|each) (?:day|week"
        rf"|month|year)\b",
        read,
    )
    named = re.search(rf"\b(?:on |every )?{WEEKDAY}s?\b|\bon the {ORDINAL}\b", read)
    return bool(hit and not named) or bool(
        re.search(r"\b(?:every now and then|once in a while|from time to time|regularly|occasionally)\b", read)
    )


def once_or_monthly(read: str) -> bool:
    """ "The last Friday of the month" may be this month's or every month's."""
    day = re.search(
        rf"\b(?:first|second|third|fourth|last|{ORDINAL}) (?:{WEEKDAY}|day) (?:of|in) (?:the|a) month\b", read
    )
    return bool(day) and not re.search(r"\b(?:every|each|monthly|always)\b", read)


def find_rule(read: str, today: date) -> Rule | None:
    """The repetition that a text asks for."""
    rule = _but_not(read) or _monthly(read) or _by_days(read) or _every(read) or _adverb(read)
    return _limited(rule, read, today) if rule else _for_days(read)


def _monthly(read: str) -> Rule | None:
    each = r"(?:every|each|the|a) month|each month|monthly|every single month"
    nth = re.search(
        rf"\b(?:on )?(?:the |every )?(first|second|third|fourth|last|{ORDINAL}) {WEEKDAY}s? (?:of"
        rf"|in) (?:every |each |the |a )?month\b|"
        rf"\b(?:monthly|every month|each month),? on the (first|second|third|fourth|last|{ORDINAL}) {WEEKDAY}\b",
        read,
    )
    if nth:
        place, day = nth[1] or nth[3], nth[2] or nth[4]
        number = -1 if place == "last" else ordinal(place)
        return Rule(f"FREQ=MONTHLY;BYDAY={number}{CODES[weekday_number(day)]}", (nth.span(),), may_start=False)
    last = re.search(
        rf"\b(?:on )?the last day of (?:{each})\b|\b(?:{each}),? on the last day\b|\bat the end of (?:every"
        rf"|each) month\b",
        read,
    )
    if last:
        return Rule("FREQ=MONTHLY;BYMONTHDAY=-1", (last.span(),), may_start=False)
    dated = re.search(
        rf"\b(?:{each}),? on (?:the )?({ORDINAL}|\d{{1,2}})(?: day)?(?: and (?:on )?(?:the )?({ORDINAL}"
        rf"|\d{{1,2}}))?\b"
        rf"|\b(?:on )?(?:the )?({ORDINAL})(?: and (?:the )?({ORDINAL}))?(?: day)? of (?:{each})\b"
        rf"|\bon the ({ORDINAL}),? (?:every|each) month\b|\b(?:every|each) ({ORDINAL})(?: of the month"
        rf"| day of the month)\b",
        read,
    )
    if dated:
        days = [str(place) for group in dated.groups() if group and (place := ordinal(group))]
        return Rule(f"FREQ=MONTHLY;BYMONTHDAY={','.join(days)}", (dated.span(),), may_start=False)
    yearly = re.search(
        rf"\b(?:every year|yearly|annually|each year),? on (?:the )?(\d{{1,2}}|{ORDINAL})(?: of)? {MONTH}\b"
        rf"|\bevery (\d{{1,2}}|{ORDINAL})(?: of)? {MONTH}\b",
        read,
    )
    if yearly:
        day, month = ordinal(yearly[1] or yearly[3]), month_number(yearly[2] or yearly[4])
        return Rule(f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}", (yearly.span(),), may_start=False)
    return None


EXCEPT = re.compile(
    rf"\b(?:every ?day|each day|daily|all days|every single day),?\s+(?:of the week\s+)?(?:except|but not|but"
    rf"|excluding|apart from|other than)"
    rf"(?:\s+(?:for|on|not|the))*\s+(?:({WEEKDAY}s?(?:(?:\s*,\s*|\s+(?:and|or)\s+"
    rf"|\s*&\s*)(?:on\s+)?{WEEKDAY}s?)*)(?![a-z])|(weekends?))"
)


def _for_days(read: str) -> Rule | None:
    """For the next three days: daily, so many times."""
    hit = re.search(
        rf"\bfor (?:the )?(?:next |coming |following )?({COUNT}) (?:days|mornings|evenings|nights)\b(?: (?:in a row"
        rf"|running|straight))?",
        read,
    )
    return Rule(f"FREQ=DAILY;COUNT={whole(hit[1])}", (hit.span(),)) if hit and whole(hit[1]) else None


def _but_not(read: str) -> Rule | None:
    """Every day except Sundays."""
    hit = EXCEPT.search(read)
    if not hit:
        return None
    out = (
        {5, 6}
        if hit.group(hit.lastindex or 0) and "weekend" in hit[0]
        else {weekday_number(word) for word in re.findall(rf"\b{WEEKDAY}s?(?![a-z])", hit[1] or "")}
    )
    kept = [code for number, code in enumerate(CODES) if number not in out]
    return Rule(f"FREQ=WEEKLY;BYDAY={','.join(kept)}", (hit.span(),), may_start=False)


def _by_days(read: str) -> Rule | None:
    weekdays = re.search(
        r"\b(?:(?:on |every |each |all )(?:single |the )?(?:weekdays?|working days?|work days?|workdays?"
        r"|business days?)|weekdays"
        r"|(?:every day |daily )?(?:from )?(?:monday|mon) (?:to|through|till|until|thru) (?:friday|fri)"
        r"|(?:monday|mon)\s?[-–]\s?(?:friday|fri))\b",
        read,
    )
    if weekdays:
        return Rule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", (weekdays.span(),), may_start=False)
    weekend = re.search(
        r"\b(?:every|each|on) weekends?\b|\bweekends\b|\bat weekends\b|\bevery (?:saturday and sunday)\b", read
    )
    if weekend:
        return Rule("FREQ=WEEKLY;BYDAY=SA,SU", (weekend.span(),), may_start=False)
    ends = re.search(rf"\b(?:every (?:day )?from |from )?{WEEKDAY} (?:to|through) {WEEKDAY}\b", read)
    if ends and ends[0].startswith(("every", "from")):
        first, last = weekday_number(ends[1]), weekday_number(ends[2])
        span = [CODES[(first + n) % 7] for n in range((last - first) % 7 + 1)]
        return Rule(f"FREQ=WEEKLY;BYDAY={','.join(span)}", (ends.span(),), may_start=False)
    each = re.search(
        rf"\b(?:every|each)\s+(?:(other|second|{ORDINAL})\s+)?(?:week on\s+|week,? (?:on )?)?({DAY_LIST})(?![a-z])",
        read,
    )
    plural = re.search(rf"\b(?:on )?({WEEKDAY}s(?:(?:\s*,\s*|\s*,?\s+and\s+(?:on\s+)?|\s*&\s*){WEEKDAY}s)*)\b", read)
    weekly = re.search(
        rf"\b(?:weekly|bi-?weekly|fortnightly|(?:once|twice|{COUNT} times) (?:a|per|every) week|every (?:other "
        rf"|second )?week),?\s+on\s+({DAY_LIST})",
        read,
    )
    hit = each or weekly or plural
    if not hit or (hit is plural and not re.search(r"days\b", plural[1])):
        return None
    listed = hit[2] if hit is each else hit[1]
    days = sorted({weekday_number(word) for word in re.findall(rf"\b{WEEKDAY}s?\b", listed)})
    gap = ";INTERVAL=2" if re.search(r"\bother|second|two weeks|bi-?weekly|fortnightly\b", hit[0]) else ""
    return Rule(f"FREQ=WEEKLY{gap};BYDAY={','.join(CODES[day] for day in days)}", (hit.span(),), may_start=False)


def _every(read: str) -> Rule | None:
    hit = re.search(
        rf"\b(?:every|each|once (?:a|per|every)|one time (?:a|per))\s+(?:single\s+)?(?:(other|second|{ORDINAL}"
        rf"|{COUNT}|{SPELLED})\s+)?"
        r"(minute|hour|day|night|morning|evening|afternoon|noon|midday|midnight|lunchtime|week|month|year)s?\b",
        read,
    )
    if not hit:
        return None
    step = 1 if hit[1] is None else 2 if hit[1] in ("other", "second") else (whole(hit[1]) or ordinal(hit[1]) or 1)
    hours = {
        "morning": 9,
        "evening": 19,
        "afternoon": 15,
        "night": 21,
        "noon": 12,
        "midday": 12,
        "midnight": 0,
        "lunchtime": 12,
    }
    unit = "day" if hit[2] in hours else hit[2]
    gap = f";INTERVAL={step}" if step > 1 else ""
    end = hit.end() if hit[2] not in hours else hit.start(2)  # a part of the day is left for the time of day to read
    clocked = UNITS[unit] not in ("HOURLY", "MINUTELY")
    return Rule(f"FREQ={UNITS[unit]}{gap}", ((hit.start(), end),), hours.get(hit[2]), clocked)


def _adverb(read: str) -> Rule | None:
    two = re.search(r"\b(?:biweekly|bi-weekly|fortnightly|every fortnight)\b", read)
    if two:
        return Rule("FREQ=WEEKLY;INTERVAL=2", (two.span(),))
    hit = re.search(rf"\b(?:{'|'.join(ADVERBS)})\b(?! (?:news|digest|feed|horoscope|quote|tip|brief|show))", read)
    if hit:
        return Rule(f"FREQ={ADVERBS[hit[0]]}", (hit.span(),), 21 if hit[0] == "nightly" else None, hit[0] != "hourly")
    return None


def _limited(rule: Rule, read: str, today: date) -> Rule:
    """Until a day, or so many times."""
    times = re.search(rf"\b(?:for )?({COUNT}) times\b(?! (?:a|per|every|each))", read)
    if times and (count := whole(times[1])):
        return Rule(f"{rule.text};COUNT={count}", (*rule.spans, times.span()), rule.hour, rule.clocked, rule.may_start)
    until = re.search(r"\b(?:until|till|up to|through)\b", read)
    if until:
        day = find_day(read[until.start() :].replace("until ", "on    ", 1), today)
        if day and not day.question:
            end = datetime.combine(day.day, time(23, 59, 59))
            span = (until.start(), until.start() + day.end)
            return Rule(
                f"{rule.text};UNTIL={end:%Y%m%dT%H%M%S}", (*rule.spans, span), rule.hour, rule.clocked, rule.may_start
            )
    weeks = re.search(rf"\bfor (?:the next )?({COUNT}) (day|week)s\b", read)
    if weeks and "DAILY" in rule.text and (count := whole(weeks[1])):
        total = count * (7 if weeks[2] == "week" else 1)
        return Rule(f"{rule.text};COUNT={total}", (*rule.spans, weeks.span()), rule.hour, rule.clocked, rule.may_start)
    return rule
