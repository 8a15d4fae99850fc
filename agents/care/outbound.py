"""What may leave a persona's mouth? Every text a model made passes here, whole or streamed, and comes out by the same rules.

Links of its own, mark-up, keys, canaries, pieces of its instructions, phrases the card forbids and every claim to be human
are gone; `{{link:id}}` becomes an address of the allow-list. When nothing is left, a stock line stands in. The text is cut
into sentences from left to right and each is cleaned on its own: so a stream is released sentence by sentence and gives
exactly what the whole text would (tests/agents/care/test_outbound.py). What is looked for in a sentence is in
`agents.care.sentences`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.care.policies import phrase
from agents.care.sentences import Rules, clean
from tools.personas.character import Character

# A sentence ends after its mark and one white space; a CJK mark ends it unless a letter follows (evil。com is a domain).
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_~]*\s|[。！？]+[”』」）]*(?=[^\sA-Za-z0-9])|[。！？]+[”』」）]*\s|\n\n")
LONG = 400  # characters without an end: cut at the last white space, so that a stream moves on
ENDLESS = 2_000  # characters without a white space: no language writes so; dropped


@dataclass(frozen=True, slots=True)
class Checked:
    """The text as it may be sent, and what was done to it: link, markup, human_claim, forbidden, secret, prompt, empty."""

    text: str
    changed: list[str] = field(default_factory=list)


def check(
    text: str,
    *,
    character: Character | None,
    links: dict[str, str],
    protected: Sequence[str] = (),
    language: str = "en",
) -> Checked:
    """The text, safe to send. `protected` holds instructions that must not be repeated, and canaries."""
    stream = Streaming(character=character, links=links, protected=protected, language=language)
    return Checked(stream.feed(text) + stream.close(), stream.changed)


class Streaming:
    """The same check on a text that arrives in pieces: what `feed` and `close` give, joined, is what `check` gives."""

    def __init__(
        self, *, character: Character | None, links: dict[str, str], protected: Sequence[str] = (), language: str = "en"
    ) -> None:
        forbidden = character.speech.forbidden_phrases if character else []
        self._character, self._links, self._protected, self._language = character, links, protected, language
        self._rules = Rules(links=links, forbidden=forbidden, protected=protected)
        self._waiting = ""
        self._space = ""  # white space that is sent only if more follows
        self._said = False
        self.changed: list[str] = []

    def feed(self, delta: str) -> str:
        """Take a piece; give what is safe to send now, often nothing."""
        self._waiting += delta
        out = ""
        while (end := _first_end(self._waiting)) is not None:
            sentence, self._waiting = self._waiting[:end], self._waiting[end:]
            out += self._release(sentence)
        return out

    def close(self) -> str:
        """The rest; the stock line when all that was said had to go."""
        out = self._release(self._waiting)
        self._waiting = ""
        if not self._said:
            self._note("empty")
            out = phrase("outbound", "stock", self._language)
        return out

    def fresh(self) -> "Streaming":
        """A filter by the same rules for another text: nothing of this one's is carried over."""
        return Streaming(
            character=self._character, links=self._links, protected=self._protected, language=self._language
        )

    def _release(self, sentence: str) -> str:
        cleaned, done = clean(sentence, self._rules)
        for change in done:
            self._note(change)
        if not cleaned.strip():
            return ""
        lead = cleaned[: len(cleaned) - len(cleaned.lstrip())]
        body = cleaned.strip()
        out = (self._space + lead if self._said else "") + body
        self._space = cleaned[len(cleaned.rstrip()) :]
        self._said = True
        return out

    def _note(self, change: str) -> None:
        if change not in self.changed:
            self.changed.append(change)


def _first_end(text: str) -> int | None:
    """Where the first sentence of the text ends, when that is already certain; else None."""
    found = _END.search(text, 0, LONG)
    if found:
        return found.end()
    if len(text) <= LONG:
        return None
    spaces = [at for at in range(LONG) if text[at].isspace()]
    if spaces:
        return spaces[-1] + 1
    following = re.search(r"\s", text[LONG:ENDLESS])
    if following:
        return LONG + following.end()
    return ENDLESS if len(text) > ENDLESS else None
