"""Who is {{char}}, and who {{user}}? Names put into the texts of cards, as other programs that share cards do.

Source: Character Card V2 specification, "use of placeholders": {{char}} and <BOT>, {{user}} and <USER>, in any case.
"""

import re

_MACRO = re.compile(r"\{\{\s*(char|user)\s*\}\}|<(bot|user)>", re.IGNORECASE)


def fill(text: str, char: str, user: str) -> str:
    """The text with both names in their places."""

    def name(macro: re.Match[str]) -> str:
        return user if (macro[1] or macro[2]).lower() == "user" else char

    return _MACRO.sub(name, text)
