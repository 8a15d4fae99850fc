"""Which days does a German text speak of? "Letzten Sommer", "im Mai 2023", "vor drei Wochen", "an Weihnachten", "vorgestern".

The same forms as English ones in `memory.recall.times`, which asks here where none of those is found.
"""

import re
from datetime import date, timedelta

from memory.recall import days
from memory.recall.days import Days

MONTHS = {
    "januar": 1, "jänner": 1, "februar": 2, "märz": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8,
    "september": 9, "oktober": 10, "november": 11, "dezember": 12,
}  # fmt: skip
SEASONS = {"frühling": 3, "frühjahr": 3, "sommer": 6, "herbst": 9, "winter": 12}  # their first months
WEEKDAYS = {
    "montag": 0, "dienstag": 1, "mittwoch": 2, "donnerstag": 3, "freitag": 4, "samstag": 5, "sonnabend": 5, "sonntag": 6,
}  # fmt: skip
FEASTS = {
    "weihnachten": "christmas", "weihnachtsfest": "christmas", "heiligabend": "christmas eve",
    "heilig abend": "christmas eve", "silvester": "new year's eve", "neujahr": "new year", "ostern": "easter",
    "pfingsten": "pentecost", "nikolaus": "saint nicholas", "valentinstag": "valentine",
}  # fmt: skip
_COUNT = {
    "ein": 1, "einem": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "ein paar": 3, "paar": 3, "einigen": 3, "wenigen": 3,
}  # fmt: skip
_LENGTH = {"tag": 1, "woche": 7, "monat": 30, "jahr": 365}
_UNIT = {"woche": "week", "wochenende": "weekend", "monat": "month", "jahr": "year"}
_NEAR = {"vorgestern": -2, "gestern": -1, "heute": 0, "morgen": 1, "übermorgen": 2, "letzte nacht": -1}
# How far from this one, by how the word begins.
_STEP = (("vorletzt", -2), ("übernächst", 2), ("letzt", -1), ("vergangen", -1), ("vorig", -1), ("dies", 0), ("kommend", 1),
         ("nächst", 1))  # fmt: skip
_WHICH = r"(?P<which>(?:vorletzte|letzte|vergangene|vorige|diese|kommende|nächste|übernächste)[nmrs]?)"
_YEAR = r"(?: (?P<year>(?:19|20)\d\d))"
_LAST_YEAR = r"(?P<which2>(?:vorletzte|letzte|vergangene|vorige|diese)[sn]) Jahr(?:es)?"
_THAT_YEAR = rf"(?:(?: (?P<year>(?:19|20)\d\d))|,? (?:im |des )?{_LAST_YEAR})"
_PART = r"(?:abends?|morgens?|mittags?|(?:vor|nach)mittags?|nachts?|früh)?"
_PLAN = re.compile(r"\b(?:werde|wirst|wird|werden|muss|müssen|will|wollen|plan\w*|kommt|ist)\b", re.IGNORECASE)
_HAVE = re.compile(r"\b(?:hab|habe|hast|hat|haben)\b", re.IGNORECASE)
# "Ich habe am Freitag eine Prüfung" tells a plan, "was habe ich dir am Freitag erzählt" does not.
_DONE = re.compile(
    r"\b(?:(?:\w{2,4})?ge\w{2,}(?:t|en)|(?:be|er|ver|zer|ent|über|unter)\w{2,}(?:t|en)|\w+iert)\b", re.IGNORECASE
)


def _any(words: "dict[str, int] | dict[str, str]") -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _step(word: str | None) -> int | None:
    return next((step for begins, step in _STEP if word and word.casefold().startswith(begins)), None)


def _year(found: re.Match[str], today: date) -> int | None:
    """The year that is said with it: 2021, "letztes Jahr"."""
    groups = found.groupdict()
    if groups.get("year"):
        return int(groups["year"])
    step = _step(groups.get("which2"))
    return None if step is None else today.year + step


def _on_date(found: re.Match[str], today: date) -> Days | None:
    named, day = found["month"].casefold(), int(found["day"])
    month = int(named) if named.isdigit() else MONTHS[named]
    return days.of_date(day, month, _year(found, today), today) if 1 <= month <= 12 and day else None


def _in_month(found: re.Match[str], today: date) -> Days:
    return days.of_month(MONTHS[found["month"].casefold()], _year(found, today), today)


def _in_season(found: re.Match[str], today: date) -> Days:
    step = _step(found["which"])
    return days.of_season(
        SEASONS[found["season"].casefold()], _year(found, today), today, over=step is not None and step < 0
    )


def _at_feast(found: re.Match[str], today: date) -> Days:
    name, year = FEASTS[found["feast"].casefold()], _year(found, today)
    if year is None and (_step(found["which"]) or 0) > 0:
        latest = days.of_feast(name, None, today)
        year = date.fromordinal(latest.last).year + 1
    return days.of_feast(name, year, today)


def _ago(found: re.Match[str], today: date) -> Days:
    word, unit = found["count"].casefold(), found["unit"].casefold()
    return days.ago(int(word) if word.isdigit() else _COUNT[word], _LENGTH[unit], today)


def _relative(found: re.Match[str], today: date) -> Days:
    unit = _UNIT[found["unit"].casefold()]
    step = _step(found["which"])
    if step is None:  # "am Wochenende": the one that was, or where a plan is told the one that comes
        ended = today.weekday() < 5
        step = -1 if ended and not _planned(found) else 0
    return days.of_unit(unit, step, today)


def _near_day(found: re.Match[str], today: date) -> Days:
    return days.one(today + timedelta(days=_NEAR[found["near"].casefold()]))


def _weekday(found: re.Match[str], today: date) -> Days:
    """The last of that name before today; the next where a plan is told."""
    step = _step(found["which"])
    coming = step > 0 if step else _planned(found)
    return days.of_weekday(WEEKDAYS[found["day"].casefold()], today, coming=coming)


def _in_year(found: re.Match[str], today: date) -> Days:  # noqa: ARG001
    return days.of_year(int(found["year"]))


def _planned(found: re.Match[str]) -> bool:
    """Whether what is told is still to come."""
    text, start = found.string, found.start()
    if _PLAN.search(text, 0, start):
        return True
    return bool(_HAVE.search(text, 0, start)) and not _DONE.search(text) and "?" not in text


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_MONTH, _SEASON, _FEAST, _DAY = _any(MONTHS), _any(SEASONS), _any(FEASTS), _any(WEEKDAYS)
_DAY_NUMBERS = frozenset(map(str, range(1, 32)))
_PARTS = ("", "abend", "abends", "morgen", "mittag", "vormittag", "nachmittag", "nacht", "früh")
_WEEKDAY_WORDS = frozenset(day + part for day in WEEKDAYS for part in _PARTS)
# The narrow forms come first. Before each the words of which one must be there.
READERS = [
    (_DAY_NUMBERS, _form(rf"\b(?P<day>\d\d?)\.? (?P<month>{_MONTH})\b{_THAT_YEAR}?"), _on_date),
    (_DAY_NUMBERS, _form(r"\b(?:am|vom|zum|seit|bis|der|den|dem)(?: dem| zum)? (?P<day>[0-3]?\d)\. ?(?P<month>[01]?\d)\."
                         r"(?: ?(?P<year>(?:19|20)\d\d))?"), _on_date),
    (frozenset(["jahr"]), _form(rf"\b{_LAST_YEAR},? (?:an |zu |über )?(?:dem |den )?(?P<which>)(?P<feast>{_FEAST})\b"),
     _at_feast),
    (frozenset(["jahr"]), _form(rf"\b{_LAST_YEAR},? im (?P<month>{_MONTH})\b"), _in_month),
    (frozenset(["jahr"]), _form(rf"\b{_LAST_YEAR},? im (?P<which>)(?P<season>{_SEASON})\b"), _in_season),
    (frozenset(FEASTS) | {"heilig"}, _form(rf"(?:\b{_WHICH} )?\b(?P<feast>{_FEAST})\b{_THAT_YEAR}?"), _at_feast),
    (frozenset(MONTHS), _form(rf"\b(?P<month>{_MONTH}){_THAT_YEAR}"), _in_month),
    (frozenset(MONTHS), _form(rf"\b(?:im|letzten|vergangenen|vorigen|diesen|diesem|seit|bis|ab|(?:Anfang|Mitte|Ende))"
                              rf"(?: letzten| vergangenen| vorigen| Anfang| Mitte| Ende)? (?P<month>{_MONTH})\b"), _in_month),
    (frozenset(SEASONS), _form(rf"\b(?:im |in dem )?(?:{_WHICH} )?(?P<season>{_SEASON}){_THAT_YEAR}\b"), _in_season),
    (frozenset(SEASONS), _form(rf"\b(?:im |in dem )(?:{_WHICH} )?(?P<season>{_SEASON})\b"), _in_season),
    (frozenset(SEASONS), _form(rf"\b{_WHICH} (?P<season>{_SEASON})\b"), _in_season),
    (frozenset(["vor"]), _form(rf"\bvor (?P<count>\d{{1,4}}|{_any(_COUNT)}) (?P<unit>Tag|Woche|Monat|Jahr)(?:e?n)?\b"), _ago),
    (frozenset(_UNIT), _form(rf"\b{_WHICH} (?P<unit>Wochenende|Woche|Monat|Jahr)s?\b"), _relative),
    (frozenset(["wochenende"]), _form(r"\bam (?P<which>)(?P<unit>Wochenende)\b"), _relative),
    (frozenset(["vorgestern", "gestern", "heute", "übermorgen", "nacht"]),
     _form(r"\b(?P<near>vorgestern|gestern|heute|übermorgen|letzte Nacht)\b"), _near_day),
    (_WEEKDAY_WORDS, _form(rf"\b(?:{_WHICH} )?(?P<day>{_DAY}){_PART}\b"), _weekday),
    # "Guten Morgen", "am Morgen" and "jeden Morgen" are no tomorrow, and nobody writes tomorrow large but to begin.
    (frozenset(["morgen"]), re.compile(r"(?<!guten )(?<!jeden )(?<!am )(?<!schönen )(?<!Guten )\b(?P<near>morgen)\b"),
     _near_day),
    (frozenset(map(str, range(1900, 2100))),
     _form(r"\b(?:im Jahre?|in|seit|anno|Anfang|Mitte|Ende|Sommer) (?P<year>(?:19|20)\d\d)\b"), _in_year),
]  # fmt: skip
# Whoever says one of these names a time.
TIMES = frozenset([*MONTHS, *_WEEKDAY_WORDS, *FEASTS, "vorgestern", "gestern", "heute", "übermorgen"]) - {"mai"}
