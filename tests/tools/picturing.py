"""Pictures by a model, ordered for tests: Nova who is on them, her face, and what came of an order."""

from dataclasses import replace
from typing import Any, cast

from gpu_worker.jobs import MakePicture
from memory.models import Asset, Job
from memory.repositories.appearances import View
from tools.capability import Turn
from tools.imagery import MakePictureAsk, make_picture
from tools.orders import MediaQueued

NOVA = {
    "name": "Nova",
    "age": 27,
    "rating": "mature",
    "look": {"summary": "a freckled woman", "hair": "red", "marks": ["a scar on her chin"]},
    "media": {
        "picture_format": "portrait",
        "picture_style": "35 mm film",
        "picture_negative": "text, watermark",
        "picture_steps": 12,
        "picture_loras": ["ink:0.8"],
    },
}


async def ordered(turn: Turn, **ask: Any) -> tuple[Job, MakePicture]:
    queued = await make_picture(MakePictureAsk(**ask), turn)
    assert isinstance(queued, MediaQueued)
    async with turn.open_work(reads=True) as work:
        job = await work.jobs.get(queued.job)
    return job, MakePicture.model_validate(job.payload)


def with_model(turn: Turn, model: str) -> Turn:
    return replace(turn, settings=turn.settings.model_copy(update={"image_model": model}))


async def faced(turn: Turn, *views: str) -> list[str]:
    """Nova's face, approved; the assets of its views."""
    async with turn.open_work() as work:
        nova = await work.personas.named("Nova")
        assets = {view: Asset(workspace=nova.workspace, kind="picture", state="ready") for view in ("front", *views)}
        work.session.add_all(assets.values())
        await work.session.flush()
        ids = {cast(View, view): one.id for view, one in assets.items()}
        face = await work.appearances.propose(nova.id, ids["front"], shows="made", consent_id=None, views=ids)
        await work.appearances.approve(face.id)
        return [*ids.values()]
