"""What do the persona capabilities take and give? Field descriptions are what a model reads."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tools.capability import Shape
from tools.personas.character import Voice

_PERSONA = Field(description="The persona's name or slug.")


class CreatePersona(Shape):
    name: str = Field(description="The new persona's name.", min_length=1, max_length=100)
    age: int = Field(25, description="Age in years, 18 to 120. Leave out when nobody said it.")
    description: str = Field("", description="Who the persona is, in a sentence or two.")
    occupation: str = Field("", description="What they do for a living, such as 'marine biologist'.")
    home: str = Field("", description="Where they live, such as 'Lisbon, Portugal'.")
    time_zone: str = Field("", description="IANA time zone of their home, such as Europe/Lisbon.")
    languages: list[str] = Field([], description="Language tags they speak, the main one first: en, pt-BR.")
    interests: list[str] = Field([], description="What they care about, a few words each.")
    traits: list[str] = Field([], description="What they are like, a word or two each: curious, dry-humoured.")
    backstory: str = Field("", description="Their life until now, in prose.")


class ChangePersona(Shape):
    """Leave a field out to keep it as it is."""

    persona: str = _PERSONA
    name: str | None = Field(None, description="New name.", min_length=1, max_length=100)
    age: int | None = Field(None, description="New age in years, 18 to 120.")
    occupation: str | None = Field(None, description="New occupation.")
    home: str | None = Field(None, description="New home, such as 'Porto, Portugal'.")
    time_zone: str | None = Field(None, description="New IANA time zone, such as Europe/Lisbon.")
    backstory: str | None = Field(None, description="New backstory; replaces the old one.")
    greeting: str | None = Field(None, description="New first message to somebody who starts to talk with them.")
    speech_style: str | None = Field(None, description="How they talk, such as 'short sentences, dry jokes'.")
    rating: Literal["general", "mature"] | None = Field(None, description="Whom what they say is fit for.")
    add_interests: list[str] = Field([], description="Interests to add.")
    remove_interests: list[str] = Field([], description="Interests to take away, as the sheet names them.")
    add_traits: list[str] = Field([], description="Traits to add.")
    remove_traits: list[str] = Field([], description="Traits to take away, as the sheet names them.")
    add_languages: list[str] = Field([], description="Language tags to add, such as de or pt-BR.")
    remove_languages: list[str] = Field([], description="Language tags to take away.")
    add_quirks: list[str] = Field([], description="Habits of theirs to add, such as 'hums when nervous'.")
    remove_quirks: list[str] = Field([], description="Habits to take away, as the sheet names them.")
    add_signature_phrases: list[str] = Field([], description="Phrases they like to say.")
    remove_signature_phrases: list[str] = Field([], description="Liked phrases to take away, as the sheet names them.")
    add_forbidden_phrases: list[str] = Field([], description="Phrases they must never say.")
    remove_forbidden_phrases: list[str] = Field([], description="Phrases to forbid no longer, as the sheet names them.")
    add_boundaries: list[str] = Field([], description="Things they do not do or talk about.")
    remove_boundaries: list[str] = Field([], description="Boundaries to take away, as the sheet names them.")
    note: str = Field("", description="Why it is changed; kept with the version.", max_length=500)


class GiveVoice(Shape):
    persona: str = _PERSONA
    voice: Voice = Field(description="What is to change of the voice; what is left out stays.")


class NamePersona(Shape):
    persona: str = _PERSONA


class RollBackPersona(Shape):
    persona: str = _PERSONA
    version: int | None = Field(None, ge=1, description="The version to go back to; leave out for the one before.")


class PersonaShown(Shape):
    id: str
    slug: str
    name: str
    version: int
    summary: str
    changed: list[str]

    def in_words(self) -> str:
        """What changed, or else who the persona is."""
        if self.changed == ["created"]:
            return f"{self.name} is there: {self.summary}"
        if self.changed:
            return f"{self.name} (version {self.version}): {'; '.join(self.changed)}."
        return self.summary


class PersonaLine(Shape):
    id: str
    slug: str
    name: str
    tagline: str
    paused: bool


class PersonaList(Shape):
    personas: list[PersonaLine]

    def in_words(self) -> str:
        """A line for each persona."""
        if not self.personas:
            return "There are no personas yet."
        return "\n".join(
            f"- {one.name} ({one.slug}){': ' + one.tagline if one.tagline else ''}{' [paused]' if one.paused else ''}"
            for one in self.personas
        )


class VersionLine(Shape):
    version: int
    at: datetime
    author: str
    by: str = Field("", description="the author in words: a person's name")
    note: str
    changes: list[str]


class PersonaHistory(Shape):
    name: str
    versions: list[VersionLine]

    def in_words(self) -> str:
        """A line for each version, the newest first."""
        lines = [
            f"- version {one.version}, {one.at:%Y-%m-%d %H:%M} UTC, {one.by or one.author}: "
            f"{'; '.join(one.changes) or one.note or 'no change'}"
            for one in self.versions
        ]
        return "\n".join([f"{self.name} has {len(lines)} version{'s' if len(lines) > 1 else ''}:", *lines[::-1]])
