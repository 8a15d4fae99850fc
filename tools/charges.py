"""Does the day's budget know of it? What a provider is asked for again counts again, whoever tries it again.

What is ordered is counted by who orders it (`tools.imagery`, `tools.clips`, `tools.voices`).
"""

from gpu_worker.jobs import KINDS, MakeClip, MakePicture, Payload, Speak
from memory.models import Job, Persona
from memory.work import Work
from tools import clips, imagery, voices
from tools.capability import Turn


async def charge(work: Work, turn: Turn, payload: Payload, persona: Persona | None) -> None:
    """Nothing for what is made here. Raises Unavailable where the budget does not hold it."""
    if isinstance(payload, MakePicture):
        await imagery.pay(work, turn, payload, persona)
    elif isinstance(payload, Speak):
        await voices.pay(work, turn, payload, persona)
    elif isinstance(payload, MakeClip):
        await clips.pay(work, turn, payload, persona)


async def charge_again(work: Work, turn: Turn, job: Job) -> None:
    """For a job that was begun: its provider may have been asked, and is asked anew unless it has a task. As `charge`."""
    if job.started_at is None or job.ordered.get("task") or job.kind not in KINDS:
        return
    persona = await work.personas.get(job.persona_id, removed=True) if job.persona_id else None
    await charge(work, turn, KINDS[job.kind].model_validate(job.payload), persona)
