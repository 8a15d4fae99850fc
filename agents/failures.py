"""What does a model's error mean? Try again (and when), or not: the SDKs' many errors in our few words.

The SDKs are not imported here: each costs a second or more, and only the configured one is loaded.
"""

from dataclasses import dataclass

from gator.errors import GatorError, Unavailable

# 408 time-out, 409 conflict (Anthropic), 429 too many, 5xx theirs, 529 overloaded (Anthropic).
PASSING = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_CONNECTION = (
    "APIConnectionError",
    "APITimeoutError",
    "RemoteProtocolError",
    "ReadError",
    "ConnectError",
    "ReadTimeout",
)


@dataclass(frozen=True, slots=True)
class Again:
    """Try again; after so many seconds where the provider says, else when the caller likes."""

    why: str
    after_s: float = 0.0


def understand(model: str, error: Exception) -> Again:
    """When to try again. Raises Unavailable for what trying again would not change, and what is no provider's error."""
    if isinstance(error, GatorError):
        raise error
    if isinstance(error, TimeoutError):
        return Again("it took too long.")
    status = getattr(error, "status_code", None)
    if status in PASSING:
        return Again(f"HTTP {status}.", _retry_after_s(error))
    if isinstance(status, int):
        told = str(getattr(error, "message", error)).splitlines()[0][:200]
        remedy = "Check the key and GATOR_MODEL." if status in (401, 403, 404) else ""
        raise Unavailable(f"The model {model} refuses (HTTP {status}): {told}", remedy=remedy) from error
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, ConnectionError) or names.intersection(_CONNECTION):
        return Again("the connection broke.")
    if "APIError" in names:  # an error sent inside a stream carries no status
        return Again("it failed while answering.")
    raise error


def billed(error: Exception) -> bool:
    """Whether the provider may have worked, and so be paid, before this went wrong: all but a refusal with a status."""
    return not isinstance(error, GatorError) and not isinstance(getattr(error, "status_code", None), int)


def _retry_after_s(error: Exception) -> float:
    headers = getattr(getattr(error, "response", error), "headers", {})
    try:
        return max(0.0, float(headers.get("retry-after", 0)))
    except ValueError:
        return 0.0
