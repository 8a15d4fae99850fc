"""How does an answer complete the request that was asked back about? The clause with the answer in its place.

Neighbours: planner (which asks), answers (what is no plain answer).
"""

import re

from agents.builtin.desk import Ask
from agents.builtin.said import Said
from agents.builtin.times.impossible import without_impossible


def join(clause: str, question: Ask, text: str, said: Said) -> str:
    """A clause with the answer to what it left open."""
    answer = text.strip()
    if question.glue.rstrip().endswith((":", "named", "called")) or question.kind == "text":
        answer = re.sub(
            r"^(?:it should (?:just )?(?:say|read|be about|be|go)|let it say|it says|make it say|just|say"
            r"|write|the text is|text:|put|call (?:her|him|it|them)|name (?:her|him|it)|about|her name is"
            r"|his name is|how about|maybe|i think|something about)\s*:?\s+",
            "",
            answer,
            flags=re.IGNORECASE,
        )
    if question.kind == "time":
        clause = without_impossible(clause)
        answer = re.sub(
            r"^(?:(?:yes|yep|yeah|sure|ok|okay|right|please|let's say|make it|how about)[\s,.!]+)+",
            "",
            answer,
            flags=re.IGNORECASE,
        )
        if question.glue == " to ":  # "move the tea post to …": without the word, the time would name the post
            answer = re.sub(r"(?i)^(?:at|on|to|for|until|till)\s+", "", answer)
            return f"{clause.rstrip(' .!?')} to {answer}"
        answer = re.sub(r"(?i)^(?:to|for)\s+", "", answer)
        glue = (
            " "
            if re.match(r"(?i)(?:at|on|in|every|next|tomorrow|today|tonight|now|daily|weekly|the|this|right)\b", answer)
            else question.glue
        )
        return f"{clause.rstrip(' .!?')}{glue}{answer}"
    if question.kind == "post":
        words = re.sub(r"(?i)^(?:the\s+)?(?:post\s+)?(?:one\s+)?(?:about\s+)?|\s+(?:one|post)?[.!]*$", "", answer)
        pointed = re.search(r"(?i)\b(?:it|that|this|the post|them|that post)\b", clause)
        named = f"the {words} post"
        return clause[: pointed.start()] + named + clause[pointed.end() :] if pointed else f"{clause} {named}"
    if question.kind == "persona" and said.named():
        pronoun = re.match(r"(?i)(?:she's|he's|she|he|they|her|his|their)\b", clause)
        if pronoun:
            name = said.named()[0]
            word = pronoun[0].lower()
            return (f"{name} is" if "'" in word else f"{name}'s" if word in ("her", "his", "their") else name) + clause[
                pronoun.end() :
            ]
        return f"{clause.rstrip(' .!?')} as {said.named()[0]}"
    return f"{clause.rstrip(' .!?')}{question.glue}{answer}"
