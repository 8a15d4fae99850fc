"""Which slash commands does an account have? The commands of every channel, and for Gator's operators one a capability.

Both are generated: a capability that is new has its command, with its fields as options, without a line here.
https://discord.com/developers/docs/interactions/application-commands
"""

import re
from typing import Any

from bots import commands, desk_commands, words
from gator.principal import Kind
from memory.models import Account
from tools.capability import Capability
from tools.catalogue import capabilities_for

TEXT, WHOLE, YES_NO, NUMBER = 3, 4, 5, 10
_TYPES = {"string": TEXT, "integer": WHOLE, "boolean": YES_NO, "number": NUMBER, "array": TEXT}
_GUILD, _BOT_DM = 0, 1
_EVERYWHERE = {"contexts": [_GUILD, _BOT_DM], "integration_types": [0], "type": 1}
_MOST_OPTIONS = _MOST_CHOICES = 25
_LONGEST_NAME, _LONGEST_DESCRIPTION, _LONGEST_TEXT = 32, 100, 6_000
_LONGEST_COMMAND = 7_500  # characters of all its names and descriptions; Discord takes 8,000
_ARGUMENTS = {
    "pair": "code", "link": "code", "language": "language", "human": "reason", "take": "code", "back": "summary", "note": "text",
    "fix": "correction", "forget": "what", "remember": "choice",
}  # fmt: skip
_DO = "do"
_SETTLED = [{"name": one, "value": one} for one in ("retry", "drop")]
_PERSONA = {"type": TEXT, "name": "persona", "description": "persona", "required": True, "autocomplete": True}
_OF_OPERATORS: dict[str, list[dict[str, Any]]] = {
    "pause": [_PERSONA],
    "resume": [_PERSONA],
    "letters": [
        {"type": TEXT, "name": _DO, "description": "retry, drop", "choices": _SETTLED},
        {"type": TEXT, "name": "code", "description": "code", "max_length": 500},
    ],
}  # fmt: skip
# Fields whose values can be offered while somebody types (bots/discord/completing.py).
OFFERED = frozenset(
    {"persona", "feed", "post", "job", "story", "assets", "pictures", "speech", "music", "zone", "time_zone"}
)


def menu(account: Account) -> list[dict[str, Any]]:
    """All commands of the account, as Discord takes them."""
    ours = _channel_commands(account)
    if account.persona_id:
        return ours
    ours = [_of_operators(one) for one in ours]
    taken = {one["name"] for one in ours}
    return ours + [_of_capability(one) for one in capabilities_for(Kind.operator) if one.name not in taken]


def _channel_commands(account: Account) -> list[dict[str, Any]]:
    said = {language: dict(commands.menu(account, language)) for language in words.languages()}
    usual = said[words.USUAL]
    return [
        _channel_command(name, {tag: texts.get(name, usual[name]) for tag, texts in said.items()}) for name in usual
    ]


def _channel_command(name: str, said: dict[str, str]) -> dict[str, Any]:
    others = {tag: _cut(text) for tag, text in said.items() if tag != words.USUAL}
    command: dict[str, Any] = {"name": name, "description": _cut(said[words.USUAL]), **_EVERYWHERE}
    if others:
        command["description_localizations"] = others
    if name in _ARGUMENTS:
        argument = _ARGUMENTS[name]
        command["options"] = [{"type": TEXT, "name": argument, "description": argument, "max_length": 500}]
    return command


def _of_operators(command: dict[str, Any]) -> dict[str, Any]:
    """A command of Gator's account: what operators do about fans is for private chats, and personas are offered by name."""
    name = command["name"]
    private = {"contexts": [_BOT_DM]} if name in desk_commands.ANSWERS else {}
    options = {"options": _OF_OPERATORS[name]} if name in _OF_OPERATORS else {}
    return command | private | options


def argument(options: list[dict[str, Any]]) -> str:
    """What was filled in, as it would have been typed behind the command: what is to be done stands first."""
    ordered = sorted(options, key=lambda one: one["name"] != _DO)
    return " ".join(str(one["value"]) for one in ordered)


def _of_capability(capability: Capability) -> dict[str, Any]:
    """A capability's command; in servers only who administers one sees it, until its settings say otherwise."""
    shape = capability.asks.model_json_schema()
    required = set(shape.get("required", []))
    options = [_option(name, field, name in required) for name, field in shape.get("properties", {}).items()]
    options = sorted(filter(None, options), key=lambda one: not one["required"])[:_MOST_OPTIONS]
    description = _cut(capability.description.split("\n")[0])
    name = capability.name[:_LONGEST_NAME]
    command = {"name": name, "description": description, "default_member_permissions": "0", **_EVERYWHERE}
    return command | {"options": _short_enough(options)}


def _option(name: str, field: dict[str, Any], required: bool) -> dict[str, Any]:
    """A field as an option; {} for one of a kind that no option has."""
    plain: dict[str, Any] = next((one for one in field.get("anyOf", [field]) if one.get("type") != "null"), field)
    if plain.get("type") not in _TYPES:
        return {}
    option: dict[str, Any] = {
        "type": _TYPES[plain["type"]],
        "name": name[:_LONGEST_NAME],
        "description": _cut(field.get("description") or name.replace("_", " ")),
        "required": required,
    }
    choices = plain.get("enum") or []
    if 0 < len(choices) <= _MOST_CHOICES:
        option["choices"] = [{"name": str(one), "value": one} for one in choices]
    elif name in OFFERED:
        option["autocomplete"] = True
    return option | _bounds(option["type"], plain)


def _bounds(type: int, field: dict[str, Any]) -> dict[str, Any]:
    if type == TEXT and field["type"] == "string" and "enum" not in field:
        longest = field.get("maxLength")
        return {"max_length": min(longest, _LONGEST_TEXT)} if longest else {}
    named = {"min_value": field.get("minimum"), "max_value": field.get("maximum")}
    return {key: value for key, value in named.items() if value is not None and type in (WHOLE, NUMBER)}


def _short_enough(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The options without those that would make the command too long; the required ones come first and stay."""
    length, kept = 200, []
    for option in options:
        length += len(option["name"]) + len(option["description"])
        length += sum(2 * len(str(choice["name"])) for choice in option.get("choices", []))
        if length <= _LONGEST_COMMAND:
            kept.append(option)
    return kept


def _cut(text: str) -> str:
    """The first sentence or so: Discord shows a hundred characters."""
    line = re.sub(r"\s+", " ", text).strip() or "…"
    return line if len(line) <= _LONGEST_DESCRIPTION else line[: _LONGEST_DESCRIPTION - 1].rstrip() + "…"
