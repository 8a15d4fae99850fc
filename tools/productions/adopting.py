"""What becomes of a reel whose video is cut anew by itself? It goes on with the new one, and gets a thumbnail of that."""

from collections.abc import Collection
from typing import Any

from gpu_worker.edit_list import EditList
from memory.models import Production, ProductionStep
from memory.work import Work
from tools.capability import Turn
from tools.orders import MediaQueued
from tools.personas.character import Character
from tools.productions.making import Making, brief_of, shown_before
from tools.productions.scenes import Look
from tools.productions.script import Script


async def adopt(
    work: Work, turn: Turn, production: Production, line: Collection[str], new: MediaQueued, edit: EditList
) -> None:
    """Take the video that is made of `edit`, where the reel has one of that line: the video that was cut, or other cuts of it.

    What the reel's own video was made of is kept, so a step that is made again does not take the cut for a change.
    """
    steps = await work.productions.steps(production)
    step = steps["video"]
    # It has another one by now, or this is the same request again, after which others came.
    if step.asset_id is None or step.asset_id not in line or step.asset_id >= new.asset:
        return
    jobs, assets = await work.productions.made_by([*steps.values()])
    step.words = {**shown_before(step, assets), "cut": _cut(step, edit)}
    step.take += 1
    step.job_id, step.asset_id = new.job, new.asset
    if production.persona_id is not None:
        persona = await work.personas.get(production.persona_id, removed=True)
        script = Script.model_validate(steps["script"].words)
        look = Look(brief_of(production), script, persona, Character.model_validate(persona.character))
        await Making(work, turn, production, look, (), steps, jobs, assets).thumbnail(new.asset)


def _cut(step: ProductionStep, edit: EditList) -> list[int]:
    """Which of the reel's scenes are in it, by their numbers; 0 for one that is not the reel's."""
    own: list[dict[str, Any]] = step.inputs["edit"]["scenes"]
    numbers = {scene["asset"]: number for number, scene in reversed([*enumerate(own, 1)])}
    return [numbers.get(scene.asset, 0) for scene in edit.scenes]
