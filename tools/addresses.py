"""Where may we connect to on behalf of a stranger's URL? To public servers on the web's ports, and to those the settings name.

`tools.fetcher` asks here for each hop. The address that was checked is the one that is connected to: nothing is
resolved twice, so a name that changes its mind (DNS rebinding) gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from gator.errors import Refused, Unavailable

Resolve = Callable[[str, int], Awaitable[list[str]]]

MAX_URL_CHARS = 2000
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)
# 127.1, 0x7f.0.0.1, 2130706433, 0177.0.0.1: what inet_aton reads as an address. No name on the web ends in a number
# (https://url.spec.whatwg.org/#ends-in-a-number-checker).
_ENDS_IN_NUMBER = re.compile(r"(^|\.)([0-9]+|0[xX][0-9a-fA-F]*)$", re.ASCII)

# Global unicast by the register (https://www.iana.org/assignments/iana-ipv6-special-registry), less what leads
# elsewhere: each of these carries an IPv4 address inside, or is no host's.
_V6_GLOBAL = ipaddress.IPv6Network("2000::/3")
_V6_DENIED = tuple(
    ipaddress.IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments, Teredo (2001::/32) among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_V4_DENIED = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.175.48.0/24",  # AS112
        "168.63.129.16/32",  # Azure's metadata and DNS, a public address that leads into the host
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """A checked place to connect to: `addresses` are numeric, and all that may be used."""

    url: httpx.URL
    host: str
    port: int
    addresses: tuple[str, ...]


def is_public(address: str) -> bool:
    """Whether a numeric address is global unicast and carries no other address inside."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        odd = ip.is_multicast or ip.is_reserved or any(ip in net for net in _V4_DENIED)
        return ip.is_global and not odd
    scoped = ip.scope_id is not None
    isatap = ip.packed[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")  # RFC 5214: an IPv4 address follows
    return ip in _V6_GLOBAL and ip.is_global and not scoped and not isatap and not any(ip in net for net in _V6_DENIED)


def read_url(text: str) -> httpx.URL:
    """The URL of a web page, read strictly. Raises Refused that says what is wrong with it."""
    text = text.strip(" ")
    if len(text) > MAX_URL_CHARS:
        raise Refused(f"That address is longer than {MAX_URL_CHARS} characters.")
    # Browsers and libraries disagree on these, and such disagreements are how filters are passed.
    if not text or any(char <= " " or char == "\\" or "\x7f" <= char <= "\x9f" for char in text):
        raise Refused("That is no web address.", remedy="Write it like https://example.com/feed.xml.")
    try:
        url = httpx.URL(text)
        port = url.port
    except (httpx.InvalidURL, ValueError) as wrong:
        raise Refused("That is no web address.", remedy="Write it like https://example.com/feed.xml.") from wrong
    if url.scheme not in _PORTS:
        raise Refused(f"Only http and https addresses can be read, not {url.scheme or 'one without http'}.")
    if url.userinfo:
        raise Refused("An address with a user name or password in it is not fetched.")
    if port == 0:
        raise Refused("Port 0 is no port.")
    _check_host(url.raw_host.decode("ascii"))
    return url.copy_with(fragment=None)


def _check_host(host: str) -> None:
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError as wrong:
            raise Refused(f"[{host}] is no address of a server.") from wrong
        return
    if _ENDS_IN_NUMBER.search(host.rstrip(".")):
        try:
            ipaddress.IPv4Address(host)
        except ValueError as wrong:
            raise Refused(f"{host} is no name of a server.") from wrong
        return
    if len(host) > 253 or not _HOST.fullmatch(host.removesuffix(".")):
        raise Refused(f"{host or 'An empty name'} is no name of a server.")


async def resolve_by_system(host: str, port: int) -> list[str]:
    """Every address of a name. Raises Refused when there is no such name, Unavailable when nobody can say."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as failed:
        if failed.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            raise Refused(f"There is no server called {host}.", remedy="Check the spelling.") from failed
        raise Unavailable(f"The address of {host} cannot be looked up now.", remedy="Try again later.") from failed
    except UnicodeError as wrong:
        raise Refused(f"{host} is no name of a server.") from wrong
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def locate(url: httpx.URL, allowed: tuple[str, ...], resolve: Resolve = resolve_by_system) -> Target:
    """The checked addresses of a URL that `read_url` gave. Raises Refused when any of them is not public.

    `allowed` names HOST:PORT pairs that an operator vouches for: those may be private and on any port.
    """
    host = url.raw_host.decode("ascii")
    port = url.port or _PORTS[url.scheme]
    vouched = _pair(host, port) in {entry.casefold() for entry in allowed}
    if port not in (80, 443) and not vouched:
        raise Refused(f"Port {port} is not fetched from; only 80 and 443 are.", remedy=_remedy(host, port))
    addresses = [host] if _is_numeric(host) else await resolve(host, port)
    if not addresses:
        raise Refused(f"There is no server called {host}.", remedy="Check the spelling.")
    if not vouched and not all(is_public(address) for address in addresses):
        raise Refused(f"{host} is not on the public network, so it is not fetched.", remedy=_remedy(host, port))
    return Target(url, host, port, tuple(addresses))


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _pair(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _remedy(host: str, port: int) -> str:
    return f"If it is yours, add {_pair(host, port)} to GATOR_FETCH_ALLOW."
