"""What did we talk about last time? Answers from the episodes of this fan: what was said then, in the words of then."""

import re
from datetime import datetime, timedelta
from typing import Any

from agents.ago import ago
from agents.builtin.speech import phrases
from agents.builtin.speech.cleaning import without_links
from agents.builtin.speech.grammar import listed
from agents.builtin.speech.scene import Scene, lower_first
from memory.named_time import named_time

MOST = 3  # lines of one sitting that are told
_QUOTED = re.compile(r"“(.*)”")
_LONGEST = 140  # of a quotation that is brought up unasked


def told(scene: Scene) -> str:
    """The answer to a question about an earlier conversation; "" when it is none, or there was none."""
    when = named_time(scene.said, _now(scene))
    if not phrases.form("last_time").search(scene.heard) and not (
        when and phrases.form("told_then").search(scene.heard)
    ):
        return ""
    episode = _meant(scene, when)
    clauses = [clause for line in episode["lines"] if (clause := _clause(line, scene.language))] if episode else []
    if not (episode and clauses) and when:
        episode, clauses = _said_then(scene, when)
    if not episode or not clauses:
        return ""
    return scene.either("last_time", when=_when(scene, episode), told=listed(clauses[:MOST], scene.language))


def _said_then(scene: Scene, when: tuple[datetime, datetime]) -> tuple[dict[str, Any] | None, list[str]]:
    """What the fan said in that time, where no sitting of it is told: of what is recalled, so what tells most comes first."""
    said = [one for one in scene.memories if when[0] <= datetime.fromisoformat(one["at"]) < when[1]]
    theirs = [one for one in said if one["author"] == "fan" and "?" not in one["text"]][:MOST]
    lines = [
        {"text": f"“{' '.join(one['text'].split())}”", "by": "fan"} for one in theirs if len(one["text"]) <= _LONGEST
    ]
    return (theirs[0] if theirs else None), [clause for line in lines if (clause := _clause(line, scene.language))]


def asked_after(scene: Scene) -> str:
    """On meeting again: something that the fan said the last time; "" where there is nothing, or it was just now."""
    if not scene.episodes or _now(scene) - datetime.fromisoformat(scene.episodes[0]["at"]) < timedelta(hours=12):
        return ""
    for line in scene.episodes[0]["lines"]:
        quote = _QUOTED.search(line["text"])
        if line["by"] == "fan" and quote and len(quote[1]) <= _LONGEST:
            said = _clean(quote[1])
            when = _when(scene, scene.episodes[0])
            return scene.say("callback_episode", when=when, quote=said) if said else ""
    return ""


def _meant(scene: Scene, when: tuple[datetime, datetime] | None) -> dict[str, Any] | None:
    """The sitting of the time that the fan names; else the last one."""
    if when:
        return next((one for one in scene.episodes if when[0] <= datetime.fromisoformat(one["at"]) < when[1]), None)
    return scene.episodes[0] if scene.episodes else None


def _clause(line: dict[str, Any], language: str) -> str:
    """A line said to the fan: a quotation as one, a told fact turned to them where the language is that of the telling."""
    quote = _QUOTED.search(line["text"])
    if quote:
        said = _clean(quote[1])
        marks = f"„{said}“" if language == "de" else f"“{said}”"
        who = {"en": ("you said", "I said"), "de": ("du sagtest", "ich sagte")}[language]
        return f"{who[line['by'] == 'persona']} {marks}" if said else ""
    if language != "en" or line["by"] != "fan":
        return ""
    facts = [_turned(fact) for fact in _clean(line["text"]).split(". ")]
    return f"you told me that {listed(facts)}" if all(facts) else ""


def _turned(fact: str) -> str:
    """ "Their dog is called Luna" to the fan: "your dog is called Luna"."""
    turned = re.sub(r"\bTheir\b", "Your", fact.strip())
    return lower_first(re.sub(r"\bThey\b", "You", turned)).replace("job:", "job is:")


def _clean(text: str) -> str:
    return without_links(text).strip().rstrip(" .!…")


def _now(scene: Scene) -> datetime:
    return datetime.fromisoformat(scene.now)


def _when(scene: Scene, episode: dict[str, Any]) -> str:
    return ago(datetime.fromisoformat(episode["at"]), _now(scene), scene.language)
