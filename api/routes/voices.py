"""Voices: which ones there are, and those that a provider learns from recordings. They speak in `api.routes.studio`."""

from fastapi import APIRouter

from api.deps import TurnDep, needs
from api.performing import perform
from tools import cloned_voices
from tools.capability import Nothing
from tools.cloned_voices import AdoptVoice, CloneVoice, VoiceList, VoiceShown

router = APIRouter(prefix="/voices", tags=["consents"])


@router.get("", dependencies=[needs("content:read")])
async def list_voices(turn: TurnDep) -> VoiceList:
    """Of the account at ElevenLabs, of OpenAI and of the models folder, as far as they are set up."""
    return await perform(cloned_voices.list_voices, Nothing(), turn, VoiceList)


@router.post("/cloned", status_code=201, dependencies=[needs("consents:write")])
async def clone_voice(ask: CloneVoice, turn: TurnDep) -> VoiceShown:
    """Have ElevenLabs learn a voice from recordings. Forbidden without a consent of its owner that holds."""
    return await perform(cloned_voices.clone_voice, ask, turn, VoiceShown)


@router.post("/adopted", status_code=201, dependencies=[needs("consents:write")])
async def adopt_voice(ask: AdoptVoice, turn: TurnDep) -> VoiceShown:
    """Let a voice speak that was cloned at ElevenLabs' own site, by a consent of its owner that holds."""
    return await perform(cloned_voices.adopt_voice, ask, turn, VoiceShown)
