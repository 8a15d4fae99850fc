"""How is OpenAI asked, and what do its errors mean? The same for voices and pictures, and for servers that speak as it does."""

from gator.errors import GatorError, Refused, Unavailable
from gator.settings import Settings
from gpu_worker.bounds import wait_s


def access(settings: Settings, own_url: str, what: str) -> tuple[str, str | None]:
    """The key, and the server's address where it is not OpenAI's. Raises Unavailable where there is neither."""
    base_url = own_url or settings.openai_base_url or None
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    if not key and not base_url:
        raise Unavailable(f"OpenAI's {what} need a key.", remedy="Set OPENAI_API_KEY and start Gator again.")
    return key or "none", base_url


def named(error: Exception, setting: str, remedy: str = "") -> GatorError:
    """The SDK's error as one of ours; `remedy` is for a request that it does not take.

    Its words are not passed on: they may hold a part of the key or of what was asked for.
    """
    import openai

    if isinstance(error, openai.RateLimitError):
        if error.code == "insufficient_quota":
            return Refused("The provider's account is used up.", remedy="Look at the account's plan and billing.")
        return Unavailable("The provider asks us to wait.", retry_after_s=wait_s(error.response.headers))
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return Refused("The provider does not take the key.", remedy="Look at OPENAI_API_KEY.")
    if isinstance(error, openai.NotFoundError):
        return Refused("The provider has no such model.", remedy=f"Look at {setting}.")
    if isinstance(error, openai.APIStatusError) and error.status_code < 500:
        return Refused(f"The provider does not take the request ({error.status_code}).", remedy=remedy)
    return Unavailable("The provider does not answer, or has trouble.")
