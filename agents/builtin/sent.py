"""What came with a message, to software that reads words only? What was written and spoken, and what it must own not to know.

Neighbours: model (takes the marks of `memory.attached` away before anything is read), persona (says so).
"""

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from memory.attached import holds, plain

# What `agents.persona` notes under the fan's words of what they were told before.
_NOTE = re.compile(r"^\[(?:They put [^\n]* under|Your last)[^\n]*\]$", re.MULTILINE)


def in_words(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The messages without the marks for what came with them."""
    return [_in_words(one) if isinstance(one, HumanMessage) else one for one in messages]


def _in_words(message: HumanMessage) -> HumanMessage:
    text = message.text
    return message if "[" not in text else message.model_copy(update={"content": plain(_NOTE.sub("", text))})


def unseen(messages: Sequence[BaseMessage]) -> str:
    """`picture`, `video` or `document` where one came with what is being answered, else nothing."""
    replied = max((n for n, one in enumerate(messages) if isinstance(one, AIMessage)), default=-1)
    texts = [one.text for one in messages[replied + 1 :]]
    return next((kind for kind in ("picture", "video", "document") if any(holds(text, kind) for text in texts)), "")


def only_sent(messages: Sequence[BaseMessage]) -> bool:
    """Whether the newest message has no words at all, only things that came with it."""
    newest = next((one.text for one in reversed(messages) if isinstance(one, HumanMessage)), "")
    return bool(newest.strip()) and not plain(_NOTE.sub("", newest))
