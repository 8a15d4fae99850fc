"""How does media get to a chat on a platform when it is ready? Once for each job asked for there: with the reply that tells
of the job where it is ready by then, else in a message of its own.

Watchers of our own clients see the job's progress instead (`bots.job_watch`).
"""

from bots.delivery import Delivery
from bots.words import retold, say
from gator.principal import service
from memory.models import Conversation, Job
from memory.store import Store
from memory.work import Work


async def hand_over(store: Store, delivery: Delivery, workspace: str) -> None:
    """Tell the chats on platforms which this process serves of the jobs that ended lately."""
    who = service(workspace, "jobs")
    async with store.open_work(who, reads=True) as work:
        ended = [job for job in await work.jobs.asked_for_lately() if job.state in ("done", "failed")]
        due = [job for job in ended if await _is_due(work, delivery, job)]
    for job in due:
        async with store.open_work(who) as work:
            told = await _tell(work, delivery, job)
        if told:
            delivery.poke(workspace, told.id)


async def _is_due(work: Work, delivery: Delivery, job: Job) -> bool:
    conversation = await work.conversations.get(str(job.conversation_id))
    channel = delivery.channel(conversation.channel)
    serves = channel is not None and not channel.reads_rows and channel.holds(conversation.account)
    return serves and not await _is_told(work, job)


async def _is_told(work: Work, job: Job) -> bool:
    if await work.outbox.has(_key(job)):
        return True
    return bool(job.asset_id) and await work.outbox.carries(str(job.conversation_id), str(job.asset_id), job.id)


async def _tell(work: Work, delivery: Delivery, job: Job) -> Conversation | None:
    """Held, so that the reply is not written at the same time; None when it was written meanwhile and has the file."""
    conversation = await work.conversations.hold(str(job.conversation_id))
    if await _is_told(work, job):
        return None
    asset = await work.assets.get(job.asset_id) if job.asset_id else None
    done = job.state == "done" and asset is not None
    title = asset.title if asset else job.kind
    text = title if done else _not_made(title, job.error, conversation.language)
    assets = [asset.id] if done and asset else []
    message = await work.conversations.say(conversation.id, "gator", text, assets=assets, meta={"job": job.id})
    await delivery.write(work, conversation, message, _key(job), speaker="code")
    return conversation


def _not_made(title: str, error: str, language: str) -> str:
    why = retold(error, language)
    return say("not_made_why" if why else "not_made", language, title=title, **({"why": why} if why else {}))


def _key(job: Job) -> str:
    return f"job:{job.id}"
