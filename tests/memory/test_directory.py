"""Is the workspace of a credential, a file or the public pages found, and nothing else?"""

from datetime import timedelta

from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from memory.directory import answers, home_workspace, workspace_of_asset, workspace_of_token
from memory.models import Asset
from memory.store import Store


async def test_before_the_first_start_there_is_no_home(store: Store) -> None:
    assert await home_workspace(store) is None
    assert not await answers(store)


async def test_a_credential_and_a_file_lead_to_their_workspace(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        await work.people.add_token("api", "a secret", operator.subject)
        asset = Asset(workspace=operator.workspace, kind="picture")
        work.session.add(asset)
        await work.session.flush()

    assert await home_workspace(store) == operator.workspace
    assert await workspace_of_token(store, "a secret") == operator.workspace
    assert await workspace_of_token(store, "another") is None
    assert await workspace_of_asset(store, asset.id) == operator.workspace
    assert await workspace_of_asset(store, "../x") is None
    assert await answers(store)


async def test_a_token_lives_until_it_ends_or_is_revoked(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        living = await work.people.add_token("session", "one", operator.subject, lives=timedelta(days=1))
        ended = await work.people.add_token("session", "two", operator.subject, lives=timedelta(seconds=-1))
    async with store.open_work(operator) as work:
        assert await work.people.living_token(living.id)
        assert await work.people.living_token(ended.id) is None
        await work.people.revoke_token(living.id)
    async with store.open_work(operator) as work:
        assert await work.people.living_token(living.id) is None


async def test_a_new_password_revokes_sessions_and_leaves_api_keys(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        session = await work.people.add_token("session", "one", operator.subject)
        key = await work.people.add_token("api", "two", operator.subject)
        await work.people.set_password(await work.people.user(operator.subject), "hash")
    async with store.open_work(operator, reads=True) as work:
        assert await work.people.living_token(session.id) is None
        assert await work.people.living_token(key.id)


async def test_approvals_and_posts_are_listed_newest_first(store: Store, operator: Principal) -> None:
    from memory.models import Post

    async with store.open_work(operator) as work:
        asked = [
            await work.approvals.ask(
                "schedule_post", "publish", {}, "h", summary="s", key=str(number), turn_id=new_id(),
                conversation_id=new_id(), lives=timedelta(minutes=1),
            )
            for number in range(3)
        ]  # fmt: skip
        await work.approvals.decide(asked[0].id, "rejected", "tests")
        persona = await work.personas.create("nova", "Nova", {"name": "Nova"}, author="tests", portrait=b"png")
        await work.personas.create("orla", "Orla", {"name": "Orla"}, author="tests")
        posts = [
            await work.posts.plan(Post(persona_id=persona.id, text="x", due_at=now(), key=str(number)))
            for number in range(3)
        ]
    async with store.open_work(operator, reads=True) as work:
        assert [one.id for one in await work.approvals.recent(state="pending")] == [asked[2].id, asked[1].id]
        assert [one.id for one in await work.posts.recent(limit=2)] == [posts[2].id, posts[1].id]
        assert [one.id for one in await work.posts.recent(before=posts[1].id, state="scheduled")] == [posts[0].id]
        assert await work.personas.portrayed() == {persona.id}
