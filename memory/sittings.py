"""When is a sitting of two over? After six hours of silence, or when it has grown long.

Where a sitting ends depends on its messages alone, not on when somebody looks: so what is made of it can be made again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from memory.repositories.conversations import Line

SILENCE = timedelta(hours=6)
MOST = 60  # messages; what two say without a pause is cut here


def first_sitting(messages: Sequence[Line], now: datetime, silence: timedelta = SILENCE) -> int:
    """How many of these messages, oldest first, are the first sitting; 0 while that may still go on.

    `messages` are at least MOST + 1 of what follows the sitting before, or all there is.
    """
    for n in range(1, len(messages)):
        if n == MOST or messages[n].at - messages[n - 1].at >= silence:
            return n
    over = messages and (len(messages) == MOST or now - messages[-1].at >= silence)
    return len(messages) if over else 0
