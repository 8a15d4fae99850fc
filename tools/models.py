"""Models: which are on the shelf, which could be pulled, who uses one. Doors: REST, `gator model`, the console.

No tool of an agent's: what fills a disk and accepts a licence is asked for by a person.
"""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from pydantic import BaseModel, Field

from gator.clock import now
from gator.errors import Conflict, Refused
from gator.principal import Principal, service
from gator.settings import Settings
from gpu_worker.jobs import PullModel
from gpu_worker.known_models import known_models
from gpu_worker.licences import licence_of
from gpu_worker.shelf import ShelfEntry, shelf
from memory.founding import workspaces
from memory.models import Job
from memory.repositories.devices import heard_of
from memory.store import Store
from memory.work import Work
from tools.capability import Shape, Turn
from tools.personas.character import Character
from tools.wording import counted, sized


class ModelSeen(BaseModel):
    """A model on the shelf."""

    name: str
    kind: str
    family: str
    source: str
    revision: str
    licence: str
    licence_in_words: str
    accepted_by: str
    accepted_at: datetime | None
    bytes: int
    loaded_on: list[str]  # devices

    def in_words(self) -> str:
        where = f", loaded on {', '.join(self.loaded_on)}" if self.loaded_on else ""
        return f"{self.name}  {self.kind} for {self.family}, {sized(self.bytes)}, {self.licence_in_words}{where}"


class KnownSeen(BaseModel):
    """A model that can be pulled by its name. Bytes are of its weights in 16 bits; 0 where they were not counted."""

    name: str
    title: str
    source: str
    kind: str
    family: str
    licence: str
    licence_in_words: str
    gated: bool
    bytes: int
    denoiser_bytes: int
    is_here: bool

    def in_words(self) -> str:
        whole = f"{self.bytes / 1e9:.1f} GB of memory" if self.bytes else "memory not counted"
        least = f" ({self.denoiser_bytes / 1e9:.1f} with offload)" if self.denoiser_bytes < self.bytes else ""
        marks = [*(["asks for a token"] if self.gated else []), *(["is here"] if self.is_here else [])]
        return "; ".join(
            [f"{self.name}  {self.title}: {self.kind} for {self.family}", whole + least, self.licence_in_words, *marks]
        )


class PullModelAsk(Shape):
    what: str = Field(min_length=1, max_length=200, description="a known model's name, or a hub's owner/name")
    accept_licence: str = Field(
        "", max_length=100, description="the licence that was read and is accepted, by its name"
    )
    revision: str = Field("", max_length=200, description="branch, tag or commit; left out: the newest")
    files: list[str] = Field([], max_length=32, description="only these files or folders of the repository")
    name: str = Field("", max_length=64, description="what it is called here; left out: as there")
    kind: str = Field("", max_length=32, description="pipeline, lora, controlnet and so on, where it cannot be told")
    family: str = Field("", max_length=32, description="which models it fits, where that cannot be told")


class Users(BaseModel):
    """Who would miss a model."""

    loaded_on: list[str] = []
    jobs: int = 0
    named_by: list[str] = []

    def in_words(self) -> str:
        told = [f"it is loaded on {', '.join(self.loaded_on)}"] if self.loaded_on else []
        do = "wait or run" if self.jobs > 1 else "waits or runs"
        told += [f"{counted(self.jobs, 'job')} for it {do}"] if self.jobs else []
        told += (
            [f"{', '.join(self.named_by)} {'name' if len(self.named_by) > 1 else 'names'} it"] if self.named_by else []
        )
        return "; ".join(told)


async def list_models(work: Work, settings: Settings) -> list[ModelSeen]:
    """Those on the shelf, by name."""
    loaded = await _loaded(work)
    return [model_seen(one, loaded.get(one.name, [])) for one in shelf(settings).entries()]


def list_known(settings: Settings) -> list[KnownSeen]:
    """Those that can be pulled by name."""
    sources = {(one.source, one.kind, one.family) for one in shelf(settings).entries()}
    return [
        KnownSeen(
            **one.model_dump(include={"name", "title", "source", "kind", "family", "licence", "gated"}),
            licence_in_words=licence_of(one.licence).words if one.licence else "its licence is shown when it is pulled",
            bytes=one.bytes,
            denoiser_bytes=one.denoiser_bytes,
            is_here=(one.source, one.kind, one.family) in sources,
        )
        for one in known_models().values()
    ]


async def order_pull(ask: PullModelAsk, turn: Turn) -> Job:
    """Queue a pull; one of the same model that is under way is not begun twice. Raises Refused for a folder."""
    if ask.what.startswith(("/", ".", "~")) or "\\" in ask.what:
        raise Refused("Folders are pulled on the machine itself.", remedy="There: gator model pull FOLDER.")
    by = str(turn.principal)
    payload = PullModel(**ask.model_dump(exclude={"files"}), files=tuple(ask.files), accepted_by=by)
    async with turn.open_work() as work:
        for job in await work.jobs.recent("queued", "running", "paused"):
            if job.kind == "model.pull" and PullModel.model_validate(job.payload) == payload:
                return job
        job = await work.jobs.queue_errand("model.pull", payload.model_dump(mode="json"), key=turn.key(ask))
        await work.audit.note("model.pull", job.id, what=ask.what, licence=ask.accept_licence)
    return job


async def remove_model(name: str, turn: Turn, *, anyway: bool) -> tuple[ShelfEntry, Users]:
    """Take a model off the shelf for good; gives who will miss it.

    Raises Conflict while it is loaded or jobs need it, and, unless `anyway`, where a persona or a setting names it.
    """
    here = shelf(turn.settings)
    entry = here.get(name)
    users = await users_of(name, turn.store, turn.settings)
    if users.loaded_on or users.jobs or (users.named_by and not anyway):
        raise Conflict(f"{name} is in use: {users.in_words()}.", remedy=_how(users))
    async with turn.open_work() as work:
        await work.audit.note("model.remove", name, source=entry.source, revision=entry.revision)
    here.remove(entry)
    return entry, users


def _how(users: Users) -> str:
    if users.loaded_on:
        return "A device lets a model go when it needs the room, or when its worker stops."
    if users.jobs:
        return "Wait for them, or cancel them: gator job cancel."
    return "Choose another model for them, or say it with --yes (over REST: anyway=true)."


async def users_of(name: str, store: Store, settings: Settings) -> Users:
    """Who uses the model, in all workspaces."""
    named = ["GATOR_IMAGE_MODEL"] if settings.image_model == name else []
    all_of_them = await workspaces(store)
    for workspace in all_of_them:
        async with store.open_work(service(workspace, "models"), reads=True) as work:
            named += [one.name for one in await work.personas.all() if _names(one.character, name)]
    async with store.open_work(service(all_of_them[0] if all_of_them else "", "models"), reads=True) as work:
        loaded = await _loaded(work)
        return Users(loaded_on=loaded.get(name, []), jobs=await work.jobs.waiting_for(name), named_by=named)


def _names(character: dict[str, object], model: str) -> bool:
    media = Character.model_validate(character).media
    return media.picture_model == model or model in {one.rpartition(":")[0] or one for one in media.picture_loras}


async def _loaded(work: Work) -> dict[str, list[str]]:
    """Devices that hold a model now, by its name."""
    found: dict[str, list[str]] = {}
    for device in await work.devices.all():
        for held in device.loaded if heard_of(device, now()) else ():
            found.setdefault(str(held["model"]), []).append(device.id)
    return found


async def measured(name: str, store: Store, who: Principal) -> list[str]:
    """How long a picture or clip took with the model here, on each device; nothing where none was made."""
    async with store.open_work(who, reads=True) as work:
        rows = await work.jobs.seconds_with(name)
    devices = sorted({(device, kind) for device, kind, _ in rows})
    return [_took(device, kind, [took for *which, took in rows if which == [device, kind]]) for device, kind in devices]


def _took(device: str, kind: str, seconds: Sequence[float]) -> str:
    what = "clip" if kind == "video.clip" else "picture"
    return f"{median(seconds):.1f} s a {what} on {device or 'a device'} (median of {len(seconds)}, with waiting for its batch)"


def model_seen(entry: ShelfEntry, loaded_on: list[str]) -> ModelSeen:
    told = entry.model_dump(include={*ModelSeen.model_fields} - {"loaded_on", "licence_in_words"})
    return ModelSeen(**told, licence_in_words=licence_of(entry.licence).words, loaded_on=loaded_on)
