"""What does a persona know besides itself? A lorebook, as stored; `tools.personas.lore` says which of it a reply needs.

The fields are those of Character Card V2 and V3 (`character_book`) and the extensions that programs commonly add to them.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_ENTRIES = 2000
MAX_TURNS = 10_000  # of a timer; nobody talks that long

Logic = Literal["and_any", "and_all", "not_any", "not_all"]


class LoreEntry(BaseModel):
    """One thing to know, told to the model when one of its keys was mentioned."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field("", max_length=100)  # timers are kept under it
    name: str = Field("", max_length=500)
    comment: str = Field("", max_length=10_000)
    keys: list[str] = Field([], max_length=500)
    secondary_keys: list[str] = Field([], max_length=500)
    selective: bool = False  # the secondary keys count only then
    logic: Logic = "and_any"
    content: str = Field("", max_length=50_000)  # may begin with V3 decorators
    enabled: bool = True
    constant: bool = False
    case_sensitive: bool = False
    whole_words: bool = True
    use_regex: bool = False
    order: float = 100  # lower stands earlier
    priority: float | None = None  # lower is dropped first; without one, `order` decides
    position: Literal["before_char", "after_char"] = "before_char"
    scan_depth: int | None = Field(None, ge=0, le=1000)
    sticky: int = Field(0, ge=0, le=MAX_TURNS)  # turns it stays after a match
    cooldown: int = Field(0, ge=0, le=MAX_TURNS)  # turns it rests afterwards
    delay: int = Field(0, ge=0, le=MAX_TURNS)  # turns a conversation has had before it may match
    exclude_recursion: bool = False  # other entries' content does not wake it
    prevent_recursion: bool = False  # its content wakes no other


class Lorebook(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=500)
    description: str = Field("", max_length=10_000)
    scan_depth: int | None = Field(None, ge=0, le=1000)  # latest messages in which keys are looked for
    token_budget: int | None = Field(None, ge=0, le=1_000_000)
    recursive_scanning: bool = False
    entries: list[LoreEntry] = Field([], max_length=MAX_ENTRIES)

    def model_post_init(self, _context: Any) -> None:
        """Give entries without an id, or with one that is taken, an id of their own: the first number that is free."""
        taken = {entry.id for entry in self.entries if entry.id}
        seen: set[str] = set()
        number = 0
        for entry in self.entries:
            if not entry.id or entry.id in seen:
                while str(number) in taken:
                    number += 1
                entry.id = str(number)
                taken.add(entry.id)
            seen.add(entry.id)
