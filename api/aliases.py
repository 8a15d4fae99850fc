"""Which paths of the systems before Gator still work? Each is answered by the route of today, with its permission and shapes.

The table in docs/rest.md is this one. A path is rewritten before it is routed, so an alias opens nothing by itself.
"""

import re
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

_API = "/api/v1"
# (method, old path, path of today, with a query where the old one had it in its path), below /api/v1.
ALIASES: tuple[tuple[str, str, str], ...] = (
    ("POST", "/auth/login", "/auth/sign-in"),
    ("GET", "/auth/me", "/me"),
    ("POST", "/auth/me/change-password", "/me/password"),
    ("GET", "/users/username/{name}", "/users/{name}"),
    ("PUT", "/personas/{persona}", "/personas/{persona}"),
    ("GET", "/personas/{persona}/template/export", "/personas/{persona}/export"),
    ("GET", "/content/persona/{persona}", "/content?persona={persona}"),
    ("GET", "/content/{asset}/status", "/content/{asset}"),
    ("POST", "/dm/conversations", "/conversations"),
    ("GET", "/dm/conversations/{conversation}", "/conversations/{conversation}"),
    ("GET", "/dm/conversations/{conversation}/messages", "/conversations/{conversation}/messages"),
    ("POST", "/social/publish", "/posts"),
    ("POST", "/social/schedule", "/posts"),
    ("POST", "/publish/post", "/posts"),
    ("POST", "/publish/schedule", "/posts"),
    ("GET", "/publish/history", "/posts?state=published"),
    ("GET", "/publish/accounts", "/accounts"),
    ("DELETE", "/publish/account/{account}", "/accounts/{account}"),
    ("POST", "/feeds/fetch", "/feeds/stories/read"),
    ("GET", "/feeds/rss", "/feeds"),
    ("POST", "/feeds/rss", "/feeds"),
    ("DELETE", "/feeds/rss/{feed}", "/feeds/{feed}"),
    ("GET", "/feeds/rss/{feed}/items", "/feeds/stories?feed={feed}"),
    ("GET", "/feeds/by-topic/{topic}", "/feeds/stories?about={topic}"),
    ("GET", "/dns/domain/{zone}", "/dns/zones/{zone}/records"),
    ("POST", "/video/generate", "/videos"),
    ("GET", "/video/jobs", "/jobs"),
    ("POST", "/video/jobs/{job}/abort", "/jobs/{job}/cancel"),
)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_API + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?")


# Old methods whose route of today has another one.
_METHODS = {("PUT", "/personas/{persona}"): "PATCH"}
_RULES = tuple((method, _pattern(old), new, _METHODS.get((method, old), method)) for method, old, new in ALIASES)
_OLD = tuple({f"{_API}/{old.split('/')[1]}/" for _, old, _ in ALIASES})  # what an old path begins with


def rewritten(method: str, path: str) -> tuple[str, str, str] | None:
    """(method, path, query) of today for an old one; None for any other."""
    if not path.startswith(_OLD):
        return None
    for old_method, pattern, new, new_method in _RULES:
        if method == old_method and (found := pattern.fullmatch(path)):
            target, _, query = new.partition("?")
            asked = {name: quote(value, safe="") for name, value in found.groupdict().items()}
            return new_method, _API + target.format(**found.groupdict()), query.format(**asked)
    return None


class Aliases:
    """The middleware that reads old paths as those of today."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (now := rewritten(scope["method"], scope["path"])):
            method, path, query = now
            asked = b"&".join(one for one in (query.encode(), scope["query_string"]) if one)
            scope = {**scope, "method": method, "path": path, "raw_path": path.encode(), "query_string": asked}
        await self.app(scope, receive, send)
