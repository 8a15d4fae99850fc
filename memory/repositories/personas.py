"""Personas and their versions."""

from typing import Any

from sqlalchemy import func

from gator.clock import now
from gator.errors import Conflict, NotFound, Refused
from memory.models import Persona, PersonaVersion
from memory.repositories.base import Repository


class Personas(Repository):
    async def all(self) -> list[Persona]:
        query = self._mine(Persona).where(Persona.deleted_at.is_(None)).order_by(Persona.name)
        return list(await self._session.scalars(query))

    async def get(self, id: str) -> Persona:
        found = await self._get(Persona, id, "persona")
        if found.deleted_at:
            raise NotFound(f"There is no persona {id}.")
        return found

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
        note: str = "made",
    ) -> Persona:
        """Make the persona and its version 1; the same `key` again gives the one made before. Raises Conflict on the slug."""
        if key and (made := await self.by_key(key)):
            return made
        taken = await self._session.scalar(self._mine(Persona).where(Persona.slug == slug))
        if taken:
            gone = " (it was removed; bring it back or choose another name)" if taken.deleted_at else ""
            raise Conflict(f"There is already a persona '{slug}'{gone}.")
        persona = await self._add(
            Persona(
                workspace=self._workspace,
                slug=slug,
                name=name,
                character=character,
                card=card,
                portrait=portrait,
                key=key,
            )
        )
        await self._keep_version(persona, author, note)
        return persona

    async def change(self, persona: Persona, character: dict[str, Any], *, author: str, note: str) -> Persona:
        """Make `character` the persona's next version."""
        persona.version += 1
        persona.character = character
        persona.name = character["name"]
        await self._session.flush()
        await self._keep_version(persona, author, note)
        return persona

    async def _keep_version(self, persona: Persona, author: str, note: str) -> None:
        await self._add(
            PersonaVersion(
                workspace=self._workspace,
                persona_id=persona.id,
                version=persona.version,
                character=persona.character,
                author=author,
                note=note,
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

    async def remove(self, persona: Persona) -> None:
        """Hide the persona; its rows stay until the workspace's retention ends."""
        persona.deleted_at = now()
        await self._session.flush()

    async def count(self) -> int:
        query = self._mine(Persona).where(Persona.deleted_at.is_(None)).with_only_columns(func.count())
        return (await self._session.scalar(query)) or 0
