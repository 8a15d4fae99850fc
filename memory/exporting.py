"""What does a fan take along? All that is kept of them with one persona: as JSON for programs, as a page of HTML to read."""

from datetime import datetime
from html import escape
from typing import Any

import orjson
from sqlalchemy import select

from gator.clock import now
from memory import erasing_files
from memory.linking import one_person
from memory.models import Asset, Conversation, Erasure, Message, Persona
from memory.rights import known
from memory.vault import VaultKey, open_vault
from memory.work import Work

FORMAT = "gator-memory-1"
_FACT = ("kind", "subject", "value", "quote", "source", "doubt", "uses")


async def export(work: Work, key: VaultKey) -> dict[str, Any]:
    """All of it: what is known, what was said, files (what they are, not their bytes), choices and receipts."""
    all_known = await known(work, key, episodes=None)
    fans = await one_person(work, key.fan)
    rooms = list(await work.session.scalars(select(Conversation).where(Conversation.id.in_(key.conversations()))))
    files = await erasing_files.of_fan(work, key, [fan.id for fan in fans], [room.id for room in rooms])
    own = await open_vault(work, key, model="").telling.own_words()
    facts = [*all_known.facts, *all_known.ended, *all_known.doubted]
    return {
        "format": FORMAT,
        "made_at": now(),
        "persona": {"id": key.persona, "name": await _name(work, key)},
        "you": [{"channel": one.channel, "id": one.external_id, "name": one.display_name} for one in fans],
        "memory_off_since": all_known.off_at,
        "facts": [
            {**{name: getattr(one, name) for name in _FACT}, "since": one.at, "until": one.until} for one in facts
        ],
        "episodes": [{"from": one.began_at, "to": one.ended_at, "text": one.text} for one in all_known.episodes],
        "said_by_persona_of_herself": [{"at": one.at, "quote": one.quote} for one in own],
        "summaries": [room.summary for room in rooms if room.summary],
        "messages": await _messages(work, key, rooms),
        "files": [_file(one) for one in files if one.state != "removed"],
        "forgotten": await _forgotten(work, key, [fan.id for fan in fans]),
    }


async def _name(work: Work, key: VaultKey) -> str:
    """What the persona is called, or was: what is kept of a fan is theirs to have when she is removed, too."""
    mine = Persona.workspace == key.workspace, Persona.id == key.persona
    return str(await work.session.scalar(select(Persona.name).where(*mine)) or "")


def as_json(data: dict[str, Any]) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2)


def as_html(data: dict[str, Any], words: dict[str, str]) -> bytes:
    """A page that needs nothing else. `words` are its headings: title, facts, episodes, messages, files, forgotten."""
    parts = [
        _list(words["facts"], [_fact(one) for one in data["facts"]]),
        _list(words["episodes"], [f"{_day(one['from'])}: {one['text']}" for one in data["episodes"]]),
        _list(
            words["files"], [f"{_day(one['at'])}: {one['kind']} {one['title']} {one['says']}" for one in data["files"]]
        ),
        _list(
            words["messages"],
            [f"{_minute(one['at'])} {one['author']} ({one['channel']}): {one['text']}" for one in data["messages"]],
        ),
        _list(words["forgotten"], [f"{_day(one['at'])}: {one['scope']} {one['receipt']}" for one in data["forgotten"]]),
    ]
    title = escape(f"{words['title']} {data['persona']['name']}, {_day(data['made_at'])}")
    return _PAGE.format(title=title, body="\n".join(filter(None, parts))).encode()


_PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }}
li {{ white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0 }}</style></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""


def _list(title: str, lines: list[str]) -> str:
    items = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{escape(title)}</h2>\n<ul>\n{items}\n</ul>" if lines else ""


def _fact(one: dict[str, Any]) -> str:
    whose = f" ({one['subject']})" if one["subject"] else ""
    until = f" – {_day(one['until'])}" if one["until"] else ""
    return f"{one['kind']}{whose}: {one['value']} ({_day(one['since'])}{until}) “{one['quote']}”"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


async def _messages(work: Work, key: VaultKey, rooms: list[Conversation]) -> list[dict[str, Any]]:
    """Every message of theirs, over all channels, oldest first; not what code told them of their memory."""
    channels = {room.id: room.channel for room in rooms}
    query = select(Message).where(Message.conversation_id.in_(key.conversations())).order_by(Message.id)
    return [
        {"at": one.created_at, "channel": channels[one.conversation_id], "author": one.author, "text": one.text,
         "files": one.assets}
        for one in await work.session.scalars(query)
        if not one.meta.get("memory") and not one.meta.get("deleted")
    ]  # fmt: skip


def _file(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id, "at": asset.created_at, "kind": asset.kind, "mime": asset.mime, "title": asset.title,
        "size_bytes": asset.size_bytes, "sha256": asset.sha256, "says": asset.alt_text,
    }  # fmt: skip


async def _forgotten(work: Work, key: VaultKey, fans: list[str]) -> list[dict[str, Any]]:
    mine = Erasure.workspace == key.workspace, Erasure.persona_id == key.persona, Erasure.fan_id.in_(fans)
    rows = await work.session.scalars(select(Erasure).where(*mine, Erasure.receipt != "").order_by(Erasure.id))
    return [{"at": row.created_at, "scope": row.scope, "receipt": row.receipt} for row in rows]
