"""Which time does a question name? "What did I tell you last week?": from its first moment to its end, by the asker's clock."""

from datetime import date, datetime, time, timedelta


def named_time(question: str, at: datetime) -> tuple[datetime, datetime] | None:
    """The time that is named, in the zone of `at`, when it is asked; None where none is."""
    from memory.recall.times import days_of
    from memory.recall.words import Words

    days = days_of(Words(question), at)
    if days is None:
        return None
    first, last = (date.fromordinal(day) for day in (days.first, days.last))
    return (
        datetime.combine(first, time(), at.tzinfo),
        datetime.combine(last + timedelta(days=1), time(), at.tzinfo),
    )
