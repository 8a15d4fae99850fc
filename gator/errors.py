"""What can go wrong, in one small tree; doors turn it into words (problem+json, tool message, chat line, CLI).

GatorError
├── Refused          you asked for something that cannot be; change it and ask again
│   ├── Unauthenticated  who are you? sign in first
│   ├── NotFound     there is no such thing, or you may not see it
│   │   └── Gone     it was there for a time, and that is over
│   ├── Forbidden    you may not do that
│   ├── Conflict     it is already so, or somebody was faster
│   └── TooMany      you asked too often
├── Unavailable      not now, or not set up; the remedy says how or when
│   └── Resting      a fan had their day's share of the models
└── Unconfirmed      it may have happened; ask the other side before you try again
"""

from typing import ClassVar


class GatorError(Exception):
    """An error we can name. `code` is stable, `status` is the HTTP status at the API, `remedy` says what to do."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Refused(GatorError):
    code = "refused"
    status = 422


class Unauthenticated(Refused):
    code = "unauthenticated"
    status = 401


class NotFound(Refused):
    code = "not_found"
    status = 404


class Gone(NotFound):
    code = "gone"
    status = 410


class Forbidden(Refused):
    code = "forbidden"
    status = 403


class Conflict(Refused):
    code = "conflict"
    status = 409


class TooMany(Refused):
    code = "too_many"
    status = 429

    def __init__(self, message: str, *, retry_after_s: float, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s


class Unavailable(GatorError):
    """Not configured (`remedy` says how to enable it) or busy (`retry_after_s` says when to come back)."""

    code = "unavailable"
    status = 503

    def __init__(self, message: str, *, remedy: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s


class Resting(Unavailable):
    """A fan has used up what models may cost one fan in a day; `retry_after_s` says when the next begins."""

    code = "resting"


class Unconfirmed(GatorError):
    code = "unconfirmed"
    status = 502
