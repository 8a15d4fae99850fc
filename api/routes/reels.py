"""Reels: made whole from a topic or a story, shown in their steps, and each of these made again."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import CoreDep, TurnDep, needs
from api.performing import perform
from bots.core import Core
from tools.capability import Turn
from tools.productions import capabilities as productions
from tools.productions import redoing
from tools.productions.shapes import Foreseen, ListReels, MakeReel, NameReel, RedoReel, ReelList, ReelShown, StepAgain

router = APIRouter(prefix="/reels", tags=["content"])


@router.get("", dependencies=[needs("content:read")])
async def list_reels(turn: TurnDep, limit: Annotated[int, Query(ge=1, le=50)] = 20) -> ReelList:
    """The newest reels, and how far each is."""
    return await perform(productions.list_reels, ListReels(limit=limit), turn, ReelList)


@router.post("", status_code=202, dependencies=[needs("content:write")])
async def make_reel(ask: MakeReel, turn: TurnDep, core: CoreDep, response: Response) -> ReelShown:
    """Have a reel made; follow it at /api/v1/reels/{reel}. With an Idempotency-Key, asking twice makes one."""
    made = await perform(productions.make_reel, ask, asking(core, turn), ReelShown)
    response.headers["Location"] = f"/api/v1/reels/{made.id}"
    return made


@router.get("/{reel}", dependencies=[needs("content:read")])
async def show_reel(reel: str, turn: TurnDep) -> ReelShown:
    """Its script, its steps with their jobs and media, and the texts to post with it. `last` is the newest."""
    return await perform(productions.show_reel, NameReel(reel=reel), turn, ReelShown)


@router.post("/{reel}/redo", status_code=202, dependencies=[needs("content:write")])
async def redo_reel(reel: str, ask: StepAgain, turn: TurnDep, core: CoreDep) -> ReelShown:
    """Make a step again, and what depends on it."""
    told = RedoReel(reel=reel, **ask.model_dump())
    return await perform(productions.redo_reel, told, asking(core, turn), ReelShown)


@router.post("/{reel}/redo/foresee", dependencies=[needs("content:write")])
async def foresee_redo(reel: str, ask: StepAgain, turn: TurnDep) -> Foreseen:
    """What making that step again would make again; nothing is made."""
    return await perform(redoing.foresee_redo, RedoReel(reel=reel, **ask.model_dump()), turn, Foreseen)


def asking(core: Core, turn: Turn) -> Turn:
    """The turn, in which personas can be asked to write."""
    thinking = core.brain.turn(turn.principal, turn.id, None, turn.zone)
    return replace(turn, ask_persona=thinking.ask_persona)
