"""Which post does somebody mean? Its id, `last`, `next`, or words of what it says; never a guess between two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from gator.errors import NotFound, Refused
from gator.ids import is_id
from memory.models import Post
from memory.work import Work
from tools.unseen import cut, without_unseen
from tools.wording import clock_time

_ENOUGH = 75  # of 100: a word misspelt in a short phrase still fits, another post's words do not
_CLEARLY = 8  # how much better than the next one the best must be
_MOST = 500
_FILLERS = {"the", "my", "post", "posts", "one", "about", "scheduled", "that", "with"}


@dataclass(frozen=True, slots=True)
class _Candidate:
    post: Post
    said: str  # what it can be known by
    label: str


async def find_post(work: Work, meant: str, *states: str) -> Post:
    """The post meant, among those in these states; an id names any post.

    Of a series the template comes, not its next occurrence, except for `next`. Raises NotFound when nothing fits, Refused
    when several do.
    """
    meant = without_unseen(meant)
    if is_id(meant.lower()):
        return await work.posts.get(meant.lower())
    posts = await work.posts.calendar(*states, limit=_MOST)
    words = [word for word in meant.casefold().split() if word not in _FILLERS]
    if words == ["next"]:
        due = [post for post in posts if post.state == "scheduled"]
        return due[0] if due else _nothing(meant)
    there = {post.id for post in posts}
    whole = [post for post in posts if post.series_id not in there]  # an occurrence is known by its series, if any
    if words in (["last"], ["latest"], ["newest"]):
        return max(whole, key=lambda post: post.id) if whole else _nothing(meant)
    return _by_words(meant, [await _candidate(work, post) for post in whole])


async def _candidate(work: Work, post: Post) -> _Candidate:
    author = (await work.posts.author(post)).name
    label = f"“{cut(without_unseen(post.text), 50)}” of {author} on {clock_time(post.due_at, post.zone)}"
    return _Candidate(post, f"{post.text} {author} {' '.join(await media_titles(work, post.assets))}", label)


def _by_words(meant: str, candidates: list[_Candidate]) -> Post:
    from rapidfuzz import fuzz
    from rapidfuzz.utils import default_process

    asked = [word for word in default_process(meant).split() if word not in _FILLERS] or default_process(meant).split()

    def fit(one: _Candidate) -> float:
        """How well each word asked for is found among the post's, misspelt or inflected ones too; 0 to 100."""
        there = set(default_process(one.said).split())
        return sum(max((fuzz.ratio(word, other) for other in there), default=0.0) for word in asked) / max(
            len(asked), 1
        )

    scored = sorted(((fit(one), one) for one in candidates), key=lambda pair: -pair[0])
    scored = [pair for pair in scored if pair[0] >= _ENOUGH]
    if not scored:
        _nothing(meant, candidates)
    near = [one for score, one in scored if score > scored[0][0] - _CLEARLY]
    if len(near) > 1:
        raise Refused(f"More than one post fits “{cut(meant, 60)}”.", remedy=f"Say which: {_listed(near)}.")
    return near[0].post


def _nothing(meant: str, candidates: Sequence[_Candidate] = ()) -> NoReturn:
    there = f"There are: {_listed(candidates)}." if candidates else "No post is planned."
    raise NotFound(f"There is no planned post “{cut(meant, 60)}”.", remedy=there)


def _listed(candidates: Sequence[_Candidate]) -> str:
    shown = "; ".join(one.label for one in candidates[:8])
    return shown + (f"; and {len(candidates) - 8} more" if len(candidates) > 8 else "")


async def media_titles(work: Work, assets: list[str]) -> list[str]:
    """What the media are called, or what they are; one that is gone is left out."""
    titles = []
    for id in assets:
        try:
            asset = await work.assets.get(id)
        except NotFound:
            continue
        titles.append(asset.title or asset.kind)
    return titles
