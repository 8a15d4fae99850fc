"""In which steps is a reel made, and what is made again? Each step is kept with what it is made of.

A step is made when its inputs are other than those of what is there, when that failed or is gone, or when somebody wants it
again. So what depends on a change is made again, and what does not is kept. Jobs wait for the media of other jobs by
themselves; nothing here needs to come back when one has ended.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gpu_worker.edit_list import EditList
from gpu_worker.jobs import MakePicture, MakeVideo, Payload
from memory.models import Asset, Job, Production, ProductionStep
from memory.repositories.jobs import ENDED
from memory.work import Work
from tools import clips, orders, voices
from tools.capability import Shape, Turn
from tools.charges import charge
from tools.productions.scenes import Look, Seen
from tools.productions.shapes import Brief


class StepAsk(Shape):
    """What makes the job of a step one of its own."""

    production: str
    step: str
    take: int


@dataclass(slots=True)
class Making:
    """The steps of one production while they are put in order, in one unit of work."""

    work: Work
    turn: Turn
    production: Production
    look: Look
    again: Collection[str]
    steps: dict[str, ProductionStep]
    jobs: dict[str, Job]
    assets: dict[str, Asset]
    _needed: set[str] = field(default_factory=set)  # the names of the steps that the reel has now

    async def all_media(self) -> None:
        """Pictures, clips and voices of every scene, the video of them, the thumbnail; steps that are not needed any more go."""
        scenes = self.look.script.scenes
        numbers = range(1, len(scenes) + 1)
        seen = [await self._seen(number) for number in numbers]
        recordings = [await self._voice(number) for number in numbers]
        video = await self._video(self.look.edit(seen, recordings))
        await self.thumbnail(video)
        await self._forget_what_is_not_needed()

    async def _seen(self, number: int) -> Seen:
        """What the scene shows: what it was given, a clip where scenes move, else a picture."""
        if given := self.look.script.scenes[number - 1].asset:
            return await self._given(number, given)
        if not self.look.brief.moving:
            return Seen(await self._picture(number))
        begins, _ = clips.able(self.turn.settings)
        start = await self._picture(number) if "image" in begins and not self.look.brief.drawn else None
        return Seen(await self._clip(number, start), moves=True)

    async def _given(self, number: int, id: str) -> Seen:
        asset = await self.work.assets.get(id)
        name = f"picture-{number}"
        self._needed.add(name)
        step = self.steps.get(name) or await self._new_step(name)
        if step.asset_id != id:
            await self._stop(step)
            step.take += 1
            step.words = {}
            step.inputs, step.job_id, step.asset_id = {"kind": "given", "shows": asset.kind, "asset": id}, None, id
        return Seen(id, moves=asset.kind == "video")

    async def _picture(self, number: int) -> str:
        scene = self.look.script.scenes[number - 1]
        if self.look.brief.drawn:
            payload: Payload = self.look.card(scene)
        else:
            payload = await self.look.picture(self.work, self.turn, scene)
        return await self._made(f"picture-{number}", payload, "picture", scene.card)

    async def _clip(self, number: int, start: str | None) -> str:
        payload = await self.look.clip(self.work, self.turn, number, start)
        return await self._made(f"clip-{number}", payload, "video", self.look.script.scenes[number - 1].card)

    async def _voice(self, number: int) -> str:
        scene = self.look.script.scenes[number - 1]
        payload = self.look.voice(scene, self.turn.settings)
        payload = await voices.admitted(self.work, self.turn.settings, payload)
        return await self._made(f"voice-{number}", payload, "voice", scene.say, alt_text=scene.say)

    async def _video(self, edit: EditList) -> str:
        title = self.look.script.title
        return await self._made("video", MakeVideo(edit=edit), "video", title, needs=edit.needs, told=True)

    async def thumbnail(self, video: str) -> None:
        payload = self.look.thumbnail(video, self.steps["video"].cut)
        await self._made("thumbnail", payload, "picture", self.look.script.title, needs=payload.needs)

    async def _forget_what_is_not_needed(self) -> None:
        """Steps of scenes that are gone, and pictures or clips of those that show something else now."""
        gone = [step for name, step in self.steps.items() if number_of(name) and name not in self._needed]
        for step in gone:
            await self._stop(step)
        await self.work.productions.drop_steps(gone)

    async def _made(
        self,
        name: str,
        payload: Payload,
        makes: str,
        title: str,
        *,
        needs: list[str] | None = None,
        alt_text: str = "",
        told: bool = False,
    ) -> str:
        """The asset of the step: the one that is there, or one whose job is queued now."""
        self._needed.add(name)
        step = self.steps.get(name) or await self._new_step(name)
        inputs = {"kind": orders.kind_of(payload), **payload.model_dump(mode="json")}
        if step.asset_id and name not in self.again and step.inputs == inputs and self._stands(step):
            return step.asset_id
        await self._stop(step)
        step.take += 1
        step.words = shown_before(step, self.assets)
        step.inputs = inputs
        await charge(self.work, self.turn, payload, self.look.persona)
        queued = await orders.place(
            self.work,
            self.turn if told else replace(self.turn, conversation=None),  # a chat is told of the video alone
            StepAsk(production=self.production.id, step=name, take=step.take),
            payload,
            makes=makes,
            title=title,
            persona=self.look.persona,
            needs=needs or (payload.needs if isinstance(payload, MakePicture) else None),
            alt_text=alt_text,
            at_least=self.look.character.rating,
            seed=orders.seed_of(self.production.id, name, step.take),
        )
        step.job_id, step.asset_id = queued.job, queued.asset
        return queued.asset

    async def _new_step(self, name: str) -> ProductionStep:
        self.steps[name] = await self.work.productions.add_step(self.production, name)
        return self.steps[name]

    def _stands(self, step: ProductionStep) -> bool:
        """Whether what the step made, or is making, can be used."""
        asset = self.assets.get(step.asset_id or "")
        return asset is not None and asset.state in ("pending", "ready")

    async def _stop(self, step: ProductionStep) -> None:
        """Nobody wants what its job makes any more."""
        job = self.jobs.get(step.job_id or "")
        if job is not None and job.state not in ENDED:
            await self.work.jobs.cancel(job.id)


def shown_before(step: ProductionStep, assets: Mapping[str, Asset]) -> dict[str, Any]:
    """What is shown of the step while another is made: what it made, or what was shown before that."""
    made = assets.get(step.asset_id or "")
    before = step.asset_id if made is not None and made.state == "ready" else step.before
    return {"before": before} if before else {}


def number_of(name: str) -> int | None:
    """Of which scene a step is; none of the whole."""
    _, _, number = name.partition("-")
    return int(number) if number else None


async def carry_on(
    work: Work, turn: Turn, production: Production, look: Look, again: Collection[str] = ()
) -> list[str]:
    """Queue all that is not there yet, or is wanted `again` by the names of steps; gives the names of those that are made now.

    Raises Unavailable when the studio is full.
    """
    await work.spending.one_at_a_time()  # before any job is cancelled, as whoever lets one go on has it
    steps = await work.productions.steps(production)
    jobs, assets = await work.productions.made_by(list(steps.values()))
    takes = {name: step.take for name, step in steps.items()}
    await Making(work, turn, production, look, again, steps, jobs, assets).all_media()
    return [name for name, step in steps.items() if step.take != takes.get(name)]


async def keep_words(work: Work, production: Production, name: str, words: dict[str, Any]) -> None:
    """Keep what a step of words gave, as another take where it is another."""
    step = (await work.productions.steps(production)).get(name) or await work.productions.add_step(production, name)
    if step.words != words:
        step.words = words
        step.take += 1
    await work.session.flush()


def brief_of(production: Production) -> Brief:
    return Brief.model_validate(production.brief)
