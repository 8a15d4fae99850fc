"""Which of the waiting jobs does this device do next? Every device asks for itself, from the same rows, and claims by row.

In order: what somebody waits for, on the device that would have it done first; of a heap what is so long that all would wait
for it in the end; then the model whose work is worth its load, so that a device stays with what it has loaded while there is
work for it, and one with nothing to do helps where the work is;
what has waited long is worth more with every second, unless its persona had more than its share. Jobs of the chosen model go
by persona, the one that was given least first.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gpu_worker.scheduling.views import DeviceView, Waiting, load_s, to_evict

PATIENCE_S = 90.0  # a wait that is worth as much as never loading anything
_WORTH_OF_WAITS = 1.5  # at most
TENURE = 50.0  # times what it cost to load them, models with work stay before others push them out
PRESSING = 0.8  # of the time that all work needs; beyond it what only roomy devices can do goes first
HEAP_S = 500.0  # of work for all devices: with less of it, what is long would only be put before what is soon done
TOO_LONG = 0.4  # of a heap's time: what takes so long by itself begins first, else the others wait for it in the end
WORTH_A_LOAD = 4.0  # times its load, else it is no matter
LONGEST_S = 20.0  # that a batch may take: at the end of a heap the others wait for it
WORTH_A_WAY_S = 4.0  # of work left; what takes less is not interrupted for anybody
WORKING = 0.1  # of a device's memory, that making a picture takes beside its model
_ANY: Callable[[str, str], bool] = lambda _one, _other: True  # noqa: E731


def pick(
    me: DeviceView,
    waiting: Sequence[Waiting],
    devices: Sequence[DeviceView],
    now: float,
    together: Callable[[str, str], bool] = _ANY,
) -> list[str]:
    """The jobs that `me`, which is free, does next: ids of one model that `together` allows in a batch; empty for none.

    `devices` are all there are, `me` among them or not.
    """
    free = replace(me, free_at=None, ready=True)
    pool = [free, *(one for one in devices if one.ready and one.id != me.id)]
    mine = _doable(free, waiting, pool)
    if not mine:
        return []
    first, others = _urgent(free, mine, pool, now)
    if first is None:
        rest = [job for job in mine if job.id not in others]
        first = _too_long_to_wait(free, rest, pool, now) or _next_of_best_model(free, rest, pool, now)
        if first is None:
            return []
    same = [job for job in mine if job.model == first.model and job.id != first.id and job.id not in others]
    return _batch(first, same, _most(free, first, same, pool), together)


@dataclass(frozen=True, slots=True)
class Way:
    """What a busy device does for those who wait for something urgent."""

    beside: tuple[str, ...] = ()  # jobs to do at once, in the middle of what it does, which stays in memory meanwhile
    rests: bool = False  # it ends what it does where nothing of it is lost, and goes on with it later


def give_way(
    me: DeviceView,
    in_use: Collection[str],
    waiting: Sequence[Waiting],
    devices: Sequence[DeviceView],
    now: float,
    together: Callable[[str, str], bool] = _ANY,
) -> Way:
    """What `me`, which is busy with nothing urgent on the models `in_use`, does about urgent jobs.

    As if it were free: only what no other device would have done sooner. Nothing where it is nearly done.
    """
    if me.free_in(now) < WORTH_A_WAY_S:
        return Way()
    free = replace(me, free_at=None, ready=True)
    pool = [free, *(one for one in devices if one.ready and one.id != me.id)]
    mine = _doable(free, [job for job in waiting if job.deadline is not None], pool)
    first, others = _urgent(free, mine, pool, now)
    if first is None:
        return Way()
    if first.model in in_use or not _fits_beside(free, first, in_use):
        return Way(rests=True)
    same = [job for job in mine if job.model == first.model and job.id != first.id and job.id not in others]
    return Way(beside=tuple(_batch(first, same, _most(free, first, same, pool), together)))


def _fits_beside(me: DeviceView, job: Waiting, in_use: Collection[str]) -> bool:
    taken = sum(size for model, size in me.loaded.items() if model in in_use)
    return taken + job.bytes + 2 * WORKING * me.memory <= me.memory


def in_fair_order(jobs: Sequence[Waiting]) -> list[Waiting]:
    """By what each persona was given and would be given by its own earlier jobs; then by age."""
    given: dict[str, float] = {}
    keyed: list[tuple[float, float, str, Waiting]] = []
    for job in sorted(jobs, key=lambda one: (one.since, one.id)):
        start = given.get(job.persona, job.used)
        keyed.append((start, job.since, job.id, job))
        given[job.persona] = start + job.effort
    return [entry[3] for entry in sorted(keyed, key=lambda entry: entry[:3])]


def _doable(device: DeviceView, jobs: Sequence[Waiting], pool: Sequence[DeviceView]) -> list[Waiting]:
    one_each = {(job.model, job.bytes): job for job in jobs}  # many wait for few models
    able = {key for key, job in one_each.items() if _can(device, job, pool)}
    return [job for job in jobs if (job.model, job.bytes) in able]


def _can(device: DeviceView, job: Waiting, pool: Sequence[DeviceView]) -> bool:
    """Whether the job is for this device: the model fits, or it fits nowhere and this is the roomiest there is.

    A CPU is for where nothing else is: it would hold for an hour what a GPU does in a minute. What another machine alone has
    the model for is that one's; what none has is anybody's, who says so.
    """
    having = [one for one in pool if one.has(job.model)]
    if having and not device.has(job.model):
        return False
    pool = having or pool
    if _leaves_it(device, job.bytes, pool):
        return False
    if device.memory >= job.bytes:
        return True
    roomiest = max(pool, key=lambda one: (one.kind != "cpu", one.memory, one.id))
    return roomiest.id == device.id and not any(one.memory >= job.bytes for one in pool)


def _leaves_it(device: DeviceView, size: int, pool: Sequence[DeviceView]) -> bool:
    return device.kind == "cpu" and any(one.kind != "cpu" and one.memory >= size for one in pool)


def _urgent(
    me: DeviceView, jobs: Sequence[Waiting], pool: Sequence[DeviceView], now: float
) -> tuple[Waiting | None, set[str]]:
    """The urgent job that is mine to do now, if there is one, and those that others do.

    Urgent jobs are dealt out by deadline, each to where it is done first, so all devices that ask come to the same deal.
    """
    busy = {one.id: one.free_in(now) for one in pool}
    others: set[str] = set()
    first: Waiting | None = None
    for job in sorted((one for one in jobs if one.deadline is not None), key=lambda one: (one.deadline, one.id)):
        done = {one.id: busy[one.id] + _needs_s(one, job) for one in pool if _can(one, job, pool)}
        where = min(done, key=lambda id: (done[id], id != me.id, id))
        busy[where] = done[where]
        if where != me.id:
            others.add(job.id)
        elif first is None:
            first = job
    return first, others


def _too_long_to_wait(
    me: DeviceView, jobs: Sequence[Waiting], pool: Sequence[DeviceView], now: float
) -> Waiting | None:
    """The longest job of a heap, if all else could be done before it and no other device would end it sooner."""
    if len(pool) == 1:
        return None
    all_s = sum(job.effort for job in jobs) / sum(one.speed for one in pool)
    if all_s < HEAP_S:
        return None
    longest = max(jobs, key=lambda one: (one.effort, one.id))
    others = [one for one in pool if one.id != me.id and _can(one, longest, pool)]
    if longest.effort / me.speed < TOO_LONG * all_s or any(
        one.free_in(now) + _needs_s(one, longest) < _needs_s(me, longest) for one in others
    ):
        return None
    return longest


def _needs_s(device: DeviceView, job: Waiting) -> float:
    return device.load_s(job.model, job.bytes) + job.effort / device.speed


def _next_of_best_model(
    me: DeviceView, jobs: Sequence[Waiting], pool: Sequence[DeviceView], now: float
) -> Waiting | None:
    model = _best_model(me, jobs, pool, now)
    of_it = (job for job in jobs if job.model == model)
    return min(of_it, key=lambda one: (one.used, one.since, one.id), default=None)  # the first `in_fair_order`


@dataclass(slots=True)
class _Heap:
    """The work that waits for one model."""

    bytes: int
    effort: float
    smallest: float
    oldest: float  # of those whose persona had no more than its share


def _heaps(jobs: Sequence[Waiting]) -> dict[str, _Heap]:
    used = {job.persona: job.used for job in jobs}
    share = sum(used.values()) / len(used) if used else 0.0
    heaps: dict[str, _Heap] = {}
    for job in jobs:
        since = job.since if job.used <= share else float("inf")
        heap = heaps.get(job.model)
        if heap is None:
            heaps[job.model] = _Heap(job.bytes, job.effort, job.effort, since)
            continue
        heap.effort += job.effort
        heap.smallest, heap.oldest = min(heap.smallest, job.effort), min(heap.oldest, since)
    return heaps


def _best_model(me: DeviceView, jobs: Sequence[Waiting], pool: Sequence[DeviceView], now: float) -> str | None:
    if len(pool) == 1 and len(models := {job.model for job in jobs}) == 1:
        return models.pop()  # there is no choice
    heaps = _pressing(me, _heaps(jobs), pool)
    at_hand = [model for model in heaps if model in me.loaded]
    worth = {model: _worth(me, model, heaps, pool, now) for model in heaps if _may_load(me, model, heaps, at_hand, now)}
    known = {model: value for model, value in worth.items() if value is not None}
    return max(known, key=lambda model: (known[model], model)) if known else None


def _pressing(me: DeviceView, heaps: dict[str, _Heap], pool: Sequence[DeviceView]) -> dict[str, _Heap]:
    """Those heaps alone that only roomy devices can work off and that else would be left when all other work is done."""
    all_s = sum(heap.effort for heap in heaps.values()) / sum(one.speed for one in pool)
    for floor in sorted({heap.bytes for heap in heaps.values()}, reverse=True):
        able = [one for one in pool if one.memory >= floor]
        if len(able) in (0, len(pool)):
            continue
        roomy = {model: heap for model, heap in heaps.items() if heap.bytes >= floor}
        need_s = sum(heap.effort for heap in roomy.values()) / sum(one.speed for one in able)
        if me in able and need_s > PRESSING * all_s and need_s > WORTH_A_LOAD * load_s(floor):
            return roomy
    return heaps


def _may_load(me: DeviceView, model: str, heaps: Mapping[str, _Heap], at_hand: Sequence[str], now: float) -> bool:
    """Whether the model is loaded, or may be: what is loaded and has work stays for a time first."""
    if not at_hand or me.loaded_at is None or model in me.loaded:
        return True
    return now - me.loaded_at >= TENURE * me.load_s(model, heaps[model].bytes)


def _worth(
    me: DeviceView, model: str, heaps: Mapping[str, _Heap], pool: Sequence[DeviceView], now: float
) -> float | None:
    """What it is worth that this device turns to the model now; none when others have all of it done before it could help.

    The share of the time that goes into making and not into loading, and the wait of the oldest.
    """
    heap = heaps[model]
    held = (one for one in pool if one.id != me.id and model in one.loaded and one.memory >= heap.bytes)
    having = [one for one in pool if one.has(model)]
    holders = [one for one in held if not _leaves_it(one, heap.bytes, having)]
    their_speed = sum(one.speed for one in holders)
    cost_s = _cost_s(me, model, heaps, holders)
    if holders:
        wait_s = min(one.free_in(now) for one in holders)
        they_need_s = wait_s + heap.effort / their_speed
        if model not in me.loaded and they_need_s <= cost_s + heap.smallest / me.speed:
            return None
        # All are done at the same time t: theirs (t - wait) and mine (t - cost) make up the heap.
        until_s = (heap.effort + their_speed * wait_s + me.speed * cost_s) / (their_speed + me.speed)
        making_s = max(until_s - cost_s, heap.smallest / me.speed)
    else:
        making_s = heap.effort / me.speed
    waited = max(now - heap.oldest, 0.0) / PATIENCE_S
    return making_s / (making_s + cost_s) + min(waited, _WORTH_OF_WAITS)


def _cost_s(me: DeviceView, model: str, heaps: Mapping[str, _Heap], holders: Sequence[DeviceView]) -> float:
    """The load, and loading again what must go for it and has work waiting that nobody else has loaded."""
    if model in me.loaded:
        return 0.0
    room = me.memory - sum(me.loaded.values())
    gone = to_evict(me.loaded, room, heaps[model].bytes)
    held = {name for one in holders for name in one.loaded}
    again = [me.load_s("", heaps[name].bytes) for name in gone if name in heaps and name not in held]
    return me.load_s(model, heaps[model].bytes) + sum(again)


def _most(me: DeviceView, first: Waiting, same: Sequence[Waiting], pool: Sequence[DeviceView]) -> int:
    """How many jobs the batch may have: no more than take LONGEST_S, and not what other devices would do meanwhile."""
    in_time = int(LONGEST_S * me.speed / max(first.effort, 1e-6))
    speeds = sum(one.speed for one in pool if one.id == me.id or first.model in one.loaded)
    share = round((len(same) + 1) * me.speed / speeds)
    return max(1, min(me.most, in_time, share))


def _batch(first: Waiting, same: Sequence[Waiting], most: int, together: Callable[[str, str], bool]) -> list[str]:
    """The first job and those that go with it; what somebody waits for before all else."""
    urgent = sorted((one for one in same if one.deadline is not None), key=lambda one: (one.deadline, one.id))
    alone = most == 1 or first.deadline is not None
    others = [] if alone else in_fair_order([one for one in same if one.deadline is None])
    batch = [first.id]
    for job in [*urgent, *others]:
        if len(batch) >= most:
            break
        if all(together(id, job.id) for id in batch):
            batch.append(job.id)
    return batch
