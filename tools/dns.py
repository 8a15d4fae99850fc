"""Which DNS zones and records are there? Read through dns-lexicon's providers, behind one small interface of ours.

The library blocks and knows no deadline, so it runs in a thread of its own. Its client is not used: that asks the network
for the list of public suffixes to guess a zone, where people name the zone here.
"""

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

import structlog
from pydantic import Field

from gator.errors import NotFound, Refused, Unavailable
from gator.settings import Settings
from tools.capability import STAFF, Effect, Nothing, Shape, Turn, capability
from tools.threads import in_thread

log = structlog.get_logger()

T = TypeVar("T")
DEADLINE_S = 20.0
REMEDY = (
    "Set GATOR_DNS_PROVIDER and GATOR_DNS_CREDENTIALS, for example powerdns and "
    "pdns_server=https://dns.example.com,auth_token=SECRET."
)
_ZONE = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_TYPE = re.compile(r"[A-Z][A-Z0-9]{0,15}")


class ListRecords(Shape):
    zone: str = Field(description="the zone, as it is listed: example.com")
    type: str | None = Field(None, description="only records of this type: A, AAAA, CNAME, MX, TXT, ...; left out: all")


class ZoneList(Shape):
    provider: str
    zones: list[str]

    def in_words(self) -> str:
        return f"{self.provider}: {', '.join(self.zones)}." if self.zones else f"{self.provider} has no zones."


class RecordShown(Shape):
    name: str
    type: str
    content: str
    ttl: int | None = None


class RecordList(Shape):
    zone: str
    records: list[RecordShown]

    def in_words(self) -> str:
        if not self.records:
            return f"{self.zone} has no such records."
        return "\n".join(f"{record.name} {record.type} {record.content}" for record in self.records)


@capability(audience=STAFF, effect=Effect.read)
async def list_zones(ask: Nothing, turn: Turn) -> ZoneList:  # noqa: ARG001
    """List the DNS zones of the configured provider."""
    provider = _configured(turn.settings)
    zones = await zones_of(turn.settings)
    if zones is None:
        raise Unavailable(f"Through {provider} zones cannot be listed.", remedy="Name a zone to see its records.")
    return ZoneList(provider=provider, zones=zones)


@capability(audience=STAFF, effect=Effect.read)
async def list_records(ask: ListRecords, turn: Turn) -> RecordList:
    """List the records of a DNS zone, all or those of one type."""
    _configured(turn.settings)
    zone = _zone_name(ask.zone)
    kind = ask.type.strip().upper() if ask.type else None
    if kind and not _TYPE.fullmatch(kind):
        raise Refused(f"'{kind[:20]}' is no type of record.", remedy="Say A, AAAA, CNAME, MX, TXT or another.")

    def records(provider: Any) -> list[dict[str, Any]]:
        provider.authenticate()
        return list(provider.list_records(kind, None, None))

    found = [_record(record) for record in await _ask(turn.settings, zone, records)]
    return RecordList(zone=zone, records=sorted(found, key=lambda record: (record.name, record.type, record.content)))


async def zones_of(settings: Settings) -> list[str] | None:
    """The zones of the configured provider, by name; None where it lists none through us."""
    listing = _LISTINGS.get(_configured(settings))
    if listing is None:
        return None
    return sorted({zone.rstrip(".").lower() for zone in await _ask(settings, "", listing)})


def _configured(settings: Settings) -> str:
    if not settings.dns_provider or settings.dns_credentials is None:
        raise Unavailable("No DNS provider is configured.", remedy=REMEDY)
    name = settings.dns_provider.strip().lower()
    if not re.fullmatch(r"[a-z0-9]+", name) or find_spec(f"lexicon._private.providers.{name}") is None:
        raise Unavailable(f"There is no DNS provider '{name}'.", remedy="dns-lexicon's list has the names.")
    return name


def _zone_name(text: str) -> str:
    name = text.strip().rstrip(".").lower()
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not _ZONE.fullmatch(name):
        raise Refused(f"'{text[:60]}' is no name of a zone.", remedy="Write it like example.com.")
    return name


def _record(said: dict[str, Any]) -> RecordShown:
    ttl = str(said.get("ttl") or "")
    return RecordShown(
        name=str(said.get("name", "")).rstrip("."),
        type=str(said.get("type", "")),
        content=str(said.get("content", "")),
        ttl=int(ttl) if ttl.isdigit() else None,
    )


def credentials_of(settings: Settings) -> dict[str, str]:
    """The pairs of GATOR_DNS_CREDENTIALS. Raises Refused, which tells none of it, when it is written otherwise."""
    secret = settings.dns_credentials.get_secret_value() if settings.dns_credentials else ""
    pairs = [pair.partition("=") for pair in secret.split(",") if pair.strip()]
    if not pairs or not all(name.strip() and sign for name, sign, _ in pairs):
        raise Refused("GATOR_DNS_CREDENTIALS is malformed.", remedy="Write KEY=VALUE pairs, comma-separated.")
    return {name.strip().replace("-", "_"): value.strip() for name, _, value in pairs}


def _provider(settings: Settings, zone: str) -> Any:
    """The library's object for one zone. `base_url` among the credentials points it at another server of the same API."""
    from importlib import import_module

    from lexicon.config import ConfigResolver, DictConfigSource

    name = _configured(settings)
    options = credentials_of(settings)
    base_url = options.pop("base_url", "")
    config = ConfigResolver()  # type: ignore[no-untyped-call]
    config.add_config_source(DictConfigSource({"provider_name": name, "domain": zone, name: options}), 0)
    # lexicon.providers only warns and leads here (3.21 and later).
    provider = import_module(f"lexicon._private.providers.{name}").Provider(config)
    if base_url:
        provider.api_endpoint = base_url.rstrip("/")
    return provider


def _powerdns(provider: Any) -> list[str]:
    return [zone["name"] for zone in provider._get("/zones").json()]


def _cloudflare(provider: Any) -> list[str]:
    zones: list[str] = []
    for page in range(1, 101):
        said = provider._get("/zones", {"page": page, "per_page": 50})
        zones += [zone["name"] for zone in said["result"]]
        if page >= said["result_info"]["total_pages"]:
            break
    return zones


# Where a provider's own API lists its zones; the library has no word for that.
_LISTINGS: dict[str, Callable[[Any], list[str]]] = {"powerdns": _powerdns, "cloudflare": _cloudflare}


async def _ask(settings: Settings, zone: str, question: Callable[[Any], T]) -> T:
    """The provider's answer. Raises NotFound, or Unavailable without a word of the provider's that may hold a secret."""
    name = _configured(settings)
    credentials_of(settings)
    try:
        return await in_thread(lambda: question(_provider(settings, zone)), DEADLINE_S)
    except TimeoutError as slow:
        raise Unavailable(f"{name} took longer than {DEADLINE_S:g} s.", remedy="Try again later.") from slow
    except OSError as failed:  # requests' errors are these
        raise _named(name, zone, failed) from None
    except Exception as failed:  # noqa: BLE001
        # The providers raise bare exceptions, for wrong credentials and for zones that they do not have.
        log.warning("dns_failed", provider=name, error=type(failed).__name__)
        raise Unavailable(
            f"{name} does not do that: {type(failed).__name__}.", remedy="Check the zone and GATOR_DNS_CREDENTIALS."
        ) from None


def _named(provider: str, zone: str, failed: OSError) -> Exception:
    status = getattr(getattr(failed, "response", None), "status_code", None)
    if status in (401, 403):
        return Unavailable(f"{provider} refuses our credentials ({status}).", remedy="Correct GATOR_DNS_CREDENTIALS.")
    if status in (404, 422) and zone:
        return NotFound(f"{provider} has no zone {zone}.", remedy="List the zones to see which there are.")
    said = f"says {status}" if status else "cannot be reached"
    return Unavailable(f"{provider} {said}.", remedy="Try again later.")
