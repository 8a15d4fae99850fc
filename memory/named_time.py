"""Which time does a question name? "What did I tell you last week?": from its first moment to its end, by the asker's clock."""

from datetime import date, datetime, time, timedelta


def named_time(question: str, at: datetime) -> tuple[datetime, datetime] | None:
    """The time that is named, in the zone of `at`, when it is asked; None where none is."""
    from memory.recall.asked import named_time as named

    found = named(question, at)
    if found is None:
        return None
    first, last = (date.fromordinal(max(1, day)) for day in (found[0].first, found[0].last))
    return (
        datetime.combine(first, time(), at.tzinfo),
        datetime.combine(last + timedelta(days=1), time(), at.tzinfo),
    )
