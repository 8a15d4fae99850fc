"""Which characters can be kept at all? What people send, in every channel, without those that no database takes.

PostgreSQL refuses U+0000, and no text with a lone surrogate can be written as UTF-8; other controls are of no use in a chat.
How a text reads is not touched: what hides in it is `tools.unseen`'s business.
"""

import re
from typing import Any

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(text: str) -> str:
    """The text without controls but tabs and ends of lines; halves of a surrogate pair become U+FFFD."""
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Two halves that stand side by side are one character again.
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_data(data: Any) -> Any:
    """As `clean`, for all texts in a document of JSON."""
    if isinstance(data, str):
        return clean(data)
    if isinstance(data, list):
        return [clean_data(one) for one in data]
    if isinstance(data, dict):
        return {name: clean_data(one) for name, one in data.items()}
    return data
