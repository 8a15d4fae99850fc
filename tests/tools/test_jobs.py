"""Jobs and media as an operator sees them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from gator.errors import Conflict, Forbidden, NotFound, Refused, Unavailable
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Job
from tools.capability import Turn
from tools.imagery import MakePictureAsk, make_picture
from tools.jobs import (
    CancelJobs,
    JobList,
    JobShown,
    ListJobs,
    NameJob,
    cancel_job,
    cancel_jobs,
    list_jobs,
    pause_job,
    resume_job,
    retry_job,
)
from tools.media import ListMedia, MediaList, list_media
from tools.orders import MediaQueued


async def queue(turn: Turn, title: str, kind: str = "picture.card", makes: str = "picture") -> Job:
    async with turn.open_work() as work:
        return await work.jobs.queue(kind, {"text": title}, key=title, makes=makes, title=title)


async def shown(capability: object, ask: object, turn: Turn) -> JobShown:
    found = await capability(ask, turn)  # type: ignore[operator]
    assert isinstance(found, JobShown)
    return found


async def test_jobs_are_listed_newest_first_with_their_titles(turn: Turn) -> None:
    await queue(turn, "Herons")
    voice = await queue(turn, "Hello", "voice.speak", "voice")
    async with turn.open_work() as work:
        job = await work.jobs.get(voice.id)
        job.state, job.progress, job.eta_s = "running", 0.4, 12.3

    found = await list_jobs(ListJobs(), turn)

    assert isinstance(found, JobList)
    assert [(job.kind, job.title, job.state) for job in found.jobs] == [
        ("voice.speak", "Hello", "running"),
        ("picture.card", "Herons", "queued"),
    ]
    assert found.in_words() == (
        '- The voice-over "Hello" is being made: 40%, about 12 s to go.\n'
        '- The picture card "Herons" waits for its turn.'
    )
    found = await list_jobs(ListJobs(state="queued"), turn)
    assert isinstance(found, JobList)
    assert [job.title for job in found.jobs] == ["Herons"]
    found = await list_jobs(ListJobs(state="failed"), turn)
    assert isinstance(found, JobList)
    assert found.in_words() == "There are no such jobs."


async def test_all_jobs_are_cancelled_however_many_there_are_and_counted(turn: Turn) -> None:
    jobs = [await queue(turn, f"Heron {n}", *(("video.make", "video") if n % 2 else ())) for n in range(24)]
    await shown(pause_job, NameJob(job=jobs[0].id), turn)
    async with turn.open_work() as work:
        for job, state in zip(jobs[1:4], ("running", "running", "done"), strict=True):
            (await work.jobs.get(job.id)).state = state
    told = [(await cancel_jobs(ask, turn)).in_words() for ask in (CancelJobs(kind="video"), CancelJobs(), CancelJobs())]  # type: ignore[attr-defined]
    assert told == ["11 jobs were cancelled.", "11 jobs were cancelled.", "No such job waits or runs."]
    async with turn.open_work(reads=True) as work:
        left = await work.jobs.recent("queued", "running", "paused", "done")
    assert {job.id for job in left} == {jobs[0].id, jobs[3].id}


async def test_a_job_is_held_and_goes_on(turn: Turn, woken: list[str]) -> None:
    storks = await queue(turn, "Storks")
    woken.clear()

    held = await shown(pause_job, NameJob(job="last"), turn)
    assert held.in_words() == 'The picture card "Storks" is held.'
    with pytest.raises(Conflict, match="already paused"):
        await pause_job(NameJob(job=storks.id), turn)
    assert woken == []
    assert (await shown(resume_job, NameJob(job="last"), turn)).state == "queued"
    assert woken == [storks.id]
    with pytest.raises(Conflict, match="only a paused one"):
        await resume_job(NameJob(job=storks.id), turn)
    await pause_job(NameJob(job=storks.id), turn)
    assert (await shown(cancel_job, NameJob(job="last"), turn)).state == "cancelled"


async def test_a_job_on_a_model_says_where_it_is_made(turn: Turn) -> None:
    async with turn.open_work() as work:
        job = await work.jobs.queue("picture.make", {}, key="k", makes="picture", title="Nova", model="nova-xl")
    found = await list_jobs(ListJobs(), turn)
    assert found.in_words() == '- The picture "Nova" waits for a device with nova-xl.'  # type: ignore[attr-defined]
    async with turn.open_work() as work:
        job = await work.jobs.get(job.id)
        job.state, job.device, job.progress = "running", "rack/cuda:0", 0.5
    found = await list_jobs(ListJobs(), turn)
    assert found.in_words() == '- The picture "Nova" is being made on cuda:0 with nova-xl: 50%.'  # type: ignore[attr-defined]


async def test_the_last_job_is_cancelled_and_tried_again(turn: Turn, woken: list[str]) -> None:
    await queue(turn, "Herons")
    storks = await queue(turn, "Storks")

    cancelled = await shown(cancel_job, NameJob(job="last"), turn)
    assert (cancelled.id, cancelled.state) == (storks.id, "cancelled")
    assert cancelled.in_words() == 'The picture card "Storks" was cancelled.'
    with pytest.raises(Conflict, match="already cancelled"):
        await cancel_job(NameJob(job=storks.id), turn)

    woken.clear()
    again = await shown(retry_job, NameJob(job="Last"), turn)
    assert (again.id, again.state) == (storks.id, "queued")
    assert woken == [storks.id]
    with pytest.raises(NotFound, match="no failed or cancelled job"):
        await retry_job(NameJob(job="last"), turn)
    with pytest.raises(Conflict, match="queued"):
        await retry_job(NameJob(job=storks.id), turn)


async def test_a_job_that_is_not_there_is_not_found(turn: Turn) -> None:
    for name in ("nothing", "01900000-0000-7000-8000-00000000ffff"):
        with pytest.raises(NotFound):
            await cancel_job(NameJob(job=name), turn)


async def test_a_fan_may_neither_see_nor_stop_jobs(turn: Turn, fan: Principal) -> None:
    from dataclasses import replace

    theirs = replace(turn, principal=fan)
    for capability, ask in ((list_jobs, ListJobs()), (cancel_job, NameJob(job="last")), (list_media, ListMedia())):
        with pytest.raises(Forbidden):
            await capability(ask, theirs)


async def test_media_are_listed_by_kind_and_persona(turn: Turn, fan: Principal) -> None:
    await queue(turn, "Herons")
    async with turn.open_work() as work:
        await work.jobs.queue("voice.speak", {}, key="v", makes="voice", title="Hello", persona_id=fan.persona)

    everything = await list_media(ListMedia(), turn)
    assert isinstance(everything, MediaList)
    assert [item.title for item in everything.items] == ["Hello", "Herons"]
    assert everything.in_words() == '- voice "Hello" of Nova: still being made\n- picture "Herons": still being made'
    pictures = await list_media(ListMedia(kind="picture"), turn)
    assert isinstance(pictures, MediaList)
    assert [item.title for item in pictures.items] == ["Herons"]
    novas = await list_media(ListMedia(persona="nova"), turn)
    assert isinstance(novas, MediaList)
    assert [(item.kind, item.persona) for item in novas.items] == [("voice", "Nova")]
    with pytest.raises(NotFound, match="Nobody"):
        await list_media(ListMedia(persona="Nobody"), turn)


async def test_files_are_listed_apart_and_below_the_media(turn: Turn) -> None:
    await queue(turn, "Herons")
    async with turn.open_work() as work:
        await work.assets.take(new_id(), kind="document", title="What Nova knows", sha256="0" * 64, size_bytes=1)

    found = await list_media(ListMedia(), turn)

    assert isinstance(found, MediaList)
    assert [one.title for one in found.items] == ["Herons"]
    assert found.in_words().splitlines()[1:] == [
        "Files, which are no media:",
        '- document "What Nova knows": ready',
    ]


async def test_a_job_is_not_tried_again_where_its_media_would_find_no_room(turn: Turn) -> None:
    async with turn.open_work() as work:
        job = await work.jobs.queue("picture.card", {}, key="one", makes="picture", title="")
        await work.jobs.cancel(job.id)
        await work.assets.take(new_id(), kind="picture", sha256="0" * 64, size_bytes=9)
    full = replace(turn, settings=turn.settings.model_copy(update={"media_quota_files": 1}))
    with pytest.raises(Refused, match="no room left"):
        await retry_job(NameJob(job=job.id), full)
    assert (await shown(retry_job, NameJob(job=job.id), turn)).state == "queued"


async def test_what_a_provider_is_asked_for_again_counts_again(turn: Turn) -> None:
    told = {
        "image_model": "openai:x",
        "openai_api_key": SecretStr("key"),
        "image_price_usd": 0.04,
        "daily_budget_usd": 0.1,
    }
    paid = replace(turn, settings=turn.settings.model_copy(update=told))
    queued = await make_picture(MakePictureAsk(prompt="a heron"), paid)
    assert isinstance(queued, MediaQueued)
    for spent in (40_000, 80_000):
        async with turn.open_work() as work:
            assert await work.spending.since_yesterday() == spent
            await work.jobs.claim(queued.job, "worker", timedelta(minutes=1))
            await work.jobs.cancel(queued.job)
        if spent == 40_000:
            await retry_job(NameJob(job=queued.job), paid)
    with pytest.raises(Unavailable, match="budget"):
        await retry_job(NameJob(job=queued.job), paid)
