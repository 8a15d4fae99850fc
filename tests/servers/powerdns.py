"""A PowerDNS server's HTTP API (https://doc.powerdns.com/authoritative/http-api/): zones and their records."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.servers.running import listening

KEY = "the key"


def rrset(name: str, type: str, *contents: str, ttl: int = 3600) -> dict[str, Any]:
    return {
        "name": name,
        "type": type,
        "ttl": ttl,
        "records": [{"content": content, "disabled": False} for content in contents],
        "comments": [],
    }


@dataclass
class PowerDns:
    """`zones` is what it knows; `fails` makes it answer everything with that status; `hangs` lets it answer nothing."""

    port: int = 0
    zones: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    fails: int = 0
    hangs: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readline()).decode().split(" ")[1]
        headers = {}
        while (line := (await reader.readline()).decode().strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if self.hangs:
            await asyncio.sleep(60)
        status, said = self._answer(path.split("?")[0], headers.get("x-api-key", ""))
        body = json.dumps(said).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        writer.write(f"{head}connection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    def _answer(self, path: str, key: str) -> tuple[int, Any]:
        if key != KEY:
            return 401, {"error": "Unauthorized"}
        if self.fails:
            return self.fails, {"error": "Internal Server Error"}
        base = "/api/v1/servers/localhost/zones"
        if path == base:
            return 200, [{"id": name, "name": name, "kind": "Native"} for name in self.zones]
        zone = path.removeprefix(f"{base}/")
        if zone not in self.zones:
            return 404, {"error": "Not Found"}
        return 200, {"id": zone, "name": zone, "kind": "Native", "rrsets": self.zones[zone]}


@asynccontextmanager
async def running() -> AsyncIterator[PowerDns]:
    dns = PowerDns()
    async with listening(dns.serve) as dns.port:
        yield dns
