"""Which of many expressions can match a text? Those of whose letters it has some: the others need not be tried.

Of 137 patterns of facts an ordinary sentence holds the words of two or three; looking for those words costs a tenth of
searching with all of them.
"""

import re
from collections.abc import Iterable, Sequence
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

_START = 3  # letters by which a piece is looked up
_Wants = tuple[str, list[int]]


class Sieve:
    """Expressions by number. A text is looked through in lower case, whatever case an expression asks for."""

    def __init__(self, patterns: Iterable["re.Pattern[str]"]) -> None:
        self.patterns = tuple(patterns)
        pieces: dict[str, list[int]] = {}
        for number, pattern in enumerate(self.patterns):
            for piece in wanted(pattern) or ("",):
                pieces.setdefault(piece, []).append(number)
        # The short pieces, "" among them, and the others by how they begin.
        self._short: list[_Wants] = [(piece, numbers) for piece, numbers in pieces.items() if len(piece) < _START]
        self._long: dict[str, list[_Wants]] = {}
        for piece, numbers in pieces.items():
            if len(piece) >= _START:
                self._long.setdefault(piece[:_START], []).append((piece, numbers))

    def likely(self, text: str) -> list[int]:
        """The numbers of those that can match the text, in their order."""
        lowered = text.lower()
        found = {number for piece, numbers in self._short for number in numbers if piece in lowered}
        for at in range(len(lowered) - _START + 1):
            for piece, numbers in self._long.get(lowered[at : at + _START], ()):
                if lowered.startswith(piece, at):
                    found.update(numbers)
        return sorted(found)

    def matching(self, text: str) -> list[int]:
        """The numbers of those that match somewhere in the text, in their order."""
        return [number for number in self.likely(text) if self.patterns[number].search(text)]


def wanted(pattern: "re.Pattern[str]") -> tuple[str, ...]:
    """Pieces in lower case of which every match holds at least one; () where there are no such pieces."""
    return _of_sequence(_parser.parse(pattern.pattern, pattern.flags))


def _of_sequence(parts: Sequence[Any]) -> tuple[str, ...]:
    """All parts of a sequence must match, so any part's pieces will do: those whose shortest one is longest."""
    found: list[tuple[str, ...]] = []
    run = ""
    for what, argument in parts:
        if what is _constants.LITERAL:
            run += chr(argument).lower()
            continue
        found += [(run,), _of_part(what, argument)]
        run = ""
    found.append((run,))
    best = max(found, key=lambda pieces: min(map(len, pieces), default=0))
    return best if all(best) else ()


def _of_part(what: Any, argument: Any) -> tuple[str, ...]:
    if what is _constants.SUBPATTERN:
        return _of_sequence(argument[3])
    if what is _constants.MAX_REPEAT or what is _constants.MIN_REPEAT:
        return _of_sequence(argument[2]) if argument[0] else ()
    if what is _constants.BRANCH:
        branches = [_of_sequence(one) for one in argument[1]]
        return tuple(dict.fromkeys(piece for one in branches for piece in one)) if all(branches) else ()
    return ()  # sets, assertions and places match no letter that is known
