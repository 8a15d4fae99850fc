"""Where is a file of ours on the web? Signed addresses that end: whoever holds one may read that one file until then.

They are for our own pages. What other sites fetch by address has links of `memory.sharing`, which can be revoked.
"""

from datetime import timedelta

from gator.clock import now
from gator.crypto import sign, signed_by_us
from gator.errors import Forbidden
from gator.settings import Settings

_STEP_S = 3600  # addresses change once an hour, so that browsers can keep what they have
_LIVES = timedelta(hours=2)
_DRAWN = ("picture", "video")


def media_url(settings: Settings, asset: str, lives: timedelta = _LIVES) -> str:
    """The path of an asset's file, good for `lives` and up to an hour more."""
    return f"/media/{asset}?{_signed(settings, asset, lives)}"


def small_url(settings: Settings, asset: str, kind: str) -> str | None:
    """The path of a small picture of it; None for what cannot be drawn. Who may read the file may read that."""
    return f"/media/{asset}/small?{_signed(settings, asset, _LIVES)}" if kind in _DRAWN else None


def captions_url(settings: Settings, asset: str) -> str:
    """The path of its captions as WebVTT, for players. Who may read the file may read those."""
    return f"/media/{asset}/captions.vtt?{_signed(settings, asset, _LIVES)}"


def ends_at(lives: timedelta = _LIVES) -> int:
    """When an address that is made now ends, in seconds since 1970."""
    return int((now() + lives).timestamp()) // _STEP_S * _STEP_S + _STEP_S


def _signed(settings: Settings, asset: str, lives: timedelta) -> str:
    ends = ends_at(lives)
    return f"exp={ends}&sig={sign(settings.secret, 'media', f'{asset}:{ends}')}"


def check_media_url(settings: Settings, asset: str, exp: int, sig: str) -> None:
    """Raises Forbidden unless we signed that address and it has not ended."""
    if not signed_by_us(settings.secret, "media", f"{asset}:{exp}", sig):
        raise Forbidden("This address was not signed by us.")
    if exp < now().timestamp():
        raise Forbidden("This address has ended.", remedy="Load the page that linked here again.")
