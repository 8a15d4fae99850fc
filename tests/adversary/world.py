"""A small world worth stealing: two workspaces, personas, fans with secrets, posts, a feed, an approval that waits."""

from dataclasses import dataclass

from agents.turns import FanTurn
from gator.clock import now
from gator.principal import Kind, Principal, service
from memory.facts import extract
from memory.models import Post, Workspace
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tools.personas.character import Character


@dataclass(frozen=True)
class World:
    fan: Principal
    conversation: str
    other_fan: str
    other_workspace: str
    ids: list[str]
    names: list[str]
    secrets: list[str]  # what other fans said, in this workspace and the other one

    async def fan_turn(self, store: Store) -> FanTurn:
        async with store.open_work(self.fan) as work:
            conversation = await work.conversations.get(self.conversation)
            window = await work.conversations.lines(self.conversation, 20)
            persona = await work.personas.get(self.fan.persona or "")
            known = await work.people.fan(self.fan.subject)
        character = Character.model_validate(persona.character)
        return FanTurn(conversation, persona, known, character, window[-1].text, window, True)


async def _fan(store: Store, owner: Principal, persona: str, name: str, secret: str) -> tuple[Principal, str]:
    async with store.open_work(owner) as work:
        known = await work.people.meet_fan("web", name, name)
        room = await work.conversations.meet("web", "", f"{persona}:{known.id}", persona_id=persona, fan_id=known.id)
        message = await work.conversations.say(room.id, "fan", f"My dog is called {secret}.")
        key = VaultKey(owner.workspace, persona, known.id)
        await open_vault(work, key, "none").facts.learn(extract(message.text), message.id)
    return Principal(owner.workspace, Kind.fan, known.id, persona=persona), room.id


async def make_world(store: Store, operator: Principal) -> World:
    async with store.open_work(operator) as work:
        other = Workspace(slug="other", name="Other")
        work.session.add(other)
        nova = await work.personas.create(
            "nova", "Nova", Character(name="Nova").model_dump(mode="json"), author="tests"
        )
        mira = await work.personas.create(
            "mira", "Mira", Character(name="Mira").model_dump(mode="json"), author="tests"
        )
        feed = await work.feeds.add("https://feeds.example/rss", "News")
        post = await work.posts.plan(Post(persona_id=mira.id, text="Soon.", due_at=now(), key="p"))
        await work.session.flush()
    stranger = service(other.id, "tests")
    async with store.open_work(stranger) as work:
        theirs = await work.personas.create("zoe", "Zoe", Character(name="Zoe").model_dump(mode="json"), author="tests")
    fan, room = await _fan(store, operator, nova.id, "ada", "Biscuit")
    second, _ = await _fan(store, operator, nova.id, "bob", "Xylophon-7431")
    third, _ = await _fan(store, operator, mira.id, "cem", "Quagga-9923")
    fourth, _ = await _fan(store, stranger, theirs.id, "dee", "Zeppelin-5512")
    ids = [
        nova.id,
        mira.id,
        feed.id,
        post.id,
        theirs.id,
        second.subject,
        third.subject,
        fourth.subject,
        room,
        operator.subject,
    ]
    return World(
        fan=fan,
        conversation=room,
        other_fan=second.subject,
        other_workspace=other.id,
        ids=ids,
        names=["Nova", "Mira", "Zoe", "News"],
        secrets=["Xylophon-7431", "Quagga-9923", "Zeppelin-5512"],
    )
