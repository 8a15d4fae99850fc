"""Where does Telegram post, and how do we know it from others? Without the library: strangers are sent away before it loads."""

import hmac

from gator.crypto import sign
from gator.errors import Refused
from gator.settings import Settings
from memory.models import Account

_PURPOSE = "telegram webhook"


def secret_of(settings: Settings, account: str) -> str:
    """What Telegram sends with each update of that account."""
    return sign(settings.secret, _PURPOSE, account)


def is_telegram(settings: Settings, account: str, given: str) -> bool:
    """Whether it is Telegram that posts for the account; it takes the same time whatever was given."""
    return hmac.compare_digest(given.encode(), secret_of(settings, account).encode())


def address_of(settings: Settings, account: Account) -> str:
    """Where Telegram posts. Raises Refused without a public https address; a server of one's own takes any."""
    own_server = bool((account.options or {}).get("base_url"))
    if not own_server and not settings.public_url.startswith("https://"):
        raise Refused(
            "A Telegram webhook needs an address that Telegram can reach over https.",
            remedy="Set GATOR_PUBLIC_URL to https://…, or have the account poll.",
        )
    return f"{settings.url}/webhooks/telegram/{account.id}"
