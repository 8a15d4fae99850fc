"""DNS zones and records, read from a PowerDNS server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gator.errors import NotFound, Refused, Unavailable
from gator.principal import Kind, Principal
from gator.settings import Settings
from memory.store import Store
from tests.servers import powerdns
from tests.servers.powerdns import KEY, PowerDns, rrset
from tools.capability import Nothing, Turn
from tools.dns import ListRecords, list_records, list_zones


@pytest.fixture
async def server() -> AsyncIterator[PowerDns]:
    async with powerdns.running() as running:
        running.zones["example.com."] = [
            rrset("example.com.", "A", "192.0.2.1", "192.0.2.2"),
            rrset("www.example.com.", "CNAME", "example.com."),
            rrset("example.com.", "TXT", '"v=spf1 -all"', ttl=60),
        ]
        running.zones["xn--mnchen-3ya.example."] = []
        yield running


def turn_with(tmp_path: Path, **settings: Any) -> Turn:
    """A turn that needs no database: DNS has no rows."""
    return Turn(
        principal=Principal("w", Kind.operator, "u"),
        store=Store(f"sqlite+aiosqlite:///{tmp_path}/none.db"),
        settings=Settings(home=tmp_path, **settings),
        id="t",
    )


@pytest.fixture
def turn(tmp_path: Path, server: PowerDns) -> Turn:
    return turn_with(
        tmp_path, dns_provider="powerdns", dns_credentials=SecretStr(f"pdns-server={server.url}, auth-token={KEY}")
    )


async def test_zones_are_listed(turn: Turn) -> None:
    assert (await list_zones(Nothing(), turn)).zones == ["example.com", "xn--mnchen-3ya.example"]


async def test_records_are_listed_all_or_of_one_type(turn: Turn) -> None:
    every = await list_records(ListRecords(zone="Example.com."), turn)
    addresses = await list_records(ListRecords(zone="example.com", type="a"), turn)

    assert len(every.records) == 4
    assert [(one.name, one.type, one.content, one.ttl) for one in addresses.records] == [
        ("example.com", "A", "192.0.2.1", 3600),
        ("example.com", "A", "192.0.2.2", 3600),
    ]
    assert (await list_records(ListRecords(zone="münchen.example"), turn)).records == []


async def test_an_unknown_zone_is_not_found(turn: Turn) -> None:
    with pytest.raises(NotFound, match=r"no zone other\.example"):
        await list_records(ListRecords(zone="other.example"), turn)


@pytest.mark.parametrize("zone", ["../zones", "example.com/x", "", "a b", "-x.com", "exa\nmple.com"])
async def test_what_is_no_zone_is_refused(turn: Turn, zone: str) -> None:
    with pytest.raises(Refused, match="no name of a zone"):
        await list_records(ListRecords(zone=zone), turn)


async def test_wrong_credentials_are_named_and_not_told(tmp_path: Path, server: PowerDns) -> None:
    wrong = turn_with(
        tmp_path, dns_provider="powerdns", dns_credentials=SecretStr(f"pdns_server={server.url},auth_token=s3cret")
    )
    with pytest.raises(Unavailable, match="refuses our credentials") as refused:
        await list_zones(Nothing(), wrong)
    assert "s3cret" not in str(refused.value)


async def test_a_server_that_fails_is_unavailable(turn: Turn, server: PowerDns) -> None:
    server.fails = 500
    with pytest.raises(Unavailable, match="says 500"):
        await list_records(ListRecords(zone="example.com"), turn)


async def test_a_server_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    gone = turn_with(
        tmp_path, dns_provider="powerdns", dns_credentials=SecretStr("pdns_server=http://127.0.0.1:1,auth_token=x")
    )
    with pytest.raises(Unavailable, match="cannot be reached"):
        await list_zones(Nothing(), gone)


async def test_without_a_provider_the_remedy_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No DNS provider is configured") as off:
        await list_zones(Nothing(), turn_with(tmp_path))
    assert "GATOR_DNS_PROVIDER" in off.value.remedy


@pytest.mark.parametrize(
    ("provider", "credentials", "error", "said"),
    [
        ("nodns", "a=b", Unavailable, "no DNS provider 'nodns'"),
        ("../os", "a=b", Unavailable, "no DNS provider"),
        ("powerdns", "just a secret", Refused, "malformed"),
        ("powerdns", "auth_token=x", Unavailable, "does not do that"),
        ("namecheap", "auth_token=x", Unavailable, "cannot be listed"),
    ],
)
async def test_a_wrong_setting_is_named(
    tmp_path: Path, provider: str, credentials: str, error: type[Exception], said: str
) -> None:
    turn = turn_with(tmp_path, dns_provider=provider, dns_credentials=SecretStr(credentials))
    with pytest.raises(error, match=said):
        await list_zones(Nothing(), turn)
