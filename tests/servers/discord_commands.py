"""Which slash commands does Discord take? https://discord.com/developers/docs/interactions/application-commands"""

import re
from typing import Any

from tests.servers.discord_world import No

NAME = re.compile(r"^[-_'\w]{1,32}$")


def checked_commands(commands: Any) -> list[dict[str, Any]]:
    """The commands. Raises No as the real one does for a form it does not take."""
    if not isinstance(commands, list) or len(commands) > 100:
        raise _bad("commands")
    names = [one["name"] for one in commands]
    if len(set(names)) != len(names):
        raise _bad("names")
    for one in commands:
        _check_command(one)
    return commands


def _check_command(command: dict[str, Any]) -> None:
    _check_words(command)
    options = command.get("options", [])
    if len(options) > 25:
        raise _bad("options")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        raise _bad("required options come first")
    for option in options:
        _check_option(option)
    length = sum(len(one["name"]) + len(one["description"]) for one in [command, *options])
    length += sum(len(str(choice["name"])) for option in options for choice in option.get("choices", []))
    if length > 8000:
        raise _bad("length")


def _check_option(option: dict[str, Any]) -> None:
    _check_words(option)
    choices = option.get("choices", [])
    if option["type"] not in (3, 4, 5, 10) or len(choices) > 25 or (choices and option.get("autocomplete")):
        raise _bad(f"option {option['name']}")


def _check_words(one: dict[str, Any]) -> None:
    if not NAME.match(one["name"]) or one["name"] != one["name"].lower() or not 1 <= len(one["description"]) <= 100:
        raise _bad(one["name"])


def _bad(what: str) -> No:
    return No(400, 50035, f"Invalid Form Body: {what}")
