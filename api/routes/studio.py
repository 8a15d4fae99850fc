"""The studio: have a picture card drawn, a text spoken, a video made. Each is a job; its asset is there when the job is done."""

from fastapi import APIRouter, Response

from api.deps import TurnDep, needs
from api.performing import perform
from api.shapes import follow
from tools import clips, imagery, pictures, videos, voices
from tools.clips import MakeClipAsk
from tools.imagery import MakePictureAsk
from tools.orders import MediaQueued
from tools.pictures import DrawCardAsk
from tools.videos import MakeVideoAsk
from tools.voices import SpeakText

router = APIRouter(tags=["content"])


@router.post("/pictures", status_code=202, dependencies=[needs("content:write")])
async def draw_card(ask: DrawCardAsk, turn: TurnDep, response: Response) -> MediaQueued:
    """Queue a picture card; follow it at /api/v1/jobs/{job}. With an Idempotency-Key, asking twice draws it once."""
    return follow(response, await perform(pictures.draw_card, ask, turn, MediaQueued))


@router.post("/pictures/made", status_code=202, dependencies=[needs("content:write")])
async def make_picture(ask: MakePictureAsk, turn: TurnDep, response: Response) -> MediaQueued:
    """Queue a picture by an image model; follow it at /api/v1/jobs/{job}."""
    return follow(response, await perform(imagery.make_picture, ask, turn, MediaQueued))


@router.post("/voices", status_code=202, dependencies=[needs("content:write")])
async def speak_text(ask: SpeakText, turn: TurnDep, response: Response) -> MediaQueued:
    """Queue a text to be spoken; follow it at /api/v1/jobs/{job}."""
    return follow(response, await perform(voices.speak_text, ask, turn, MediaQueued))


@router.post("/videos", status_code=202, dependencies=[needs("content:write")])
async def make_video(ask: MakeVideoAsk, turn: TurnDep, response: Response) -> MediaQueued:
    """Queue a video of pictures and speech; follow it at /api/v1/jobs/{job}."""
    return follow(response, await perform(videos.make_video, ask, turn, MediaQueued))


@router.post("/clips", status_code=202, dependencies=[needs("content:write")])
async def make_clip(ask: MakeClipAsk, turn: TurnDep, response: Response) -> MediaQueued:
    """Queue a clip by a video model; follow it at /api/v1/jobs/{job}."""
    return follow(response, await perform(clips.make_clip, ask, turn, MediaQueued))
