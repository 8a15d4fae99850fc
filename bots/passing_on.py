"""What does one person get of what another one sent? The words and the files, without the marks that stand for these to a model.

An operator and the fan whose conversation they took over talk through this, both ways (`bots.switchboard`, `bots.desk`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bots.words import say
from memory.attached import Taken, mark
from memory.models import Conversation, Message
from memory.work import Work


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


def together(sent: Sequence[Passed]) -> Passed:
    """What came in several messages as if it had come in one."""
    return Passed(
        "\n".join(one.text for one in sent if one.text.strip()),
        [asset for one in sent for asset in one.assets],
        [line for one in sent for line in one.heard],
        [lost for one in sent for lost in one.lost],
    )


def albums(sent: Sequence[Passed]) -> list[range]:
    """Which of these follow each other as one album: files with a caption at most, sent at once as messages of their own."""
    found: list[range] = []
    for at, one in enumerate(sent):
        before = sent[found[-1].start : at] if found else []
        files = one.assets and not one.heard and all(other.assets and not other.heard for other in before)
        captions = sum(bool(other.text.strip()) for other in [*before, one])
        if before and files and captions <= 1:
            found[-1] = range(found[-1].start, at + 1)
        else:
            found.append(range(at, at + 1))
    return found


@dataclass(frozen=True, slots=True)
class ForTheDesk:
    """What a fan sent, as an operator's chat shows it; nothing, once all of it was taken back."""

    title: str  # who that is
    words: str
    text: str  # the words, each message under that name
    assets: list[str]


async def for_the_desk(work: Work, conversation: Conversation, ids: Sequence[str], language: str) -> ForTheDesk:
    """These messages of the fan's, together."""
    title = await title_of(work, conversation, language)
    messages = [await work.conversations.message(id) for id in ids]
    sent = [passed_on(one) for one in messages if not one.meta.get("deleted")]
    text = "\n".join(f"{title}: {one.for_operators}".rstrip() for one in sent)
    words = "\n".join(one.for_operators for one in sent)
    return ForTheDesk(title, words, text, [asset for one in sent for asset in one.assets])


async def title_of(work: Work, conversation: Conversation, language: str) -> str:
    """Who that is, for operators."""
    assert conversation.fan_id is not None
    fan = await work.people.fan(conversation.fan_id)
    persona = await work.personas.name_of(conversation.persona_id) if conversation.persona_id else "Gator"
    return f"{conversation.title or fan.display_name or say('a_fan', language)} ({persona}, {conversation.channel})"
