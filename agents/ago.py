"""How long ago, in words? "yesterday", "last Tuesday", "on 2 March", as one says it; in English or German."""

from datetime import datetime

_NAMES = {
    "en": (
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
         "December"),
    ),
    "de": (
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
         "Dezember"),
    ),
}  # fmt: skip
_WORDS = {
    "en": ("earlier today", "yesterday", "last {day}", "{day} last week", "on {date} {month}", "on {date} {month} {year}"),
    "de": (
        "heute", "gestern", "letzten {day}", "{day} letzter Woche", "am {date}. {month}", "am {date}. {month} {year}",
    ),
}  # fmt: skip


def ago(at: datetime, now: datetime, language: str = "en") -> str:
    """When that was, seen from now. Both are in the zone of whoever says it; what is no German is told in English."""
    language = "de" if language[:2].lower() == "de" else "en"
    at = at.astimezone(now.tzinfo)
    days = (now.date() - at.date()).days
    today, yesterday, lately, week, dated, old = _WORDS[language]
    if days <= 1:
        form = today if days <= 0 else yesterday
    elif days <= 6:
        form = lately
    elif days <= 7 + now.weekday():
        form = week
    else:
        form = dated if days < 300 else old
    names, months = _NAMES[language]
    return form.format(day=names[at.weekday()], date=at.day, month=months[at.month - 1], year=at.year)
