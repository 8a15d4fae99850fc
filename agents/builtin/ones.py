"""What is "one" in "the running one", "the fix a flat one"? The kind of thing spoken of, or the thing whose words these are.

Neighbours: drafting (which asks for each clause), pointing (which of several that were listed).
"""

import re

from agents.builtin import titles
from agents.builtin.desk import Desk
from agents.builtin.said import Said

ONE = re.compile(r"\bthe (?P<how>(?:(?!the\b)[^\s,;.!?§:]+ ){1,5}?)ones?\b(?! (?:of|about|called|named)\b)")
STATES = re.compile(
    r"(?:failed|running|queued|waiting|cancell?ed|stuck|broken|pending|scheduled|next|last|first|second|third|\s)+"
)
NOUNS = {
    "cancel_job": "job", "cancel_jobs": "job", "retry_job": "job", "pause_job": "job", "resume_job": "job",
    "list_jobs": "job", "cancel_post": "post", "reschedule_post": "post",
    "schedule_post": "post", "list_posts": "post", "remove_feed": "feed", "list_feeds": "feed",
}  # fmt: skip
TITLED = (("post", "posts", "text"), ("job", "jobs", "title"), ("feed", "feeds", "name"))


def spelled(said: Said, previous: str, desk: Desk) -> str:
    """A clause with the noun in place of "one"; itself where it is not plain which."""
    hit = ONE.search(said.read)
    if hit is None:
        return said.text()
    noun = _noun(said.words(*hit.span("how")), hit["how"].strip(), previous, desk)
    if not noun:
        return said.text()
    start, end = said.at[hit.end("how")], said.at[hit.end()]
    return f"{said.words(0, hit.end('how'))} {noun}{said.raw[end : said.at[len(said.read)]]}" if start else said.text()


def _noun(words: str, read: str, previous: str, desk: Desk) -> str:
    if not previous and re.search(r"\b(?:last|first|second|third|next)\b", read):
        return ""  # of which list, and counted from where?
    last = previous or (desk.before[-1].tool if desk.before else "")
    if STATES.fullmatch(read):
        return NOUNS.get(last, "")
    fitting = [
        noun for noun, kind, key in TITLED if titles.named(f"the {words}", desk.rows(kind), key=key, skip=desk.personas)
    ]
    if NOUNS.get(last) in fitting:
        return NOUNS[last]
    return fitting[0] if len(fitting) == 1 else ""
