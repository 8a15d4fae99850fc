"""Which sittings fit a question? Meaning and words, then age, weight and use, in one read of the newest ones of a vault.

A turn asks this once: without episodes it is one statement that gives nothing. What a search keeps between turns are
hashes of words by episode, never a text.
"""

import math
import zlib
from collections import Counter, OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from memory.episodes import EpisodeLine
from memory.fading import HALF_LIFE_DAYS, weighed
from memory.models import Episode
from memory.packing import unpacked
from memory.prepared import Prepared
from memory.recall.words import terms
from memory.repositories.base import table_of
from memory.vault.key import VaultKey, of_key

if TYPE_CHECKING:
    from memory.minilm import Floats

NEWEST = 400  # episodes that are searched: a year of daily talk
LEXICAL = 0.4  # what a perfect match of words adds to a cosine, as for what was said
IN_TIME = 0.5  # what it adds to have been in the time that the question names
FLOOR = 0.3  # below this a fit is noise
AT_ONCE = 8  # texts that one statement reads
KEPT_WORDS = 4_096  # episodes whose words are kept


@dataclass(frozen=True, slots=True)
class EpisodeFound:
    """A sitting as it is told. `score` is how well it fits what it was recalled for."""

    id: str
    conversation_id: str
    began_at: datetime
    ended_at: datetime
    lines: tuple[EpisodeLine, ...]
    importance: float
    uses: int
    made_by: str
    score: float = 0.0

    @property
    def tokens(self) -> int:
        return sum(len(line.text) for line in self.lines) // 4 + 8


_E = table_of(Episode)
_SHOWN = ("id", "conversation_id", "began_at", "ended_at", "lines", "importance", "uses", "made_by")
_NEWEST = Prepared(
    select(_E.c.id, _E.c.began_at, _E.c.ended_at, _E.c.importance, _E.c.uses, _E.c.model, _E.c.vector)
    .where(of_key(Episode), _E.c.importance > 0)
    .order_by(_E.c.id.desc())
    .limit(NEWEST)
)
_TEXTS = Prepared(
    select(*(_E.c[name] for name in _SHOWN)).where(
        of_key(Episode), _E.c.id.in_([bindparam(f"hit{n}") for n in range(AT_ONCE)])
    )
)
_RECENT = Prepared(
    select(*(_E.c[name] for name in _SHOWN))
    .where(of_key(Episode), _E.c.importance > 0)
    .order_by(_E.c.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An episode without its text."""

    id: str
    began_at: datetime
    ended_at: datetime
    importance: float
    uses: int
    model: str
    vector: bytes

    @property
    def version(self) -> tuple[str, int]:
        """Told anew, it has another vector."""
        return self.id, zlib.crc32(self.vector)


def shown(row: Episode) -> EpisodeFound:
    """The row as it is told."""
    return _shown(tuple(getattr(row, name) for name in _SHOWN))


async def recent(session: AsyncSession, key: VaultKey, limit: int) -> list[EpisodeFound]:
    """The last ones that tell something, newest first."""
    return [_shown(row) for row in await _RECENT.run(session, {**key.bound, "most": limit})]


async def recall(
    session: AsyncSession,
    key: VaultKey,
    model: str,
    query: str,
    vector: "Floats | None",
    *,
    limit: int,
    budget: int,
    half_life_days: float = HALF_LIFE_DAYS,
    when: tuple[datetime, datetime] | None = None,
    with_last: bool = False,
    before: datetime | None = None,
) -> list[EpisodeFound]:
    """The episodes that fit the query, best first, as many as `limit` and a `budget` of tokens hold.

    `when` is the time that the question names; `with_last` puts the last sitting first, whether it fits or not; what
    began later than `before`, where the conversation's window starts, is left out.
    """
    seen = [_Seen(*row) for row in await _NEWEST.run(session, key.bound)]
    seen = [one for one in seen if before is None or one.began_at < before]
    if not seen:
        return []
    fits = _meaning(seen, model, vector)
    for id, share in (await _words(session, key, seen, query)).items():
        fits[id] = fits.get(id, 0.0) + LEXICAL * share
    at = now()
    scores = {}
    for one in seen:
        in_time = IN_TIME if when and one.began_at < when[1] and one.ended_at >= when[0] else 0.0
        fit = fits.get(one.id, 0.0) + in_time
        if fit >= FLOOR:
            scores[one.id] = weighed(fit, one.ended_at, at, half_life_days, one.importance, one.uses)
    best = sorted(scores, key=lambda id: -scores[id])[:limit]
    if with_last:
        best = [seen[0].id, *(id for id in best if id != seen[0].id)][:limit]
    texts = await _texts(session, key, best)
    return _within([replace(texts[id], score=round(scores.get(id, 0.0), 4)) for id in best if id in texts], budget)


def _within(found: Sequence[EpisodeFound], budget: int) -> list[EpisodeFound]:
    """As many as the budget holds; of the first one at least as many lines."""
    chosen: list[EpisodeFound] = []
    for one in found:
        if one.tokens <= budget:
            chosen.append(one)
            budget -= one.tokens
        elif not chosen:
            while one.lines and one.tokens > budget:
                one = replace(one, lines=one.lines[:-1])
            chosen += [one] if one.lines else []
            budget = 0
    return chosen


def _meaning(seen: Sequence[_Seen], model: str, vector: "Floats | None") -> dict[str, float]:
    """Cosines by id, of those with a vector of this model."""
    if vector is None:
        return {}
    import numpy as np

    asked, found = np.asarray(vector, np.float32), dict[str, float]()
    for ids, rows in unpacked({one.id: one.vector for one in seen if one.model == model}, len(asked)):
        found |= zip(ids, (rows.astype(np.float32) @ asked).tolist(), strict=True)
    return found


async def _words(session: AsyncSession, key: VaultKey, seen: Sequence[_Seen], query: str) -> dict[str, float]:
    """By id, which share of what the question's words weigh stands in the episode; rare words weigh more."""
    asked = _hashed(terms(query))
    if not asked:
        return {}
    await _read_words(session, key, [one for one in seen if one.version not in _KEPT])
    holding = {one.id: asked & _KEPT.get(one.version, frozenset()) for one in seen}
    spread = Counter(word for words in holding.values() for word in words)
    rarity = {word: math.log(1 + (len(seen) - spread[word] + 0.5) / (spread[word] + 0.5)) for word in asked}
    most = sum(rarity.values())
    return {id: sum(rarity[word] for word in words) / most for id, words in holding.items() if words}


_KEPT: "OrderedDict[tuple[str, int], frozenset[int]]" = OrderedDict()


async def _read_words(session: AsyncSession, key: VaultKey, fresh: Sequence[_Seen]) -> None:
    texts = await _texts(session, key, [one.id for one in fresh])
    for one in fresh:
        if one.id in texts:
            _KEPT[one.version] = _hashed(terms(" ".join(line.text for line in texts[one.id].lines)))
    while len(_KEPT) > KEPT_WORDS:
        _KEPT.popitem(last=False)


def _hashed(words: Collection[str]) -> frozenset[int]:
    return frozenset(zlib.crc32(word.encode()) for word in words)


async def _texts(session: AsyncSession, key: VaultKey, ids: Sequence[str]) -> dict[str, EpisodeFound]:
    found: dict[str, EpisodeFound] = {}
    for start in range(0, len(ids), AT_ONCE):
        part = list(ids[start : start + AT_ONCE])
        wanted = {f"hit{n}": id for n, id in enumerate(part + [""] * (AT_ONCE - len(part)))}
        found |= {row[0]: _shown(row) for row in await _TEXTS.run(session, {**key.bound, **wanted})}
    return found


def _shown(row: tuple[Any, ...]) -> EpisodeFound:
    id, conversation, began, ended, lines, importance, uses, made_by = row
    told = tuple(EpisodeLine.from_data(line) for line in lines)
    return EpisodeFound(id, conversation, began, ended, told, importance, uses, made_by)
