"""The choice of the next job: properties that hold for any jobs on any devices, and the rules one by one."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_worker.scheduling.effort import effort_of
from gpu_worker.scheduling.policy import Way, give_way, in_fair_order, pick
from gpu_worker.scheduling.views import DeviceView, Waiting, to_evict

GB = 10**9
MODELS = {"a": 5 * GB, "b": 8 * GB, "c": 11 * GB, "huge": 60 * GB}


def job(id: str, model: str = "a", **told: object) -> Waiting:
    return replace(Waiting(id, model, "nova", 0.0, 20.0, MODELS[model]), **told)  # type: ignore[arg-type]


def gpu(id: str, memory: int = 24, *loaded: str, **told: object) -> DeviceView:
    held = {model: MODELS[model] for model in loaded}
    return replace(DeviceView(id, "cuda", memory * GB, held, measured=8.0), **told)  # type: ignore[arg-type]


@st.composite
def rooms(draw: st.DrawFn) -> tuple[list[DeviceView], list[Waiting]]:
    """One to eight devices, none to thirty jobs."""
    devices = [
        DeviceView(
            f"d{n}",
            draw(st.sampled_from(["cuda", "cuda", "mps", "cpu"])),
            draw(st.sampled_from([6, 12, 24])) * GB,
            {model: MODELS[model] for model in draw(st.sets(st.sampled_from(["a", "b"]), max_size=1))},
            loaded_at=draw(st.none() | st.floats(0, 1000)),
            ready=draw(st.booleans()) or n == 0,
            free_at=draw(st.none() | st.floats(900, 1100)),
            most=draw(st.integers(1, 4)),
        )
        for n in range(draw(st.integers(1, 8)))
    ]
    jobs = [
        job(
            f"{n:02}",
            draw(st.sampled_from(sorted(MODELS))),
            persona=draw(st.sampled_from("xyz")),
            since=draw(st.floats(0, 1000)),
            effort=draw(st.floats(0.1, 300)),
            deadline=draw(st.none() | st.floats(900, 1100)),
            used=draw(st.floats(0, 1000)),
        )
        for n in range(draw(st.integers(0, 30)))
    ]
    return devices, jobs


@settings(max_examples=60, deadline=None)
@given(rooms())
def test_a_choice_is_one_batch_of_one_model_in_bounds(room: tuple[list[DeviceView], list[Waiting]]) -> None:
    devices, jobs = room
    known = {one.id: one for one in jobs}
    for me in devices:
        ids = pick(me, jobs, devices, 1000.0)
        assert len(ids) == len(set(ids)) <= me.most
        assert len({known[id].model for id in ids}) <= 1


@settings(max_examples=40, deadline=None)
@given(rooms())
def test_every_job_is_done_once_and_none_is_left(room: tuple[list[DeviceView], list[Waiting]]) -> None:
    devices, jobs = room
    left = {one.id: one for one in jobs}
    now = 1000.0
    for _ in range(4 * len(jobs) + 1):
        ready = [replace(one, free_at=None) for one in devices if one.ready]
        begun = 0
        for me in ready:
            ids = pick(me, [*left.values()], ready, now)
            begun += len(ids)
            for id in ids:
                del left[id]
        now += 60.0
        assert begun or not left, "devices with nothing to do leave jobs waiting"
    assert not left


@settings(max_examples=40, deadline=None)
@given(rooms())
def test_what_somebody_waits_for_goes_first(room: tuple[list[DeviceView], list[Waiting]]) -> None:
    """Where a device stands alone it never begins with anything else."""
    devices, jobs = room
    me = replace(devices[0], kind="cuda", ready=True)
    ids = pick(me, jobs, [me], 1000.0)
    waited_for = [one for one in jobs if one.deadline is not None]
    if waited_for:
        first = min(waited_for, key=lambda one: (one.deadline or 0.0, one.id))
        assert ids[0] == first.id


def test_a_device_stays_with_the_model_it_has() -> None:
    jobs = [job("1", "b"), job("2", "a", since=5.0), job("3", "a", since=6.0)]
    assert pick(gpu("x", 12, "a"), jobs, [], 10.0) == ["2", "3"]


def test_what_waited_long_is_done_though_it_costs_a_load() -> None:
    """Others keep coming for the model that is loaded."""
    jobs = [job("old", "b", persona="ada"), *(job(str(n), since=990.0, used=1.0) for n in range(9))]
    me = gpu("x", 12, "a", loaded_at=0.0)
    assert pick(me, jobs, [me], 1000.0)[0] == "old"


def test_a_selfie_goes_where_it_is_done_first() -> None:
    selfie = [job("s", "b", deadline=30.0)]
    cold, warm = gpu("cold", 24, "a"), gpu("warm", 24, "b", free_at=12.0)
    assert pick(cold, selfie, [cold, warm], 10.0) == []
    assert pick(warm, selfie, [cold, warm], 10.0) == ["s"]
    late = replace(warm, free_at=60.0)
    assert pick(cold, selfie, [cold, late], 10.0) == ["s"]


def test_a_dead_devices_jobs_go_elsewhere() -> None:
    selfie = [job("s", "b", deadline=30.0)]
    cold, dead = gpu("cold", 24, "a"), gpu("dead", 24, "b", ready=False)
    assert pick(cold, selfie, [cold, dead], 10.0) == ["s"]


def test_a_model_that_fits_nowhere_is_tried_on_the_roomiest() -> None:
    small, roomy = gpu("small", 12), gpu("roomy", 24)
    assert pick(small, [job("h", "huge")], [small, roomy], 10.0) == []
    assert pick(roomy, [job("h", "huge")], [small, roomy], 10.0) == ["h"]


def test_a_cpu_leaves_to_a_gpu_what_fits_there() -> None:
    cpu, busy = gpu("cpu", 64, kind="cpu", measured=0.0), gpu("busy", 24, free_at=999.0)
    assert pick(cpu, [job("1")], [cpu, busy], 10.0) == []
    assert pick(cpu, [job("1")], [cpu, replace(busy, ready=False)], 10.0) == ["1"]


def test_what_only_a_roomy_device_can_do_is_not_left_for_the_end() -> None:
    roomy, small = gpu("roomy", 12, "a", loaded_at=0.0), gpu("small", 6, "a")
    clips = [job(f"c{n}", "c", since=9.0, effort=100.0) for n in range(4)]
    jobs = [*(job(f"{n}", since=1.0) for n in range(20)), *clips]
    assert pick(roomy, jobs, [roomy, small], 10.0)[0] == "c0"


def test_personas_take_turns_whoever_asked_for_more() -> None:
    flood = [job(f"f{n}", persona="flood", since=float(n)) for n in range(5)]
    few = [job("q1", persona="quiet", since=50.0), job("q2", persona="quiet", since=51.0)]
    assert [one.id for one in in_fair_order([*flood, *few])] == ["f0", "q1", "f1", "q2", "f2", "f3", "f4"]
    used = [replace(one, used=100.0) for one in flood]
    assert [one.id for one in in_fair_order([*used, *few])][:2] == ["q1", "q2"]


def test_only_what_goes_together_shares_a_batch() -> None:
    jobs = [job(str(n), effort=5.0) for n in range(4)]
    assert pick(gpu("x"), jobs, [], 9.0, lambda one, other: abs(int(one) - int(other)) % 2 == 0) == ["0", "2"]


def test_long_jobs_go_alone() -> None:
    assert pick(gpu("x"), [job("1", effort=500.0), job("2", effort=500.0)], [], 9.0) == ["1"]


def test_the_longest_unused_make_room() -> None:
    loaded = {"old": 5, "middle": 4, "new": 3}
    assert to_evict(loaded, 10, 10) == []
    assert to_evict(loaded, 2, 6) == ["old"]
    assert to_evict(loaded, 0, 8) == ["old", "middle"]


def test_effort_grows_with_steps_size_and_frames() -> None:
    small = effort_of("picture.make", {"steps": 20, "width": 512, "height": 512})
    assert effort_of("picture.make", {"steps": 40, "width": 512, "height": 512}) == 2 * small
    assert effort_of("picture.make", {"steps": 20, "width": 1024, "height": 512}) == 2 * small
    assert effort_of("video.clip", {"steps": 20, "width": 512, "height": 512, "frames": 49}) > 10 * small
    assert effort_of("picture.make", {}) > 0


def test_a_long_clip_gives_way_beside_itself_or_at_the_end_of_a_piece() -> None:
    selfie = job("selfie", "b", deadline=30.0)
    busy = gpu("0", 24, "a", free_at=300.0)
    assert give_way(busy, {"a"}, [selfie], [], 0.0) == Way(beside=("selfie",))
    small = gpu("0", 12, "a", free_at=300.0)
    assert give_way(small, {"a"}, [selfie], [], 0.0) == Way(rests=True)
    assert give_way(busy, {"b"}, [selfie], [], 0.0) == Way(rests=True), "its model is at work on something else"


def test_nothing_gives_way_for_what_is_not_urgent_or_to_be_done_sooner_elsewhere() -> None:
    busy = gpu("0", 24, "a", free_at=300.0)
    assert give_way(busy, {"a"}, [job("any", "b")], [], 0.0) == Way()
    selfie = job("selfie", "b", deadline=30.0)
    assert give_way(replace(busy, free_at=3.0), {"a"}, [selfie], [], 0.0) == Way(), "it is nearly done"
    idle = gpu("1", 24, "b")
    assert give_way(busy, {"a"}, [selfie], [idle], 0.0) == Way()


def test_a_gpu_does_not_wait_for_a_cpu_that_has_the_model() -> None:
    cpu = DeviceView("cpu", "cpu", 24 * GB, {"a": MODELS["a"]})
    card = gpu("0", 6)
    assert [pick(me, [job("one", effort=0.1)], [cpu, card], 9.0) for me in (cpu, card)] == [[], ["one"]]


def test_a_job_goes_to_a_machine_that_has_its_model() -> None:
    fast, slow = gpu("0", 80, measured=50.0, models=("b",)), gpu("1", 12, measured=1.0, models=("a", "b"))
    for waits in (job("one", deadline=20.0), job("one")):
        assert [pick(me, [waits], [fast, slow], 9.0) for me in (fast, slow)] == [[], ["one"]]
    lost = job("lost", "c")
    assert ["lost"] in [pick(me, [lost], [fast, slow], 9.0) for me in (fast, slow)], (
        "whoever has it fails it, with its name"
    )


def test_of_a_heap_what_would_be_its_tail_begins_first() -> None:
    me, other = gpu("me", 24, "a"), gpu("other", 24, "a", free_at=1300.0)
    heap = [job(f"{n:03}", effort=60.0) for n in range(100)]
    long = [job(id, "c", effort=effort) for id, effort in (("long", 3600.0), ("longer", 4000.0))]

    assert pick(me, [*heap, *long], [me, other], 1000.0) == ["longer"]
    assert pick(me, [*heap, *long], [me], 1000.0) != ["longer"], "alone it would gain nothing"
    assert pick(me, [*heap, *long], [me, replace(other, measured=80.0)], 1000.0) != ["longer"], (
        "the other ends it sooner"
    )
    assert pick(me, [*heap[:5], *long[:1]], [me, other], 1000.0) != ["long"], "little waits: the short are soon done"
