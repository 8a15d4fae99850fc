"""Personas and their versions."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import IntegrityError

from gator.clock import now
from gator.errors import Conflict, NotFound, Refused
from memory.models import Conversation, Persona, PersonaVersion, Post
from memory.prepared import Prepared
from memory.repositories.base import Repository, table_of

_P = table_of(Persona)
_NAME = Prepared(select(_P.c.name).where(_P.c.workspace == bindparam("mine"), _P.c.id == bindparam("which")))


@dataclass(frozen=True, slots=True)
class Holdings:
    """What hangs on a persona, in numbers."""

    fans: int
    conversations: int
    planned: int  # posts
    published: int


class Personas(Repository):
    async def all(self) -> list[Persona]:
        query = self._mine(Persona).where(Persona.deleted_at.is_(None)).order_by(Persona.name)
        return list(await self._session.scalars(query))

    async def get(self, id: str, *, removed: bool = False) -> Persona:
        """The persona of that id; with `removed` also one that was removed. Raises NotFound."""
        found = await self._get(Persona, id, "persona")
        if found.deleted_at and not removed:
            raise NotFound(f"There is no persona {id}.")
        return found

    async def name_of(self, id: str) -> str:
        """What the persona is or was called. Raises NotFound for one that never was."""
        row = await _NAME.first(self._session, {"mine": self._workspace, "which": id})
        if row is None:
            raise NotFound(f"There is no persona {id}.")
        return str(row[0])

    async def named(self, name: str) -> Persona:
        """The persona of that name or slug, in any case. Raises NotFound, naming those there are; Refused when two share it."""
        wanted = name.strip().casefold()
        there = await self.all()
        exact = [one for one in there if one.slug == wanted]
        found = exact or [one for one in there if one.name.casefold() == wanted]
        found = found or [one for one in there if wanted and one.name.casefold().split()[0] == wanted]
        if len(found) > 1:
            slugs = ", ".join(one.slug for one in found)
            raise Refused(f"More than one persona is called {name}.", remedy=f"Say which: {slugs}.")
        if not found:
            known = ", ".join(one.name for one in there) or "none yet"
            raise NotFound(f"There is no persona called {name}.", remedy=f"There are: {known}.")
        return found[0]

    async def by_slug(self, slug: str) -> Persona | None:
        query = self._mine(Persona).where(Persona.slug == slug, Persona.deleted_at.is_(None))
        return await self._session.scalar(query)

    async def by_key(self, key: str) -> Persona | None:
        return await self._session.scalar(self._mine(Persona).where(Persona.key == key))

    async def free_slug(self, wanted: str, reserved: Collection[str] = ()) -> str:
        """`wanted`, or the first of wanted-2, wanted-3, … that no persona has or had."""
        query = (
            self._mine(Persona).where(Persona.slug.startswith(wanted, autoescape=True)).with_only_columns(Persona.slug)
        )
        taken = {*reserved, *await self._session.scalars(query)}
        candidates = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
        return next(slug for slug in candidates if slug not in taken)

    async def lock(self, persona: Persona) -> None:
        """Let nobody else change the persona until this work is done, and see it as it is now."""
        await self._session.refresh(persona, with_for_update={"key_share": True})  # conversations go on meanwhile

    async def keyed_version(self, key: str) -> tuple[Persona, PersonaVersion] | None:
        """The version that was made under that idempotency key, and its persona (removed ones too)."""
        version = await self._session.scalar(self._mine(PersonaVersion).where(PersonaVersion.key == key))
        return (await self._get(Persona, version.persona_id, "persona"), version) if version else None

    async def create(
        self,
        slug: str,
        name: str,
        character: dict[str, Any],
        *,
        author: str,
        key: str | None = None,
        card: dict[str, Any] | None = None,
        portrait: bytes | None = None,
        card_file: bytes | None = None,
        note: str = "made",
    ) -> Persona:
        """Make the persona and its version 1; the same `key` again gives the one made before. Raises Conflict on the slug."""
        if key and (made := await self.by_key(key)):
            return made
        taken = await self._session.scalar(self._mine(Persona).where(Persona.slug == slug))
        if taken:
            gone = " (it was removed)" if taken.deleted_at else ""
            raise Conflict(f"There is already a persona '{slug}'{gone}.", remedy="Choose another name.")
        persona = Persona(
            workspace=self._workspace,
            slug=slug,
            name=name,
            character=character,
            card=card,
            portrait=portrait,
            card_file=card_file,
            key=key,
        )
        try:
            await self._add(persona)
        except IntegrityError as faster:  # PostgreSQL: two at once, and the other was faster
            raise Conflict(f"There is already a persona '{slug}'.", remedy="Ask again to see it.") from faster
        await self._keep_version(persona, author, note)
        return persona

    async def change(
        self, persona: Persona, character: dict[str, Any], *, author: str, note: str, key: str | None = None
    ) -> Persona:
        """Make `character` the persona's next version."""
        persona.version += 1
        persona.character = character
        persona.name = character["name"]
        await self._session.flush()
        await self._keep_version(persona, author, note, key)
        return persona

    async def _keep_version(self, persona: Persona, author: str, note: str, key: str | None = None) -> None:
        await self._add(
            PersonaVersion(
                workspace=self._workspace,
                persona_id=persona.id,
                version=persona.version,
                character=persona.character,
                author=author,
                note=note,
                key=key,
            )
        )

    async def versions(self, persona: Persona) -> list[PersonaVersion]:
        query = self._mine(PersonaVersion).where(PersonaVersion.persona_id == persona.id)
        return list(await self._session.scalars(query.order_by(PersonaVersion.version)))

    async def version(self, persona: Persona, number: int) -> PersonaVersion:
        query = self._mine(PersonaVersion).where(
            PersonaVersion.persona_id == persona.id, PersonaVersion.version == number
        )
        found = await self._session.scalar(query)
        if found is None:
            raise NotFound(f"{persona.name} has no version {number}.", remedy=f"The newest is {persona.version}.")
        return found

    async def remove(self, persona: Persona, *, author: str, key: str | None = None) -> None:
        """Hide the persona; its rows stay until the workspace's retention ends."""
        persona.deleted_at = now()
        await self.change(persona, persona.character, author=author, note="removed", key=key)

    async def holdings(self, persona: Persona) -> Holdings:
        """Who talks with the persona, and what it posts."""
        talks = self._mine(Conversation).where(Conversation.persona_id == persona.id)
        counts = talks.with_only_columns(func.count(Conversation.fan_id.distinct()), func.count())
        fans, conversations = (await self._session.execute(counts)).one()
        posts = self._mine(Post).where(Post.persona_id == persona.id).group_by(Post.state)
        rows = await self._session.execute(posts.with_only_columns(Post.state, func.count()))
        by_state = {row[0]: row[1] for row in rows}
        return Holdings(fans, conversations, by_state.get("scheduled", 0), by_state.get("published", 0))

    async def pause(self, persona: Persona, *, paused: bool) -> None:
        """Let the persona rest, or wake it up."""
        persona.paused_at = (persona.paused_at or now()) if paused else None
        await self._session.flush()

    async def files(self, persona: Persona) -> tuple[bytes | None, bytes | None]:
        """(portrait, card_file), which are not loaded with the persona."""
        await self._session.refresh(persona, ["portrait", "card_file"])
        return persona.portrait, persona.card_file

    async def ever(self) -> bool:
        """Whether the workspace has a persona or had one that was removed."""
        return await self._session.scalar(self._mine(Persona).with_only_columns(Persona.id).limit(1)) is not None

    async def portrayed(self) -> set[str]:
        """Ids of the personas that have a portrait."""
        query = self._mine(Persona).where(Persona.portrait.is_not(None)).with_only_columns(Persona.id)
        return set(await self._session.scalars(query))

    async def count(self) -> int:
        query = self._mine(Persona).where(Persona.deleted_at.is_(None)).with_only_columns(func.count())
        return (await self._session.scalar(query)) or 0
