"""What does one person get of what another one sent? The words and the files, without the marks that stand for these to a model.

An operator and the fan whose conversation they took over talk through this, both ways (`bots.switchboard`, `bots.desk`).
"""

from dataclasses import dataclass, field

from memory.attached import Taken, mark
from memory.models import Message


@dataclass(frozen=True, slots=True)
class Passed:
    """What was written, with the emoji of a sticker; the files; what was said in voice notes; what could not be taken."""

    text: str
    assets: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)  # for whoever may read what was spoken
    lost: list[Taken] = field(default_factory=list)

    @property
    def for_operators(self) -> str:
        """The words with those that were spoken, and with what was lost on the way."""
        return "\n".join([*filter(None, [self.text]), *self.heard, *map(mark, self.lost)])


def passed_on(message: Message) -> Passed:
    """What of the message goes on to a person; nothing of one that its author took back."""
    if message.meta.get("deleted"):
        return Passed("")
    taken = [Taken.from_data(one) for one in message.meta.get("attached", [])]
    stickers = [one.said for one in taken if one.kind == "sticker" and one.said]
    wrote = str(message.meta.get("wrote", message.text))
    return Passed(
        "\n".join(filter(None, [wrote, *stickers])),
        list(message.assets),
        [mark(one) for one in taken if one.kind in ("voice", "audio") and one.said],
        [one for one in taken if one.asset is None and one.problem],
    )
