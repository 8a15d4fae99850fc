"""How do approvals hang under a message as buttons?"""

from collections.abc import Sequence
from typing import Any

from bots.channel import Button

_ROW, _BUTTON = 1, 2  # https://discord.com/developers/docs/components/reference
_STYLES = {"approve": 3, "reject": 4, "edit": 2, "regenerate": 2}  # green, red, grey
_MOST_IN_A_ROW = 5
EDIT = "edit:"  # such a press opens a form at once, before anybody is asked what it stands for


def rows(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """The buttons as Discord draws them. `custom_id` is the press."""
    drawn = [
        {"type": _BUTTON, "style": _STYLES[one.verb], "label": one.label[:80], "custom_id": _custom_id(one)}
        for one in buttons
    ]
    return [{"type": _ROW, "components": drawn[n : n + _MOST_IN_A_ROW]} for n in range(0, len(drawn), _MOST_IN_A_ROW)]


def _custom_id(button: Button) -> str:
    return f"{EDIT}{button.press}" if button.verb == "edit" else button.press


def spent(components: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, to be looked at only."""
    return [
        {**row, "components": [{**one, "disabled": True} for one in row.get("components") or []]} for row in components
    ]
