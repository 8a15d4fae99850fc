"""What is known when a persona answers? The card, the fan's words, what the fan told before, and what was said lately."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agents.builtin.speech import phrases
from agents.builtin.speech.grammar import listed
from agents.builtin.speech.lines import Line, lines_of
from agents.builtin.speech.words import WORD
from agents.care import disclosure
from agents.care.policies import LANGUAGES
from gator.wording import visible, words_only
from memory.facts import FoundFact, extract
from tools.personas.character import Character

LONGEST = 4_000  # characters of a message that are read


@dataclass(slots=True, kw_only=True)
class Scene:
    """One turn of a conversation. `used` grows as the reply does: what it says is not said twice."""

    me: Character
    said: str  # the fan's latest words
    language: str
    seed: str
    earlier: list[str]  # the persona's own messages in the window, oldest first
    told: list[str]  # the fan's, before their latest words
    facts: list[dict[str, Any]]
    memories: list[dict[str, Any]]
    episodes: list[dict[str, Any]]  # the last sitting first
    lines: list[Line]
    posts: list[dict[str, Any]]
    now: str
    nickname: str
    read: list[dict[str, Any]] = field(default_factory=list)  # stories of feeds, where the fan asks for them
    new_facts: list[FoundFact] = field(default_factory=list)
    used: str = ""
    mood: Literal["firm", "plain", "playful"] = "plain"  # how much of the persona's play the reply allows

    @property
    def heard(self) -> str:
        """The fan's words as patterns see them."""
        return words_only(self.said)

    @property
    def first(self) -> bool:
        """Whether this is the persona's first message to this fan."""
        return not self.earlier

    @property
    def tone(self) -> Literal["casual", "courteous", "any"]:
        return tone_of(self.me)

    @property
    def fan(self) -> str:
        """What to call the fan; empty when nobody told."""
        fresh = [fact.value for fact in self.new_facts if fact.kind == "name" and not fact.ends]
        told = [fact["value"] for fact in self.facts if fact["kind"] == "name" and not fact["subject"]]
        return (fresh or told[::-1] or [self.nickname])[0]

    def say(self, key: str, **slots: str) -> str:
        """A line of that kind with these slots filled, said neither lately nor in this reply; "" when there is none."""
        all_slots = {**self._own_slots(), **slots}
        for strictly in (True, False):
            for line in self._options(key):
                text = phrases.fill(line, all_slots)
                if text and not self._worn(line, text, strictly=strictly):
                    return self.note(text)
        return ""

    def _options(self, key: str) -> list[str]:
        """The lines of that kind in the order to try them: more often than not the persona's own tone goes first."""
        special = phrases.load(f"replies.{self.language}").get(self.tone, {}).get(key, []) if self.tone != "any" else []
        everyone = phrases.shuffled(pool(self.language, self.tone, key), self.seed, key)
        if special and self.happens(0.55, key):
            return [*phrases.shuffled(special, self.seed, key), *everyone]
        return everyone

    def either(self, key: str, **slots: str) -> str:
        """Like `say`, but rather worn than silent."""
        said = self.say(key, **slots)
        if said:
            return said
        all_slots = {**self._own_slots(), **slots}
        filled = [
            phrases.fill(line, all_slots) for line in phrases.shuffled(pool(self.language, self.tone, key), self.seed)
        ]
        texts = [text for text in filled if text]
        return f"{self.say('once_more')} {texts[0]}".strip() if texts else ""

    def note(self, text: str) -> str:
        """Remember that this is said now."""
        self.used += f" | {phrases.plain(text)}"
        return text

    def was_said(self, text: str) -> bool:
        return phrases.plain(text) in self.used

    def happens(self, share: float, *what: object) -> bool:
        """True in that share of turns, by the seed."""
        return phrases.chance(self.seed, *what) < share

    def _worn(self, line: str, text: str, *, strictly: bool) -> bool:
        bone = phrases.skeleton(line)
        return self.was_said(text) or (strictly and len(bone) > 9 and bone in self.used)

    def _own_slots(self) -> dict[str, str]:
        me = self.me
        interests = phrases.shuffled(me.interests, self.seed, "interest")
        fresh = [one for one in interests if phrases.plain(one) not in self.used] or interests
        own = self.language == me.language[:2]
        return {
            "name": me.nickname or me.name.split()[0],
            "fullname": me.name,
            "fan": self.fan,
            "age": str(me.age),
            "tagline": lower_first(me.tagline.rstrip(".")) if own else "",
            "occupation": me.occupation,
            "home": me.home,
            "trait": phrases.shuffled(me.traits, self.seed, "trait")[0] if me.traits and own else "",
            "interest": fresh[0] if fresh else "",
            "interests": listed(me.interests[:5], self.language),
        }


def pool(language: str, tone: str, key: str) -> list[str]:
    """The lines of that kind in that language: those for everybody and those of the tone."""
    data = phrases.load(f"replies.{language}")
    special = data.get(tone, {}).get(key, []) if tone != "any" else []
    return [*special, *data["any"].get(key, [])]


def lower_first(text: str) -> str:
    """The first letter small, unless the first word is written with more capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def tone_of(me: Character) -> Literal["casual", "courteous", "any"]:
    register = me.speech.register.lower()
    if re.search(r"courteous|formal(?<!informal)|old-fashioned|polite|dignified|höflich|förmlich", register):
        return "courteous"
    return "casual" if re.search(r"casual|fast|playful|slang|bubbly|locker", register) else "any"


def set_scene(context: dict[str, Any], messages: Sequence[BaseMessage]) -> Scene:
    """Read what the graph hands over; `messages` is the window, the fan's newest words last."""
    me = Character.model_validate(context["character"])
    fan = context["fan"]
    said = _latest(messages)
    earlier = [
        str(message.text) for message in messages if isinstance(message, AIMessage) and not _notice(message.text, me)
    ]
    asked = context["language"]  # the fan's, which may be one without words here
    own = asked if asked[:2].lower() in phrases.LANGUAGES else me.language
    language = language_of(said, [message.text for message in messages if isinstance(message, HumanMessage)], own)
    return Scene(
        me=me,
        said=said,
        language=language,
        seed=f"{me.name}:{len(messages)}:{messages[-1].id if messages else ''}:{said}",
        earlier=earlier,
        told=[] if fan.get("off") else _told_before(messages),
        facts=fan["facts"],
        memories=fan["memories"],
        episodes=fan["episodes"],
        lines=lines_of(me, context["lore"]),
        posts=context["posts"],
        read=context.get("read", []),
        now=context["now"],
        nickname=_callable(fan["name"] or ""),
        new_facts=_news(said, fan["facts"]),
        used=" | ".join(phrases.plain(f"{text} | {_unaddressed(text, me)}") for text in earlier),
    )


# Answered by how it feels: nobody says "noted" to a death.
_FELT = frozenset({"event", "fear"})


def _news(said: str, facts: Sequence[dict[str, Any]]) -> list[FoundFact]:
    """What the fan told just now that is worth acknowledging; what is long past ends nothing that was not known."""
    known = {(fact["kind"], fact["value"].casefold()) for fact in facts}
    found = (fact for fact in extract(said) if fact.kind not in _FELT)
    return [fact for fact in found if not fact.past or (fact.kind, fact.value.casefold()) in known]


def _latest(messages: Sequence[BaseMessage]) -> str:
    """What the fan said since the persona last spoke."""
    said: list[str] = []
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            said.insert(0, message.text)
        elif said:
            break
    return visible("\n".join(said))[:LONGEST].strip()


def _told_before(messages: Sequence[BaseMessage]) -> list[str]:
    """The fan's messages that the persona has answered, oldest first."""
    last = max((at for at, message in enumerate(messages) if isinstance(message, AIMessage)), default=0)
    return [visible(message.text)[:LONGEST] for message in messages[:last] if isinstance(message, HumanMessage)]


def _notice(text: str, me: Character) -> bool:
    """Whether code said that, before the persona's first word."""
    return text in _notices(me.name)


@lru_cache(maxsize=64)
def _notices(name: str) -> frozenset[str]:
    """What code says of that persona, in the language of any fan."""
    return frozenset(words(name, tag) for words in (disclosure.notice, disclosure.reminder) for tag in LANGUAGES)


_ADDRESS = re.compile(
    r"\b(?:addresses|calls) (?:people|everybody|everyone|fans|them|you) (?:as )?[\"“']?([\w' ]{2,30})", re.IGNORECASE
)


def address_of(me: Character) -> str:
    """How the persona calls people ("my friend"), when a quirk of its card says so."""
    found = next((met for quirk in me.speech.quirks if (met := _ADDRESS.search(quirk))), None)
    return found[1].strip() if found else ""


def _unaddressed(text: str, me: Character) -> str:
    address = address_of(me)
    return text.replace(f", {address}", "") if address else text


def _callable(name: str) -> str:
    """A display name as one calls somebody; "" for what is a handle or a message."""
    first = name.split()[0] if name.split() else ""
    return (
        first
        if len(name) <= 40 and len(name.split()) <= 3 and re.fullmatch(r"[^\W\d_][^\W\d_'’-]{1,19}", first)
        else ""
    )


def language_of(said: str, before: list[str], own: str) -> str:
    """English or German: what the fan writes, else what they wrote before, else the persona's own."""
    for text in (said, " ".join(before[-4:])):
        words = set(words_only(text[:LONGEST]).split())
        german, english = (len(words & phrases.words(name)) for name in ("german", "english"))
        if german != english:
            return "de" if german > english else "en"
    return "de" if own[:2] == "de" else "en"


def readable(text: str) -> bool:
    """Whether the text is written in letters that the built-in model knows."""
    letters = WORD.findall(text)
    latin = [word for word in letters if re.search(r"[A-Za-zÀ-ÿ]", word)]
    return not letters or len(latin) * 2 >= len(letters)
