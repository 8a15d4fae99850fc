"""What do monitors read? Jobs and devices as Prometheus' text (version 0.0.4), for whoever may see jobs."""

from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from api.deps import CoreDep, needs
from gator.principal import service
from memory import counting
from tools.devices import DeviceSeen, seen

router = APIRouter(tags=["probes"])
_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Samples = Iterable[tuple[dict[str, str], float]]


@router.get("/metrics", dependencies=[needs("jobs:read")], response_class=PlainTextResponse)
async def metrics(core: CoreDep) -> PlainTextResponse:
    """Jobs by state, kind and model; devices with their memory and models."""
    waiting, ended = await counting.open_jobs(core.store), await counting.ended_lately(core.store)
    async with core.store.open_work(service("", "metrics"), reads=True) as work:
        devices = [seen(row) for row in await work.devices.all()]
    return PlainTextResponse("".join((*_of_jobs(waiting, ended), *_of_devices(devices))), media_type=_TYPE)


def _of_jobs(waiting: list[counting.Counted], ended: list[counting.Counted]) -> Iterable[str]:
    yield _gauge("gator_jobs", "Jobs that wait, are held or run.", ((_job(one), one.jobs) for one in waiting))
    yield _gauge(
        "gator_job_oldest_wait_seconds",
        "Since the oldest waiting job was due.",
        ((_job(one), round(one.oldest_s, 1)) for one in waiting if one.state == "queued"),
    )
    yield _gauge(
        "gator_jobs_ended_last_hour", "Jobs due within an hour that ended.", ((_job(one), one.jobs) for one in ended)
    )


def _of_devices(devices: list[DeviceSeen]) -> Iterable[str]:
    def each(value: str) -> Samples:
        return ((_device(one), getattr(one, value)) for one in devices)

    yield _gauge("gator_device_up", "Whether the device takes jobs.", ((_device(one), one.is_there) for one in devices))
    busy = ((_device(one), one.state == "busy") for one in devices)
    yield _gauge("gator_device_busy", "Whether it does one.", busy)
    yield _gauge("gator_device_memory_bytes", "Its memory.", each("memory_bytes"))
    yield _gauge("gator_device_free_bytes", "What of it is free.", each("free_bytes"))
    yield _gauge("gator_device_jobs", "Jobs done since its process began.", each("jobs"))
    held = (({**_device(one), "model": model.model}, model.bytes) for one in devices for model in one.loaded)
    yield _gauge("gator_device_model_bytes", "What a loaded model takes.", held)


def _job(one: counting.Counted) -> dict[str, str]:
    return {"state": one.state, "kind": one.kind, "model": one.model}


def _device(one: DeviceSeen) -> dict[str, str]:
    return {"device": one.id, "kind": one.kind}


def _gauge(name: str, means: str, samples: Samples) -> str:
    lines = [f"# HELP {name} {means}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        lines.append(f"{name}{{{told}}} {float(value):g}" if value != int(value) else f"{name}{{{told}}} {int(value)}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
