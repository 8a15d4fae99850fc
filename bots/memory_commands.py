"""What may fans ask of their memory in a chat? /memory, /why, /fix, /forget, /export, /remember; the same on every channel.

Numbers mean the list that was shown last in that chat. What is done is `memory.rights`' and `memory.erasing`'s.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bots.command import Asked, Told
from bots.forgetting import everything, is_yes, key_of, wait_for_yes
from bots.words import catalogue, say
from gator.errors import NotFound, Refused
from gator.ids import new_id
from memory import exporting, rights
from memory.erasing import Scope, erase
from memory.erasing_files import EXPORT
from memory.erasing_talk import ABOUT_MEMORY, last_said
from memory.media_threads import in_media_thread
from memory.models import Conversation
from memory.rights import Used
from memory.vault import FactShown, VaultKey
from memory.vault.telling import EpisodeShown

MOST = 60  # facts that a list in a chat shows; the export has all
QUOTED = 200  # characters of a quote
LISTED = "listed"  # a note of the conversation: what the numbers mean

_THAT = frozenset({"that", "this", "it", "last", "das", "dies", "es"})
_EVERYTHING = frozenset({"everything", "all", "alles"})
_ON, _OFF = frozenset({"on", "an", "ein", "yes", "ja"}), frozenset({"off", "aus", "no", "nein"})
_FORGOT = {"exchange": "forgot_that", "fact": "forgot_fact"}
_GROUPS = {
    "you": ("name", "age", "birthday", "home", "origin", "language"),
    "work": ("job", "employer", "study", "learning"),
    "people": ("partner", "relationship", "family", "pet"),
    "tastes": ("likes", "dislikes", "favourite", "owns", "fear", "dream"),
    "health": ("diet", "allergy", "health"),
    "plans": ("plan", "event"),
}


async def memory(asked: Asked) -> list[Told]:
    """/memory: what is known of the fan, numbered."""
    known = await rights.known(asked.work, _key(asked))
    facts = _grouped(known.facts[-MOST:])
    lines, listed = [say("memory_head", asked.language, name=asked.name)], []
    for group, ones in facts:
        lines.append(say(f"memory_group_{group}", asked.language))
        for one in ones:
            listed.append(["fact", one.id])
            lines.append(f"{len(listed)}. {fact_in_words(one, asked.language)} ({_since(one, asked.language)})")
    if known.episodes:
        lines.append(say("memory_group_episodes", asked.language))
    for episode in known.episodes:
        listed.append(["episode", episode.id])
        lines.append(f"{len(listed)}. {_episode(episode, asked.language)}")
    if not listed:
        lines.append(say("memory_nothing", asked.language))
    if len(known.facts) > MOST:
        lines.append(say("memory_more", asked.language, count=str(len(known.facts) - MOST)))
    lines.append(say("memory_counts", asked.language, count=str(known.messages)))
    lines.append(say("memory_is_off" if known.off_at else "memory_how", asked.language))
    await _remember_list(asked, listed)
    return [_about_memory("\n".join(lines))]


async def why(asked: Asked) -> list[Told]:
    """/why: which memories the last reply in this chat used, numbered."""
    used = await rights.why(asked.work, _key(asked), _room(asked).id)
    if not used:
        return [Told(say("why_nothing", asked.language, name=asked.name))]
    lines = [say("why_head", asked.language, name=asked.name)]
    lines += [f"{n}. {_used(one, asked)}" for n, one in enumerate(used, 1)]
    await _remember_list(asked, [[one.kind, one.id] for one in used])
    return [_about_memory("\n".join(lines))]


async def fix(asked: Asked) -> list[Told]:
    """/fix 3 Lisbon: that fact of the list reads so from now on."""
    number, _, value = asked.argument.partition(" ")
    kind, id = _numbered(asked, number)
    if not id or not value.strip():
        return _say(asked, "fix_how")
    if kind != "fact":
        return _say(asked, "fix_facts_only")
    try:
        fact = await rights.fix(asked.work, _key(asked), id, value)
    except NotFound:
        return _say(asked, "memory_number")
    except Refused:
        return _say(asked, "fix_how")
    return [_about_memory(say("fixed", asked.language, text=fact_in_words(fact, asked.language)))]


async def forget(asked: Asked) -> list[Told]:
    """/forget 3, /forget that, /forget everything; everything asks once."""
    what, _, rest = asked.argument.casefold().partition(" ")
    if what in _EVERYTHING:
        if is_yes(rest):
            erased, told = await everything(asked.work, asked.core.settings, _room(asked), asked.language, asked.name)
            return [Told(told[0], erased=erased), *map(Told, told[1:])]
        await wait_for_yes(asked.work, _room(asked))
        return _say(asked, "forget_sure", name=asked.name)
    if what in _THAT:
        last = await last_said(asked.work, _room(asked).id)
        return await _part(asked, "exchange", last.id) if last else _say(asked, "forget_empty")
    kind, id = _numbered(asked, what)
    if not id:
        return _say(asked, "memory_number" if what.isdigit() else "forget_how")
    scopes: dict[str, Scope] = {"fact": "fact", "episode": "episode", "said": "exchange"}
    return await _part(asked, scopes[kind], id) if kind in scopes else _say(asked, "forget_own", name=asked.name)


async def export(asked: Asked) -> list[Told]:
    """/export: all of it as two files, one for programs and one to read."""
    room, key = _room(asked), _key(asked)
    data = await exporting.export(asked.work, key)
    words = export_words(asked.language)
    made = (("application/json", exporting.as_json(data)), ("text/html", exporting.as_html(data, words)))
    assets = []
    for mime, content in made:
        blob = await in_media_thread(asked.core.blobs.put, content)
        assets.append(id := new_id())
        await asked.work.assets.take(
            id, kind="document", mime=mime, title=f"{words['title']} {asked.name}", sha256=blob.sha256,
            size_bytes=blob.size_bytes, rating="unknown", fan_id=key.fan, persona_id=key.persona,
            provenance={EXPORT: True, "conversation": room.id},
        )  # fmt: skip
    return [Told(say("exported", asked.language), assets, {ABOUT_MEMORY: True})]


async def remember(asked: Asked) -> list[Told]:
    """/remember off, /remember on: whether anything is learned and recalled; without either, how it is."""
    word = asked.argument.casefold().strip(" .!")
    if word in _ON | _OFF:
        await rights.remember(asked.work, _key(asked), word in _ON)
        return _say(asked, "remember_on" if word in _ON else "remember_off", name=asked.name)
    known = await rights.known(asked.work, _key(asked), episodes=1)
    return _say(asked, "remember_is_off" if known.off_at else "remember_is_on", name=asked.name)


ANSWERS = {
    "memory": memory, "why": why, "fix": fix, "forget": forget, "export": export, "remember": remember,
}  # fmt: skip


# Parts


async def _part(asked: Asked, scope: Scope, id: str) -> list[Told]:
    try:
        erased = await erase(asked.work, asked.core.settings.secret, _key(asked), scope, id)
    except NotFound:
        return _say(asked, "memory_number")
    await asked.work.session.refresh(_room(asked))
    done = say(_FORGOT.get(scope, "forgot_part"), asked.language)
    return [Told(f"{done}\n{say('forgot_receipt', asked.language, text=erased.receipt)}", erased=erased)]


def _room(asked: Asked) -> Conversation:
    assert asked.conversation is not None
    return asked.conversation


def _key(asked: Asked) -> VaultKey:
    return key_of(_room(asked))


def _say(asked: Asked, what: str, **slots: str) -> list[Told]:
    return [Told(say(what, asked.language, **slots))]


def _about_memory(text: str) -> Told:
    return Told(text, meta={ABOUT_MEMORY: True})


async def _remember_list(asked: Asked, listed: Sequence[Sequence[str]]) -> None:
    await asked.work.conversations.note(_room(asked).id, **{LISTED: [list(one) for one in listed]})


def _numbered(asked: Asked, number: str) -> tuple[str, str]:
    """What stands under that number of the list shown last: its kind and id, both empty where there is none."""
    listed = _room(asked).notes.get(LISTED) or []
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
    return (listed[at - 1][0], listed[at - 1][1]) if 0 < at <= len(listed) else ("", "")


# In words


def _grouped(facts: Iterable[FactShown]) -> list[tuple[str, list[FactShown]]]:
    groups: dict[str, list[FactShown]] = {name: [] for name in (*_GROUPS, "more")}
    for fact in facts:
        groups[next((name for name, kinds in _GROUPS.items() if fact.kind in kinds), "more")].append(fact)
    return [(name, ones) for name, ones in groups.items() if ones]


def fact_in_words(fact: FactShown, language: str) -> str:
    """The fact as a sentence to the fan; of a kind that has no words, its kind and value."""
    if fact.subject:
        return say("fact_of", language, subject=fact.subject, value=fact.value)
    name = f"fact_{fact.kind}"
    words = name if name in catalogue()["en"] else "fact_other"
    return say(words, language, value=fact.value, kind=fact.kind)


def export_words(language: str) -> dict[str, str]:
    """The headings of an export that is made to be read."""
    texts = catalogue()[language]
    return {name.removeprefix("export_"): text for name, text in texts.items() if name.startswith("export_")}


def _since(fact: FactShown, language: str) -> str:
    return say("memory_since", language, day=_day(fact.at, language))


def _episode(episode: EpisodeShown, language: str) -> str:
    return f"{_day(episode.began_at, language)}: {_cut(episode.text)}"


def _used(one: Used, asked: Asked) -> str:
    day = _day(one.at, asked.language)
    if one.fact:
        return say(
            "why_fact", asked.language, text=fact_in_words(one.fact, asked.language), day=day, quote=_cut(one.quote)
        )
    if one.kind == "episode":
        return f"{day}: {_cut(one.quote)}"
    who = "why_you_said" if one.author == "fan" else "why_she_said"
    return say(who, asked.language, day=day, quote=_cut(one.quote), name=asked.name)


def _day(at: datetime, language: str) -> str:
    return f"{at:%d.%m.%Y}" if language == "de" else f"{at:%Y-%m-%d}"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1].rstrip() + "…"
