"""How far is a reel? Its steps with their jobs, its progress and when it should be done, told from the rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from memory.models import Asset, Job, Production, ProductionStep
from memory.work import Work
from tools.productions.making import brief_of, number_of
from tools.productions.platforms import Platform, Words
from tools.productions.script import Script, lasts_s
from tools.productions.shapes import ReelSeen, ReelShown, ReelState, State, StepShown

# How long steps take on two cores, in seconds; of a video, of each second of it.
_TAKES_S = {"card": 1.5, "voice": 1.0, "thumbnail": 3.0, "video": 1.0, "picture": 30.0, "clip": 90.0}
_STATES: dict[str, State] = {"pending": "queued", "ready": "done", "failed": "failed", "removed": "failed"}


async def show(work: Work, production: Production, note: str = "") -> ReelShown:
    steps = await work.productions.steps(production)
    jobs, assets = await work.productions.made_by(list(steps.values()))
    script = Script.model_validate(steps["script"].words)
    shown = [_step(one, jobs, assets) for one in sorted(steps.values(), key=_place)]
    video, thumbnail = (assets.get(steps[name].asset_id or "") for name in ("video", "thumbnail"))
    length_s = brief_of(production).length_s
    return ReelShown(
        id=production.id,
        title=production.title,
        persona=await _name(work, production),
        state=_state(shown),
        progress=_progress(shown, length_s),
        eta_s=_eta_s(shown),
        asset=video.id if video else None,
        shown=_shown(steps["video"], assets),
        thumbnail=thumbnail.id if thumbnail else None,
        length_s=video.duration_s if video and video.duration_s else _about_s(script, steps, jobs),
        script=script,
        posts=_posts(steps.get("posts")),
        steps=shown,
        note=note,
    )


async def seen(work: Work, productions: Sequence[Production]) -> list[ReelSeen]:
    found = []
    for one in productions:
        steps = await work.productions.steps(one)
        jobs, assets = await work.productions.made_by(list(steps.values()))
        shown = [_step(step, jobs, assets) for step in steps.values()]
        found.append(
            ReelSeen(
                id=one.id,
                title=one.title,
                persona=await _name(work, one),
                state=_state(shown),
                progress=_progress(shown, brief_of(one).length_s),
                asset=steps["video"].asset_id if "video" in steps else None,
                shown=_shown(steps["video"], assets) if "video" in steps else None,
                cancelled=any(step.state == "cancelled" for step in shown),
                error=_error(shown),
            )
        )
    return found


def _about_s(script: Script, steps: Mapping[str, ProductionStep], jobs: Mapping[str, Job]) -> float:
    """How long the video will be: as its edit list says where it does, else as long as its words."""
    job = jobs.get(steps["video"].job_id or "")
    edit: dict[str, Any] = (job.payload if job else steps["video"].inputs)["edit"]
    lengths: list[float | None] = [scene["duration_s"] for scene in edit["scenes"]]
    if all(lengths):
        return sum(length or 0.0 for length in lengths)
    speed = steps["voice-1"].inputs.get("speed", 1.0)
    return max(edit["duration_s"] or 0.0, lasts_s([scene.say for scene in script.scenes], speed))


def _posts(step: ProductionStep | None) -> dict[Platform, Words]:
    return TypeAdapter(dict[Platform, Words]).validate_python(step.words) if step else {}


async def _name(work: Work, production: Production) -> str | None:
    return await work.personas.name_of(production.persona_id) if production.persona_id else None


_ORDER = ("script", "picture", "clip", "voice", "video", "thumbnail", "posts")


def _place(step: ProductionStep) -> tuple[int, int, int]:
    """The script, each scene's picture and voice, then the whole."""
    kind = step.name.partition("-")[0]
    number = number_of(step.name)
    return (0 if kind == "script" else 1 if number else 2, number or 0, _ORDER.index(kind))


def _step(step: ProductionStep, jobs: dict[str, Job], assets: dict[str, Asset]) -> StepShown:
    job, asset = jobs.get(step.job_id or ""), assets.get(step.asset_id or "")
    kind = step.name.partition("-")[0]
    of_words = kind in ("script", "posts")
    gone = asset is None or asset.state == "removed"
    state: State = "done" if of_words else "failed" if gone else _STATES[asset.state] if asset else "failed"
    if job is not None and not of_words and not gone:
        state = job.state  # type: ignore[assignment]  # the column holds these
    return StepShown(
        name=step.name,
        kind=kind,
        scene=number_of(step.name),
        state=state,
        progress=1.0 if state == "done" else job.progress if job else 0.0,
        eta_s=job.eta_s if job and state == "running" else None,
        take=step.take,
        job=step.job_id,
        asset=step.asset_id,
        shown=_shown(step, assets),
        edited=step.cut is not None,
        error="What it made was removed." if gone and not of_words else job.error if job else "",
        inputs=step.inputs,
    )


def _shown(step: ProductionStep, assets: dict[str, Asset]) -> str | None:
    """What can be looked at of it: what it made, or what it had made before."""
    there = (assets.get(id or "") for id in (step.asset_id, step.before))
    return next((one.id for one in there if one is not None and one.state == "ready"), None)


def _state(steps: Iterable[StepShown]) -> ReelState:
    states = {step.state for step in steps}
    if states & {"failed", "cancelled"}:
        return "failed"
    return "ready" if states == {"done"} else "making"


def _error(steps: Sequence[StepShown]) -> str:
    """Why it failed; of one that was cancelled nothing more is told, as the steps behind that fail by it."""
    if any(step.state == "cancelled" for step in steps):
        return ""
    return next((step.error for step in steps if step.state == "failed" and step.error), "")


def _effort(step: StepShown, length_s: float) -> float:
    if step.kind == "video":
        return _TAKES_S["video"] * length_s
    if step.kind == "picture" and step.inputs.get("kind") == "picture.card":
        return _TAKES_S["card"]
    return _TAKES_S.get(step.kind, 0.0)


def _progress(steps: Sequence[StepShown], length_s: float) -> float:
    efforts = [_effort(step, length_s) for step in steps]
    done = sum(effort * step.progress for effort, step in zip(efforts, steps, strict=True))
    return round(done / (sum(efforts) or 1), 3)


def _eta_s(steps: Sequence[StepShown]) -> float | None:
    """What the video still takes, once that was measured; before it nobody knows what else the worker has to do."""
    return next((step.eta_s for step in steps if step.kind == "video"), None)
