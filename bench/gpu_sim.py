"""How well are devices shared out? The worker's own policy on simulated devices, against first in, first out.

    python -m bench.gpu_sim [--seeds 3] [--hours 1] [--json]

Rooms of one to eight devices, equal and unlike, 6 checkpoints and a video model, 8 personas of which one floods. Two
questions for each: an hour of arrivals at 0.8 of what the devices could make if nothing had ever to be loaded (useful share,
waits of urgent pictures, of personas), and a heap that is there at the start (makespan against its bound, and the useful share
until its last job begins: what devices give when more waits than they can make). A batch of four takes as long as its four
pictures one after another, so what batches gain on real devices is not in these figures. The times of loads are the policy's
own guess times 0.7 to 1.4. Goals: makespan at most 1.05 of the bound; useful share twice that of first in, first out, of a heap
(in an hour of arrivals nobody can be useful for more than the load of 0.8); urgent pictures wait a twentieth; equal devices
work within 5 % of each other.
"pick ms" is CPU time of the choice for a job.

In the rooms of long clips these take minutes and urgent pictures come as well: there is the question what it gives that a
clip gives way to them, beside it in memory where that fits, else at the end of a piece, with its model loaded again behind
it. "no way" is the same policy where nothing is interrupted. (An hour, seeds 1 and 2, p95 of urgent pictures without and with
it: 136 and 2 s on one device of 80 GB, 307 and 57 s on one of 24 GB, 137 and 33 s on two, at the same useful share.)
"""

import argparse
import heapq
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from statistics import mean, quantiles
from typing import Any

from gpu_worker.scheduling.policy import Way, give_way, pick
from gpu_worker.scheduling.views import DeviceView, Waiting, load_s, to_evict

GB = 10**9
LOAD = 0.8
PERSONAS = [f"persona {n}" for n in range(8)]
# name: bytes on a device, effort of a job (from, to), how often
MODELS: dict[str, tuple[int, float, float, float]] = {
    "xl-real": (8 * GB, 20, 40, 0.18),
    "xl-anime": (8 * GB, 20, 40, 0.17),
    "xl-film": (8 * GB, 20, 40, 0.16),
    "one-five": (5 * GB, 5, 12, 0.15),
    "three": (11 * GB, 25, 50, 0.16),
    "xl-paint": (8 * GB, 20, 40, 0.15),
    "clips": (20 * GB, 120, 300, 0.03),
}
URGENT = 0.05


@dataclass(frozen=True)
class Room:
    """Devices that work together: (kind, memory, effort a second); and the effort of its clips, from and to."""

    name: str
    devices: tuple[tuple[str, int, float], ...]
    clips: tuple[float, float] | None = None

    @property
    def equal(self) -> bool:
        return len(set(self.devices)) == 1


BIG, MIDDLE, SMALL = ("cuda", 24 * GB, 8.0), ("cuda", 16 * GB, 5.0), ("cuda", 12 * GB, 3.0)
SLOT = ("cuda", 12 * GB, 8.0)  # one checkpoint at a time
PAIR = ("cuda", 16 * GB, 8.0)  # two
RACK = ("cuda", 80 * GB, 16.0)
PIECE = 400.0  # effort of one of a long clip's pieces: 81 frames of 832 x 480 in 50 steps
LONG = (800.0, 4000.0)
ROOMS = (
    Room("1 big", (BIG,)),
    Room("2 unlike", (BIG, SMALL)),
    Room("4 equal", (BIG,) * 4),
    Room("4 equal, one slot", (SLOT,) * 4),
    Room("4 unlike", (BIG, MIDDLE, MIDDLE, SMALL)),
    Room("8 equal", (BIG,) * 8),
    Room("8 equal, one slot", (SLOT,) * 8),
    Room("8 equal, two slots", (PAIR,) * 8),
    Room("8 unlike", (BIG, BIG, BIG, MIDDLE, MIDDLE, MIDDLE, SMALL, SMALL)),
    Room("1 rack, long clips", (RACK,), LONG),
    Room("1 big, long clips", (BIG,), LONG),
    Room("2 big, long clips", (BIG, BIG), LONG),
)
Give = Callable[[DeviceView, Collection[str], Sequence[Waiting], Sequence[DeviceView], float], Way]
Policy = Callable[[DeviceView, Sequence[Waiting], Sequence[DeviceView], float], list[str]]


@dataclass
class Device:
    """A simulated device, its models the longest unused first."""

    view: DeviceView
    loaded: dict[str, int] = field(default_factory=dict)
    busy_until: float = 0.0
    thought_until: float | None = None
    making_s: float = 0.0
    loading_s: float = 0.0
    loaded_at: float | None = None
    doing: tuple[Waiting, ...] = ()
    since: float = 0.0  # when its making began, without what was made beside it
    resting: float | None = None  # when the piece ends at which it is to rest

    def seen(self) -> DeviceView:
        return replace(self.view, loaded=dict(self.loaded), loaded_at=self.loaded_at, free_at=self.thought_until)


@dataclass
class Run:
    """What came of one simulation."""

    waits: dict[str, float] = field(default_factory=dict)  # by job, from due to begun
    jobs: dict[str, Waiting] = field(default_factory=dict)
    makespan: float = 0.0
    begun_s: float = 0.0  # when the last job was begun
    made_s: float = 0.0  # that all devices were making things until then
    devices: list[Device] = field(default_factory=list)
    picks: int = 0
    pick_cpu_s: float = 0.0


def fifo(me: DeviceView, waiting: Sequence[Waiting], _devices: Sequence[DeviceView], _now: float) -> list[str]:
    """What a shared queue gives: the oldest that fits."""
    return next(([job.id] for job in waiting if job.bytes <= me.memory), [])


def no_way(
    _me: DeviceView, _in_use: Collection[str], _waiting: Sequence[Waiting], _devices: Sequence[DeviceView], _now: float
) -> Way:
    return Way()


def simulate(
    room: Room, arrivals: Sequence[Waiting], policy: Policy, seed: int, until: float | None = None, give: Give = no_way
) -> Run:
    """Every job of the room's arrivals, or those begun `until` then."""
    dice = random.Random(seed)
    run = Run(devices=[_device(n, *spec) for n, spec in enumerate(room.devices)])
    run.jobs = {job.id: job for job in arrivals}
    coming = sorted(arrivals, key=lambda job: job.since)
    waiting: dict[str, Waiting] = {}
    used: dict[str, float] = defaultdict(float)
    events = [(job.since, n, "") for n, job in enumerate(coming)]
    heapq.heapify(events)
    next_job = 0
    while events:
        now = heapq.heappop(events)[0]
        if until is not None and now > until:
            break
        while next_job < len(coming) and coming[next_job].since <= now:
            waiting[coming[next_job].id] = coming[next_job]
            next_job += 1
        for device in run.devices:
            if device.resting is not None and device.resting <= now:
                left = _rest(device, now)
                waiting[left.id] = left
            if device.busy_until <= now:
                device.thought_until, device.doing = None, ()
        for device in run.devices:
            way = _way(device, run.devices, waiting, now, give)
            if way.beside:
                batch = [waiting.pop(id) for id in way.beside]
                _work_beside(device, batch, dice)
                for job in batch:
                    run.waits[job.id] = now - job.since
                heapq.heappush(events, (device.busy_until, len(events), device.view.id))
                run.makespan = max(run.makespan, device.busy_until)
            elif way.rests and device.resting is None:
                device.resting = _end_of_piece(device, now)
                if device.resting is not None:
                    heapq.heappush(events, (device.resting, len(events), device.view.id))
        for device in sorted(run.devices, key=lambda _one: dice.random()):
            if device.busy_until > now or not waiting:
                continue
            seen = [replace(job, used=used[job.persona]) for job in list(waiting.values())[:200]]
            began = time.process_time()
            ids = policy(device.seen(), seen, [one.seen() for one in run.devices], now)
            run.pick_cpu_s += time.process_time() - began
            run.picks += 1
            if ids:
                batch = [waiting.pop(id) for id in ids]
                _work(device, batch, now, dice)
                run.begun_s, run.made_s = now, sum(_made_s(one, now) for one in run.devices)
                for job in batch:
                    run.waits.setdefault(job.id, now - job.since)
                    used[job.persona] += job.effort
                heapq.heappush(events, (device.busy_until, len(events), device.view.id))
                run.makespan = max(run.makespan, device.busy_until)
    return run


def _device(number: int, kind: str, memory: int, speed: float) -> Device:
    return Device(DeviceView(f"gpu:{number}", kind, memory, measured=speed))


def _work(device: Device, batch: Sequence[Waiting], now: float, dice: random.Random) -> None:
    job = batch[0]
    load = 0.0
    if job.model not in device.loaded:
        room = device.view.memory - sum(device.loaded.values())
        for gone in to_evict(device.loaded, room, job.bytes):
            del device.loaded[gone]
        load = load_s(job.bytes) * dice.uniform(0.7, 1.4)
        device.loaded_at = now + load
    device.loaded.pop(job.model, None)
    device.loaded[job.model] = job.bytes
    making = sum(one.effort for one in batch) / device.view.speed
    device.thought_until = now + (load_s(job.bytes) if load else 0.0) + making
    device.busy_until = now + load + making * dice.uniform(0.97, 1.03)
    device.making_s += making
    device.loading_s += load
    device.doing, device.since, device.resting = tuple(batch), now + load, None


def _made_s(device: Device, now: float) -> float:
    """How long it was making things until now."""
    current_s = sum(job.effort for job in device.doing) / device.view.speed
    return device.making_s - min(current_s, max(0.0, device.busy_until - now))


def _way(device: Device, devices: Sequence[Device], waiting: dict[str, Waiting], now: float, give: Give) -> Way:
    if not device.doing or device.busy_until <= now or device.doing[0].deadline is not None:
        return Way()
    urgent = [job for job in waiting.values() if job.deadline is not None]
    return (
        give(device.seen(), {device.doing[0].model}, urgent, [one.seen() for one in devices], now) if urgent else Way()
    )


def _work_beside(device: Device, batch: Sequence[Waiting], dice: random.Random) -> None:
    """At once, and what it did goes on behind it. Its model leaves again: what it did has the memory that it had."""
    job, load = batch[0], 0.0
    if job.model not in device.loaded:
        load = load_s(job.bytes) * dice.uniform(0.7, 1.4)
    making = sum(one.effort for one in batch) / device.view.speed
    device.making_s += making
    device.loading_s += load
    device.busy_until += load + making
    device.since += load + making
    device.thought_until = device.busy_until


def _end_of_piece(device: Device, now: float) -> float | None:
    """When the piece of a clip ends that is made now; none where it is the last."""
    piece_s = PIECE / device.view.speed
    done = max(0.0, now - device.since)
    end = device.since + (int(done / piece_s) + 1) * piece_s
    return end if end < device.busy_until - piece_s / 2 else None


def _rest(device: Device, now: float) -> Waiting:
    """Put back what it does; what is left of it waits again."""
    [job] = device.doing
    made_s = now - device.since
    device.making_s -= device.busy_until - now
    device.busy_until, device.resting = now, None
    return replace(job, effort=max(1.0, job.effort - made_s * device.view.speed))


def arrivals(room: Room, seconds: float, seed: int, *, at_once: bool = False) -> list[Waiting]:
    """Mixed jobs that keep the room at LOAD for so long."""
    dice = random.Random(seed)
    roomiest = max(memory for _, memory, _ in room.devices)
    models = {name: spec for name, spec in MODELS.items() if spec[0] <= roomiest}
    work = LOAD * seconds * sum(speed for _, _, speed in room.devices)
    jobs: list[Waiting] = []
    while work > 0:
        name = dice.choices(list(models), [spec[3] for spec in models.values()])[0]
        size, low, high, _ = models[name]
        low, high = room.clips if room.clips and name == "clips" else (low, high)
        since = 0.0 if at_once else dice.uniform(0, seconds)
        urgent = name != "clips" and not at_once and dice.random() < URGENT
        persona = dice.choices(PERSONAS, [10, 3, 2, 2, 1, 1, 1, 0.5])[0]
        effort = dice.uniform(low, high)
        deadline = since + 30 if urgent else None
        jobs.append(Waiting(f"{len(jobs):06}", name, persona, since, effort, size, deadline))
        work -= effort
    return jobs


def bound_s(room: Room, jobs: Sequence[Waiting]) -> float:
    """No schedule is shorter: the work for which a memory is needed, over the devices that have it, loads left out."""
    floors = sorted({job.bytes for job in jobs})
    return max(
        sum(job.effort for job in jobs if job.bytes >= floor)
        / sum(speed for _, memory, speed in room.devices if memory >= floor)
        for floor in floors
    )


def measure(room: Room, seed: int, hours: float) -> dict[str, float]:
    seconds = hours * 3600
    stream = arrivals(room, seconds, seed)
    ours = simulate(room, stream, pick, seed, until=seconds, give=give_way)
    stubborn = simulate(room, stream, pick, seed, until=seconds)
    queue = simulate(room, stream, fifo, seed, until=seconds)
    heap = arrivals(room, seconds / 2, seed, at_once=True)
    bound = bound_s(room, heap)
    closed, closed_fifo = (simulate(room, heap, one, seed) for one in (pick, fifo))
    return {
        "makespan/bound": closed.makespan / bound,
        "fifo makespan/bound": closed_fifo.makespan / bound,
        "useful": _useful(ours, seconds),
        "fifo useful": _useful(queue, seconds),
        "useful/fifo": _useful(ours, seconds) / _useful(queue, seconds),
        "heap useful": _useful_of_heap(closed),
        "fifo heap useful": _useful_of_heap(closed_fifo),
        "heap useful/fifo": _useful_of_heap(closed) / _useful_of_heap(closed_fifo),
        "urgent p95 s": _p95(_waits(ours, seconds, urgent=True)),
        "no way urgent p95 s": _p95(_waits(stubborn, seconds, urgent=True)),
        "no way useful": _useful(stubborn, seconds),
        "fifo urgent p95 s": _p95(_waits(queue, seconds, urgent=True)),
        "fifo/urgent p95": _p95(_waits(queue, seconds, urgent=True)) / _p95(_waits(ours, seconds, urgent=True)),
        "p95 s": _p95(_waits(ours, seconds)),
        "longest wait s": max(_waits(ours, seconds)),
        "worst persona p95 s": max(_p95(_waits(ours, seconds, persona=one)) for one in PERSONAS),
        "fifo worst persona p95 s": max(_p95(_waits(queue, seconds, persona=one)) for one in PERSONAS),
        "uneven": _uneven(closed),
        "pick ms": 1000 * ours.pick_cpu_s / max(1, len(ours.waits)),
    }


def _useful(run: Run, seconds: float) -> float:
    return sum(device.making_s for device in run.devices) / (seconds * len(run.devices))


def _useful_of_heap(run: Run) -> float:
    """While there was always something that waited."""
    return run.made_s / (run.begun_s * len(run.devices))


def _waits(run: Run, seconds: float, *, urgent: bool = False, persona: str = "") -> list[float]:
    """Of the jobs begun, and of those that were not, for as long as they waited."""
    jobs = (job for job in run.jobs.values() if not urgent or job.deadline is not None)
    return [run.waits.get(job.id, seconds - job.since) for job in jobs if persona in ("", job.persona)] or [0.0]


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[18] if len(values) > 1 else values[0]


def _uneven(run: Run) -> float:
    """How far a device's time at work is from the mean of all."""
    busy = [device.making_s + device.loading_s for device in run.devices]
    return max(abs(one - mean(busy)) for one in busy) / mean(busy)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--hours", type=float, default=1.0)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    table: list[dict[str, Any]] = []
    for room in ROOMS:
        runs = [measure(room, seed, asked.hours) for seed in range(1, asked.seeds + 1)]
        table.append({"room": room.name, **{name: round(mean(run[name] for run in runs), 3) for name in runs[0]}})
    if asked.json:
        print(json.dumps(table, indent=1))
        return
    for name in table[0]:
        print(f"{name:26}" + "".join(f"{row[name]:>18}" for row in table))


if __name__ == "__main__":
    main()
