"""How does a command ask the REST API? Of the running Gator of this home, or, without one, of one inside this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn, cast

from gator.cli.program import load_settings, open_store, owner, running
from gator.errors import Conflict, Forbidden, GatorError, NotFound, Refused, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from agents.brain import Brain
    from gator.settings import Settings

ENDING = 4  # characters of an id's end that name something
_ERRORS: dict[int, type[GatorError]] = {403: Forbidden, 404: NotFound, 409: Conflict, 503: Unavailable}


@asynccontextmanager
async def client(name: str, *, thinks: bool = False) -> AsyncIterator["httpx.AsyncClient"]:
    """The API on the owner's behalf, by a session of that name that ends with the block.

    Without a running Gator a persona can be asked there only with `thinks`.
    """
    from api.tokens import open_session
    from gator import log

    log.configure("error")
    settings = load_settings()
    store = open_store(settings)
    try:
        who = await owner(store)
        async with store.open_work(who) as work:
            session = await open_session(work, settings.secret, who, name=name)
        try:
            async with _reached(settings, store, thinks) as reached:
                reached.headers["Authorization"] = f"Bearer {session.access}"
                yield reached
        finally:
            async with store.open_work(who) as work:
                await work.people.revoke_token(session.id)
    finally:
        await store.close()


async def asked(
    client: "httpx.AsyncClient", method: str, path: str, body: dict[str, Any] | None = None, **params: Any
) -> Any:
    """The answer, None for one without a body. Raises what the API says went wrong."""
    answer = await _answered(client, method, path, body, params)
    return answer.json() if answer.content else None


async def sent(client: "httpx.AsyncClient", path: str, file: "Path", form: dict[str, str]) -> Any:
    """What the API says of a file that it was sent as the field `file`. Raises what it says went wrong."""
    return (
        await _answered(client, "POST", path, None, {}, data=form, files={"file": (file.name, file.read_bytes())})
    ).json()


async def fetched(client: "httpx.AsyncClient", path: str, **params: Any) -> bytes:
    """A file. Raises what the API says went wrong."""
    return (await _answered(client, "GET", path, None, params)).content


def the_one(ending: str, ids: list[str], what: str, remedy: str) -> str:
    """The only one of these ids that ends so. Raises NotFound."""
    found = [id for id in ids if id == ending or (len(ending) >= ENDING and id.endswith(ending))]
    if len(found) != 1:
        raise NotFound(f"There is no one {what} that ends with {ending!r}.", remedy=remedy)
    return found[0]


def seen(text: str) -> str:
    """A stranger's words for a terminal: nothing in them moves its cursor or turns its direction."""
    from tools.unseen import with_unseen_shown

    return with_unseen_shown(text)


async def _answered(
    client: "httpx.AsyncClient",
    method: str,
    path: str,
    body: dict[str, Any] | None,
    params: dict[str, Any],
    **more: Any,
) -> "httpx.Response":
    import httpx

    try:
        answer = await client.request(method, path, params=params, json=body, **more)
    except httpx.HTTPError as lost:
        raise Unavailable("The running Gator does not answer.", remedy="Look at it, or start it again.") from lost
    if answer.is_success:
        return answer
    problem = answer.json()
    said = "; ".join(_wrong_field(one) for one in problem.get("errors", ())) or problem["detail"]
    raise _ERRORS.get(answer.status_code, Refused)(said, remedy=problem.get("remedy", ""))


def _wrong_field(error: dict[str, str]) -> str:
    """A field of a request that does not do, with the reason: `scene: must be less than or equal to 60.`"""
    name = error["at"].rpartition(".")[2].replace("_", " ")
    return f"{name}: {error['why'].removeprefix('Value error, ').replace('Input should be', 'must be', 1)}."


@asynccontextmanager
async def _reached(settings: "Settings", store: Any, thinks: bool) -> AsyncIterator["httpx.AsyncClient"]:
    import httpx

    if there := running(settings):
        async with httpx.AsyncClient(base_url=there.url, timeout=60, trust_env=False) as client:
            yield client
        return
    from api.app import create_app
    from bots.core import Core
    from bots.hub import Hub
    from bots.web_channel import WebChannel

    async with _brain(settings, store) if thinks else nullcontext(_Absent(settings)) as brain:
        hub = Hub()
        core = Core(settings, store, cast("Brain", brain), hub, [WebChannel(hub)])
        core.desk.wake = lambda _workspace, _conversation: None  # this process ends before an answer would be there
        try:
            inside = httpx.ASGITransport(app=create_app(core))
            async with httpx.AsyncClient(transport=inside, base_url="http://gator") as client:
                yield client
        finally:
            await core.stop()


@asynccontextmanager
async def _brain(settings: "Settings", store: Any) -> AsyncIterator["Brain"]:
    from agents.brain import Brain
    from agents.checkpoints import open_saver

    async with open_saver(settings) as saver:
        yield Brain(settings, store, saver)


class _Absent:
    """In the brain's place for a command that has nobody think: a brain takes a second to load."""

    archive = None

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings

    async def forget(self, turn_id: str) -> None:
        """See Brain.forget."""
        from agents.checkpoints import open_saver

        async with open_saver(self._settings) as saver:
            await saver.adelete_thread(turn_id)

    def __getattr__(self, name: str) -> NoReturn:
        raise Unavailable("Nobody thinks in this command.", remedy="Start Gator, and try again: gator up.")
