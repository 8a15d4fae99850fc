"""DNS: zones and records of the configured provider, read only; Unavailable says how to configure one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import TurnDep, needs
from api.performing import perform
from tools import dns
from tools.capability import Nothing
from tools.dns import ListRecords, RecordList, ZoneList

router = APIRouter(prefix="/dns", tags=["dns"])


@router.get("/zones", dependencies=[needs("dns:read")])
async def list_zones(turn: TurnDep) -> ZoneList:
    return await perform(dns.list_zones, Nothing(), turn, ZoneList)


@router.get("/zones/{zone}/records", dependencies=[needs("dns:read")])
async def list_records(
    zone: Annotated[str, Path(max_length=253)],
    turn: TurnDep,
    type: Annotated[str | None, Query(max_length=16)] = None,
) -> RecordList:
    """The zone's records, of one type or of all."""
    return await perform(dns.list_records, ListRecords(zone=zone, type=type), turn, RecordList)
