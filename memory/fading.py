"""How fast does a memory fade? A forgetting curve: it orders what is recalled, and deletes nothing.

Recency halves with the persona's half-life; what weighs much and what was used often fades more slowly, as what people
rehearse does (Ebbinghaus 1885; the form is that of Zhong and others, MemoryBank, 2023).
"""

import math
from datetime import datetime, timedelta

HALF_LIFE_DAYS = 60.0  # of a memory without weight that was never used
# A memory that has faded altogether still has this share of its fit: age orders, it does not hide.
FADED = 0.5


def kept(age: timedelta, half_life_days: float, importance: float = 0.0, uses: int = 0) -> float:
    """How much is left of a memory, 0 to 1. `importance` (0 to 1) and `uses` hold against its age."""
    strength = 1 + 2 * importance + math.log2(1 + uses)
    days = max(age, timedelta()) / timedelta(days=1)
    return float(0.5 ** (days / (half_life_days * strength)))


def weighed(
    fit: float, at: datetime, now: datetime, half_life_days: float, importance: float = 0.0, uses: int = 0
) -> float:
    """The fit of a memory to a question, less what has faded of it."""
    return fit * (FADED + (1 - FADED) * kept(now - at, half_life_days, importance, uses))
